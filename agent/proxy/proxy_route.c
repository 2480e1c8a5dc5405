// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Routes (RFC 3261 16.4, 16.6; pcscf-sip 4). Ours are literal addresses: a
 * name in a Route is somebody else, whatever it would resolve to.
 */
#include "proxy_route.h"

#include <stdio.h>

#include "sip_param.h"

/* Proxies a dialog may have; a call through two networks has about ten. */
#define MAX_ROUTES 32
#define DEFAULT_PORT 5060

static bool is_own(const struct sip_uri *uri, const struct proxy_own *own)
{
	char host[ADDR_TEXT];
	struct addr a;

	if (!uri->host.n || uri->host.n >= sizeof(host))
		return false;
	str_copy(uri->host, host, sizeof(host));
	if (!addr_parse(&a, host, uri->port ? uri->port : 5060))
		return false;
	for (unsigned int i = 0; i < own->n; i++)
		if (addr_same(&own->list[i], &a))
			return true;
	return false;
}

bool proxy_uri_is_own(struct str text, const struct proxy_own *own)
{
	struct sip_uri uri;
	bool ours;

	if (!sip_uri_parse(text, &uri))
		return false;
	ours = is_own(&uri, own);
	sip_uri_free(&uri);
	return ours;
}

/* One value of Route. False: unreadable. */
static bool read_own(struct str value, const struct proxy_own *own, struct proxy_routes *routes,
		     bool *ours)
{
	struct sip_addr addr;
	struct sip_uri uri;

	if (!sip_addr_split(value, &addr) || addr.star || !sip_uri_parse(addr.uri, &uri))
		return false;
	*ours = is_own(&uri, own);
	if (!*ours) {
		routes->next = addr.uri;
	} else {
		if (!routes->own && uri.user.n < sizeof(routes->token))
			str_copy(uri.user, routes->token, sizeof(routes->token));
		routes->own++;
		routes->end = value.p + value.n;
	}
	sip_uri_free(&uri);
	return true;
}

bool proxy_routes_read(const struct sip_msg *msg, const struct proxy_own *own,
		       struct proxy_routes *routes)
{
	struct sip_values at = { 0 };
	struct sip_addr addr;
	struct str value;
	bool ours = true;

	*routes = (struct proxy_routes){ 0 };
	while (sip_msg_next_value(msg, SIP_HEADER_ROUTE, &at, &value)) {
		if (ours && routes->own < 2) {
			if (!read_own(value, own, routes, &ours))
				return false;
			continue;
		}
		if (!sip_addr_split(value, &addr) || addr.star)
			return false;
		if (!routes->next.p)
			routes->next = addr.uri;
	}
	return true;
}

/* The next URI of a list; false at its end. An unreadable one is empty. */
static bool next_uri(struct str *list, struct str *uri)
{
	struct sip_addr addr;
	struct str value;

	do {
		if (!sip_param_split(list, ',', &value))
			return false;
	} while (!value.n);
	*uri = sip_addr_split(value, &addr) ? addr.uri : (struct str){ value.p, 0 };
	return true;
}

struct str proxy_route_first(struct str list)
{
	struct str uri;

	return next_uri(&list, &uri) ? uri : STR_NONE;
}

bool proxy_routes_are(const struct sip_msg *msg, const struct proxy_routes *routes,
		      struct str list)
{
	struct sip_values at = { 0 };
	struct sip_addr addr;
	struct str value, want;

	while (sip_msg_next_value(msg, SIP_HEADER_ROUTE, &at, &value)) {
		if (routes->end && value.p < routes->end)
			continue;
		if (!next_uri(&list, &want) || !sip_addr_split(value, &addr) ||
		    !str_same(addr.uri, want))
			return false;
	}
	return !next_uri(&list, &want);
}

static bool is_own_value(struct str value, const struct proxy_own *own)
{
	struct sip_addr addr;

	return sip_addr_split(value, &addr) && !addr.star && proxy_uri_is_own(addr.uri, own);
}

bool proxy_routes_of_answer(const struct sip_msg *answer, const struct proxy_own *own,
			    struct octets *out)
{
	struct str values[MAX_ROUTES];
	struct sip_values at = { 0 };
	struct sip_addr addr;
	unsigned int n = 0;

	while (n < MAX_ROUTES && sip_msg_next_value(answer, SIP_HEADER_RECORD_ROUTE, &at,
						    &values[n])) {
		if (!sip_addr_split(values[n], &addr) || addr.star)
			return false;
		n++;
	}
	if (n == MAX_ROUTES)
		return false;
	for (int i = 0; i < 2 && n && is_own_value(values[n - 1], own); i++)
		n--;
	for (unsigned int i = n; i > 0; i--) {
		if (i < n)
			octets_puts(out, ", ");
		octets_put(out, values[i - 1]);
	}
	return !out->failed;
}

uint16_t proxy_route_port(const struct sip_msg *request, const struct addr *at,
			  uint16_t otherwise)
{
	struct sip_uri uri;
	char host[ADDR_TEXT];
	struct addr a;

	if (!sip_uri_parse(request->uri, &uri))
		return otherwise;
	str_copy(uri.host, host, sizeof(host));
	if (addr_parse(&a, host, 0) && addr_same_ip(&a, at))
		otherwise = uri.port ? uri.port : DEFAULT_PORT;
	sip_uri_free(&uri);
	return otherwise;
}

bool proxy_uri_wants_tcp(struct str uri)
{
	struct sip_param param;
	struct str address;

	return sip_param_split(&uri, ';', &address) &&
	       sip_param_find(uri, ';', STR_LIT("transport"), &param) &&
	       str_same_nocase(param.value, STR_LIT("tcp"));
}
