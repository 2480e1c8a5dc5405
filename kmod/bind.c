// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: binding of what was inside to the SA (RFC 4301 5.2). */
#include "bind.h"

#include <linux/in.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "endpoint.h"
#include "set.h"

/*
 * uc goes to ps and us to pc (TS 33.203 7.1).  The relaxed mode also takes
 * the crossed pairs, each on the SA of its source port; select.h has the table.
 */
static bool bound(const struct gmg_pair *pair, __be16 sport, __be16 dport,
		  bool *crossed)
{
	const struct gmg_set *set = pair->set;

	*crossed = false;
	if (sport != pair->ue_port)
		return false;
	if (dport == pair->local_port)
		return true;
	*crossed = set && set->ep->flags & GMGATE_ENDPOINT_FLAGS_RELAXED &&
		   (dport == set->pair[GMG_SERVER].local_port ||
		    dport == set->pair[GMG_CLIENT].local_port);
	return *crossed;
}

/**
 * gmg_bind_check - check header and ports of a decrypted packet
 * @skb: data at the payload of ESP, linear
 * @pair: pair of the SA it came on
 * @proto: protocol of the payload
 * @crossed: set to whether it is on a crossed pair, which relaxed lets in
 *
 * Return: 0, or the reason to drop it.
 */
enum gmgate_drop gmg_bind_check(const struct sk_buff *skb,
				const struct gmg_pair *pair, u8 proto,
				bool *crossed)
{
	const struct udphdr *uh = (const struct udphdr *)skb->data;
	const struct tcphdr *th = (const struct tcphdr *)skb->data;

	switch (proto) {
	case IPPROTO_UDP:
		if (skb->len < sizeof(*uh) || ntohs(uh->len) < sizeof(*uh) ||
		    ntohs(uh->len) > skb->len)
			return GMGATE_DROP_IN_INNER;
		break;
	case IPPROTO_TCP:
		if (skb->len < sizeof(*th) || th->doff * 4 < sizeof(*th) ||
		    th->doff * 4 > skb->len)
			return GMGATE_DROP_IN_INNER;
		break;
	default:
		return GMGATE_DROP_IN_NEXT_HEADER;
	}
	/* The ports are at the same place in both. */
	return bound(pair, uh->source, uh->dest, crossed) ?
	       0 : GMGATE_DROP_IN_BINDING;
}
