// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_pcapng - blocks of pcapng (draft-ietf-opsawg-pcapng 4.1, 4.2, 4.3) in the byte order
// of this host, as the format has it; the tags of a packet are big-endian.
#include "ctl_pcapng.h"

#include <arpa/inet.h>
#include <string.h>

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, ENHANCED_PACKET = 6 };
enum { LINK_UPPER_PDU = 252, OPT_COMMENT = 1, MAJOR = 1, MINOR = 0 };
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
/* An option's length has 16 bits. */
#define LONGEST_COMMENT 65500u

enum tag {
	TAG_END = 0, TAG_DISSECTOR = 12, TAG_IPV4_SRC = 20, TAG_IPV4_DST, TAG_IPV6_SRC,
	TAG_IPV6_DST, TAG_PORT_TYPE, TAG_SRC_PORT, TAG_DST_PORT,
};
enum { PORT_TCP = 2, PORT_UDP = 3 };

static void put(struct octets *o, const void *p, size_t n)
{
	octets_put(o, (struct str){ p, n });
}

static void put_u16(struct octets *o, uint16_t v)
{
	put(o, &v, sizeof(v));
}

static void put_u32(struct octets *o, uint32_t v)
{
	put(o, &v, sizeof(v));
}

static void pad(struct octets *o)
{
	while (o->n % 4 && !o->failed)
		put(o, "", 1);
}

static bool write_block(FILE *to, uint32_t type, struct octets *body)
{
	uint32_t head[2] = { type, (uint32_t)(body->n + 12) };
	bool fine = !body->failed && fwrite(head, sizeof(head), 1, to) == 1 &&
		    fwrite(body->p, body->n, 1, to) == 1 &&
		    fwrite(&head[1], sizeof(head[1]), 1, to) == 1;

	octets_free(body);
	return fine;
}

bool ctl_pcapng_begin(FILE *to)
{
	struct octets section = { 0 }, interface = { 0 };

	put_u32(&section, BYTE_ORDER_MAGIC);
	put_u16(&section, MAJOR);
	put_u16(&section, MINOR);
	put_u32(&section, UINT32_MAX);		/* its length is not known */
	put_u32(&section, UINT32_MAX);
	put_u16(&interface, LINK_UPPER_PDU);
	put_u16(&interface, 0);
	put_u32(&interface, 0);			/* no limit of a packet */
	if (write_block(to, SECTION, &section))
		return write_block(to, INTERFACE, &interface);
	octets_free(&interface);
	return false;
}

static void put_tag(struct octets *o, enum tag tag, const void *value, size_t n)
{
	put_u16(o, htons((uint16_t)tag));
	put_u16(o, htons((uint16_t)((n + 3) & ~3ul)));
	put(o, value, n);
	pad(o);
}

static void put_tag_u32(struct octets *o, enum tag tag, uint32_t v)
{
	v = htonl(v);
	put_tag(o, tag, &v, sizeof(v));
}

static void put_packet(struct octets *o, const struct ctl_pcapng_packet *p)
{
	bool v6 = p->from.family == AF_INET6;
	unsigned int n = addr_ip_len(&p->from);

	put_tag(o, TAG_DISSECTOR, "sip", 3);
	put_tag(o, v6 ? TAG_IPV6_SRC : TAG_IPV4_SRC, p->from.ip, n);
	put_tag(o, v6 ? TAG_IPV6_DST : TAG_IPV4_DST, p->to.ip, n);
	put_tag_u32(o, TAG_PORT_TYPE, p->tcp ? PORT_TCP : PORT_UDP);
	put_tag_u32(o, TAG_SRC_PORT, p->from.port);
	put_tag_u32(o, TAG_DST_PORT, p->to.port);
	put_tag(o, TAG_END, "", 0);
	octets_put(o, p->message);
}

bool ctl_pcapng_put(FILE *to, const struct ctl_pcapng_packet *p)
{
	struct octets packet = { 0 }, body = { 0 };
	size_t n = p->comment.n < LONGEST_COMMENT ? p->comment.n : LONGEST_COMMENT;

	put_packet(&packet, p);
	body.failed = packet.failed;
	put_u32(&body, 0);			/* the interface */
	put_u32(&body, (uint32_t)(p->us >> 32));
	put_u32(&body, (uint32_t)p->us);
	put_u32(&body, (uint32_t)packet.n);
	put_u32(&body, (uint32_t)packet.n);
	octets_put(&body, octets_str(&packet));
	pad(&body);
	if (n) {
		put_u16(&body, OPT_COMMENT);
		put_u16(&body, (uint16_t)n);
		put(&body, p->comment.p, n);
		pad(&body);
		put_u32(&body, 0);		/* no more options */
	}
	octets_free(&packet);
	return write_block(to, ENHANCED_PACKET, &body);
}
