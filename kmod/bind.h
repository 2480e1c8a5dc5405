/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: is what was in an ESP packet allowed on its SA? */
#ifndef _GMG_BIND_H
#define _GMG_BIND_H

#include <linux/skbuff.h>
#include <linux/gmgate.h>

struct gmg_pair;

enum gmgate_drop gmg_bind_check(const struct sk_buff *skb,
				const struct gmg_pair *pair, u8 proto,
				bool *crossed);

#endif /* _GMG_BIND_H */
