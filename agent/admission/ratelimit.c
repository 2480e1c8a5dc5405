// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Token buckets in a table of fixed size.
 *
 * A full bucket and no bucket are the same thing, so that a newcomer may take
 * the place of the fullest one of its row, and nobody is refused because of
 * others. Whoever is being limited has an emptier bucket than they.
 */
#include "ratelimit.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define TOKEN 1000000u

static uint64_t full(const struct ratelimit_rule *rule)
{
	return (uint64_t)rule->burst * TOKEN;
}

bool ratelimit_init(struct ratelimit_table *t, const struct ratelimit_rule *rule, size_t entries)
{
	memset(t, 0, sizeof(*t));
	t->rule = *rule;
	t->rows = entries < WAYS ? 1 : entries / WAYS;
	t->buckets = calloc(t->rows * WAYS, sizeof(*t->buckets));
	return t->buckets != NULL;
}

void ratelimit_exit(struct ratelimit_table *t)
{
	free(t->buckets);
	memset(t, 0, sizeof(*t));
}

void ratelimit_fill(struct ratelimit_bucket *b, const struct ratelimit_rule *rule, uint64_t now)
{
	b->micro = full(rule);
	b->seen = (uint32_t)now;
	b->empty = false;
}

/* Thousandths a second times milliseconds are millionths. */
static void refill(struct ratelimit_bucket *b, const struct ratelimit_rule *rule, uint64_t now)
{
	uint32_t passed = (uint32_t)now - b->seen;

	b->micro += (uint64_t)passed * rule->rate;
	if (b->micro > full(rule))
		b->micro = full(rule);
	b->seen = (uint32_t)now;
	if (b->micro >= full(rule) / 2)
		b->empty = false;
}

enum ratelimit_result ratelimit_take_from(struct ratelimit_bucket *b,
					  const struct ratelimit_rule *rule, uint64_t now,
					  bool may_drain)
{
	uint64_t least = may_drain ? 0 : full(rule) / 2;
	enum ratelimit_result result;

	if (!rule->rate)
		return RATELIMIT_FRESH;
	refill(b, rule, now);
	if (b->micro < least + TOKEN) {
		result = b->empty ? RATELIMIT_STILL_EMPTY : RATELIMIT_EMPTY;
		b->empty = true;
		return result;
	}
	result = b->micro >= full(rule) / 2 ? RATELIMIT_FRESH : RATELIMIT_TAKEN;
	b->micro -= TOKEN;
	return result;
}

/* The key's bucket, or the one of its row that nobody misses. */
static struct ratelimit_bucket *find(struct ratelimit_table *t, uint64_t key, uint64_t now)
{
	struct ratelimit_bucket *row = t->buckets + key % t->rows * WAYS, *fullest = row;

	for (unsigned int i = 0; i < WAYS; i++)
		if (row[i].key == key)
			return &row[i];
	for (unsigned int i = 0; i < WAYS; i++) {
		if (!row[i].key) {
			fullest = &row[i];
			break;
		}
		refill(&row[i], &t->rule, now);
		if (row[i].micro > fullest->micro)
			fullest = &row[i];
	}
	if (fullest->key && fullest->micro < full(&t->rule))
		t->displaced++;
	fullest->key = key;
	ratelimit_fill(fullest, &t->rule, now);
	return fullest;
}

enum ratelimit_result ratelimit_take(struct ratelimit_table *t, uint64_t key, uint64_t now,
				     bool may_drain)
{
	if (!t->rule.rate)
		return RATELIMIT_FRESH;
	key += !key;
	return ratelimit_take_from(find(t, key, now), &t->rule, now, may_drain);
}

uint32_t ratelimit_left(struct ratelimit_bucket *b, const struct ratelimit_rule *rule, uint64_t now)
{
	refill(b, rule, now);
	return (uint32_t)(b->micro / TOKEN);
}
