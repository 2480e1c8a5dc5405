// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes JSON. Values come from the network: every octet that is not plain
 * ASCII is escaped as Latin-1, so that the document is valid whatever they
 * are.
 */
#include "json.h"

static void put_quoted(struct octets *o, struct str s)
{
	octets_puts(o, "\"");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = s.p[i];

		if (c == '"' || c == '\\')
			octets_printf(o, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			octets_printf(o, "\\u%04x", c);
		else
			octets_put(o, (struct str){ s.p + i, 1 });
	}
	octets_puts(o, "\"");
}

/*
 * The character at @p of @n octets of UTF-8, and how many they are; an octet that begins
 * none stands for itself.
 */
static unsigned int decode(const unsigned char *p, size_t n, uint32_t *c)
{
	unsigned int len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 1;

	*c = p[0];
	if (len == 1 || len > n)
		return 1;
	*c &= 0x7f >> len;
	for (unsigned int i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*c = p[0];
			return 1;
		}
		*c = *c << 6 | (p[i] & 0x3f);
	}
	return len;
}

/* What stands before a value: a comma unless it is the first, and its name. */
static void put_name(struct octets *o, const char *name)
{
	char last = o->n ? o->p[o->n - 1] : '{';

	if (last != '{' && last != '[')
		octets_puts(o, ",");
	if (name) {
		put_quoted(o, str_of(name));
		octets_puts(o, ":");
	}
}

void json_open(struct octets *o, const char *name, char bracket)
{
	if (o->n)
		put_name(o, name);
	octets_put(o, (struct str){ &bracket, 1 });
}

void json_close(struct octets *o, char bracket)
{
	octets_put(o, (struct str){ &bracket, 1 });
}

void json_string(struct octets *o, const char *name, struct str value)
{
	put_name(o, name);
	put_quoted(o, value);
}

void json_text(struct octets *o, const char *name, const char *value)
{
	json_string(o, name, str_of(value));
}

void json_utf8(struct octets *o, const char *name, const char *value)
{
	size_t n = strlen(value), step;
	uint32_t c;

	put_name(o, name);
	octets_puts(o, "\"");
	for (size_t i = 0; i < n; i += step) {
		step = decode((const unsigned char *)value + i, n - i, &c);
		if (c == '"' || c == '\\')
			octets_printf(o, "\\%c", (char)c);
		else if (c < 0x20 || (c >= 0x7f && c < 0x10000))
			octets_printf(o, "\\u%04x", c);
		else
			octets_put(o, (struct str){ value + i, step });
	}
	octets_puts(o, "\"");
}

void json_number(struct octets *o, const char *name, unsigned long long value)
{
	put_name(o, name);
	octets_printf(o, "%llu", value);
}

void json_bool(struct octets *o, const char *name, bool value)
{
	put_name(o, name);
	octets_puts(o, value ? "true" : "false");
}
