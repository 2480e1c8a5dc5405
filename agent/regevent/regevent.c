// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of a subscription (TS 24.229 5.2.3, RFC 6665 4.1):
 *
 *   state    | event                              | what happens
 *   -        | the UE has registered              | DUE, at once
 *   DUE      | timer                              | SUBSCRIBE; PENDING
 *   PENDING  | first NOTIFY (before 2xx or after) | ACTIVE
 *            | 2xx                                | NOTIFY has 64*T1 to come (timer N)
 *            | 423                                | once more, with Min-Expires
 *            | 408, 480, 481, 5xx, silence        | DUE, later
 *            | other errors                       | REFUSED
 *   ACTIVE   | 600 s before its end, or half-time | SUBSCRIBE in the dialog
 *            | that: 2xx                          | lives on
 *            | that: 481                          | DUE
 *            | that: other errors, silence        | lives on to its end, then DUE
 *            | NOTIFY: terminated                 | DUE or REFUSED, as its reason says
 *   any      | the UE's last binding is gone      | SUBSCRIBE with Expires: 0; LEAVING
 *   LEAVING  | NOTIFY: terminated, 64*T1, error   | -
 *
 * Whatever the notifier says, a UE's SUBSCRIBE requests are PAUSE_MS apart.
 *
 * A subscription holds its UE and is found by its Call-ID; it has one SUBSCRIBE
 * under way at a time (regevent_send.c). It is not stored: after a restart the UE is subscribed
 * to anew, and the notifier hears 481 to what is of the old dialog.
 */
#include "regevent_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "identities.h"
#include "json.h"
#include "log.h"
#include "random.h"

/* Subscriptions outlast the registration (TS 24.229 5.2.3). */
#define MARGIN_S 600
/* ... and are refreshed so long before their end, or at half-time. */
#define REFRESH_MS 600000ull
/* Three years: who grants or wants more gets this. */
#define LONGEST_S 100000000
/* Without an answer of use: the first time and at most. */
#define RETRY_S 60
#define RETRY_MAX_S 3600
/* Between two SUBSCRIBE requests of one UE, whatever the notifier makes of them. */
#define PAUSE_MS 30000ull
/* SUBSCRIBE requests under way; after a restart all UEs want one. */
#define AT_A_TIME 500

struct regevent_stats regevent_stats;
const struct config *regevent_config;

static struct subscription *subscriptions;

static const char * const state_names[] = {
	[SUBSCRIPTION_DUE] = "due",
	[SUBSCRIPTION_PENDING] = "pending",
	[SUBSCRIPTION_ACTIVE] = "active",
	[SUBSCRIPTION_LEAVING] = "leaving",
	[SUBSCRIPTION_REFUSED] = "refused",
};

static void begin(struct ue *ue);
static void on_timer(struct clock_timer *t);

void regevent_init(const struct config *cfg)
{
	regevent_config = cfg;
}

struct subscription *regevent_find(struct str call_id)
{
	struct subscription *s = NULL;

	if (call_id.n == SUBSCRIPTION_CALL_ID)
		HASH_FIND(hh, subscriptions, call_id.p, call_id.n, s);
	return s;
}

static const char *who(const struct subscription *s)
{
	static char text[320];

	snprintf(text, sizeof(text), "%.200s at %s", s->ue->impi, addr_host(&s->ue->addr));
	return text;
}

static uint64_t t1_64(void)
{
	return 64 * regevent_config->t1_mw;
}

/* It is over; a UE that is registered (again) gets another. */
static void end(struct subscription *s)
{
	struct ue *ue = s->ue;

	clock_stop(&s->timer);
	regevent_give_up(s);
	HASH_DEL(subscriptions, s);
	regevent_stats.subscriptions--;
	regevent_free_dialog(s);
	free(s->identity);
	free(s);
	ue->subscription = NULL;
	if (ue->bindings)
		begin(ue);
	registrar_release(ue);
}

