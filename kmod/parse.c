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

/*
 * Is there a source route among the options?  Its packets are for the next hop
 * by their header, and for somebody else in the end.
 */
static bool source_route(const struct sk_buff *skb, unsigned int off,
			 unsigned int len)
{
	unsigned int at = 0;
	const u8 *o;
	u8 buf[40];

	o = skb_header_pointer(skb, off, len, buf);
	if (!o)
		return true;
	while (at < len && o[at] != IPOPT_END) {
		if (o[at] == IPOPT_NOOP) {
			at++;
			continue;
		}
		if (o[at] == IPOPT_LSRR || o[at] == IPOPT_SSRR ||
		    at + 1 == len || o[at + 1] < 2)
			return true;
		at += o[at + 1];
	}
	return false;
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
	l4->nhoff = 0;
	l4->off = off + iph->ihl * 4;
	l4->unfit = iph->frag_off & htons(IP_OFFSET | IP_MF);
	if (iph->ihl < 5)
		return GMG_PARSED_HIDDEN;
	if (iph->ihl > 5 && source_route(skb, off + sizeof(*iph),
					 (iph->ihl - 5) * 4))
		l4->unfit = true;
	if (iph->frag_off & htons(IP_OFFSET))
		return l4->proto == IPPROTO_UDP || l4->proto == IPPROTO_TCP ?
		       GMG_PARSED_HIDDEN : GMG_PARSED_OTHER;
	return ports(skb, l4);
}

/*
 * Walk the extension headers.  Return: false if they end nowhere, or where
 * another fragment would have to tell.
 */
static bool skip_exthdrs(const struct sk_buff *skb, struct gmg_l4 *l4)
{
	while (ipv6_ext_hdr(l4->proto)) {
		const struct ipv6_opt_hdr *hp;
		const struct frag_hdr *fh;
		struct frag_hdr buf;

		if (l4->proto == NEXTHDR_NONE)
			return false;
		fh = skb_header_pointer(skb, l4->off, sizeof(buf), &buf);
		if (!fh)
			return false;
		hp = (const struct ipv6_opt_hdr *)fh;
		l4->nhoff = l4->off;
		switch (l4->proto) {
		case NEXTHDR_FRAGMENT:
			if (fh->frag_off & htons(IP6_OFFSET))
				return false;
			if (fh->frag_off & htons(IP6_MF))
				l4->unfit = true;
			l4->off += sizeof(*fh);
			break;
		case NEXTHDR_ROUTING:
			if (((const struct ipv6_rt_hdr *)hp)->segments_left)
				l4->unfit = true;
			l4->off += ipv6_optlen(hp);
			break;
		case NEXTHDR_AUTH:
			l4->off += ipv6_authlen(hp);
			break;
		default:
			l4->off += ipv6_optlen(hp);
			break;
		}
		l4->proto = hp->nexthdr;
	}
	return true;
}

static enum gmg_parsed parse6(const struct sk_buff *skb, unsigned int off,
			      struct gmg_l4 *l4)
{
	const struct ipv6hdr *iph;
	struct ipv6hdr buf;

	iph = skb_header_pointer(skb, off, sizeof(buf), &buf);
	if (!iph)
		return GMG_PARSED_SHORT;
	l4->saddr = iph->saddr;
	l4->daddr = iph->daddr;
	l4->proto = iph->nexthdr;
	l4->unfit = false;
	l4->nhoff = off + offsetof(struct ipv6hdr, nexthdr);
	l4->off = off + sizeof(buf);
	return skip_exthdrs(skb, l4) ? ports(skb, l4) : GMG_PARSED_HIDDEN;
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
