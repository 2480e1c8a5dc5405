// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a P-CSCF changes in messages that it passes on (TS 24.229 5.2.6), as
 * edits of the octets. No state, no memory of its own.
 */
#include "proxy_edit.h"

#include "secagree.h"
#include "sip_param.h"
#include "trust_domain.h"

static bool is_before(struct str value, const void *end)
{
	return value.p < (const char *)end;
}

static void edit_hop(struct sip_msg *msg, const struct proxy_request_edit *edit)
{
	struct octets text = { 0 };

	sip_msg_mark_source(msg, edit->source);
	octets_join(&text, "SIP/2.0/", edit->via_transport, " ", edit->via_host, ":");
	octets_number(&text, edit->via_port);
	octets_join(&text, ";branch=", edit->branch);
	sip_msg_add_first(msg, SIP_HEADER_VIA, octets_str(&text));
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
	sip_msg_count_hop(msg);
	for (int i = 0; i < 2; i++)
		if (edit->record_route[i].p)
			sip_msg_add_first(msg, SIP_HEADER_RECORD_ROUTE, edit->record_route[i]);
}

static void remove_own_routes(struct sip_msg *msg, const struct proxy_request_edit *edit)
{
	if (edit->route_end)
		sip_msg_remove_values(msg, SIP_HEADER_ROUTE, is_before, edit->route_end);
}

static void add(struct sip_msg *msg, enum sip_header id, struct str value)
{
	if (value.p)
		sip_msg_add_end(msg, id, value);
}

/* What a UE may not say to the core, in a request or an answer. */
static void strip_up(struct sip_msg *msg)
{
	static const enum sip_header removed[] = {
		SIP_HEADER_P_PREFERRED_IDENTITY,
		SIP_HEADER_P_CHARGING_VECTOR,
		SIP_HEADER_P_VISITED_NETWORK_ID,
		/* Where the core would route by them. */
		SIP_HEADER_PATH,
		SIP_HEADER_SERVICE_ROUTE,
	};

	trust_domain_strip_from_ue(msg);
	secagree_strip(msg);
	for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++)
		sip_msg_remove_all(msg, removed[i]);
}

void proxy_edit_up(struct sip_msg *msg, const struct proxy_request_edit *edit,
		   const struct proxy_up_edit *up)
{
	edit_hop(msg, edit);
	/* A UE is the end of a route, nothing is to pass it. */
	sip_msg_remove_all(msg, SIP_HEADER_RECORD_ROUTE);
	if (!up->route.p)
		remove_own_routes(msg, edit);
	else if (up->route.n)
		sip_msg_set(msg, SIP_HEADER_ROUTE, up->route);
	else
		sip_msg_remove_all(msg, SIP_HEADER_ROUTE);
	strip_up(msg);
	add(msg, SIP_HEADER_P_ASSERTED_IDENTITY, up->identity);
	add(msg, SIP_HEADER_P_CHARGING_VECTOR, up->charging);
}

void proxy_edit_down(struct sip_msg *msg, const struct proxy_request_edit *edit)
{
	edit_hop(msg, edit);
	remove_own_routes(msg, edit);
	trust_domain_strip_to_ue(msg);
}

void proxy_join(const struct sip_msg *msg, enum sip_header id, unsigned int skip,
		struct octets *out)
{
	struct sip_values at = { 0 };
	struct str value;
	bool first = true;

	while (sip_msg_next_value(msg, id, &at, &value)) {
		if (skip) {
			skip--;
			continue;
		}
		if (!first)
			octets_puts(out, ", ");
		octets_put(out, value);
		first = false;
	}
}

/* Are the values of a header but for the first @skip those of @list? */
static bool same_values(const struct sip_msg *msg, enum sip_header id, unsigned int skip,
			struct str list)
{
	struct sip_values at = { 0 };
	struct str value, want;

	while (sip_msg_next_value(msg, id, &at, &value)) {
		if (skip) {
			skip--;
			continue;
		}
		if (!sip_param_split(&list, ',', &want) || !str_same(value, want))
			return false;
	}
	return !list.p || !list.n;
}

unsigned int proxy_edit_answer_up(struct sip_msg *msg, const struct proxy_answer_edit *edit)
{
	unsigned int restored = 0;

	if (same_values(msg, SIP_HEADER_VIA, 1, edit->vias)) {
		sip_msg_remove_via(msg);
	} else {
		sip_msg_set(msg, SIP_HEADER_VIA, edit->vias);
		restored |= PROXY_RESTORED_VIA;
	}
	if (edit->record_route.p &&
	    !same_values(msg, SIP_HEADER_RECORD_ROUTE, 0, edit->record_route)) {
		sip_msg_set(msg, SIP_HEADER_RECORD_ROUTE, edit->record_route);
		restored |= PROXY_RESTORED_RECORD_ROUTE;
	}
	strip_up(msg);
	add(msg, SIP_HEADER_P_ASSERTED_IDENTITY, edit->identity);
	add(msg, SIP_HEADER_P_CHARGING_VECTOR, edit->charging);
	return restored;
}

void proxy_edit_answer_down(struct sip_msg *msg)
{
	sip_msg_remove_via(msg);
	trust_domain_strip_to_ue(msg);
}