/* Another dialog has another Call-ID, by which it is found. */
static void renew_dialog(struct subscription *s)
{
	HASH_DEL(subscriptions, s);
	regevent_new_dialog(s);
	HASH_ADD(hh, subscriptions, call_id, SUBSCRIPTION_CALL_ID, s);
}

/* The first moment for another SUBSCRIBE. */
static uint64_t earliest(const struct subscription *s)
{
	uint64_t next = s->asked + PAUSE_MS, now = clock_now();

	return s->cseq && next > now ? next : now;
}

static void due_at(struct subscription *s, uint64_t when)
{
	s->state = SUBSCRIPTION_DUE;
	clock_set_at(&s->timer, when);
}

/* Later, each time twice as much later, and not all at the same moment. */
static void retry(struct subscription *s, uint32_t at_least)
{
	uint64_t seconds = RETRY_S;

	for (unsigned int i = 0; i < s->failures && seconds < RETRY_MAX_S; i++)
		seconds *= 2;
	if (seconds > RETRY_MAX_S)
		seconds = RETRY_MAX_S;
	if (seconds < at_least)
		seconds = at_least < LONGEST_S ? at_least : LONGEST_S;
	s->failures++;
	due_at(s, clock_now() + seconds * 1000 + random_between(0, RETRY_S * 250));
}

static void refused(struct subscription *s, const char *why)
{
	log_failure(who(s), RULE_SUBSCRIBE_REFUSED, "no subscription to its registration state: %s",
		    why);
	s->state = SUBSCRIPTION_REFUSED;
	clock_stop(&s->timer);
}

/* --- SUBSCRIBE --- */

/* The registration may end earlier, and be refreshed; this outlasts it. */
static uint32_t wanted_expires(const struct ue *ue)
{
	uint64_t now = clock_now(), last = now;

	for (const struct binding *b = ue->bindings; b; b = b->next)
		if (b->ends > last)
			last = b->ends;
	last = (last - now) / 1000 + MARGIN_S;
	return last < LONGEST_S ? (uint32_t)last : LONGEST_S;
}

/* The first SUBSCRIBE of a dialog. */
static void subscribe(struct subscription *s)
{
	if (regevent_under_way() >= AT_A_TIME) {
		due_at(s, clock_now() + (uint64_t)random_between(500, 1500) *
					(1 + regevent_stats.subscriptions / 5000));
		return;
	}
	renew_dialog(s);
	s->state = SUBSCRIPTION_PENDING;
	clock_stop(&s->timer);
	if (!regevent_send(s))
		retry(s, 0);
}

static void refresh(struct subscription *s)
{
	uint32_t wanted = wanted_expires(s->ue);

	if (regevent_is_sending(s))
		return;
	/* Not less than the notifier has asked for by 423. */
	if (s->expires < wanted)
		s->expires = wanted;
	clock_set_at(&s->timer, s->ends);
	regevent_send(s);
}

void regevent_refresh_soon(struct subscription *s)
{
	uint64_t when = earliest(s);

	if (s->state == SUBSCRIPTION_ACTIVE && !regevent_is_sending(s) && when < s->timer.due)
		clock_set_at(&s->timer, when);
}

static void unsubscribe(struct subscription *s)
{
	s->state = SUBSCRIPTION_LEAVING;
	clock_set(&s->timer, t1_64());
	if (!regevent_send(s))
		end(s);
}

void regevent_extend(struct subscription *s, uint32_t seconds)
{
	uint64_t left = (uint64_t)(seconds < LONGEST_S ? seconds : LONGEST_S) * 1000;

	s->ends = clock_now() + left;
	if (s->state != SUBSCRIPTION_ACTIVE)
		return;
	left = left > 2 * REFRESH_MS ? left - REFRESH_MS : left / 2;
	if (left < PAUSE_MS)
		left = PAUSE_MS;
	/* One that is under way decides. */
	clock_set_at(&s->timer, regevent_is_sending(s) ? s->ends : clock_now() + left);
}

