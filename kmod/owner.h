/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: only the endpoint's user may receive what ESP has protected. */
#ifndef _GMG_OWNER_H
#define _GMG_OWNER_H

#include <linux/skbuff.h>
#include <linux/gmgate.h>

struct gmg_endpoint;

enum gmgate_drop gmg_owner_claim(struct sk_buff *skb,
				 const struct gmg_endpoint *ep, u8 proto);

#endif /* _GMG_OWNER_H */
