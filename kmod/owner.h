/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: only the endpoint's user may receive what ESP has protected, and a
 * TCP connection only what its own SA set has.
 */
#ifndef _GMG_OWNER_H
#define _GMG_OWNER_H

#include <linux/skbuff.h>
#include <linux/gmgate.h>

struct gmg_set;

enum gmgate_drop gmg_owner_claim(struct sk_buff *skb,
				 const struct gmg_set *set, u8 proto);

#endif /* _GMG_OWNER_H */
