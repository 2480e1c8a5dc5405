// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A capture as a file: its first octets, and classic pcap, whose packets have 16 octets
 * in front of them and nothing else.
 */
#include "capture_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define MICROSECONDS 0xa1b2c3d4u
#define NANOSECONDS 0xa1b23c4du
#define FILE_HEAD 24
#define RECORD_HEAD 16

int capture_fail(struct capture *c, const char *fmt, ...)
{
	int n = snprintf(c->error, sizeof(c->error), "octet %llu: ", (unsigned long long)c->block);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->error + n, sizeof(c->error) - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

int capture_cut(struct capture *c)
{
	return capture_fail(c, "the capture is cut off, it ends at octet %llu",
			    (unsigned long long)c->at);
}

int capture_read(struct capture *c, void *to, size_t n)
{
	size_t got = fread(to, 1, n, c->file);

	c->at += got;
	if (got == n)
		return 1;
	if (ferror(c->file))
		return capture_fail(c, "cannot be read: %s", strerror(errno));
	return got ? capture_cut(c) : 0;
}

uint16_t capture_u16(const struct capture *c, const char *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap16(v) : v;
}

uint32_t capture_u32(const struct capture *c, const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? __builtin_bswap32(v) : v;
}

/* Of classic pcap. @swapped: not in the byte order of this host. */
static bool is_classic(const char first[4], uint32_t *ticks, bool *swapped)
{
	uint32_t magic;

	memcpy(&magic, first, sizeof(magic));
	*swapped = magic == __builtin_bswap32(MICROSECONDS) || magic == __builtin_bswap32(NANOSECONDS);
	if (*swapped)
		magic = __builtin_bswap32(magic);
	*ticks = magic == MICROSECONDS ? 1000000 : 1000000000;
	return magic == MICROSECONDS || magic == NANOSECONDS;
}

static bool is_ng(const char first[4])
{
	uint32_t magic;

	memcpy(&magic, first, sizeof(magic));
	return magic == CAPTURE_SECTION;
}

bool capture_is(const char first[4])
{
	uint32_t ticks;
	bool swapped;

	return is_ng(first) || is_classic(first, &ticks, &swapped);
}

static int open_classic(struct capture *c, const char first[4])
{
	char rest[FILE_HEAD - 4];

	is_classic(first, &c->ticks, &c->swapped);
	if (capture_read(c, rest, sizeof(rest)) < 1)
		return capture_cut(c);
	/* Above it says how many octets of each frame are its check sequence. */
	c->link = capture_u32(c, rest + 16) & 0xffff;
	return 1;
}

bool capture_open(struct capture *c, FILE *file)
{
	char first[4];
	int ret;

	*c = (struct capture){ .file = file, .room = malloc(CAPTURE_LONGEST) };
	if (!c->room) {
		capture_fail(c, "out of memory");
		return false;
	}
	ret = capture_read(c, first, sizeof(first));
	if (ret < 1 || !capture_is(first))
		ret = capture_fail(c, "neither pcapng nor pcap");
	else if (is_ng(first))
		ret = c->ng = true;
	else
		ret = open_classic(c, first);
	if (ret > 0 && c->ng)
		ret = capture_ng_section(c);
	if (ret > 0)
		return true;
	capture_close(c);
	return false;
}

static int next_classic(struct capture *c, struct capture_packet *p)
{
	char head[RECORD_HEAD];
	uint32_t n;
	int ret;

	c->block = c->at;
	ret = capture_read(c, head, sizeof(head));
	if (ret < 1)
		return ret;
	n = capture_u32(c, head + 8);
	if (n > CAPTURE_LONGEST)
		return capture_fail(c, "a packet of %u octets, more than any has", n);
	if (n && capture_read(c, c->room, n) < 1)
		return capture_cut(c);
	*p = (struct capture_packet){
		.us = capture_u32(c, head) * 1000000ull +
		      capture_u32(c, head + 4) / (c->ticks / 1000000),
		.link = c->link, .octets = { c->room, n }, .cut = capture_u32(c, head + 12) > n,
	};
	return 1;
}

int capture_next(struct capture *c, struct capture_packet *p)
{
	return c->ng ? capture_ng_next(c, p) : next_classic(c, p);
}

void capture_close(struct capture *c)
{
	octets_free(&c->comment);
	free(c->interfaces);
	free(c->room);
	c->interfaces = NULL;
	c->room = NULL;
}
