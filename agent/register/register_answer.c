// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers to a REGISTER on their way to the UE (pcscf-sip 2): the challenge
 * that makes a set, the 200 OK that promotes it, everything else.
 *
 * The order is the point: a 401 leaves after the kernel has acknowledged its
 * set, and a 200 OK after the set has been promoted.
 */
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "notice.h"
#include "plain.h"
#include "policy.h"
#include "reach.h"
#include "register_edit.h"
#include "register_private.h"
#include "transport.h"

/* RFC 3261 10.2 leaves it to the registrar; used when neither side said. */
#define DEFAULT_EXPIRES 3600

/*
 * The connection it came on may have gone: then the answer goes on another inside
 * of the same set (RFC 3261 18.2.2). In clear there is none: nothing connects to a
 * stranger.
 */
static void find_way_back(struct reg *r)
{
	const struct flow *way = transaction_server_way(r->server);
	const struct set *s = set_find(way->set);
	struct flow to;

	if (!transport_stands(way) && s && reach_ue(s, way->tcp, &to))
		transaction_server_redirect(r->server, &to);
}

void register_finish(struct reg *r, unsigned int status, const char *reason, const char *lines)
{
	struct set *s = register_set(r);
	struct octets out = { 0 };

	if (s)
		registrar_rejected(s);
	find_way_back(r);
	if (answer_make(&r->from, r->request, status, reason, str_of(lines), &out))
		transaction_server_answer(r->server, status, octets_str(&out));
	else
		transaction_server_drop(r->server);
	octets_free(&out);
	register_free(r);
}

static const char *who(const struct reg *r)
{
	return answer_who(&r->from, r->impi);
}

/*
 * What the UE holds the P-Asserted-Identity of a 380 against (TS 24.229 5.1.3.1): the last
 * entry of the Path of its registration (RFC 3327 5.3).  That one is ours; it gets the URI
 * that it knows us by, since the token by which the core does is nobody else's.
 */
static bool tells_path(const struct reg *r, const struct sip_msg *answer)
{
	return answer->status < 300 && (register_set(r) || r->ue->plain) &&
	       (sip_msg_has_tag(r->request, SIP_HEADER_SUPPORTED, STR_LIT("path")) ||
		sip_msg_line(answer, SIP_HEADER_PATH, NULL));
}

/* The core's answer, edited. @server: value of Security-Server or none. */
static void pass_on(struct reg *r, struct sip_msg *answer, struct str server)
{
	struct register_downlink facts = { .security_server = server };
	struct octets out = { 0 };
	char path[ANSWER_URI];

	if (tells_path(r, answer))
		facts.path = answer_own_uri(&r->from, path);
	register_edit_downlink(answer, &facts);
	if (!sip_msg_write(answer, &out)) {
		log_failure(who(r), RULE_ANSWER_LOST, "cannot write the answer to its REGISTER");
		octets_free(&out);
		register_finish(r, 500, "Server Internal Error", "");
		return;
	}
	find_way_back(r);
	transaction_server_answer(r->server, answer->status, octets_str(&out));
	octets_free(&out);
	register_free(r);
}

static void refuse_set(struct reg *r, enum set_failure failure, const char *why)
{
	static const struct {
		unsigned int status;
		const char *reason, *lines;
	} answers[] = {
		[SET_FULL] = { 503, "Service Unavailable", "Retry-After: 30\r\n" },
		[SET_NO_PORT] = { 403, "Forbidden", "" },
		[SET_NO_SPI] = { 503, "Service Unavailable", "Retry-After: 30\r\n" },
		[SET_KERNEL] = { 500, "Server Internal Error", "" },
		[SET_NO_MEMORY] = { 500, "Server Internal Error", "" },
	};

	register_stats.no_set++;
	log_failure(who(r), RULE_SET_FAILED, "no SA set: %s; answering %u", why,
		    answers[failure].status);
	register_finish(r, answers[failure].status, answers[failure].reason,
			answers[failure].lines);
}

