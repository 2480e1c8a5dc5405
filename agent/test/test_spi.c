// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SPIs: in range, unique, never the UE's, not again before the quarantine ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "clock.h"
#include "spi.h"

#define MIN 4096
#define MAX (MIN + 1023)

static int begin(void **state)
{
	(void)state;
	clock_init(0);
	spi_init(MIN, MAX, 128000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	spi_exit();
	clock_exit();
	return 0;
}

static void unique_and_in_range(void **state)
{
	unsigned char seen[MAX - MIN + 1] = { 0 };

	(void)state;
	for (int i = 0; i < 900; i++) {
		uint32_t spi = spi_take(NULL, 0);

		assert_in_range(spi, MIN, MAX);
		assert_int_equal(seen[spi - MIN]++, 0);
	}
	assert_int_equal(spi_in_use(), 900);
}

static void says_when_there_is_none(void **state)
{
	(void)state;
	for (uint32_t spi = MIN; spi <= MAX; spi++)
		assert_true(spi_claim(spi));
	assert_false(spi_claim(MIN));
	assert_int_equal(spi_take(NULL, 0), 0);
}

/* TS 33.203 7.1: not those of the UE in the same set. */
static void avoids_those_of_the_ue(void **state)
{
	uint32_t avoid[2];

	(void)state;
	for (uint32_t spi = MIN; spi <= MAX - 2; spi++)
		spi_claim(spi);
	avoid[0] = MAX;
	avoid[1] = MAX - 1;
	assert_int_equal(spi_take(avoid, 2), 0);
	/* 256 draws of a number among 1024: it may be missed, not for ever. */
	for (int i = 0; i < 100; i++)
		if (spi_take(avoid, 1) == MAX - 1)
			return;
	fail();
}

static void quarantined_after_use(void **state)
{
	(void)state;
	for (uint32_t spi = MIN; spi <= MAX; spi++)
		spi_claim(spi);
	spi_give_back(MIN + 7);
	spi_give_back(MIN + 7);
	assert_int_equal(spi_in_quarantine(), 1);
	clock_advance(127999);
	for (int i = 0; i < 100; i++)
		assert_int_equal(spi_take(NULL, 0), 0);
	clock_advance(1);
	for (int i = 0; i < 100; i++)
		if (spi_take(NULL, 0) == MIN + 7)
			return;
	fail();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(unique_and_in_range, begin, end),
		cmocka_unit_test_setup_teardown(says_when_there_is_none, begin, end),
		cmocka_unit_test_setup_teardown(avoids_those_of_the_ue, begin, end),
		cmocka_unit_test_setup_teardown(quarantined_after_use, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
