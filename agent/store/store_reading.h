/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_READING_H
#define _STORE_READING_H

#include "record.h"

/* Times behind it are nonsense: 2^32 s of expiry and a century of uptime fit. */
#define STORE_LATEST (UINT64_C(1) << 63)

#define STORE_BIT(tag) (UINT32_C(1) << (tag))

/*
 * A record while it is read: what was there already, so that a field that
 * comes twice or never is found.  The first thing that is wrong is why it is
 * refused; what is read after that is 0 or empty.
 */
struct reading {
	struct str rest;
	uint32_t seen;		/* by tag */
	const char *why;
};

void reading_broken(struct reading *r, const char *why);

/*
 * The next field, NULL at the end or when something is wrong.  @once: the tags
 * that may not be repeated, which are the known ones but for lists.
 */
struct record_field *reading_next(struct reading *r, struct record_field *f, uint32_t once);

/* All of these tags were there. */
void reading_need(struct reading *r, uint32_t tags);

uint64_t reading_number(struct reading *r, struct str value, uint64_t min, uint64_t max);
struct str reading_text(struct reading *r, struct str value);
/* With a port. */
struct addr reading_endpoint(struct reading *r, struct str value);
/* Without port. */
struct addr reading_address(struct reading *r, struct str value);

#endif
