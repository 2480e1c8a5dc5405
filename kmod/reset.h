/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: ends a TCP connection whose peer has lost it together with its SA set. */
#ifndef _GMG_RESET_H
#define _GMG_RESET_H

#include <linux/skbuff.h>
#include <net/sock.h>

void gmg_reset_connection(const struct sk_buff *skb, const struct sock *sk);

#endif /* _GMG_RESET_H */
