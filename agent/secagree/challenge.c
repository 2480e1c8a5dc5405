// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ck and ik of a challenge (TS 24.229 5.2.2.2, 7.2A.1), cut out of the octets
 * as received. This runs before every other look at a message of the core, so
 * it trusts nothing: lines may end in CR, LF or both, and what does not parse
 * is cut generously. The caller owns the buffer; the keys are handed out once.
 */
#include "challenge.h"

#include <openssl/crypto.h>

/* More key parameters in one line than any core has reason to send. */
#define CUTS_PER_LINE 16

/* What has been found so far. */
struct search {
	char *p;			/* the message */
	size_t n;
	struct keys_aka keys;
	bool have_ck, have_ik;
	const char *bad;
	unsigned int challenge;		/* counts them over all lines */
	unsigned int ck_in, ik_in;	/* challenge that had the last one */
};

/* A parameter in a line: offsets into the message. */
struct found {
	size_t start, end;		/* name to end of value */
	size_t comma;			/* before it, in the same challenge */
	bool first;			/* of its challenge: no such comma */
	bool is_ck;
	struct str value;
	unsigned int challenge;
};

/* The line at @at with what is folded into it; offset behind its text. */
static size_t line_end(const struct search *s, size_t at, size_t *next)
{
	size_t end;

	for (;;) {
		const char *cr = memchr(s->p + at, '\r', s->n - at);
		size_t n = cr ? (size_t)(cr - s->p) - at : s->n - at;
		const char *lf = memchr(s->p + at, '\n', n);

		end = at = lf ? (size_t)(lf - s->p) : at + n;
		if (at < s->n)
			at += s->p[at] == '\r' && at + 1 < s->n && s->p[at + 1] == '\n' ? 2 : 1;
		if (at >= s->n || (s->p[at] != ' ' && s->p[at] != '\t'))
			break;
	}
	*next = at;
	return end;
}

/* Offset of the value, or 0 for a line of another header. */
static size_t challenge_value(const struct search *s, size_t at, size_t end)
{
	const char *colon;
	struct str name;

	/* Most lines are told apart by their first letter. */
	if ((s->p[at] | 0x20) != 'w' && (s->p[at] | 0x20) != 'p')
		return 0;
	colon = memchr(s->p + at, ':', end - at);
	if (!colon)
		return 0;
	name = str_trim((struct str){ s->p + at, (size_t)(colon - s->p) - at });
	if (!str_same_nocase(name, STR_LIT("WWW-Authenticate")) &&
	    !str_same_nocase(name, STR_LIT("Proxy-Authenticate")))
		return 0;
	return (size_t)(colon - s->p) + 1;
}

/* @at is on the opening quote; behind the closing one, or the end: an open one takes all. */
static size_t quoted_end(const struct search *s, size_t at, size_t end)
{
	for (at++; at < end; ) {
		const char *quote = memchr(s->p + at, '"', end - at);
		size_t to = quote ? (size_t)(quote - s->p) : end;
		const char *escape = memchr(s->p + at, '\\', to - at);

		if (!escape)
			return quote ? to + 1 : end;
		at = (size_t)(escape - s->p) + 2;
	}
	return end;
}

/* Behind the part at @at: its comma or the end. */
static size_t part_end(const struct search *s, size_t at, size_t end)
{
	while (at < end && s->p[at] != ',')
		at = s->p[at] == '"' ? quoted_end(s, at, end) : at + 1;
	return at;
}

/* Is the part @from..@to  [scheme] ck|ik = value  ? Fills what it says. */
static bool read_part(const struct search *s, size_t from, size_t to, struct found *found)
{
	struct str part = { s->p + from, to - from }, name;
	const char *equals = memchr(part.p, '=', part.n);
	size_t start;

	found->first = false;
	if (!equals)
		return false;
	name = str_trim((struct str){ part.p, (size_t)(equals - part.p) });
	/* The last word is the parameter; one before it is the scheme. */
	for (start = name.n; start > 0 && !is_blank_or_end(name.p[start - 1]); start--)
		;
	found->first = start > 0;
	name = str_from(name, start);
	found->is_ck = str_same_nocase(name, STR_LIT("ck"));
	if (!found->is_ck && !str_same_nocase(name, STR_LIT("ik")))
		return false;
	part = str_trim(part);
	found->start = (size_t)(name.p - s->p);
	found->end = (size_t)(part.p + part.n - s->p);
	found->value = str_unquote(str_trim((struct str){
		equals + 1, (size_t)(part.p + part.n - equals) - 1 }));
	return true;
}

/* The first key parameter in @from..@end. */
static bool find_parameter(const struct search *s, size_t from, size_t end, struct found *found)
{
	unsigned int challenge = s->challenge;
	bool begin = true;

	for (size_t at = from; at < end; begin = false) {
		size_t to = part_end(s, at, end);
		bool is_key = read_part(s, at, to, found);

		challenge += found->first;
		if (is_key) {
			found->challenge = challenge;
			found->first = found->first || begin;
			found->comma = at - 1;
			return true;
		}
		at = to + 1;
	}
	return false;
}

