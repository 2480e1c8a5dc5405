// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: AES-GCM and AES-GMAC (RFC 4106, RFC 4543), ICV of 16 octets.
 *
 * Both are AES-GCM with the salt and the IV on the wire as its nonce.  GCM
 * authenticates the ESP header beside the text, GMAC all there is and encrypts
 * nothing.  Two packets under the same key and nonce would give the key of the
 * ICV away: see iv.h.
 *
 * As in cipher.c only synchronous drivers are used, and where the fast one
 * must not be called while the SIMD registers are in use, gcm_anywhere.c stands
 * in for it.
 */
#include <crypto/aead.h>
#include <linux/gmgate.h>
#include <linux/percpu.h>
#include <linux/scatterlist.h>

#include "compat.h"
#include "iv.h"
#include "suite.h"

#define REQUEST_ROOM	1024	/* octets behind a request for its driver */

/**
 * struct lane - a request, ready for use on a CPU with BH off
 * @sg: what is authenticated alone, and the rest
 * @nonce: salt and IV
 * @request: struct aead_request and the driver's part of it
 */
struct lane {
	struct scatterlist sg[2];
	u8 nonce[GMG_GCM_NONCE];
	u8 request[sizeof(struct aead_request) + REQUEST_ROOM]
		CRYPTO_MINALIGN_ATTR;
};

static struct lane __percpu *lanes;
static bool have_simd;

/*
 * The IV is neither authenticated nor encrypted in GCM, where it is the nonce;
 * GMAC authenticates it as it lies there.
 */
static void point_at(struct aead_request *req, struct lane *lane, u8 *esp,
		     u32 len, bool gmac)
{
	u32 before = GMG_ESP_HDR + sizeof(u64);

	if (gmac) {
		sg_set_buf(&lane->sg[1], esp, len);
		aead_request_set_ad(req, len - GMG_MAX_ICV);
	} else {
		sg_set_buf(&lane->sg[0], esp, GMG_ESP_HDR);
		sg_set_buf(&lane->sg[1], esp + before, len - before);
		aead_request_set_ad(req, GMG_ESP_HDR);
	}
}

static int run_anywhere(const struct gmg_keys *keys, const u8 *nonce, u8 *esp,
			u32 len, bool gmac, bool encrypt)
{
	u32 before = GMG_ESP_HDR + sizeof(u64), signed_len = len - GMG_MAX_ICV;
	struct gmg_gcm_job job = {
		.key = keys->aead_key,
		.nonce = nonce,
		.header = esp,
		.header_len = gmac ? signed_len : GMG_ESP_HDR,
		.text = esp + (gmac ? signed_len : before),
		.text_len = gmac ? 0 : signed_len - before,
	};

	return gmg_gcm_anywhere(&job, encrypt);
}

/* @len octets: ESP header, IV, text, ICV. */
static int run(const struct gmg_keys *keys, u8 *esp, u32 len, bool encrypt)
{
	bool gmac = keys->suite->alg == GMGATE_ALG_AES_GMAC;
	struct lane *lane = this_cpu_ptr(lanes);
	struct aead_request *req = (struct aead_request *)lane->request;
	struct scatterlist *sg = &lane->sg[gmac ? 1 : 0];
	struct crypto_aead *tfm = keys->aead;
	u32 crypt_len = encrypt ? 0 : GMG_MAX_ICV;
	int err;

	memcpy(lane->nonce, keys->salt, GMG_SALT);
	memcpy(lane->nonce + GMG_SALT, esp + GMG_ESP_HDR, sizeof(u64));
	if (keys->simd && unlikely(!crypto_simd_usable()))
		return run_anywhere(keys, lane->nonce, esp, len, gmac, encrypt);
	if (!gmac)
		crypt_len += len - gmg_esp_before(&keys->suite->shape) -
			     GMG_MAX_ICV;

	aead_request_set_tfm(req, tfm);
	point_at(req, lane, esp, len, gmac);
	aead_request_set_crypt(req, sg, sg, crypt_len, lane->nonce);
	err = encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	memzero_explicit(req->__ctx, crypto_aead_reqsize(tfm));
	return err;
}

