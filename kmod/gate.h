/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the gate: nothing reaches a protected port, or leaves it, except
 * through the right SA.
 *
 *	PRE_ROUTING	IPv6 fragments are put together (nf_defrag_ipv6)
 *	LOCAL_IN	clear text to a protected port is dropped: what came in
 *			ESP is delivered behind this hook, see input.c, or
 *			passes it once, see deliver.c
 *	LOCAL_OUT	first: flows of protected ports are not tracked, their
 *			TCP sockets leave room for ESP;
 *			last: they take their SA or are refused, see output.c
 *	both		ICMP errors that quote a protected port are dropped
 */
#ifndef _GMG_GATE_H
#define _GMG_GATE_H

#include <linux/bitops.h>
#include <linux/netfilter.h>

#include "endpoint.h"
#include "net.h"
#include "parse.h"

int gmg_gate_hook(struct gmg_net *gn);
void gmg_gate_unhook(struct gmg_net *gn);
void gmg_gate_drop_queued(struct gmg_net *gn);
int gmg_gate_defrag(struct gmg_net *gn);
void gmg_gate_undefrag(struct gmg_net *gn);

bool gmg_icmp_quotes(struct gmg_net *gn, const struct sk_buff *skb, u8 pf,
		     const struct gmg_l4 *l4, const struct gmg_scope *where);

unsigned int gmg_output_hook(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);

/* The cheap question first: has any endpoint this port? */
static inline bool gmg_gate_has_port(struct gmg_net *gn, __be16 port)
{
	return test_bit(ntohs(port), gn->ports);
}

/* the endpoint that protects an address and port; see gmg_endpoint_local() */
static inline struct gmg_endpoint *
gmg_gate_protects(struct gmg_net *gn, const struct in6_addr *addr, __be16 port,
		  const struct gmg_scope *where)
{
	if (!gmg_gate_has_port(gn, port))
		return NULL;
	return gmg_endpoint_local(gn, addr, port, where);
}

#endif /* _GMG_GATE_H */
