// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Emergency calls without registration, on the unprotected port: TS 24.229 5.2.10.2.
 *
 * An INVITE for an emergency service begins a call, and what follows in its dialog passes;
 * nothing else does. Nobody has proved who sends it: no identity is asserted, and what is
 * registered or has SAs at that address is neither looked at nor touched. A phone that has
 * lost its SAs, or that got the address of another, calls for help like one that never had
 * any.
 */
#include "proxy_caller.h"

#include <errno.h>

#include "admission.h"
#include "answer.h"
#include "log.h"
#include "proxy.h"
#include "proxy_private.h"

static const struct config_emergency *emergency;

void proxy_caller_init(const struct config *cfg)
{
	emergency = &cfg->emergency;
}

static bool begins_call(const struct sip_msg *msg)
{
	return msg->method == SIP_METHOD_INVITE && !msg->to_tag.p &&
	       emergency_urn(emergency, msg->uri).p;
}

static void refuse_for_now(const struct flow *from, const struct sip_msg *msg,
			   enum rule rule, const char *why)
{
	caller_stats.refused++;
	proxy_refuse_with(from, NULL, msg, 503, "Service Unavailable", admission_retry_after(),
			  rule, why);
}

static void displace(struct caller *c)
{
	log_refusal(addr_text(&c->flow.remote), RULE_CALLERS_FULL,
		    "its emergency call makes room, 503");
	caller_hold(c);
	caller_displace(c);
	if (c->invite)
		relay_displace(c->invite);
	dialog_forget_caller(c);
	caller_release(c);
}

static bool make_room(const struct flow *from)
{
	struct caller *victim;

	switch (caller_victim(from, &victim)) {
	case -EAGAIN:
		displace(victim);
		return true;
	case -EBUSY:
		return false;
	default:
		return true;
	}
}

/* NULL: answered. Else held. */
static struct caller *admit(const struct flow *from, const struct sip_msg *msg)
{
	struct caller *c;

	if (!admission_emergency(&from->remote)) {
		refuse_for_now(from, msg, RULE_RATE_EMERGENCY,
			       "too many emergency calls without registration begin");
		return NULL;
	}
	if (!make_room(from)) {
		refuse_for_now(from, msg, RULE_CALLERS_FULL,
			       "there are too many emergency calls without registration");
		return NULL;
	}
	c = caller_new(from, msg);
	if (!c)
		refuse_for_now(from, msg, RULE_MEMORY, "out of memory");
	return c;
}

/* Takes the message over. */
static void begin(const struct flow *from, struct sip_msg *msg)
{
	struct relay_place place = { 0 };
	struct proxy_routes routes;
	struct str urn;

	if (proxy_check(from, NULL, msg, &routes))
		place.party.caller = admit(from, msg);
	if (!place.party.caller) {
		sip_msg_free(msg);
		return;
	}
	urn = emergency_urn(emergency, msg->uri);
	place.emergency.route = emergency->route;
	if (urn.p != msg->uri.p)
		place.emergency.urn = urn;
	proxy_stats.emergency++;
	log_limited(LOG_LEVEL_INFO, "%s: emergency call without registration for %.*s, to %s",
		    answer_who(from, STR_NONE), STR_ARG(urn), emergency->route);
	proxy_pass_on(from, msg, &place);
	caller_release(place.party.caller);
}

/* False: answered, and to be freed. */
static bool find_dialog(const struct flow *from, const struct sip_msg *msg,
			struct relay_place *place)
{
	struct proxy_routes routes;

	if (!proxy_check(from, NULL, msg, &routes))
		return false;
	switch (dialog_of_request(NULL, from, msg, &place->dialog, &place->leg)) {
	case DIALOG_FOUND:
		place->party = place->dialog->party;
		return true;
	case DIALOG_FOREIGN:
		proxy_stats.foreign_dialog++;
		proxy_refuse(from, NULL, msg, 403, "Forbidden", RULE_FOREIGN_DIALOG,
			     "in a dialog of another");
		return false;
	case DIALOG_NONE:
		break;
	}
	proxy_no_dialog(from, NULL, msg);
	return false;
}

/* Takes the message over. */
static void within_call(const struct flow *from, struct sip_msg *msg)
{
	struct relay_place place = { 0 };

	if (!find_dialog(from, msg, &place)) {
		sip_msg_free(msg);
		return;
	}
	caller_heard(place.party.caller, from, msg);
	proxy_pass_on(from, msg, &place);
}

bool proxy_caller_request(const struct flow *from, struct sip_msg *msg)
{
	enum config_unregistered policy = caller_policy(from);

	if (policy == CONFIG_UNREGISTERED_ALTERNATIVE && begins_call(msg)) {
		proxy_alternative(from, NULL, msg, emergency_without_registration(emergency));
		sip_msg_free(msg);
		return true;
	}
	if (policy != CONFIG_UNREGISTERED_ROUTE)
		return false;
	if (proxy_is_known(from, msg))
		sip_msg_free(msg);
	else if (proxy_needs_dialog(msg))
		within_call(from, msg);
	else if (begins_call(msg))
		begin(from, msg);
	else
		return false;
	return true;
}
