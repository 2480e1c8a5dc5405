// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A look at octets as they passed, for those who show them (control/trace.c, capture/).
 * No memory, and no more than some lines are looked at.
 */
#include "sip_peek.h"

#include "json.h"

#define MOST_LINES 64
#define LONGEST_VALUE 256	/* of a header that is told, octets */
#define LONGEST_METHOD 32

struct str sip_peek_start(struct str octets)
{
	for (size_t i = 0; i < octets.n; i++)
		if (octets.p[i] == '\r' || octets.p[i] == '\n')
			return (struct str){ octets.p, i };
	return octets;
}

struct str sip_peek_header(struct str octets, enum sip_header id)
{
	struct str rest = octets, line, name;
	const char *colon;

	for (unsigned int i = 0; i < MOST_LINES && rest.n; i++) {
		const char *end = memchr(rest.p, '\n', rest.n);

		line = (struct str){ rest.p, end ? (size_t)(end - rest.p) : rest.n };
		rest = str_from(rest, end ? line.n + 1 : line.n);
		if (i && !str_trim(line).n)
			break;
		colon = memchr(line.p, ':', line.n);
		name = (struct str){ line.p, colon ? (size_t)(colon - line.p) : 0 };
		if (i && colon && sip_header_find(str_trim(name)) == id)
			return str_trim(str_from(line, name.n + 1));
	}
	return STR_NONE;
}

static bool is_method(struct str s)
{
	if (!s.n || s.n > LONGEST_METHOD)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f ||
		    strchr("()<>@,;:\\\"/[]?={}", s.p[i]))
			return false;
	return true;
}

bool sip_peek_is_sip(struct str octets)
{
	static const char version[] = "SIP/2.0";
	const size_t n = sizeof(version) - 1;
	struct str line = sip_peek_start(octets);
	const char *blank = memchr(line.p ? line.p : "", ' ', line.n);

	if (!blank || line.n == octets.n || line.n < n + 2)
		return false;
	if ((size_t)(blank - line.p) == n && !memcmp(line.p, version, n))
		return true;
	return is_method((struct str){ line.p, (size_t)(blank - line.p) }) &&
	       blank < line.p + line.n - n - 1 && line.p[line.n - n - 1] == ' ' &&
	       !memcmp(line.p + line.n - n, version, n);
}

void sip_peek_put(struct octets *o, const char *name, struct str octets, enum sip_header id)
{
	struct str value = sip_peek_header(octets, id);

	if (value.n > LONGEST_VALUE)
		value.n = LONGEST_VALUE;
	if (value.p)
		json_string(o, name, value);
}
