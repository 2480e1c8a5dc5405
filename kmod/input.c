// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the way in.
 *
 * We stand before stock XFRM in the list of ESP handlers.  By here the stack
 * has put fragments together and found the packet to be ours to receive.
 *
 * 1. The SPI and the destination name one SA; none: -EINVAL, and the next
 *    handler, stock XFRM, has it.
 * 2. gmg_esp_open(): replay, ICV, decrypt.
 * 3. Is what was inside allowed on this SA?  Addresses, ports (TS 33.203 7.1).
 * 4. deliver.c: netfilter's LOCAL_IN where the endpoint wants it; whose socket
 *    would get it?  The mark says which set proved it, and the packet goes on to
 *    UDP or TCP in the same softirq: no second route lookup, no queue.
 */
#include "input.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/xfrm.h>

#include "bind.h"
#include "compat.h"
#include "deliver.h"
#include "endpoint.h"
#include "esp_open.h"
#include "event.h"
#include "mss.h"
#include "net.h"
#include "pmtu.h"
#include "set.h"
#include "table.h"
#include "tap.h"
#include "trace.h"

/* Before VTI (100), xfrm interfaces (10) and stock ESP (0). */
#define PRIORITY	200

struct opened {
	struct gmg_pair *pair;
	struct in6_addr saddr;
	struct in6_addr daddr;
	struct gmg_scope where;
	__be32 spi;
	u32 seq;
	u8 proto;
	bool crossed;
};

/* An SPI of our range that no set has: tell, and leave it to stock XFRM. */
static void unknown_spi(struct gmg_net *gn, const struct sk_buff *skb,
			const struct opened *o)
{
	const struct gmg_endpoint *ep;

	if (!o->spi)
		return;
	ep = gmg_endpoint_addr(gn, &o->daddr, be32_to_cpu(o->spi), &o->where);
	if (!ep)
		return;
	gmg_count_drop(gn, skb, NULL, o->spi, GMGATE_DROP_IN_UNKNOWN_SPI);
	gmg_event_unknown_spi(gn, ep, o->spi, &o->saddr);
}

static enum gmgate_drop open_packet(struct sk_buff *skb, struct opened *o,
				    unsigned int nhoff)
{
	const struct gmg_set *set = o->pair->set;
	enum gmgate_drop reason;

	if (gmg_set_expired(set))
		return GMGATE_DROP_IN_EXPIRED;
	if (!ipv6_addr_equal(&o->saddr, &set->ue))
		return GMGATE_DROP_IN_ADDRESS;
	reason = gmg_esp_open(&set->keys, o->pair, skb, &o->proto);
	if (reason)
		return reason;
	gmg_esp_strip(&set->keys, skb, o->proto, nhoff);
	return gmg_bind_check(skb, o->pair, o->proto, &o->crossed);
}

/* What the relaxed binding let in: over TCP it may be answered, see select.h. */
static void note_crossed(struct gmg_net *gn, const struct opened *o)
{
	this_cpu_inc(gn->stats->counter[GMGATE_COUNTER_IN_CROSSED]);
	if (o->proto == IPPROTO_TCP && !READ_ONCE(o->pair->crossed))
		WRITE_ONCE(o->pair->crossed, true);
}

/*
 * Return: 0 if the packet was ours and is gone, its protocol if it is to go
 * on, -EINVAL if it is not ours and untouched.
 */
static int input(struct gmg_net *gn, struct sk_buff *skb, struct opened *o,
		 u8 pf, unsigned int nhoff)
{
	enum gmgate_drop reason;
	struct gmg_set *set;

	o->pair = gmg_table_by_spi(gn, o->spi, &o->daddr, &o->where);
	if (!o->pair || !test_bit(GMG_SET_LIVE, &o->pair->set->flags)) {
		unknown_spi(gn, skb, o);
		return -EINVAL;
	}
	set = o->pair->set;
	reason = open_packet(skb, o, nhoff);
	if (reason)
		goto drop;

	trace_gmgate_in(gn->net, skb, set->id, be32_to_cpu(o->spi), o->seq,
			skb->len - skb_network_offset(skb));
	gmg_tap_in(gn, skb);
	gmg_set_verified(gn, o->pair);
	if (o->proto == IPPROTO_TCP)
		gmg_mss_in(gn, skb);
	if (set->ep->flags & GMGATE_ENDPOINT_FLAGS_LOCAL_IN) {
		skb->mark = gmg_mark_put(set->ep, skb->mark, set->id);
		if (!gmg_deliver_local_in(gn, skb, o->pair, pf, &o->proto))
			return 0;
	}
	reason = gmg_deliver_claim(gn, skb, o->pair, o->proto);
	if (reason)
		goto drop;
	if (unlikely(o->crossed))
		note_crossed(gn, o);
	return o->proto;

drop:
	if (reason == GMGATE_DROP_IN_ICV)
		gmg_event_icv(gn, set, o->spi, &o->saddr);
	gmg_count_drop(gn, skb, set, o->spi, reason);
	kfree_skb(skb);
	return 0;
}

