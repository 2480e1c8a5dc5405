// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the way out.
 *
 * 1. gmg_output_hook(), last in LOCAL_OUT: is the source protected, is the
 *    sender the endpoint's user, which set sends?  A refusal is the sender's
 *    errno: nothing is ever sent in clear instead.
 * 2. POST_ROUTING sees the plain text; conntrack and NAT have it confirmed.
 * 3. send_protected(): large segments are split, checksums completed.
 * 4. seal_and_send(): sequence number, ESP, and out; fragments come after.
 *
 * NFQUEUE may hold a packet between 2 and 3, and NAT may change it, so 3 looks
 * the set up again unless nothing of that happened.
 *
 * A VRF has what its slaves send pass LOCAL_OUT and POST_ROUTING twice, first
 * with the VRF as the device.  The errno of a refusal would be lost there
 * (vrf_ip_out_direct()), so the first turn passes in plain, and the second one,
 * by the slave, is ours.  A VRF with a queueing discipline is the device of the
 * packet's route itself, until it has dequeued it and found another route:
 * there the first turn is ours, what leaves it is ESP, and the second turn
 * does not see a port any more.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "compat.h"
#include "endpoint.h"
#include "esp.h"
#include "esp_seal.h"
#include "event.h"
#include "gate.h"
#include "mss.h"
#include "scope.h"
#include "select.h"
#include "set.h"
#include "table.h"
#include "tap.h"
#include "trace.h"

#define SEQ_SOFT	BIT_ULL(31)

/* Whose packet is it?  The kernel's own sockets send RST and such. */
static bool foreign(const struct gmg_endpoint *ep, struct sock *sk)
{
	if (sk)
		sk = sk_to_full_sk(sk);
	if (!sk || !sk_fullsock(sk) || sk->sk_kern_sock)
		return false;
	return !uid_eq(sk->sk_uid, ep->uid);
}

static bool is_syn(const struct sk_buff *skb, const struct gmg_l4 *l4)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	if (l4->proto != IPPROTO_TCP)
		return false;
	th = skb_header_pointer(skb, l4->off, sizeof(buf), &buf);
	return th && th->syn && !th->ack;
}

/* The pair that a packet on crossed ports leaves on, or NULL. */
static struct gmg_pair *choose_crossed(struct gmg_net *gn,
				       const struct gmg_endpoint *ep,
				       const struct sk_buff *skb,
				       const struct gmg_l4 *l4, u32 id)
{
	struct gmg_set *set = gmg_table_by_id(gn, id);
	struct gmg_pair *from, *came_on;
	struct gmg_crossed c;
	unsigned int i;

	if (!set || !test_bit(GMG_SET_LIVE, &set->flags) || set->ep != ep ||
	    !ipv6_addr_equal(&set->ue, &l4->daddr))
		return NULL;
	for (i = 0; i < GMG_PAIRS; i++) {
		from = &set->pair[i];
		came_on = &set->pair[!i];
		if (from->local_port != l4->sport ||
		    came_on->ue_port != l4->dport)
			continue;
		c = (struct gmg_crossed){
			.tcp = l4->proto == IPPROTO_TCP,
			.opens = is_syn(skb, l4),
			.came_in = READ_ONCE(came_on->crossed),
			.expired = gmg_set_expired(set),
		};
		if (gmg_select_crossed(&c))
			return from;
	}
	return NULL;
}

/* The pair that sends (the table is in select.h), or NULL, and in @miss why. */
static struct gmg_pair *look_up(struct gmg_net *gn,
				const struct gmg_endpoint *ep,
				const struct gmg_l4 *l4, u32 id,
				struct gmg_select_miss *miss)
{
	struct gmg_pair *pair, *chosen = NULL;
	struct gmg_candidate c, best = { };
	struct rhlist_head *head, *pos;

	*miss = (struct gmg_select_miss){ };
	head = gmg_table_by_flow(gn, ep, &l4->daddr, l4->sport, l4->dport);
	rhl_for_each_entry_rcu(pair, pos, head, flow_node) {
		const struct gmg_set *set = pair->set;

		if (!test_bit(GMG_SET_LIVE, &set->flags)) {
			miss->gone = true;
			continue;
		}
		c.id = set->id;
		c.established = READ_ONCE(set->state) ==
				GMGATE_SET_STATE_ESTABLISHED;
		c.current_one = READ_ONCE(pair->current_one);
		c.expired = gmg_set_expired(set);
		c.born = set->born;
		gmg_select_missed(miss, &c, id);
		if (!gmg_select_prefers(chosen ? &best : NULL, &c, id))
			continue;
		chosen = pair;
		best = c;
	}
	return chosen;
}

