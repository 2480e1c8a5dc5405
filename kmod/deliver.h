/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the last steps of a verified packet: through LOCAL_IN once more, in
 * plain text, where its endpoint has the flag local-in, and to its socket.
 */
#ifndef _GMG_DELIVER_H
#define _GMG_DELIVER_H

#include <linux/skbuff.h>
#include <linux/gmgate.h>

struct gmg_net;
struct gmg_pair;

bool gmg_deliver_passes(const struct sk_buff *skb);
bool gmg_deliver_local_in(struct gmg_net *gn, struct sk_buff *skb,
			  struct gmg_pair *pair, u8 pf, u8 *proto);
enum gmgate_drop gmg_deliver_claim(struct gmg_net *gn, struct sk_buff *skb,
				   struct gmg_pair *pair, u8 proto);
void gmg_deliver_to(struct sk_buff *skb, u8 proto);

#endif /* _GMG_DELIVER_H */
