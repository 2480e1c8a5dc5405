// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comma lists and name=value parameters of header values (RFC 3261 25.1).
 * Nothing is allocated; one pass over the text, so that cost is linear
 * whatever a stranger sends.
 */
#include "sip_param.h"

/* @at is on the opening quote; the octet behind the closing one, or the end. */
static size_t skip_quoted(struct str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		if (s.p[at] == '\\')
			at++;
	return at < s.n ? at + 1 : s.n;
}

static size_t skip_brackets(struct str s, size_t at)
{
	const char *end = memchr(s.p + at, '>', s.n - at);

	return end ? (size_t)(end - s.p) + 1 : s.n;
}

/* First @separator at top level from @at on, or the end. */
static size_t find_separator(struct str s, size_t at, char separator)
{
	while (at < s.n && s.p[at] != separator) {
		if (s.p[at] == '"')
			at = skip_quoted(s, at);
		else if (s.p[at] == '<')
			at = skip_brackets(s, at);
		else
			at++;
	}
	return at;
}

bool sip_param_split(struct str *rest, char separator, struct str *part)
{
	size_t end;

	if (!rest->p)
		return false;
	end = find_separator(*rest, 0, separator);
	*part = str_trim((struct str){ rest->p, end });
	if (end < rest->n)
		*rest = str_from(*rest, end + 1);
	else
		*rest = STR_NONE;
	return true;
}

bool sip_param_next(struct str *rest, char separator, struct sip_param *param)
{
	struct str part;
	size_t equals;

	do {
		if (!sip_param_split(rest, separator, &part))
			return false;
	} while (!part.n);

	param->whole = part;
	equals = find_separator(part, 0, '=');
	param->name = str_trim((struct str){ part.p, equals });
	if (equals < part.n)
		param->value = str_unquote(str_trim(str_from(part, equals + 1)));
	else
		param->value = STR_NONE;
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
	for (size_t at = 0; at < s.n; ) {
		if (s.p[at] == '"') {
			size_t end = at + 1;

			while (end < s.n && s.p[end] != '"')
				end += s.p[end] == '\\' ? 2 : 1;
			if (end >= s.n)
				return false;
			at = end + 1;
		} else if (s.p[at] == '<') {
			const char *end = memchr(s.p + at, '>', s.n - at);

			if (!end)
				return false;
			at = (size_t)(end - s.p) + 1;
		} else {
			at++;
		}
	}
	return true;
}
