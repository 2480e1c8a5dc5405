// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dialogs of UEs and of callers without registration. A plain record each: texts, tags and times,
 * found by the token of our Record-Route or by Call-ID and tags.
 *
 * A dialog ends with its last leg. A leg that no 2xx has confirmed ends with
 * the request that began it; a confirmed one 64*T1 after its BYE, so that
 * requests which cross it still get through, or with its subscription. A call
 * without a BYE ends when its UE does or has DIALOGS_PER_UE younger ones; that of
 * a caller UNUSED after its last request.  What becomes of each is told to a watcher, which keeps it over a restart.
 */
#include "dialog.h"

#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "random.h"
#include "same_call.h"
#include "sip_param.h"
#include "store_dialog.h"

/* A subscription that nobody said the length of (RFC 3515 2.4.4 has none). */
#define DEFAULT_EXPIRES 3600u

/* What is remembered of a Call-ID or tag; real ones have up to 150 octets. */
#define LONGEST STORE_TAG

/*
 * What an early leg lives on after a restart, SIP ms: it may ring for as long as
 * a proxy lets it (timer C, RFC 3261 16.6 11.), then the callee repeats a 2xx
 * for 64*T1 before its BYE (13.3.1.4).
 */
#define UNSETTLED (185000u + 64 * 2000)

/*
 * What the call of a caller lives on without a request in it, SIP ms. It has no
 * registration to end with; session timers (RFC 4028) refresh it in far less.
 */
#define UNUSED (UINT64_C(1000) * 3600 * 12)

static struct dialog *dialogs;
static unsigned int n_calls;
static uint64_t linger;
static struct dialog_watch watched;

void dialog_watch(const struct dialog_watch *watch)
{
	watched = *watch;
}

static void tell_changed(const struct dialog *d)
{
	if (watched.changed)
		watched.changed(d);
}

void dialog_init(uint64_t ms)
{
	linger = ms;
}

struct dialog *dialog_first(void)
{
	return dialogs;
}

unsigned int dialog_count(void)
{
	return HASH_COUNT(dialogs);
}

unsigned int dialog_calls(void)
{
	return n_calls;
}

static void free_leg(struct dialog *d, struct dialog_leg *leg)
{
	DL_DELETE(d->legs, leg);
	d->n_legs--;
	free(leg->tag);
	free(leg->route);
	free(leg);
}

static void free_texts(struct dialog *d)
{
	free(d->call_id);
	free(d->tag);
	free(d->charging);
	free(d->recorded);
	free(d);
}

static void free_dialog(struct dialog *d)
{
	struct party party = d->party;

	if (watched.ended)
		watched.ended(d);
	clock_stop(&d->timer);
	while (d->legs)
		free_leg(d, d->legs);
	HASH_DEL(dialogs, d);
	n_calls -= d->method == SIP_METHOD_INVITE;
	same_call_leave(d);
	DL_DELETE(*party_dialogs(&party), d);
	--*party_n_dialogs(&party);
	free_texts(d);
	/* A UE takes its dialogs with it; a caller lives for its own. */
	if (party.caller)
		caller_release(party.caller);
}

static void set_timer(struct dialog *d)
{
	uint64_t first = UINT64_MAX;

	for (struct dialog_leg *leg = d->legs; leg; leg = leg->next)
		if (leg->ends < first)
			first = leg->ends;
	if (first == UINT64_MAX)
		clock_stop(&d->timer);
	else
		clock_set_at(&d->timer, first);
}

static void on_timer(struct clock_timer *t)
{
	struct dialog *d = (void *)((char *)t - offsetof(struct dialog, timer));
	struct dialog_leg *leg, *next;

	DL_FOREACH_SAFE(d->legs, leg, next)
		if (leg->ends <= clock_now())
			free_leg(d, leg);
	if (!d->legs && !d->open) {
		free_dialog(d);
		return;
	}
	set_timer(d);
	tell_changed(d);
}

static char *copy(struct str s)
{
	return s.p ? strndup(s.p, s.n) : NULL;
}

struct dialog *dialog_new(const struct party *party, bool from_ue, const struct sip_msg *request,
			  struct str charging, struct str recorded)
{
	struct dialog *d;

