// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random numbers of the kernel, fetched a block at a time.  What was handed
 * out is wiped from the block.  Single thread.
 */
#include "random.h"
#include "octets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint8_t block[256];
static size_t left;

static void fill(void)
{
	ssize_t n;

	do
		n = getrandom(block, sizeof(block), 0);
	while (n < 0 && errno == EINTR);
	/* Up to 256 octets are never cut short (getrandom(2)). */
	if (n != sizeof(block)) {
		perror("gmgated: getrandom");
		abort();
	}
	left = sizeof(block);
}

void random_octets(void *p, size_t n)
{
	uint8_t *out = p;

	while (n) {
		size_t part;

		if (!left)
			fill();
		part = n < left ? n : left;
		left -= part;
		memcpy(out, block + left, part);
		explicit_bzero(block + left, part);
		out += part;
		n -= part;
	}
}

uint32_t random_between(uint32_t min, uint32_t max)
{
	uint32_t span = max - min, mask = 0, r;

	while (mask < span)
		mask = mask << 1 | 1;
	do {
		random_octets(&r, sizeof(r));
		r &= mask;
	} while (r > span);
	return min + r;
}

void random_hex(char *p, size_t n)
{
	uint8_t octets[32];

	while (n) {
		size_t part = n < 2 * sizeof(octets) ? n : 2 * sizeof(octets);
		char text[2 * sizeof(octets)];

		random_octets(octets, (part + 1) / 2);
		hex_of(text, octets, (part + 1) / 2);
		memcpy(p, text, part);
		p += part;
		n -= part;
	}
	*p = '\0';
}
