// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: multicast events. */
#include "event.h"

#include "endpoint.h"
#include "net.h"
#include "netlink.h"
#include "netlink-gen.h"
#include "set.h"

/*
 * All attributes of a note.  No more, since a listener's buffer is charged for
 * the room, and an operator who deletes many sets fills it.
 */
#define EVENT_SIZE (5 * nla_total_size(sizeof(u32)) +			\
		    nla_total_size_64bit(sizeof(u64)) +			\
		    nla_total_size(sizeof(struct in6_addr)))

static int fill(struct sk_buff *msg, const struct gmg_endpoint *ep,
		const struct gmg_set *set, enum gmgate_event event,
		__be32 spi, const struct in6_addr *from)
{
	return nla_put_u32(msg, GMGATE_NOTE_ATTR_EVENT, event) ?:
	       nla_put_u32(msg, GMGATE_NOTE_ATTR_ENDPOINT, ep->id) ?:
	       nla_put_u32(msg, GMGATE_NOTE_ATTR_INSTANCE, ep->instance) ?:
	       (set ? nla_put_u32(msg, GMGATE_NOTE_ATTR_SET, set->id) ?:
		      nla_put_u64_64bit(msg, GMGATE_NOTE_ATTR_COOKIE,
					READ_ONCE(set->cookie),
					GMGATE_NOTE_ATTR_PAD) : 0) ?:
	       (spi ? nla_put_u32(msg, GMGATE_NOTE_ATTR_SPI,
				  be32_to_cpu(spi)) : 0) ?:
	       (from ? nla_put(msg, GMGATE_NOTE_ATTR_ADDR, gmg_addr_len(from),
			       gmg_addr_bytes(from)) : 0);
}

static void send(struct gmg_net *gn, const struct gmg_endpoint *ep,
		 const struct gmg_set *set, enum gmgate_event event,
		 __be32 spi, const struct in6_addr *from)
{
	struct sk_buff *msg;
	void *hdr;

	if (!genl_has_listeners(&gmg_nl_family, gn->net, GMG_NL_MCGRP_EVENTS))
		return;
	msg = genlmsg_new(EVENT_SIZE, GFP_ATOMIC);
	if (!msg)
		return;
	hdr = genlmsg_put(msg, 0, 0, &gmg_nl_family, 0, GMGATE_CMD_EVENT);
	if (!hdr || fill(msg, ep, set, event, spi, from)) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&gmg_nl_family, gn->net, msg, 0,
				GMG_NL_MCGRP_EVENTS, GFP_ATOMIC);
}

/**
 * gmg_event_set - tell of something that happened to a set
 * @gn: namespace
 * @set: the set
 * @event: what; it happens once or so in a set's life
 * @spi: SA it happened to, or 0
 *
 * Context: any; RCU or gmg_net.lock for the set.
 */
void gmg_event_set(struct gmg_net *gn, const struct gmg_set *set,
		   enum gmgate_event event, __be32 spi)
{
	send(gn, set->ep, set, event, spi, NULL);
}

/**
 * gmg_event_icv - tell of a failed integrity check, at a limited rate
 * @gn: namespace
 * @set: set of the SPI
 * @spi: in the packet
 * @from: source address of the packet
 *
 * Context: softirq, RCU.
 */
void gmg_event_icv(struct gmg_net *gn, const struct gmg_set *set, __be32 spi,
		   const struct in6_addr *from)
{
	if (__ratelimit(&gn->icv_limit))
		send(gn, set->ep, set, GMGATE_EVENT_ICV_FAIL, spi, from);
}

/**
 * gmg_event_unknown_spi - tell of ESP in our range without a set, at a
 * limited rate
 * @gn: namespace
 * @ep: endpoint it was sent to
 * @spi: in the packet
 * @from: source address of the packet
 *
 * Context: softirq, RCU.
 */
void gmg_event_unknown_spi(struct gmg_net *gn, const struct gmg_endpoint *ep,
			   __be32 spi, const struct in6_addr *from)
{
	if (__ratelimit(&gn->spi_limit))
		send(gn, ep, NULL, GMGATE_EVENT_UNKNOWN_SPI, spi, from);
}
