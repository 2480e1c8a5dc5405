// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SipHash (Aumasson and Bernstein): 1-3 with a key drawn when first used, for tables, and 2-4
 * with 128 bits and a key of the caller's.  Single thread.
 */
#include "hash.h"

#include <endian.h>
#include <string.h>

#include "random.h"

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline struct state begin(uint64_t k0, uint64_t k1)
{
	return (struct state){ k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
			       k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
}

/* Inline all the way, so that the four stay in registers: a registration hashes 40 keys. */
static inline void mix(struct state *s, unsigned int rounds)
{
	while (rounds--) {
		s->v0 += s->v1;
		s->v1 = ROTL(s->v1, 13) ^ s->v0;
		s->v0 = ROTL(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = ROTL(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = ROTL(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = ROTL(s->v1, 17) ^ s->v2;
		s->v2 = ROTL(s->v2, 32);
	}
}

static inline void take(struct state *s, uint64_t m, unsigned int rounds)
{
	s->v3 ^= m;
	mix(s, rounds);
	s->v0 ^= m;
}

/* Whole words, and the rest with the length above it. */
static inline void take_all(struct state *s, const uint8_t *p, size_t n, unsigned int rounds)
{
	uint64_t m, length = (uint64_t)n << 56;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&m, p, 8);
		take(s, le64toh(m), rounds);
	}
	m = 0;
	memcpy(&m, p, n);
	take(s, length | le64toh(m), rounds);
}

static inline uint64_t result(const struct state *s)
{
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t hash_octets(const void *data, size_t n)
{
	static uint64_t key[2];
	struct state s;

	while (!key[0])
		random_octets(key, sizeof(key));
	s = begin(key[0], key[1]);
	take_all(&s, data, n, 1);
	s.v2 ^= 0xff;
	mix(&s, 3);
	return result(&s);
}

void hash_keyed(const uint8_t key[HASH_KEY], const void *data, size_t n, uint8_t out[HASH_KEYED])
{
	uint64_t k[2], word;
	struct state s;

	memcpy(k, key, sizeof(k));
	s = begin(le64toh(k[0]), le64toh(k[1]));
	s.v1 ^= 0xee;
	take_all(&s, data, n, 2);
	s.v2 ^= 0xee;
	mix(&s, 4);
	word = htole64(result(&s));
	memcpy(out, &word, 8);
	s.v1 ^= 0xdd;
	mix(&s, 4);
	word = htole64(result(&s));
	memcpy(out + 8, &word, 8);
}
