// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: reading addresses and ports. */
#include "parse.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "addr.h"

static enum gmg_parsed ports(const struct sk_buff *skb, struct gmg_l4 *l4)
{
	__be16 buf[2];
	const __be16 *p;

	if (l4->proto != IPPROTO_UDP && l4->proto != IPPROTO_TCP)
		return GMG_PARSED_OTHER;
	p = skb_header_pointer(skb, l4->off, sizeof(buf), buf);
	if (!p)
		return GMG_PARSED_HIDDEN;
	l4->sport = p[0];
	l4->dport = p[1];
	return GMG_PARSED_PORTS;
}

static enum gmg_parsed parse4(const struct sk_buff *skb, unsigned int off,
			      struct gmg_l4 *l4)
{
	const struct iphdr *iph;
	struct iphdr buf;

	iph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!iph)
		return GMG_PARSED_SHORT;
	l4->saddr = gmg_addr_v4(iph->saddr);
	l4->daddr = gmg_addr_v4(iph->daddr);
	l4->proto = iph->protocol;
	l4->off = off + iph->ihl * 4;
	if (iph->ihl < 5)
		return GMG_PARSED_HIDDEN;
	if (iph->frag_off & htons(IP_OFFSET))
		return l4->proto == IPPROTO_UDP || l4->proto == IPPROTO_TCP ?
		       GMG_PARSED_HIDDEN : GMG_PARSED_OTHER;
	return ports(skb, l4);
}

static enum gmg_parsed parse6(const struct sk_buff *skb, unsigned int off,
			      struct gmg_l4 *l4)
{
	const struct ipv6hdr *iph;
	struct ipv6hdr buf;
	__be16 frag_off;
	int at;

	iph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!iph)
		return GMG_PARSED_SHORT;
	l4->saddr = iph->saddr;
	l4->daddr = iph->daddr;
	l4->proto = iph->nexthdr;
	at = ipv6_skip_exthdr(skb, off + sizeof(buf), &l4->proto, &frag_off);
	/* Extension headers that end nowhere, or not the first fragment. */
	if (at < 0 || frag_off & htons(IP6_OFFSET))
		return GMG_PARSED_HIDDEN;
	l4->off = at;
	return ports(skb, l4);
}

/**
 * gmg_parse - read addresses and ports
 * @skb: packet, or ICMP error that quotes one
 * @off: offset of the IP header from skb->data
 * @pf: NFPROTO_IPV4 or NFPROTO_IPV6
 * @l4: filled in as far as the result says
 */
enum gmg_parsed gmg_parse(const struct sk_buff *skb, unsigned int off, u8 pf,
			  struct gmg_l4 *l4)
{
	return pf == NFPROTO_IPV4 ? parse4(skb, off, l4) :
				    parse6(skb, off, l4);
}
