// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: whose socket gets a decrypted packet?
 *
 * A local process of another user may have bound a protected port before the
 * agent, share it, or hold a connected socket that matches better.  So the
 * socket is looked up here, its user compared, and the socket handed on with
 * the packet: UDP and TCP take it instead of looking again, as they do after
 * early demux.
 *
 * A TCP connection is of the set that its mark names: that of the SYN which it
 * was accepted from, or what its owner gave it before connecting.  Two sets may
 * have the same addresses and ports, above all those of a UE that has rebooted
 * without a word to its connections.  So:
 *
 *	segment proved by	for a connection of	result
 *	------------------	-------------------	-------------------------
 *	set X			X, or without a mark	delivered
 *	set Y, a SYN		X			the connection is reset
 *							here, the SYN goes on
 *	set Y, any other	X			drop, in-other-set
 *
 * Without the second line the UE could not connect again: the connection's
 * challenge ACK (RFC 5961 4) would leave under X, whose keys the UE has lost.
 * reset.c has how.  A SYN that comes while the connection's owner is at work on
 * it is dropped, and comes again.
 */
#include "owner.h"

#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "compat.h"
#include "endpoint.h"
#include "reset.h"
#include "set.h"

static struct sock *find_udp(struct net *net, struct sk_buff *skb)
{
	const struct udphdr *uh = udp_hdr(skb);

	if (ip_hdr(skb)->version == 4) {
		const struct iphdr *iph = ip_hdr(skb);

		return __udp4_lib_lookup(net, iph->saddr, uh->source,
					 iph->daddr, uh->dest, inet_iif(skb),
					 inet_sdif(skb), skb);
	}
	return __udp6_lib_lookup(net, &ipv6_hdr(skb)->saddr, uh->source,
				 &ipv6_hdr(skb)->daddr, uh->dest,
				 inet6_iif(skb), inet6_sdif(skb), skb);
}

static struct sock *find_tcp(struct net *net, struct sk_buff *skb,
			     bool *refcounted)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct sock *sk;

	if (ip_hdr(skb)->version == 4) {
		const struct iphdr *iph = ip_hdr(skb);

		return __inet_lookup(net, skb, __tcp_hdrlen(th),
				     iph->saddr, th->source, iph->daddr,
				     th->dest, inet_iif(skb), inet_sdif(skb),
				     refcounted);
	}
	sk = __inet6_lookup(net, skb, __tcp_hdrlen(th),
			    &ipv6_hdr(skb)->saddr, th->source,
			    &ipv6_hdr(skb)->daddr, ntohs(th->dest),
			    inet6_iif(skb), inet6_sdif(skb), refcounted);
	return sk;
}

/* A connection in TIME_WAIT has no user any more, and takes no data. */
static bool is_users(struct sock *sk, kuid_t uid)
{
	struct sock *full = sk_to_full_sk(sk);

	return !sk_fullsock(full) || uid_eq(full->sk_uid, uid);
}

/* Is a TCP socket a connection of another set? */
static bool is_of_other_set(const struct sock *sk, const struct gmg_set *set)
{
	u32 mark, id;

	switch (READ_ONCE(sk->sk_state)) {
	case TCP_LISTEN:
	case TCP_CLOSE:
		return false;
	case TCP_TIME_WAIT:
		mark = inet_twsk(sk)->tw_mark;
		break;
	case TCP_NEW_SYN_RECV:
		mark = inet_rsk(inet_reqsk(sk))->ir_mark;
		break;
	default:
		mark = READ_ONCE(sk->sk_mark);
		break;
	}
	id = gmg_mark_get(set->ep, mark);
	return id && id != set->id;
}

/*
 * The receiver of a segment; NULL if there is none.  An ERR_PTR() for a
 * connection of another set that is still there.
 */
static struct sock *find_connection(struct net *net, struct sk_buff *skb,
				    const struct gmg_set *set,
				    bool *refcounted)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct sock *sk = find_tcp(net, skb, refcounted);

	if (!sk || likely(!is_of_other_set(sk, set)))
		return sk;
	/* All but listeners come with a reference. */
	if (!th->syn || th->ack || !is_users(sk, set->ep->uid)) {
		sock_gen_put(sk);
		return ERR_PTR(-EPERM);
	}
	gmg_reset_connection(skb, sk);
	sock_gen_put(sk);
	sk = find_tcp(net, skb, refcounted);
	if (!sk || !is_of_other_set(sk, set))
		return sk;
	sock_gen_put(sk);
	return ERR_PTR(-EBUSY);
}

/**
 * gmg_owner_claim - find the receiver and hand it on with the packet
 * @skb: decrypted, stripped, inner header complete
 * @set: set that proved it
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 *
 * No receiver is no reason to drop: the stack answers as it does, TCP with a
 * RST inside the SA, UDP with an ICMP error that the gate stops.
 *
 * Context: softirq, RCU.
 * Return: 0, GMGATE_DROP_IN_FOREIGN_UID or GMGATE_DROP_IN_OTHER_SET.
 */
enum gmgate_drop gmg_owner_claim(struct sk_buff *skb,
				 const struct gmg_set *set, u8 proto)
{
	struct net *net = dev_net(skb->dev);
	bool refcounted = false;
	struct sock *sk;

	skb_orphan(skb);
	sk = proto == IPPROTO_UDP ? find_udp(net, skb) :
				    find_connection(net, skb, set, &refcounted);
	if (!sk)
		return 0;
	if (IS_ERR(sk))
		return GMGATE_DROP_IN_OTHER_SET;
	if (!is_users(sk, set->ep->uid)) {
		if (refcounted)
			sock_gen_put(sk);
		return GMGATE_DROP_IN_FOREIGN_UID;
	}
	skb->sk = sk;
	skb->destructor = refcounted ? sock_edemux : sock_pfree;
	return 0;
}
