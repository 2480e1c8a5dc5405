// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a P-CSCF changes in REGISTER requests and in answers to them
 * (TS 24.229 5.2.2), as edits of the octets. No state, no memory of its own.
 */
#include "register_edit.h"

#include "authorization.h"
#include "secagree.h"
#include "trust_domain.h"

static void edit_route(struct sip_msg *msg, const struct register_uplink *facts)
{
	struct octets text = { 0 };

	sip_msg_mark_source(msg, facts->source);
	octets_join(&text, "SIP/2.0/", facts->mw_transport, " ", facts->mw_host, ":");
	octets_number(&text, facts->mw_port);
	octets_join(&text, ";branch=", facts->branch);
	sip_msg_add_first(msg, SIP_HEADER_VIA, octets_str(&text));

	/* A UE has no business with Route in a REGISTER, nor with Path. */
	sip_msg_remove_all(msg, SIP_HEADER_ROUTE);
	text.n = 0;
	octets_join(&text, "<sip:", facts->path_token, "@", facts->mw_host, ":");
	octets_number(&text, facts->mw_port);
	octets_puts(&text, ";lr>");
	sip_msg_set(msg, SIP_HEADER_PATH, octets_str(&text));
	if (!sip_msg_has_tag(msg, SIP_HEADER_REQUIRE, STR_LIT("path")))
		sip_msg_add_first(msg, SIP_HEADER_REQUIRE, STR_LIT("path"));
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
}

static bool is_token(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-.!%*_+`'~";

	return *text && text[strspn(text, allowed)] == 0;
}

static void edit_network(struct sip_msg *msg, const struct register_uplink *facts)
{
	struct octets text = { 0 };
	const char *quote;

	quote = is_token(facts->visited_network) ? "" : "\"";
	octets_join(&text, quote, facts->visited_network, quote);
	sip_msg_set(msg, SIP_HEADER_P_VISITED_NETWORK_ID, octets_str(&text));

	text.n = 0;
	octets_join(&text, "icid-value=\"", facts->icid, "\"");
	if (facts->orig_ioi)
		octets_join(&text, ";orig-ioi=\"", facts->orig_ioi, "\"");
	sip_msg_set(msg, SIP_HEADER_P_CHARGING_VECTOR, octets_str(&text));
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
}

void register_edit_uplink(struct sip_msg *msg, const struct register_uplink *facts)
{
	edit_route(msg, facts);
	sip_msg_count_hop(msg);
	edit_network(msg, facts);
	secagree_strip(msg);
	authorization_edit_integrity(msg, facts->integrity_protected);
	trust_domain_strip_from_ue(msg);
}

void register_edit_downlink(struct sip_msg *msg, const struct register_downlink *facts)
{
	sip_msg_remove_via(msg);
	trust_domain_strip_to_ue(msg);
	if (facts->security_server.p)
		sip_msg_add_end(msg, SIP_HEADER_SECURITY_SERVER, facts->security_server);
	if (facts->path.p)
		sip_msg_add_end(msg, SIP_HEADER_PATH, facts->path);
}
