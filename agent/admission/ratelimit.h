/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RATELIMIT_H
#define _RATELIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Token buckets: one by itself, or one for each of many keys in a table of
 * fixed size.
 */
struct ratelimit_rule {
	uint32_t rate;		/* thousandths of a token a second; 0: no limit */
	uint32_t burst;		/* tokens a full bucket has, at most a million */
};

struct ratelimit_bucket {
	uint64_t key;		/* 0: nobody's */
	uint64_t micro;		/* millionths of a token */
	uint32_t seen;		/* ms, wraps */
	bool empty;		/* refused somebody, and was not half full since */
};

enum ratelimit_result {
	RATELIMIT_FRESH,	/* taken, and the bucket was at least half full */
	RATELIMIT_TAKEN,
	RATELIMIT_EMPTY,	/* refused, the first time since it was half full */
	RATELIMIT_STILL_EMPTY,	/* refused again: nothing worth a line in the log */
};

struct ratelimit_table {
	struct ratelimit_rule rule;
	size_t rows;
	struct ratelimit_bucket *buckets;
	unsigned long displaced;	/* a bucket that was not full made room */
};

/**
 * ratelimit_init - make a table of full buckets
 * @entries: keys it can tell apart at a time, 24 octets each
 *
 * It never grows and never refuses a key for want of room: a newcomer displaces
 * the fullest bucket of its row, which says least about anybody. Which row that
 * is hangs on a secret (hash_octets()), so that nobody can aim.
 * Return: false when out of memory.
 */
bool ratelimit_init(struct ratelimit_table *t, const struct ratelimit_rule *rule, size_t entries);
void ratelimit_exit(struct ratelimit_table *t);

/**
 * ratelimit_take - take one token of a key's bucket
 * @key: hash_octets() of whoever it is
 * @now: ms
 * @may_drain: false leaves the lower half of the bucket to others
 */
enum ratelimit_result ratelimit_take(struct ratelimit_table *t, uint64_t key, uint64_t now,
				     bool may_drain);

/* The same with a bucket of its own, which starts from ratelimit_fill(). */
void ratelimit_fill(struct ratelimit_bucket *b, const struct ratelimit_rule *rule, uint64_t now);
enum ratelimit_result ratelimit_take_from(struct ratelimit_bucket *b,
					  const struct ratelimit_rule *rule, uint64_t now,
					  bool may_drain);

/* Tokens that are left now. */
uint32_t ratelimit_left(struct ratelimit_bucket *b, const struct ratelimit_rule *rule, uint64_t now);

#endif
