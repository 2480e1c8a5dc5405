// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_words - "name value" and "name=value" pairs of a command line, read
// into a struct by a table.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "gate_names.h"

static const struct ctl_field *find(const struct ctl_field *fields, const char *name, size_t n)
{
	const struct ctl_field *f;

	for (f = fields; f->name; f++)
		if (strlen(f->name) == n && !memcmp(f->name, name, n))
			return f;
	return NULL;
}

/* A key in the wrong place is not to end up in a log. */
static const char *shown(const char *word)
{
	size_t n = strspn(word, "0123456789abcdefABCDEF");

	return n >= 24 ? "(hexadecimal digits)" : word;
}

int ctl_words_read(const struct ctl_field *fields, void *out, int argc, char **argv,
		   uint32_t *seen)
{
	const struct ctl_field *f;
	const char *value;
	uint32_t have = 0;
	size_t n;
	int i;

	for (i = 0; i < argc; i++) {
		n = strcspn(argv[i], "=");
		f = find(fields, argv[i], n);
		if (!f)
			return ctl_bad_usage("no such word: %s", shown(argv[i]));
		if (have & 1u << (f - fields))
			return ctl_bad_usage("%s is given twice", f->name);
		have |= 1u << (f - fields);
		if (f->kind == CTL_FLAG) {
			if (argv[i][n])
				return ctl_bad_usage("%s takes no value", f->name);
			f->parse(NULL, (char *)out + f->at);
			continue;
		}
		value = argv[i][n] ? argv[i] + n + 1 : i + 1 < argc ? argv[++i] : NULL;
		if (!value)
			return ctl_bad_usage("%s: %s is missing", f->name, f->what);
		if (!f->parse(value, (char *)out + f->at))
			return ctl_bad_usage("%s: %s is not %s", f->name, shown(value), f->what);
	}
	for (f = fields; f->name; f++)
		if (f->kind == CTL_NEEDED && !(have & 1u << (f - fields)))
			return ctl_bad_usage("%s is missing", f->name);
	if (seen)
		*seen = have;
	return 0;
}

static bool number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	/* strtoull takes signs and blanks */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10);
	return !errno && !*end && *out >= min && *out <= max;
}

bool ctl_parse_port(const char *text, void *uint16)
{
	uint64_t v;

	if (!number(text, 1, 65535, &v))
		return false;
	*(uint16_t *)uint16 = v;
	return true;
}

static bool parse_u32_from(const char *text, uint32_t min, uint32_t *out)
{
	uint64_t v;

	if (!number(text, min, UINT32_MAX, &v))
		return false;
	*out = v;
	return true;
}

bool ctl_parse_id(const char *text, void *uint32)
{
	return parse_u32_from(text, 1, uint32);
}

bool ctl_parse_u32(const char *text, void *uint32)
{
	return parse_u32_from(text, 0, uint32);
}

bool ctl_parse_spi(const char *text, void *uint32)
{
	return parse_u32_from(text, 256, uint32);
}

bool ctl_parse_u64(const char *text, void *uint64)
{
	return number(text, 0, UINT64_MAX, uint64);
}

bool ctl_parse_seconds(const char *text, void *uint64_ms)
{
	uint64_t ms = 0, unit = 100;
	const char *p = text;
	char whole[16];
	size_t n = strcspn(text, ".");

	if (n == 0 || n >= sizeof(whole))
		return false;
	memcpy(whole, text, n);
	whole[n] = 0;
	if (strpbrk(whole, "xX") || !number(whole, 0, UINT32_MAX, &ms))
		return false;
	ms *= 1000;
	p += n;
	if (*p == '.' && !*++p)
		return false;
	for (; *p; p++, unit /= 10) {
		if (*p < '0' || *p > '9' || !unit)
			return false;
		ms += (*p - '0') * unit;
	}
	*(uint64_t *)uint64_ms = ms;
	return ms != 0;
}

bool ctl_parse_addr(const char *text, void *addr)
{
	return addr_parse(addr, text, 0);
}

bool ctl_parse_state(const char *text, void *uint32)
{
	return gate_names_value(GATE_NAMES_SET_STATE, text, uint32);
}

bool ctl_parse_alg(const char *text, void *uint32)
{
	return gate_names_value(GATE_NAMES_ALG, text, uint32) && *(uint32_t *)uint32;
}

bool ctl_parse_ealg(const char *text, void *uint32)
{
	return gate_names_value(GATE_NAMES_EALG, text, uint32) && *(uint32_t *)uint32;
}
