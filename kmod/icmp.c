// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: ICMP errors that quote protected ports.
 *
 * Outgoing, such an error would carry what ESP has just protected; incoming,
 * it is forged, since on the wire there is nothing but ESP to quote.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>

#include "gate.h"

#define ICMP_HDR	8	/* of an error, both families */

static bool is_error(u8 pf, u8 proto, u8 type)
{
	if (pf == NFPROTO_IPV6)
		return proto == IPPROTO_ICMPV6 && !(type & ICMPV6_INFOMSG_MASK);
	if (proto != IPPROTO_ICMP)
		return false;
	switch (type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return true;
	default:
		return false;
	}
}

/**
 * gmg_icmp_quotes - does a packet quote a protected port?
 * @gn: namespace
 * @skb: packet
 * @pf: its family
 * @l4: its addresses and protocol
 * @where: where it came in or leaves
 *
 * Return: true for an ICMP error about a packet from or to a protected port,
 * or from or to a protected address where its ports cannot be read.
 */
bool gmg_icmp_quotes(struct gmg_net *gn, const struct sk_buff *skb, u8 pf,
		     const struct gmg_l4 *l4, const struct gmg_scope *where)
{
	struct gmg_l4 quoted;
	const u8 *type;
	u8 buf;

	if (l4->proto != IPPROTO_ICMP && l4->proto != IPPROTO_ICMPV6)
		return false;
	type = skb_header_pointer(skb, l4->off, sizeof(buf), &buf);
	if (!type || !is_error(pf, l4->proto, *type))
		return false;

	switch (gmg_parse(skb, l4->off + ICMP_HDR, pf, &quoted)) {
	case GMG_PARSED_PORTS:
		return gmg_gate_protects(gn, &quoted.saddr, quoted.sport,
					 where) ||
		       gmg_gate_protects(gn, &quoted.daddr, quoted.dport,
					 where);
	case GMG_PARSED_HIDDEN:
		return gmg_endpoint_addr(gn, &quoted.saddr, 0, where) ||
		       gmg_endpoint_addr(gn, &quoted.daddr, 0, where);
	default:
		return false;
	}
}
