// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: TCP segments that leave room for ESP; mss.h has the plan. */
#include "mss.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/route.h>
#include <net/tcp.h>

#include "compat.h"
#include "esp.h"
#include "net.h"
#include "parse.h"

/* What no path is narrower than, and no MSS is made smaller for. */
#define LEAST_MSS	(576 - sizeof(struct iphdr) - sizeof(struct tcphdr) - \
			 GMG_ESP_MOST)

/* @at is anywhere in the header: an odd place has its octets the other way. */
static void replace(struct sk_buff *skb, struct tcphdr *th, u8 *at, u16 mss)
{
	u16 old = get_unaligned_be16(at);
	bool odd = (at - (u8 *)th) & 1;

	put_unaligned_be16(mss, at);
	inet_proto_csum_replace2(&th->check, skb,
				 htons(odd ? swab16(old) : old),
				 htons(odd ? swab16(mss) : mss), false);
}

/* The options are the peer's: each step goes forward, none beyond the header. */
static bool lower(struct sk_buff *skb, struct tcphdr *th, u16 most)
{
	unsigned int len = th->doff * 4, at = sizeof(*th);
	u8 *o = (u8 *)th;
	bool lowered = false;

	while (at + TCPOLEN_MSS <= len && o[at] != TCPOPT_EOL) {
		if (o[at] == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (o[at + 1] < 2 || o[at + 1] > len - at)
			break;
		if (o[at] == TCPOPT_MSS && o[at + 1] == TCPOLEN_MSS &&
		    get_unaligned_be16(o + at + 2) > most) {
			replace(skb, th, o + at + 2, most);
			lowered = true;
		}
		at += o[at + 1];
	}
	return lowered;
}

/* What fits a path, less the headers without options, as an MSS is counted. */
static u16 most(const struct sk_buff *skb, u32 mtu)
{
	u32 head = GMG_ESP_MOST + sizeof(struct tcphdr);

	head += ip_hdr(skb)->version == 4 ? sizeof(struct iphdr) :
					    sizeof(struct ipv6hdr);
	return clamp_t(u32, mtu > head ? mtu - head : 0, LEAST_MSS, U16_MAX);
}

/**
 * gmg_mss_out - lower the MSS option that a P-CSCF's socket sends
 * @gn: namespace
 * @skb: TCP, data at the IP header, not ESP yet, with its route
 * @l4: where its header is
 *
 * It bounds what the UE sends us.  Only SYN and SYN-ACK have the option.
 *
 * Context: any, BH off or on.
 */
void gmg_mss_out(struct gmg_net *gn, struct sk_buff *skb,
		 const struct gmg_l4 *l4)
{
	const struct tcphdr *th;
	struct tcphdr buf;

	th = skb_header_pointer(skb, l4->off, sizeof(buf), &buf);
	if (!th || !th->syn || th->doff * 4 < sizeof(*th) ||
	    skb_ensure_writable(skb, l4->off + th->doff * 4))
		return;
	if (lower(skb, (struct tcphdr *)(skb->data + l4->off),
		  most(skb, dst_mtu(skb_dst(skb)))))
		this_cpu_inc(gn->stats->counter[GMGATE_COUNTER_MSS_CLAMPED]);
}

/* The MTU of the path back to the sender, with what ICMP told of it. */
static u32 mtu_back(struct net *net, const struct sk_buff *skb)
{
	int vrf = l3mdev_master_ifindex_rcu(skb->dev);
	u32 mtu = U16_MAX;

	if (ip_hdr(skb)->version == 4) {
		struct flowi4 fl4 = {
			.daddr = ip_hdr(skb)->saddr,
			.saddr = ip_hdr(skb)->daddr,
			.flowi4_oif = vrf,
		};
		struct rtable *rt = ip_route_output_key(net, &fl4);

		if (!IS_ERR(rt)) {
			mtu = dst_mtu(&rt->dst);
			ip_rt_put(rt);
		}
	} else {
		struct flowi6 fl6 = {
			.daddr = ipv6_hdr(skb)->saddr,
			.saddr = ipv6_hdr(skb)->daddr,
			.flowi6_oif = vrf,
		};
		struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

		if (!dst->error)
			mtu = dst_mtu(dst);
		dst_release(dst);
	}
	return mtu;
}

/**
 * gmg_mss_in - lower the MSS option that a UE sent
 * @gn: namespace
 * @skb: decrypted and stripped, linear and our own, data at the TCP header,
 *	which gmg_bind_check() found whole
 *
 * It bounds what our socket sends, before that has sent anything.  Costs a
 * route lookup for each connection, which a UE has to have proved itself for.
 *
 * Context: softirq, RCU.
 */
void gmg_mss_in(struct gmg_net *gn, struct sk_buff *skb)
{
	struct tcphdr *th = (struct tcphdr *)skb->data;

	if (!th->syn || th->doff * 4 == sizeof(*th))
		return;
	if (lower(skb, th, most(skb, mtu_back(gn->net, skb))))
		this_cpu_inc(gn->stats->counter[GMGATE_COUNTER_MSS_CLAMPED]);
}

/*
 * A socket that is inside its own transmission, and so holds its lock.  A
 * SYN-ACK is sent for a request or, with the listener unlocked, for a cookie.
 */
static struct sock *sending(const struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	if (!sk || !sk_fullsock(sk) || sk->sk_type != SOCK_STREAM ||
	    sk->sk_protocol != IPPROTO_TCP ||
	    (1 << sk->sk_state) & (TCPF_LISTEN | TCPF_SYN_RECV | TCPF_CLOSE))
		return NULL;
	return sk;
}

/**
 * gmg_mss_make_room - have a TCP socket's segments leave room for ESP
 * @skb: what it is sending, at the first hook of LOCAL_OUT
 * @l4: where its header is
 *
 * The socket takes ESP for an IP option (icsk_ext_hdr_len).  The kernel takes
 * those off after the bound that the peer's MSS sets, so what that bound
 * leaves already is not asked for again.  This packet is as it is; before the
 * next, TCP sees that the path MTU it went by is another one (tcp_current_mss())
 * and counts anew.  Should it count before that by the one it remembers, the
 * octet that we take off does no harm.
 *
 * Only the first hook knows that the socket is locked by its caller: a packet
 * that NFQUEUE held comes back without.
 */
void gmg_mss_make_room(struct sk_buff *skb, const struct gmg_l4 *l4)
{
	struct sock *sk = sending(skb);
	struct inet_connection_sock *icsk;
	int bound, room, options, mtu;
	const struct dst_entry *dst;

	if (!sk)
		return;
	sock_owned_by_me(sk);
	dst = __sk_dst_get(sk);
	if (!dst)
		return;
	mtu = dst_mtu(dst);
	icsk = inet_csk(sk);
	options = (int)l4->off - icsk->icsk_af_ops->net_header_len;
	bound = mtu - icsk->icsk_af_ops->net_header_len -
		(int)sizeof(struct tcphdr);
	room = GMG_ESP_MOST - max(bound - tcp_sk(sk)->rx_opt.mss_clamp, 0);
	room = options + max(room, 0);
	if (icsk->icsk_ext_hdr_len == room)
		return;
	icsk->icsk_ext_hdr_len = room;
	/* What answers a SYN has TCP count by itself, by what it remembers. */
	if (sk->sk_state != TCP_SYN_SENT)
		icsk->icsk_pmtu_cookie = mtu - 1;
}

/**
 * gmg_mss_fit_gso - cut large segments at what fits the path
 * @skb: about to be split, with its route
 * @shape: of the suite
 * @l4: where its header is
 *
 * TCP may have made it before the socket knew of ESP.  Datagrams (UDP GSO)
 * are their sender's to size.
 */
void gmg_mss_fit_gso(struct sk_buff *skb, const struct gmg_esp_shape *shape,
		     const struct gmg_l4 *l4)
{
	u32 mtu = dst_mtu(skb_dst(skb)), payload, head;
	const struct tcphdr *th;
	struct tcphdr buf;

	if (!skb_is_gso_tcp(skb))
		return;
	th = skb_header_pointer(skb, l4->off, sizeof(buf), &buf);
	if (!th)
		return;
	payload = th->doff * 4 + skb_shinfo(skb)->gso_size;
	if (l4->off + gmg_esp_before(shape) + payload +
	    gmg_esp_behind(shape, payload) <= mtu)
		return;
	head = l4->off + th->doff * 4 + GMG_ESP_MOST;
	/* The socket's own copy shares what says the size. */
	if (mtu <= head || skb_unclone(skb, GFP_ATOMIC))
		return;
	skb_shinfo(skb)->gso_size = mtu - head;
}
