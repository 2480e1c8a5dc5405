// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: counters. */
#include "stats.h"

#include "net.h"
#include "set.h"
#include "trace.h"

/**
 * gmg_stats_counter - sum of a counter over all CPUs
 * @gn: namespace
 * @counter: which
 */
u64 gmg_stats_counter(const struct gmg_net *gn, enum gmgate_counter counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(gn->stats, cpu)->counter[counter]);
	return sum;
}

/**
 * gmg_stats_drop - sum of a drop counter over all CPUs
 * @gn: namespace
 * @reason: which
 */
u64 gmg_stats_drop(const struct gmg_net *gn, enum gmgate_drop reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(gn->stats, cpu)->drop[reason]);
	return sum;
}

static void count_for_set(struct gmg_set *set, enum gmgate_drop reason)
{
	switch (reason) {
	case GMGATE_DROP_IN_ICV:
		atomic_inc(&set->drops[GMG_SET_DROP_ICV]);
		break;
	case GMGATE_DROP_IN_REPLAY:
		atomic_inc(&set->drops[GMG_SET_DROP_REPLAY]);
		break;
	case GMGATE_DROP_IN_ADDRESS:
	case GMGATE_DROP_IN_BINDING:
		atomic_inc(&set->drops[GMG_SET_DROP_BINDING]);
		break;
	default:
		break;
	}
}

/**
 * gmg_count_drop - count a packet that is about to be dropped, and trace it
 * @gn: namespace
 * @skb: the packet; not freed here
 * @set: set it belongs to, or NULL
 * @spi: SPI in or for it, or 0
 * @reason: why
 *
 * Context: any.
 */
void gmg_count_drop(struct gmg_net *gn, const struct sk_buff *skb,
		    const struct gmg_set *set, __be32 spi,
		    enum gmgate_drop reason)
{
	this_cpu_inc(gn->stats->drop[reason]);
	if (set)
		count_for_set((struct gmg_set *)set, reason);
	trace_gmgate_drop(gn->net, skb, set ? set->id : 0, be32_to_cpu(spi),
			  reason);
}
