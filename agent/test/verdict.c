// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What becomes of a message on its way through the agent's parser and edits.
 * The lists here say what an edit may change; the rest has to stay as it is.
 */
#include "verdict.h"

#include <stdio.h>

#include "proxy_edit.h"
#include "proxy_identity.h"
#include "proxy_route.h"
#include "register_edit.h"
#include "secagree.h"
#include "sip_follow.h"

#define BIT(id) ((uint64_t)1 << SIP_HEADER_##id)

_Static_assert(SIP_HEADER_COUNT <= 64, "the lists are sets of bits");

#define AGREEMENT (BIT(SECURITY_CLIENT) | BIT(SECURITY_SERVER) | BIT(SECURITY_VERIFY))
#define HOP (BIT(VIA) | BIT(MAX_FORWARDS) | BIT(ROUTE) | BIT(RECORD_ROUTE))
/* TS 24.229 4.4: between network nodes, either way. */
#define OF_NODES (BIT(P_CHARGING_FUNCTION_ADDRESSES) | BIT(P_PROFILE_KEY) | BIT(P_SERVED_USER) | \
	BIT(P_USER_DATABASE) | BIT(P_PRIVATE_NETWORK_INDICATION) | BIT(ATTESTATION_INFO) | \
	BIT(ORIGINATION_ID) | BIT(RELAYED_CHARGE) | BIT(RESTORATION_INFO) | \
	BIT(SERVICE_INTERACT_INFO))
#define NOT_OF_UE (OF_NODES | BIT(RESPONSE_SOURCE) | BIT(P_ASSERTED_IDENTITY) | \
	BIT(P_ASSERTED_SERVICE) | BIT(P_ASSOCIATED_URI) | BIT(P_CALLED_PARTY_ID) | \
	BIT(P_ACCESS_NETWORK_INFO) | BIT(P_CHARGING_VECTOR) | BIT(P_VISITED_NETWORK_ID))
#define UP (AGREEMENT | NOT_OF_UE | BIT(REQUIRE) | BIT(PROXY_REQUIRE) | BIT(PATH))
#define DOWN (AGREEMENT | OF_NODES | BIT(P_CHARGING_VECTOR) | BIT(PATH) | BIT(P_ASSERTED_IDENTITY))

static const struct sip_source source = { .host = "10.45.0.3", .port = 5100 };

static const struct addr own_list[] = {
	{ .ip = { 10, 4, 128, 21 }, .family = AF_INET, .port = 6100 },
	{ .ip = { 192, 0, 2, 1 }, .family = AF_INET, .port = 5060 },
};
static const struct proxy_own own = { own_list, 2 };

static struct proxy_request_edit hop(const struct sip_msg *msg)
{
	struct proxy_request_edit edit = {
		.source = &source, .via_host = "192.0.2.1", .via_port = 5060,
		.via_transport = "UDP", .branch = "z9hG4bKours",
		.record_route = { STR_LIT("<sip:t@192.0.2.1:5060;lr>"),
				  STR_LIT("<sip:10.4.128.21:6100;lr>") },
	};
	struct proxy_routes routes;

	if (proxy_routes_read(msg, &own, &routes))
		edit.route_end = routes.end;
	return edit;
}

static void edit_register(struct sip_msg *msg)
{
	const struct register_uplink up = {
		.source = &source, .integrity_protected = "no", .path_token = "T",
		.mw_host = "192.0.2.1", .mw_port = 5060, .mw_transport = "UDP",
		.branch = "z9hG4bKours", .visited_network = "v", .icid = "i",
	};

	register_edit_uplink(msg, &up);
}

static void edit_challenge(struct sip_msg *msg)
{
	const struct register_downlink down = { .security_server = STR_LIT("ipsec-3gpp;q=0.1") };

	register_edit_downlink(msg, &down);
}

static void edit_up(struct sip_msg *msg)
{
	const struct proxy_request_edit edit = hop(msg);
	const struct proxy_up_edit up = {
		.route = STR_LIT("<sip:orig@192.0.2.2;lr>"),
		.identity = STR_LIT("<sip:a@b>"), .charging = STR_LIT("icid-value=1"),
	};

	proxy_edit_up(msg, &edit, &up);
}

static void edit_up_on_its_route(struct sip_msg *msg)
{
	const struct proxy_request_edit edit = hop(msg);
	const struct proxy_up_edit up = { 0 };

	proxy_edit_up(msg, &edit, &up);
}

static void edit_down(struct sip_msg *msg)
{
	const struct proxy_request_edit edit = hop(msg);

	proxy_edit_down(msg, &edit);
}

static void edit_answer_up(struct sip_msg *msg)
{
	const struct proxy_answer_edit edit = {
		.vias = STR_LIT("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKours"),
		.record_route = STR_LIT("<sip:10.4.128.21:6100;lr>"),
		.identity = STR_LIT("<sip:a@b>"), .charging = STR_LIT("icid-value=1"),
	};

	proxy_edit_answer_up(msg, &edit);
}

