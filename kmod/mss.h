/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: TCP segments that leave room for ESP.
 *
 *	handshake	the MSS option of a SYN and of a SYN-ACK is lowered, out
 *			and in: neither side begins with segments that ESP
 *			makes too long for the path
 *	later		a socket whose path has become narrower is told of ESP
 *			as of an IP option: its segments follow the path MTU
 *	large segments	are cut at what fits
 *
 * All count on the largest suite (GMG_ESP_MOST): which set sends is known only
 * when all hooks have seen the packet, and one size keeps the three from
 * adding up.
 */
#ifndef _GMG_MSS_H
#define _GMG_MSS_H

#include <linux/skbuff.h>

struct gmg_esp_shape;
struct gmg_l4;
struct gmg_net;

void gmg_mss_out(struct gmg_net *gn, struct sk_buff *skb,
		 const struct gmg_l4 *l4);
void gmg_mss_in(struct gmg_net *gn, struct sk_buff *skb);
void gmg_mss_make_room(struct sk_buff *skb, const struct gmg_l4 *l4);
void gmg_mss_fit_gso(struct sk_buff *skb, const struct gmg_esp_shape *shape,
		     const struct gmg_l4 *l4);

#endif /* _GMG_MSS_H */
