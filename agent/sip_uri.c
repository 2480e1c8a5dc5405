// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * URIs, read by libosip2; the only file that includes it. Reading a whole
 * message with it costs about 97,000 instructions, a URI 4,000: see
 * test/bench_register.c. A name-addr around the URI is taken apart here, since
 * its place in the octets matters for editing.
 */
#include "sip_uri.h"

#include <osipparser2/osip_port.h>
#include <osipparser2/osip_uri.h>

#include "sip_param.h"

/* libosip2 wants a terminating 0; no URI of a phone comes near this. */
#define LONGEST 1024

static void no_trace(const char *file, int line, osip_trace_level_t level, const char *fmt,
		     va_list args)
{
	(void)file;
	(void)line;
	(void)level;
	(void)fmt;
	(void)args;
}

void sip_uri_init(void)
{
	osip_trace_initialize_func(TRACE_LEVEL0, no_trace);
	for (int level = TRACE_LEVEL0; level < END_TRACE_LEVEL; level++)
		osip_trace_disable_level((osip_trace_level_t)level);
}

bool sip_uri_parse(struct str text, struct sip_uri *uri)
{
	char copy[LONGEST + 1];
	osip_uri_t *osip = NULL;
	uint32_t port = 0;

	*uri = (struct sip_uri){ 0 };
	if (!text.n || text.n > LONGEST || memchr(text.p, 0, text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = 0;
	if (osip_uri_init(&osip) != 0)
		return false;
	if (osip_uri_parse(osip, copy) != 0 || !osip->scheme ||
	    (osip->port && !str_number(str_of(osip->port), 65535, &port)) ||
	    (!osip->host && !osip->string)) {
		osip_uri_free(osip);
		return false;
	}
	uri->text = text;
	uri->scheme = str_of(osip->scheme);
	uri->user = str_of(osip->username);
	uri->host = str_of(osip->host);
	uri->number = str_of(osip->string);
	uri->port = (uint16_t)port;
	uri->osip = osip;
	return true;
}

void sip_uri_free(struct sip_uri *uri)
{
	if (uri->osip)
		osip_uri_free(uri->osip);
	*uri = (struct sip_uri){ 0 };
}

static struct str transport_of(const struct sip_uri *uri)
{
	char name[] = "transport";
	osip_uri_param_t *param = NULL;

	if (osip_uri_uparam_get_byname(uri->osip, name, &param) != 0 || !param)
		return STR_NONE;
	return str_of(param->gvalue);
}

bool sip_uri_same(const struct sip_uri *a, const struct sip_uri *b)
{
	return str_same_nocase(a->scheme, b->scheme) && str_same(a->user, b->user) &&
	       str_same_nocase(a->host, b->host) && a->port == b->port &&
	       str_same_nocase(a->number, b->number) &&
	       str_same_nocase(transport_of(a), transport_of(b));
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
		return addr->uri.n && !memchr(addr->uri.p, '"', addr->uri.n);
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
