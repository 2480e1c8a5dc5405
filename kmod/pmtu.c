// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the path MTU to a UE, learned from ICMP errors about our ESP.
 *
 * Anybody can send an ICMP error, from any address: a router's is not known.
 * It is believed when it quotes what a stranger does not know, the SPI of an
 * SA we send on and a number that it used lately, and when it makes sense: the
 * quoted packet is longer than the MTU it is said to exceed, and the MTU is one
 * that links have (RFC 4301 8.2.1, RFC 8201 4).  The route's MTU then falls,
 * as it does for stock ESP: later packets are fragmented to it, and TCP follows
 * (mss.h).
 */
#include "pmtu.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "compat.h"
#include "endpoint.h"
#include "esp.h"
#include "net.h"
#include "set.h"
#include "table.h"

/* Packets that may be on their way when the error comes back. */
#define RECENT		65536

/* Pairs looked at: a UE's SPIs are its own choice, it may have many sets. */
#define MOST_PAIRS	16

static bool sent_lately(struct gmg_pair *pair, u32 seq)
{
	u64 last = atomic64_read(&pair->seq);

	return seq && seq <= last && last - seq < RECENT;
}

/* Is it a packet of ours?  @esp: SPI and sequence number; @skb: the error. */
static bool ours(const struct sk_buff *skb, bool v6, const u8 *esp,
		 const struct in6_addr *local, const struct in6_addr *ue)
{
	__be32 spi = get_unaligned((const __be32 *)esp);
	struct gmg_net *gn = gmg_net(dev_net(skb->dev));
	struct gmg_scope where = gmg_scope_in(skb, v6);
	struct rhlist_head *head, *pos;
	unsigned int left = MOST_PAIRS;
	struct gmg_pair *pair;

	if (!READ_ONCE(gn->hooked))
		return false;
	head = gmg_table_by_peer(gn, ue, spi);
	rhl_for_each_entry_rcu(pair, pos, head, peer_node) {
		if (!left--)
			break;
		if (test_bit(GMG_SET_LIVE, &pair->set->flags) &&
		    ipv6_addr_equal(&pair->set->ep->addr, local) &&
		    gmg_endpoint_open(pair->set->ep, &where) &&
		    sent_lately(pair, get_unaligned_be32(esp + 4)))
			return true;
	}
	return false;
}

static void learned(struct net *net)
{
	this_cpu_inc(gmg_net(net)->stats->counter[GMGATE_COUNTER_PMTU_LEARNED]);
}

/**
 * gmg_pmtu_error4 - an ICMP error that quotes ESP over IPv4
 * @skb: data at the quoted IP header; it and 8 octets more are linear
 * @mtu: that it tells
 *
 * Context: softirq, RCU.
 * Return: 0 if it was about our packet, -ENOENT if others may want it.
 */
int gmg_pmtu_error4(struct sk_buff *skb, u32 mtu)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	struct in6_addr local, ue;

	if (icmp_hdr(skb)->type != ICMP_DEST_UNREACH ||
	    icmp_hdr(skb)->code != ICMP_FRAG_NEEDED ||
	    iph->frag_off & htons(IP_OFFSET))
		return -ENOENT;
	local = gmg_addr_v4(iph->saddr);
	ue = gmg_addr_v4(iph->daddr);
	if (!ours(skb, false, skb->data + iph->ihl * 4, &local, &ue))
		return -ENOENT;
	/* The stack would take a smaller one for the least and stop looking. */
	if (mtu < net->ipv4.ip_rt_min_pmtu || mtu >= ntohs(iph->tot_len))
		return 0;
	ipv4_update_pmtu(skb, net, mtu, l3mdev_master_ifindex_rcu(skb->dev),
			 IPPROTO_ESP);
	learned(net);
	return 0;
}

/**
 * gmg_pmtu_error6 - an ICMPv6 error that quotes ESP
 * @skb: data at the quoted IP header; linear up to 8 octets of ESP
 * @type: of the error
 * @offset: where the quoted ESP is
 * @info: MTU that it tells
 *
 * Context: softirq, RCU.
 * Return: 0 if it was about our packet, -ENOENT if others may want it.
 */
int gmg_pmtu_error6(struct sk_buff *skb, u8 type, int offset, __be32 info)
{
	const struct ipv6hdr *iph = (const struct ipv6hdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	u32 mtu = ntohl(info);

	if (type != ICMPV6_PKT_TOOBIG ||
	    !ours(skb, true, skb->data + offset, &iph->saddr,
		  &iph->daddr))
		return -ENOENT;
	if (mtu < IPV6_MIN_MTU ||
	    mtu >= sizeof(*iph) + ntohs(iph->payload_len))
		return 0;
	ip6_update_pmtu(skb, net, info, l3mdev_master_ifindex_rcu(skb->dev), 0,
			sock_net_uid(net, NULL));
	learned(net);
	return 0;
}