static const struct way {
	const char *name;
	bool request, up;
	uint64_t changed;
	void (*edit)(struct sip_msg *msg);
} ways[] = {
	{ "as a REGISTER to the core", true, true, HOP | UP | BIT(AUTHORIZATION) |
	  BIT(PROXY_AUTHORIZATION), edit_register },
	{ "as an answer to REGISTER", false, false, DOWN | BIT(VIA), edit_challenge },
	{ "to the core", true, true, HOP | UP | BIT(P_PREFERRED_IDENTITY) | BIT(SERVICE_ROUTE),
	  edit_up },
	{ "to the core, on its route", true, true, HOP | UP | BIT(P_PREFERRED_IDENTITY) |
	  BIT(SERVICE_ROUTE), edit_up_on_its_route },
	{ "to a UE", true, false, HOP | DOWN, edit_down },
	{ "back to the core", false, true, UP | BIT(VIA) | BIT(RECORD_ROUTE) |
	  BIT(P_PREFERRED_IDENTITY) | BIT(SERVICE_ROUTE), edit_answer_up },
	{ "back to a UE", false, false, DOWN | BIT(VIA), proxy_edit_answer_down },
};

static const struct sip_line *next_kept(const struct sip_msg *msg, unsigned int *at,
					uint64_t changed)
{
	while (*at < msg->n_lines) {
		const struct sip_line *line = &msg->lines[(*at)++];

		if (!(changed >> line->id & 1))
			return line;
	}
	return NULL;
}

bool verdict_is_kept(const struct sip_msg *before, const struct sip_msg *after,
		     uint64_t changed, char why[256])
{
	unsigned int i = 0, j = 0;
	const struct sip_line *a, *b;

	if (!str_same(before->start_line, after->start_line)) {
		snprintf(why, 256, "another start line");
		return false;
	}
	do {
		a = next_kept(before, &i, changed);
		b = next_kept(after, &j, changed);
		if ((a && !b) || (b && !a) || (a && !str_same(a->whole, b->whole))) {
			snprintf(why, 256, "'%.*s' became '%.*s'", (int)(a ? a->value.n : 0) % 100,
				 a ? a->value.p : "", (int)(b ? b->value.n : 0) % 100,
				 b ? b->value.p : "");
			return false;
		}
	} while (a);
	if (!str_same(before->body, after->body)) {
		snprintf(why, 256, "another body");
		return false;
	}
	return true;
}

static bool judge_after(const struct sip_msg *before, const struct sip_msg *after,
			const struct way *way, char why[256])
{
	if (way->up && (secagree_required(after) ||
			sip_msg_line(after, SIP_HEADER_SECURITY_VERIFY, NULL))) {
		snprintf(why, 256, "the security agreement is left");
		return false;
	}
	if (!way->up && sip_msg_line(after, SIP_HEADER_P_CHARGING_VECTOR, NULL)) {
		snprintf(why, 256, "charging is left");
		return false;
	}
	return verdict_is_kept(before, after, way->changed, why);
}

static const struct sip_limits wide = {
	.message = SIZE_MAX, .header_lines = UINT32_MAX, .line = SIZE_MAX, .commas = UINT32_MAX,
	.semicolons = UINT32_MAX,
};

static bool judge_way(struct sip_msg *msg, const struct way *way, char why[256])
{
	struct octets out = { 0 };
	struct sip_msg *after = NULL;
	struct sip_fault fault = { .why = "does not write" };
	char what[256];
	bool fine = false;

	way->edit(msg);
	if (sip_msg_write(msg, &out))
		after = sip_msg_new(octets_str(&out), &wide, NULL);
	/* An answer whose only Via was ours has none left. */
	if (after && (!msg->request || sip_msg_check(after, false, &fault)))
		fine = judge_after(msg, after, way, what);
	else
		snprintf(what, sizeof(what), "%s", fault.why);
	if (!fine)
		snprintf(why, 256, "%s: %.200s", way->name, what);
	sip_msg_free(after);
	octets_free(&out);
	sip_msg_restore(msg);
	return fine;
}

static bool same_unedited(const struct sip_msg *msg)
{
	struct octets out = { 0 };
	bool same = sip_msg_write(msg, &out) &&
		    str_same(octets_str(&out),
			     (struct str){ msg->head.p, msg->head.n + msg->body.n });

	octets_free(&out);
	return same;
}

/* What is made of a message rather than edited has to be one. */
static bool judge_made(const struct sip_msg *msg, char why[256])
{
	struct octets out = { 0 };
	struct sip_msg *made = NULL;
	struct sip_fault fault;
	bool fine;

	if (!msg->request || msg->method != SIP_METHOD_INVITE)
		return true;
	fine = sip_cancel_write(msg, STR_NONE, &out) &&
	       (made = sip_msg_new(octets_str(&out), &wide, NULL)) &&
	       sip_msg_check(made, false, &fault) && made->method == SIP_METHOD_CANCEL &&
	       made->cseq == msg->cseq && str_same(made->via.branch, msg->via.branch);
	if (!fine)
		snprintf(why, 256, "its CANCEL is none");
	sip_msg_free(made);
	octets_free(&out);
	return fine;
}

enum verdict verdict_of(struct str octets, char why[256])
{
	enum sip_gate_result result;
	struct sip_msg *msg = sip_msg_new(octets, &sip_limits_default, &result);
	enum verdict verdict = VERDICT_CHANGED;
	struct sip_fault fault;

	why[0] = '\0';
	if (!msg) {
		snprintf(why, 256, "%s", sip_gate_text(result));
		return VERDICT_REFUSED;
	}
	if (!same_unedited(msg)) {
		snprintf(why, 256, "unedited");
	} else if (!sip_msg_check(msg, false, &fault)) {
		snprintf(why, 256, "%s", fault.why);
		verdict = VERDICT_REFUSED;
	} else if (judge_made(msg, why)) {
		verdict = VERDICT_KEPT;
		for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
			if (ways[i].request == msg->request && !judge_way(msg, &ways[i], why))
				verdict = VERDICT_CHANGED;
	}
	sip_msg_free(msg);
	return verdict;
}
