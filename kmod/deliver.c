// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: delivery of a verified packet.
 *
 * Usually a packet goes on to UDP or TCP at once.  Where the endpoint has the
 * flag local-in, it first meets netfilter's LOCAL_IN once more, in plain text,
 * for hosts that filter there:
 *
 *	ESP -> LOCAL_IN -> input.c -> LOCAL_IN -> UDP, TCP
 *	       (as ESP)               (as SIP)
 *
 * Our own gate, first in LOCAL_IN, drops plain text to a protected port; it
 * lets pass the one packet that this CPU is sending through, and that once.
 * Nothing tracks the packet: conntrack would call it invalid, since it has seen
 * ESP only.
 *
 * Rules may drop, count, log, mark and queue.  What they change in addresses or
 * ports would undo the binding to the SA, so that such a packet is dropped.  The
 * bits of the mark that are the set id are put back; a packet that NFQUEUE held
 * is judged by them, since nothing else tells whose it is.
 *
 * A queued packet holds a pointer to held(), code of this module.  It is safe:
 * packets are sent through only on behalf of a live set, whose endpoint pins the
 * module.  When the last endpoint of a namespace goes, gmg_gate_unhook() waits
 * until no CPU is inside, and then has the kernel drop everything that is queued
 * in the namespace, whoever's hook it was.  A verdict that came at the same time
 * runs held() under RCU, and the module's exit waits for that in turn.
 */
#include "deliver.h"

#include <linux/netfilter.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/protocol.h>

#include "bind.h"
#include "endpoint.h"
#include "gate.h"
#include "net.h"
#include "owner.h"
#include "parse.h"
#include "set.h"
#include "table.h"

/* The packet that this CPU sends through LOCAL_IN; written with BH off. */
static DEFINE_PER_CPU(const struct sk_buff *, passing);

/**
 * gmg_deliver_passes - is this decrypted packet on its way through LOCAL_IN?
 * @skb: packet for a protected port that has met the gate
 *
 * True once for each packet: who passes our gate a second time has been
 * somewhere else between.
 *
 * Context: any, RCU.
 */
bool gmg_deliver_passes(const struct sk_buff *skb)
{
	if (this_cpu_read(passing) != skb)
		return false;
	this_cpu_write(passing, NULL);
	return true;
}

static void count_in(struct gmg_net *gn, struct gmg_pair *pair,
		     const struct sk_buff *skb)
{
	unsigned int bytes = skb->len - skb_network_offset(skb);

	this_cpu_inc(gn->stats->counter[GMGATE_COUNTER_IN_PACKETS]);
	this_cpu_add(gn->stats->counter[GMGATE_COUNTER_IN_BYTES], bytes);
	atomic64_add(bytes, &pair->in_bytes);
}

/**
 * gmg_deliver_claim - the last step before UDP or TCP gets a packet
 * @gn: namespace
 * @skb: verified, data at the transport header
 * @pair: pair that verified it
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 *
 * Finds its socket and checks whose it is, marks it with the set, counts it.
 *
 * Context: softirq or BH off, RCU.
 * Return: 0, or the reason to drop it; the packet stays the caller's.
 */
enum gmgate_drop gmg_deliver_claim(struct gmg_net *gn, struct sk_buff *skb,
				   struct gmg_pair *pair, u8 proto)
{
	const struct gmg_set *set = pair->set;
	enum gmgate_drop reason;

	reason = gmg_owner_claim(skb, set, proto);
	if (reason)
		return reason;
	skb->mark = gmg_mark_put(set->ep, skb->mark, set->id);
	nf_reset_ct(skb);
	count_in(gn, pair, skb);
	return 0;
}

/*
 * Is the packet, data at its IP header, still what the SA may carry?  If so,
 * its data is at the transport header then.
 */
static bool still_bound(struct sk_buff *skb, const struct gmg_pair *pair,
			const struct gmg_l4 *l4)
{
	const struct gmg_set *set = pair->set;
	bool crossed;
	unsigned int head = l4->proto == IPPROTO_TCP ? sizeof(struct tcphdr) :
						       sizeof(struct udphdr);

	if (!ipv6_addr_equal(&l4->saddr, &set->ue) ||
	    !ipv6_addr_equal(&l4->daddr, &set->ep->addr) ||
	    l4->off != skb_network_header_len(skb) ||
	    !pskb_may_pull(skb, l4->off + head))
		return false;
	__skb_pull(skb, l4->off);
	return !gmg_bind_check(skb, pair, l4->proto, &crossed);
}

