/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: addresses and ports of a packet, whole or quoted in an ICMP error. */
#ifndef _GMG_PARSE_H
#define _GMG_PARSE_H

#include <linux/in6.h>
#include <linux/skbuff.h>

enum gmg_parsed {
	GMG_PARSED_OTHER,	/* neither UDP nor TCP; addresses and proto set */
	GMG_PARSED_PORTS,	/* UDP or TCP; everything set */
	GMG_PARSED_HIDDEN,	/* may be UDP or TCP; addresses set, no ports */
	GMG_PARSED_SHORT,	/* not even an IP header */
};

/**
 * struct gmg_l4 - what a packet says
 * @saddr: source
 * @daddr: destination
 * @sport: source port
 * @dport: destination port
 * @off: offset from skb->data of what is behind the IP header and all of its
 *	extension headers
 * @nhoff: IPv6: offset from skb->data of the octet that names what is at @off
 * @proto: transport protocol, or what else is at @off
 * @unfit: a fragment, or a packet with a source route still to go: what leaves
 *	like this cannot be put into ESP and arrive as one
 */
struct gmg_l4 {
	struct in6_addr saddr;
	struct in6_addr daddr;
	__be16 sport;
	__be16 dport;
	unsigned int off;
	unsigned int nhoff;
	u8 proto;
	bool unfit;
};

enum gmg_parsed gmg_parse(const struct sk_buff *skb, unsigned int off, u8 pf,
			  struct gmg_l4 *l4);

#endif /* _GMG_PARSE_H */
