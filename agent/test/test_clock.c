// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clock and its timers, stopped and moved by hand; and once running fast.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "clock.h"

struct probe {
	struct clock_timer timer;
	uint64_t fired_at;
	unsigned int fired;
	uint64_t again;			/* set itself once more, ms from then */
	struct probe *stops;
};

static uint64_t last_fired;

static void fire(struct clock_timer *t)
{
	struct probe *p = (struct probe *)t;

	assert_true(clock_now() >= t->due);
	assert_true(clock_now() >= last_fired);
	last_fired = clock_now();
	p->fired_at = clock_now();
	p->fired++;
	if (p->stops)
		clock_stop(&p->stops->timer);
	if (p->again) {
		clock_set(t, p->again);
		p->again = 0;
	}
}

static int stopped_clock(void **state)
{
	(void)state;
	last_fired = 0;
	clock_init(0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	clock_exit();
	return 0;
}

static void fires_in_order(void **state)
{
	enum { N = 5000 };
	struct probe *p = calloc(N, sizeof(*p));

	(void)state;
	srand(1);
	for (int i = 0; i < N; i++) {
		p[i].timer.fire = fire;
		clock_set(&p[i].timer, rand() % 100000);
	}
	/* Some are moved, some are stopped. */
	for (int i = 0; i < N; i += 3)
		clock_set(&p[i].timer, rand() % 100000);
	for (int i = 0; i < N; i += 7)
		clock_stop(&p[i].timer);
	clock_advance(100000);
	for (int i = 0; i < N; i++) {
		assert_int_equal(p[i].fired, i % 7 ? 1 : 0);
		if (p[i].fired)
			assert_int_equal(p[i].fired_at, p[i].timer.due);
	}
	assert_true(clock_next() == UINT64_MAX);
	free(p);
}

static void may_set_and_stop_from_within(void **state)
{
	struct probe a = { .timer.fire = fire, .again = 50 };
	struct probe b = { .timer.fire = fire };
	struct probe c = { .timer.fire = fire, .stops = &b };

	(void)state;
	clock_set(&a.timer, 100);
	clock_set(&b.timer, 130);
	clock_set(&c.timer, 120);
	clock_advance(149);
	assert_int_equal(a.fired, 1);
	assert_int_equal(b.fired, 0);
	assert_int_equal(c.fired, 1);
	assert_true(clock_is_set(&a.timer));
	assert_false(clock_is_set(&b.timer));
	clock_advance(1);
	assert_int_equal(a.fired, 2);
	clock_stop(&b.timer);
}

static void long_lifetimes(void **state)
{
	struct probe p = { .timer.fire = fire };

	(void)state;
	clock_set(&p.timer, 600000ull * 1000);
	clock_advance(600000ull * 1000 - 1);
	assert_int_equal(p.fired, 0);
	clock_advance(1);
	assert_int_equal(p.fired, 1);
}

static void scale_runs_faster(void **state)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	uint64_t before, passed;

	(void)state;
	clock_init(1000);
	before = clock_now();
	nanosleep(&pause, NULL);
	passed = clock_now() - before;
	assert_true(passed >= 20000);
	/* A busy machine may sleep longer, but not for a minute. */
	assert_true(passed < 60000000);
	assert_int_equal(clock_real_ms(128000), 128);
	assert_int_equal(clock_real_ms(1), 1);
	assert_int_equal(clock_real_ms(0), 0);
}

static void microseconds(void **state)
{
	uint64_t real = clock_real_us();

	(void)state;
	clock_advance(12345);
	assert_int_equal(clock_now_us(), 12345000);
	assert_true(clock_real_us() >= real);
	clock_init(1000);
	real = clock_now();
	assert_true(clock_now_us() / 1000 >= real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(fires_in_order, stopped_clock, end),
		cmocka_unit_test_setup_teardown(may_set_and_stop_from_within, stopped_clock, end),
		cmocka_unit_test_setup_teardown(long_lifetimes, stopped_clock, end),
		cmocka_unit_test_setup_teardown(scale_runs_faster, stopped_clock, end),
		cmocka_unit_test_setup_teardown(microseconds, stopped_clock, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