static void on_timer(struct clock_timer *t)
{
	struct subscription *s = (void *)((char *)t - offsetof(struct subscription, timer));

	if (s->leaving) {
		end(s);
		return;
	}
	switch (s->state) {
	case SUBSCRIPTION_DUE:
		s->expires = wanted_expires(s->ue);
		subscribe(s);
		break;
	case SUBSCRIPTION_PENDING:
		/* RFC 6665 4.1.2.4: timer N. */
		regevent_stats.silent++;
		log_failure(who(s), RULE_NO_NOTIFY, "the core sends no NOTIFY for its "
			    "registration state");
		retry(s, 0);
		break;
	case SUBSCRIPTION_ACTIVE:
		if (clock_now() < s->ends) {
			refresh(s);
			break;
		}
		log_info("%s: the subscription to its registration state has ended", who(s));
		regevent_give_up(s);
		due_at(s, earliest(s));
		break;
	case SUBSCRIPTION_LEAVING:
	case SUBSCRIPTION_REFUSED:
		end(s);
		break;
	}
}

/* --- its answers --- */

static void accepted(struct subscription *s, const struct sip_msg *answer)
{
	uint32_t seconds;

	regevent_learn(s, answer);
	if (!s->remote_tag) {
		log_failure(who(s), RULE_SUBSCRIBE_NO_TAG, "the core's 2xx to a SUBSCRIBE has no tag");
		retry(s, 0);
		return;
	}
	if (!sip_msg_number(answer, SIP_HEADER_EXPIRES, &seconds) || !seconds)
		seconds = s->expires;
	s->failures = 0;
	if (s->state == SUBSCRIPTION_PENDING && !s->notified)
		clock_set(&s->timer, t1_64());
	regevent_extend(s, seconds);
	log_debug("%s: subscribed to its registration state for %u s", who(s), seconds);
}

/* Another attempt may do better by itself. */
static bool is_passing(unsigned int status)
{
	return status == 408 || status == 480 || status == 481 ||
	       (status >= 500 && status < 600 && status != 501 && status != 505);
}

static uint32_t retry_after(const struct sip_msg *answer)
{
	struct str value = sip_msg_value(answer, SIP_HEADER_RETRY_AFTER), number;
	uint32_t seconds = 0;
	size_t n = 0;

	/* "120 (I'm in a meeting);duration=3600" */
	while (n < value.n && value.p[n] >= '0' && value.p[n] <= '9')
		n++;
	number = (struct str){ value.p, n };
	return str_number(number, LONGEST_S, &seconds) ? seconds : 0;
}

/* 423: once more, with what it wants. False: it wants nothing that we have not asked for. */
static bool ask_for_more(struct subscription *s, const struct sip_msg *answer)
{
	uint32_t min;

	if (answer->status != 423 || !sip_msg_number(answer, SIP_HEADER_MIN_EXPIRES, &min) ||
	    min <= s->expires || min > LONGEST_S)
		return false;
	s->expires = min;
	return regevent_send(s);
}

static void rejected(struct subscription *s, const struct sip_msg *answer)
{
	char why[64];

	if (ask_for_more(s, answer))
		return;
	regevent_stats.refused++;
	snprintf(why, sizeof(why), "the core answers %u", answer->status);
	if (s->state == SUBSCRIPTION_ACTIVE) {
		log_info("%s: subscription to its registration state not refreshed: %s", who(s),
			 why);
		/* Otherwise it lives to its end; the timer is set. */
		if (answer->status == 481)
			due_at(s, earliest(s));
	} else if (is_passing(answer->status)) {
		retry(s, retry_after(answer));
	} else {
		refused(s, why);
	}
}

