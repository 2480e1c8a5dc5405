// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comma lists and name=value parameters of header values (RFC 3261 25.1).
 * Nothing is allocated; one pass over the text, so that cost is linear
 * whatever a stranger sends.
 */
#include "sip_param.h"

/* Offset of @c in @from..@to, or @to. */
static size_t find(struct str s, size_t from, size_t to, char c)
{
	const char *p = from < to ? memchr(s.p + from, c, to - from) : NULL;

	return p ? (size_t)(p - s.p) : to;
}

/* @at is on the opening quote; the octet behind the closing one, or 0: none. */
static size_t skip_quoted(struct str s, size_t at)
{
	size_t quote, escape;

	for (at++; ; at = escape + 2) {
		quote = find(s, at, s.n, '"');
		escape = find(s, at, quote, '\\');
		if (escape == quote)
			return quote < s.n ? quote + 1 : 0;
	}
}

static size_t skip_brackets(struct str s, size_t at)
{
	size_t end = find(s, at, s.n, '>');

	return end < s.n ? end + 1 : 0;
}

/*
 * First @separator at top level, or the end. Most parts have neither quotes
 * nor brackets, so these are looked for only up to the separator found.
 */
static size_t find_separator(struct str s, char separator)
{
	for (size_t at = 0; ; ) {
		size_t end = find(s, at, s.n, separator);
		size_t quote = find(s, at, end, '"');
		size_t open = find(s, at, quote, '<');

		if (open == end)
			return end;
		at = open < quote ? skip_brackets(s, open) : skip_quoted(s, quote);
		if (!at)
			return s.n;
	}
}

bool sip_param_split(struct str *rest, char separator, struct str *part)
{
	size_t end;

	if (!rest->p)
		return false;
	end = find_separator(*rest, separator);
	*part = str_trim((struct str){ rest->p, end });
	if (end < rest->n)
		*rest = str_from(*rest, end + 1);
	else
		*rest = STR_NONE;
	return true;
}

/*
 * One look at each octet finds the end of a parameter and its '=', both outside quotes
 * and brackets. One that is left open takes all the rest.
 */
static struct str next_part(struct str *rest, char separator, size_t *equals)
{
	static const bool special[256] = {
		['"'] = true, ['<'] = true, ['='] = true, [';'] = true, [','] = true,
	};
	struct str part;
	size_t at = 0;

	*equals = SIZE_MAX;
	for (;;) {
		while (at < rest->n && !special[(uint8_t)rest->p[at]])
			at++;
		if (at == rest->n || rest->p[at] == separator)
			break;
		switch (rest->p[at]) {
		case '"':
			at = skip_quoted(*rest, at);
			break;
		case '<':
			at = skip_brackets(*rest, at);
			break;
		case '=':
			if (*equals == SIZE_MAX)
				*equals = at;
			/* fall through */
		default:
			at++;
		}
		if (!at)
			at = rest->n;
	}
	part = (struct str){ rest->p, at };
	*rest = at < rest->n ? str_from(*rest, at + 1) : STR_NONE;
	return part;
}

/* False: the part was empty. */
static bool read_param(struct str part, size_t equals, struct sip_param *param)
{
	param->whole = str_trim(part);
	if (equals < part.n) {
		equals -= (size_t)(param->whole.p - part.p);
		param->name = str_trim((struct str){ param->whole.p, equals });
		param->value = str_unquote(str_trim(str_from(param->whole, equals + 1)));
	} else {
		param->name = param->whole;
		param->value = STR_NONE;
	}
	return param->whole.n != 0;
}

bool sip_param_next(struct str *rest, char separator, struct sip_param *param)
{
	struct str part;
	size_t equals;

	do {
		if (!rest->p)
			return false;
		part = next_part(rest, separator, &equals);
	} while (!read_param(part, equals, param));
	return true;
}

bool sip_param_find(struct str params, char separator, struct str name,
		    struct sip_param *param)
{
	while (sip_param_next(&params, separator, param))
		if (str_same_nocase(param->name, name))
			return true;
	return false;
}

bool sip_param_balanced(struct str s)
{
	for (size_t at = 0; ; ) {
		size_t quote = find(s, at, s.n, '"');
		size_t open = find(s, at, quote, '<');

		if (open == s.n)
			return true;
		at = open < quote ? skip_brackets(s, open) : skip_quoted(s, quote);
		if (!at)
			return false;
	}
}
