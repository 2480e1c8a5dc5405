// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: AES-GCM and AES-GMAC (RFC 4106, RFC 4543).
 *
 * Two packets under the same key, salt and IV would give the key of the ICV
 * away.  All four SAs of a set share key and salt (TS 33.203 Annex I), so the
 * IV must tell apart our two outbound SAs, a set that is installed again with
 * the same keys, and the UE:
 *
 *	1 | install number, 30 bits | SA, 1 bit | sequence number, 32 bits
 *
 * Ours never repeat: the sequence number tells packets of an SA apart, the SA
 * bit the two SAs, and the install number, a counter of this kernel from a
 * random start, the times that the same keys were installed (until 2^30 sets
 * later).
 *
 * The UE's IVs are its own choice, and nothing in Annex I keeps them apart
 * from ours.  A UE that counts from a small number never meets the upper bit.
 * One that adds its counter to 64 random bits, as Linux does, has on each of
 * its two SAs upper 32 bits of its own, and ours has two such values: the odds
 * that a set has a repeat at all are 4 in 2^32.  One that draws each IV at
 * random meets one of our n packets with n / 2^64 at each of its own.
 */
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "compat.h"
#include "suite.h"

#define TOP	BIT_ULL(63)

static int run(const struct gmg_keys *keys, u8 *esp, u32 crypt_len,
	       bool encrypt)
{
	const struct gmg_esp_shape *shape = &keys->suite->shape;
	u32 before = gmg_esp_before(shape);
	struct aead_request *req;
	struct scatterlist sg;
	u8 iv[GMG_MAX_IV];
	int err;

	req = aead_request_alloc(keys->aead, GFP_ATOMIC);
	if (!req)
		return -ENOMEM;
	memcpy(iv, esp + GMG_ESP_HDR, shape->iv);
	/* The ICV follows the text, both ways. */
	sg_init_one(&sg, esp, before + crypt_len + (encrypt ? shape->icv : 0));
	aead_request_set_callback(req, 0, NULL, NULL);
	aead_request_set_ad(req, before);
	aead_request_set_crypt(req, &sg, &sg, crypt_len, iv);
	err = encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	aead_request_free(req);
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
 * Context: any, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_aead_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		     unsigned int sa, const u8 *iv)
{
	u8 *at = esp + GMG_ESP_HDR;

	if (iv)
		memcpy(at, iv, keys->suite->shape.iv);
	else
		put_unaligned_be64(keys->iv_base | (u64)sa << 32 |
				   get_unaligned_be32(esp + 4), at);
	return run(keys, esp, text_len, true);
}

/**
 * gmg_aead_decrypt - verify and decrypt in place
 * @keys: keys of the set
 * @esp: ESP header, IV, text, ICV; in the linear map
 * @len: octets of all that
 *
 * Context: any, does not sleep.
 * Return: 0, -EBADMSG if the ICV is wrong, another negative errno.
 */
int gmg_aead_decrypt(const struct gmg_keys *keys, u8 *esp, u32 len)
{
	return run(keys, esp, len - gmg_esp_before(&keys->suite->shape), false);
}

static u64 next_iv_base(void)
{
	static atomic_t installs = ATOMIC_INIT(0);
	static u32 start;
	u32 n;

	get_random_once(&start, sizeof(start));
	n = start + (u32)atomic_inc_return(&installs);
	return TOP | (u64)(n & GENMASK(29, 0)) << 33;
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
	u32 len = keys->suite->ck_len + keys->suite->ik_len;
	struct crypto_aead *tfm;
	u8 both[32 + GMG_SALT];
	int err;

	/* Masked: synchronous drivers only. */
	tfm = crypto_alloc_aead(keys->suite->cipher, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	memcpy(both, key, len);
	memcpy(both + len, salt, GMG_SALT);
	err = crypto_aead_setkey(tfm, both, len + GMG_SALT) ?:
	      crypto_aead_setauthsize(tfm, keys->suite->shape.icv);
	memzero_explicit(both, sizeof(both));
	if (err) {
		crypto_free_aead(tfm);
		return err;
	}
	keys->aead = tfm;
	keys->iv_base = next_iv_base();
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

/**
 * gmg_aead_there - has this kernel the AEAD?
 * @name: the kernel's name of it
 */
bool gmg_aead_there(const char *name)
{
	struct crypto_aead *tfm;

	tfm = crypto_alloc_aead(name, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm))
		return false;
	crypto_free_aead(tfm);
	return true;
}
