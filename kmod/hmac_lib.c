// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: HMAC-MD5-96 and HMAC-SHA-1-96 (RFC 2403, RFC 2404) where the kernel
 * has them as plain functions with prepared keys.  Elsewhere hmac.c; Kbuild
 * chooses.
 *
 * A prepared key is the inner and the outer state, which is what a set keeps.
 */
#include <crypto/md5.h>
#include <crypto/sha1.h>
#include <linux/string.h>

#include "suite.h"

/**
 * gmg_hmac_set_key - make an HMAC key ready for use
 * @keys: its suite is set; gets inner and outer state
 * @ik: IK_ESP
 * @len: its octets
 *
 * Return: 0.
 */
int gmg_hmac_set_key(struct gmg_keys *keys, const u8 *ik, u32 len)
{
	union {
		struct hmac_md5_key md5;
		struct hmac_sha1_key sha1;
	} key;

	if (keys->suite->hash == GMG_HASH_MD5) {
		hmac_md5_preparekey(&key.md5, ik, len);
		memcpy(keys->inner, &key.md5.istate, sizeof(key.md5.istate));
		memcpy(keys->outer, &key.md5.ostate, sizeof(key.md5.ostate));
	} else {
		hmac_sha1_preparekey(&key.sha1, ik, len);
		memcpy(keys->inner, &key.sha1.istate, sizeof(key.sha1.istate));
		memcpy(keys->outer, &key.sha1.ostate, sizeof(key.sha1.ostate));
	}
	memzero_explicit(&key, sizeof(key));
	return 0;
}

static void md5_icv(const struct gmg_keys *keys, const u8 *data, u32 len,
		    u8 *digest)
{
	struct hmac_md5_key key;

	memcpy(&key.istate, keys->inner, sizeof(key.istate));
	memcpy(&key.ostate, keys->outer, sizeof(key.ostate));
	hmac_md5(&key, data, len, digest);
	memzero_explicit(&key, sizeof(key));
}

static void sha1_icv(const struct gmg_keys *keys, const u8 *data, u32 len,
		     u8 *digest)
{
	struct hmac_sha1_key key;

	memcpy(&key.istate, keys->inner, sizeof(key.istate));
	memcpy(&key.ostate, keys->outer, sizeof(key.ostate));
	hmac_sha1(&key, data, len, digest);
	memzero_explicit(&key, sizeof(key));
}

/**
 * gmg_hmac_icv - the ICV of a packet
 * @keys: from gmg_hmac_set_key()
 * @data: what it is over
 * @len: octets of that
 * @room: unused; hmac.c can do with octets behind @data
 * @icv: gets the first octets of the HMAC, as many as the suite sends
 *
 * Context: any.
 */
void gmg_hmac_icv(const struct gmg_keys *keys, u8 *data, u32 len, u32 room,
		  u8 *icv)
{
	u8 digest[SHA1_DIGEST_SIZE];

	if (keys->suite->hash == GMG_HASH_MD5)
		md5_icv(keys, data, len, digest);
	else
		sha1_icv(keys, data, len, digest);
	memcpy(icv, digest, GMG_HMAC_ICV);
	memzero_explicit(digest, sizeof(digest));
}

/**
 * gmg_hmac_open - get a hash ready for all sets
 * @hash: which
 *
 * Return: true, the functions are there.
 */
bool gmg_hmac_open(enum gmg_hash hash)
{
	return true;
}

/**
 * gmg_hmac_close - undo gmg_hmac_open()
 * @hash: which
 */
void gmg_hmac_close(enum gmg_hash hash)
{
}
