// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The targets of a request and which comes next.
 *
 * The list is made once, when all names in it are known or known not to be; a
 * way that waits for the DNS is in the list of those that wait, and is asked again
 * whenever an answer has come.  What a target's health is counts at the moment it
 * is chosen.  A way belongs to its request's owner, which frees it.
 */
#include "nexthop.h"

#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "hash.h"
#include "health.h"
#include "log.h"
#include "mw.h"
#include "trust.h"

#define MTU_MARGIN 200		/* RFC 3261 18.1.1: for the answer, which is longer */
#define DNS_MS 15000
#define NO_TARGET UINT32_MAX

struct target {
	struct resolve_target where;
	bool tried;
	bool no_tcp;		/* it refused TCP, which the length had wanted */
	bool renewed;		/* its connection was opened anew once */
};

struct nexthop {
	void (*ready)(void *arg);
	void *arg;
	uint64_t began, seed;
	bool entry, known;
	bool ours;			/* what the names lead to may be trusted for it */
	bool unheard;			/* nobody will tell whether it was answered */
	struct resolve_query query;	/* where it does not go to mw-next-hop */
	struct target *targets;
	unsigned int n, at;
	/* Of the target it is at: */
	uint64_t asked;
	bool reused, for_length;
	/* While it waits: */
	bool waiting;
	unsigned int round;
	struct clock_timer patience;
	struct nexthop *prev, *next;
};

struct nexthop_stats nexthop_stats;

static const struct config *config;
static struct nexthop *waiting;
static struct clock_timer look;
static unsigned int round_now;

/* --- waiting for the DNS --- */

static void stop_waiting(struct nexthop *n)
{
	if (!n->waiting)
		return;
	DL_DELETE(waiting, n);
	n->waiting = false;
	nexthop_stats.waiting--;
	clock_stop(&n->patience);
}

static bool make_list(struct nexthop *n);

/* Each once; @ready may free any of them and begin others. */
static void on_look(struct clock_timer *t)
{
	(void)t;
	round_now++;
	while (waiting && waiting->round != round_now) {
		struct nexthop *n = waiting;

		n->round = round_now;
		DL_DELETE(waiting, n);
		DL_APPEND(waiting, n);
		if (!make_list(n))
			continue;
		stop_waiting(n);
		n->ready(n->arg);
	}
}

void nexthop_dns_changed(void)
{
	if (waiting && !clock_is_set(&look))
		clock_set(&look, 0);
}

static void on_patience(struct clock_timer *t)
{
	struct nexthop *n = (void *)((char *)t - offsetof(struct nexthop, patience));

	log_warning("core: the DNS says nothing of %s", n->entry && !n->query.host[0] ?
		    "mw-next-hop" : n->query.host);
	stop_waiting(n);
	n->known = true;
	n->ready(n->arg);
}

static void wait(struct nexthop *n)
{
	if (n->waiting)
		return;
	n->waiting = true;
	n->round = round_now;
	DL_APPEND(waiting, n);
	nexthop_stats.waiting++;
	clock_set(&n->patience, DNS_MS);
}

/* --- the list --- */

static bool is_home(const struct config *cfg, const char *host)
{
	struct str name = str_of(host);

	for (unsigned int i = 0; i < cfg->n_domains; i++) {
		struct str d = str_of(cfg->domains[i]);

		if (d.p[0] != '*') {
			if (str_same_nocase(name, d))
				return true;
			continue;
		}
		d = str_from(d, 1);
		if (name.n > d.n && str_same_nocase(str_from(name, name.n - d.n), d))
			return true;
	}
	return false;
}

/*
 * A name that a UE or the core wrote leads to trusted peers only; what the
 * configuration's own names lead to may be trusted for that (dns.trust).
 */
static bool may_go_to(const struct resolve_target *t, bool ours)
{
	if (!mw_address(t->addr.family))
		return false;
	if (ours)
		trust_learn(&t->addr);
	if (trust_has(&t->addr))
		return true;
	nexthop_stats.untrusted++;
	log_refusal(addr_text(&t->addr), RULE_UNTRUSTED_NAME, "a name leads to it, but it is no "
		    "trusted peer of the core");
	return false;
}

static bool add_targets(struct nexthop *n, const struct resolve_target *list, int count,
			bool ours)
{
	struct target *more;

	if (count <= 0)
		return true;
	more = realloc(n->targets, (n->n + count) * sizeof(*more));
	if (!more)
		return false;
	n->targets = more;
	for (int i = 0; i < count; i++)
		if (may_go_to(&list[i], ours))
			n->targets[n->n++] = (struct target){ .where = list[i] };
	return true;
}

