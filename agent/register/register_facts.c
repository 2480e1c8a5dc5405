// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a REGISTER asks for and what its 200 OK grants. Everything points into
 * the message; nothing is kept.
 */
#include "register_facts.h"

#include <stdio.h>

#include "sip_param.h"

#define MALFORMED_EXPIRES 3600	/* RFC 3261 20.10, 10.2.1.1 */

static bool bad(struct sip_fault *fault, const char *why)
{
	*fault = (struct sip_fault){ 400, "Bad Request", why };
	return false;
}

/* False: no expires parameter. */
static bool contact_expires(const struct sip_addr *addr, uint32_t *expires)
{
	struct sip_param param;

	if (!sip_param_find(addr->params, ';', STR_LIT("expires"), &param))
		return false;
	if (!str_number(param.value, UINT32_MAX, expires))
		*expires = MALFORMED_EXPIRES;
	return true;
}

/* TS 24.229 7.2A.13: the sos URI parameter. */
static bool has_sos(struct str uri)
{
	struct sip_param param;
	struct str address;

	return sip_param_split(&uri, ';', &address) &&
	       sip_param_find(uri, ';', STR_LIT("sos"), &param);
}

/* RFC 3261 20.10: with headers or a comma in it, a URI stands in <>. */
static bool lacks_brackets(const struct sip_addr *addr)
{
	bool bracketed = addr->uri.p > addr->whole.p && addr->uri.p[-1] == '<';

	return !addr->star && !bracketed && memchr(addr->uri.p, '?', addr->uri.n);
}

/* False: no URI in it. */
static bool add_contact(struct register_request *req, const struct sip_addr *addr)
{
	struct register_contact *c = &req->contact[req->n];
	struct sip_uri uri;

	if (!sip_uri_parse(addr->uri, &uri))
		return false;
	sip_uri_free(&uri);
	*c = (struct register_contact){ .uri = addr->uri, .sos = has_sos(addr->uri) };
	c->has_expires = contact_expires(addr, &c->expires);
	req->n++;
	return true;
}

static bool read_contacts(const struct sip_msg *msg, struct register_request *req,
			  struct sip_fault *fault)
{
	struct sip_values at = { 0 };
	struct sip_addr addr;
	struct str value;
	unsigned int n;

	for (n = 0; sip_msg_next_value(msg, SIP_HEADER_CONTACT, &at, &value); n++) {
		if (!sip_addr_split(value, &addr))
			return bad(fault, "Contact is malformed");
		if (lacks_brackets(&addr))
			return bad(fault, "Contact has a URI with headers, without <>");
		if (req->n == REGISTER_CONTACTS)
			return bad(fault, "too many Contacts");
		if (addr.star)
			req->star = true;
		else if (!add_contact(req, &addr))
			return bad(fault, "Contact has no readable URI");
	}
	if (req->star && n > 1)
		return bad(fault, "Contact: * together with another (RFC 3261 10.2.2)");
	return true;
}

bool register_facts_request(const struct sip_msg *msg, struct register_request *req,
			    struct sip_fault *fault)
{
	uint32_t expires = 0;
	struct sip_addr to;
	bool has_expires;

	*req = (struct register_request){ 0 };
	*fault = (struct sip_fault){ 0 };
	if (!sip_addr_split(sip_msg_value(msg, SIP_HEADER_TO), &to))
		return bad(fault, "To is malformed");
	req->aor = to.uri;
	if (!read_contacts(msg, req, fault))
		return false;
	has_expires = sip_msg_number(msg, SIP_HEADER_EXPIRES, &expires);
	if (req->star && (!has_expires || expires))
		return bad(fault, "Contact: * without Expires: 0 (RFC 3261 10.2.2)");
	for (unsigned int i = 0; i < req->n; i++) {
		struct register_contact *c = &req->contact[i];

		if (c->has_expires)
			continue;
		c->has_expires = has_expires;
		c->expires = expires;
	}
	return true;
}

static bool takes_back(const struct register_contact *c)
{
	return c->has_expires && !c->expires;
}

bool register_facts_sos(const struct register_request *req)
{
	for (unsigned int i = 0; i < req->n; i++)
		if (!takes_back(&req->contact[i]))
			return req->contact[i].sos;
	return req->n && req->contact[0].sos;
}

bool register_facts_address(struct str contact, struct addr *a)
{
	char literal[ADDR_TEXT];
	struct sip_uri uri;
	bool fine;

	if (!sip_uri_parse(contact, &uri))
		return false;
	str_copy(uri.host, literal, sizeof(literal));
	fine = uri.host.n < sizeof(literal) && addr_parse(a, literal, 0);
	sip_uri_free(&uri);
	return fine;
}

static bool same_contact(struct str text, const struct sip_uri *ours)
{
	struct sip_uri theirs;
	bool same;

	if (str_same(text, ours->text))
		return true;
	if (!sip_uri_parse(text, &theirs))
		return false;
	same = sip_uri_same(&theirs, ours);
	sip_uri_free(&theirs);
	return same;
}

bool register_facts_expiry(const struct sip_msg *msg, struct str contact, uint32_t *expires)
{
	struct sip_values at = { 0 };
	struct sip_uri ours;
	struct str value;
	bool known = true;

	*expires = 0;
	if (!sip_uri_parse(contact, &ours))
		return true;
	while (sip_msg_next_value(msg, SIP_HEADER_CONTACT, &at, &value)) {
		struct sip_addr addr;

		if (!sip_addr_split(value, &addr) || addr.star || !same_contact(addr.uri, &ours))
			continue;
		known = contact_expires(&addr, expires) ||
			sip_msg_number(msg, SIP_HEADER_EXPIRES, expires);
		break;
	}
	sip_uri_free(&ours);
	return known;
}
