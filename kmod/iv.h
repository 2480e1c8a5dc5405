/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: what makes every initialisation vector of ours another one.
 *
 *	1 | install number, 30 bits | SA, 1 bit | sequence number, 32 bits
 *
 * The sequence number tells packets of an SA apart, the SA bit the set's two
 * outbound SAs, and the install number the times that the same keys were
 * installed: a counter of this kernel, until 2^30 sets later.  It begins at
 * random when the module is loaded.
 *
 *	AES-GCM, AES-GMAC	these 64 bits are the IV
 *	3DES-CBC		their encryption is
 *	AES-CBC			the encryption of them, the SPI and 32 bits
 *				drawn when the module is loaded
 *
 * Documentation/architecture.md has the odds against the UE's IVs, which share
 * the key, and over a reload of the module.
 */
#ifndef _GMG_IV_H
#define _GMG_IV_H

#include <linux/types.h>

struct gmg_keys;

u64 gmg_iv_base(void);
u64 gmg_iv_number(const struct gmg_keys *keys, const u8 *esp, unsigned int sa);
void gmg_iv_nonce(const struct gmg_keys *keys, u8 *at, const u8 *esp,
		  unsigned int sa);

#endif /* _GMG_IV_H */
