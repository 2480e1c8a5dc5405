// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: HMAC-MD5-96 and HMAC-SHA-1-96 (RFC 2403, RFC 2404).
 *
 * The hashes are keyless and shared by all sets; a set keeps only the state
 * of the hash after the key's block, inner and outer, 40 octets instead of a
 * transform of its own.
 *
 * A SIP packet has few blocks, so what surrounds them is what it pays for.
 * The fast way pads by itself and gives the driver whole blocks only, in as
 * few calls as can be, with the state set and read where the driver has it:
 * no copies, no context on the stack that the kernel clears first.  It is
 * taken where a known answer shows that the driver's context is the plain
 * state; elsewhere the slow way goes through import and finup.
 */
#include <crypto/hash.h>
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "suite.h"

#define HMAC_BLOCK	64
#define HMAC_LENGTH	8	/* octets of the length at the end of the padding */
#define IPAD		0x36
#define OPAD		0x5c

union state {
	struct md5_state md5;
	struct sha1_state sha1;
};

/**
 * struct lane - what the fast way needs on a CPU; used with BH off
 * @tail: the last octets of a packet that has no room for padding behind it
 * @outer: the block of the outer pass; only the digest in it changes
 * @desc: with the driver's context behind it
 *
 * No key stays here: what is loaded into the context is overwritten by the
 * first block.
 */
struct lane {
	u8 tail[2 * HMAC_BLOCK];
	u8 outer[HMAC_BLOCK];
	struct shash_desc desc;
};

/*
 * @words: words of state, and of the digest
 * @lanes: NULL if only the slow way fits the driver
 * The state is that of struct md5_state and sha1_state; works() proves with a
 * known answer that the driver in use has that layout.
 */
static struct hash {
	const char *name;
	unsigned int words;
	unsigned int state_size;
	struct crypto_shash *tfm;
	struct lane __percpu *lanes;
} hashes[GMG_HASH_MAX] = {
	[GMG_HASH_MD5] = { "md5", MD5_HASH_WORDS, sizeof(struct md5_state) },
	[GMG_HASH_SHA1] = { "sha1", GMG_HASH_WORDS, sizeof(struct sha1_state) },
};

static bool is_md5(const struct hash *hash)
{
	return hash == &hashes[GMG_HASH_MD5];
}

/* One block has gone in, so the block buffer is empty: not set. */
static __always_inline void load(bool md5, union state *st, const u32 *words)
{
	if (md5) {
		memcpy(st->md5.hash, words, sizeof(st->md5.hash));
		st->md5.byte_count = HMAC_BLOCK;
	} else {
		memcpy(st->sha1.state, words, sizeof(st->sha1.state));
		st->sha1.count = HMAC_BLOCK;
	}
}

/* The first @n words of the state, as the digest has them. */
static __always_inline void store(bool md5, const union state *st, u8 *digest,
				  unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (md5)
			put_unaligned_le32(st->md5.hash[i], digest + 4 * i);
		else
			put_unaligned_be32(st->sha1.state[i], digest + 4 * i);
}

static void import(struct shash_desc *desc, const struct hash *hash,
		   const u32 *words)
{
	union state st;

	load(is_md5(hash), &st, words);
	crypto_shash_import(desc, &st);
}

static int export(const struct hash *hash, const u8 *block, u32 *words)
{
	SHASH_DESC_ON_STACK(desc, hash->tfm);
	union state st;
	int err;

	desc->tfm = hash->tfm;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, block, HMAC_BLOCK) ?:
	      crypto_shash_export(desc, &st);
	if (!err)
		memcpy(words, hash == &hashes[GMG_HASH_MD5] ? st.md5.hash :
		       st.sha1.state, hash->words * sizeof(u32));
	shash_desc_zero(desc);
	memzero_explicit(&st, sizeof(st));
	return err;
}

/**
 * gmg_hmac_set_key - make an HMAC key ready for use
 * @keys: its suite is set; gets inner and outer state
 * @ik: IK_ESP
 * @len: its octets
 *
 * Return: 0 or a negative errno.
 */
int gmg_hmac_set_key(struct gmg_keys *keys, const u8 *ik, u32 len)
{
	const struct hash *hash = &hashes[keys->suite->hash];
	u8 block[HMAC_BLOCK];
	unsigned int i;
	int err;

	memset(block, IPAD, sizeof(block));
	for (i = 0; i < len; i++)
		block[i] ^= ik[i];
	err = export(hash, block, keys->inner);
	for (i = 0; !err && i < sizeof(block); i++)
		block[i] ^= IPAD ^ OPAD;
	if (!err)
		err = export(hash, block, keys->outer);
	memzero_explicit(block, sizeof(block));
	return err;
}