void regevent_answered(struct subscription *s, const struct sip_msg *answer)
{
	bool fine = answer->status < 300;

	if (s->state == SUBSCRIPTION_LEAVING) {
		/* The last NOTIFY follows, or 64*T1 pass. */
		if (!fine)
			end(s);
	} else if (s->leaving) {
		/* The UE went while this was asked for. */
		if (fine)
			regevent_learn(s, answer);
		if (fine && s->remote_tag)
			unsubscribe(s);
		else
			end(s);
	} else if (fine) {
		accepted(s, answer);
	} else {
		rejected(s, answer);
	}
}

void regevent_unanswered(struct subscription *s, const char *why)
{
	regevent_stats.silent++;
	if (s->leaving) {
		end(s);
		return;
	}
	log_failure(who(s), RULE_SUBSCRIBE_SILENT, "the SUBSCRIBE for its registration state: %s", why);
	/* A refresh: it lives to its end. A NOTIFY has come: there is a subscription. */
	if (s->state == SUBSCRIPTION_PENDING)
		retry(s, 0);
}

/* --- its UE --- */

static void begin(struct ue *ue)
{
	struct str list = str_of(ue->associated), identity;
	struct subscription *s = calloc(1, sizeof(*s));

	if (s && identities_next(&list, &identity))
		s->identity = strndup(identity.p, identity.n);
	if (!s || !s->identity) {
		if (s)
			log_info("%s at %s: no identity to subscribe to", ue->impi,
				 addr_host(&ue->addr));
		free(s);
		return;
	}
	s->ue = ue;
	registrar_hold(ue);
	ue->subscription = s;
	s->timer.fire = on_timer;
	regevent_new_dialog(s);
	HASH_ADD(hh, subscriptions, call_id, SUBSCRIPTION_CALL_ID, s);
	regevent_stats.subscriptions++;
	/* From the loop: the 200 OK to the UE goes first. */
	due_at(s, clock_now());
}

/* The last binding is gone. */
static void leave(struct subscription *s)
{
	if (s->over || s->leaving)
		return;
	if (s->state == SUBSCRIPTION_DUE || s->state == SUBSCRIPTION_REFUSED) {
		end(s);
		return;
	}
	s->leaving = true;
	if (regevent_is_sending(s))
		return;
	if (s->remote_tag)
		unsubscribe(s);
	else
		end(s);
}

void regevent_rebound(struct ue *ue)
{
	if (!regevent_config || !regevent_config->reg_event || ue->emergency)
		return;
	if (ue->subscription && !ue->bindings)
		leave(ue->subscription);
	else if (!ue->subscription && ue->bindings)
		begin(ue);
}

void regevent_terminated(struct subscription *s, enum regevent_after after, uint32_t seconds)
{
	if (!s->ue->bindings || s->leaving) {
		end(s);
		return;
	}
	regevent_give_up(s);
	s->over = false;
	if (after == REGEVENT_AGAIN)
		due_at(s, earliest(s));
	else if (after == REGEVENT_LATER)
		retry(s, seconds);
	else
		refused(s, "the core has ended it for good");
}

void regevent_show(struct octets *o, const struct ue *ue)
{
	const struct subscription *s = ue->subscription;
	uint64_t now = clock_now();

	json_open(o, "reg-event", '{');
	json_text(o, "state", s ? state_names[s->state] : "none");
	if (s) {
		json_text(o, "identity", s->identity);
		json_number(o, "ends", s->ends > now ? (s->ends - now) / 1000 : 0);
		json_number(o, "version", s->has_version ? s->version : 0);
	}
	json_close(o, '}');
}

void regevent_exit(void)
{
	struct subscription *s, *next;

	/* Then nobody is subscribed to anew. */
	HASH_ITER(hh, subscriptions, s, next) {
		struct ue *ue = s->ue;

		clock_stop(&s->timer);
		regevent_give_up(s);
		HASH_DEL(subscriptions, s);
		regevent_free_dialog(s);
		free(s->identity);
		free(s);
		ue->subscription = NULL;
		registrar_release(ue);
	}
	regevent_stats.subscriptions = 0;
	regevent_config = NULL;
}
