// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whom a request is of, whom it is for, and whether it may pass: TS 24.229
 * 5.2.6, RFC 3261 16.3.
 *
 * The direction is decided by where a request came in and by nothing in it: on
 * an SA, or from where one has registered without, it is of that UE and goes to the core; from the core it is for the UE
 * whose token stands in its topmost Route. Refusals keep nothing.
 */
#include "proxy.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "proxy_caller.h"
#include "proxy_private.h"

struct proxy_stats proxy_stats;
struct proxy_own proxy_own;

#define CALLS { .ringing = HISTOGRAM(histogram_sip_bounds), \
		.answered = HISTOGRAM(histogram_sip_bounds) }
struct proxy_calls proxy_calls[2] = { CALLS, CALLS };

static const struct config_emergency *emergency;

static bool own_addresses(const struct config *cfg)
{
	struct addr *list = calloc(cfg->n_mw + cfg->n_gm * (2 + CONFIG_MAX_PORT_C), sizeof(*list));
	unsigned int n = 0;

	if (!list)
		return false;
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		list[n++] = cfg->mw[i];
	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		const struct config_gm *gm = &cfg->gm[i];
		struct addr a = gm->unprotected;

		if (!a.family)
			continue;
		list[n++] = a;
		a.port = gm->port_s;
		list[n++] = a;
		for (unsigned int p = 0; p < gm->n_port_c; p++) {
			a.port = gm->port_c[p];
			list[n++] = a;
		}
	}
	free((void *)proxy_own.list);
	proxy_own = (struct proxy_own){ .list = list, .n = n };
	return true;
}

bool proxy_reload(const struct config *cfg)
{
	dialog_init(transaction_64t1_gm());
	return own_addresses(cfg);
}

bool proxy_init(const struct config *cfg)
{
	proxy_stats = (struct proxy_stats){ 0 };
	emergency = &cfg->emergency;
	proxy_caller_init(cfg);
	dialog_init(transaction_64t1_gm());
	return own_addresses(cfg);
}

void proxy_exit(void)
{
	/* First: an orderly end leaves in the store what a SIGKILL would. */
	dialog_exit();
	relay_exit();
	free((void *)proxy_own.list);
	proxy_own = (struct proxy_own){ 0 };
}

struct proxy_stats proxy_stats_now(void)
{
	proxy_stats.dialogs = dialog_count();
	return proxy_stats;
}

static const char *who(const struct flow *f, const struct ue *ue)
{
	return answer_who(f, ue ? str_of(registrar_impi(ue)) : STR_NONE);
}

void proxy_refuse_with(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
			unsigned int status, const char *reason, struct str lines,
			enum rule rule, const char *why)
{
	proxy_stats.refused++;
	log_refusal(who(from, ue), rule, "%.*s, %u: %s", STR_ARG(msg->method_name), status,
		    why);
	if (msg->method != SIP_METHOD_ACK)
		answer_stateless(from, msg, status, reason, lines);
}

void proxy_refuse(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		   unsigned int status, const char *reason, enum rule rule, const char *why)
{
	proxy_refuse_with(from, ue, msg, status, reason, STR_NONE, rule, why);
}

/* --- what holds for both directions --- */

static bool is_supported(struct str tag)
{
	return !tag.n || str_same_nocase(tag, STR_LIT("sec-agree"));
}

/* 420 for the tags we do not have (RFC 3261 16.3 5.). */
static bool check_proxy_require(const struct flow *from, const struct ue *ue,
				const struct sip_msg *msg)
{
	struct octets lines = { 0 };
	struct sip_values at = { 0 };
	bool fine = true;
	struct str tag;

	while (sip_msg_next_value(msg, SIP_HEADER_PROXY_REQUIRE, &at, &tag)) {
		if (is_supported(tag))
			continue;
		octets_puts(&lines, fine ? "Unsupported: " : ", ");
		octets_put(&lines, tag);
		fine = false;
	}
	octets_puts(&lines, "\r\n");
	if (!fine)
		proxy_refuse_with(from, ue, msg, 420, "Bad Extension",
			    lines.failed ? STR_NONE : octets_str(&lines), RULE_PROXY_REQUIRE,
			    "Proxy-Require has a tag that is not supported");
	octets_free(&lines);
	return fine;
}

