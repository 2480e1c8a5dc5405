// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: whose socket gets a decrypted packet?
 *
 * A local process of another user may have bound a protected port before the
 * agent, share it, or hold a connected socket that matches better.  So the
 * socket is looked up here, its user compared, and the socket handed on with
 * the packet: UDP and TCP take it instead of looking again, as they do after
 * early demux.
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

/**
 * gmg_owner_claim - find the receiver and hand it on with the packet
 * @skb: decrypted, stripped, inner header complete
 * @ep: endpoint it is for
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 *
 * No receiver is no reason to drop: the stack answers as it does, TCP with a
 * RST inside the SA, UDP with an ICMP error that the gate stops.
 *
 * Context: softirq, RCU.  Return: 0, or GMGATE_DROP_IN_FOREIGN_UID.
 */
enum gmgate_drop gmg_owner_claim(struct sk_buff *skb,
				 const struct gmg_endpoint *ep, u8 proto)
{
	struct net *net = dev_net(skb->dev);
	bool refcounted = false;
	struct sock *sk;

	skb_orphan(skb);
	sk = proto == IPPROTO_UDP ? find_udp(net, skb) :
				    find_tcp(net, skb, &refcounted);
	if (!sk)
		return 0;
	if (!is_users(sk, ep->uid)) {
		if (refcounted)
			sock_gen_put(sk);
		return GMGATE_DROP_IN_FOREIGN_UID;
	}
	skb->sk = sk;
	skb->destructor = refcounted ? sock_edemux : sock_pfree;
	return 0;
}
