// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The checks after indexing that libosip2 does not make: it takes 12 of the 23
 * messages RFC 4475 calls invalid. Each refusal says which rule it was.
 */
#include "sip_msg.h"

#include <ctype.h>

#include "sip_param.h"

#define CSEQ_MAX 0x7fffffff	/* RFC 3261 8.1.1.5: less than 2^31 */

static bool refuse(struct sip_fault *fault, unsigned int status, const char *reason,
		   const char *why)
{
	*fault = (struct sip_fault){ status, reason, why };
	return false;
}

static bool bad(struct sip_fault *fault, const char *why)
{
	return refuse(fault, 400, "Bad Request", why);
}

/* What is missing and what stands twice. */
static bool check_counts(const struct sip_msg *msg, struct sip_fault *fault)
{
	static const struct {
		enum sip_header id;
		bool needed;
		const char *missing, *twice;
	} rules[] = {
		{ SIP_HEADER_CALL_ID, true, "no Call-ID", "more than one Call-ID" },
		{ SIP_HEADER_CSEQ, true, "no CSeq", "more than one CSeq" },
		{ SIP_HEADER_FROM, true, "no From", "more than one From" },
		{ SIP_HEADER_TO, true, "no To", "more than one To" },
		{ SIP_HEADER_MAX_FORWARDS, false, NULL, "more than one Max-Forwards" },
		{ SIP_HEADER_CONTENT_LENGTH, false, NULL, "more than one Content-Length" },
		{ SIP_HEADER_EXPIRES, false, NULL, "more than one Expires" },
	};

	if (!sip_msg_line(msg, SIP_HEADER_VIA, NULL))
		return bad(fault, "no Via");
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct sip_line *line = sip_msg_line(msg, rules[i].id, NULL);

		if (rules[i].needed && !line)
			return bad(fault, rules[i].missing);
		if (line && line->next)
			return bad(fault, rules[i].twice);
	}
	return true;
}

static bool check_cseq(struct sip_msg *msg, struct sip_fault *fault)
{
	struct str value = sip_msg_value(msg, SIP_HEADER_CSEQ), method;
	size_t digits = 0;

	while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
		digits++;
	if (!str_number((struct str){ value.p, digits }, CSEQ_MAX, &msg->cseq))
		return bad(fault, "CSeq is not a number below 2^31 (RFC 3261 8.1.1.5)");
	method = str_trim(str_from(value, digits));
	if (!method.n || method.p == value.p + digits)
		return bad(fault, "CSeq without a method");
	if (msg->request && !str_same(method, msg->method_name))
		return bad(fault, "CSeq has another method than the request");
	if (!msg->request) {
		msg->method_name = method;
		msg->method = sip_method_find(method);
	}
	return true;
}

/*
 * The topmost Via is ours to read; the others only have to be some, since what
 * one parser takes for an empty element is none to the next.
 */
static bool check_via(struct sip_msg *msg, struct sip_fault *fault)
{
	struct sip_values at = { 0 };
	struct sip_via other;
	struct str value;

	if (!sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value) ||
	    !sip_via_parse(value, &msg->via)) {
		msg->via = (struct sip_via){ 0 };
		return bad(fault, "topmost Via is malformed");
	}
	while (msg->request && sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value))
		if (!sip_via_parse(value, &other))
			return bad(fault, "a Via is malformed");
	return true;
}

/* From and To: a name-addr whose tag is remembered. */
static bool check_party(const struct sip_msg *msg, enum sip_header id, struct str *tag)
{
	struct sip_addr addr;
	struct sip_param param;
	struct sip_uri uri;

	*tag = STR_NONE;
	if (!sip_addr_split(sip_msg_value(msg, id), &addr) || addr.star)
		return false;
	if (sip_param_find(addr.params, ';', STR_LIT("tag"), &param))
		*tag = param.value;
	if (!msg->request)
		return true;
	if (!sip_uri_parse(addr.uri, &uri))
		return false;
	sip_uri_free(&uri);
	return true;
}

