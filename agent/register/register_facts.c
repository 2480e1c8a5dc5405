// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a REGISTER asks for and what its 200 OK grants. Everything points into
 * the message; nothing is kept.
 */
#include "register_facts.h"

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

static bool read_contacts(const struct sip_msg *msg, struct register_request *req,
			  struct sip_fault *fault)
{
	struct sip_values at = { 0 };
	struct sip_addr addr;
	struct sip_uri uri;
	struct str value;
	unsigned int n = 0;

	while (sip_msg_next_value(msg, SIP_HEADER_CONTACT, &at, &value)) {
		if (!sip_addr_split(value, &addr))
			return bad(fault, "Contact is malformed");
		if (lacks_brackets(&addr))
			return bad(fault, "Contact has a URI with headers, without <>");
		req->star = req->star || addr.star;
		if (n++)
			continue;
		if (!addr.star && !sip_uri_parse(addr.uri, &uri))
			return bad(fault, "Contact has no readable URI");
		if (!addr.star)
			sip_uri_free(&uri);
		req->contact = addr.star ? STR_NONE : addr.uri;
		req->has_expires = contact_expires(&addr, &req->expires);
		req->sos = !addr.star && has_sos(addr.uri);
	}
	if (req->star && n > 1)
		return bad(fault, "Contact: * together with another (RFC 3261 10.2.2)");
	return true;
}

bool register_facts_request(const struct sip_msg *msg, struct register_request *req,
			    struct sip_fault *fault)
{
	struct sip_addr to;

	*req = (struct register_request){ 0 };
	*fault = (struct sip_fault){ 0 };
	if (!sip_addr_split(sip_msg_value(msg, SIP_HEADER_TO), &to))
		return bad(fault, "To is malformed");
	req->aor = to.uri;
	if (!read_contacts(msg, req, fault))
		return false;
	if (!req->has_expires)
		req->has_expires = sip_msg_number(msg, SIP_HEADER_EXPIRES, &req->expires);
	if (req->star && (!req->has_expires || req->expires))
		return bad(fault, "Contact: * without Expires: 0 (RFC 3261 10.2.2)");
	return true;
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
