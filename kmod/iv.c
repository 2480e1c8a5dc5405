// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: initialisation vectors; iv.h has the construction. */
#include "iv.h"

#include <linux/atomic.h>
#include <linux/once.h>
#include <linux/random.h>

#include "compat.h"
#include "suite.h"

#define TOP		BIT_ULL(63)
#define INSTALL_SHIFT	33
#define INSTALL_MASK	GENMASK(29, 0)
#define SA_SHIFT	32

/* Drawn once per load of the module: where counting starts, and AES's 32 bits. */
static struct {
	u32 start;
	__be32 load;
} drawn;

/**
 * gmg_iv_base - the upper bits of a set's IVs, for a set that is installed now
 *
 * Context: process.
 */
u64 gmg_iv_base(void)
{
	static atomic_t installs = ATOMIC_INIT(0);
	u32 n;

	get_random_once(&drawn, sizeof(drawn));
	n = drawn.start + (u32)atomic_inc_return(&installs);
	return TOP | (u64)(n & INSTALL_MASK) << INSTALL_SHIFT;
}

/**
 * gmg_iv_number - 64 bits that no other packet of ours under these keys has
 * @keys: keys of the set
 * @esp: ESP header, complete
 * @sa: which of the set's two outbound SAs, 0 or 1
 */
u64 gmg_iv_number(const struct gmg_keys *keys, const u8 *esp, unsigned int sa)
{
	return keys->iv_base | (u64)sa << SA_SHIFT |
	       get_unaligned_be32(esp + 4);
}

/**
 * gmg_iv_nonce - write the block whose encryption is the IV
 * @keys: keys of the set, of a block cipher in CBC mode
 * @at: gets as many octets as the IV has
 * @esp: ESP header, complete
 * @sa: which of the set's two outbound SAs, 0 or 1
 */
void gmg_iv_nonce(const struct gmg_keys *keys, u8 *at, const u8 *esp,
		  unsigned int sa)
{
	put_unaligned_be64(gmg_iv_number(keys, esp, sa), at);
	if (keys->suite->shape.iv < GMG_MAX_IV)
		return;
	put_unaligned(get_unaligned((const __be32 *)esp), (__be32 *)(at + 8));
	put_unaligned(drawn.load, (__be32 *)(at + 12));
}
