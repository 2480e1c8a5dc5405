// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * URIs, read by libosip2; the only file here that does. To read a whole
 * REGISTER costs it 65,000 to 180,000 instructions, a URI 4,000 (`make bench`). A name-addr around the URI is taken apart here, since
 * its place in the octets matters for editing.
 */
#include "sip_uri.h"

#include <osipparser2/osip_uri.h>
#include <stdlib.h>

#include "sip_param.h"

/* libosip2 wants a terminating 0; no URI of a phone comes near this. */
#define LONGEST 1024

/* Octets of a URI; those of a name or address, those of an IPv6 address. */
enum { URI = 1, HOST = 2, V6 = 4 };

static const uint8_t octet_is[256] = {
	['!'] = URI, ['#' ... ','] = URI, ['-'] = URI | HOST, ['.'] = URI | HOST | V6, ['/'] = URI,
	['0' ... '9'] = URI | HOST | V6, [':'] = URI | V6, [';'] = URI, ['='] = URI,
	['?' ... '@'] = URI, ['A' ... 'F'] = URI | HOST | V6, ['G' ... 'Z'] = URI | HOST,
	['[' ... '^'] = URI, ['_'] = URI | HOST, ['`'] = URI,
	['a' ... 'f'] = URI | HOST | V6, ['g' ... 'z'] = URI | HOST,
	['{' ... '~'] = URI, [128 ... 255] = URI,
};

static bool all_are(struct str s, uint8_t kind)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(octet_is[(uint8_t)s.p[i]] & kind))
			return false;
	return s.n != 0;
}

/* Where @part is in @s for the first time, or NULL; memmem() wants long ones. */
static const char *find(struct str s, struct str part)
{
	const char *at = s.p, *end = s.p + s.n;

	if (!part.n || part.n > s.n)
		return NULL;
	while ((at = memchr(at, part.p[0], (size_t)(end - at))) && (size_t)(end - at) >= part.n) {
		if (memcmp(at, part.p, part.n) == 0)
			return at;
		at++;
	}
	return NULL;
}

/*
 * libosip2 takes what it finds for a host: "[:" of [::1 without end, x of
 * h[x], "b c". What we send to must be what stands there.
 */
static bool host_is_clean(struct str text, struct str host)
{
	bool v6 = memchr(host.p, ':', host.n) != NULL;
	const char *at = find(text, host);
	const char *end = text.p + text.n;

	if (!all_are(host, v6 ? V6 : HOST) || !at || at == text.p || (at[-1] == '[') != v6)
		return false;
	at += host.n;
	if (v6 && (at == end || *at++ != ']'))
		return false;
	return !v6 || at == end || *at == ':' || *at == ';' || *at == '?';
}

/*
 * What libosip2 made of a text. It does not change any more, so that From and To, a
 * request and its answer, a check and who comes after it share one; of a registration's
 * thirteen URIs it reads four.
 */
struct sip_uri_reading {
	unsigned int users;
	osip_uri_t *osip;
	uint16_t port;
	size_t n;
	char text[];
};

/* The last ones, each a user; the next goes into the place of the oldest. */
#define KEPT 8
static struct {
	struct sip_uri_reading *reading[KEPT];
	unsigned int next;
} kept;

static void let_go(struct sip_uri_reading *r)
{
	if (!r || --r->users)
		return;
	osip_uri_free(r->osip);
	free(r);
}

static void keep(struct sip_uri_reading *r)
{
	struct sip_uri_reading **place = &kept.reading[kept.next++ % KEPT];

	let_go(*place);
	*place = r;
	r->users++;
}

void sip_uri_forget(void)
{
	for (unsigned int i = 0; i < KEPT; i++) {
		let_go(kept.reading[i]);
		kept.reading[i] = NULL;
	}
}

static struct sip_uri_reading *find_kept(struct str text)
{
	for (unsigned int i = 0; i < KEPT; i++) {
		struct sip_uri_reading *r = kept.reading[i];

		if (r && r->n == text.n && memcmp(r->text, text.p, text.n) == 0)
			return r;
	}
	return NULL;
}

static bool let_osip_read(struct sip_uri_reading *r)
{
	uint32_t port = 0;

	if (osip_uri_init(&r->osip) != 0)
		return false;
	if (osip_uri_parse(r->osip, r->text) != 0 || !r->osip->scheme ||
	    (r->osip->port && !str_number(str_of(r->osip->port), 65535, &port)) ||
	    (!r->osip->host && !r->osip->string))
		return false;
	r->port = (uint16_t)port;
	return !r->osip->host || host_is_clean((struct str){ r->text, r->n }, str_of(r->osip->host));
}

/* NULL: not a URI, or no memory. The caller becomes a user. */
static struct sip_uri_reading *read_text(struct str text)
{
	struct sip_uri_reading *r;

	if (text.n > LONGEST || !all_are(text, URI))
		return NULL;
	r = calloc(1, sizeof(*r) + text.n + 1);
	if (!r)
		return NULL;
	r->users = 1;
	r->n = text.n;
	memcpy(r->text, text.p, text.n);
	if (let_osip_read(r)) {
		keep(r);
		return r;
	}
	let_go(r);
	return NULL;
}

