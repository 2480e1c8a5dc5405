// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * REGISTER on its way to the core: what is checked, what is refused, what is
 * forwarded (pcscf-sip 1, gm-security 6, sec-agree 5).
 *
 * Refusals keep nothing: they are answered without a transaction.  What is
 * forwarded is a struct reg, owned by the list here; it ends with its final
 * answer, or when its server transaction is displaced by newcomers.
 */
#include "register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "answer.h"
#include "authorization.h"
#include "drain.h"
#include "log.h"
#include "plain.h"
#include "policy.h"
#include "random.h"
#include "register_private.h"

struct register_stats register_stats;
struct register_times register_times = {
	.challenge = HISTOGRAM(histogram_sip_bounds),
	.accept = HISTOGRAM(histogram_sip_bounds),
	.whole = HISTOGRAM(histogram_sip_bounds),
	.core = HISTOGRAM(histogram_sip_bounds),
};
const struct config *register_config;

static struct reg *regs;

/* A REGISTER while it is looked at. */
struct looking {
	const struct flow *from;
	struct sip_msg *msg;
	struct set *set;
	struct authorization auth;
	struct register_request facts;
	struct octets offer;
	struct secagree_list offers;
};

void register_init(const struct config *cfg)
{
	register_config = cfg;
}

void register_free(struct reg *r)
{
	DL_DELETE(regs, r);
	nexthop_free(r->way);
	registrar_release(r->ue);
	octets_free(&r->offer);
	sip_msg_free(r->request);
	free(r);
}

void register_exit(void)
{
	while (regs)
		register_free(regs);
}

struct set *register_set(const struct reg *r)
{
	return r->from.set ? set_find(r->from.set) : NULL;
}

static void refuse(const struct looking *l, unsigned int status, const char *reason,
		   const char *lines, enum rule rule, const char *why)
{
	register_stats.refused++;
	log_refusal(answer_who(l->from, l->auth.username), rule, "REGISTER, %u: %s", status, why);
	answer_stateless(l->from, l->msg, status, reason, str_of(lines));
}

/* 421 or 494 with what we can do (RFC 3329 2.3.1). */
static void refuse_agreement(const struct looking *l, unsigned int status, enum rule rule,
			     const char *why)
{
	struct octets lines = { 0 };

	octets_puts(&lines, "Require: sec-agree\r\nSecurity-Server: ");
	secagree_format_policy(&lines, register_config->suites, register_config->n_suites);
	octets_puts(&lines, "\r\n");
	octets_put(&lines, STR_LIT("\0"));
	refuse(l, status, status == 421 ? "Extension Required" : "Security Agreement Required",
	       lines.failed ? "" : lines.p, rule, why);
	octets_free(&lines);
}

/* The tags of Proxy-Require that we do not support: 420 (RFC 3261 16.3). */
static bool check_proxy_require(const struct looking *l)
{
	struct octets lines = { 0 };
	struct sip_values at = { 0 };
	bool fine = true;
	struct str tag;

	while (sip_msg_next_value(l->msg, SIP_HEADER_PROXY_REQUIRE, &at, &tag)) {
		if (!tag.n || str_same_nocase(tag, STR_LIT("sec-agree")))
			continue;
		octets_puts(&lines, fine ? "Unsupported: " : ", ");
		octets_put(&lines, tag);
		fine = false;
	}
	if (!fine) {
		octets_put(&lines, STR_LIT("\r\n\0"));
		refuse(l, 420, "Bad Extension", lines.failed ? "" : lines.p, RULE_PROXY_REQUIRE,
		       "Proxy-Require has a tag that is not supported");
	}
	octets_free(&lines);
	return fine;
}

/*
 * Who registers without SAs need not say its IMPI before it is challenged: it is that of
 * To, then (TS 24.229 5.2.2.4, TS 23.003 13.4B). Which is looked at for nothing but whom
 * the core's answer makes known here.
 */
static struct str implied_impi(const struct looking *l)
{
	struct str aor = l->facts.aor;
	const char *colon = memchr(aor.p, ':', aor.n);

	if (l->set || register_config->gm[l->from->gm].secagree_required || !colon ||
	    sip_msg_line(l->msg, SIP_HEADER_SECURITY_CLIENT, NULL))
		return STR_NONE;
	return str_from(aor, (size_t)(colon + 1 - aor.p));
}

