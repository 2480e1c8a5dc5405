// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rates on the unprotected port.
 *
 * The first question is asked before a message is parsed or traced, and costs
 * one hash. Nobody can use a limit against others: a source has a bucket of its
 * own; of what all share, the lower half is for sources that are not near
 * their own limit; of an IMPI's, for those that did not ask for it lately.
 * Single thread; all memory is taken at start.
 */
#include "admission.h"

#include <stdio.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "random.h"
#include "ratelimit.h"

/* 503s a second, to those beyond their limit: a flood is not answered one to one. */
static const struct ratelimit_rule answers = { .rate = 200 * 1000, .burst = 200 };
/*
 * And to those that have waited: phones that all come at once, as after an outage, and repeat all
 * at once, must be told to come at different times. A twelfth of what a registration takes, each.
 */
static const struct ratelimit_rule late_answers = { .rate = 1000 * 1000, .burst = 1000 };

/*
 * ms that a message may have waited in our socket. When more comes than can be done, the queue is
 * as long as this, and what is served is served before its sender, a UE whose T1 is 2 s, asks
 * again, with half a second left for the core. Without it the queue grows until all that is served
 * is of senders that have given up.
 */
#define LONGEST 1500
#define LONGEST_PROTECTED 2000

struct admission_stats admission_stats;

static struct ratelimit_table sources, impis, pairs, callers;
static struct ratelimit_rule all, calls;
static struct ratelimit_bucket all_bucket, calls_bucket, answer_bucket, late_bucket;
static unsigned int retry_after;

static struct ratelimit_rule rule_of(const struct config_rate *rate)
{
	return (struct ratelimit_rule){ .rate = rate->per_second * 1000, .burst = rate->burst };
}

bool admission_reload(const struct config *cfg)
{
	struct ratelimit_table new_sources, new_impis, new_pairs, new_callers;
	struct ratelimit_rule source = rule_of(&cfg->rates.source);
	struct ratelimit_rule impi = rule_of(&cfg->rates.impi);
	struct ratelimit_rule call = rule_of(&cfg->rates.emergency);
	/* One source asking for one IMPI, or calling for help: a quarter of what there is. */
	struct ratelimit_rule pair = { .rate = impi.rate / 4, .burst = impi.burst / 2 };
	struct ratelimit_rule caller = { .rate = call.rate / 4, .burst = call.burst / 2 };
	bool fine = ratelimit_init(&new_sources, &source, cfg->rates.table);

	fine &= ratelimit_init(&new_impis, &impi, cfg->rates.table);
	fine &= ratelimit_init(&new_pairs, &pair, cfg->rates.table);
	fine &= ratelimit_init(&new_callers, &caller, cfg->rates.table);
	if (!fine) {
		ratelimit_exit(&new_sources);
		ratelimit_exit(&new_impis);
		ratelimit_exit(&new_pairs);
		ratelimit_exit(&new_callers);
		return false;
	}
	admission_exit();
	sources = new_sources;
	impis = new_impis;
	pairs = new_pairs;
	callers = new_callers;
	calls = call;
	retry_after = cfg->rates.retry_after;
	all = rule_of(&cfg->rates.all);
	ratelimit_fill(&all_bucket, &all, clock_now());
	ratelimit_fill(&calls_bucket, &calls, clock_now());
	return true;
}

bool admission_init(const struct config *cfg)
{
	ratelimit_fill(&answer_bucket, &answers, clock_now());
	ratelimit_fill(&late_bucket, &late_answers, clock_now());
	return admission_reload(cfg);
}

void admission_exit(void)
{
	ratelimit_exit(&sources);
	ratelimit_exit(&impis);
	ratelimit_exit(&pairs);
	ratelimit_exit(&callers);
	all = (struct ratelimit_rule){ 0 };
	calls = (struct ratelimit_rule){ 0 };
}

static bool is_taken(enum ratelimit_result result)
{
	return result == RATELIMIT_FRESH || result == RATELIMIT_TAKEN;
}

