// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The TTLs of a DNS answer (RFC 1035 4.1).  Pure: names are stepped over, not
 * read, so that a compression pointer leads nowhere.
 */
#include "dns_ttl.h"

#define HEADER 12
#define TYPE_SOA 6

struct reader {
	const uint8_t *p;
	size_t n, at;
};

static bool skip(struct reader *r, size_t n)
{
	if (n > r->n - r->at)
		return false;
	r->at += n;
	return true;
}

static bool number(struct reader *r, unsigned int octets, uint32_t *out)
{
	const uint8_t *p = r->p + r->at;

	if (!skip(r, octets))
		return false;
	for (*out = 0; octets; octets--)
		*out = *out << 8 | *p++;
	return true;
}

static bool skip_name(struct reader *r)
{
	uint32_t label;

	while (number(r, 1, &label)) {
		if (label >= 0xc0)
			return skip(r, 1);
		if (label >= 0x40)
			return false;
		if (!label)
			return true;
		if (!skip(r, label))
			return false;
	}
	return false;
}

struct record {
	uint32_t type, ttl;
	struct reader data;
};

static bool next_record(struct reader *r, struct record *rr)
{
	uint32_t class, length;

	if (!skip_name(r) || !number(r, 2, &rr->type) || !number(r, 2, &class) ||
	    !number(r, 4, &rr->ttl) || !number(r, 2, &length))
		return false;
	rr->data = (struct reader){ r->p + r->at, length, 0 };
	/* RFC 2181 8: the top bit set means 0. */
	if (rr->ttl >> 31)
		rr->ttl = 0;
	return skip(r, length);
}

/* RFC 2308 5; MINIMUM is the last of the five numbers, behind two names. */
static bool soa_ttl(const struct record *rr, uint32_t *seconds)
{
	struct reader data = rr->data;
	uint32_t minimum;

	if (!skip_name(&data) || !skip_name(&data) || !skip(&data, 16) ||
	    !number(&data, 4, &minimum))
		return false;
	*seconds = minimum < rr->ttl ? minimum : rr->ttl;
	return true;
}

bool dns_ttl(const uint8_t *answer, size_t n, uint32_t *seconds)
{
	uint32_t questions, answers, authorities;
	struct reader r = { answer, n, 0 };
	struct record rr;

	if (!skip(&r, 4) || !number(&r, 2, &questions) || !number(&r, 2, &answers) ||
	    !number(&r, 2, &authorities) || !skip(&r, HEADER - 10))
		return false;
	for (; questions; questions--)
		if (!skip_name(&r) || !skip(&r, 4))
			return false;
	*seconds = UINT32_MAX;
	for (uint32_t i = 0; i < answers; i++) {
		if (!next_record(&r, &rr))
			return false;
		if (rr.ttl < *seconds)
			*seconds = rr.ttl;
	}
	if (answers)
		return true;
	for (; authorities; authorities--) {
		if (!next_record(&r, &rr))
			return false;
		if (rr.type == TYPE_SOA)
			return soa_ttl(&rr, seconds);
	}
	return false;
}
