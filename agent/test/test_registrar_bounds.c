// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registrar when the kernel refuses, and when there are too many.
 */
#include "registrar_world.h"

/* --- the kernel --- */

static void kernel_refuses(void **state)
{
	(void)state;
	fake_kernel.fail_add = -EOPNOTSUPP;
	fake_kernel.fail_times = 1;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_KERNEL);
	assert_non_null(strstr(why, "refuses"));
	assert_null(registrar_first());
	assert_int_equal(fake_kernel.n, 0);
	assert_int_equal(fake_kernel.adds, 1);
}

static void spi_of_another_user_is_not_the_end(void **state)
{
	(void)state;
	fake_kernel.fail_add = -EEXIST;
	fake_kernel.fail_times = 3;
	assert_non_null(challenge(0));
	assert_int_equal(fake_kernel.adds, 4);
	fake_kernel.fail_add = -EEXIST;
	fake_kernel.fail_times = 1000;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_KERNEL);
	fake_kernel.fail_times = 0;
}

static void kernel_quota(void **state)
{
	(void)state;
	fake_kernel.fail_add = -ENOSPC;
	fake_kernel.fail_times = 1;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_KERNEL);
}

static void kernel_loses_a_set(void **state)
{
	struct set *s = registered();

	(void)state;
	registrar_kernel_lost(s->id);
	assert_int_equal(set_count(), 0);
	assert_int_equal(fake_kernel.dels, 0);
	/* The registration goes on: the UE may come back and register anew. */
	assert_int_equal(registrar_count(), 1);
	registrar_kernel_lost(4000);
}

static void promotion_the_kernel_refuses(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	fake_kernel.fail_change = -ENOENT;
	fake_kernel.fail_times = 1;
	assert_int_equal(accept_for(s, EXPIRES), -ENOENT);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(set_count(), 0);
}

/* --- bounds --- */

static void temporary_sets_are_capped(void **state)
{
	struct set *known;
	struct addr where;
	char who[32];

	(void)state;
	begin_capped(1000, 20);
	known = registered();
	addr_parse(&where, "10.45.1.1", 0);
	for (int i = 0; i < 200; i++) {
		snprintf(who, sizeof(who), "%03d@example.org", 100 + i);
		where.ip[3] = i;
		assert_non_null(challenge_of(who, &where, 8001, 8000, 0));
		assert_true(set_count_temporary() <= 20);
		clock_advance(1);
	}
	assert_int_equal(set_count(), 21);
	assert_true(in_kernel(known->id)->there);
}

/* A newcomer displaces the only set of its own UE: the UE must live on. */
static void displacing_oneself(void **state)
{
	(void)state;
	begin_capped(1000, 1);
	for (int i = 0; i < 5; i++)
		assert_non_null(challenge(0));
	assert_int_equal(set_count(), 1);
}

static void all_sets_are_capped(void **state)
{
	(void)state;
	begin_capped(1, 10);
	registered();
	assert_null(challenge(0));
	assert_int_equal(failure, SET_FULL);
}

/* Field note 1: ports are no UE's own. What a UE takes is SPIs, of which there are enough. */
static void four_ports_serve_all(void **state)
{
	unsigned int used[4] = { 0 };
	struct addr where;
	char who[32];

	(void)state;
	addr_parse(&where, "10.45.1.1", 0);
	for (int i = 0; i < 900; i++) {
		struct set *s;

		snprintf(who, sizeof(who), "%03d@example.org", i);
		where.ip[2] = i / 250;
		where.ip[3] = i % 250;
		s = challenge_of(who, &where, 8001, 8000, 0);
		assert_non_null(s);
		assert_int_equal(accept_for(s, EXPIRES), 0);
		used[s->port_pc - 6101]++;
	}
	assert_int_equal(registrar_count(), 900);
	assert_int_equal(used[0] + used[1] + used[2] + used[3], 900);
	assert_int_equal(spi_in_use(), 1800);
}

/* Four port_pc, four live sets on one (address, port_us). */
static void port_pc_runs_out(void **state)
{
	static const char * const who[] = { "1@x", "2@x", "3@x", "4@x", "5@x" };
	unsigned int seen = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct set *s = challenge_of(who[i], &home, 8001 + i, 8000, 0);

		assert_non_null(s);
		assert_int_equal(accept_for(s, EXPIRES), 0);
		seen |= 1 << (s->port_pc - 6101);
	}
	assert_int_equal(seen, 15);
	assert_null(challenge_of(who[4], &home, 9000, 8000, 0));
	assert_int_equal(failure, SET_NO_PORT);
	/* Another port_us has all four to itself. */
	assert_non_null(challenge_of(who[4], &home, 9000, 9001, 0));
}

/* A TEMP in the way of a newcomer goes, an established set never does. */
static void port_pc_of_a_temp_is_taken(void **state)
{
	static const char * const who[] = { "1@x", "2@x", "3@x", "4@x", "5@x" };
	uint32_t first = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct set *s = challenge_of(who[i], &home, 8001 + i, 8000, 0);

		if (!i)
			first = s->id;
		clock_advance(1);
	}
	assert_non_null(challenge_of(who[4], &home, 9000, 8000, 0));
	assert_false(in_kernel(first)->there);
	assert_int_equal(set_count(), 4);
}

static void path_tokens_are_random(void **state)
{
	struct ue *a = registrar_ue(STR_LIT("a@x"), &home), *b = registrar_ue(STR_LIT("b@x"), &home);

	(void)state;
	assert_int_equal(strlen(a->token), 32);
	assert_string_not_equal(a->token, b->token);
	registrar_release(a);
	registrar_release(b);
	assert_null(registrar_first());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(kernel_refuses), T(spi_of_another_user_is_not_the_end), T(kernel_quota),
		T(kernel_loses_a_set), T(promotion_the_kernel_refuses),
		T(temporary_sets_are_capped), T(displacing_oneself),
		T(all_sets_are_capped), T(four_ports_serve_all), T(port_pc_runs_out), T(port_pc_of_a_temp_is_taken),
		T(path_tokens_are_random),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