	if (request->call_id.n > LONGEST || request->from_tag.n > LONGEST)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return NULL;
	d->party = *party;
	d->from_ue = from_ue;
	d->method = request->method;
	d->call_id = copy(request->call_id);
	d->tag = copy(request->from_tag.p ? request->from_tag : STR_LIT(""));
	d->charging = copy(charging);
	d->recorded = copy(recorded);
	d->open = true;
	d->used = clock_now();
	d->timer.fire = on_timer;
	random_hex(d->token, sizeof(d->token) - 1);
	if (!d->call_id || !d->tag || !d->recorded || !same_call_join(d)) {
		free_texts(d);
		return NULL;
	}
	HASH_ADD(hh, dialogs, token, sizeof(d->token) - 1, d);
	n_calls += d->method == SIP_METHOD_INVITE;
	if (party->caller)
		caller_hold(party->caller);
	DL_APPEND(*party_dialogs(party), d);
	if (++*party_n_dialogs(party) > DIALOGS_PER_UE)
		free_dialog(*party_dialogs(party));
	return d;
}

struct dialog *dialog_by_token(struct str token)
{
	struct dialog *d;

	HASH_FIND(hh, dialogs, token.p, token.n, d);
	return d;
}

static bool is_tag(const char *text, struct str tag)
{
	return str_same(str_of(text), tag);
}

/* Of a request: the tag of who began the dialog, and of who was asked. */
static void read_tags(const struct dialog *d, const struct sip_msg *request, bool from_ue,
		      struct str *asker, struct str *asked)
{
	bool forward = from_ue == d->from_ue;

	*asker = forward ? request->from_tag : request->to_tag;
	*asked = forward ? request->to_tag : request->from_tag;
}

static struct dialog_leg *find_leg(struct dialog *d, struct str tag)
{
	struct dialog_leg *leg;

	for (leg = d->legs; leg; leg = leg->next)
		if (is_tag(leg->tag, tag))
			return leg;
	return NULL;
}

struct dialog_leg *dialog_leg(struct dialog *d, const struct sip_msg *request, bool from_ue)
{
	struct str asker, asked;

	read_tags(d, request, from_ue, &asker, &asked);
	if (!is_tag(d->call_id, request->call_id) || !is_tag(d->tag, asker))
		return NULL;
	return find_leg(d, asked);
}

static bool is_of(const struct dialog *d, const struct ue *ue, const struct flow *from)
{
	if (ue && d->party.ue)
		return d->party.ue == ue;
	return d->party.caller && caller_is(d->party.caller, from);
}

enum dialog_match dialog_of_request(const struct ue *ue, const struct flow *from,
				    const struct sip_msg *request,
				    struct dialog **dialog, struct dialog_leg **leg)
{
	enum dialog_match match = DIALOG_NONE;

	for (struct dialog *d = same_call_find(request->call_id); d; d = d->same_next) {
		*leg = dialog_leg(d, request, true);
		if (*leg && is_of(d, ue, from)) {
			*dialog = d;
			return DIALOG_FOUND;
		}
		/* Tags of somebody else's call, as either side would have them. */
		if (*leg || dialog_leg(d, request, false))
			match = DIALOG_FOREIGN;
	}
	return match;
}

/* Room for another: the oldest that nobody has accepted goes. */
static bool bound_legs(struct dialog *d)
{
	struct dialog_leg *leg;

	if (d->n_legs < DIALOG_LEGS)
		return true;
	for (leg = d->legs; leg && leg->confirmed; leg = leg->next)
		;
	if (leg)
		free_leg(d, leg);
	return leg;
}

static struct dialog_leg *new_leg(struct dialog *d, struct str tag, struct str route)
{
	struct dialog_leg *leg;

	if (tag.n > LONGEST || !bound_legs(d))
		return NULL;
	leg = calloc(1, sizeof(*leg));
	if (!leg)
		return NULL;
	leg->tag = copy(tag);
	leg->route = copy(route.p ? route : STR_LIT(""));
	leg->ends = UINT64_MAX;
	DL_APPEND(d->legs, leg);
	d->n_legs++;
	if (leg->tag && leg->route)
		return leg;
	free_leg(d, leg);
	return NULL;
}

static bool is_subscription(const struct dialog *d)
{
	return d->method != SIP_METHOD_INVITE;
}

static void end_in(struct dialog *d, struct dialog_leg *leg, uint64_t ms)
{
	leg->ends = clock_now() + ms;
	set_timer(d);
	tell_changed(d);
}

