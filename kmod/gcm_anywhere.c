// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: AES-GCM and AES-GMAC where the SIMD registers are in use.
 *
 * The kernel's own AES-GCM without them keeps a table of 4 KiB for each key, and
 * cannot be given a key by a packet, because that sleeps.  So a set would have
 * to carry that table for a packet that hardly ever comes.  AES in counter mode
 * can be given a key then; what is left of GCM is one multiplication a block,
 * and is done here, bit by bit: slowly, but with no table, and in the same time
 * for each key and text.
 *
 * One cipher for all sets, which gets the set's key under a lock; see cipher.c.
 */
#include <crypto/algapi.h>
#include <crypto/skcipher.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "suite.h"

#define BLOCK	16
#define REDUCE	0xe100000000000000ull	/* 1 + x + x^2 + x^7, see SP 800-38D */

/* An element of GF(2^128): bit 0 is the uppermost one of @high. */
struct element {
	u64 high, low;
};

/**
 * struct anywhere - all that the calls share
 * @lock: softirq-safe; one call at a time
 * @tfm: AES in counter mode, synchronous
 * @request: of @tfm
 * @block: one block, where a scatterlist can point at
 */
struct anywhere {
	spinlock_t lock;
	struct crypto_sync_skcipher *tfm;
	struct skcipher_request *request;
	u8 block[BLOCK];
};

static struct anywhere *shared;

/* x = x * h, in the same time for all values of both. */
static void multiply(struct element *x, const struct element *h)
{
	struct element product = { }, v = *h;
	unsigned int i;

	for (i = 0; i < 128; i++) {
		u64 word = i < 64 ? x->high : x->low;
		u64 mask = -(word >> (63 - i % 64) & 1);

		product.high ^= v.high & mask;
		product.low ^= v.low & mask;
		mask = -(v.low & 1);
		v.low = v.low >> 1 | v.high << 63;
		v.high = v.high >> 1 ^ (REDUCE & mask);
	}
	*x = product;
}

static void absorb(struct element *x, const struct element *h, const u8 *data,
		   u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, BLOCK);
		u8 block[BLOCK] = { };

		memcpy(block, data, n);
		x->high ^= get_unaligned_be64(block);
		x->low ^= get_unaligned_be64(block + 8);
		multiply(x, h);
		data += n;
		len -= n;
	}
}

/* AES in counter mode, in place; the first counter is @counter. */
static int count(const u8 *nonce, u32 counter, u8 *data, u32 len)
{
	struct skcipher_request *req = shared->request;
	struct scatterlist sg;
	u8 iv[BLOCK];

	memcpy(iv, nonce, GMG_GCM_NONCE);
	put_unaligned_be32(counter, iv + GMG_GCM_NONCE);
	sg_init_one(&sg, data, len);
	skcipher_request_set_crypt(req, &sg, &sg, len, iv);
	return crypto_skcipher_encrypt(req);
}

/* The encryption of one block: what @nonce and @counter are, nothing else. */
static int block_of(const u8 *nonce, u32 counter, struct element *e)
{
	int err;

	memset(shared->block, 0, BLOCK);
	err = count(nonce, counter, shared->block, BLOCK);
	e->high = get_unaligned_be64(shared->block);
	e->low = get_unaligned_be64(shared->block + 8);
	memzero_explicit(shared->block, BLOCK);
	return err;
}

/* The ICV of what is encrypted already. */
static int make_icv(const struct gmg_gcm_job *job, u8 *icv)
{
	static const u8 zero[GMG_GCM_NONCE];
	struct element h, mask, x = { };
	int err;

	err = block_of(zero, 0, &h) ?: block_of(job->nonce, 1, &mask);
	if (!err) {
		absorb(&x, &h, job->header, job->header_len);
		absorb(&x, &h, job->text, job->text_len);
		x.high ^= (u64)job->header_len * 8;
		x.low ^= (u64)job->text_len * 8;
		multiply(&x, &h);
		put_unaligned_be64(x.high ^ mask.high, icv);
		put_unaligned_be64(x.low ^ mask.low, icv + 8);
	}
	memzero_explicit(&h, sizeof(h));
	memzero_explicit(&mask, sizeof(mask));
	return err;
}

static int crypt_text(const struct gmg_gcm_job *job)
{
	return job->text_len ? count(job->nonce, 2, job->text, job->text_len) :
			       0;
}

static int encrypt(const struct gmg_gcm_job *job)
{
	return crypt_text(job) ?: make_icv(job, job->text + job->text_len);
}

static int decrypt(const struct gmg_gcm_job *job)
{
	u8 icv[GMG_MAX_ICV];
	int err;

	err = make_icv(job, icv);
	if (!err && crypto_memneq(icv, job->text + job->text_len, sizeof(icv)))
		err = -EBADMSG;
	return err ?: crypt_text(job);
}

/**
 * gmg_gcm_anywhere - one packet, in place
 * @job: what, with which key
 * @encrypting: make the ICV; else verify it, before anything is decrypted
 *
 * Context: BH off, does not sleep; after gmg_gcm_open() returned true.
 * Return: 0, -EBADMSG if the ICV is wrong, another negative errno.
 */
int gmg_gcm_anywhere(const struct gmg_gcm_job *job, bool encrypting)
{
	static const u8 no_key[GMG_AES_KEY];
	int err;

	spin_lock(&shared->lock);
	err = crypto_sync_skcipher_setkey(shared->tfm, job->key, GMG_AES_KEY);
	if (!err)
		err = encrypting ? encrypt(job) : decrypt(job);
	/* It may be long until the next one, and the set gone. */
	crypto_sync_skcipher_setkey(shared->tfm, no_key, sizeof(no_key));
	spin_unlock(&shared->lock);
	return err;
}

/**
 * gmg_gcm_open - get ready for gmg_gcm_anywhere()
 *
 * Context: process, may sleep.  Return: is there what it needs?
 */
bool gmg_gcm_open(void)
{
	shared = kzalloc(sizeof(*shared), GFP_KERNEL);
	if (!shared)
		return false;
	spin_lock_init(&shared->lock);
	shared->tfm = crypto_alloc_sync_skcipher("ctr(aes)", 0, 0);
	if (IS_ERR(shared->tfm))
		goto err_shared;
	shared->request = skcipher_request_alloc(&shared->tfm->base,
						 GFP_KERNEL);
	if (!shared->request)
		goto err_tfm;
	skcipher_request_set_callback(shared->request, 0, NULL, NULL);
	return true;

err_tfm:
	crypto_free_sync_skcipher(shared->tfm);
err_shared:
	kfree(shared);
	shared = NULL;
	return false;
}

/**
 * gmg_gcm_close - undo gmg_gcm_open(), which may have failed
 */
void gmg_gcm_close(void)
{
	if (!shared)
		return;
	skcipher_request_free(shared->request);
	crypto_free_sync_skcipher(shared->tfm);
	kfree(shared);
	shared = NULL;
}