/* By priority and weight; within one of them by what the DNS says. */
static bool list_next_hops(struct nexthop *n, const struct resolve_draw *draw)
{
	struct resolve_rank ranks[CONFIG_MAX_NEXT_HOPS];
	struct resolve_target list[RESOLVE_TARGETS];
	uint64_t seed = n->seed;
	bool all = true;

	for (unsigned int i = 0; i < config->n_next_hops; i++) {
		const struct config_next_hop *h = &config->next_hops[i];

		ranks[i] = (struct resolve_rank){ h->priority, h->weight, i };
	}
	resolve_rank(ranks, config->n_next_hops, &seed);
	for (unsigned int i = 0; i < config->n_next_hops; i++) {
		int count = resolve(&config->next_hops[ranks[i].index].where, draw, list);

		all = all && count >= 0;
		if (!add_targets(n, list, count, true))
			return true;
	}
	return all;
}

/* True: the list is as complete as it gets. */
static bool make_list(struct nexthop *n)
{
	const struct resolve_draw draw = { .seed = n->seed, .since = n->began };
	struct resolve_target list[RESOLVE_TARGETS];
	int count;

	n->n = 0;
	if (n->entry && !n->query.host[0]) {
		n->known = list_next_hops(n, &draw);
		return n->known;
	}
	count = resolve(&n->query, &draw, list);
	n->known = count >= 0;
	if (n->known)
		add_targets(n, list, count, n->ours);
	return n->known;
}

static void choose_query(struct nexthop *n, const struct nexthop_wish *wish)
{
	bool fine = resolve_uri(wish->uri, &n->query);

	n->entry = wish->entry;
	n->ours = wish->entry || wish->configured;
	if (n->entry) {
		/* Which of its servers: for the DNS to say, not for the UE. */
		n->query.port = 0;
		n->query.transport = RESOLVE_ANY;
		if (!fine || !is_home(config, n->query.host))
			n->query.host[0] = '\0';
	} else if (!fine) {
		n->known = true;
	}
}

struct nexthop *nexthop_new(const struct nexthop_wish *wish)
{
	struct nexthop *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->ready = wish->ready;
	n->arg = wish->arg;
	n->began = clock_now();
	n->seed = hash_octets(wish->affinity.p ? wish->affinity.p : "", wish->affinity.n);
	n->at = NO_TARGET;
	n->patience.fire = on_patience;
	choose_query(n, wish);
	return n;
}

void nexthop_free(struct nexthop *n)
{
	if (!n)
		return;
	stop_waiting(n);
	free(n->targets);
	free(n);
}

/* --- one after the other --- */

/* The first of the best health; a paused one never. */
static unsigned int choose(const struct nexthop *n)
{
	unsigned int best = NO_TARGET;
	enum health health = HEALTH_PAUSED;

	for (unsigned int i = 0; i < n->n; i++) {
		enum health h;

		if (n->targets[i].tried)
			continue;
		h = health_of(&n->targets[i].where);
		if (h < health) {
			best = i;
			health = h;
		}
	}
	return best;
}

/* Those choose() does not want. */
static bool some_are_paused(const struct nexthop *n)
{
	for (unsigned int i = 0; i < n->n; i++)
		if (!n->targets[i].tried)
			return true;
	return false;
}

/* What it is at now, with the transport that is really used. */
static struct resolve_target current(const struct nexthop *n)
{
	struct resolve_target t = n->targets[n->at].where;

	t.tcp |= n->for_length;
	return t;
}

static bool begin(struct nexthop *n, struct flow *to)
{
	const struct resolve_target t = current(n);
	int ret = mw_flow(&t.addr, t.tcp, to, &n->reused);

	n->asked = clock_now();
	if (!ret) {
		if (!n->unheard)
			health_asked(&t);
		return true;
	}
	log_warning("core: cannot reach %s: %s", addr_text(&t.addr), strerror(-ret));
	nexthop_failed(n, true);
	return false;
}

/* The UE waits 64*T1 of its own; what would not end before is not begun. */
static bool is_late(const struct nexthop *n)
{
	uint64_t ours = 64 * config->t1_mw, theirs = 64 * config->t1_gm;

	if (ours > theirs / 2)
		ours = theirs / 2;
	return n->at != NO_TARGET && clock_now() - n->began > theirs - ours;
}

enum nexthop_result nexthop_next(struct nexthop *n, struct flow *to)
{
	if (!n->known && !make_list(n)) {
		wait(n);
		return NEXTHOP_WAIT;
	}
	while (!is_late(n)) {
		unsigned int next = choose(n);

		if (next == NO_TARGET)
			break;
		if (n->at != NO_TARGET)
			nexthop_stats.fail_overs++;
		n->at = next;
		n->for_length = false;
		n->targets[next].tried = true;
		if (begin(n, to))
			return NEXTHOP_TARGET;
	}
	if (!is_late(n) && some_are_paused(n)) {
		nexthop_stats.paused++;
		return NEXTHOP_PAUSED;
	}
	nexthop_stats.exhausted++;
	return NEXTHOP_NONE;
}

