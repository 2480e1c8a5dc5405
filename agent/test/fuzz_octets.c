// SPDX-License-Identifier: GPL-2.0-or-later
/* The smallest readers against what they say they read, digit by digit. */
#include "fuzz.h"

#include <ctype.h>

#include "suite.h"

static void numbers(struct str s)
{
	static const uint32_t limits[] = { 0, 255, 65535, UINT32_MAX };
	bool digits = s.n > 0;
	uint32_t got = 0;

	for (size_t i = 0; i < s.n; i++)
		digits &= isdigit((unsigned char)s.p[i]) != 0;
	for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		char text[32];
		struct str bare = s;

		if (!str_number(s, limits[i], &got))
			continue;
		MUST(digits && got <= limits[i]);
		while (bare.n > 1 && bare.p[0] == '0')
			bare = str_from(bare, 1);
		snprintf(text, sizeof(text), "%u", got);
		MUST(str_same(bare, str_of(text)));
	}
	if (digits && s.n < 10)
		MUST(str_number(s, UINT32_MAX, &got));
}

static void hex(struct str s)
{
	uint8_t out[16];
	bool all = s.n == 32;

	for (size_t i = 0; i < s.n; i++)
		all &= isxdigit((unsigned char)s.p[i]) != 0;
	MUST(str_hex(s, out, sizeof(out)) == all);
	if (all) {
		char text[33];

		for (unsigned int i = 0; i < 16; i++)
			snprintf(text + 2 * i, 3, "%02x", out[i]);
		MUST(str_same_nocase(s, str_of(text)));
	}
}

static void parts(struct str s)
{
	struct str t = str_trim(s), u = str_unquote(s);

	MUST(t.n <= s.n && u.n <= s.n);
	MUST(!t.n || (str_within(t, s) && !strchr(" \t\r\n", t.p[0] ? t.p[0] : 'x')));
	MUST(str_same(str_trim(t), t));
	MUST(!u.n || str_within(u, s));
}

static void suites(struct str s)
{
	struct suite got;
	char name[SUITE_NAME];

	if (!suite_parse(s, &got))
		return;
	MUST(suite_valid(got));
	MUST(str_same_nocase(s, str_of(suite_name(got, name))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	struct octets o = { 0 };

	numbers(s);
	hex(s);
	parts(s);
	suites(s);
	octets_put(&o, s);
	octets_printf(&o, "%.*s|%zu", STR_ARG(s), s.n);
	octets_put(&o, s);
	MUST(!o.failed && o.n >= 2 * s.n);
	MUST(str_same((struct str){ o.p, s.n }, s) && str_same((struct str){ o.p + o.n - s.n, s.n }, s));
	octets_free(&o);
	return 0;
}