/*
 * A set that takes the place of another is there, and may send, before the
 * other goes.  But to who is preempted in look_up() the new one may not have
 * been there, or not promoted yet, when the old one is gone at last: a flow
 * that has a set at every moment must not be refused for that.  Who saw one
 * that is gone looks again, and sees all that was done before it went.  Once is
 * enough, unless the new one is replaced as well meanwhile.
 */
static struct gmg_pair *look_again(struct gmg_net *gn,
				   const struct gmg_endpoint *ep,
				   const struct gmg_l4 *l4,
				   struct gmg_select_miss *miss)
{
	struct gmg_pair *chosen = NULL;
	unsigned int looks;

	for (looks = 0; !chosen && miss->gone && looks < 4; looks++) {
		smp_rmb();	/* pairs with the barrier in gmg_set_remove() */
		chosen = look_up(gn, ep, l4, 0, miss);
	}
	return chosen;
}

static enum gmgate_drop choose(struct gmg_net *gn, const struct gmg_endpoint *ep,
			       const struct sk_buff *skb,
			       const struct gmg_l4 *l4,
			       struct gmg_pair **chosen)
{
	u32 id = gmg_mark_get(ep, skb->mark);
	struct gmg_select_miss miss;

	*chosen = look_up(gn, ep, l4, id, &miss);
	if (unlikely(!*chosen && miss.gone) && !id)
		*chosen = look_again(gn, ep, l4, &miss);
	if (!*chosen && id && ep->flags & GMGATE_ENDPOINT_FLAGS_RELAXED)
		*chosen = choose_crossed(gn, ep, skb, l4, id);
	if (*chosen)
		return 0;
	if (miss.expired)
		return GMGATE_DROP_OUT_EXPIRED;
	return id ? GMGATE_DROP_OUT_MARK : GMGATE_DROP_OUT_NO_SET;
}

static bool too_big(const struct sk_buff *skb, const struct gmg_keys *keys,
		    const struct gmg_l4 *l4)
{
	const struct gmg_esp_shape *shape = &keys->suite->shape;
	u32 payload = skb->len - l4->off, len;

	if (skb_is_gso(skb))
		return false;	/* it is split first */
	len = skb->len + gmg_esp_before(shape) + gmg_esp_behind(shape, payload);
	if (ip_hdr(skb)->version == 6)
		len -= sizeof(struct ipv6hdr);
	return len > GMG_IP_MAX;
}

/* Once for a set: the agent has to do something about the whole of it. */
static void tell_seq(struct gmg_net *gn, struct gmg_pair *pair, int flag,
		     enum gmgate_event event)
{
	if (!test_and_set_bit(flag, &pair->set->flags))
		gmg_event_set(gn, pair->set, event, pair->spi_out);
}

/* Nothing more can be sent: the sender is to notice. */
static bool seq_exhausted(struct gmg_net *gn, struct gmg_pair *pair)
{
	if (likely(atomic64_read(&pair->seq) < U32_MAX))
		return false;
	tell_seq(gn, pair, GMG_SET_SEQ_HARD, GMGATE_EVENT_SEQ_HARD);
	return true;
}

/*
 * Of senders that race for the last numbers each gets another one or none: what
 * is taken back is only what was above the last.
 */
static bool take_seq(struct gmg_net *gn, struct gmg_pair *pair, u32 *seq)
{
	u64 n = atomic64_inc_return(&pair->seq);

	if (unlikely(n >= SEQ_SOFT)) {
		if (n > U32_MAX) {
			atomic64_dec(&pair->seq);
			tell_seq(gn, pair, GMG_SET_SEQ_HARD,
				 GMGATE_EVENT_SEQ_HARD);
			return false;
		}
		tell_seq(gn, pair, GMG_SET_SEQ_SOFT, GMGATE_EVENT_SEQ_SOFT);
	}
	*seq = n;
	return true;
}

/* Would the stack fragment its packets by the link's MTU, not the path's? */
static bool ignores_path(const struct sock *sk)
{
	const struct ipv6_pinfo *np = sk ? inet6_sk(sk) : NULL;

	return np && np->pmtudisc >= IPV6_PMTUDISC_PROBE;
}

