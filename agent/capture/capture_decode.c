// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the link layer of a packet to what UDP or TCP carry.  Every length is held
 * against what was captured; no sum is checked, since those of packets that leave are
 * not there yet when they are captured.
 */
#include "capture_decode.h"

#include <netinet/in.h>

enum { TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4 };
enum { PORT_NAT_T = 4500 };
#define MOST_VLANS 3
#define MOST_EXTENSIONS 8

/* Those of Wireshark's exported PDUs that are of use. */
enum tag {
	TAG_END = 0, TAG_DISSECTOR = 12, TAG_IPV4_SRC = 20, TAG_IPV4_DST, TAG_IPV6_SRC,
	TAG_IPV6_DST, TAG_PORT_TYPE, TAG_SRC_PORT, TAG_DST_PORT,
};
enum { PDU_TCP = 2 };

/* What is still to be read, and what was not captured of it. */
struct reading {
	struct str rest;
	bool cut;
	struct capture_piece *out;
};

static unsigned int u8(const struct reading *r, size_t at)
{
	return (unsigned char)r->rest.p[at];
}

static unsigned int u16(const struct reading *r, size_t at)
{
	return u8(r, at) << 8 | u8(r, at + 1);
}

static uint32_t u32(const struct reading *r, size_t at)
{
	return (uint32_t)u16(r, at) << 16 | u16(r, at + 2);
}

static void set_addr(struct addr *a, uint16_t family, const char *octets)
{
	*a = (struct addr){ .family = family };
	memcpy(a->ip, octets, family == AF_INET6 ? 16 : 4);
}

/* Octets behind @n are padding. */
static void limit(struct reading *r, size_t n)
{
	if (n < r->rest.n)
		r->rest.n = n;
	else if (n > r->rest.n)
		r->cut = true;
}

/* ---- transport ---- */

static enum capture_kind decode_udp(struct reading *r)
{
	unsigned int n;

	if (r->rest.n < 8)
		return CAPTURE_CUT;
	r->out->from.port = (uint16_t)u16(r, 0);
	r->out->to.port = (uint16_t)u16(r, 2);
	n = u16(r, 4);
	/* 0: longer than this field can say. */
	if (n && n < 8)
		return CAPTURE_CUT;
	r->rest = str_from(r->rest, 8);
	if (n)
		limit(r, n - 8);
	/* IKE has four octets of 0 there. */
	if ((r->out->from.port == PORT_NAT_T || r->out->to.port == PORT_NAT_T) && r->rest.n >= 8 &&
	    u32(r, 0))
		return CAPTURE_ESP;
	r->out->octets = r->rest;
	r->out->cut = r->cut;
	return CAPTURE_DATAGRAM;
}

static enum capture_kind decode_tcp(struct reading *r, size_t payload)
{
	size_t head = r->rest.n < 20 ? 0 : (u8(r, 12) >> 4) * 4ul;

	if (head < 20 || payload < head)
		return CAPTURE_CUT;
	r->out->tcp = true;
	r->out->from.port = (uint16_t)u16(r, 0);
	r->out->to.port = (uint16_t)u16(r, 2);
	r->out->seq = u32(r, 4);
	r->out->begins = u8(r, 13) & TCP_SYN;
	r->out->ends = u8(r, 13) & (TCP_FIN | TCP_RST);
	r->out->whole = (uint32_t)(payload - head);
	if (r->rest.n < head)
		return CAPTURE_CUT;
	r->out->octets = str_from(r->rest, head);
	r->out->cut = r->cut;
	return CAPTURE_SEGMENT;
}

/* @payload: as many octets as IP says that there are. */
static enum capture_kind decode_transport(struct reading *r, unsigned int protocol, size_t payload)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return decode_udp(r);
	case IPPROTO_TCP:
		return decode_tcp(r, payload);
	case IPPROTO_ESP:
		return CAPTURE_ESP;
	default:
		return CAPTURE_ELSE;
	}
}

/* ---- IP ---- */

static enum capture_kind decode_ipv4(struct reading *r)
{
	size_t head, whole;
	unsigned int protocol, fragment;

	if (r->rest.n < 20)
		return CAPTURE_CUT;
	head = (u8(r, 0) & 15) * 4ul;
	whole = u16(r, 2);
	fragment = u16(r, 6);
	protocol = u8(r, 9);
	/* 0: captured before the network card cut it into segments. */
	if (!whole)
		whole = r->rest.n;
	if (head < 20 || whole < head || r->rest.n < head)
		return CAPTURE_CUT;
	set_addr(&r->out->from, AF_INET, r->rest.p + 12);
	set_addr(&r->out->to, AF_INET, r->rest.p + 16);
	limit(r, whole);
	r->rest = str_from(r->rest, head);
	if (fragment & 0x1fff)
		return CAPTURE_FRAGMENT;
	/* Of a datagram in fragments the first one has what is drawn of a message. */
	r->cut |= fragment & 0x2000;
	return decode_transport(r, protocol, whole - head);
}