static void confirm(struct dialog *d, struct dialog_leg *leg, const struct sip_msg *answer)
{
	uint32_t expires = DEFAULT_EXPIRES;

	leg->confirmed = true;
	if (d->party.caller) {
		end_in(d, leg, UNUSED);
		return;
	}
	if (!is_subscription(d)) {
		tell_changed(d);
		return;
	}
	sip_msg_number(answer, SIP_HEADER_EXPIRES, &expires);
	end_in(d, leg, (uint64_t)expires * 1000 + linger);
}

void dialog_answered(struct dialog *d, const struct sip_msg *answer, struct str route)
{
	struct dialog_leg *leg;

	if (!answer->to_tag.n)
		return;
	leg = find_leg(d, answer->to_tag);
	if (leg && (answer->status < 200 || leg->confirmed))
		return;
	if (!leg)
		leg = new_leg(d, answer->to_tag, route);
	if (leg && answer->status >= 200)
		confirm(d, leg, answer);
	else if (leg)
		tell_changed(d);
}

static bool is_for(const struct dialog *d, const struct sip_msg *notify, bool from_ue)
{
	struct str asker, asked;

	read_tags(d, notify, from_ue, &asker, &asked);
	return notify->method == SIP_METHOD_NOTIFY && is_subscription(d) &&
	       from_ue != d->from_ue && asked.n && is_tag(d->call_id, notify->call_id) &&
	       is_tag(d->tag, asker);
}

struct dialog *dialog_of_notify(const struct ue *ue, const struct sip_msg *notify)
{
	for (struct dialog *d = same_call_find(notify->call_id); d; d = d->same_next)
		if (d->party.ue == ue && is_for(d, notify, true))
			return d;
	return NULL;
}

struct dialog_leg *dialog_notified(struct dialog *d, const struct sip_msg *notify, bool from_ue,
				   struct str route)
{
	struct dialog_leg *leg;

	if (!is_for(d, notify, from_ue))
		return NULL;
	leg = new_leg(d, notify->from_tag, route);
	if (leg) {
		leg->confirmed = true;
		end_in(d, leg, DEFAULT_EXPIRES * (uint64_t)1000 + linger);
	}
	return leg;
}

void dialog_settled(struct dialog *d)
{
	struct dialog_leg *leg, *next;
	unsigned int before = d->n_legs;

	d->open = false;
	DL_FOREACH_SAFE(d->legs, leg, next)
		if (!leg->confirmed)
			free_leg(d, leg);
	if (!d->legs)
		free_dialog(d);
	else if (d->n_legs != before)
		tell_changed(d);
}

/* RFC 6665 4.1.2.4: the NOTIFY says what is left. */
static void read_state(struct dialog *d, struct dialog_leg *leg, const struct sip_msg *notify)
{
	struct str value = sip_msg_value(notify, SIP_HEADER_SUBSCRIPTION_STATE), state;
	struct sip_param param;
	uint32_t expires;

	if (!sip_param_split(&value, ';', &state))
		return;
	if (str_same_nocase(state, STR_LIT("terminated")))
		end_in(d, leg, linger);
	else if (sip_param_find(value, ';', STR_LIT("expires"), &param) &&
		 str_number(param.value, UINT32_MAX, &expires))
		end_in(d, leg, (uint64_t)expires * 1000 + linger);
}

void dialog_used(struct dialog *d, struct dialog_leg *leg, const struct sip_msg *request)
{
	/* Not stored for itself: it only says which of many is the longest unused. */
	d->used = clock_now();
	DL_DELETE(*party_dialogs(&d->party), d);
	DL_APPEND(*party_dialogs(&d->party), d);
	if (d->party.caller && leg->confirmed && leg->ends > clock_now() + linger) {
		leg->ends = clock_now() + UNUSED;
		set_timer(d);
	}
	if (request->method == SIP_METHOD_NOTIFY && is_subscription(d))
		read_state(d, leg, request);
}

void dialog_request_answered(struct dialog *d, struct dialog_leg *leg,
			     const struct sip_msg *answer)
{
	uint32_t expires;

	if (answer->method == SIP_METHOD_BYE &&
	    (answer->status < 300 || answer->status == 481 || answer->status == 408))
		end_in(d, leg, linger);
	else if (answer->method == SIP_METHOD_SUBSCRIBE && is_subscription(d) &&
		 answer->status < 300 && sip_msg_number(answer, SIP_HEADER_EXPIRES, &expires))
		end_in(d, leg, (uint64_t)expires * 1000 + linger);
}