/* Takes @n octets at @at out of the message and wipes what becomes free. */
static void cut(struct search *s, size_t at, size_t n)
{
	memmove(s->p + at, s->p + at + n, s->n - at - n);
	OPENSSL_cleanse(s->p + s->n - n, n);
	s->n -= n;
}

static void remember(struct search *s, const struct found *found)
{
	bool *have = found->is_ck ? &s->have_ck : &s->have_ik;
	uint8_t *key = found->is_ck ? s->keys.ck : s->keys.ik;
	unsigned int *in = found->is_ck ? &s->ck_in : &s->ik_in;
	uint8_t value[KEYS_AKA];

	if (!str_hex(found->value, value, KEYS_AKA))
		s->bad = "ck or ik is not 32 hexadecimal digits";
	else if (*have && *in == found->challenge)
		s->bad = "ck or ik twice in one challenge";
	else if (*have && memcmp(key, value, KEYS_AKA) != 0)
		s->bad = "challenges with different ck or ik";
	else
		memcpy(key, value, KEYS_AKA);
	*have = true;
	*in = found->challenge;
	OPENSSL_cleanse(value, sizeof(value));
}

/* The parameter and one comma; returns how many octets went. */
static size_t cut_parameter(struct search *s, const struct found *found, size_t end)
{
	size_t from = found->start, to = found->end;

	if (!found->first) {
		from = found->comma;
	} else {
		while (to < end && is_blank_or_end(s->p[to]))
			to++;
		if (to < end && s->p[to] == ',') {
			do
				to++;
			while (to < end && is_blank_or_end(s->p[to]));
		} else {
			to = found->end;
		}
	}
	cut(s, from, to - from);
	return to - from;
}

/* ck or ik followed by '=' anywhere, quotes or not: what a broken line hides. */
static bool find_hidden(const struct search *s, size_t from, size_t end, size_t *at)
{
	for (size_t i = from; i + 2 < end; i++) {
		size_t j = i + 2;

		if ((s->p[i] | 0x20) != 'c' && (s->p[i] | 0x20) != 'i')
			continue;
		if ((s->p[i + 1] | 0x20) != 'k' ||
		    (i > from && !is_blank_or_end(s->p[i - 1]) && s->p[i - 1] != ','))
			continue;
		while (j < end && is_blank_or_end(s->p[j]))
			j++;
		if (j < end && s->p[j] == '=') {
			*at = i;
			return true;
		}
	}
	return false;
}

/* Challenges begin with a scheme: how many are in this line? */
static unsigned int count_challenges(const struct search *s, size_t from, size_t end)
{
	struct found part;
	unsigned int n = 0;

	for (size_t at = from; at < end; ) {
		size_t to = part_end(s, at, end);

		read_part(s, at, to, &part);
		n += part.first;
		at = to + 1;
	}
	return n;
}

/* Returns how many octets went. */
static size_t cut_line(struct search *s, size_t from, size_t end)
{
	size_t gone = 0, at;
	struct found found;

	for (unsigned int i = 0; i < CUTS_PER_LINE; i++) {
		if (!find_parameter(s, from, end - gone, &found))
			break;
		remember(s, &found);
		gone += cut_parameter(s, &found, end - gone);
	}
	if (find_hidden(s, from, end - gone, &at)) {
		s->bad = "WWW-Authenticate with ck or ik does not parse";
		cut(s, at, end - gone - at);
		gone = end - at;
	}
	s->challenge += count_challenges(s, from, end - gone);
	return gone;
}

static void cut_head(struct search *s)
{
	size_t at = 0, end, next;

	while (at < s->n && (s->p[at] == '\r' || s->p[at] == '\n'))
		at++;
	for (; at < s->n; at = next) {
		size_t value;

		/* The empty line; what follows is the body's. */
		if (s->p[at] == '\r' || s->p[at] == '\n')
			return;
		end = line_end(s, at, &next);
		value = challenge_value(s, at, end);
		if (value)
			next -= cut_line(s, value, end);
	}
}

enum challenge_result challenge_cut(char *octets, size_t *n, struct keys_aka *keys,
				    const char **why)
{
	struct search s = { .p = octets, .n = *n };
	enum challenge_result result = CHALLENGE_BAD_KEYS;

	memset(keys, 0, sizeof(*keys));
	cut_head(&s);
	*n = s.n;
	if (!s.bad && s.have_ck != s.have_ik)
		s.bad = s.have_ck ? "ck without ik" : "ik without ck";
	if (!s.bad && s.have_ck) {
		*keys = s.keys;
		result = CHALLENGE_KEYS;
	} else if (!s.bad) {
		result = CHALLENGE_NO_KEYS;
	}
	if (why)
		*why = s.bad;
	keys_aka_wipe(&s.keys);
	return result;
}
