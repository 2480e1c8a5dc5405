/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the algorithms of an SA set and its keys (TS 33.203 Annex H and I).
 *
 * One AKA run gives one pair of keys, and all four SAs of the set share them.
 *
 *	suite.c		the table, and keys ready for use
 *	hmac.c		HMAC-MD5-96 and HMAC-SHA-1-96
 *	cipher.c	AES-CBC and 3DES-CBC
 *	aead.c		AES-GCM and AES-GMAC
 *	gcm_anywhere.c	the same without SIMD registers
 *	iv.c		their initialisation vectors
 */
#ifndef _GMG_SUITE_H
#define _GMG_SUITE_H

#include <linux/types.h>
#include <crypto/aead.h>
#include <crypto/sha1.h>
#include <crypto/skcipher.h>

#include "esp.h"

#define GMG_HASH_WORDS	(SHA1_DIGEST_SIZE / 4)
#define GMG_AES_KEY	16	/* octets, AES-CBC, AES-GCM and AES-GMAC */
#define GMG_SALT	4	/* octets, AES-GCM and AES-GMAC */
#define GMG_GCM_NONCE	12	/* octets: salt and IV */
#define GMG_MAX_IV	16
#define GMG_HMAC_ICV	12	/* octets, HMAC-MD5-96 and HMAC-SHA-1-96 */
#define GMG_MAX_ICV	16

enum gmg_hash { GMG_HASH_NONE, GMG_HASH_MD5, GMG_HASH_SHA1, GMG_HASH_MAX };

/**
 * struct gmg_suite - one combination of alg and ealg
 * @alg: enum gmgate_alg
 * @ealg: enum gmgate_ealg
 * @shape: what it adds to a packet
 * @ik_len: octets of IK_ESP
 * @ck_len: octets of CK_ESP
 * @salt_len: octets of the salt
 * @hash: of the HMAC; GMG_HASH_NONE for an AEAD
 * @cipher: the kernel's name of the cipher, NULL for null encryption or an AEAD
 */
struct gmg_suite {
	u32 alg;
	u32 ealg;
	struct gmg_esp_shape shape;
	u8 ik_len;
	u8 ck_len;
	u8 salt_len;
	enum gmg_hash hash;
	const char *cipher;
};

/**
 * struct gmg_keys - the keys of a set, ready for use
 * @suite: its algorithms
 * @inner: HMAC: state of the hash after the block K ^ ipad (RFC 2104)
 * @outer: HMAC: state of the hash after the block K ^ opad
 * @iv_base: what makes this set's IVs its own, see iv.h
 * @simd: @cipher or @aead must not be called while SIMD registers are in use
 * @cipher: AES-CBC and 3DES-CBC; may be used by several CPUs at once
 * @ck: with @simd; for the cipher that stands in, see cipher.c
 * @aead: AES-GCM and AES-GMAC; likewise
 * @aead_key: with @simd; see gcm_anywhere.c
 * @salt: of AES-GCM and AES-GMAC
 *
 * Written once, before the set is visible; read without a lock after that.
 */
struct gmg_keys {
	const struct gmg_suite *suite;
	u32 inner[GMG_HASH_WORDS];
	u32 outer[GMG_HASH_WORDS];
	u64 iv_base;
	bool simd;
	u8 salt[GMG_SALT];
	union {
		struct {
			struct crypto_skcipher *cipher;
			u8 ck[GMG_AES_KEY];
		};
		struct {
			struct crypto_aead *aead;
			u8 aead_key[GMG_AES_KEY];
		};
	};
};

/**
 * struct gmg_gcm_job - a packet for gmg_gcm_anywhere()
 * @key: GMG_AES_KEY octets
 * @nonce: GMG_GCM_NONCE octets
 * @header: what is authenticated alone
 * @text: what is encrypted as well, and behind it the ICV, GMG_MAX_ICV octets;
 *	in the linear map
 * @header_len: octets of @header
 * @text_len: octets of @text without the ICV, may be 0
 */
struct gmg_gcm_job {
	const u8 *key, *nonce, *header;
	u8 *text;
	u32 header_len, text_len;
};

/* Are integrity and encryption one operation? */
static inline bool gmg_suite_is_aead(const struct gmg_suite *suite)
{
	return suite->hash == GMG_HASH_NONE;
}

int gmg_suite_init(void);
void gmg_suite_exit(void);

const struct gmg_suite *gmg_suite_find(u32 alg, u32 ealg);
const struct gmg_suite *gmg_suite_next(const struct gmg_suite *prev);

int gmg_keys_set(struct gmg_keys *keys, const struct gmg_suite *suite,
		 const u8 *ik, const u8 *ck, const u8 *salt);
void gmg_keys_wipe(struct gmg_keys *keys);

int gmg_keys_seal(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		  u32 room, unsigned int sa, const u8 *iv);
int gmg_keys_verify(const struct gmg_keys *keys, u8 *esp, u32 len, u32 room);
int gmg_keys_decrypt(const struct gmg_keys *keys, u8 *esp, u32 len);

/* hmac.c */
bool gmg_hmac_open(enum gmg_hash hash);
void gmg_hmac_close(enum gmg_hash hash);
int gmg_hmac_set_key(struct gmg_keys *keys, const u8 *ik, u32 len);
void gmg_hmac_icv(const struct gmg_keys *keys, u8 *data, u32 len, u32 room,
		  u8 *icv);

/* cipher.c */
int gmg_cipher_open(void);
void gmg_cipher_close(void);
bool gmg_cipher_there(const struct gmg_suite *suite);
int gmg_cipher_set_key(struct gmg_keys *keys, const u8 *ck);
void gmg_cipher_free(struct gmg_keys *keys);
int gmg_cipher_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		       unsigned int sa, const u8 *iv);
int gmg_cipher_decrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len);

/* aead.c */
int gmg_aead_open(void);
void gmg_aead_close(void);
int gmg_aead_set_key(struct gmg_keys *keys, const u8 *key, const u8 *salt);
void gmg_aead_free(struct gmg_keys *keys);
int gmg_aead_encrypt(const struct gmg_keys *keys, u8 *esp, u32 text_len,
		     unsigned int sa, const u8 *iv);
int gmg_aead_decrypt(const struct gmg_keys *keys, u8 *esp, u32 len);

/* gcm_anywhere.c */
bool gmg_gcm_open(void);
void gmg_gcm_close(void);
int gmg_gcm_anywhere(const struct gmg_gcm_job *job, bool encrypting);

#endif /* _GMG_SUITE_H */