static bool check_request(struct looking *l)
{
	struct sip_fault fault;
	uint32_t hops;

	switch (authorization_read(l->msg, &l->auth)) {
	case AUTHORIZATION_OK:
		break;
	case AUTHORIZATION_MALFORMED:
		memset(&l->auth, 0, sizeof(l->auth));
		refuse(l, 400, "Bad Request", "", RULE_AUTHORIZATION,
		       "Authorization is malformed or there are several");
		return false;
	case AUTHORIZATION_NONE:
		memset(&l->auth, 0, sizeof(l->auth));
	}
	if (!register_facts_request(l->msg, &l->facts, &fault)) {
		refuse(l, fault.status, fault.reason, "", RULE_REGISTER, fault.why);
		return false;
	}
	if (sip_uri_is_sips(l->msg->uri)) {
		refuse(l, 416, "Unsupported URI Scheme", "", RULE_SIPS,
		       "sips: asks for TLS on every hop");
		return false;
	}
	if (sip_msg_number(l->msg, SIP_HEADER_MAX_FORWARDS, &hops) && hops == 0) {
		refuse(l, 483, "Too Many Hops", "", RULE_MAX_FORWARDS, "Max-Forwards is 0");
		return false;
	}
	if (!check_proxy_require(l))
		return false;
	if (!l->auth.username.n)
		l->auth.username = implied_impi(l);
	if (!l->auth.username.n) {
		refuse(l, 403, "Forbidden", "", RULE_NO_IMPI,
		       "no IMPI: Authorization with a username is missing");
		return false;
	}
	return true;
}

/* How often an IMPI may be asked for without SA. */
static bool check_rate(const struct looking *l)
{
	char lines[64];

	if (admission_impi(l->auth.username, &l->from->remote))
		return true;
	snprintf(lines, sizeof(lines), "%.*s", STR_ARG(admission_retry_after()));
	refuse(l, 503, "Service Unavailable", lines, RULE_RATE_IMPI, "too often for this IMPI");
	return false;
}

/*
 * Without an offer: access without SAs where the policy has it, or an answer that
 * says what is missing. Who requires the agreement has lost his offer on the way.
 */
static bool check_plain(const struct looking *l)
{
	bool required = secagree_required(l->msg);

	if (!required && policy_plain(l->from->gm, l->auth.username))
		return true;
	refuse_agreement(l, required || secagree_supported(l->msg) ? 494 : 421, RULE_OFFER_MISSING,
			 "Security-Client is missing");
	return false;
}

/* Security-Client: there, readable, and with something in common. */
static bool check_offer(struct looking *l)
{
	struct octets why = { 0 };
	bool fine = true;

	sip_msg_join(l->msg, SIP_HEADER_SECURITY_CLIENT, &l->offer);
	if (l->offer.failed || !secagree_parse(octets_str(&l->offer), &l->offers)) {
		refuse(l, 400, "Bad Request", "", RULE_OFFER_MALFORMED,
		       l->offer.failed ? "out of memory" : l->offers.malformed);
		return false;
	}
	if (!l->offers.n)
		return l->set || check_plain(l);
	if (!secagree_choose(&l->offers, register_config->suites, register_config->n_suites,
			     &why)) {
		octets_put(&why, STR_LIT("\0"));
		refuse_agreement(l, 494, RULE_OFFER_USELESS,
				 why.failed ? "no common algorithm" : why.p);
		fine = false;
	}
	octets_free(&why);
	return fine;
}

/* gm-security 6 checks 6 and 7: the agreement was not tampered with on the way. */
static bool check_verify(struct looking *l)
{
	struct octets verify = { 0 };
	bool same;

	sip_msg_join(l->msg, SIP_HEADER_SECURITY_VERIFY, &verify);
	if (!verify.n || !l->offer.n) {
		octets_free(&verify);
		registrar_rejected(l->set);
		refuse(l, 400, "Bad Request", "", RULE_VERIFY_MISSING,
		       "Security-Verify or Security-Client is missing on a temporary set");
		return false;
	}
	same = !verify.failed && secagree_verify(str_of(l->set->server), octets_str(&verify));
	octets_free(&verify);
	if (!same || !secagree_same_offer(str_of(l->set->client), octets_str(&l->offer))) {
		registrar_rejected(l->set);
		refuse_agreement(l, 494, RULE_VERIFY_DIFFERS,
				 same ? "Security-Client is not that of the challenged REGISTER"
				      : "Security-Verify is not the Security-Server sent");
		return false;
	}
	return true;
}

/* gm-security 6 checks 4 and 5. */
static bool check_identity(struct looking *l)
{
	char host[ADDR_TEXT], literal[64];
	struct addr sent_by;

	answer_source(l->from, host);
	str_copy(l->msg->via.host, literal, sizeof(literal));
	if (addr_parse(&sent_by, literal, 0) && !sip_via_is_from(&l->msg->via, host)) {
		refuse(l, 403, "Forbidden", "", RULE_VIA_ADDRESS,
		       "Via sent-by is not the address it came from");
		return false;
	}
	if (!registrar_is_impi(l->set->ue, l->auth.username)) {
		refuse(l, 403, "Forbidden", "", RULE_OTHER_IMPI,
		       "the IMPI is not that of the SA set");
		return false;
	}
	return true;
}

/* Without SAs, from where this IMPI is registered. */
static bool is_refresh(const struct looking *l)
{
	const struct ue *ue = plain_at(l->from);

	return ue && ue->bindings && registrar_is_impi(ue, l->auth.username);
}

/*
 * integrity-protected (TS 24.229 7.2A.2). Of who does without SAs it says whether this is
 * the place of its registration; "no" would have the core insist on SAs.
 */