static bool check_length(struct sip_msg *msg, bool stream, struct sip_fault *fault)
{
	const struct sip_line *line = sip_msg_line(msg, SIP_HEADER_CONTENT_LENGTH, NULL);
	uint32_t length;

	if (!line)
		return !stream || bad(fault, "no Content-Length on a stream (RFC 3261 18.3)");
	if (!str_number(line->value, UINT32_MAX, &length))
		return bad(fault, "Content-Length is not a number");
	if (length > msg->body.n)
		return bad(fault, "message is shorter than its Content-Length");
	if (stream && length != msg->body.n)
		return bad(fault, "message is not as long as its Content-Length");
	msg->body.n = length;
	return true;
}

static bool check_numbers(const struct sip_msg *msg, struct sip_fault *fault)
{
	struct str hops = sip_msg_value(msg, SIP_HEADER_MAX_FORWARDS);
	uint32_t number;

	if (hops.p && !str_number(hops, 255, &number))
		return bad(fault, "Max-Forwards is not 0..255");
	if (msg->request && sip_msg_line(msg, SIP_HEADER_EXPIRES, NULL) &&
	    !sip_msg_number(msg, SIP_HEADER_EXPIRES, &number))
		return bad(fault, "Expires is not a number below 2^32");
	return true;
}

/* Has it the form of a scheme, and is it one nobody here knows? RFC 3261 16.3 2. */
static bool is_foreign_scheme(struct str uri)
{
	static const char * const known[] = { "sip", "sips", "tel", "urn", "im", "pres" };
	struct str scheme = { uri.p, 0 };

	while (scheme.n < uri.n && (isalnum((unsigned char)uri.p[scheme.n]) ||
				    strchr("+-.", uri.p[scheme.n])))
		scheme.n++;
	if (!scheme.n || scheme.n == uri.n || uri.p[scheme.n] != ':' ||
	    !isalpha((unsigned char)uri.p[0]))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_same_nocase(scheme, str_of(known[i])))
			return false;
	return true;
}

/* Headers have no place in a Request-URI (RFC 3261 19.1.1): they would become ours. */
static bool has_headers(struct str uri)
{
	const char *at = memchr(uri.p, '@', uri.n);

	if (at)
		uri = str_from(uri, (size_t)(at - uri.p));
	return memchr(uri.p, '?', uri.n);
}

static bool check_start(const struct sip_msg *msg, struct sip_fault *fault)
{
	struct sip_uri uri;

	if (!str_same_nocase(msg->version, STR_LIT("SIP/2.0")))
		return refuse(fault, 505, "Version Not Supported", "not SIP/2.0");
	if (!msg->request)
		return msg->status || bad(fault, "status code is not 100..699");
	if (is_foreign_scheme(msg->uri))
		return refuse(fault, 416, "Unsupported URI Scheme", "scheme of the Request-URI");
	if (has_headers(msg->uri))
		return bad(fault, "Request-URI has headers (RFC 3261 19.1.1)");
	if (!sip_uri_parse(msg->uri, &uri))
		return bad(fault, "Request-URI is malformed");
	sip_uri_free(&uri);
	return true;
}

bool sip_msg_check(struct sip_msg *msg, bool stream, struct sip_fault *fault)
{
	*fault = (struct sip_fault){ 0 };
	if (!check_counts(msg, fault) || !check_start(msg, fault) || !check_via(msg, fault) ||
	    !check_cseq(msg, fault) || !check_length(msg, stream, fault) ||
	    !check_numbers(msg, fault))
		return false;
	msg->call_id = sip_msg_value(msg, SIP_HEADER_CALL_ID);
	if (!msg->call_id.n)
		return bad(fault, "empty Call-ID");
	if (!check_party(msg, SIP_HEADER_FROM, &msg->from_tag))
		return bad(fault, "From is malformed");
	if (!check_party(msg, SIP_HEADER_TO, &msg->to_tag))
		return bad(fault, "To is malformed");
	return true;
}
