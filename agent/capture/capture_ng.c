// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The blocks of pcapng: sections, interfaces and packets.  All others are passed over,
 * however long they are.
 */
#include <stdlib.h>

#include "capture_private.h"

/* Type and length before a block, its length behind it. */
#define BLOCK_HEAD 8u
#define BLOCK_TAIL 4u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du

enum block { BLOCK_INTERFACE = 1, BLOCK_PACKET_OLD = 2, BLOCK_PACKET_SIMPLE = 3, BLOCK_PACKET = 6 };
enum option { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };

struct capture_interface {
	unsigned int link;
	uint32_t longest;		/* of a packet; 0: no bound */
	uint64_t ticks;			/* of a second */
	int64_t offset;			/* seconds */
};

typedef void option_fn(struct capture *c, uint16_t code, struct str value);

/* False: c->error. */
static bool each_option(struct capture *c, struct str options, option_fn *fn)
{
	while (options.n >= 4) {
		uint16_t code = capture_u16(c, options.p), n = capture_u16(c, options.p + 2);
		size_t padded = (n + 3u) & ~3u;

		if (code == OPTION_END)
			return true;
		options = str_from(options, 4);
		if (padded > options.n) {
			capture_fail(c, "an option goes beyond its block");
			return false;
		}
		fn(c, code, (struct str){ options.p, n });
		options = str_from(options, padded);
	}
	return true;
}

/* ---- sections and interfaces ---- */

/* Behind its type: it says in which byte order all that follows is, its own length too. */
int capture_ng_section(struct capture *c)
{
	char head[8];
	uint32_t magic, n;

	c->block = c->at - 4;
	c->n_interfaces = 0;
	if (capture_read(c, head, sizeof(head)) < 1)
		return capture_cut(c);
	memcpy(&magic, head + 4, sizeof(magic));
	c->swapped = magic == __builtin_bswap32(BYTE_ORDER_MAGIC);
	if (!c->swapped && magic != BYTE_ORDER_MAGIC)
		return capture_fail(c, "a section without byte order");
	n = capture_u32(c, head);
	if (n < 28 || n % 4 || n > CAPTURE_LONGEST)
		return capture_fail(c, "a section with a head of %u octets", n);
	n -= 12;
	if (capture_read(c, c->room, n) < 1)
		return capture_cut(c);
	if (capture_u32(c, c->room + n - BLOCK_TAIL) != n + 12)
		return capture_fail(c, "a block whose two lengths differ");
	if (capture_u16(c, c->room) != 1)
		return capture_fail(c, "pcapng of version %u, which is not known",
				    capture_u16(c, c->room));
	return 1;
}

static void take_interface_option(struct capture *c, uint16_t code, struct str value)
{
	struct capture_interface *i = &c->interfaces[c->n_interfaces - 1];
	unsigned int power;

	if (code == OPTION_RESOLUTION && value.n == 1) {
		power = (unsigned char)value.p[0] & 0x7f;
		i->ticks = 1;
		/* A power of 2, or of 10: none that a counter of 64 bits is good for is longer. */
		if ((unsigned char)value.p[0] & 0x80)
			i->ticks <<= power < 63 ? power : 63;
		else
			for (; power-- && i->ticks < UINT64_MAX / 10; )
				i->ticks *= 10;
	} else if (code == OPTION_OFFSET && value.n == 8) {
		uint64_t low = capture_u32(c, value.p), high = capture_u32(c, value.p + 4);

		i->offset = (int64_t)(c->swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) ?
				      low << 32 | high : high << 32 | low);
	}
}

static int take_interface(struct capture *c, struct str body)
{
	struct capture_interface *more;

	if (body.n < 8)
		return capture_fail(c, "an interface of %zu octets", body.n);
	if (c->n_interfaces == CAPTURE_INTERFACES)
		return capture_fail(c, "more than %u interfaces", CAPTURE_INTERFACES);
	more = realloc(c->interfaces, (c->n_interfaces + 1) * sizeof(*more));
	if (!more)
		return capture_fail(c, "out of memory");
	c->interfaces = more;
	more[c->n_interfaces++] = (struct capture_interface){
		.link = capture_u16(c, body.p), .longest = capture_u32(c, body.p + 4),
		.ticks = 1000000,
	};
	return each_option(c, str_from(body, 8), take_interface_option) ? 0 : -1;
}

/* ---- packets ---- */

static void take_comment(struct capture *c, uint16_t code, struct str value)
{
	if (code != OPTION_COMMENT)
		return;
	if (c->comment.n)
		octets_puts(&c->comment, "\n");
	octets_put(&c->comment, value);
}

static uint64_t us_of(const struct capture_interface *i, uint64_t ticks)
{
	uint64_t us = (uint64_t)((double)(ticks % i->ticks) * 1e6 / (double)i->ticks);

	return (ticks / i->ticks + (uint64_t)i->offset) * 1000000 + (us < 1000000 ? us : 999999);
}