static enum ratelimit_result take_of_source(const struct addr *from)
{
	struct addr source = addr_source(from);
	enum ratelimit_result result;

	result = ratelimit_take(&sources, hash_octets(&source, sizeof(source)), clock_now(), true);
	if (result == RATELIMIT_EMPTY)
		log_refusal(addr_host(from), RULE_RATE_SOURCE, "sends too much without SA");
	else if (!is_taken(result))
		rule_count[RULE_RATE_SOURCE]++;
	return result;
}

static enum admission refuse(struct ratelimit_bucket *b, const struct ratelimit_rule *rule)
{
	if (is_taken(ratelimit_take_from(b, rule, clock_now(), true)))
		return ADMISSION_ANSWER;
	admission_stats.dropped++;
	return ADMISSION_DROP;
}

static void count_waited(const struct flow *f)
{
	admission_stats.waited++;
	log_refusal(addr_host(&f->remote), RULE_WAITED, "waited %u ms for us", f->waited);
}

bool admission_protected(const struct flow *f)
{
	if (f->waited < LONGEST_PROTECTED)
		return true;
	count_waited(f);
	return false;
}

enum admission admission_message(const struct flow *f, bool in_call)
{
	const struct addr *from = &f->remote;
	enum ratelimit_result own, shared;

	/* Before the rates: a flood that fills the queue must not empty the buckets as well. */
	if (f->waited >= LONGEST && !in_call) {
		count_waited(f);
		return refuse(&late_bucket, &late_answers);
	}
	own = take_of_source(from);
	if (!is_taken(own)) {
		admission_stats.source++;
		return refuse(&answer_bucket, &answers);
	}
	if (in_call)
		return ADMISSION_PASS;
	shared = ratelimit_take_from(&all_bucket, &all, clock_now(), own == RATELIMIT_FRESH);
	if (is_taken(shared))
		return ADMISSION_PASS;
	admission_stats.all++;
	if (shared == RATELIMIT_EMPTY)
		log_refusal(addr_host(from), RULE_RATE_ALL, "too much comes without SA");
	else
		rule_count[RULE_RATE_ALL]++;
	return refuse(&answer_bucket, &answers);
}

bool admission_connection(const struct addr *from)
{
	if (is_taken(take_of_source(from)))
		return true;
	admission_stats.connections++;
	return false;
}

bool admission_impi(struct str impi, const struct addr *from)
{
	struct {
		uint64_t impi;
		struct addr source;
		uint32_t none;			/* no padding: it is hashed */
	} pair = { hash_octets(impi.p, impi.n), addr_source(from), 0 };
	enum ratelimit_result own, shared;

	own = ratelimit_take(&pairs, hash_octets(&pair, sizeof(pair)), clock_now(), true);
	shared = ratelimit_take(&impis, pair.impi, clock_now(), own == RATELIMIT_FRESH);
	if (is_taken(shared))
		return true;
	admission_stats.impi++;
	return false;
}

bool admission_emergency(const struct addr *from)
{
	struct addr source = addr_source(from);
	enum ratelimit_result own, shared;

	own = ratelimit_take(&callers, hash_octets(&source, sizeof(source)), clock_now(), true);
	if (is_taken(own)) {
		shared = ratelimit_take_from(&calls_bucket, &calls, clock_now(),
					     own == RATELIMIT_FRESH);
		if (is_taken(shared))
			return true;
	}
	admission_stats.emergency++;
	return false;
}

struct str admission_retry_after(void)
{
	static char line[40];
	int n = snprintf(line, sizeof(line), "Retry-After: %u\r\n",
			 random_between(retry_after, 2 * retry_after));

	return (struct str){ line, (size_t)n };
}

unsigned long admission_displaced(void)
{
	return sources.displaced + impis.displaced + pairs.displaced + callers.displaced;
}

unsigned int admission_all_left(void)
{
	return ratelimit_left(&all_bucket, &all, clock_now());
}
