// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: put an IP packet into ESP, transport mode.
 *
 * Used by the output path and, as the same object, by the vector test module.
 */
#include "esp_seal.h"

#include <linux/gmgate.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>

#include "compat.h"
#include "esp.h"
#include "suite.h"

/* Room that the link-layer header will need in front of the packet. */
static unsigned int link_room(const struct sk_buff *skb)
{
	return skb_dst(skb) ? LL_RESERVED_SPACE(skb_dst(skb)->dev) : 0;
}

/*
 * Make @skb linear and its own, with room for ESP: @behind octets after the
 * data, and @before more either there too or, beyond what the link layer
 * needs, in front.  Datagrams come with little room in front and, mostly,
 * enough behind; moving some hundred octets right is far cheaper than another
 * buffer.
 */
static int make_room(struct sk_buff *skb, unsigned int before,
		     unsigned int behind)
{
	int err;

	if (!skb_is_nonlinear(skb) && !skb_cloned(skb) &&
	    (skb_tailroom(skb) >= before + behind ||
	     (skb_tailroom(skb) >= behind &&
	      skb_headroom(skb) >= before + link_room(skb))))
		return 0;

	err = pskb_expand_head(skb, before + link_room(skb),
			       skb->data_len + behind, GFP_ATOMIC);
	return err ?: skb_linearize(skb);
}

static __always_inline void move_word(u8 *from, u32 by)
{
	put_unaligned(get_unaligned((u64 *)from), (u64 *)(from + by));
}

/*
 * memmove() for a move to the right by at least a word.  The kernel's moves
 * long runs by string instructions, whose start-up is most of what a packet
 * costs here.
 */
static void move_right(u8 *from, u32 len, u32 by)
{
	while (len >= 8 * sizeof(u64)) {
		u8 *at = from + (len -= 8 * sizeof(u64));

		move_word(at + 56, by);
		move_word(at + 48, by);
		move_word(at + 40, by);
		move_word(at + 32, by);
		move_word(at + 24, by);
		move_word(at + 16, by);
		move_word(at + 8, by);
		move_word(at, by);
	}
	while (len >= sizeof(u64)) {
		len -= sizeof(u64);
		move_word(from + len, by);
	}
	while (len--)
		from[len + by] = from[len];
}

/* Open a gap of @gap octets behind the @hlen octets of the IP header. */
static void open_gap(struct sk_buff *skb, unsigned int hlen, unsigned int gap)
{
	u8 *ip = skb->data;

	if (skb_headroom(skb) >= gap + link_room(skb)) {
		__skb_push(skb, gap);
		memmove(skb->data, ip, hlen);
	} else {
		move_right(ip + hlen, skb->len - hlen, gap);
		__skb_put(skb, gap);
	}
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, hlen);
	skb_reset_mac_header(skb);
	skb->mac_len = 0;
}

static void fix_ip_header(struct sk_buff *skb, unsigned int nhoff)
{
	if (ip_hdr(skb)->version == 4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->protocol = IPPROTO_ESP;
		iph->tot_len = htons(skb->len);
		ip_send_check(iph);
	} else {
		skb->data[nhoff] = IPPROTO_ESP;
		ipv6_hdr(skb)->payload_len =
			htons(skb->len - sizeof(struct ipv6hdr));
	}
}

/**
 * gmg_esp_seal - encapsulate, encrypt, authenticate
 * @keys: keys of the set
 * @skb: data at the IP header; checksums inside are complete; gets the ESP
 *	header, trailer and ICV, and its IP header rewritten
 * @spi: of the outbound SA
 * @sa: which of the set's two outbound SAs, 0 or 1
 * @seq: sequence number, used for no other packet of this SA
 * @hlen: octets of the IP header and what stays before ESP
 * @nhoff: IPv6: offset of the octet that names the protocol behind @hlen
 * @iv: NULL, or the IV to use; for test vectors only
 *
 * Pointers into the packet are stale after the call.
 *
 * Context: BH off, does not sleep.
 * Return: 0, or the reason to drop it; the packet stays the caller's.
 */
enum gmgate_drop gmg_esp_seal(const struct gmg_keys *keys, struct sk_buff *skb,
			      __be32 spi, unsigned int sa, u32 seq,
			      unsigned int hlen, unsigned int nhoff,
			      const u8 *iv)
{
	const struct gmg_esp_shape *shape = &keys->suite->shape;
	u32 before = gmg_esp_before(shape), payload = skb->len - hlen;
	u32 pad = gmg_esp_pad(shape, payload);
	u32 behind = gmg_esp_behind(shape, payload);
	u8 proto, *esp;
	int err;

	if (make_room(skb, before, behind))
		return GMGATE_DROP_OUT_NO_MEMORY;

	proto = ip_hdr(skb)->version == 4 ? ip_hdr(skb)->protocol :
					    skb->data[nhoff];
	gmg_esp_write_trailer(skb_tail_pointer(skb), pad, proto);
	__skb_put(skb, behind);
	open_gap(skb, hlen, before);
	fix_ip_header(skb, nhoff);

	esp = skb->data + hlen;
	put_unaligned(spi, (__be32 *)esp);
	put_unaligned_be32(seq, esp + 4);
	err = gmg_keys_seal(keys, esp, payload + pad + GMG_ESP_TAIL,
			    shape->icv + skb_tailroom(skb), sa, iv);
	if (!err)
		return 0;
	return err == -ENOMEM ? GMGATE_DROP_OUT_NO_MEMORY :
				GMGATE_DROP_OUT_CRYPTO;
}
