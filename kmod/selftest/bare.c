// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate_test: what the kernel's hash and cipher cost by themselves, for
 * benchmarks: the least that any ESP on this kernel pays for the same octets.
 *
 * Nothing of ours and nothing of stock XFRM's is in it: the best driver there
 * is, one call, whole blocks, memory of its own.
 */
#include "bare.h"

#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/sha1.h>
#include <crypto/skcipher.h>
#include <linux/bottom_half.h>
#include <linux/ktime.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define BLOCK	64
#define MAX_OCTETS	8192

static u64 hash_ns(struct shash_desc *desc, const u8 *data, u32 blocks,
		   u32 rounds)
{
	u64 start;
	u32 i;

	local_bh_disable();
	crypto_shash_init(desc);
	start = ktime_get_raw_ns();
	for (i = 0; i < rounds; i++) {
		crypto_shash_update(desc, data, blocks * BLOCK);
		crypto_shash_update(desc, data, BLOCK);
	}
	start = ktime_get_raw_ns() - start;
	local_bh_enable();
	return start;
}

/**
 * gmg_bare_hash - the blocks of an HMAC-SHA-1 whose key is prepared
 * @octets: that are authenticated; the padding is added here
 * @rounds: how often
 * @ns: set to nanoseconds of one round
 *
 * Return: 0 or a negative errno.
 */
int gmg_bare_hash(u32 octets, u32 rounds, u64 *ns)
{
	u32 blocks = DIV_ROUND_UP(octets + 9, BLOCK);
	struct crypto_shash *tfm;
	struct shash_desc *desc;
	u8 *data;
	int err = -ENOMEM;

	if (octets > MAX_OCTETS - BLOCK || !rounds)
		return -EINVAL;
	tfm = crypto_alloc_shash("sha1", 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	desc = kzalloc(sizeof(*desc) + crypto_shash_descsize(tfm), GFP_KERNEL);
	data = kzalloc(MAX_OCTETS, GFP_KERNEL);
	if (desc && data) {
		desc->tfm = tfm;
		*ns = div_u64(hash_ns(desc, data, blocks, rounds), rounds);
		err = 0;
	}
	kfree(data);
	kfree(desc);
	crypto_free_shash(tfm);
	return err;
}

/* The internal form without a wrapper, where there is one. */
static struct crypto_skcipher *best_cipher(void)
{
	struct crypto_skcipher *tfm;

	tfm = crypto_alloc_skcipher("__cbc(aes)", CRYPTO_ALG_INTERNAL,
				    CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC);
	if (!IS_ERR(tfm))
		return tfm;
	return crypto_alloc_skcipher("cbc(aes)", 0, CRYPTO_ALG_ASYNC);
}

static u64 cipher_ns(struct skcipher_request *req, bool encrypt, u32 rounds)
{
	u64 start;
	u32 i;

	local_bh_disable();
	start = ktime_get_raw_ns();
	for (i = 0; i < rounds; i++) {
		if (encrypt)
			crypto_skcipher_encrypt(req);
		else
			crypto_skcipher_decrypt(req);
	}
	start = ktime_get_raw_ns() - start;
	local_bh_enable();
	return start;
}

/**
 * gmg_bare_cipher - AES-128-CBC
 * @octets: whole blocks
 * @encrypt: or decrypt
 * @rounds: how often
 * @ns: set to nanoseconds of one round
 *
 * Return: 0 or a negative errno.
 */
int gmg_bare_cipher(u32 octets, bool encrypt, u32 rounds, u64 *ns)
{
	static const u8 key[16];
	struct skcipher_request *req;
	struct crypto_skcipher *tfm;
	struct scatterlist sg;
	u8 iv[16] = { }, *data;
	int err = -ENOMEM;

	if (!octets || octets > MAX_OCTETS || octets % 16 || !rounds)
		return -EINVAL;
	tfm = best_cipher();
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	data = kzalloc(MAX_OCTETS, GFP_KERNEL);
	if (req && data)
		err = crypto_skcipher_setkey(tfm, key, sizeof(key));
	if (!err) {
		sg_init_one(&sg, data, octets);
		skcipher_request_set_callback(req, 0, NULL, NULL);
		skcipher_request_set_crypt(req, &sg, &sg, octets, iv);
		*ns = div_u64(cipher_ns(req, encrypt, rounds), rounds);
	}
	kfree(data);
	skcipher_request_free(req);
	crypto_free_skcipher(tfm);
	return err;
}

/* As best_cipher(). */
static struct crypto_aead *best_aead(void)
{
	struct crypto_aead *tfm;

	tfm = crypto_alloc_aead("__gcm(aes)", CRYPTO_ALG_INTERNAL,
				CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC);
	if (!IS_ERR(tfm))
		return tfm;
	return crypto_alloc_aead("gcm(aes)", 0, CRYPTO_ALG_ASYNC);
}

/* The same octets again and again: what it decrypts has no good ICV, and is as dear. */
static u64 aead_ns(struct aead_request *req, bool encrypt, u32 rounds)
{
	u64 start;
	u32 i;

	local_bh_disable();
	start = ktime_get_raw_ns();
	for (i = 0; i < rounds; i++) {
		if (encrypt)
			crypto_aead_encrypt(req);
		else
			crypto_aead_decrypt(req);
	}
	start = ktime_get_raw_ns() - start;
	local_bh_enable();
	return start;
}

/**
 * gmg_bare_aead - AES-128-GCM, ICV of 16 octets, the ESP header beside the text
 * @octets: of text
 * @encrypt: or decrypt
 * @rounds: how often
 * @ns: set to nanoseconds of one round
 *
 * Return: 0 or a negative errno.
 */
int gmg_bare_aead(u32 octets, bool encrypt, u32 rounds, u64 *ns)
{
	static const u8 key[16];
	struct crypto_aead *tfm;
	struct aead_request *req;
	struct scatterlist sg[2];
	u8 nonce[12] = { }, *data;
	int err = -ENOMEM;

	if (!octets || octets > MAX_OCTETS - 64 || !rounds)
		return -EINVAL;
	tfm = best_aead();
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	data = kzalloc(MAX_OCTETS, GFP_KERNEL);
	if (req && data)
		err = crypto_aead_setkey(tfm, key, sizeof(key)) ?:
		      crypto_aead_setauthsize(tfm, 16);
	if (!err) {
		sg_init_table(sg, ARRAY_SIZE(sg));
		sg_set_buf(&sg[0], data, 8);
		sg_set_buf(&sg[1], data + 16, octets + 16);
		aead_request_set_callback(req, 0, NULL, NULL);
		aead_request_set_ad(req, 8);
		aead_request_set_crypt(req, sg, sg, octets + 16 * !encrypt,
				       nonce);
		*ns = div_u64(aead_ns(req, encrypt, rounds), rounds);
	}
	kfree(data);
	aead_request_free(req);
	crypto_free_aead(tfm);
	return err;
}