/* @head: octets before those of the packet, @n: octets of it, @whole: before it was cut. */
static int hand_out(struct capture *c, struct capture_packet *p, unsigned int interface,
		    struct str rest, uint32_t n, uint32_t whole)
{
	size_t padded = ((size_t)n + 3) & ~(size_t)3;

	if (interface >= c->n_interfaces)
		return capture_fail(c, "a packet of interface %u, which is not there", interface);
	if (padded > rest.n)
		return capture_fail(c, "a packet of %u octets goes beyond its block", n);
	c->comment.n = 0;
	if (!each_option(c, str_from(rest, padded), take_comment))
		return -1;
	*p = (struct capture_packet){
		.link = c->interfaces[interface].link, .octets = { rest.p, n }, .cut = whole > n,
		.comment = c->comment,
	};
	return c->comment.failed ? capture_fail(c, "out of memory") : 1;
}

/* An Enhanced Packet Block, or the Packet Block of which it is the successor. */
static int take_packet(struct capture *c, struct capture_packet *p, bool old, struct str body)
{
	unsigned int interface;
	uint64_t ticks;
	int ret;

	if (body.n < 20)
		return capture_fail(c, "a packet's block of %zu octets", body.n);
	interface = old ? capture_u16(c, body.p) : capture_u32(c, body.p);
	ret = hand_out(c, p, interface, str_from(body, 20), capture_u32(c, body.p + 12),
		       capture_u32(c, body.p + 16));
	if (ret < 1)
		return ret;
	ticks = (uint64_t)capture_u32(c, body.p + 4) << 32 | capture_u32(c, body.p + 8);
	p->us = us_of(&c->interfaces[interface], ticks);
	return 1;
}

/* It has no time, no options, and no length but that of the block. */
static int take_simple(struct capture *c, struct capture_packet *p, struct str body)
{
	uint32_t whole, n;

	if (body.n < 4)
		return capture_fail(c, "a packet's block of %zu octets", body.n);
	whole = n = capture_u32(c, body.p);
	if (c->n_interfaces && c->interfaces[0].longest && n > c->interfaces[0].longest)
		n = c->interfaces[0].longest;
	if (n > body.n - 4)
		return capture_fail(c, "a packet of %u octets goes beyond its block", n);
	return hand_out(c, p, 0, (struct str){ body.p + 4, ((size_t)n + 3) & ~(size_t)3 }, n, whole);
}

/* ---- blocks ---- */

/* One with a packet is there as a whole; of a longer one nothing is wanted. */
static int read_body(struct capture *c, uint32_t n)
{
	while (n) {
		size_t piece = n < CAPTURE_LONGEST ? n : CAPTURE_LONGEST;

		if (capture_read(c, c->room, piece) < 1)
			return capture_cut(c);
		n -= (uint32_t)piece;
	}
	return 1;
}

static bool is_wanted(uint32_t type)
{
	return type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_PACKET_OLD ||
	       type == BLOCK_PACKET_SIMPLE;
}

static int take_block(struct capture *c, struct capture_packet *p, uint32_t type, struct str body)
{
	switch (type) {
	case BLOCK_INTERFACE:
		return take_interface(c, body);
	case BLOCK_PACKET_SIMPLE:
		return take_simple(c, p, body);
	default:
		return take_packet(c, p, type == BLOCK_PACKET_OLD, body);
	}
}

/* 1: a packet; 0: something else; -1: c->error. */
static int next_block(struct capture *c, struct capture_packet *p, const char type_octets[4])
{
	uint32_t type = capture_u32(c, type_octets), n;
	char octets[4];

	if (type == CAPTURE_SECTION)
		return capture_ng_section(c) < 0 ? -1 : 0;
	if (capture_read(c, octets, sizeof(octets)) < 1)
		return capture_cut(c);
	n = capture_u32(c, octets);
	if (n < BLOCK_HEAD + BLOCK_TAIL || n % 4)
		return capture_fail(c, "a block of %u octets", n);
	n -= BLOCK_HEAD + BLOCK_TAIL;
	if (is_wanted(type) && n > CAPTURE_LONGEST)
		return capture_fail(c, "a packet's block of %u octets, more than any has", n);
	if (read_body(c, n) < 0)
		return -1;
	if (capture_read(c, octets, sizeof(octets)) < 1)
		return capture_cut(c);
	if (capture_u32(c, octets) != n + BLOCK_HEAD + BLOCK_TAIL)
		return capture_fail(c, "a block whose two lengths differ");
	return is_wanted(type) ? take_block(c, p, type, (struct str){ c->room, n }) : 0;
}

int capture_ng_next(struct capture *c, struct capture_packet *p)
{
	char type[4];
	int ret;

	do {
		c->block = c->at;
		ret = capture_read(c, type, sizeof(type));
		if (ret < 1)
			return ret;
		ret = next_block(c, p, type);
	} while (!ret);
	return ret;
}
