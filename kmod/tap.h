/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: a capture-only device that shows the plain packets of both
 * directions, so that tcpdump, Wireshark and sngrep work as they are.
 */
#ifndef _GMG_TAP_H
#define _GMG_TAP_H

struct gmg_net;
struct sk_buff;

int gmg_tap_open(struct gmg_net *gn);
void gmg_tap_close(struct gmg_net *gn);
void gmg_tap_in(struct gmg_net *gn, struct sk_buff *skb);
void gmg_tap_out(struct gmg_net *gn, struct sk_buff *skb);

#endif /* _GMG_TAP_H */
