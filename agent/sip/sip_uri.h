/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_URI_H
#define _SIP_URI_H

#include "octets.h"

struct sip_uri_reading;

/*
 * A URI as libosip2 reads it. The parts are those of a reading, which others that say
 * the same octets may share; each gives it back with sip_uri_free().
 */
struct sip_uri {
	struct str text;	/* as it stands in the message */
	struct str scheme;
	struct str user;	/* none: p == NULL */
	struct str host;	/* without []; none for tel: and urn: */
	struct str number;	/* what follows the scheme of tel: and urn: */
	uint16_t port;		/* 0: none given */
	struct sip_uri_reading *reading;
};

/* False: not a URI, @uri is all 0 and needs no sip_uri_free(). */
bool sip_uri_parse(struct str text, struct sip_uri *uri);
void sip_uri_free(struct sip_uri *uri);

/* The last readings are kept for who asks next; this lets go of them. */
void sip_uri_forget(void);

/* Does it ask for TLS on every hop (RFC 3261 26.2.2)? Of any text. */
bool sip_uri_is_sips(struct str text);

/* The value of a parameter, osip's; p == NULL: absent or without a value. */
struct str sip_uri_param(const struct sip_uri *uri, const char *name);

/*
 * The same contact or identity? Scheme, user, host and port as RFC 3261 19.1.4
 * has it; of the parameters only transport, since cores add others (alias=).
 */
bool sip_uri_same(const struct sip_uri *a, const struct sip_uri *b);

/* Likewise of two texts; what cannot be read is the same as its own octets only. */
bool sip_uri_same_text(struct str a, struct str b);

/*
 * The same telephone number? Each ends at its first ';'; "-", ".", "(" and ")" do
 * not count (RFC 3966 5.1.1).
 */
bool sip_uri_same_number(struct str a, struct str b);

/*
 * A header value such as  "Name" <sip:a@b>;tag=1  or  sip:a@b;tag=1 .
 * In the second form everything from the first ';' is the header's (RFC 3261 20).
 */
struct sip_addr {
	struct str whole;
	struct str display;	/* with its quotes; none: p == NULL */
	struct str uri;		/* without <> */
	struct str params;	/* behind; starts with ';' or is empty */
	bool star;		/* "*" of Contact */
};

/* False: no URI in it, or brackets or quotes do not match. */
bool sip_addr_split(struct str value, struct sip_addr *addr);

#endif