bool nexthop_is_long(struct nexthop *n, size_t size, struct flow *to)
{
	struct resolve_target over_tcp = n->targets[n->at].where;
	struct flow udp = *to;

	over_tcp.tcp = true;
	if (to->tcp || size + MTU_MARGIN <= config->mw_mtu || n->targets[n->at].no_tcp ||
	    health_of(&over_tcp) == HEALTH_DEAD)
		return false;
	n->for_length = true;
	if (!mw_flow(&over_tcp.addr, true, to, &n->reused)) {
		health_not_asked(&n->targets[n->at].where);
		health_asked(&over_tcp);
		return true;
	}
	n->for_length = false;
	n->targets[n->at].no_tcp = true;
	*to = udp;
	return false;
}

void nexthop_heard(struct nexthop *n)
{
	const struct resolve_target t = current(n);

	health_answered(&t);
}

bool nexthop_answered(struct nexthop *n, const struct sip_msg *answer)
{
	const struct resolve_target t = current(n);
	struct str value;
	uint32_t seconds;

	health_answered(&t);
	if (answer->status != 503)
		return false;
	/* "120 (in the mean time)" and ";duration=" may follow (RFC 3261 20.33). */
	value = sip_msg_value(answer, SIP_HEADER_RETRY_AFTER);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			value.n = i;
	if (str_number(value, UINT32_MAX, &seconds) && seconds)
		health_paused(&t, seconds);
	return true;
}

void nexthop_failed(struct nexthop *n, bool broken)
{
	struct target *target = &n->targets[n->at];
	const struct resolve_target t = current(n);

	if (broken && n->reused && !target->renewed) {
		target->renewed = true;
		target->tried = false;
		return;
	}
	if (broken)
		health_broken(&t);
	else
		health_silent(&t, n->asked);
	if (broken && n->for_length) {
		target->no_tcp = true;
		target->tried = false;
	}
}

uint32_t nexthop_retry_after(const struct nexthop *n)
{
	uint32_t least = 0;

	for (unsigned int i = 0; i < n->n; i++) {
		uint32_t left = health_pause_left(&n->targets[i].where);

		if (left && (!least || left < least))
			least = left;
	}
	return least ? least : 1;
}

int nexthop_now(const struct nexthop_wish *wish, struct flow *to)
{
	struct nexthop *n = nexthop_new(wish);
	enum nexthop_result result;

	if (!n)
		return -ENOMEM;
	n->unheard = true;
	result = nexthop_next(n, to);
	nexthop_free(n);
	return result == NEXTHOP_TARGET ? 0 : result == NEXTHOP_WAIT ? -EAGAIN : -EHOSTUNREACH;
}

/* --- who they are --- */

static bool is_among(const struct resolve_target *t, const struct resolve_target *list,
		     unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (list[i].tcp == t->tcp && addr_same(&list[i].addr, &t->addr))
			return true;
	return false;
}

void nexthop_each(nexthop_fn *fn, void *arg)
{
	const struct resolve_draw draw = { .since = clock_now() };
	struct resolve_target nodes[NEXTHOP_NODES], list[RESOLVE_TARGETS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < config->n_next_hops; i++) {
		int count = resolve(&config->next_hops[i].where, &draw, list);

		for (int j = 0; j < count && n < NEXTHOP_NODES; j++)
			if (mw_address(list[j].addr.family) && !is_among(&list[j], nodes, n))
				nodes[n++] = list[j];
	}
	for (unsigned int i = 0; i < n; i++)
		fn(&nodes[i], health_of(&nodes[i]), arg);
}

int nexthop_count(unsigned int i)
{
	/* What was last heard will do. */
	const struct resolve_draw draw = { .since = 0 };
	struct resolve_target list[RESOLVE_TARGETS];

	return resolve(&config->next_hops[i].where, &draw, list);
}

bool nexthop_has_none(const struct nexthop *n)
{
	return n->known && !n->n;
}

/* --- */

void nexthop_init(const struct config *cfg)
{
	config = cfg;
	look.fire = on_look;
	memset(&nexthop_stats, 0, sizeof(nexthop_stats));
	health_init(cfg->t1_mw);
	resolve_families(cfg->mw, cfg->n_mw);
}

void nexthop_reload(const struct config *cfg)
{
	health_reload(cfg->t1_mw);
	resolve_families(cfg->mw, cfg->n_mw);
	nexthop_dns_changed();
}

void nexthop_exit(void)
{
	clock_stop(&look);
	health_exit();
}
