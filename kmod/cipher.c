// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: AES-CBC and 3DES-CBC (RFC 3602, RFC 2451).
 *
 * The IV on the wire is the encryption of a block that never repeats under
 * the key, see iv.c.  So it is unique and, without the key, unpredictable
 * (NIST SP 800-38A, Appendix C).  Encrypting that block as the first of the
 * text, under an IV of zero, does it in the same pass.
 *
 * Synchronous drivers only: no completion, no reference counts, no packet
 * that comes back on another CPU.  Where a driver needs SIMD registers, the
 * kernel offers it in two forms: one that may finish later, which is none for
 * us, and an internal one that must not be called while the registers are in
 * use.  We call the second.  A packet that comes in while they are takes a
 * cipher that works anywhere, block by block; there is one of that for all
 * sets, which gets the set's key under a lock, since it is hardly ever needed.
 */
#include <crypto/skcipher.h>
#include <linux/gmgate.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>

#include "compat.h"
#include "iv.h"
#include "suite.h"

#define REQUEST_ROOM	384	/* octets behind a request for its driver */

/**
 * struct lane - a request, ready for use on a CPU with BH off
 * @sg: the text
 * @iv: initialisation vector, changed by the driver
 * @request: struct skcipher_request and the driver's part of it
 *
 * On the stack it would be cleared for each packet.
 */
struct lane {
	struct scatterlist sg;
	u8 iv[GMG_MAX_IV];
	u8 request[sizeof(struct skcipher_request) + REQUEST_ROOM]
		CRYPTO_MINALIGN_ATTR;
};

static struct lane __percpu *lanes;

static struct skcipher_request *request_of(struct lane *lane)
{
	return (struct skcipher_request *)lane->request;
}

/*
 * The form of cbc(aes) that takes SIMD registers, if this kernel has it, and
 * the one that stands in for it.
 */
static struct {
	bool there;
	spinlock_t lock;
	struct crypto_sync_skcipher *anywhere;	/* its key: under @lock */
} simd_aes;

static int run_with(struct crypto_skcipher *tfm, struct lane *lane, u8 *data,
		    u32 len, bool encrypt)
{
	struct skcipher_request *req = request_of(lane);
	unsigned int used = crypto_skcipher_reqsize(tfm);
	int err;

	sg_set_buf(&lane->sg, data, len);
	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_crypt(req, &lane->sg, &lane->sg, len, lane->iv);
	err = encrypt ? crypto_skcipher_encrypt(req) :
			crypto_skcipher_decrypt(req);
	if (used)
		memzero_explicit(req->__ctx, used);
	return err;
}

static int run_anywhere(const struct gmg_keys *keys, struct lane *lane,
			u8 *data, u32 len, bool encrypt)
{
	static const u8 no_key[GMG_AES_KEY];
	int err;

	spin_lock(&simd_aes.lock);
	err = crypto_sync_skcipher_setkey(simd_aes.anywhere, keys->ck,
					  keys->suite->ck_len) ?:
	      run_with(&simd_aes.anywhere->base, lane, data, len, encrypt);
	/* It may be long until the next one, and the set gone. */
	crypto_sync_skcipher_setkey(simd_aes.anywhere, no_key, sizeof(no_key));
	spin_unlock(&simd_aes.lock);
	return err;
}

static int run(const struct gmg_keys *keys, struct lane *lane, u8 *data,
	       u32 len, bool encrypt)
{
	if (keys->simd && unlikely(!crypto_simd_usable()))
		return run_anywhere(keys, lane, data, len, encrypt);
	return run_with(keys->cipher, lane, data, len, encrypt);
}

/**
 * gmg_cipher_encrypt - encrypt in place and write the IV
 * @keys: keys of the set
 * @esp: ESP header, room for the IV, text; in the linear map
 * @text_len: octets of text, whole blocks
 * @sa: which of the two outbound SAs, 0 or 1
 * @iv: NULL, or the IV to use; for test vectors only
 *
 * Context: BH off, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		       unsigned int sa, const u8 *iv)
{
	unsigned int iv_len = keys->suite->shape.iv;
	struct lane *lane = this_cpu_ptr(lanes);
	u8 *at = esp + GMG_ESP_HDR;

	if (iv) {
		memcpy(lane->iv, iv, iv_len);
		memcpy(at, iv, iv_len);
		return run(keys, lane, at + iv_len, text_len, true);
	}
	memset(lane->iv, 0, sizeof(lane->iv));
	gmg_iv_nonce(keys, at, esp, sa);
	return run(keys, lane, at, iv_len + text_len, true);
}

/**
 * gmg_cipher_decrypt - decrypt in place
 * @keys: keys of the set
 * @esp: ESP header, IV, text; in the linear map
 * @text_len: octets of text, whole blocks
 *
 * Context: BH off, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_decrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len)
{
	unsigned int iv_len = keys->suite->shape.iv;
	struct lane *lane = this_cpu_ptr(lanes);

	/* 3DES looks at half of what is copied. */
	memcpy(lane->iv, esp + GMG_ESP_HDR, sizeof(lane->iv));
	return run(keys, lane, esp + GMG_ESP_HDR + iv_len, text_len, false);
}

