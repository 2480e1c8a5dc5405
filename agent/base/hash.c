// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SipHash-1-3 with a key drawn when first used.  Single thread.
 */
#include "hash.h"

#include <endian.h>
#include <string.h>

#include "random.h"

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

/* A macro, so that the four stay in registers: tables and rates hash 40 keys a registration. */
#define SIP_ROUND()							\
	do {								\
		v0 += v1;						\
		v1 = ROTL(v1, 13) ^ v0;					\
		v0 = ROTL(v0, 32);					\
		v2 += v3;						\
		v3 = ROTL(v3, 16) ^ v2;					\
		v0 += v3;						\
		v3 = ROTL(v3, 21) ^ v0;					\
		v2 += v1;						\
		v1 = ROTL(v1, 17) ^ v2;					\
		v2 = ROTL(v2, 32);					\
	} while (0)

/* The last @n octets, fewer than eight, as a number of which the first is the lowest. */
static uint64_t rest_of(const uint8_t *p, size_t n)
{
	uint64_t m = 0;

	memcpy(&m, p, n);
	return le64toh(m);
}

uint64_t hash_octets(const void *data, size_t n)
{
	static uint64_t key[2];
	uint64_t v0, v1, v2, v3, m, length = (uint64_t)n << 56;
	const uint8_t *p = data;

	while (!key[0])
		random_octets(key, sizeof(key));
	v0 = key[0] ^ 0x736f6d6570736575;
	v1 = key[1] ^ 0x646f72616e646f6d;
	v2 = key[0] ^ 0x6c7967656e657261;
	v3 = key[1] ^ 0x7465646279746573;

	for (; n >= 8; n -= 8, p += 8) {
		memcpy(&m, p, 8);
		m = le64toh(m);
		v3 ^= m;
		SIP_ROUND();
		v0 ^= m;
	}
	m = length | rest_of(p, n);
	v3 ^= m;
	SIP_ROUND();
	v0 ^= m;
	v2 ^= 0xff;
	SIP_ROUND();
	SIP_ROUND();
	SIP_ROUND();
	return v0 ^ v1 ^ v2 ^ v3;
}