static bool read_spi(struct sk_buff *skb, struct opened *o)
{
	if (!pskb_may_pull(skb, GMG_ESP_HDR))
		return false;
	o->spi = get_unaligned((__be32 *)skb->data);
	o->seq = get_unaligned_be32(skb->data + 4);
	return true;
}

/* Return: as struct xfrm4_protocol wants it; -protocol to go on. */
static int input4(struct sk_buff *skb)
{
	struct gmg_net *gn = gmg_net(dev_net(skb->dev));
	struct opened o;
	int ret;

	if (!READ_ONCE(gn->hooked) || !read_spi(skb, &o))
		return -EINVAL;
	o.saddr = gmg_addr_v4(ip_hdr(skb)->saddr);
	o.daddr = gmg_addr_v4(ip_hdr(skb)->daddr);
	o.where = gmg_scope_in(skb, false);
	ret = input(gn, skb, &o, NFPROTO_IPV4, 0);
	if (ret <= 0)
		return ret;
	/* A stock policy for all traffic must not ask for its own SAs. */
	IPCB(skb)->flags |= IPSKB_NOPOLICY;
	return -ret;
}

/* Return: as struct xfrm6_protocol wants it; 1 to go on. */
static int input6(struct sk_buff *skb)
{
	struct gmg_net *gn = gmg_net(dev_net(skb->dev));
	struct opened o;
	int ret;

	if (!READ_ONCE(gn->hooked) || !read_spi(skb, &o))
		return -EINVAL;
	o.saddr = ipv6_hdr(skb)->saddr;
	o.daddr = ipv6_hdr(skb)->daddr;
	o.where = gmg_scope_in(skb, true);
	ret = input(gn, skb, &o, NFPROTO_IPV6, IP6CB(skb)->nhoff);
	return ret > 0 ? 1 : ret;
}

/* Encapsulated ESP is not for us (Annex M will be). */
static int input_encap(struct sk_buff *skb, int nexthdr, __be32 spi,
		       int encap_type)
{
	return -EINVAL;
}

/* "Not mine": 0 would hide stock packets from VTI and xfrm interfaces. */
static int rcv_cb(struct sk_buff *skb, int err)
{
	return 1;
}

static int error4(struct sk_buff *skb, u32 info)
{
	return gmg_pmtu_error4(skb, info);
}

static int error6(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type,
		  u8 code, int offset, __be32 info)
{
	return gmg_pmtu_error6(skb, type, offset, info);
}

static struct xfrm4_protocol esp4 = {
	.handler	= input4,
	.input_handler	= input_encap,
	.cb_handler	= rcv_cb,
	.err_handler	= error4,
	.priority	= PRIORITY,
};

static struct xfrm6_protocol esp6 = {
	.handler	= input6,
	.input_handler	= input_encap,
	.cb_handler	= rcv_cb,
	.err_handler	= error6,
	.priority	= PRIORITY,
};

/**
 * gmg_input_init - stand before stock XFRM
 *
 * Return: 0 or a negative errno.
 */
int gmg_input_init(void)
{
	int err;

	err = xfrm4_protocol_register(&esp4, IPPROTO_ESP);
	if (err)
		return err;
	err = xfrm6_protocol_register(&esp6, IPPROTO_ESP);
	if (err)
		xfrm4_protocol_deregister(&esp4, IPPROTO_ESP);
	return err;
}

/**
 * gmg_input_exit - undo gmg_input_init(); no packet is inside when it returns
 */
void gmg_input_exit(void)
{
	xfrm6_protocol_deregister(&esp6, IPPROTO_ESP);
	xfrm4_protocol_deregister(&esp4, IPPROTO_ESP);
}
