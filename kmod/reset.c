// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the RST that a UE owes.
 *
 * A UE that has rebooted opens a connection anew, under new keys, while the old
 * one lives on here.  It would have reset the old one, had it not forgotten it;
 * its new keys prove that it is the same UE.  So the stack is handed that RST:
 * made of the SYN, with the numbers that the connection expects.  TCP does the
 * rest, in whatever state the connection is: its owner reads ECONNRESET, and
 * nothing is sent.
 */
#include "reset.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/request_sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "deliver.h"

/* What the connection takes for the peer's next octet. */
static u32 next_seq(const struct sock *sk)
{
	switch (READ_ONCE(sk->sk_state)) {
	case TCP_TIME_WAIT:
		return READ_ONCE(tcp_twsk(sk)->tw_rcv_nxt);
	case TCP_NEW_SYN_RECV:
		return READ_ONCE(tcp_rsk((const struct request_sock *)sk)->rcv_nxt);
	default:
		return READ_ONCE(tcp_sk(sk)->rcv_nxt);
	}
}

static void make_rst(struct sk_buff *skb, const struct sock *sk)
{
	struct tcphdr *th = (struct tcphdr *)skb->data;
	unsigned int len = skb->len - skb_network_offset(skb);

	tcp_flag_word(th) = TCP_FLAG_RST;
	th->doff = sizeof(*th) / 4;
	th->seq = htonl(next_seq(sk));
	/* Who waits for the answer to a SYN believes only what acknowledges it. */
	th->ack = READ_ONCE(sk->sk_state) == TCP_SYN_SENT;
	th->ack_seq = th->ack ? htonl(READ_ONCE(tcp_sk(sk)->snd_nxt)) : 0;
	if (ip_hdr(skb)->version == 4) {
		ip_hdr(skb)->tot_len = htons(len);
		ip_send_check(ip_hdr(skb));
		/* A stock policy for all traffic must not ask for its own SAs. */
		IPCB(skb)->flags |= IPSKB_NOPOLICY;
	} else {
		ipv6_hdr(skb)->payload_len =
			htons(len - sizeof(struct ipv6hdr));
	}
	skb->ip_summed = CHECKSUM_UNNECESSARY;
}

/**
 * gmg_reset_connection - have TCP end a connection as its peer would
 * @skb: SYN of the UE on the connection's addresses and ports, verified, linear,
 *	data at the TCP header; not changed
 * @sk: the connection, in any state but LISTEN and CLOSE; the caller holds a
 *	reference
 *
 * While the connection's owner is at work on it, the reset waits for that;
 * without memory it does not happen.  The UE sends its SYN again either way.
 *
 * Context: softirq or BH off, RCU.
 */
void gmg_reset_connection(const struct sk_buff *skb, const struct sock *sk)
{
	struct sk_buff *rst = skb_copy(skb, GFP_ATOMIC);

	if (!rst)
		return;
	skb_orphan(rst);
	nf_reset_ct(rst);
	__skb_trim(rst, sizeof(struct tcphdr));
	make_rst(rst, sk);
	gmg_deliver_to(rst, IPPROTO_TCP);
}