bool proxy_check(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		  struct proxy_routes *routes)
{
	uint32_t hops;

	/* There is no TLS on either side. A call there is must be able to end, however. */
	if (!msg->to_tag.p && sip_uri_is_sips(msg->uri)) {
		proxy_refuse(from, ue, msg, 416, "Unsupported URI Scheme", RULE_SIPS,
		       "sips: asks for TLS on every hop");
		return false;
	}
	if (sip_msg_number(msg, SIP_HEADER_MAX_FORWARDS, &hops) && hops == 0) {
		proxy_refuse(from, ue, msg, 483, "Too Many Hops", RULE_MAX_FORWARDS,
		       "Max-Forwards is 0");
		return false;
	}
	if (!proxy_routes_read(msg, &proxy_own, routes)) {
		proxy_refuse(from, ue, msg, 400, "Bad Request", RULE_ROUTE,
		       "Route is malformed");
		return false;
	}
	return check_proxy_require(from, ue, msg);
}

/*
 * A CANCEL is answered here; where there is an INVITE it is for, that hears of
 * it (RFC 3261 16.10). Only its own sender finds it.
 */
static void cancel(const struct flow *from, const struct sip_msg *msg)
{
	if (transaction_server_cancelled(msg, from))
		answer_stateless(from, msg, 200, "OK", STR_NONE);
	else
		answer_stateless(from, msg, 481, "Call/Transaction Does Not Exist", STR_NONE);
}

bool proxy_is_known(const struct flow *from, const struct sip_msg *msg)
{
	if (msg->method == SIP_METHOD_ACK)
		return transaction_server_acknowledged(msg, from);
	if (msg->method == SIP_METHOD_CANCEL) {
		cancel(from, msg);
		return true;
	}
	return transaction_server_retransmitted(msg, from);
}

void proxy_pass_on(const struct flow *from, struct sip_msg *msg,
		    const struct relay_place *place)
{
	if (msg->method != SIP_METHOD_ACK) {
		relay_request(from, msg, place);
		return;
	}
	/* The ACK of a 2xx: without a dialog it has nowhere to go. */
	if (place->dialog)
		relay_ack(from, msg, place);
	sip_msg_free(msg);
}

void proxy_no_dialog(const struct flow *from, const struct ue *ue, const struct sip_msg *msg)
{
	proxy_stats.no_dialog++;
	proxy_refuse(from, ue, msg, 481, "Call/Transaction Does Not Exist", RULE_NO_DIALOG,
	       "in no dialog that is known");
}

bool proxy_needs_dialog(const struct sip_msg *msg)
{
	return msg->to_tag.p || msg->method == SIP_METHOD_BYE ||
	       msg->method == SIP_METHOD_PRACK || msg->method == SIP_METHOD_UPDATE ||
	       msg->method == SIP_METHOD_ACK;
}

/* A NOTIFY that has come before the answer to its SUBSCRIBE makes its leg. */
static bool early_notify(struct relay_place *place, struct dialog *d, const struct sip_msg *msg,
			 bool from_ue)
{
	struct octets route = { 0 };

	if (!d || msg->method != SIP_METHOD_NOTIFY)
		return false;
	if (from_ue)
		octets_puts(&route, d->recorded);
	else
		sip_msg_join(msg, SIP_HEADER_RECORD_ROUTE, &route);
	place->leg = dialog_notified(d, msg, from_ue, octets_str(&route));
	octets_free(&route);
	place->dialog = d;
	place->new_leg = place->leg != NULL;
	return place->new_leg;
}

/* --- from a UE --- */