static const char *integrity(const struct looking *l)
{
	bool yes;

	if (!l->set && !l->offers.n)
		return is_refresh(l) ? "ip-assoc-yes" :
		       authorization_answers(&l->auth) ? "ip-assoc-pending" : NULL;
	if (l->set && l->set->state == SET_TEMP)
		yes = authorization_answers(&l->auth);
	else
		yes = l->set && registrar_is_current(l->set);
	return yes ? "yes" : "no";
}

/* Its server transaction made room for a newcomer. */
static void displaced(void *arg)
{
	struct reg *r = arg;

	if (r->client)
		transaction_client_drop(r->client);
	register_free(r);
}

/* RFC 4320 4.1. */
static void late(void *arg)
{
	struct reg *r = arg;
	struct octets out = { 0 };

	if (register_is_lost(r))
		return;
	if (answer_make(&r->from, r->request, 100, "Trying", STR_NONE, &out))
		transaction_server_answer(r->server, 100, octets_str(&out));
	octets_free(&out);
}

/* Takes the message and the offer over. NULL: out of memory. */
static struct reg *begin(struct looking *l)
{
	struct reg *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	if (l->set) {
		r->ue = l->set->ue;
		registrar_hold(r->ue);
	} else if (!l->offers.n) {
		r->ue = registrar_plain_ue(l->auth.username, &l->from->remote);
	} else if (register_facts_sos(&l->facts)) {
		r->ue = registrar_emergency_ue(l->auth.username, &l->from->remote);
	} else {
		r->ue = registrar_ue(l->auth.username, &l->from->remote);
	}
	if (!r->ue) {
		free(r);
		return NULL;
	}
	r->began = clock_now_us();
	r->from = *l->from;
	r->request = l->msg;
	r->facts = l->facts;
	r->impi = l->auth.username;
	r->offer = l->offer;
	r->agreement = l->offers.n > 0;
	r->integrity = integrity(l);
	memset(&l->offer, 0, sizeof(l->offer));
	DL_APPEND(regs, r);
	return r;
}

/* 503 at no cost of ours or of the core's; phones spread what comes back. */
static void refuse_overload(const struct looking *l, uint32_t seconds, enum rule rule,
			    const char *why)
{
	char line[40];

	snprintf(line, sizeof(line), "Retry-After: %u\r\n", seconds);
	register_stats.overload++;
	refuse(l, 503, "Service Unavailable", line, rule, why);
}

/* A newcomer would be challenged for nothing: there is no room for its set, or for itself. */
static bool check_room(const struct looking *l)
{
	if (l->set || (l->offers.n && set_has_room()))
		return true;
	if (!l->offers.n && (plain_has_room() || is_refresh(l)))
		return true;
	if (!l->offers.n) {
		refuse_overload(l, random_between(30, 60), RULE_PLAIN_FULL,
				"limits.ues-without-sec-agree is reached");
		return false;
	}
	refuse_overload(l, random_between(30, 60), RULE_SETS_FULL, "limits.sets is reached");
	return false;
}

/* An emergency registration is served in any case. */
static bool check_drain(const struct looking *l)
{
	if (l->set || register_facts_sos(&l->facts) || is_refresh(l) || !drain_is_on())
		return true;
	refuse_overload(l, drain_retry_after(), RULE_DRAINING, "no new registrations, draining");
	return false;
}

static void forward(struct looking *l)
{
	struct server_owner owner = { .displaced = displaced, .late = late };
	struct flow answer_to, to;
	struct reg *r = begin(l);
	enum nexthop_result result;

	if (!r || !register_uplink_new(r)) {
		refuse(l, 500, "Server Internal Error", "", RULE_MEMORY, "out of memory");
		if (r)
			register_free(r);
		else
			sip_msg_free(l->msg);
		return;
	}
	result = nexthop_next(r->way, &to);
	if (result == NEXTHOP_PAUSED) {
		refuse_overload(l, nexthop_retry_after(r->way), RULE_CORE_PAUSE,
				"the core wants a pause");
		register_free(r);
		return;
	}
	owner.arg = r;
	if (!answer_route(l->from, l->msg, &answer_to)) {
		register_free(r);
		return;
	}
	r->server = transaction_server_new(r->request, l->from, &answer_to, &owner);
	if (!r->server)
		register_free(r);
	else
		register_uplink_go(r, result, &to);
}

void register_request(const struct flow *from, struct sip_msg *msg, struct set *set)
{
	struct looking l = { .from = from, .msg = msg, .set = set };
	bool fine;

	register_stats.requests++;
	fine = check_request(&l);
	if (fine && set)
		fine = check_identity(&l);
	fine = fine && check_drain(&l) && check_offer(&l);
	if (fine && !set)
		fine = check_rate(&l);
	if (fine && set && set->state == SET_TEMP)
		fine = check_verify(&l);
	fine = fine && check_room(&l);
	if (fine)
		forward(&l);
	else
		sip_msg_free(msg);
	octets_free(&l.offer);
}