/* False: the 401 has no keys that a set could be made of, and was answered. */
static bool have_keys(struct reg *r, const struct register_keys *keys)
{
	if (keys->result == CHALLENGE_KEYS)
		return true;
	register_stats.no_keys++;
	log_failure(who(r), RULE_NO_KEYS, "keys of the core's 401: %s; answering 500",
		    keys->result == CHALLENGE_NO_KEYS ? "no ck and ik" :
		    keys->why ? keys->why : "bad ck or ik");
	register_finish(r, 500, "Server Internal Error", "");
	return false;
}

/*
 * The established set on which the chain of challenges began, 0: unprotected.
 * A second challenge on a TEMP belongs to the chain of that TEMP.
 */
static uint32_t origin_of(const struct set *s)
{
	if (!s)
		return 0;
	return s->state == SET_TEMP ? s->origin : s->id;
}

static void make_set(struct reg *r, struct sip_msg *answer,
		     const struct register_keys *keys)
{
	struct set *came_on = register_set(r), *s;
	struct set_facts facts = {
		.gm = r->from.gm,
		.client = octets_str(&r->offer),
		.keys = &keys->aka,
		.origin = origin_of(came_on),
		.asked = r->began,
	};
	struct secagree_list offers;
	enum set_failure failure;
	char why[352];

	secagree_parse(octets_str(&r->offer), &offers);
	facts.offer = secagree_choose(&offers, register_config->suites,
				      register_config->n_suites, NULL);
	if (!facts.offer) {
		refuse_set(r, SET_NO_MEMORY, "the offer has changed");
		return;
	}
	s = registrar_challenged(r->ue, &facts, &failure, why, sizeof(why));
	if (!s) {
		refuse_set(r, failure, why);
		return;
	}
	register_stats.challenges++;
	histogram_add(&register_times.challenge, clock_now_us() - r->began);
	notice_of(NOTICE_CHALLENGED, who(r), s->id,
		  s->origin ? "re-authentication" : "begun unprotected");
	log_limited(LOG_LEVEL_INFO, "%s: challenged, set %u with %s/%s, %s", who(r), s->id,
		    suite_alg_name(s->suite.alg), suite_ealg_name(s->suite.ealg),
		    s->origin ? "re-authentication" : "begun unprotected");
	pass_on(r, answer, str_of(s->server));
}

static void challenged(struct reg *r, struct sip_msg *answer,
		       const struct register_keys *keys)
{
	struct set *s = register_set(r);

	/* Its response was wrong; what comes now is another run (7.3.1). */
	if (s)
		registrar_rejected(s);
	if (r->agreement) {
		if (have_keys(r, keys))
			make_set(r, answer, keys);
		return;
	}
	if (r->from.set) {
		register_stats.refused++;
		log_refusal(who(r), RULE_NO_AGREEMENT,
			    "challenged without Security-Client on an established set, 403");
		register_finish(r, 403, "Forbidden", "");
		return;
	}
	/* Access without sec-agree, which the policy allows here. */
	pass_on(r, answer, STR_NONE);
}

/*
 * What a 200 OK says of a registration. @lists holds the texts; all octets of
 * one header go into each.
 */
struct accepted_lists {
	struct octets route, associated, contacts;
};

static struct registrar_accepted read_accepted(const struct reg *r, const struct sip_msg *answer,
					       struct accepted_lists *lists)
{
	sip_msg_join(answer, SIP_HEADER_SERVICE_ROUTE, &lists->route);
	sip_msg_join(answer, SIP_HEADER_P_ASSOCIATED_URI, &lists->associated);
	sip_msg_join(answer, SIP_HEADER_CONTACT, &lists->contacts);
	return (struct registrar_accepted){
		.aor = r->facts.aor,
		.service_route = octets_str(&lists->route),
		.associated = octets_str(&lists->associated),
		.contacts = lists->contacts.failed ? STR_NONE : octets_str(&lists->contacts),
	};
}

static void free_lists(struct accepted_lists *lists)
{
	octets_free(&lists->route);
	octets_free(&lists->associated);
	octets_free(&lists->contacts);
}

static uint32_t granted(const struct register_contact *c, const struct sip_msg *answer)
{
	uint32_t expires;

	if (register_facts_expiry(answer, c->uri, &expires))
		return expires;
	return c->has_expires ? c->expires : DEFAULT_EXPIRES;
}

