// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SUBSCRIBE of a P-CSCF (TS 24.229 5.2.3), and the dialog it makes: our
 * half drawn at random, the other half as the notifier says.
 */
#include <stdlib.h>

#include "mw.h"
#include "random.h"
#include "regevent_private.h"
#include "sip_param.h"

/* User part of our Contact. It says whose the request is, nothing else. */
#define CONTACT_USER "regevent"

static void keep(char **to, struct str text)
{
	free(*to);
	*to = text.n ? strndup(text.p, text.n) : NULL;
}

void regevent_free_dialog(struct subscription *s)
{
	keep(&s->remote_tag, STR_NONE);
	keep(&s->remote_target, STR_NONE);
	keep(&s->route, STR_NONE);
}

void regevent_new_dialog(struct subscription *s)
{
	regevent_free_dialog(s);
	random_hex(s->call_id, SUBSCRIPTION_CALL_ID);
	random_hex(s->local_tag, sizeof(s->local_tag) - 1);
	s->cseq = 0;
	s->remote_cseq = 0;
	s->notified = false;
	s->has_version = false;
	s->ends = 0;
}

/* The identity of a P-CSCF: its URI as in Path, without what stands for the UE. */
static void put_own_uri(struct octets *out, const struct addr *mw, const char *user)
{
	octets_printf(out, "<sip:%s%s%s:%u>", user ? user : "", user ? "@" : "", addr_host(mw),
		      mw->port);
}

static void put_dialog(const struct subscription *s, const struct addr *mw, struct octets *out)
{
	if (s->route)
		octets_printf(out, "Route: %s\r\n", s->route);
	octets_puts(out, "From: ");
	put_own_uri(out, mw, NULL);
	octets_printf(out, ";tag=%s\r\nTo: <%s>%s%s\r\nCall-ID: %s\r\nCSeq: %u SUBSCRIBE\r\n",
		      s->local_tag, s->identity, s->remote_tag ? ";tag=" : "",
		      s->remote_tag ? s->remote_tag : "", s->call_id, s->cseq);
	octets_puts(out, "Contact: ");
	put_own_uri(out, mw, CONTACT_USER);
	octets_puts(out, "\r\n");
}

bool regevent_write(const struct subscription *s, const struct flow *to, const char *branch,
		    struct octets *out)
{
	const struct addr *mw = mw_address(to->remote.family);
	char icid[33];

	random_hex(icid, sizeof(icid) - 1);
	octets_printf(out, "SUBSCRIBE %s SIP/2.0\r\n",
		      s->remote_target ? s->remote_target : s->identity);
	octets_printf(out, "Via: SIP/2.0/%s %s:%u;branch=%s\r\nMax-Forwards: 70\r\n",
		      to->tcp ? "TCP" : "UDP", addr_host(mw), mw->port, branch);
	put_dialog(s, mw, out);
	octets_puts(out, "P-Asserted-Identity: ");
	put_own_uri(out, mw, NULL);
	octets_printf(out, "\r\nP-Charging-Vector: icid-value=\"%s\";orig-ioi=\"Type 1%s\"\r\n",
		      icid, regevent_config->visited_network_id);
	octets_printf(out, "Event: reg\r\nAccept: application/reginfo+xml\r\nExpires: %u\r\n"
		      "Content-Length: 0\r\n\r\n", s->leaving ? 0 : s->expires);
	return !out->failed;
}

/* What goes into a header of ours as it stands. */
static bool is_clean(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return false;
	return text.n > 0;
}

/*
 * The route set: the Record-Route values as they stand for whom the request
 * came to, in reverse for whom the answer came to (RFC 3261 12.1). False: one
 * of them is folded or has control characters.
 */
static bool put_route(const struct sip_msg *msg, struct octets *route)
{
	struct sip_values at = { 0 };
	struct octets turned = { 0 };
	struct str value;
	bool fine = true;

	while (fine && sip_msg_next_value(msg, SIP_HEADER_RECORD_ROUTE, &at, &value)) {
		fine = is_clean(value);
		if (msg->request) {
			octets_puts(route, route->n ? ", " : "");
			octets_put(route, value);
			continue;
		}
		octets_put(&turned, value);
		octets_puts(&turned, route->n ? ", " : "");
		octets_put(&turned, octets_str(route));
		octets_free(route);
		*route = turned;
		turned = (struct octets){ 0 };
	}
	return fine && !route->failed;
}

void regevent_learn(struct subscription *s, const struct sip_msg *msg)
{
	struct str tag = msg->request ? msg->from_tag : msg->to_tag;
	struct octets route = { 0 };
	struct sip_addr contact;

	if (sip_addr_split(sip_msg_value(msg, SIP_HEADER_CONTACT), &contact) && !contact.star &&
	    is_clean(contact.uri))
		keep(&s->remote_target, contact.uri);
	if (s->remote_tag || !is_clean(tag))
		return;
	keep(&s->remote_tag, tag);
	if (put_route(msg, &route))
		keep(&s->route, octets_str(&route));
	octets_free(&route);
}

bool regevent_is_for_us(const struct sip_msg *msg)
{
	struct addr host = { 0 };
	struct sip_uri uri;
	char literal[64];
	bool ours;

	if (!sip_uri_parse(msg->uri, &uri))
		return false;
	ours = str_same(uri.user, STR_LIT(CONTACT_USER)) && uri.host.n < sizeof(literal);
	if (ours) {
		memcpy(literal, uri.host.p, uri.host.n);
		literal[uri.host.n] = 0;
		ours = addr_parse(&host, literal, 0) && mw_address(host.family) &&
		       addr_same_ip(&host, mw_address(host.family));
	}
	sip_uri_free(&uri);
	return ours;
}
