// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two text formats of metrics, octet by octet, and what a scraper gets that
 * asks for either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "exposition.h"

static const struct exposition_family counter = {
	"gmgate_test_total", EXPOSITION_COUNTER, { "one", "two" }, "A \"test\"\nof \\ two lines.",
};

/* Written by @write in that format; into a static buffer. */
static const char *written(enum exposition_format format, void (*write)(struct exposition *e))
{
	static char text[4096];
	struct octets out = { 0 };
	struct exposition e;

	exposition_begin(&e, &out, format);
	write(&e);
	exposition_end(&e);
	assert_false(out.failed);
	assert_true(out.n < sizeof(text));
	memcpy(text, out.p, out.n);
	text[out.n] = '\0';
	octets_free(&out);
	return text;
}

static void write_counter(struct exposition *e)
{
	const char *const values[EXPOSITION_LABELS] = { "a\"b\\c\nd", "" };

	exposition_family(e, &counter);
	exposition_sample(e, values, UINT64_MAX);
}

static void what_is_escaped(void **state)
{
	(void)state;
	assert_string_equal(written(EXPOSITION_TEXT, write_counter),
			    "# HELP gmgate_test_total A \"test\"\\nof \\\\ two lines.\n"
			    "# TYPE gmgate_test_total counter\n"
			    "gmgate_test_total{one=\"a\\\"b\\\\c\\nd\",two=\"\"} "
			    "18446744073709551615\n");
	/* OpenMetrics names the family without its suffix, and escapes quotes in HELP, too. */
	assert_string_equal(written(EXPOSITION_OPENMETRICS, write_counter),
			    "# HELP gmgate_test A \\\"test\\\"\\nof \\\\ two lines.\n"
			    "# TYPE gmgate_test counter\n"
			    "gmgate_test_total{one=\"a\\\"b\\\\c\\nd\",two=\"\"} "
			    "18446744073709551615\n"
			    "# EOF\n");
}

static void write_gauges(struct exposition *e)
{
	static const struct exposition_family gauge = {
		"gmgate_test_total", EXPOSITION_GAUGE, { NULL }, "None.",
	};
	const char *const values[EXPOSITION_LABELS] = { NULL };

	exposition_family(e, &gauge);
	exposition_sample(e, values, 0);
	exposition_sample_real(e, values, 0.25);
	exposition_sample_real(e, values, 1764140400.5);
}

static void without_labels(void **state)
{
	(void)state;
	assert_string_equal(written(EXPOSITION_OPENMETRICS, write_gauges),
			    "# HELP gmgate_test_total None.\n"
			    "# TYPE gmgate_test_total gauge\n"
			    "gmgate_test_total 0\n"
			    "gmgate_test_total 0.25\n"
			    "gmgate_test_total 1764140400.5\n"
			    "# EOF\n");
}

static const uint64_t bounds[] = { 10, 2500, 1000000, 32000000 };
static struct histogram histogram = HISTOGRAM(bounds);

static void write_histogram(struct exposition *e)
{
	static const struct exposition_family family = {
		"gmgate_test_seconds", EXPOSITION_HISTOGRAM, { "from" }, "Time.",
	};
	const char *const values[EXPOSITION_LABELS] = { "ue" };

	exposition_family(e, &family);
	exposition_histogram(e, values, &histogram);
}

/* A bound belongs to its bucket; buckets sum up; the sum is not rounded. */
static void buckets(void **state)
{
	(void)state;
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 10);
	histogram_add(&histogram, 11);
	histogram_add(&histogram, 1000000);
	histogram_add(&histogram, 1000001);
	histogram_add(&histogram, 100000000000);
	assert_int_equal(histogram_total(&histogram), 6);
	assert_string_equal(written(EXPOSITION_TEXT, write_histogram),
			    "# HELP gmgate_test_seconds Time.\n"
			    "# TYPE gmgate_test_seconds histogram\n"
			    "gmgate_test_seconds_bucket{from=\"ue\",le=\"0.00001\"} 2\n"
			    "gmgate_test_seconds_bucket{from=\"ue\",le=\"0.0025\"} 3\n"
			    "gmgate_test_seconds_bucket{from=\"ue\",le=\"1.0\"} 4\n"
			    "gmgate_test_seconds_bucket{from=\"ue\",le=\"32.0\"} 5\n"
			    "gmgate_test_seconds_bucket{from=\"ue\",le=\"+Inf\"} 6\n"
			    "gmgate_test_seconds_sum{from=\"ue\"} 100002.000022\n"
			    "gmgate_test_seconds_count{from=\"ue\"} 6\n");
}

static void the_bounds_there_are_ascend(void **state)
{
	const struct histogram all[] = {
		HISTOGRAM(histogram_sip_bounds), HISTOGRAM(histogram_local_bounds),
	};

	(void)state;
	for (unsigned int h = 0; h < 2; h++) {
		assert_true(all[h].n <= HISTOGRAM_BUCKETS);
		for (unsigned int i = 1; i < all[h].n; i++)
			assert_true(all[h].bounds[i - 1] < all[h].bounds[i]);
	}
}

static void what_a_scraper_accepts(void **state)
{
	static const char prometheus[] = "application/openmetrics-text;version=1.0.0,"
		"application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5";

	(void)state;
	assert_int_equal(exposition_accepted(prometheus), EXPOSITION_OPENMETRICS);
	assert_int_equal(exposition_accepted("application/openmetrics-text; charset=utf-8; version=1.0.0"),
			 EXPOSITION_OPENMETRICS);
	assert_int_equal(exposition_accepted(NULL), EXPOSITION_TEXT);
	assert_int_equal(exposition_accepted(""), EXPOSITION_TEXT);
	assert_int_equal(exposition_accepted("*/*"), EXPOSITION_TEXT);
	assert_int_equal(exposition_accepted("text/plain;version=1.0.0"), EXPOSITION_TEXT);
	assert_int_equal(exposition_accepted("application/openmetrics-text;version=0.0.1,text/plain;"
					     "version=1.0.0"), EXPOSITION_TEXT);
	assert_non_null(strstr(exposition_content_type(EXPOSITION_TEXT), "version=0.0.4"));
	assert_non_null(strstr(exposition_content_type(EXPOSITION_OPENMETRICS), "version=1.0.0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_escaped), cmocka_unit_test(without_labels),
		cmocka_unit_test(buckets), cmocka_unit_test(the_bounds_there_are_ascend),
		cmocka_unit_test(what_a_scraper_accepts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