void dialog_request_lost(struct dialog *d, struct dialog_leg *leg,
			 const struct sip_msg *request)
{
	if (request->method == SIP_METHOD_BYE)
		end_in(d, leg, linger);
}

void dialog_forget_ue(struct ue *ue)
{
	while (ue->dialogs)
		free_dialog(ue->dialogs);
}

void dialog_forget_caller(struct caller *c)
{
	while (c->dialogs)
		free_dialog(c->dialogs);
}

/* --- another life --- */

static bool restore_leg(struct dialog *d, const struct store_leg *r)
{
	struct dialog_leg *leg = new_leg(d, r->tag, r->route);

	if (!leg)
		return false;
	leg->confirmed = r->confirmed;
	leg->ends = r->ends;
	leg->lapses = !leg->confirmed && leg->ends == UINT64_MAX;
	if (leg->lapses)
		leg->ends = clock_now() + UNSETTLED;
	return true;
}

static int by_use(const struct dialog *a, const struct dialog *b)
{
	return a->used < b->used ? -1 : a->used > b->used;
}

static void free_restored(struct dialog *d)
{
	while (d->legs)
		free_leg(d, d->legs);
	free_texts(d);
}

static struct dialog *make_restored(const struct party *party, const struct store_dialog *r)
{
	struct dialog *d = calloc(1, sizeof(*d));
	bool fine = true;

	if (!d)
		return NULL;
	d->party = *party;
	d->from_ue = r->from_ue;
	d->method = r->method;
	d->call_id = copy(r->call_id);
	d->tag = copy(r->tag);
	d->charging = copy(r->charging);
	d->recorded = copy(r->recorded);
	d->used = r->used;
	d->timer.fire = on_timer;
	memcpy(d->token, r->token.p, sizeof(d->token) - 1);
	for (unsigned int i = 0; fine && i < r->n_legs; i++)
		fine = restore_leg(d, &r->legs[i]);
	if (fine && d->call_id && d->tag && d->recorded && (d->charging || !r->charging.p))
		return d;
	free_restored(d);
	return NULL;
}

bool dialog_restore(const struct party *party, const struct store_dialog *r)
{
	struct dialog *d;

	if (*party_n_dialogs(party) >= DIALOGS_PER_UE || dialog_by_token(r->token))
		return false;
	d = make_restored(party, r);
	if (!d)
		return false;
	if (!same_call_join(d)) {
		free_restored(d);
		return false;
	}
	HASH_ADD(hh, dialogs, token, sizeof(d->token) - 1, d);
	n_calls += d->method == SIP_METHOD_INVITE;
	if (party->caller)
		caller_hold(party->caller);
	DL_INSERT_INORDER(*party_dialogs(party), d, by_use);
	++*party_n_dialogs(party);
	set_timer(d);
	tell_changed(d);
	return true;
}

static struct dialog *make_again(const struct party *party, bool from_ue, const struct sip_msg *request,
				 struct str token, struct str charging, struct str recorded)
{
	struct dialog *d = dialog_new(party, from_ue, request, charging, recorded);

	if (!d)
		return NULL;
	HASH_DEL(dialogs, d);
	memcpy(d->token, token.p, sizeof(d->token) - 1);
	HASH_ADD(hh, dialogs, token, sizeof(d->token) - 1, d);
	return d;
}

struct dialog *dialog_reopen(const struct party *party, bool from_ue, const struct sip_msg *request,
			     struct str token, struct str charging, struct str recorded)
{
	struct dialog *d = dialog_by_token(token);

	if (!d)
		return make_again(party, from_ue, request, token, charging, recorded);
	if (!party_same(&d->party, party))
		return NULL;
	d->open = true;
	for (struct dialog_leg *leg = d->legs; leg; leg = leg->next) {
		if (!leg->lapses)
			continue;
		leg->ends = UINT64_MAX;
		leg->lapses = false;
	}
	set_timer(d);
	tell_changed(d);
	return d;
}

void dialog_exit(void)
{
	watched = (struct dialog_watch){ 0 };
	while (dialogs)
		free_dialog(dialogs);
}
