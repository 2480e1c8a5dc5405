/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the algorithms of an SA set and its keys (TS 33.203 Annex H and I).
 *
 * One AKA run gives one pair of keys, and all four SAs of the set share them.
 */
#ifndef _GMG_SUITE_H
#define _GMG_SUITE_H

#include <linux/types.h>
#include <crypto/sha1.h>
#include <crypto/skcipher.h>

#include "esp.h"

#define GMG_HASH_WORDS	(SHA1_DIGEST_SIZE / 4)

struct netlink_ext_ack;

/**
 * struct gmg_suite - one combination of alg and ealg
 * @alg: enum gmgate_alg
 * @ealg: enum gmgate_ealg
 * @shape: what it adds to a packet
 * @ik_len: octets of IK_ESP
 * @ck_len: octets of CK_ESP
 * @hash: index of the hash, see suite.c
 * @cipher: the kernel's name of the cipher, NULL for null encryption
 */
struct gmg_suite {
	u32 alg;
	u32 ealg;
	struct gmg_esp_shape shape;
	u8 ik_len;
	u8 ck_len;
	u8 hash;
	const char *cipher;
};

/**
 * struct gmg_keys - the keys of a set, ready for use
 * @suite: its algorithms
 * @inner: state of the hash after the block K ^ ipad (RFC 2104)
 * @outer: state of the hash after the block K ^ opad
 * @iv_secret: part of each IV's preimage, random per set
 * @cipher: NULL for null encryption; may be used by several CPUs at once
 *
 * Written once, before the set is visible; read without a lock after that.
 */
struct gmg_keys {
	const struct gmg_suite *suite;
	u32 inner[GMG_HASH_WORDS];
	u32 outer[GMG_HASH_WORDS];
	u64 iv_secret;
	struct crypto_sync_skcipher *cipher;
};

int gmg_suite_init(void);
void gmg_suite_exit(void);

const struct gmg_suite *gmg_suite_find(u32 alg, u32 ealg);
const struct gmg_suite *gmg_suite_next(const struct gmg_suite *prev);

int gmg_keys_set(struct gmg_keys *keys, const struct gmg_suite *suite,
		 const u8 *ik, const u8 *ck);
void gmg_keys_wipe(struct gmg_keys *keys);

void gmg_keys_icv(const struct gmg_keys *keys, const u8 *data, u32 len,
		  u8 *icv);
int gmg_keys_encrypt(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv);
int gmg_keys_decrypt(const struct gmg_keys *keys, u8 *data, u32 len, u8 *iv);

#endif /* _GMG_SUITE_H */