static void slow_icv(const struct hash *hash, const struct gmg_keys *keys,
		     const u8 *data, u32 len, u8 *icv)
{
	SHASH_DESC_ON_STACK(desc, hash->tfm);
	u8 digest[SHA1_DIGEST_SIZE];

	desc->tfm = hash->tfm;
	import(desc, hash, keys->inner);
	crypto_shash_finup(desc, data, len, digest);
	import(desc, hash, keys->outer);
	crypto_shash_finup(desc, digest, hash->words * sizeof(u32), digest);
	memcpy(icv, digest, GMG_HMAC_ICV);
	memzero_explicit(digest, sizeof(digest));
}

/* Octets of padding that make @len octets whole blocks. */
static u32 pad_len(u32 len)
{
	return HMAC_LENGTH + 1 + (-(len + HMAC_LENGTH + 1) & (HMAC_BLOCK - 1));
}

/* Write @pad octets of padding to @at; @total octets went before them. */
static __always_inline void write_pad(bool md5, u8 *at, u32 pad, u32 total)
{
	u8 *end = at + pad - HMAC_LENGTH;

	*at++ = 0x80;
	for (; at + sizeof(u64) <= end; at += sizeof(u64))
		put_unaligned(0ULL, (u64 *)at);
	for (; at < end; at++)
		*at = 0;
	if (md5)
		put_unaligned_le64((u64)total * 8, end);
	else
		put_unaligned_be64((u64)total * 8, end);
}

/* memcpy() for less than a block; a string instruction takes longer to start. */
static void copy_tail(u8 *to, const u8 *from, u32 len)
{
	for (; len >= sizeof(u64); len -= sizeof(u64)) {
		put_unaligned(get_unaligned((const u64 *)from), (u64 *)to);
		from += sizeof(u64);
		to += sizeof(u64);
	}
	while (len--)
		*to++ = *from++;
}

static __always_inline void fast_inner(bool md5, struct lane *lane, u8 *data,
				       u32 len, u32 room)
{
	u32 tail = len % HMAC_BLOCK, pad = pad_len(len);

	if (pad <= room) {
		write_pad(md5, data + len, pad, HMAC_BLOCK + len);
		crypto_shash_update(&lane->desc, data, len + pad);
		return;
	}
	if (len > tail)
		crypto_shash_update(&lane->desc, data, len - tail);
	copy_tail(lane->tail, data + len - tail, tail);
	write_pad(md5, lane->tail + tail, pad, HMAC_BLOCK + len);
	crypto_shash_update(&lane->desc, lane->tail, tail + pad);
}

static __always_inline void fast_icv_of(bool md5, struct lane *lane,
					const struct gmg_keys *keys, u8 *data,
					u32 len, u32 room, u8 *icv)
{
	union state *st = shash_desc_ctx(&lane->desc);

	load(md5, st, keys->inner);
	fast_inner(md5, lane, data, len, room);
	store(md5, st, lane->outer, md5 ? MD5_HASH_WORDS : GMG_HASH_WORDS);
	load(md5, st, keys->outer);
	crypto_shash_update(&lane->desc, lane->outer, HMAC_BLOCK);
	store(md5, st, icv, GMG_HMAC_ICV / sizeof(u32));
}

/* The code is there twice: which hash it is, is asked once for a packet. */
static void fast_icv(const struct hash *hash, const struct gmg_keys *keys,
		     u8 *data, u32 len, u32 room, u8 *icv)
{
	struct lane *lane = this_cpu_ptr(hash->lanes);

	if (is_md5(hash))
		fast_icv_of(true, lane, keys, data, len, room, icv);
	else
		fast_icv_of(false, lane, keys, data, len, room, icv);
}

/**
 * gmg_hmac_icv - integrity check value of a run of octets
 * @keys: keys of the set
 * @data: SPI to next header
 * @len: octets of @data
 * @room: octets behind @data that may be overwritten
 * @icv: set, GMG_HMAC_ICV octets; may be in the room
 *
 * Context: BH off, does not sleep.
 */
