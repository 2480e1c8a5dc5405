// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: suites, key set-up, HMAC and ciphers.
 *
 * The hashes are keyless and shared by all sets; a set keeps only the state
 * of the hash after the key's block, inner and outer, 40 octets instead of a
 * transform of its own.  Synchronous drivers only: no completion, no
 * reference counts, no packet that comes back on another CPU.
 */
#include "suite.h"

#include <crypto/hash.h>
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <linux/gmgate.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#define HMAC_BLOCK	64
#define IPAD		0x36
#define OPAD		0x5c

enum { HASH_MD5, HASH_SHA1, HASH_MAX };

/*
 * @words: words of state, and of the digest
 * The state is that of struct md5_state and sha1_state; gmg_suite_init()
 * proves with a known answer that the driver in use has that layout.
 */
static struct hash {
	const char *name;
	unsigned int words;
	unsigned int state_size;
	struct crypto_shash *tfm;
} hashes[HASH_MAX] = {
	[HASH_MD5] = { "md5", MD5_HASH_WORDS, sizeof(struct md5_state) },
	[HASH_SHA1] = { "sha1", GMG_HASH_WORDS, sizeof(struct sha1_state) },
};

#define SHAPE(_iv, _align, _icv) \
	{ .iv = (_iv), .align = (_align), .icv = (_icv) }

static const struct gmg_suite suites[] = {
	{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL, SHAPE(0, 4, 12),
	  16, 0, HASH_MD5, NULL },
	{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_NULL, SHAPE(0, 4, 12),
	  20, 0, HASH_SHA1, NULL },
	{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_AES_CBC, SHAPE(16, 16, 12),
	  16, 16, HASH_MD5, "cbc(aes)" },
	{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC, SHAPE(16, 16, 12),
	  20, 16, HASH_SHA1, "cbc(aes)" },
};

/* A suite that the running kernel lacks (fips, configuration) stays false. */
static bool usable[ARRAY_SIZE(suites)];

static void state_import(struct shash_desc *desc, const struct hash *hash,
			 const u32 *words)
{
	union {
		struct md5_state md5;
		struct sha1_state sha1;
	} st;

	/* One block has gone in, so the block buffer is empty: not imported. */
	if (hash == &hashes[HASH_MD5]) {
		memcpy(st.md5.hash, words, sizeof(st.md5.hash));
		st.md5.byte_count = HMAC_BLOCK;
	} else {
		memcpy(st.sha1.state, words, sizeof(st.sha1.state));
		st.sha1.count = HMAC_BLOCK;
	}
	crypto_shash_import(desc, &st);
}

static int state_export(const struct hash *hash, const u8 *block, u32 *words)
{
	SHASH_DESC_ON_STACK(desc, hash->tfm);
	union {
		struct md5_state md5;
		struct sha1_state sha1;
	} st;
	int err;

	desc->tfm = hash->tfm;
	err = crypto_shash_init(desc) ?:
	      crypto_shash_update(desc, block, HMAC_BLOCK) ?:
	      crypto_shash_export(desc, &st);
	if (!err)
		memcpy(words, hash == &hashes[HASH_MD5] ? st.md5.hash :
		       st.sha1.state, hash->words * sizeof(u32));
	shash_desc_zero(desc);
	memzero_explicit(&st, sizeof(st));
	return err;
}

static int hmac_set_key(struct gmg_keys *keys, const u8 *ik, u32 len)
{
	const struct hash *hash = &hashes[keys->suite->hash];
	u8 block[HMAC_BLOCK];
	unsigned int i;
	int err;

	memset(block, IPAD, sizeof(block));
	for (i = 0; i < len; i++)
		block[i] ^= ik[i];
	err = state_export(hash, block, keys->inner);
	for (i = 0; !err && i < sizeof(block); i++)
		block[i] ^= IPAD ^ OPAD;
	if (!err)
		err = state_export(hash, block, keys->outer);
	memzero_explicit(block, sizeof(block));
	return err;
}