/*
 * The sender does not know of ESP's octets.  What they make too long for the
 * path is fragmented, whatever DF says: ESP is for whole datagrams, fragments
 * come after it (RFC 4303 3.3.4).  The ID is a new one: with DF it may have
 * been 0, which fragments cannot share, and it was unique for UDP or TCP, not
 * for ESP.  A socket that probes the path for itself is not told of what
 * happens to its ESP, so it must not have it lost.
 */
static void allow_fragments(struct net *net, struct sk_buff *skb)
{
	const struct dst_entry *dst = skb_dst(skb);

	/* A VRF does not know the path that it will find. */
	if (skb->len <= dst_mtu(dst) && !netif_is_l3_master(dst->dev))
		return;
	skb->ignore_df = 1;
	if (ip_hdr(skb)->version == 4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->frag_off &= ~htons(IP_DF);
		__ip_select_ident(net, iph, 1);
		ip_send_check(iph);
	} else if (ignores_path(skb->sk)) {
		skb_orphan(skb);
	}
}

static void count_out(struct gmg_net *gn, struct gmg_pair *pair,
		      unsigned int bytes)
{
	this_cpu_inc(gn->stats->counter[GMGATE_COUNTER_OUT_PACKETS]);
	this_cpu_add(gn->stats->counter[GMGATE_COUNTER_OUT_BYTES], bytes);
	atomic64_add(bytes, &pair->out_bytes);
}

/* Consumes @skb. */
static int seal_and_send(struct gmg_net *gn, struct sock *sk,
			 struct sk_buff *skb, struct gmg_pair *pair,
			 const struct gmg_l4 *l4)
{
	const struct gmg_keys *keys = &pair->set->keys;
	unsigned int bytes = skb->len;
	enum gmgate_drop reason;
	u32 seq;

	reason = GMGATE_DROP_OUT_NO_MEMORY;
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		goto drop;
	reason = GMGATE_DROP_OUT_TOO_BIG;
	if (too_big(skb, keys, l4))
		goto drop;
	gmg_tap_out(gn, skb);
	reason = GMGATE_DROP_OUT_SEQ_EXHAUSTED;
	if (!take_seq(gn, pair, &seq))
		goto drop;
	reason = gmg_esp_seal(keys, skb, pair->spi_out,
			      pair - pair->set->pair, seq, l4->off, l4->nhoff,
			      NULL);
	if (reason)
		goto drop;

	allow_fragments(gn->net, skb);
	nf_reset_ct(skb);
	if (ip_hdr(skb)->version == 4)
		IPCB(skb)->flags |= IPSKB_REROUTED;
	else
		IP6CB(skb)->flags |= IP6SKB_REROUTED;
	count_out(gn, pair, bytes);
	trace_gmgate_out(gn->net, skb, pair->set->id,
			 be32_to_cpu(pair->spi_out), seq, bytes);
	return dst_output(gn->net, sk, skb);

drop:
	gmg_count_drop(gn, skb, pair->set, pair->spi_out, reason);
	kfree_skb(skb);
	return 0;
}

/* Consumes @skb. */
static int split_and_send(struct gmg_net *gn, struct sock *sk,
			  struct sk_buff *skb, struct gmg_pair *pair,
			  const struct gmg_l4 *l4)
{
	struct sk_buff *segs, *next;

	if (!skb_is_gso(skb)) {
		if (l4->proto == IPPROTO_TCP)
			gmg_mss_out(gn, skb, l4);
		return seal_and_send(gn, sk, skb, pair, l4);
	}
	gmg_mss_fit_gso(skb, &pair->set->keys.suite->shape, l4);
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		gmg_count_drop(gn, skb, pair->set, pair->spi_out,
			       GMGATE_DROP_OUT_NO_MEMORY);
		kfree_skb(skb);
		return 0;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, skb, next) {
		skb_mark_not_on_list(skb);
		seal_and_send(gn, sk, skb, pair, l4);
	}
	return 0;
}

/**
 * struct in_flight - what output() has found out about a packet that is inside
 * POST_ROUTING now, on this CPU
 * @skb: the packet, or NULL
 * @pair: SAs that send it
 * @l4: its addresses and ports then
 *
 * Set and taken back with BH off, so that it is this CPU's.  A packet that
 * NFQUEUE has held comes back when it is gone.
 */
