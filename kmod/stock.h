/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: the host's other IPsec, where its SPIs and ours might clash. */
#ifndef _GMG_STOCK_H
#define _GMG_STOCK_H

#include <linux/types.h>

struct gmg_endpoint;
struct gmg_net;
struct netlink_ext_ack;

int gmg_stock_check(struct gmg_net *gn, struct gmg_endpoint *ep, __be32 spi_a,
		    __be32 spi_b, struct netlink_ext_ack *extack);

void gmg_stock_init(void);
void gmg_stock_exit(void);

#endif /* _GMG_STOCK_H */