/* False: answered, and to be freed. */
static bool find_dialog_of_ue(const struct flow *from, const struct sip_msg *msg,
			      struct relay_place *place)
{
	switch (dialog_of_request(place->party.ue, from, msg, &place->dialog, &place->leg)) {
	case DIALOG_FOUND:
		/* Without SAs, one may have called for help before it registered. */
		place->party = place->dialog->party;
		if (place->party.caller)
			caller_heard(place->party.caller, from, msg);
		return true;
	case DIALOG_FOREIGN:
		proxy_stats.foreign_dialog++;
		proxy_refuse(from, place->party.ue, msg, 403, "Forbidden", RULE_FOREIGN_DIALOG,
		       "in a dialog of another UE");
		return false;
	case DIALOG_NONE:
		break;
	}
	if (early_notify(place, dialog_of_notify(place->party.ue, msg), msg, true))
		return true;
	proxy_no_dialog(from, place->party.ue, msg);
	return false;
}

static bool registered_for_emergency(const struct ue *ue)
{
	const struct binding *b;

	DL_FOREACH(ue->bindings, b)
		if (b->emergency)
			return true;
	return ue->emergency;
}

/*
 * TS 24.229 5.2.10.5: the call is not for this network, or not for this
 * registration. A UE heeds it when it is of its own P-CSCF, the URI of the Path that it got
 * with the 200 OK to its REGISTER; one that has not registered knows the port it asked.
 */
void proxy_alternative(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		       enum emergency what)
{
	struct octets lines = { 0 };
	char uri[ANSWER_URI];

	proxy_stats.alternative++;
	log_refusal(who(from, ue), RULE_EMERGENCY_ELSEWHERE, "emergency %.*s, 380: %s",
		    STR_ARG(msg->method_name), what == EMERGENCY_REGISTER ?
		    "the UE is to register for it" : "there is no emergency.next-hop");
	octets_puts(&lines, "Content-Type: application/3gpp-ims+xml\r\n");
	octets_puts(&lines, "P-Asserted-Identity: ");
	octets_put(&lines, answer_own_uri(from, uri));
	octets_puts(&lines, "\r\n");
	if (!lines.failed)
		answer_with_body(from, msg, 380, "Alternative Service", octets_str(&lines),
				 emergency_body(what));
	octets_free(&lines);
}

bool proxy_emergency_of(const struct ue *ue, const struct sip_msg *msg,
			struct relay_emergency *e)
{
	struct str urn;

	if (emergency_of(emergency, msg->uri, registered_for_emergency(ue), &urn) !=
	    EMERGENCY_ROUTE)
		return false;
	e->route = emergency->route;
	if (urn.p != msg->uri.p)
		e->urn = urn;
	return true;
}

/* TS 24.229 5.2.10.4: what begins nothing else. False: answered, and to be freed. */
static bool emergency_may_pass(const struct flow *from, const struct sip_msg *msg,
			       struct relay_place *place)
{
	struct str urn;
	enum emergency what = emergency_of(emergency, msg->uri,
					   registered_for_emergency(place->party.ue), &urn);

	if (what == EMERGENCY_NONE)
		return true;
	if (what != EMERGENCY_ROUTE) {
		proxy_alternative(from, place->party.ue, msg, what);
		return false;
	}
	proxy_stats.emergency++;
	log_info("%s: emergency %.*s for %.*s, to %s", who(from, place->party.ue),
		 STR_ARG(msg->method_name), STR_ARG(urn), emergency->route);
	place->emergency.route = emergency->route;
	if (urn.p != msg->uri.p)
		place->emergency.urn = urn;
	return true;
}

static bool may_pass_up(const struct flow *from, const struct sip_msg *msg,
			struct relay_place *place)
{
	struct proxy_routes routes;

