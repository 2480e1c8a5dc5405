// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Token buckets, the table of them, and the crowd of those who proved nothing:
 * bounded, and never a means to shut others out.
 */
#include <stdio.h>

#include "crowd.h"
#include "proof.h"
#include "ratelimit.h"

static const struct ratelimit_rule rule = { .rate = 2000, .burst = 10 };

static bool taken(enum ratelimit_result r)
{
	return r == RATELIMIT_FRESH || r == RATELIMIT_TAKEN;
}

static unsigned int take_all(struct ratelimit_table *t, uint64_t key, uint64_t now, bool may_drain)
{
	unsigned int n = 0;

	while (n < 1000 && taken(ratelimit_take(t, key, now, may_drain)))
		n++;
	return n;
}

static void burst_then_rate(void **state)
{
	struct ratelimit_table t;

	(void)state;
	assert_true(ratelimit_init(&t, &rule, 1024));
	assert_int_equal(take_all(&t, 7, 0, true), 10);
	/* Two a second, whatever the steps. */
	for (int ms = 1; ms <= 10000; ms++)
		if (ms % 500)
			assert_false(taken(ratelimit_take(&t, 7, ms, true)));
		else
			assert_true(taken(ratelimit_take(&t, 7, ms, true)));
	/* Never more than a burst. */
	assert_int_equal(take_all(&t, 7, 1000000, true), 10);
	ratelimit_exit(&t);
}

static void lower_half_is_for_others(void **state)
{
	struct ratelimit_table t;

	(void)state;
	assert_true(ratelimit_init(&t, &rule, 1024));
	assert_int_equal(take_all(&t, 7, 0, false), 5);
	assert_int_equal(take_all(&t, 7, 0, true), 5);
	ratelimit_exit(&t);
}

/* One line in the log for each time it runs dry, not one a message. */
static void says_once_that_it_is_empty(void **state)
{
	struct ratelimit_table t;

	(void)state;
	assert_true(ratelimit_init(&t, &rule, 1024));
	for (int i = 0; i < 10; i++)
		assert_int_equal(ratelimit_take(&t, 7, 0, true),
				 i <= 5 ? RATELIMIT_FRESH : RATELIMIT_TAKEN);
	take_all(&t, 8, 0, true);
	assert_int_equal(ratelimit_take(&t, 8, 0, true), RATELIMIT_STILL_EMPTY);
	assert_int_equal(ratelimit_take(&t, 8, 600, true), RATELIMIT_TAKEN);
	assert_int_equal(ratelimit_take(&t, 8, 600, true), RATELIMIT_STILL_EMPTY);
	while (taken(ratelimit_take(&t, 8, 4000, true)))
		;
	assert_int_equal(take_all(&t, 8, 10000, true), 10);
	ratelimit_exit(&t);
	assert_true(ratelimit_init(&t, &rule, 1024));
	for (int i = 0; i < 10; i++)
		ratelimit_take(&t, 9, 0, true);
	assert_int_equal(ratelimit_take(&t, 9, 0, true), RATELIMIT_EMPTY);
	ratelimit_exit(&t);
}

static void no_rate_no_limit(void **state)
{
	const struct ratelimit_rule none = { .rate = 0, .burst = 4 };
	struct ratelimit_table t;

	(void)state;
	assert_true(ratelimit_init(&t, &none, 1024));
	assert_int_equal(take_all(&t, 7, 0, true), 1000);
	ratelimit_exit(&t);
	/* Nor before it is made. */
	memset(&t, 0, sizeof(t));
	assert_int_equal(take_all(&t, 7, 0, true), 1000);
}

/*
 * A million keys through a table of 1024: every newcomer is served, and the one
 * who is being limited stays so.
 */
static void table_is_bounded_and_shuts_nobody_out(void **state)
{
	struct ratelimit_table t;
	uint64_t key = 1;

	(void)state;
	assert_true(ratelimit_init(&t, &rule, 1024));
	take_all(&t, 7, 0, true);
	for (int i = 0; i < 1000000; i++) {
		key = key * 6364136223846793005u + 1442695040888963407u;
		assert_true(taken(ratelimit_take(&t, key, 0, true)));
	}
	assert_false(taken(ratelimit_take(&t, 7, 0, true)));
	assert_true(t.displaced > 900000);
	assert_int_equal(t.rows, 128);
	ratelimit_exit(&t);
}

/* Time wraps at 2^32 ms; nobody is locked out for it. */
static void time_wraps(void **state)
{
	struct ratelimit_table t;

	(void)state;
	assert_true(ratelimit_init(&t, &rule, 1024));
	assert_int_equal(take_all(&t, 7, 0xffffff00u, true), 10);
	assert_int_equal(take_all(&t, 7, 0xffffff00u + 5000ull, true), 10);
	ratelimit_exit(&t);
}

