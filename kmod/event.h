/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: multicast events.  Hints: a listener that lost some dumps. */
#ifndef _GMG_EVENT_H
#define _GMG_EVENT_H

#include <linux/types.h>
#include <linux/gmgate.h>

struct gmg_endpoint;
struct gmg_net;
struct gmg_set;
struct in6_addr;

void gmg_event_set(struct gmg_net *gn, const struct gmg_set *set,
		   enum gmgate_event event, __be32 spi);
void gmg_event_icv(struct gmg_net *gn, const struct gmg_set *set, __be32 spi,
		   const struct in6_addr *from);
void gmg_event_unknown_spi(struct gmg_net *gn, const struct gmg_endpoint *ep,
			   __be32 spi, const struct in6_addr *from);

#endif /* _GMG_EVENT_H */
