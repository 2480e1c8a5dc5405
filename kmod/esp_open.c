// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: verify, decrypt and strip an ESP packet, transport mode.
 *
 * The order is that of RFC 4303 3.4: replay check, ICV, replay again and
 * advance, only then decrypt.  Used by the input path and, as the same
 * object, by the vector test module.
 */
#include "esp_open.h"

#include <linux/gmgate.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>

#include "compat.h"
#include "esp.h"
#include "set.h"
#include "suite.h"

/* Check again and advance, in one go: two CPUs may hold the same packet. */
static bool replay_take(struct gmg_pair *pair, u32 seq)
{
	bool fresh;

	spin_lock_bh(&pair->lock);
	fresh = gmg_replay_check(&pair->replay, seq, GMGATE_REPLAY_WINDOW);
	if (fresh) {
		gmg_replay_advance(&pair->replay, seq);
		pair->in_packets++;
	}
	spin_unlock_bh(&pair->lock);
	return fresh;
}

static bool replay_maybe(struct gmg_pair *pair, u32 seq)
{
	bool fresh;

	spin_lock_bh(&pair->lock);
	fresh = gmg_replay_check(&pair->replay, seq, GMGATE_REPLAY_WINDOW);
	spin_unlock_bh(&pair->lock);
	return fresh;
}

static enum gmgate_drop crypto_drop(int err)
{
	switch (err) {
	case -EBADMSG:
		return GMGATE_DROP_IN_ICV;
	case -ENOMEM:
		return GMGATE_DROP_IN_NO_MEMORY;
	default:
		return GMGATE_DROP_IN_CRYPTO;
	}
}

/**
 * gmg_esp_open - verify and decrypt in place
 * @keys: keys of the set that the SPI belongs to
 * @pair: its replay window
 * @skb: data at the ESP header; on success trimmed to end with the payload
 * @next_header: set to the protocol of the payload, any
 *
 * Makes the packet linear and its own before it changes an octet: what is
 * decrypted in place must not be in anybody else's memory.  Pointers into the
 * packet are stale after the call.
 *
 * Context: softirq or process with BH off; does not sleep.
 * Return: 0, or the reason to drop it; the packet stays the caller's.
 */
enum gmgate_drop gmg_esp_open(const struct gmg_keys *keys,
			      struct gmg_pair *pair, struct sk_buff *skb,
			      u8 *next_header)
{
	const struct gmg_esp_shape *shape = &keys->suite->shape;
	u32 before = gmg_esp_before(shape);
	u32 len = skb->len, text_len, payload;
	u32 seq;
	u8 *esp;
	int err;

	if (!gmg_esp_length_valid(shape, len))
		return GMGATE_DROP_IN_LENGTH;
	if (skb_linearize_cow(skb))
		return GMGATE_DROP_IN_NO_MEMORY;

	esp = skb->data;
	seq = get_unaligned_be32(esp + 4);
	if (!replay_maybe(pair, seq))
		return GMGATE_DROP_IN_REPLAY;

	err = gmg_keys_verify(keys, esp, len, skb_tailroom(skb));
	if (err)
		return crypto_drop(err);
	if (!replay_take(pair, seq))
		return GMGATE_DROP_IN_REPLAY;
	err = gmg_keys_decrypt(keys, esp, len);
	if (err)
		return crypto_drop(err);

	text_len = len - before - shape->icv;
	if (!gmg_esp_read_trailer(esp + before, text_len, &payload,
				  next_header))
		return GMGATE_DROP_IN_PADDING;
	__skb_trim(skb, before + payload);
	return 0;
}

/**
 * gmg_esp_strip - take the ESP header out of a packet that was opened
 * @keys: as for gmg_esp_open()
 * @skb: data at the ESP header
 * @next_header: from gmg_esp_open()
 * @nhoff: IPv6: offset of the octet, from the network header, that names the
 *	protocol which is now @next_header
 *
 * The IP header moves up to the payload, as one would have received it in
 * clear text.  On return data is at the payload, which is the transport
 * header.
 */
void gmg_esp_strip(const struct gmg_keys *keys, struct sk_buff *skb,
		   u8 next_header, unsigned int nhoff)
{
	unsigned int before = gmg_esp_before(&keys->suite->shape);
	int hlen = -skb_network_offset(skb);
	u8 *ip = skb_network_header(skb);

	__skb_pull(skb, before);
	memmove(ip + before, ip, hlen);
	skb_set_network_header(skb, -hlen);
	skb_reset_transport_header(skb);

	if (ip_hdr(skb)->version == 4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->protocol = next_header;
		iph->tot_len = htons(skb->len + hlen);
		ip_send_check(iph);
	} else {
		skb_network_header(skb)[nhoff] = next_header;
		ipv6_hdr(skb)->payload_len =
			htons(skb->len + hlen - sizeof(struct ipv6hdr));
	}
	/* What the NIC may have summed was ciphertext. */
	skb->ip_summed = CHECKSUM_NONE;
}