/* Header by header to the one that is none of IPv6. */
static enum capture_kind decode_extensions(struct reading *r, unsigned int protocol, size_t payload)
{
	for (unsigned int i = 0; i < MOST_EXTENSIONS; i++) {
		size_t n;

		if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_ROUTING &&
		    protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_FRAGMENT)
			return decode_transport(r, protocol, payload);
		if (r->rest.n < 8)
			return CAPTURE_CUT;
		n = protocol == IPPROTO_FRAGMENT ? 8 : (u8(r, 1) + 1) * 8ul;
		if (protocol == IPPROTO_FRAGMENT && u16(r, 2) & 0xfff8)
			return CAPTURE_FRAGMENT;
		r->cut |= protocol == IPPROTO_FRAGMENT && u16(r, 2) & 1;
		protocol = u8(r, 0);
		if (n > r->rest.n || n > payload)
			return CAPTURE_CUT;
		r->rest = str_from(r->rest, n);
		payload -= n;
	}
	return CAPTURE_ELSE;
}

static enum capture_kind decode_ipv6(struct reading *r)
{
	unsigned int protocol;
	size_t payload;

	if (r->rest.n < 40)
		return CAPTURE_CUT;
	payload = u16(r, 4);
	protocol = u8(r, 6);
	set_addr(&r->out->from, AF_INET6, r->rest.p + 8);
	set_addr(&r->out->to, AF_INET6, r->rest.p + 24);
	r->rest = str_from(r->rest, 40);
	if (!payload)
		payload = r->rest.n;
	limit(r, payload);
	return decode_extensions(r, protocol, payload);
}

static enum capture_kind decode_ip(struct reading *r)
{
	if (!r->rest.n)
		return CAPTURE_CUT;
	switch (u8(r, 0) >> 4) {
	case 4:
		return decode_ipv4(r);
	case 6:
		return decode_ipv6(r);
	default:
		return CAPTURE_ELSE;
	}
}

/* ---- links ---- */

static enum capture_kind decode_type(struct reading *r, size_t head, unsigned int type)
{
	r->rest = str_from(r->rest, head);
	return type == TYPE_IPV4 || type == TYPE_IPV6 ? decode_ip(r) : CAPTURE_ELSE;
}

static enum capture_kind decode_ethernet(struct reading *r)
{
	size_t at = 12;

	for (unsigned int i = 0; i <= MOST_VLANS && at + 2 <= r->rest.n; i++, at += 4) {
		unsigned int type = u16(r, at);

		if (type != 0x8100 && type != 0x88a8 && type != 0x9100)
			return decode_type(r, at + 2, type);
	}
	return CAPTURE_CUT;
}

static enum capture_kind decode_sll(struct reading *r, size_t head, size_t type_at)
{
	return r->rest.n < head ? CAPTURE_CUT : decode_type(r, head, u16(r, type_at));
}

static void take_tag(struct capture_piece *out, unsigned int tag, struct str value, bool *is_sip)
{
	bool from = tag == TAG_IPV4_SRC || tag == TAG_IPV6_SRC || tag == TAG_SRC_PORT;
	struct addr *a = from ? &out->from : &out->to;
	struct reading r = { .rest = value };
	uint16_t port = a->port;

	switch (tag) {
	case TAG_DISSECTOR:
		/* Padded with 0. */
		*is_sip = value.n >= 3 && !memcmp(value.p, "sip", 3) && (value.n == 3 || !value.p[3]);
		break;
	case TAG_IPV4_SRC:
	case TAG_IPV4_DST:
	case TAG_IPV6_SRC:
	case TAG_IPV6_DST:
		if (value.n == (tag < TAG_IPV6_SRC ? 4 : 16)) {
			set_addr(a, tag < TAG_IPV6_SRC ? AF_INET : AF_INET6, value.p);
			a->port = port;
		}
		break;
	case TAG_PORT_TYPE:
		out->tcp = value.n == 4 && u32(&r, 0) == PDU_TCP;
		break;
	case TAG_SRC_PORT:
	case TAG_DST_PORT:
		if (value.n == 4)
			a->port = (uint16_t)u32(&r, 0);
		break;
	default:
		break;
	}
}

static enum capture_kind decode_upper_pdu(struct reading *r)
{
	bool is_sip = false;

	while (r->rest.n >= 4) {
		unsigned int tag = u16(r, 0);
		size_t n = u16(r, 2);

		r->rest = str_from(r->rest, 4);
		if (n > r->rest.n)
			return CAPTURE_CUT;
		if (tag == TAG_END) {
			r->out->octets = str_from(r->rest, n);
			r->out->cut = r->cut;
			return !is_sip ? CAPTURE_ELSE :
			       r->out->from.family && r->out->to.family ? CAPTURE_MESSAGE : CAPTURE_CUT;
		}
		take_tag(r->out, tag, (struct str){ r->rest.p, n }, &is_sip);
		r->rest = str_from(r->rest, n);
	}
	return CAPTURE_CUT;
}

enum capture_kind capture_decode(const struct capture_packet *p, struct capture_piece *out)
{
	struct reading r = { .rest = p->octets, .cut = p->cut, .out = out };

	*out = (struct capture_piece){ .octets = STR_NONE };
	switch (p->link) {
	case CAPTURE_LINK_ETHERNET:
		return decode_ethernet(&r);
	case CAPTURE_LINK_SLL:
		return decode_sll(&r, 16, 14);
	case CAPTURE_LINK_SLL2:
		return decode_sll(&r, 20, 0);
	case CAPTURE_LINK_RAW:
	case CAPTURE_LINK_RAW_BSD:
	case CAPTURE_LINK_RAW_OPENBSD:
	case CAPTURE_LINK_IPV4:
	case CAPTURE_LINK_IPV6:
		return decode_ip(&r);
	case CAPTURE_LINK_UPPER_PDU:
		return decode_upper_pdu(&r);
	default:
		return CAPTURE_LINK;
	}
}