/* Whose packet NFQUEUE has held: its mark says, its addresses must agree. */
static struct gmg_pair *find_pair(struct gmg_net *gn, const struct sk_buff *skb,
				  u8 pf, const struct gmg_l4 *l4)
{
	struct gmg_scope where = gmg_scope_in(skb, pf == NFPROTO_IPV6);
	struct gmg_endpoint *ep;
	struct gmg_set *set;
	unsigned int i;

	ep = gmg_gate_protects(gn, &l4->daddr, l4->dport, &where);
	if (!ep || !gmg_endpoint_open(ep, &where))
		return NULL;
	set = gmg_table_by_id(gn, gmg_mark_get(ep, skb->mark));
	if (!set || !test_bit(GMG_SET_LIVE, &set->flags) || set->ep != ep ||
	    gmg_set_expired(set))
		return NULL;
	for (i = 0; i < GMG_PAIRS; i++)
		if (set->pair[i].ue_port == l4->sport)
			return &set->pair[i];
	return NULL;
}

/**
 * gmg_deliver_to - hand a packet to UDP or TCP
 * @skb: verified, or made of one that was; data at the transport header;
 *	consumed: a handler leaves alone only what is another protocol's
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 *
 * Context: softirq or BH off, RCU.
 */
void gmg_deliver_to(struct sk_buff *skb, u8 proto)
{
	const struct inet6_protocol *p6;
	const struct net_protocol *p4;

	if (ip_hdr(skb)->version == 4) {
		p4 = rcu_dereference(inet_protos[proto]);
		if (!p4 || p4->handler(skb) < 0)
			kfree_skb(skb);
	} else {
		p6 = rcu_dereference(inet6_protos[proto]);
		if (!p6 || p6->handler(skb) > 0)
			kfree_skb(skb);
	}
}

/*
 * What netfilter calls for a packet that was queued, and for no other.  Its
 * set may have been deleted meanwhile, its endpoint withdrawn.  Consumes @skb.
 */
static int held(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	u8 pf = ip_hdr(skb)->version == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	enum gmgate_drop reason = GMGATE_DROP_IN_STALE;
	struct gmg_net *gn = gmg_net(net);
	struct gmg_pair *pair = NULL;
	struct gmg_l4 l4;

	rcu_read_lock();
	local_bh_disable();
	if (gmg_parse(skb, 0, pf, &l4) == GMG_PARSED_PORTS)
		pair = find_pair(gn, skb, pf, &l4);
	if (pair && still_bound(skb, pair, &l4))
		reason = gmg_deliver_claim(gn, skb, pair, l4.proto);
	if (reason) {
		gmg_count_drop(gn, skb, pair ? pair->set : NULL, 0, reason);
		kfree_skb(skb);
	} else {
		gmg_deliver_to(skb, l4.proto);
	}
	local_bh_enable();
	rcu_read_unlock();
	return 0;
}

static int through_local_in(struct gmg_net *gn, struct sk_buff *skb, u8 pf)
{
	const struct sk_buff *before;
	int ret;

	local_bh_disable();
	before = this_cpu_read(passing);
	this_cpu_write(passing, skb);
	ret = nf_hook(pf, NF_INET_LOCAL_IN, gn->net, NULL, skb, skb->dev, NULL,
		      held);
	this_cpu_write(passing, before);
	local_bh_enable();
	return ret;
}

/**
 * gmg_deliver_local_in - send a verified packet through LOCAL_IN
 * @gn: namespace
 * @skb: its mark names the set, data at the transport header
 * @pair: pair that verified it
 * @pf: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto: IPPROTO_UDP or IPPROTO_TCP; set to what it is afterwards
 *
 * Context: softirq, RCU.
 * Return: true if it is to go on; false if it is gone: dropped, or queued.
 */
bool gmg_deliver_local_in(struct gmg_net *gn, struct sk_buff *skb,
			  struct gmg_pair *pair, u8 pf, u8 *proto)
{
	struct gmg_l4 l4;

	skb_orphan(skb);
	nf_reset_ct(skb);	/* the connection that was ESP's */
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
	/* Also for one that is queued; see input4(). */
	if (pf == NFPROTO_IPV4)
		IPCB(skb)->flags |= IPSKB_NOPOLICY;
	__skb_push(skb, -skb_network_offset(skb));
	if (through_local_in(gn, skb, pf) != 1)
		return false;

	if (gmg_parse(skb, 0, pf, &l4) == GMG_PARSED_PORTS &&
	    still_bound(skb, pair, &l4)) {
		*proto = l4.proto;
		return true;
	}
	gmg_count_drop(gn, skb, pair->set, pair->spi_in, GMGATE_DROP_IN_STALE);
	kfree_skb(skb);
	return false;
}
