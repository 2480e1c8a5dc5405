// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: the hooks, and what comes in through them. */
#include "gate.h"

#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>

#include "deliver.h"
#include "mss.h"

/* Exported by the kernel, but declared for its own files only. */
void nf_queue_nf_hook_drop(struct net *net);

static unsigned int refuse(struct gmg_net *gn, const struct sk_buff *skb,
			   enum gmgate_drop reason)
{
	gmg_count_drop(gn, skb, NULL, 0, reason);
	return NF_DROP;
}

static unsigned int in_hook(void *priv, struct sk_buff *skb,
			    const struct nf_hook_state *state)
{
	struct gmg_scope where = gmg_scope_in(skb, state->pf == NFPROTO_IPV6);
	struct gmg_net *gn = gmg_net(state->net);
	struct gmg_l4 l4;

	switch (gmg_parse(skb, skb_network_offset(skb), state->pf, &l4)) {
	case GMG_PARSED_OTHER:
		if (gmg_icmp_quotes(gn, skb, state->pf, &l4, &where))
			return refuse(gn, skb, GMGATE_DROP_ICMP_IN);
		break;
	case GMG_PARSED_PORTS:
		if (gmg_gate_protects(gn, &l4.daddr, l4.dport, &where) &&
		    !gmg_deliver_passes(skb))
			return refuse(gn, skb, GMGATE_DROP_CLEAR_IN);
		break;
	case GMG_PARSED_HIDDEN:
		if (gmg_endpoint_addr(gn, &l4.daddr, 0, &where))
			return refuse(gn, skb,
				      GMGATE_DROP_CLEAR_IN_UNPARSABLE);
		break;
	case GMG_PARSED_SHORT:
		break;	/* the stack refuses it */
	}
	return NF_ACCEPT;
}

/* Is there a conntrack at all on this machine? */
static bool tracking(void)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK)
	return rcu_access_pointer(nf_ct_hook);
#else
	return false;
#endif
}

/* Plainly so, without headers between; the IP header is linear on its way out. */
static bool is_udp(const struct sk_buff *skb, u8 pf)
{
	return (pf == NFPROTO_IPV4 ? ip_hdr(skb)->protocol :
				     ipv6_hdr(skb)->nexthdr) == IPPROTO_UDP;
}

/*
 * Before all others: TCP is still inside its transmission (mss.h).  Conntrack
 * would see the plain text of one direction only, and call the answers invalid.
 * A VRF has both of its turns untracked, see output.c.
 */
static unsigned int first_hook(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	struct gmg_scope where;
	struct gmg_l4 l4;

	if (!tracking() && is_udp(skb, state->pf))
		return NF_ACCEPT;
	/* Fragments made by hand IPv6 puts together yet, if they are tracked. */
	if (gmg_parse(skb, skb_network_offset(skb), state->pf, &l4) !=
	    GMG_PARSED_PORTS || l4.unfit || !gmg_gate_has_port(gn, l4.sport))
		return NF_ACCEPT;
	where = gmg_scope_of(state->out);
	if (!gmg_endpoint_local(gn, &l4.saddr, l4.sport, &where))
		return NF_ACCEPT;
	if (l4.proto == IPPROTO_TCP)
		gmg_mss_make_room(skb, &l4);
	if (tracking() && !skb_nfct(skb))
		nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook		= in_hook,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_FIRST,
	}, {
		.hook		= in_hook,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP6_PRI_FIRST,
	}, {
		.hook		= first_hook,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_FIRST,
	}, {
		.hook		= first_hook,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP6_PRI_FIRST,
	}, {
		.hook		= gmg_output_hook,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP_PRI_LAST,
	}, {
		.hook		= gmg_output_hook,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_OUT,
		.priority	= NF_IP6_PRI_LAST,
	},
};

/**
 * gmg_gate_hook - close the gate of a namespace
 * @gn: namespace; @gn->ports is there
 *
 * Context: process, gmg_net.lock.  Return: 0 or a negative errno.
 */
int gmg_gate_hook(struct gmg_net *gn)
{
	int err;

	err = nf_register_net_hooks(gn->net, hooks, ARRAY_SIZE(hooks));
	if (!err)
		WRITE_ONCE(gn->hooked, true);
	return err;
}

/**
 * gmg_gate_drop_queued - drop what NFQUEUE holds in a namespace
 * @gn: namespace
 *
 * For when an endpoint goes: what a queue holds in LOCAL_OUT would leave in
 * clear text then, since nothing protects it any more.  All that is queued is
 * dropped, as the kernel does itself when a hook goes.
 *
 * Context: process, gmg_net.lock, sleeps.
 */
void gmg_gate_drop_queued(struct gmg_net *gn)
{
	synchronize_net();
	nf_queue_nf_hook_drop(gn->net);
}

/**
 * gmg_gate_unhook - undo gmg_gate_hook()
 * @gn: namespace without endpoints
 *
 * When it returns, no packet is inside a hook, and none that NFQUEUE holds
 * will come back into output.c or deliver.c: the kernel drops all those of the
 * namespace when a hook goes, but a CPU that was still inside may queue one
 * after that.  They are dropped before, too: a packet that waits in LOCAL_IN
 * behind our hook knows its place by number, and the kernel warns when the
 * numbers no longer go so far.
 *
 * Context: process, gmg_net.lock, sleeps.
 */
void gmg_gate_unhook(struct gmg_net *gn)
{
	WRITE_ONCE(gn->hooked, false);
	gmg_gate_drop_queued(gn);
	nf_unregister_net_hooks(gn->net, hooks, ARRAY_SIZE(hooks));
	gmg_gate_drop_queued(gn);
}

/**
 * gmg_gate_defrag - have IPv6 fragments put together before LOCAL_IN
 * @gn: namespace
 *
 * IPv6 reassembles behind LOCAL_IN, where no hook sees the ports any more.
 *
 * Context: process, gmg_net.lock.  Return: 0 or a negative errno.
 */
int gmg_gate_defrag(struct gmg_net *gn)
{
	int err;

	if (gn->defragging)
		return 0;
	err = nf_defrag_ipv6_enable(gn->net);
	if (!err)
		gn->defragging = true;
	return err;
}

/**
 * gmg_gate_undefrag - undo gmg_gate_defrag()
 * @gn: namespace
 *
 * Context: process, gmg_net.lock.
 */
void gmg_gate_undefrag(struct gmg_net *gn)
{
	if (gn->defragging)
		nf_defrag_ipv6_disable(gn->net);
	gn->defragging = false;
}