struct in_flight {
	const struct sk_buff *skb;
	struct gmg_pair *pair;
	const struct gmg_l4 *l4;
};

static DEFINE_PER_CPU(struct in_flight, in_flight);

/* Is the packet still from and to where it was before POST_ROUTING? */
static bool unchanged(const struct sk_buff *skb, const struct gmg_l4 *l4)
{
	__be16 buf[2];
	const __be16 *ports = skb_header_pointer(skb, l4->off, sizeof(buf), buf);

	if (!ports || ports[0] != l4->sport || ports[1] != l4->dport)
		return false;
	if (ip_hdr(skb)->version == 4)
		return ip_hdr(skb)->saddr == l4->saddr.s6_addr32[3] &&
		       ip_hdr(skb)->daddr == l4->daddr.s6_addr32[3];
	return ipv6_addr_equal(&ipv6_hdr(skb)->saddr, &l4->saddr) &&
	       ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &l4->daddr);
}

/* What POST_ROUTING calls in the end.  Consumes @skb. */
static int send_protected(struct net *net, struct sock *sk,
			  struct sk_buff *skb)
{
	u8 pf = ip_hdr(skb)->version == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct gmg_net *gn = gmg_net(net);
	struct gmg_endpoint *ep = NULL;
	const struct in_flight *f;
	enum gmgate_drop reason;
	struct gmg_scope where;
	struct gmg_pair *pair;
	struct gmg_l4 l4;
	int ret = 0;

	f = raw_cpu_ptr(&in_flight);
	if (f->skb == skb && unchanged(skb, f->l4))
		return split_and_send(gn, sk, skb, f->pair, f->l4);

	rcu_read_lock();
	where = gmg_scope_of(skb_dst(skb)->dev);
	if (gmg_parse(skb, 0, pf, &l4) == GMG_PARSED_PORTS && !l4.unfit)
		ep = gmg_gate_protects(gn, &l4.saddr, l4.sport, &where);
	reason = GMGATE_DROP_OUT_NO_SET;
	/* else withdrawn meanwhile, or SNAT changed the source */
	if (ep && gmg_endpoint_open(ep, &where))
		reason = choose(gn, ep, skb, &l4, &pair);
	if (reason) {
		gmg_count_drop(gn, skb, NULL, 0, reason);
		kfree_skb(skb);
	} else {
		ret = split_and_send(gn, sk, skb, pair, &l4);
	}
	rcu_read_unlock();
	return ret;
}

/* Consumes @skb.  BH off. */
static void through_post_routing(struct sk_buff *skb, struct gmg_pair *pair,
				 const struct gmg_l4 *l4,
				 const struct nf_hook_state *state)
{
	struct in_flight *f, before;

	f = this_cpu_ptr(&in_flight);
	before = *f;
	*f = (struct in_flight){ .skb = skb, .pair = pair, .l4 = l4 };
	NF_HOOK(state->pf, NF_INET_POST_ROUTING, state->net, state->sk, skb,
		NULL, skb->dev, send_protected);
	*f = before;
}

static bool post_routing_hooked(struct net *net, u8 pf)
{
	return pf == NFPROTO_IPV4 ?
	       rcu_access_pointer(net->nf.hooks_ipv4[NF_INET_POST_ROUTING]) :
	       rcu_access_pointer(net->nf.hooks_ipv6[NF_INET_POST_ROUTING]);
}

/* The errno by which the sender notices; a TCP connect must fail at once. */
static int errno_of(const struct sk_buff *skb, const struct gmg_l4 *l4,
		    enum gmgate_drop reason)
{
	if (is_syn(skb, l4))
		return -ECONNREFUSED;
	switch (reason) {
	case GMGATE_DROP_OUT_FOREIGN_UID:
	case GMGATE_DROP_OUT_UNPARSABLE:
		return -EPERM;
	case GMGATE_DROP_OUT_TOO_BIG:
		return -EMSGSIZE;
	default:
		return -ENOKEY;
	}
}

static unsigned int refuse(struct gmg_net *gn, const struct sk_buff *skb,
			   const struct gmg_l4 *l4, enum gmgate_drop reason)
{
	gmg_count_drop(gn, skb, NULL, 0, reason);
	return NF_DROP_ERR(errno_of(skb, l4, reason));
}