	if (!proxy_check(from, place->party.ue, msg, &routes))
		return false;
	if (proxy_needs_dialog(msg))
		return find_dialog_of_ue(from, msg, place);
	if (place->party.ue->bindings)
		return emergency_may_pass(from, msg, place);
	proxy_stats.unregistered++;
	/*
	 * Who calls for help hears at once how: its SAs are about to end, and it has what it
	 * needs to register.
	 */
	if (emergency_urn(emergency, msg->uri).p &&
	    caller_policy(from) != CONFIG_UNREGISTERED_REFUSE) {
		proxy_alternative(from, place->party.ue, msg,
				  emergency_without_registration(emergency));
		return false;
	}
	if (emergency_urn(emergency, msg->uri).p) {
		proxy_refuse(from, place->party.ue, msg, 403, "Forbidden", RULE_EMERGENCY_UNREGISTERED,
		       "emergency call of an unregistered UE");
		return false;
	}
	/* TS 24.229 5.2.6.3.2A: not even an answer. */
	log_refusal(who(from, place->party.ue), RULE_UNREGISTERED, "%.*s of an unregistered UE",
		    STR_ARG(msg->method_name));
	return false;
}

static void from_ue(const struct flow *from, struct sip_msg *msg, struct ue *ue)
{
	struct relay_place place = { .party.ue = ue };

	proxy_stats.from_ue++;
	if (!proxy_is_known(from, msg) && may_pass_up(from, msg, &place))
		proxy_pass_on(from, msg, &place);
	else
		sip_msg_free(msg);
}

/* --- from the core --- */

/* False: answered, and to be freed. */
static bool find_dialog_of_core(const struct flow *from, const struct sip_msg *msg,
				struct dialog *d, struct relay_place *place)
{
	place->party = d->party;
	place->dialog = d;
	place->leg = dialog_leg(d, msg, false);
	if (place->leg || early_notify(place, d, msg, false))
		return true;
	proxy_no_dialog(from, d->party.ue, msg);
	return false;
}

/* By Path: a request that is in no dialog yet. */
static bool find_ue(const struct flow *from, const struct sip_msg *msg, const char *token,
		    struct relay_place *place)
{
	place->party.ue = *token ? registrar_by_token(str_of(token)) : NULL;
	if (!place->party.ue) {
		proxy_stats.unknown_token++;
		proxy_refuse(from, NULL, msg, 404, "Not Found", RULE_NO_TOKEN,
		       "its topmost Route has no token of a UE");
		return false;
	}
	if (proxy_needs_dialog(msg)) {
		proxy_no_dialog(from, place->party.ue, msg);
		return false;
	}
	if (registrar_is_served(place->party.ue))
		return true;
	proxy_refuse(from, place->party.ue, msg, 480, "Temporarily Unavailable", RULE_NOT_REGISTERED,
	       "the UE is not registered");
	return false;
}

/* A neighbour asks whether we live: no Route, and we are meant (RFC 3261 11). */
static bool is_ping(const struct sip_msg *msg)
{
	return msg->method == SIP_METHOD_OPTIONS && !sip_msg_line(msg, SIP_HEADER_ROUTE, NULL) &&
	       !memchr(msg->uri.p, '@', msg->uri.n) && proxy_uri_is_own(msg->uri, &proxy_own);
}

static bool may_pass_down(const struct flow *from, const struct sip_msg *msg,
			  struct relay_place *place)
{
	struct proxy_routes routes;
	struct dialog *d;

	if (msg->method == SIP_METHOD_REGISTER) {
		proxy_refuse(from, NULL, msg, 403, "Forbidden", RULE_CORE_REGISTER,
		       "REGISTER from the core");
		return false;
	}
	if (is_ping(msg)) {
		answer_stateless(from, msg, 200, "OK", STR_NONE);
		return false;
	}
	if (!proxy_check(from, NULL, msg, &routes))
		return false;
	d = dialog_by_token(str_of(routes.token));
	return d ? find_dialog_of_core(from, msg, d, place)
		 : find_ue(from, msg, routes.token, place);
}

static void from_core(const struct flow *from, struct sip_msg *msg)
{
	struct relay_place place = { 0 };

	proxy_stats.from_core++;
	if (!proxy_is_known(from, msg) && may_pass_down(from, msg, &place))
		proxy_pass_on(from, msg, &place);
	else
		sip_msg_free(msg);
}

void proxy_request(const struct flow *from, struct sip_msg *msg, struct ue *ue)
{
	if (ue)
		from_ue(from, msg, ue);
	else
		from_core(from, msg);
}
