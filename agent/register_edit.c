// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a P-CSCF changes in REGISTER requests and in answers to them
 * (TS 24.229 5.2.2), as edits of the octets. No state, no memory of its own.
 */
#include "register_edit.h"

#include "authorization.h"
#include "secagree.h"
#include "sip_param.h"

/* Only nodes of the trust domain may say these (TS 24.229 4.4). */
static const enum sip_header trusted_only[] = {
	SIP_HEADER_P_ASSERTED_IDENTITY,
	SIP_HEADER_P_ASSERTED_SERVICE,
	SIP_HEADER_P_CHARGING_FUNCTION_ADDRESSES,
	SIP_HEADER_P_PROFILE_KEY,
	SIP_HEADER_P_SERVED_USER,
};

#define DEFAULT_HOPS 70		/* RFC 3261 16.6 3. */

static void edit_hops(struct sip_msg *msg)
{
	const struct sip_line *line = sip_msg_line(msg, SIP_HEADER_MAX_FORWARDS, NULL);
	struct octets text = { 0 };
	uint32_t hops;

	if (!line) {
		octets_printf(&text, "%u", DEFAULT_HOPS);
		sip_msg_add_end(msg, SIP_HEADER_MAX_FORWARDS, octets_str(&text));
	} else if (str_number(line->value, 255, &hops) && hops) {
		octets_printf(&text, "%u", hops - 1);
		sip_msg_replace(msg, line->value, octets_str(&text));
	}
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
}

static void edit_route(struct sip_msg *msg, const struct register_uplink *facts)
{
	struct octets text = { 0 };

	sip_msg_mark_source(msg, facts->source);
	octets_printf(&text, "SIP/2.0/%s %s:%u;branch=%s", facts->mw_transport, facts->mw_host,
		      facts->mw_port, facts->branch);
	sip_msg_add_first(msg, SIP_HEADER_VIA, octets_str(&text));

	/* A UE has no business with Route in a REGISTER, nor with Path. */
	sip_msg_remove_all(msg, SIP_HEADER_ROUTE);
	text.n = 0;
	octets_printf(&text, "<sip:%s@%s:%u;lr>", facts->path_token, facts->mw_host,
		      facts->mw_port);
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

	octets_printf(&text, is_token(facts->visited_network) ? "%s" : "\"%s\"",
		      facts->visited_network);
	sip_msg_set(msg, SIP_HEADER_P_VISITED_NETWORK_ID, octets_str(&text));

	text.n = 0;
	octets_printf(&text, "icid-value=\"%s\"", facts->icid);
	if (facts->orig_ioi)
		octets_printf(&text, ";orig-ioi=\"%s\"", facts->orig_ioi);
	sip_msg_set(msg, SIP_HEADER_P_CHARGING_VECTOR, octets_str(&text));
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
}

/* Only a network node may say where the UE is on the network's behalf. */
static bool is_network_provided(struct str value, const void *arg)
{
	struct sip_param param;
	struct str access;

	(void)arg;
	return sip_param_split(&value, ';', &access) &&
	       sip_param_find(value, ';', STR_LIT("network-provided"), &param);
}

void register_edit_uplink(struct sip_msg *msg, const struct register_uplink *facts)
{
	edit_route(msg, facts);
	edit_hops(msg);
	edit_network(msg, facts);
	secagree_strip(msg);
	authorization_edit_integrity(msg, facts->integrity_protected);
	sip_msg_remove_values(msg, SIP_HEADER_P_ACCESS_NETWORK_INFO, is_network_provided, NULL);
	for (size_t i = 0; i < sizeof(trusted_only) / sizeof(trusted_only[0]); i++)
		sip_msg_remove_all(msg, trusted_only[i]);
}

/* Privacy: id;critical */
static bool wants_privacy(const struct sip_msg *msg)
{
	struct sip_values at = { 0 };
	struct str value;

	while (sip_msg_next_value(msg, SIP_HEADER_PRIVACY, &at, &value)) {
		struct sip_param param;

		if (sip_param_find(value, ';', STR_LIT("id"), &param))
			return true;
	}
	return false;
}

void register_edit_downlink(struct sip_msg *msg, const struct register_downlink *facts)
{
	sip_msg_remove_via(msg);
	sip_msg_remove_all(msg, SIP_HEADER_P_CHARGING_VECTOR);
	sip_msg_remove_all(msg, SIP_HEADER_P_CHARGING_FUNCTION_ADDRESSES);
	sip_msg_remove_all(msg, SIP_HEADER_SECURITY_SERVER);
	/* Our token in it is what makes a request a terminating one. */
	sip_msg_remove_all(msg, SIP_HEADER_PATH);
	if (wants_privacy(msg))
		sip_msg_remove_all(msg, SIP_HEADER_P_ASSERTED_IDENTITY);
	if (facts->security_server.p)
		sip_msg_add_end(msg, SIP_HEADER_SECURITY_SERVER, facts->security_server);
}