/* It names another address than the UE has: another device's, or one it had before. */
static bool is_elsewhere(const struct reg *r, const struct register_contact *c)
{
	struct addr a;

	return register_facts_address(c->uri, &a) && !addr_same_ip(&a, &r->from.remote);
}

/*
 * What became of the contacts it named, that with the longest life first. One
 * elsewhere is registered by whoever is there, unless the UE has no other: then it
 * knows itself by another address. Return: how many.
 */
static unsigned int judge_contacts(const struct reg *r, const struct sip_msg *answer,
				   struct registrar_contact list[REGISTER_CONTACTS])
{
	unsigned int n = 0, n_own = 0;

	for (unsigned int i = 0; i < r->facts.n; i++)
		n_own += !is_elsewhere(r, &r->facts.contact[i]);
	for (unsigned int i = 0; i < r->facts.n; i++) {
		const struct register_contact *c = &r->facts.contact[i];
		struct registrar_contact it = { c->uri, granted(c, answer), c->sos }, first;

		if (it.expires && n_own && is_elsewhere(r, c))
			continue;
		list[n++] = it;
		if (it.expires <= list[0].expires)
			continue;
		first = list[0];
		list[0] = it;
		list[n - 1] = first;
	}
	return n;
}

/* False when the kernel no longer has the set. */
static bool register_on_set(struct reg *r, struct set *s, const struct registrar_accepted *a)
{
	/* Of a set of an earlier life, and of one that is only refreshed, it is not known. */
	uint64_t asked = s->state == SET_TEMP ? s->asked : 0;

	if (registrar_accepted(s, a))
		return false;
	register_stats.registrations++;
	histogram_add(&register_times.accept, clock_now_us() - r->began);
	if (asked)
		histogram_add(&register_times.whole, clock_now_us() - asked);
	notice_of(NOTICE_REGISTERED, who(r), s->id, set_state_name(s->state));
	policy_agreed(r->impi);
	log_info("%s: registered %.*s for %u s, set %s", who(r), STR_ARG(r->facts.aor),
		 a->expires, set_state_name(s->state));
	return true;
}

/* Without SAs: no set to promote, and no downgrade to remember. */
static void register_plain(struct reg *r, const struct registrar_accepted *a)
{
	plain_accepted(r->ue, &r->from, a);
	register_stats.registrations++;
	histogram_add(&register_times.accept, clock_now_us() - r->began);
	notice_of(NOTICE_REGISTERED, who(r), 0, "without SAs");
	log_info("%s: registered %.*s for %u s, without SAs", who(r), STR_ARG(r->facts.aor),
		 a->expires);
}

static void deregister_ue(struct reg *r, struct set *s, const struct registrar_accepted *a)
{
	if (s)
		registrar_deregistered(s, a);
	else
		plain_deregistered(r->ue, a);
	register_stats.deregistrations++;
	if (!r->ue->bindings)
		notice_of(NOTICE_DEREGISTERED, who(r), s ? s->id : 0, "by the UE");
	log_info("%s: de-registered %.*s", who(r), STR_ARG(r->facts.aor));
}

/* What the 200 OK says of the UE; @s NULL: without SAs. False: the kernel lost the set. */
static bool take_over(struct reg *r, struct set *s, const struct sip_msg *answer)
{
	struct registrar_contact list[REGISTER_CONTACTS] = { 0 };
	struct accepted_lists lists = { 0 };
	struct registrar_accepted a = read_accepted(r, answer, &lists);
	unsigned int n = judge_contacts(r, answer, list);
	bool fine = true;

	/* None: "*". */
	a.contact = list[0].uri;
	a.expires = list[0].expires;
	a.emergency = list[0].emergency;
	a.more = list + 1;
	a.n_more = n ? n - 1 : 0;
	if (!a.expires)
		deregister_ue(r, s, &a);
	else if (s)
		fine = register_on_set(r, s, &a);
	else
		register_plain(r, &a);
	free_lists(&lists);
	return fine;
}

