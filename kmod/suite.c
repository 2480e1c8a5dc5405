// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: the suites, and keys ready for use. */
#include "suite.h"

#include <crypto/algapi.h>
#include <linux/gmgate.h>
#include <linux/string.h>

#include "iv.h"

#define SHAPE(_iv, _align, _icv) \
	{ .iv = (_iv), .align = (_align), .icv = (_icv) }

#define HMAC(_alg, _hash, _ik) \
	{ GMGATE_ALG_##_alg, GMGATE_EALG_NULL, SHAPE(0, 4, 12), \
	  _ik, 0, 0, _hash, NULL }, \
	{ GMGATE_ALG_##_alg, GMGATE_EALG_AES_CBC, SHAPE(16, 16, 12), \
	  _ik, 16, 0, _hash, "cbc(aes)" }, \
	{ GMGATE_ALG_##_alg, GMGATE_EALG_DES_EDE3_CBC, SHAPE(8, 8, 12), \
	  _ik, 24, 0, _hash, "cbc(des3_ede)" }

static const struct gmg_suite suites[] = {
	HMAC(HMAC_MD5_96, GMG_HASH_MD5, 16),
	HMAC(HMAC_SHA_1_96, GMG_HASH_SHA1, 20),
	{ GMGATE_ALG_NULL, GMGATE_EALG_AES_GCM, SHAPE(8, 4, 16),
	  0, 16, GMG_SALT, GMG_HASH_NONE, NULL },
	{ GMGATE_ALG_AES_GMAC, GMGATE_EALG_NULL, SHAPE(8, 4, 16),
	  16, 0, GMG_SALT, GMG_HASH_NONE, NULL },
};

/* A suite that the running kernel lacks (fips, configuration) stays false. */
static bool usable[ARRAY_SIZE(suites)];

/**
 * gmg_keys_seal - IV, encryption and ICV of a packet
 * @keys: keys of the set
 * @esp: ESP header, room for the IV, text with padding, room for the ICV
 * @text_len: octets of text
 * @room: octets behind the text that may be overwritten, the ICV's among them;
 *	the more the cheaper, up to two blocks of a hash
 * @sa: which of the set's two outbound SAs, 0 or 1
 * @iv: NULL, or the IV to use; for test vectors only
 *
 * Context: BH off, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_keys_seal(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		  u32 room, unsigned int sa, const u8 *iv)
{
	u32 len = gmg_esp_before(&keys->suite->shape) + text_len;

	if (gmg_suite_is_aead(keys->suite))
		return gmg_aead_encrypt(keys, esp, text_len, sa, iv);
	if (keys->suite->cipher) {
		int err = gmg_cipher_encrypt(keys, esp, text_len, sa, iv);

		if (err)
			return err;
	}
	gmg_hmac_icv(keys, esp, len, room, esp + len);
	return 0;
}

/**
 * gmg_keys_verify - check the ICV of a packet; an AEAD decrypts as well
 * @keys: keys of the set
 * @esp: ESP header to ICV; the ICV is gone after it
 * @len: octets of all that
 * @room: octets behind the ICV that may be overwritten
 *
 * Context: BH off, does not sleep.
 * Return: 0, -EBADMSG if the ICV is wrong, another negative errno.
 */
int gmg_keys_verify(const struct gmg_keys *keys, u8 *esp, u32 len, u32 room)
{
	u32 icv_len = keys->suite->shape.icv;
	u8 icv[GMG_HMAC_ICV], sent[GMG_HMAC_ICV];

	if (gmg_suite_is_aead(keys->suite))
		return gmg_aead_decrypt(keys, esp, len);
	len -= icv_len;
	memcpy(sent, esp + len, sizeof(sent));
	gmg_hmac_icv(keys, esp, len, room + icv_len, icv);
	return crypto_memneq(icv, sent, sizeof(icv)) ? -EBADMSG : 0;
}

/**
 * gmg_keys_decrypt - decrypt what gmg_keys_verify() has found good
 * @keys: keys of the set
 * @esp: ESP header to ICV
 * @len: octets of all that
 *
 * Context: BH off, does not sleep.  Return: 0 or a negative errno.
 */
int gmg_keys_decrypt(const struct gmg_keys *keys, u8 *esp, u32 len)
{
	const struct gmg_esp_shape *shape = &keys->suite->shape;

	if (!keys->suite->cipher)
		return 0;
	return gmg_cipher_decrypt(keys, esp,
				  len - gmg_esp_before(shape) - shape->icv);
}

/**
 * gmg_keys_set - make keys ready for use
 * @keys: filled in; on error nothing is held
 * @suite: from gmg_suite_find()
 * @ik: IK_ESP, @suite->ik_len octets
 * @ck: CK_ESP, @suite->ck_len octets
 * @salt: @suite->salt_len octets
 *
 * Context: process, may sleep.  Return: 0 or a negative errno.
 */
int gmg_keys_set(struct gmg_keys *keys, const struct gmg_suite *suite,
		 const u8 *ik, const u8 *ck, const u8 *salt)
{
	int err;

	memset(keys, 0, sizeof(*keys));
	keys->suite = suite;
	keys->iv_base = gmg_iv_base();
	if (gmg_suite_is_aead(suite)) {
		err = gmg_aead_set_key(keys, suite->ck_len ? ck : ik, salt);
	} else {
		err = gmg_hmac_set_key(keys, ik, suite->ik_len);
		if (!err && suite->cipher)
			err = gmg_cipher_set_key(keys, ck);
	}
	if (err)
		memzero_explicit(keys, sizeof(*keys));
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
	if (gmg_suite_is_aead(keys->suite))
		gmg_aead_free(keys);
	else if (keys->suite->cipher)
		gmg_cipher_free(keys);
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

static bool cipher_there(const struct gmg_suite *suite)
{
	if (!suite->cipher || gmg_cipher_there(suite))
		return true;
	pr_info("gmgate: no %s in this kernel\n", suite->cipher);
	return false;
}

static void close_hashes(void)
{
	unsigned int i;

	for (i = GMG_HASH_NONE + 1; i < GMG_HASH_MAX; i++)
		gmg_hmac_close(i);
}

/**
 * gmg_suite_init - find out which suites this kernel can do
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, or -EOPNOTSUPP if there is none.
 */
int gmg_suite_init(void)
{
	bool have[GMG_HASH_MAX] = { };
	unsigned int i, n = 0;
	int err;

	err = gmg_cipher_open();
	if (err)
		return err;
	err = gmg_aead_open();
	if (err == -ENOMEM)
		goto err_cipher;
	if (err)
		pr_info("gmgate: no gcm(aes) in this kernel\n");
	have[GMG_HASH_NONE] = !err;
	for (i = GMG_HASH_NONE + 1; i < GMG_HASH_MAX; i++)
		have[i] = gmg_hmac_open(i);
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		usable[i] = have[suites[i].hash] && cipher_there(&suites[i]);
		n += usable[i];
	}
	if (n)
		return 0;
	err = -EOPNOTSUPP;
	close_hashes();
	gmg_aead_close();
err_cipher:
	gmg_cipher_close();
	return err;
}

/**
 * gmg_suite_exit - undo gmg_suite_init(); no keys may be left
 */
void gmg_suite_exit(void)
{
	close_hashes();
	gmg_aead_close();
	gmg_cipher_close();
}