/**
 * gmg_aead_encrypt - encrypt in place, write IV and ICV
 * @keys: keys of the set
 * @esp: ESP header, room for the IV, text, room for the ICV; in the linear map
 * @text_len: octets of text
 * @sa: which of the two outbound SAs, 0 or 1
 * @iv: NULL, or the IV to use; for test vectors only
 *
 * Context: BH off, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_aead_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		     unsigned int sa, const u8 *iv)
{
	u32 before = gmg_esp_before(&keys->suite->shape);
	u8 *at = esp + GMG_ESP_HDR;

	if (iv)
		memcpy(at, iv, keys->suite->shape.iv);
	else
		put_unaligned_be64(gmg_iv_number(keys, esp, sa), at);
	return run(keys, esp, before + text_len + GMG_MAX_ICV, true);
}

/**
 * gmg_aead_decrypt - verify and decrypt in place
 * @keys: keys of the set
 * @esp: ESP header, IV, text, ICV; in the linear map
 * @len: octets of all that
 *
 * Context: BH off, does not sleep.
 * Return: 0, -EBADMSG if the ICV is wrong, another negative errno.
 */
int gmg_aead_decrypt(const struct gmg_keys *keys, u8 *esp, u32 len)
{
	return run(keys, esp, len, false);
}

/* A driver that is keyed, or keyless if @key is NULL. */
static struct crypto_aead *alloc(const char *name, u32 type, const u8 *key,
				 u32 len)
{
	struct crypto_aead *tfm;
	int err = 0;

	tfm = crypto_alloc_aead(name, type, type | CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return tfm;
	if (crypto_aead_reqsize(tfm) > REQUEST_ROOM)
		err = -EOPNOTSUPP;
	else if (key)
		err = crypto_aead_setkey(tfm, key, len) ?:
		      crypto_aead_setauthsize(tfm, GMG_MAX_ICV);
	if (!err)
		return tfm;
	crypto_free_aead(tfm);
	return ERR_PTR(err);
}

static struct crypto_aead *alloc_simd(const u8 *key, u32 len)
{
	return alloc("__gcm(aes)", CRYPTO_ALG_INTERNAL, key, len);
}

static struct crypto_aead *alloc_sync(const u8 *key, u32 len)
{
	return alloc("gcm(aes)", 0, key, len);
}

/**
 * gmg_aead_set_key - make an AEAD key ready for use
 * @keys: its suite is set
 * @key: CK_ESP or IK_ESP, 16 octets
 * @salt: GMG_SALT octets
 *
 * Context: process, may sleep.  Return: 0 or a negative errno.
 */
int gmg_aead_set_key(struct gmg_keys *keys, const u8 *key, const u8 *salt)
{
	struct crypto_aead *tfm;

	tfm = have_simd ? alloc_simd(key, GMG_AES_KEY) :
			  alloc_sync(key, GMG_AES_KEY);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	if (have_simd)
		memcpy(keys->aead_key, key, GMG_AES_KEY);
	keys->simd = have_simd;
	keys->aead = tfm;
	memcpy(keys->salt, salt, GMG_SALT);
	return 0;
}

/**
 * gmg_aead_free - undo gmg_aead_set_key()
 * @keys: keys
 */
void gmg_aead_free(struct gmg_keys *keys)
{
	crypto_free_aead(keys->aead);
	keys->aead = NULL;
}

/* After the other form: asking for that one loads the driver's module. */
static void open_simd(void)
{
	struct crypto_aead *tfm = alloc_simd(NULL, 0);

	if (IS_ERR(tfm))
		return;
	crypto_free_aead(tfm);
	have_simd = gmg_gcm_open();
}

/**
 * gmg_aead_open - get ready for gmg_aead_set_key()
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT if this kernel has no AES-GCM that fits; -ENOMEM.
 */
int gmg_aead_open(void)
{
	struct crypto_aead *tfm = alloc_sync(NULL, 0);
	int cpu;

	if (IS_ERR(tfm))
		return -ENOENT;
	crypto_free_aead(tfm);
	lanes = alloc_percpu(struct lane);
	if (!lanes)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct lane *lane = per_cpu_ptr(lanes, cpu);

		sg_init_table(lane->sg, ARRAY_SIZE(lane->sg));
		aead_request_set_callback((struct aead_request *)lane->request,
					  0, NULL, NULL);
	}
	open_simd();
	return 0;
}

/**
 * gmg_aead_close - undo gmg_aead_open(); no keys may be left
 */
void gmg_aead_close(void)
{
	gmg_gcm_close();
	have_simd = false;
	free_percpu(lanes);
	lanes = NULL;
}
