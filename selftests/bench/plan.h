/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is who in a benchmark: every tool numbers UEs from 0 and derives the
 * rest from the number.
 *
 *	P-CSCF 10.4.128.21		gmgate's ports 6100 (ps) and 6101 (pc),
 *					stock's 7100 and 7101, nobody's 8000
 *	UE n   10.64.0.0 + n		5100 (uc) and 5200 (us)
 *
 * A re-registration gives a UE a second generation of SAs, as TS 33.203 has
 * it: four new SPIs, and of the ports other ones for the clients, uc and pc.
 *
 * SPIs are spread over their range, as random ones are: stock hashes them by
 * xor, and neighbours would be its worst case.
 */
#ifndef _BENCH_PLAN_H
#define _BENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define PLAN_PCSCF	0x0a048015u
#define PLAN_UE		0x0a400000u
#define PLAN_MAX_UES	(1u << 20)
#define PLAN_PORT_UC	5100
#define PLAN_PORT_US	5200
#define PLAN_IK		"\xf7\x69\xbc\xd7\x51\x04\x46\x04\x12\x76" \
			"\x72\x71\x1c\x6d\x34\x41\x00\x00\x00\x00"
#define PLAN_CK		"\xb4\x0b\xa9\xa3\xc5\x8b\x2a\x05\xbb\xf0" \
			"\xd9\x87\xb2\x1b\xf8\xcb"
#define PLAN_SALT	"\x5e\x1f\x07\xc2"

enum plan_suite { PLAN_NULL, PLAN_CBC, PLAN_GCM, PLAN_SUITES };

/* By the name that the tools' command lines have; PLAN_SUITES if there is none. */
static inline enum plan_suite plan_suite(const char *name)
{
	static const char *const names[] = { "null", "aes-cbc", "aes-gcm" };
	unsigned int i;

	for (i = 0; i < PLAN_SUITES && strcmp(names[i], name); i++)
		;
	return i;
}

enum who { WHO_NONE, WHO_STOCK, WHO_GMGATE };

/* port_ps; port_pc is the next one */
static inline uint16_t plan_port_ps(enum who who)
{
	return who == WHO_GMGATE ? 6100 : who == WHO_STOCK ? 7100 : 8000;
}

/* the four SPIs of a UE, in host byte order; less PLAN_NEXT of the first generation */
enum { SPI_PS, SPI_PC, SPI_UC, SPI_US };
#define PLAN_NEXT	0x08000000u

/*
 * The P-CSCF's are its own to choose, 0x10000000 and up for gmgate's and
 * 0x20000000 for stock's; the UE's are the UE's.
 */
static inline uint32_t plan_spi(enum who who, unsigned int which, uint32_t n)
{
	uint32_t spread = (n * 2654435761u) >> 6;	/* 26 bits, no two alike */

	switch (which) {
	case SPI_PS: return (who == WHO_STOCK ? 0x20000000u : 0x10000000u) + spread;
	case SPI_PC: return (who == WHO_STOCK ? 0x24000000u : 0x14000000u) + spread;
	case SPI_UC: return 0x40000000u + spread;
	default:     return 0x44000000u + spread;
	}
}

#endif /* _BENCH_PLAN_H */
