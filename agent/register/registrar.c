// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registrar: the state table of TS 33.203 7.4 as gm-security 5 has it, and
 * the registrations that hang on it.
 *
 *   event                               | the set              | others of the UE
 *   401                                 | made, TEMP, 240 s    | the oldest of > 3 TEMP goes
 *   200 OK, chain began unprotected     | INUSE                | deleted
 *   200 OK, chain began on a set        | NEW                  | that set OLD, others deleted
 *   200 OK without a challenge          | lifetime extended    | -
 *   SIP received on NEW                 | INUSE                | OLD: at most 64*T1 more
 *   OLD in use has 64*T1 left           | NEW becomes INUSE    | -
 *   final error on TEMP                 | at most 64*T1 more   | -
 *   200 OK with expiry 0, nothing left  | at most 64*T1 more   | likewise
 *   registration ended, nothing left    | -                    | at most 64*T1 more
 *   200 OK of another IMPI on the same  | -                    | that of the former owner:
 *   address and port_us                 |                      | at most 64*T1 more
 *
 * Not as row 1 of TS 33.203's table, which deletes every earlier TEMP at a 401:
 * two challenges may cross, and the TEMP on which a valid RES arrives wins.
 *
 * A lifetime is never shortened but where the table says so.  A UE is freed
 * when it has neither sets nor bindings; whoever works with one holds it.  UEs
 * without sec-agree have no sets: plain.c.
 */
#include "registrar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "notice.h"
#include "plain.h"
#include "registrar_private.h"
#include "store_record.h"

#define MAX_TEMPORARY 3
/* TS 24.229 5.1.1.5.1: the SAs outlive the registration by this. */
#define MARGIN_MS 30000

static struct registrar_config config;

void registrar_reload(uint64_t reg_await_auth, uint64_t drain)
{
	config.reg_await_auth = reg_await_auth;
	config.drain = drain;
}

