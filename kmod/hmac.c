// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: HMAC-MD5-96 and HMAC-SHA-1-96 (RFC 2403, RFC 2404).
 *
 * The hashes are keyless and shared by all sets; a set keeps only the state
 * of the hash after the key's block, inner and outer, 40 octets instead of a
 * transform of its own.
 */
#include <crypto/hash.h>
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <linux/string.h>

#include "suite.h"

#define HMAC_BLOCK	64
#define IPAD		0x36
#define OPAD		0x5c

union state {
	struct md5_state md5;
	struct sha1_state sha1;
};

/*
 * @words: words of state, and of the digest
 * The state is that of struct md5_state and sha1_state; works() proves with a
 * known answer that the driver in use has that layout.
 */
static struct hash {
	const char *name;
	unsigned int words;
	unsigned int state_size;
	struct crypto_shash *tfm;
} hashes[GMG_HASH_MAX] = {
	[GMG_HASH_MD5] = { "md5", MD5_HASH_WORDS, sizeof(struct md5_state) },
	[GMG_HASH_SHA1] = { "sha1", GMG_HASH_WORDS, sizeof(struct sha1_state) },
};

/* One block has gone in, so the block buffer is empty: not imported. */
static void import(struct shash_desc *desc, const struct hash *hash,
		   const u32 *words)
{
	union state st;

	if (hash == &hashes[GMG_HASH_MD5]) {
		memcpy(st.md5.hash, words, sizeof(st.md5.hash));
		st.md5.byte_count = HMAC_BLOCK;
	} else {
		memcpy(st.sha1.state, words, sizeof(st.sha1.state));
		st.sha1.count = HMAC_BLOCK;
	}
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

/**
 * gmg_hmac_icv - integrity check value of a run of octets
 * @keys: keys of the set
 * @data: SPI to next header
 * @len: octets of @data
 * @icv: set to as many octets as the suite's ICV has
 *
 * Context: any, does not sleep.
 */
void gmg_hmac_icv(const struct gmg_keys *keys, const u8 *data, u32 len,
		  u8 *icv)
{
	const struct hash *hash = &hashes[keys->suite->hash];
	SHASH_DESC_ON_STACK(desc, hash->tfm);
	u8 digest[SHA1_DIGEST_SIZE];

	desc->tfm = hash->tfm;
	import(desc, hash, keys->inner);
	crypto_shash_finup(desc, data, len, digest);
	import(desc, hash, keys->outer);
	crypto_shash_finup(desc, digest, hash->words * sizeof(u32), digest);
	memcpy(icv, digest, keys->suite->shape.icv);
}

/*
 * RFC 2202, test case 2 ("Jefe"), as far as 96 bits.  It fails where a driver
 * has another state layout than the one that import() writes, too.
 */
static bool works(enum gmg_hash hash)
{
	static const u8 want[GMG_HASH_MAX][12] = {
		[GMG_HASH_MD5] = { 0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0,
				   0xb5, 0x03, 0xea, 0xa8, 0x6e, 0x31 },
		[GMG_HASH_SHA1] = { 0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb,
				    0x2f, 0xa2, 0xd2, 0x74, 0x16, 0xd5 },
	};
	static const u8 text[] = "what do ya want for nothing?";
	const struct gmg_suite suite = {
		.hash = hash,
		.shape.icv = sizeof(want[0]),
	};
	struct gmg_keys keys = { .suite = &suite };
	u8 icv[sizeof(want[0])];

	if (gmg_hmac_set_key(&keys, (const u8 *)"Jefe", 4))
		return false;
	gmg_hmac_icv(&keys, text, sizeof(text) - 1, icv);
	return !memcmp(icv, want[hash], sizeof(icv));
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
	if (hashes[hash].tfm)
		crypto_free_shash(hashes[hash].tfm);
	hashes[hash].tfm = NULL;
}
