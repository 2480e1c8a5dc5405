/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_ROUTE_H
#define _PROXY_ROUTE_H

#include "addr.h"
#include "sip_msg.h"

/*
 * Route and Record-Route: which values name us, and what the others have to
 * be. Pure; everything points into the message but the token.
 */

/* Every address and port of ours that may stand in a route. */
struct proxy_own {
	const struct addr *list;
	unsigned int n;
};

#define PROXY_TOKEN 65

struct proxy_routes {
	unsigned int own;		/* of the topmost values: 0 to 2 */
	char token[PROXY_TOKEN];	/* user part of the first of those; "": none */
	const char *end;		/* behind the last of those; NULL: none */
	struct str next;		/* URI of the first value that is not ours; none: p == NULL */
};

/*
 * Our own values are the two that a double Record-Route left, or one: that of
 * Path or what a UE has configured. A token longer than ours are reads as "".
 * False: a value that cannot be read (400).
 */
bool proxy_routes_read(const struct sip_msg *msg, const struct proxy_own *own,
		       struct proxy_routes *routes);

/* Are the URIs behind our own values those of @list, and in its order? */
bool proxy_routes_are(const struct sip_msg *msg, const struct proxy_routes *routes,
		      struct str list);

/* URI of the first value of a list such as Service-Route; none: p == NULL. */
struct str proxy_route_first(struct str list);

/**
 * proxy_routes_of_answer - the Route a UE has to use that sent the request
 *
 * Record-Route of the answer from the bottom up, without our own two at its
 * end. False: more than anybody can have meant, or unreadable; nothing is put.
 */
bool proxy_routes_of_answer(const struct sip_msg *answer, const struct proxy_own *own,
			    struct octets *out);

/* Does the URI name one of our addresses? Without a port: 5060. */
bool proxy_uri_is_own(struct str uri, const struct proxy_own *own);

/*
 * The port that the Request-URI names when its host is @at, 5060 where it names none; the
 * host is another, or unreadable: @otherwise.
 */
uint16_t proxy_route_port(const struct sip_msg *request, const struct addr *at,
			  uint16_t otherwise);

/* The transport parameter is tcp: of a Contact. */
bool proxy_uri_wants_tcp(struct str uri);

#endif
