/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate_test: what the kernel's hash and cipher cost by themselves. */
#ifndef _GMG_SELFTEST_BARE_H
#define _GMG_SELFTEST_BARE_H

#include <linux/types.h>

int gmg_bare_hash(u32 octets, u32 rounds, u64 *ns);
int gmg_bare_cipher(u32 octets, bool encrypt, u32 rounds, u64 *ns);
int gmg_bare_aead(u32 octets, bool encrypt, u32 rounds, u64 *ns);

#endif /* _GMG_SELFTEST_BARE_H */