/**
 * gmg_keys_icv - integrity check value of a run of octets
 * @keys: keys of the set
 * @data: SPI to next header
 * @len: octets of @data
 * @icv: set to as many octets as the suite's ICV has
 *
 * HMAC (RFC 2104), truncated to the first 96 bits (RFC 2403, RFC 2404).
 *
 * Context: any, BH off or process; does not sleep.
 */
void gmg_keys_icv(const struct gmg_keys *keys, const u8 *data, u32 len,
		  u8 *icv)
{
	const struct hash *hash = &hashes[keys->suite->hash];
	SHASH_DESC_ON_STACK(desc, hash->tfm);
	u8 digest[SHA1_DIGEST_SIZE];

	desc->tfm = hash->tfm;
	state_import(desc, hash, keys->inner);
	crypto_shash_finup(desc, data, len, digest);
	state_import(desc, hash, keys->outer);
	crypto_shash_finup(desc, digest, hash->words * sizeof(u32), digest);
	memcpy(icv, digest, keys->suite->shape.icv);
}

static int cipher_run(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv,
		      bool encrypt)
{
	SYNC_SKCIPHER_REQUEST_ON_STACK(req, keys->cipher);
	struct scatterlist sg;
	int err;

	sg_init_one(&sg, data, len);
	skcipher_request_set_sync_tfm(req, keys->cipher);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	err = encrypt ? crypto_skcipher_encrypt(req) :
			crypto_skcipher_decrypt(req);
	skcipher_request_zero(req);
	return err;
}

/**
 * gmg_keys_encrypt - encrypt in place
 * @keys: keys of a set whose suite has a cipher
 * @data: whole blocks, in the linear map (not on a virtually mapped stack)
 * @len: octets of @data
 * @iv: one block; overwritten
 *
 * Context: any, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_keys_encrypt(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv)
{
	return cipher_run(keys, data, len, iv, true);
}

/**
 * gmg_keys_decrypt - decrypt in place, see gmg_keys_encrypt()
 * @keys: keys of a set whose suite has a cipher
 * @data: whole blocks
 * @len: octets of @data
 * @iv: one block; overwritten
 */
int gmg_keys_decrypt(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv)
{
	return cipher_run(keys, data, len, iv, false);
}

/**
 * gmg_keys_set - make keys ready for use
 * @keys: filled in; on error nothing is held
 * @suite: from gmg_suite_find()
 * @ik: IK_ESP, @suite->ik_len octets
 * @ck: CK_ESP, @suite->ck_len octets
 *
 * Context: process, may sleep.  Return: 0 or a negative errno.
 */
int gmg_keys_set(struct gmg_keys *keys, const struct gmg_suite *suite,
		 const u8 *ik, const u8 *ck)
{
	int err;

	memset(keys, 0, sizeof(*keys));
	keys->suite = suite;
	keys->iv_secret = get_random_u64();
	err = hmac_set_key(keys, ik, suite->ik_len);
	if (err || !suite->cipher)
		return err;

	keys->cipher = crypto_alloc_sync_skcipher(suite->cipher, 0, 0);
	if (IS_ERR(keys->cipher)) {
		err = PTR_ERR(keys->cipher);
		keys->cipher = NULL;
	} else {
		err = crypto_sync_skcipher_setkey(keys->cipher, ck,
						  suite->ck_len);
	}
	if (err)
		gmg_keys_wipe(keys);
	return err;
}

/**
 * gmg_keys_wipe - forget keys
 * @keys: from gmg_keys_set()
 *
 * Context: process, may sleep.
 */
void gmg_keys_wipe(struct gmg_keys *keys)
{
	crypto_free_sync_skcipher(keys->cipher);
	memzero_explicit(keys, sizeof(*keys));
}