static void accepted(struct reg *r, struct sip_msg *answer)
{
	struct set *s = register_set(r);

	if (!s && r->agreement) {
		/* Without a challenge there are no SAs, and nothing may go unprotected. */
		log_failure(who(r), RULE_NO_CHALLENGE, "the core accepted an unprotected "
			    "REGISTER without a challenge; answering 500");
		register_finish(r, 500, "Server Internal Error", "");
		return;
	}
	if (!s && !policy_plain(r->from.gm, r->impi)) {
		/* Meanwhile it has registered with SAs, or the listener was told to want them. */
		register_stats.refused++;
		log_refusal(who(r), RULE_OFFER_MISSING, "the core accepted it without SAs, which "
			    "are required by now, 403");
		register_finish(r, 403, "Forbidden", "");
		return;
	}
	if (!r->facts.n && !r->facts.star) {
		/* A query changes nothing. */
		pass_on(r, answer, STR_NONE);
		return;
	}
	if (!take_over(r, s, answer)) {
		register_finish(r, 500, "Server Internal Error", "");
		return;
	}
	pass_on(r, answer, STR_NONE);
}

/*
 * A final error to the REGISTER with RES: its TEMP ends soon. Where the chain
 * began on an established set the answer goes there, since the UE need not
 * have kept the TEMP (TS 33.203 7.4.2a); on TCP it stays on its connection while
 * that stands.
 */
static void rejected(struct reg *r, struct sip_msg *answer)
{
	struct set *s = register_set(r), *origin;

	register_stats.core_refused++;
	if (s && s->state == SET_TEMP) {
		registrar_rejected(s);
		origin = registrar_origin(s);
		if (origin && !(r->from.tcp && transport_stands(&r->from))) {
			struct flow to = set_flow_to_ue(origin);

			/* Of no connection yet: find_way_back(). */
			to.tcp = r->from.tcp;

			transaction_server_redirect(r->server, &to);
		}
	}
	log_limited(LOG_LEVEL_INFO, "%s: the core answers its REGISTER with %u %.*s", who(r),
		    answer->status, STR_ARG(answer->reason));
	pass_on(r, answer, STR_NONE);
}

bool register_is_lost(const struct reg *r)
{
	return r->from.set && !set_find(r->from.set);
}

/* TS 24.229 5.2.2.1: the entry point does not serve us, another may. */
static bool is_turned_away(const struct sip_msg *answer)
{
	return (answer->status >= 300 && answer->status < 400 && answer->status != 305) ||
	       answer->status == 480;
}

static void drop_lost(struct reg *r)
{
	transaction_server_drop(r->server);
	register_free(r);
}

void register_answered(void *arg, struct sip_msg *answer, void *keys)
{
	struct reg *r = arg;
	bool elsewhere = nexthop_answered(r->way, answer) || is_turned_away(answer);

	if (answer->status < 200)
		return;
	r->client = NULL;
	histogram_add(&register_times.core, clock_now_us() - r->asked);
	if (register_is_lost(r)) {
		log_info("%s: its set has gone, the core's %u is dropped", who(r), answer->status);
		drop_lost(r);
	} else if (elsewhere && register_uplink_again(r)) {
		return;
	} else if (answer->status == 401) {
		challenged(r, answer, keys);
	} else if (answer->status < 300) {
		accepted(r, answer);
	} else if (is_turned_away(answer) || answer->status == 408) {
		/* RFC 4320 4.2: never a 408. */
		log_failure(who(r), RULE_CORE_TURNS_AWAY, "the core's last entry point answers %u; "
			    "answering 504", answer->status);
		register_finish(r, 504, "Server Time-out", "");
	} else {
		rejected(r, answer);
	}
}

void register_failed(void *arg, enum client_end why)
{
	struct reg *r = arg;

	r->client = NULL;
	nexthop_failed(r->way, why == CLIENT_TRANSPORT);
	if (register_is_lost(r)) {
		drop_lost(r);
		return;
	}
	if (register_uplink_again(r))
		return;
	register_stats.timeouts++;
	log_failure(who(r), RULE_CORE_SILENT, "the core %s; answering 504",
		    why == CLIENT_TIMEOUT ? "does not answer" : "cannot be reached");
	register_finish(r, 504, "Server Time-out", "");
}
