/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SUITE_H
#define _SUITE_H

#include <linux/gmgate.h>
#include "octets.h"

/* A pair of algorithms, as the kernel numbers them. */
struct suite {
	uint32_t alg;	/* enum gmgate_alg */
	uint32_t ealg;	/* enum gmgate_ealg */
};

/* Room for the longest suite_name() and its terminating 0. */
#define SUITE_NAME 32

/* GMGATE_ALG_UNSPEC for a name we do not know; without regard to case. */
uint32_t suite_alg(struct str name);

/* GMGATE_EALG_UNSPEC for a name we do not know; without regard to case. */
uint32_t suite_ealg(struct str name);

const char *suite_alg_name(uint32_t alg);
const char *suite_ealg_name(uint32_t ealg);

/*
 * True for the pairs TS 33.203 Annex H allows: null only with aes-gcm,
 * aes-gcm only with null, aes-gmac only with null encryption.
 */
bool suite_valid(struct suite s);

static inline bool suite_same(struct suite a, struct suite b)
{
	return a.alg == b.alg && a.ealg == b.ealg;
}

/* "hmac-sha-1-96/aes-cbc", as the configuration has it; -> suite_valid(). */
bool suite_parse(struct str text, struct suite *s);

/* Writes the same form into @name and returns it. */
const char *suite_name(struct suite s, char name[SUITE_NAME]);

#endif
