/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURES_H
#define _CAPTURES_H

#include <arpa/inet.h>

#include "addr.h"
#include "octets.h"

/* Captures put together: pieces of packets, and the blocks around them. */

static inline void cap_be16(struct octets *o, unsigned int v)
{
	octets_put(o, (struct str){ (const char []){ (char)(v >> 8), (char)v }, 2 });
}

static inline void cap_be32(struct octets *o, uint32_t v)
{
	cap_be16(o, v >> 16);
	cap_be16(o, v & 0xffff);
}

static inline void cap_le32(struct octets *o, uint32_t v)
{
	cap_be16(o, (v & 0xff) << 8 | (v >> 8 & 0xff));
	cap_be16(o, (v >> 16 & 0xff) << 8 | v >> 24);
}

/* In the byte order of a file. */
static inline void cap_u32(struct octets *o, bool big, uint32_t v)
{
	if (big)
		cap_be32(o, v);
	else
		cap_le32(o, v);
}

static inline void cap_u16(struct octets *o, bool big, unsigned int v)
{
	cap_be16(o, big ? v : (v & 0xff) << 8 | v >> 8);
}

/* Takes @from into @to. */
static inline void cap_take(struct octets *to, struct octets *from)
{
	octets_put(to, octets_str(from));
	octets_free(from);
	*from = (struct octets){ 0 };
}

/* An IP packet; @fragment: the 16 bits of IPv4. */
static inline struct octets cap_ip(const char *src, const char *dst, unsigned int protocol,
				   unsigned int fragment, struct str payload)
{
	struct octets o = { 0 };
	struct addr a, b;

	addr_parse(&a, src, 0);
	addr_parse(&b, dst, 0);
	if (a.family == AF_INET) {
		cap_be16(&o, 0x4500);
		cap_be16(&o, (unsigned int)payload.n + 20);
		cap_be16(&o, 1);
		cap_be16(&o, fragment);
		cap_be16(&o, 64 << 8 | protocol);
		cap_be16(&o, 0);
	} else {
		cap_be32(&o, 6u << 28);
		cap_be16(&o, (unsigned int)payload.n);
		cap_be16(&o, protocol << 8 | 64);
	}
	octets_put(&o, (struct str){ (const char *)a.ip, addr_ip_len(&a) });
	octets_put(&o, (struct str){ (const char *)b.ip, addr_ip_len(&b) });
	octets_put(&o, payload);
	return o;
}

static inline struct octets cap_udp(const char *src, const char *dst, struct str payload)
{
	struct octets udp = { 0 }, ip;

	cap_be16(&udp, 5060);
	cap_be16(&udp, 5061);
	cap_be16(&udp, (unsigned int)payload.n + 8);
	cap_be16(&udp, 0);
	octets_put(&udp, payload);
	ip = cap_ip(src, dst, 17, 0, octets_str(&udp));
	octets_free(&udp);
	return ip;
}

static inline struct octets cap_tcp(uint32_t seq, unsigned int flags, struct str payload)
{
	struct octets tcp = { 0 }, ip;

	cap_be16(&tcp, 5000);
	cap_be16(&tcp, 6100);
	cap_be32(&tcp, seq);
	cap_be32(&tcp, 0);
	cap_be16(&tcp, 5 << 12 | flags);
	cap_be16(&tcp, 8192);
	cap_be32(&tcp, 0);
	octets_put(&tcp, payload);
	ip = cap_ip("10.0.0.1", "10.0.0.2", 6, 0, octets_str(&tcp));
	octets_free(&tcp);
	return ip;
}

/* ---- classic pcap ---- */

static inline void cap_classic(struct octets *o, bool big, uint32_t magic, uint32_t link)
{
	cap_u32(o, big, magic);
	cap_u16(o, big, 2);
	cap_u16(o, big, 4);
	cap_u32(o, big, 0);
	cap_u32(o, big, 0);
	cap_u32(o, big, 65535);
	cap_u32(o, big, link);
}

/* @cut: octets less than there were. @packet is freed. */
static inline void cap_record(struct octets *o, bool big, uint32_t seconds, uint32_t fraction,
			      struct octets packet, uint32_t cut)
{
	cap_u32(o, big, seconds);
	cap_u32(o, big, fraction);
	cap_u32(o, big, (uint32_t)packet.n - cut);
	cap_u32(o, big, (uint32_t)packet.n);
	octets_put(o, (struct str){ packet.p, packet.n - cut });
	octets_free(&packet);
}

/* ---- pcapng ---- */

/* @body is freed. */
static inline void cap_block(struct octets *o, bool big, uint32_t type, struct octets body)
{
	while (body.n % 4)
		octets_put(&body, (struct str){ "", 1 });
	cap_u32(o, big, type);
	cap_u32(o, big, (uint32_t)body.n + 12);
	octets_put(o, octets_str(&body));
	cap_u32(o, big, (uint32_t)body.n + 12);
	octets_free(&body);
}

static inline void cap_section(struct octets *o, bool big)
{
	struct octets body = { 0 };

	cap_u32(&body, big, 0x1a2b3c4d);
	cap_u16(&body, big, 1);
	cap_u16(&body, big, 0);
	cap_u32(&body, big, UINT32_MAX);
	cap_u32(&body, big, UINT32_MAX);
	cap_block(o, big, 0x0a0d0d0a, body);
}

static inline void cap_option(struct octets *o, bool big, unsigned int code, struct str value)
{
	cap_u16(o, big, code);
	cap_u16(o, big, (unsigned int)value.n);
	octets_put(o, value);
	while (o->n % 4)
		octets_put(o, (struct str){ "", 1 });
}

/* @resolution: of if_tsresol; 0: none. */
static inline void cap_interface(struct octets *o, bool big, unsigned int link, char resolution)
{
	struct octets body = { 0 };

	cap_u16(&body, big, link);
	cap_u16(&body, big, 0);
	cap_u32(&body, big, 0);
	if (resolution)
		cap_option(&body, big, 9, (struct str){ &resolution, 1 });
	cap_block(o, big, 1, body);
}

/* @packet is freed. */
static inline void cap_packet(struct octets *o, bool big, uint32_t interface, uint64_t ticks,
			      struct octets packet, const char *comment)
{
	struct octets body = { 0 };

	cap_u32(&body, big, interface);
	cap_u32(&body, big, (uint32_t)(ticks >> 32));
	cap_u32(&body, big, (uint32_t)ticks);
	cap_u32(&body, big, (uint32_t)packet.n);
	cap_u32(&body, big, (uint32_t)packet.n);
	cap_take(&body, &packet);
	while (body.n % 4)
		octets_put(&body, (struct str){ "", 1 });
	if (comment)
		cap_option(&body, big, 1, str_of(comment));
	cap_block(o, big, 6, body);
}

#endif
