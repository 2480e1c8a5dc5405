/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RECORD_H
#define _RECORD_H

#include "addr.h"
#include "octets.h"

/*
 * The form of what outlives the program: one octet of version, then fields,
 * each a tag (1 octet), a length (4 octets, network order) and its octets,
 * which may be fields again.
 *
 * A reader skips tags it does not know: what a field adds, not what it
 * changes, needs no new version.  A version it does not know is refused.
 * Reading is bounded by the record, copies nothing and trusts nothing.
 */

#define RECORD_TEXT 65535	/* octets of a text, at most */

void record_begin(struct octets *o, uint8_t version);
void record_put(struct octets *o, uint8_t tag, struct str value);
void record_put_number(struct octets *o, uint8_t tag, uint64_t value);
/* With its port. */
void record_put_addr(struct octets *o, uint8_t tag, const struct addr *a);

/* A field of fields: what is put between the two is inside of it. */
size_t record_open(struct octets *o, uint8_t tag);
void record_close(struct octets *o, size_t at);

struct record_field {
	uint8_t tag;
	struct str value;
};

enum record_next { RECORD_FIELD, RECORD_END, RECORD_BROKEN };

/* Takes the version off @rest. False: another, or none. */
bool record_version(struct str *rest, uint8_t version);

/* Takes one field off @rest. */
enum record_next record_next(struct str *rest, struct record_field *f);

/* False: it is not one, or out of bounds. Texts may be empty, and have no 0 inside. */
bool record_number(struct str value, uint64_t max, uint64_t *out);
bool record_addr(struct str value, struct addr *out);
bool record_text(struct str value, struct str *out);

#endif