/**
 * gmg_suite_find - a suite that this kernel can do
 * @alg: enum gmgate_alg
 * @ealg: enum gmgate_ealg
 *
 * Return: the suite or NULL.
 */
const struct gmg_suite *gmg_suite_find(u32 alg, u32 ealg)
{
	const struct gmg_suite *suite = NULL;

	while ((suite = gmg_suite_next(suite)))
		if (suite->alg == alg && suite->ealg == ealg)
			return suite;
	return NULL;
}

/**
 * gmg_suite_next - walk the suites that this kernel can do
 * @prev: NULL, or what the last call returned
 */
const struct gmg_suite *gmg_suite_next(const struct gmg_suite *prev)
{
	unsigned int i = prev ? prev - suites + 1 : 0;

	for (; i < ARRAY_SIZE(suites); i++)
		if (usable[i])
			return &suites[i];
	return NULL;
}

/*
 * RFC 2202, test case 2 ("Jefe"), as far as 96 bits.  It fails where a driver
 * has another state layout than the one that state_import() writes, too.
 */
static bool hash_works(const struct hash *hash)
{
	static const u8 want[HASH_MAX][12] = {
		[HASH_MD5] = { 0x75, 0x0c, 0x78, 0x3e, 0x6a, 0xb0,
			       0xb5, 0x03, 0xea, 0xa8, 0x6e, 0x31 },
		[HASH_SHA1] = { 0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb,
				0x2f, 0xa2, 0xd2, 0x74, 0x16, 0xd5 },
	};
	static const u8 text[] = "what do ya want for nothing?";
	const struct gmg_suite suite = {
		.hash = hash - hashes,
		.shape.icv = sizeof(want[0]),
	};
	struct gmg_keys keys = { .suite = &suite };
	u8 icv[sizeof(want[0])];

	if (hmac_set_key(&keys, (const u8 *)"Jefe", 4))
		return false;
	gmg_keys_icv(&keys, text, sizeof(text) - 1, icv);
	return !memcmp(icv, want[hash - hashes], sizeof(icv));
}

static void hash_open(struct hash *hash)
{
	hash->tfm = crypto_alloc_shash(hash->name, 0, 0);
	if (IS_ERR(hash->tfm)) {
		pr_warn("gmgate: no %s in this kernel\n", hash->name);
		hash->tfm = NULL;
		return;
	}
	if (crypto_shash_statesize(hash->tfm) != hash->state_size ||
	    !hash_works(hash)) {
		pr_warn("gmgate: %s driver %s does not fit\n", hash->name,
			crypto_shash_driver_name(hash->tfm));
		crypto_free_shash(hash->tfm);
		hash->tfm = NULL;
	}
}

static bool cipher_there(const char *name)
{
	struct crypto_sync_skcipher *tfm;

	if (!name)
		return true;
	tfm = crypto_alloc_sync_skcipher(name, 0, 0);
	if (IS_ERR(tfm)) {
		pr_warn("gmgate: no %s in this kernel\n", name);
		return false;
	}
	crypto_free_sync_skcipher(tfm);
	return true;
}

/**
 * gmg_suite_init - find out which suites this kernel can do
 *
 * Context: process, may sleep.  Return: 0, or -EOPNOTSUPP if there is none.
 */
int gmg_suite_init(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < HASH_MAX; i++)
		hash_open(&hashes[i]);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		usable[i] = hashes[suites[i].hash].tfm &&
			    cipher_there(suites[i].cipher);
		n += usable[i];
	}
	if (n)
		return 0;
	gmg_suite_exit();
	return -EOPNOTSUPP;
}

/**
 * gmg_suite_exit - undo gmg_suite_init(); no keys may be left
 */
void gmg_suite_exit(void)
{
	unsigned int i;

	for (i = 0; i < HASH_MAX; i++) {
		if (hashes[i].tfm)
			crypto_free_shash(hashes[i].tfm);
		hashes[i].tfm = NULL;
	}
}