bool sip_uri_parse(struct str text, struct sip_uri *uri)
{
	struct sip_uri_reading *r = text.p ? find_kept(text) : NULL;

	*uri = (struct sip_uri){ 0 };
	if (r)
		r->users++;
	else
		r = read_text(text);
	if (!r)
		return false;
	uri->text = text;
	uri->scheme = str_of(r->osip->scheme);
	uri->user = str_of(r->osip->username);
	uri->host = str_of(r->osip->host);
	uri->number = str_of(r->osip->string);
	uri->port = r->port;
	uri->reading = r;
	return true;
}

void sip_uri_free(struct sip_uri *uri)
{
	let_go(uri->reading);
	*uri = (struct sip_uri){ 0 };
}

bool sip_uri_is_sips(struct str text)
{
	static const struct str sips = { "sips:", 5 };

	if (text.n < sips.n)
		return false;
	return str_same_nocase((struct str){ text.p, sips.n }, sips);
}

struct str sip_uri_param(const struct sip_uri *uri, const char *name)
{
	osip_uri_param_t *param = NULL;
	char copy[32];

	str_copy(str_of(name), copy, sizeof(copy));
	if (osip_uri_uparam_get_byname(uri->reading->osip, copy, &param) != 0 || !param)
		return STR_NONE;
	return str_of(param->gvalue);
}

static struct str transport_of(const struct sip_uri *uri)
{
	return sip_uri_param(uri, "transport");
}

bool sip_uri_same(const struct sip_uri *a, const struct sip_uri *b)
{
	return str_same_nocase(a->scheme, b->scheme) && str_same(a->user, b->user) &&
	       str_same_nocase(a->host, b->host) && a->port == b->port &&
	       str_same_nocase(a->number, b->number) &&
	       str_same_nocase(transport_of(a), transport_of(b));
}

bool sip_uri_same_text(struct str a, struct str b)
{
	struct sip_uri x, y;
	bool same = false;

	if (str_same(a, b))
		return true;
	if (!sip_uri_parse(a, &x))
		return false;
	if (sip_uri_parse(b, &y)) {
		same = sip_uri_same(&x, &y);
		sip_uri_free(&y);
	}
	sip_uri_free(&x);
	return same;
}

/* RFC 3966 5.1.1: visual separators do not count. */
static char next_digit(struct str *number)
{
	while (number->n) {
		char c = number->p[0];

		*number = str_from(*number, 1);
		if (c == ';')
			return 0;
		if (!strchr("-.()", c))
			return c;
	}
	return 0;
}

bool sip_uri_same_number(struct str a, struct str b)
{
	char c;

	do {
		c = next_digit(&a);
		if (c != next_digit(&b))
			return false;
	} while (c);
	return true;
}

/* @at is on the opening quote; the place of the closing one, or the end. */
static size_t closing_quote(struct str s, size_t at)
{
	for (at++; at < s.n && s.p[at] != '"'; at++)
		if (s.p[at] == '\\')
			at++;
	return at < s.n ? at : s.n;
}

/* Where '<' is outside quotes, or the end. False: quotes do not match. */
static bool find_bracket(struct str s, size_t *at)
{
	for (size_t i = 0; i < s.n && s.p[i] != ';'; i++) {
		if (s.p[i] == '<') {
			*at = i;
			return true;
		}
		if (s.p[i] == '"') {
			i = closing_quote(s, i);
			if (i == s.n)
				return false;
		}
	}
	*at = s.n;
	return true;
}

bool sip_addr_split(struct str value, struct sip_addr *addr)
{
	const char *end;
	size_t open;

	*addr = (struct sip_addr){ .whole = str_trim(value) };
	value = addr->whole;
	if (!value.n || !find_bracket(value, &open))
		return false;
	if (open == value.n) {
		end = memchr(value.p, ';', value.n);
		addr->uri = str_trim((struct str){ value.p,
						   end ? (size_t)(end - value.p) : value.n });
		addr->params = end ? str_from(value, (size_t)(end - value.p)) :
				     (struct str){ value.p + value.n, 0 };
		addr->star = str_same(addr->uri, STR_LIT("*"));
		return addr->uri.n && !memchr(addr->uri.p, '"', addr->uri.n) &&
		       sip_param_balanced(addr->params);
	}
	end = memchr(value.p + open, '>', value.n - open);
	if (!end)
		return false;
	addr->display = str_trim((struct str){ value.p, open });
	if (!addr->display.n)
		addr->display = STR_NONE;
	addr->uri = str_trim((struct str){ value.p + open + 1,
					   (size_t)(end - value.p) - open - 1 });
	addr->params = str_trim(str_from(value, (size_t)(end - value.p) + 1));
	if (addr->params.n && addr->params.p[0] != ';')
		return false;
	return addr->uri.n && sip_param_balanced(addr->params);
}