/*
 * The endpoint of a packet.  @open: whether it may use it, or leaves by a
 * device for which the endpoint is closed: one of the same routing domain, or
 * one that a route leads to out of the domain of the sender's socket.
 */
static struct gmg_endpoint *find_endpoint(struct gmg_net *gn,
					  const struct sock *sk,
					  const struct gmg_l4 *l4,
					  const struct gmg_scope *where,
					  bool *open)
{
	struct gmg_scope of_sender;
	struct gmg_endpoint *ep;
	struct net_device *dev;

	*open = false;
	if (!gmg_gate_has_port(gn, l4->sport))
		return NULL;
	ep = gmg_endpoint_local(gn, &l4->saddr, l4->sport, where);
	if (ep) {
		*open = gmg_endpoint_open(ep, where);
		return ep;
	}
	if (!sk || !sk_fullsock(sk) || !READ_ONCE(sk->sk_bound_dev_if))
		return NULL;
	dev = dev_get_by_index_rcu(gn->net, READ_ONCE(sk->sk_bound_dev_if));
	if (!dev)
		return NULL;
	of_sender = gmg_scope_of(dev);
	return gmg_endpoint_local(gn, &l4->saddr, l4->sport, &of_sender);
}

static unsigned int output(struct gmg_net *gn, struct gmg_endpoint *ep,
			   bool open, struct sk_buff *skb,
			   const struct gmg_l4 *l4,
			   const struct nf_hook_state *state)
{
	struct gmg_pair *pair = NULL;
	enum gmgate_drop reason;

	if (foreign(ep, skb->sk ?: state->sk))
		return refuse(gn, skb, l4, GMGATE_DROP_OUT_FOREIGN_UID);
	if (l4->unfit)
		return refuse(gn, skb, l4, GMGATE_DROP_OUT_UNPARSABLE);
	reason = GMGATE_DROP_OUT_NO_SET;
	if (open)
		reason = choose(gn, ep, skb, l4, &pair);
	if (!reason && too_big(skb, &pair->set->keys, l4))
		reason = GMGATE_DROP_OUT_TOO_BIG;
	if (!reason && seq_exhausted(gn, pair))
		reason = GMGATE_DROP_OUT_SEQ_EXHAUSTED;
	if (reason)
		return refuse(gn, skb, l4, reason);

	skb->dev = skb_dst(skb)->dev;
	skb->protocol = state->pf == NFPROTO_IPV4 ? htons(ETH_P_IP) :
						    htons(ETH_P_IPV6);
	local_bh_disable();	/* the crypto has what it works with per CPU */
	if (post_routing_hooked(state->net, state->pf))
		through_post_routing(skb, pair, l4, state);
	else
		split_and_send(gn, state->sk, skb, pair, l4);
	local_bh_enable();
	return NF_STOLEN;
}

/**
 * gmg_output_hook - last in LOCAL_OUT: ESP, or a refusal, or none of ours
 * @priv: unused
 * @skb: plain packet, data at the IP header
 * @state: of netfilter
 *
 * Context: process or softirq, RCU.
 */
unsigned int gmg_output_hook(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct gmg_net *gn = gmg_net(state->net);
	struct gmg_endpoint *ep;
	struct gmg_scope where;
	struct gmg_l4 l4;
	bool open;

	where = gmg_scope_of(state->out);
	if (where.ifindex == where.vrf && skb_dst(skb)->dev != state->out)
		return NF_ACCEPT;	/* a VRF's first turn, see above */

	switch (gmg_parse(skb, skb_network_offset(skb), state->pf, &l4)) {
	case GMG_PARSED_OTHER:
		if (gmg_icmp_quotes(gn, skb, state->pf, &l4, &where)) {
			gmg_count_drop(gn, skb, NULL, 0, GMGATE_DROP_ICMP_OUT);
			return NF_DROP;
		}
		return NF_ACCEPT;
	case GMG_PARSED_HIDDEN:
		if (gmg_endpoint_addr(gn, &l4.saddr, 0, &where))
			return refuse(gn, skb, &l4, GMGATE_DROP_OUT_UNPARSABLE);
		return NF_ACCEPT;
	case GMG_PARSED_SHORT:
		return NF_ACCEPT;
	case GMG_PARSED_PORTS:
		break;
	}
	ep = find_endpoint(gn, skb->sk ?: state->sk, &l4, &where, &open);
	return ep ? output(gn, ep, open, skb, &l4, state) : NF_ACCEPT;
}