static bool is_aes(const struct gmg_suite *suite)
{
	return suite->ealg == GMGATE_EALG_AES_CBC;
}

static struct crypto_skcipher *alloc_simd_aes(void)
{
	return crypto_alloc_skcipher("__cbc(aes)", CRYPTO_ALG_INTERNAL,
				     CRYPTO_ALG_INTERNAL | CRYPTO_ALG_ASYNC);
}

static struct crypto_skcipher *alloc_sync(const char *name)
{
	struct crypto_sync_skcipher *tfm = crypto_alloc_sync_skcipher(name, 0,
								      0);

	return IS_ERR(tfm) ? ERR_CAST(tfm) : &tfm->base;
}

/**
 * gmg_cipher_set_key - make a cipher key ready for use
 * @keys: its suite is set
 * @ck: CK_ESP
 *
 * Context: process, may sleep.  Return: 0 or a negative errno.
 */
int gmg_cipher_set_key(struct gmg_keys *keys, const u8 *ck)
{
	bool simd = simd_aes.there && is_aes(keys->suite);
	struct crypto_skcipher *tfm;
	int err;

	tfm = simd ? alloc_simd_aes() : alloc_sync(keys->suite->cipher);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_skcipher_reqsize(tfm) > REQUEST_ROOM ? -EOPNOTSUPP :
	      crypto_skcipher_setkey(tfm, ck, keys->suite->ck_len);
	if (err) {
		crypto_free_skcipher(tfm);
		return err;
	}
	if (simd)
		memcpy(keys->ck, ck, keys->suite->ck_len);
	keys->simd = simd;
	keys->cipher = tfm;
	return 0;
}

/**
 * gmg_cipher_free - undo gmg_cipher_set_key()
 * @keys: keys
 */
void gmg_cipher_free(struct gmg_keys *keys)
{
	crypto_free_skcipher(keys->cipher);
	keys->cipher = NULL;
}

/**
 * gmg_cipher_there - has this kernel the cipher?
 * @suite: with a cipher, no AEAD
 *
 * Context: process, after gmg_cipher_open().
 */
bool gmg_cipher_there(const struct gmg_suite *suite)
{
	struct crypto_skcipher *tfm = alloc_sync(suite->cipher);

	if (IS_ERR(tfm))
		return false;
	crypto_free_skcipher(tfm);
	return true;
}

/* After the other form: asking for that one loads the driver's module. */
static void open_simd_aes(void)
{
	struct crypto_sync_skcipher *anywhere;
	struct crypto_skcipher *tfm;

	spin_lock_init(&simd_aes.lock);
	anywhere = crypto_alloc_sync_skcipher("cbc(aes)", 0, 0);
	if (IS_ERR(anywhere))
		return;
	tfm = alloc_simd_aes();
	if (IS_ERR(tfm)) {
		crypto_free_sync_skcipher(anywhere);
		return;
	}
	crypto_free_skcipher(tfm);
	simd_aes.anywhere = anywhere;
	simd_aes.there = true;
}

/**
 * gmg_cipher_open - get ready for gmg_cipher_set_key()
 *
 * Context: process, may sleep.  Return: 0 or -ENOMEM.
 */
int gmg_cipher_open(void)
{
	int cpu;

	lanes = alloc_percpu(struct lane);
	if (!lanes)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct lane *lane = per_cpu_ptr(lanes, cpu);

		sg_init_table(&lane->sg, 1);
		skcipher_request_set_callback(request_of(lane), 0, NULL, NULL);
	}
	open_simd_aes();
	return 0;
}

/**
 * gmg_cipher_close - undo gmg_cipher_open(); no keys may be left
 */
void gmg_cipher_close(void)
{
	/* Its key goes with it, wiped: the crypto API clears what it frees. */
	if (simd_aes.there)
		crypto_free_sync_skcipher(simd_aes.anywhere);
	simd_aes.there = false;
	free_percpu(lanes);
	lanes = NULL;
}
