/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: the path MTU to a UE, learned from ICMP errors about our ESP. */
#ifndef _GMG_PMTU_H
#define _GMG_PMTU_H

#include <linux/skbuff.h>

int gmg_pmtu_error4(struct sk_buff *skb, u32 mtu);
int gmg_pmtu_error6(struct sk_buff *skb, u8 type, int offset, __be32 info);

#endif /* _GMG_PMTU_H */
