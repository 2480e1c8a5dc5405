/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: per-namespace counters, and the one place where a packet's drop is
 * accounted for.
 */
#ifndef _GMG_STATS_H
#define _GMG_STATS_H

#include <linux/percpu.h>
#include <linux/skbuff.h>
#include <linux/gmgate.h>

struct gmg_net;
struct gmg_set;

struct gmg_stats {
	u64 counter[__GMGATE_COUNTER_MAX];
	u64 drop[__GMGATE_DROP_MAX];
};

u64 gmg_stats_counter(const struct gmg_net *gn, enum gmgate_counter counter);
u64 gmg_stats_drop(const struct gmg_net *gn, enum gmgate_drop reason);

void gmg_count_drop(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct gmg_set *set, __be32 spi,
		    enum gmgate_drop reason);

#endif /* _GMG_STATS_H */
