// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The black-list of the core's nodes.
 *
 * A node has an entry once it was asked; those of which nothing is to be remembered
 * make room for others.  One that failed is avoided for DEAD_MS, twice as long each time, up to DEAD_MAX_MS; then one
 * request may try it, while all others go on to avoid it until that one has its
 * answer.  So a dead node costs one request in a while its 64*T1.
 *
 * Before a node is dead it is doubtful: it has answered nobody for T2, and who
 * has a choice takes another.
 */
#include "health.h"

#include <stdlib.h>

#include "clock.h"
#include "hash.h"
#include "log.h"

#define DEAD_MS 30000
#define DEAD_MAX_MS 300000
/* A pause is the core's wish, but no node may be shut out for ever by a number. */
#define PAUSE_MAX 600
#define ENTRIES 1024

/* As octets, so that it can be hashed: without padding. */
struct key {
	struct addr addr;
	uint8_t tcp[4];
};

struct entry {
	struct key key;
	bool owes;		/* an answer, since: */
	uint64_t asked;
	bool heard;		/* it has answered, last at: */
	uint64_t answered;
	uint64_t dead_ends;
	uint64_t pause_ends;
	unsigned int failures;	/* in a row; 0: not dead */
	UT_hash_handle hh;
};

struct health_stats health_stats;

static struct entry *entries;
static uint64_t t1;

void health_reload(uint64_t t1_mw)
{
	t1 = t1_mw;
}

void health_init(uint64_t t1_mw)
{
	t1 = t1_mw;
	memset(&health_stats, 0, sizeof(health_stats));
}

static void forget(struct entry *e)
{
	HASH_DEL(entries, e);
	free(e);
}

void health_exit(void)
{
	struct entry *e, *next;

	HASH_ITER(hh, entries, e, next)
		forget(e);
}

static uint64_t patience(void)
{
	return 8 * t1;		/* T2 */
}

static uint64_t timeout(void)
{
	return 64 * t1;		/* timer F */
}

/* Asked so long ago that whoever asked is gone: it says nothing any more. */
static bool is_stale(const struct entry *e)
{
	return clock_now() >= e->asked + timeout() + patience();
}

static bool says_nothing(const struct entry *e)
{
	return (!e->owes || is_stale(e)) && clock_now() >= e->pause_ends &&
	       (!e->failures || clock_now() >= e->dead_ends + DEAD_MAX_MS);
}

static struct key key_of(const struct resolve_target *t)
{
	return (struct key){ .addr = t->addr, .tcp = { t->tcp } };
}

static struct entry *find(const struct resolve_target *t)
{
	struct key key = key_of(t);
	struct entry *e;

	HASH_FIND(hh, entries, &key, sizeof(key), e);
	return e;
}

/* NULL: there are too many; this one is not remembered then. */
static struct entry *get(const struct resolve_target *t)
{
	struct entry *e = find(t), *next;

	if (e)
		return e;
	if (HASH_COUNT(entries) >= ENTRIES)
		HASH_ITER(hh, entries, e, next)
			if (says_nothing(e))
				forget(e);
	if (HASH_COUNT(entries) >= ENTRIES)
		return NULL;
	e = calloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->key = key_of(t);
	HASH_ADD(hh, entries, key, sizeof(e->key), e);
	return e;
}

static enum health state_of(const struct entry *e)
{
	uint64_t now = clock_now();

	if (now < e->pause_ends)
		return HEALTH_PAUSED;
	if (e->failures && now < e->dead_ends)
		return HEALTH_DEAD;
	if (!e->failures && e->owes && now >= e->asked + patience() && !is_stale(e))
		return HEALTH_DOUBTFUL;
	return HEALTH_FINE;
}

enum health health_of(const struct resolve_target *t)
{
	const struct entry *e = find(t);

	return e ? state_of(e) : HEALTH_FINE;
}

static const char *name_of(const struct resolve_target *t)
{
	return t->tcp ? "TCP" : "UDP";
}

void health_asked(const struct resolve_target *t)
{
	struct entry *e = get(t);
	uint64_t now = clock_now();

	if (!e)
		return;
	if (e->failures && now >= e->dead_ends) {
		health_stats.probes++;
		log_info("core: trying %s over %s again", addr_text(&t->addr), name_of(t));
		e->dead_ends = now + timeout() + patience();
	}
	if (!e->owes || is_stale(e))
		e->asked = now;
	e->owes = true;
}

void health_not_asked(const struct resolve_target *t)
{
	struct entry *e = find(t);

	if (e && e->asked == clock_now())
		e->owes = false;
}

void health_answered(const struct resolve_target *t)
{
	struct entry *e = get(t);

	if (!e)
		return;
	if (e->failures)
		log_info("core: %s over %s answers again", addr_text(&t->addr), name_of(t));
	e->failures = 0;
	e->owes = false;
	e->heard = true;
	e->answered = clock_now();
}

void health_silent(const struct resolve_target *t, uint64_t since)
{
	const struct entry *e = find(t);

	if (!e || !e->heard || e->answered < since)
		health_broken(t);
}

void health_broken(const struct resolve_target *t)
{
	struct entry *e = get(t);
	uint64_t span = DEAD_MS;

	health_stats.failures++;
	if (!e)
		return;
	/* Requests that were under way together count once. */
	if (e->failures && !e->owes)
		return;
	for (unsigned int i = 0; i < e->failures && span < DEAD_MAX_MS; i++)
		span *= 2;
	if (span > DEAD_MAX_MS)
		span = DEAD_MAX_MS;
	e->failures++;
	e->owes = false;
	e->dead_ends = clock_now() + span;
	log_warning("core: %s over %s does not answer, it is avoided for %llu s",
		    addr_text(&t->addr), name_of(t), (unsigned long long)span / 1000);
}

void health_paused(const struct resolve_target *t, uint32_t seconds)
{
	struct entry *e = get(t);

	health_stats.pauses++;
	if (!e)
		return;
	if (seconds > PAUSE_MAX)
		seconds = PAUSE_MAX;
	e->pause_ends = clock_now() + seconds * (uint64_t)1000;
	log_warning("core: %s answers 503, nothing goes there for %u s", addr_text(&t->addr),
		    seconds);
}

static uint32_t seconds_to(uint64_t when)
{
	uint64_t now = clock_now();

	return when > now ? (when - now + 999) / 1000 : 0;
}

uint32_t health_pause_left(const struct resolve_target *t)
{
	const struct entry *e = find(t);

	return e ? seconds_to(e->pause_ends) : 0;
}

const char *health_name(enum health h)
{
	static const char * const names[] = {
		[HEALTH_FINE] = "fine",
		[HEALTH_DOUBTFUL] = "doubtful",
		[HEALTH_DEAD] = "dead",
		[HEALTH_PAUSED] = "paused",
	};

	return names[h];
}

void health_list(void (*fn)(const struct health_view *v, void *arg), void *arg)
{
	for (const struct entry *e = entries; e; e = e->hh.next) {
		struct health_view v = {
			.target = { .addr = e->key.addr, .tcp = e->key.tcp[0] },
			.state = state_of(e),
		};

		v.left = v.state == HEALTH_PAUSED ? seconds_to(e->pause_ends) :
			 v.state == HEALTH_DEAD ? seconds_to(e->dead_ends) : 0;
		fn(&v, arg);
	}
}