/* --- the crowd --- */

struct member {
	struct crowd_entry entry;
	unsigned int host;
	bool there;
};

static struct addr host(unsigned int n)
{
	struct addr a;
	char text[32];

	snprintf(text, sizeof(text), "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	addr_parse(&a, text, (uint16_t)(n * 7));
	return a;
}

static void add(struct crowd *c, struct member *m, unsigned int n)
{
	struct addr a = host(n);

	m->host = n;
	m->there = true;
	assert_true(crowd_add(c, &m->entry, &a));
}

static struct member *victim(struct crowd *c)
{
	return (struct member *)crowd_victim(c);
}

static void drop(struct crowd *c, struct member *m)
{
	assert_true(m->there);
	m->there = false;
	crowd_remove(c, &m->entry);
}

static void who_floods_displaces_himself(void **state)
{
	static struct member quiet[50], flood[1000];
	struct crowd c = { 0 };
	struct addr a = host(1);

	(void)state;
	for (int i = 0; i < 50; i++)
		add(&c, &quiet[i], 100 + i);
	for (int i = 0; i < 1000; i++) {
		add(&c, &flood[i], 1);
		if (c.n > 60)
			drop(&c, victim(&c));
	}
	assert_int_equal(c.n, 60);
	assert_int_equal(crowd_count(&c, &a), 10);
	for (int i = 0; i < 50; i++)
		assert_true(quiet[i].there);
	/* His oldest went first. */
	assert_true(flood[999].there);
	assert_false(flood[0].there);
	while (c.n)
		drop(&c, victim(&c));
	assert_null(crowd_victim(&c));
}

static void equals_go_by_silence(void **state)
{
	static struct member m[10];
	struct crowd c = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		add(&c, &m[i], i);
	crowd_heard(&c, &m[0].entry);
	assert_ptr_equal(victim(&c), &m[1]);
	drop(&c, &m[1]);
	assert_ptr_equal(victim(&c), &m[2]);
	while (c.n)
		drop(&c, victim(&c));
}

/* An IPv6 host may have any address of its /64. */
static void ipv6_source_is_a_64(void **state)
{
	struct addr a, b, c, source;

	(void)state;
	addr_parse(&a, "2001:db8:1:2::1", 5060);
	addr_parse(&b, "2001:db8:1:2:ffff::9", 4000);
	addr_parse(&c, "2001:db8:1:3::1", 5060);
	source = addr_source(&a);
	b = addr_source(&b);
	c = addr_source(&c);
	assert_true(addr_same(&source, &b));
	assert_false(addr_same(&source, &c));
	addr_parse(&a, "10.0.0.1", 5060);
	addr_parse(&b, "10.0.0.2", 5060);
	a = addr_source(&a);
	b = addr_source(&b);
	assert_false(addr_same(&a, &b));
}

/* Against a plain count, with everything that can happen. */
static void as_a_plain_count_has_it(void **state)
{
	enum { N = 400, HOSTS = 12 };
	static struct member m[N];
	struct crowd c = { 0 };
	unsigned int there = 0;

	(void)state;
	srand(1);
	for (int step = 0; step < 20000; step++) {
		struct member *x = &m[rand() % N];
		unsigned int count[HOSTS] = { 0 }, most = 0;

		if (!x->there)
			add(&c, x, rand() % HOSTS), there++;
		else if (rand() % 3)
			crowd_heard(&c, &x->entry);
		else
			drop(&c, x), there--;
		assert_int_equal(c.n, there);
		for (int i = 0; i < N; i++)
			if (m[i].there && ++count[m[i].host] > most)
				most = count[m[i].host];
		if (there)
			assert_int_equal(count[victim(&c)->host], most);
		for (unsigned int h = 0; h < HOSTS; h++) {
			struct addr a = host(h);

			assert_int_equal(crowd_count(&c, &a), count[h]);
		}
	}
	while (c.n)
		drop(&c, victim(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(burst_then_rate, "a burst, then the rate"),
		PROOF(lower_half_is_for_others, "the lower half is for those who may drain it"),
		PROOF(says_once_that_it_is_empty, "an empty bucket is said once"),
		PROOF(no_rate_no_limit, "no rate, no limit"),
		PROOF(table_is_bounded_and_shuts_nobody_out,
		      "the table is bounded and shuts nobody out"),
		PROOF(time_wraps, "the milliseconds may wrap"),
		PROOF(who_floods_displaces_himself, "who floods displaces himself"),
		PROOF(equals_go_by_silence, "among equals the most silent goes"),
		PROOF(ipv6_source_is_a_64, "an IPv6 source is a /64"),
		PROOF(as_a_plain_count_has_it, "the crowd against a plain count"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