void registrar_init(const struct registrar_config *cfg)
{
	config = *cfg;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void changed(const struct ue *ue)
{
	if (config.changed)
		config.changed(ue);
}

void registrar_about_to_free(struct ue *ue)
{
	if (config.gone)
		config.gone(ue);
}

/* --- the end of bindings --- */

static void set_ue_timer(struct ue *ue)
{
	uint64_t first = UINT64_MAX;

	for (struct binding *b = ue->bindings; b; b = b->next)
		first = earlier(first, b->ends);
	if (first == UINT64_MAX)
		clock_stop(&ue->timer);
	else
		clock_set_at(&ue->timer, first);
}

/* A binding was not refreshed: gone, as if the UE had taken it back. */
void registrar_ue_timer(struct clock_timer *t)
{
	struct ue *ue = (void *)((char *)t - offsetof(struct ue, timer));
	uint64_t now = clock_now();

	registrar_hold(ue);
	if (!ue->bindings) {
		plain_over(ue);
		registrar_release(ue);
		return;
	}
	for (struct binding *b = ue->bindings, *next; b; b = next) {
		next = b->next;
		if (b->ends > now)
			continue;
		log_info("registration of %s at %s, %s, has ended", ue->impi,
			 addr_host(&ue->addr), b->aor);
		if (ue->bindings == b && !b->next)
			notice_of(NOTICE_DEREGISTERED, ue->impi, 0, "not refreshed");
		registrar_free_binding(ue, b);
	}
	registrar_rebound(ue);
	registrar_release(ue);
}

/* --- sets --- */

static struct set *find_state(struct ue *ue, enum set_state state)
{
	struct set *s;

	for (s = ue->sets; s; s = s->next)
		if (s->state == state)
			return s;
	return NULL;
}

static void take_into_use(struct set *s)
{
	set_become(s, SET_INUSE);
	s->ue->in_use = s;
	set_tell(NOTICE_SET_IN_USE, s);
}

void registrar_remove_set(struct set *s, bool in_kernel)
{
	struct ue *ue = s->ue;
	struct set *new;

	DL_DELETE(ue->sets, s);
	if (ue->in_use == s) {
		ue->in_use = NULL;
		new = find_state(ue, SET_NEW);
		if (new)
			take_into_use(new);
	}
	ue->held++;
	set_destroy(s, in_kernel);
	registrar_release(ue);
}

/* By itself, that is not as a part of something bigger. */
static void end_set(struct set *s, bool in_kernel)
{
	struct ue *ue = s->ue;

	ue->held++;
	registrar_remove_set(s, in_kernel);
	changed(ue);
	registrar_release(ue);
}

static void remove_others(struct ue *ue, const struct set *a, const struct set *b)
{
	for (struct set *s = ue->sets, *next; s; s = next) {
		next = s->next;
		if (s != a && s != b)
			registrar_remove_set(s, true);
	}
}

/*
 * The timer of an OLD set that is still used for sending fires 64*T1 before
 * its end: then a NEW one has to take over, heard of or not.
 */
static void watch_old(struct set *s)
{
	uint64_t warn = s->ends > config.drain ? s->ends - config.drain : 0;

	if (s->state == SET_OLD && s->ue->in_use == s && warn > clock_now()) {
		clock_set_at(&s->timer, warn);
		return;
	}
	clock_set_at(&s->timer, s->ends);
	if (s->state == SET_OLD && s->ue->in_use == s) {
		struct set *new = find_state(s->ue, SET_NEW);

		if (new)
			take_into_use(new);
	}
}

/* Ends in 64*T1, or earlier when it would anyway; a NEW one takes over at once. */
static void drain(struct set *s)
{
	set_change(s, s->state, earlier(s->ends, clock_now() + config.drain));
	watch_old(s);
}

void registrar_rebound(struct ue *ue)
{
	registrar_collect(ue);
	set_ue_timer(ue);
	plain_rebound(ue, config.drain);
	/* A challenge that is under way is a registration to come. */
	for (struct set *s = ue->bindings ? NULL : ue->sets; s; s = s->next)
		if (s->state != SET_TEMP)
			drain(s);
	changed(ue);
	if (config.rebound)
		config.rebound(ue);
}

void registrar_set_ended(struct set *s)
{
	if (clock_now() < s->ends) {
		watch_old(s);
		changed(s->ue);
		return;
	}
	if (s->state == SET_TEMP)
		log_limited(LOG_LEVEL_INFO, "%s: ended without a 200 OK", set_text(s));
	else
		log_debug("%s: lifetime ended", set_text(s));
	end_set(s, true);
}

void registrar_set_displaced(struct set *s)
{
	log_refusal(set_text(s), RULE_SET_DISPLACED, "makes room for a newcomer");
	end_set(s, true);
}

void registrar_kernel_lost(uint32_t id)
{
	struct set *s = set_find(id);

	if (!s)
		return;
	log_warning("%s: the kernel has ended it", set_text(s));
	end_set(s, false);
}

/*
 * Room for another TEMP of this UE: the oldest of three goes. One that was asked
 * for without SA, by whoever it was, makes room before one that was asked for on
 * a set, and never takes the room of one.
 */
static bool bound_temporary(struct ue *ue, bool unprotected)
{
	struct set *oldest = NULL;
	unsigned int n = 0;

	for (struct set *s = ue->sets; s; s = s->next) {
		if (s->state != SET_TEMP)
			continue;
		if (!oldest || (oldest->origin && !s->origin))
			oldest = s;
		n++;
	}
	if (n < MAX_TEMPORARY)
		return true;
	if (unprotected && oldest->origin)
		return false;
	registrar_remove_set(oldest, true);
	return true;
}

struct set *registrar_challenged(struct ue *ue, struct set_facts *facts,
				 enum set_failure *failure, char *why, size_t room)
{
	struct set *s = NULL;

	ue->held++;
	facts->ue = ue;
	facts->ue_addr = ue->addr;
	facts->lifetime = config.reg_await_auth;
	if (bound_temporary(ue, !facts->origin)) {
		s = set_create(facts, failure, why, room);
	} else {
		*failure = SET_FULL;
		snprintf(why, room, "the UE is under re-authentication, three times over");
	}
	if (s)
		DL_APPEND(ue->sets, s);
	changed(ue);
	registrar_release(ue);
	return s;
}

struct set *registrar_origin(const struct set *s)
{
	return s->origin ? set_find(s->origin) : NULL;
}

static int promote(struct set *s, uint64_t ends)
{
	struct set *origin = registrar_origin(s);
	int ret;

	if (!origin) {
		/* Began unprotected, or what it began on has ended since. */
		ret = set_change(s, SET_INUSE, ends);
		take_into_use(s);
		remove_others(s->ue, s, NULL);
		return ret;
	}
	ret = set_change(s, SET_NEW, later(origin->ends, ends));
	set_become(origin, SET_OLD);
	s->ue->in_use = origin;
	remove_others(s->ue, s, origin);
	watch_old(origin);
	return ret;
}

/*
 * What a refresh without a challenge extends: the set it came on, or, when that
 * is superseded and only waits for its end, the one that took its place.
 */
static struct set *extended_by(struct set *s)
{
	struct set *in_use = s->ue->in_use;

	return s->state == SET_OLD && in_use ? in_use : s;
}

/*
 * The address and port_us of a set whose UE has just proved itself were those
 * of another subscriber: he has gone from there. Two UEs with one address have
 * ports of their own.
 */
static void end_former_owners(const struct set *s)
{
	for (struct set *o = set_first_of_host(s); o; o = o->host_next)
		if (o->gm == s->gm && o->port_us == s->port_us && o->state != SET_TEMP &&
		    !registrar_is_impi(o->ue, str_of(s->ue->impi))) {
			log_info("%s: its address and port are another subscriber's now",
				 set_text(o));
			drain(o);
			changed(o->ue);
		}
}

int registrar_accepted(struct set *s, const struct registrar_accepted *a)
{
	uint64_t ends = clock_now() + (uint64_t)a->expires * 1000 + MARGIN_MS;
	struct ue *ue = s->ue;
	int ret;

	if (s->state == SET_TEMP) {
		ret = promote(s, ends);
		if (!ret) {
			end_former_owners(s);
			plain_upgraded(ue);
		}
	} else {
		s = extended_by(s);
		ret = set_change(s, s->state, later(s->ends, ends));
		watch_old(s);
	}
	if (ret) {
		end_set(s, true);
		return ret;
	}
	registrar_bind(ue, a);
	registrar_rebound(ue);
	registrar_unbind_elsewhere(ue, a);
	return 0;
}

void registrar_deregistered(struct set *s, const struct registrar_accepted *a)
{
	struct ue *ue = s->ue;

	registrar_unbind(ue, a);
	/* The 200 OK and its repetitions still go out protected (field note 14). */
	if (s->state == SET_TEMP)
		promote(s, s->ends);
	registrar_rebound(ue);
	registrar_unbind_elsewhere(ue, a);
}

void registrar_rejected(struct set *s)
{
	if (s->state != SET_TEMP)
		return;
	drain(s);
	changed(s->ue);
}

void registrar_heard(struct set *s)
{
	if (s->state != SET_NEW)
		return;
	take_into_use(s);
	for (struct set *o = s->ue->sets; o; o = o->next)
		if (o->state == SET_OLD)
			drain(o);
	changed(s->ue);
}

/*
 * "The set of the last successful authentication" (TS 24.229 5.2.2.2): the NEW
 * one where there is one, else that in use.
 */
bool registrar_is_current(const struct set *s)
{
	const struct set *new = find_state(s->ue, SET_NEW);

	return new ? s == new : s == s->ue->in_use;
}

bool registrar_is_served(const struct ue *ue)
{
	return ue->bindings && (ue->in_use || ue->plain);
}

/* --- an earlier life --- */

static void restore_sets(struct ue *ue, const struct store_ue *r, const uint8_t *gm)
{
	for (unsigned int i = 0; i < r->n_sets; i++) {
		struct set *s = set_adopt(ue, gm[i], &r->sets[i]);

		if (!s)
			continue;
		DL_APPEND(ue->sets, s);
		if (s->id == r->in_use)
			ue->in_use = s;
	}
	if (!ue->in_use && find_state(ue, SET_NEW))
		take_into_use(find_state(ue, SET_NEW));
	for (struct set *s = ue->sets; s; s = s->next)
		watch_old(s);
}

bool registrar_restore(const struct store_ue *r, const uint8_t *gm)
{
	struct ue *ue = r->plain ? registrar_plain_ue(r->impi, &r->addr) :
			r->emergency ? registrar_emergency_ue(r->impi, &r->addr) :
				       registrar_ue(r->impi, &r->addr);
	bool fresh = ue && !ue->sets && !ue->bindings;

	if (fresh)
		fresh = !r->plain || plain_restore(ue, &r->place);
	if (fresh) {
		registrar_take_token(ue, r->token);
		registrar_restore_bindings(ue, r);
		restore_sets(ue, r, gm);
		registrar_rebound(ue);
	}
	if (ue)
		registrar_release(ue);
	return fresh;
}

void registrar_exit(void)
{
	for (struct ue *ue = registrar_first(), *next; ue; ue = next) {
		next = ue->hh.next;
		ue->held++;
		while (ue->sets)
			registrar_remove_set(ue->sets, false);
		while (ue->bindings)
			registrar_free_binding(ue, ue->bindings);
		plain_over(ue);
		registrar_release(ue);
	}
}