void gmg_hmac_icv(const struct gmg_keys *keys, u8 *data, u32 len, u32 room,
		  u8 *icv)
{
	const struct hash *hash = &hashes[keys->suite->hash];

	if (likely(hash->lanes))
		fast_icv(hash, keys, data, len, room, icv);
	else
		slow_icv(hash, keys, data, len, icv);
}

/* The lanes of all CPUs; without them there is the slow way. */
static void open_lanes(struct hash *hash)
{
	unsigned int digest = hash->words * sizeof(u32);
	struct lane __percpu *lanes;
	int cpu;

	if (crypto_shash_descsize(hash->tfm) != hash->state_size)
		return;
	lanes = __alloc_percpu(sizeof(struct lane) + hash->state_size,
			       HMAC_BLOCK);
	if (!lanes)
		return;
	for_each_possible_cpu(cpu) {
		struct lane *lane = per_cpu_ptr(lanes, cpu);

		lane->desc.tfm = hash->tfm;
		write_pad(is_md5(hash), lane->outer + digest,
			  HMAC_BLOCK - digest, HMAC_BLOCK + digest);
	}
	hash->lanes = lanes;
}

static void close_lanes(struct hash *hash)
{
	free_percpu(hash->lanes);
	hash->lanes = NULL;
}

/*
 * RFC 2202, test case 2 ("Jefe"), as far as 96 bits, and, for the fast way,
 * what the slow way says of texts of one to five blocks, with room behind them
 * and without.  It fails where a driver has another state layout than the one
 * that load() writes, too.
 */
static bool works(enum gmg_hash hash)
{
	static const u8 want[GMG_HASH_MAX][GMG_HMAC_ICV] = {
		[GMG_HASH_MD5] = { 0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0,
				   0xb5, 0x03, 0xea, 0xa8, 0x6e, 0x31 },
		[GMG_HASH_SHA1] = { 0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb,
				    0x2f, 0xa2, 0xd2, 0x74, 0x16, 0xd5 },
	};
	static const u8 said[] = "what do ya want for nothing?";
	const struct gmg_suite suite = { .hash = hash };
	const struct hash *h = &hashes[hash];
	struct gmg_keys keys = { .suite = &suite };
	u8 slow[sizeof(want[0])], fast[2][sizeof(want[0])];
	u32 room = 2 * HMAC_BLOCK, max = 5 * HMAC_BLOCK, len;
	bool same = true;
	u8 *text;

	if (gmg_hmac_set_key(&keys, (const u8 *)"Jefe", 4))
		return false;
	slow_icv(h, &keys, said, sizeof(said) - 1, slow);
	if (memcmp(slow, want[hash], sizeof(slow)))
		return false;
	text = h->lanes ? kzalloc(max + room, GFP_KERNEL) : NULL;
	for (len = 0; text && same && len < max; len++) {
		slow_icv(h, &keys, text, len, slow);
		local_bh_disable();
		fast_icv(h, &keys, text, len, 0, fast[0]);
		fast_icv(h, &keys, text, len, room, fast[1]);
		local_bh_enable();
		same = !memcmp(fast[0], slow, sizeof(slow)) &&
		       !memcmp(fast[1], slow, sizeof(slow));
		memset(text + len, len + 1, room);
	}
	if (!same || !text)
		close_lanes(&hashes[hash]);
	kfree(text);
	return true;
}

/**
 * gmg_hmac_open - get a hash ready for all sets
 * @hash: which
 *
 * Return: false if this kernel has none that fits.
 */
bool gmg_hmac_open(enum gmg_hash hash)
{
	struct hash *h = &hashes[hash];

	h->tfm = crypto_alloc_shash(h->name, 0, 0);
	if (IS_ERR(h->tfm)) {
		pr_warn("gmgate: no %s in this kernel\n", h->name);
		h->tfm = NULL;
		return false;
	}
	open_lanes(h);
	if (crypto_shash_statesize(h->tfm) == h->state_size && works(hash))
		return true;
	pr_warn("gmgate: %s driver %s does not fit\n", h->name,
		crypto_shash_driver_name(h->tfm));
	gmg_hmac_close(hash);
	return false;
}

/**
 * gmg_hmac_close - undo gmg_hmac_open(); no keys may be left
 * @hash: which
 */
void gmg_hmac_close(enum gmg_hash hash)
{
	close_lanes(&hashes[hash]);
	if (hashes[hash].tfm)
		crypto_free_shash(hashes[hash].tfm);
	hashes[hash].tfm = NULL;
}
