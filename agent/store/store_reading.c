// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields of a stored record, one after the other, none of them believed.  Pure.
 */
#include "store_reading.h"

void reading_broken(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
}

struct record_field *reading_next(struct reading *r, struct record_field *f, uint32_t once)
{
	uint32_t bit;

	if (r->why)
		return NULL;
	switch (record_next(&r->rest, f)) {
	case RECORD_END:
		return NULL;
	case RECORD_BROKEN:
		reading_broken(r, "a field is cut off");
		return NULL;
	case RECORD_FIELD:
		break;
	}
	bit = f->tag < 32 ? STORE_BIT(f->tag) : 0;
	if (r->seen & bit & once) {
		reading_broken(r, "a field comes twice");
		return NULL;
	}
	r->seen |= bit;
	return f;
}

void reading_need(struct reading *r, uint32_t tags)
{
	if ((r->seen & tags) != tags)
		reading_broken(r, "a field is missing");
}

uint64_t reading_number(struct reading *r, struct str value, uint64_t min, uint64_t max)
{
	uint64_t n = 0;

	if (!record_number(value, max, &n) || n < min)
		reading_broken(r, "a number is out of bounds");
	return n;
}

struct str reading_text(struct reading *r, struct str value)
{
	struct str s = STR_NONE;

	if (!record_text(value, &s))
		reading_broken(r, "a text is none");
	return s;
}

struct addr reading_endpoint(struct reading *r, struct str value)
{
	struct addr a = { 0 };

	if (!record_addr(value, &a) || !a.port)
		reading_broken(r, "an address and port are none");
	return a;
}

struct addr reading_address(struct reading *r, struct str value)
{
	struct addr a = { 0 };

	if (!record_addr(value, &a) || a.port)
		reading_broken(r, "an address is none");
	return a;
}
