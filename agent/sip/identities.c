// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of public identities. They are short and looked at rarely, so that
 * they stay the text they came as; nothing here keeps anything.
 */
#include "identities.h"

#include "sip_param.h"
#include "sip_uri.h"

struct parts {
	struct str scheme, user, host;	/* user and host only of sip: and sips: */
};

static struct str cut_at(struct str s, const char *any)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(any, s.p[i]))
			return (struct str){ s.p, i };
	return s;
}

static struct parts split(struct str uri)
{
	struct parts p = { .scheme = cut_at(uri, ":") };
	struct str rest = str_from(uri, p.scheme.n);
	const char *at;

	p.user = rest;
	if (!str_same_nocase(p.scheme, STR_LIT("sip")) &&
	    !str_same_nocase(p.scheme, STR_LIT("sips")))
		return p;
	/* A user part may have ';', a host part may not have '@'. */
	at = memrchr(rest.p, '@', rest.n);
	p.user = (struct str){ rest.p, at ? (size_t)(at - rest.p) : 0 };
	p.host = cut_at(at ? str_from(rest, (size_t)(at - rest.p) + 1) : rest, ";?");
	return p;
}

bool identities_same(struct str a, struct str b)
{
	struct parts x, y;

	if (str_same(a, b))
		return true;
	if (!a.n || !b.n)
		return false;
	x = split(a);
	y = split(b);
	return str_same_nocase(x.scheme, y.scheme) && str_same(x.user, y.user) &&
	       str_same_nocase(x.host, y.host);
}

/* @value: with its display name and brackets */
static bool next(struct str *rest, struct str *value, struct str *uri)
{
	struct sip_addr addr;

	while (sip_param_split(rest, ',', value)) {
		if (!sip_addr_split(*value, &addr) || addr.star)
			continue;
		*uri = addr.uri;
		return true;
	}
	return false;
}

bool identities_next(struct str *rest, struct str *uri)
{
	struct str value;

	return next(rest, &value, uri);
}

bool identities_has(struct str list, struct str uri)
{
	struct str known;

	while (identities_next(&list, &known))
		if (identities_same(known, uri))
			return true;
	return false;
}

static unsigned int count(struct str list)
{
	unsigned int n = 0;
	struct str uri;

	while (identities_next(&list, &uri))
		n++;
	return n;
}

static void put(struct octets *list, struct str value)
{
	if (list->n)
		octets_puts(list, ", ");
	octets_put(list, value);
}

void identities_join(struct octets *list, struct str more)
{
	unsigned int n = count(octets_str(list));
	struct str value, uri;

	while (n < IDENTITIES_MAX && next(&more, &value, &uri)) {
		if (identities_has(octets_str(list), uri))
			continue;
		put(list, value);
		n++;
	}
}

void identities_without(struct octets *out, struct str list, struct str uri)
{
	struct str value, known;

	while (next(&list, &value, &known))
		if (!identities_same(known, uri))
			put(out, value);
}
