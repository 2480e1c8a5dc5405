/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: trace events.  No packet contents and no keys in them. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gmgate

#if !defined(_GMG_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _GMG_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <net/net_namespace.h>

#include <linux/gmgate.h>

#include "names-gen.h"

/* Make the numbers known to user space, for the names in the format file. */
#define GMG_TRACE_DEFINE(ident, name) TRACE_DEFINE_ENUM(ident);
GMG_DROP_NAMES(GMG_TRACE_DEFINE)
#undef GMG_TRACE_DEFINE

#define GMG_TRACE_NAME(ident, name) { ident, name },
#define GMG_TRACE_LAST(ident, name) { ident, name }

TRACE_EVENT(gmgate_drop,
	TP_PROTO(const struct net *net, const struct sk_buff *skb, u32 set,
		 u32 spi, u32 reason),
	TP_ARGS(net, skb, set, spi, reason),

	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(unsigned int, netns)
		__field(u32, set)
		__field(u32, spi)
		__field(u32, len)
		__field(u32, reason)
	),

	TP_fast_assign(
		__entry->skb = skb;
		__entry->netns = net->ns.inum;
		__entry->set = set;
		__entry->spi = spi;
		__entry->len = skb->len;
		__entry->reason = reason;
	),

	TP_printk("reason=%s set=%u spi=0x%08x len=%u netns=%u skb=%p",
		  __print_symbolic(__entry->reason,
				   GMG_DROP_NAMES_SEP(GMG_TRACE_NAME,
						      GMG_TRACE_LAST)),
		  __entry->set, __entry->spi, __entry->len, __entry->netns,
		  __entry->skb)
);

/* Verified and bound, or sealed: len is that of the plain packet. */
DECLARE_EVENT_CLASS(gmgate_packet,
	TP_PROTO(const struct net *net, const struct sk_buff *skb, u32 set,
		 u32 spi, u32 seq, u32 len),
	TP_ARGS(net, skb, set, spi, seq, len),

	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(unsigned int, netns)
		__field(u32, set)
		__field(u32, spi)
		__field(u32, seq)
		__field(u32, len)
	),

	TP_fast_assign(
		__entry->skb = skb;
		__entry->netns = net->ns.inum;
		__entry->set = set;
		__entry->spi = spi;
		__entry->seq = seq;
		__entry->len = len;
	),

	TP_printk("set=%u spi=0x%08x seq=%u len=%u netns=%u skb=%p",
		  __entry->set, __entry->spi, __entry->seq, __entry->len,
		  __entry->netns, __entry->skb)
);

DEFINE_EVENT(gmgate_packet, gmgate_in,
	TP_PROTO(const struct net *net, const struct sk_buff *skb, u32 set,
		 u32 spi, u32 seq, u32 len),
	TP_ARGS(net, skb, set, spi, seq, len)
);

DEFINE_EVENT(gmgate_packet, gmgate_out,
	TP_PROTO(const struct net *net, const struct sk_buff *skb, u32 set,
		 u32 spi, u32 seq, u32 len),
	TP_ARGS(net, skb, set, spi, seq, len)
);

#endif /* _GMG_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
