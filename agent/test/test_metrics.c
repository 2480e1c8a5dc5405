// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of metrics: it has every counter of the agent, names as the field
 * wants them, and is what the documentation, the dashboard and the alerts say.
 * What is written is well-formed, and the numbers are those of their modules.
 */
#include <inttypes.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "clock.h"
#include "counters.h"
#include "metrics.h"
#include "mw.h"
#include "nexthop.h"
#include "proxy.h"
#include "register.h"
#include "rules.h"
#include "sip.h"
#include "sip_gate.h"
#include "tcp.h"

#define FOLDER "../Documentation/"

static struct config cfg;

/* --- the table --- */

static bool matches(const char *text, const char *pattern)
{
	regex_t re;
	bool fine;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	fine = !regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	return fine;
}

static const struct metric *find(const char *name)
{
	for (const struct metric *m = metrics_table; m->family.name; m++)
		if (!strcmp(m->family.name, name))
			return m;
	return NULL;
}

static void names_are_those_of_the_field(void **state)
{
	(void)state;
	for (const struct metric *m = metrics_table; m->family.name; m++) {
		const struct exposition_family *f = &m->family;
		bool total = matches(f->name, "_total$"), fine;

		fine = matches(f->name, "^(gmgate|process)_[a-z0-9_]+$") && find(f->name) == m &&
		       total == (f->type == EXPOSITION_COUNTER) &&
		       (f->type != EXPOSITION_HISTOGRAM || matches(f->name, "_seconds$")) &&
		       matches(f->help, "^[A-Z0-9].*\\.$") && !m->rows != !m->collect;
		for (unsigned int i = 0; i < EXPOSITION_LABELS && f->label[i]; i++)
			fine = fine && matches(f->label[i], "^[a-z0-9_]+$") &&
			       !matches(f->label[i], "^(le|quantile|job|instance|__.*)$");
		if (!fine)
			fail_msg("%s", f->name);
	}
}

/* What metrics that are not rows of counters tell, or parts of which others are the rest. */
static const char * const elsewhere[] = {
	"held/", "messages/unreadable", "tcp/unproven", "transactions/unproven", "udp/overrun-clear",
	"udp/overrun-protected", "udp/overrun-core", NULL
};

static bool is_elsewhere(const struct counter *c)
{
	for (unsigned int i = 0; elsewhere[i]; i++) {
		size_t n = strlen(c->group);

		if (!strncmp(elsewhere[i], c->group, n) && elsewhere[i][n] == '/' &&
		    (!elsewhere[i][n + 1] || !strcmp(elsewhere[i] + n + 1, c->name)))
			return true;
	}
	return false;
}

static void must_be_there(const struct counter *c, void *arg)
{
	(*(unsigned int *)arg)++;
	if (metrics_have_counter(c->group, c->name) == is_elsewhere(c))
		fail_msg("%s/%s", c->group, c->name);
}

static void every_counter_is_a_metric(void **state)
{
	unsigned int n = 0;

	(void)state;
	counters_each(must_be_there, &n);
	assert_true(n > RULES && n < 512);
}

/* --- what is written --- */

static char *text;

static void write_all(enum exposition_format format)
{
	struct octets out = { 0 };

	metrics_write(&out, format);
	octets_put(&out, STR_LIT("\0"));
	assert_false(out.failed);
	free(text);
	text = out.p;
}

static uint64_t value_of(const char *sample)
{
	char *at;

	write_all(EXPOSITION_TEXT);
	for (at = text; (at = strstr(at, sample)); at++)
		if ((at == text || at[-1] == '\n') && at[strlen(sample)] == ' ')
			return strtoull(at + strlen(sample) + 1, NULL, 10);
	fail_msg("no sample %s", sample);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char * const *)a, *(const char * const *)b);
}

/* @line: a sample of @f. Its name and labels end at the last blank. */
static bool is_sample(const char *line, const struct exposition_family *f)
{
	static const char * const suffixes[] = { "_bucket", "_sum", "_count" };
	const char *rest = line + strlen(f->name);
	char pattern[256];
	int n;

	if (strncmp(line, f->name, strlen(f->name)) != 0)
		return false;
	for (unsigned int i = 0; i < 3 && f->type == EXPOSITION_HISTOGRAM; i++)
		if (!strncmp(rest, suffixes[i], strlen(suffixes[i])))
			rest += strlen(suffixes[i]);
	n = snprintf(pattern, sizeof(pattern), "^");
	for (unsigned int i = 0; i < EXPOSITION_LABELS && f->label[i]; i++)
		n += snprintf(pattern + n, sizeof(pattern) - n, "%s%s=\"[^\"\\]+\"", i ? "," : "\\{",
			      f->label[i]);
	if (f->type == EXPOSITION_HISTOGRAM && strstr(line, "_bucket{"))
		n += snprintf(pattern + n, sizeof(pattern) - n, "%sle=\"[0-9.+Inf]+\"",
			      n > 1 ? "," : "\\{");
	snprintf(pattern + n, sizeof(pattern) - n, "%s [0-9.]+$", n > 1 ? "\\}" : "");
	return matches(rest, pattern);
}

/* Every line is of the family that was named last; no sample is there twice. */
static void check(enum exposition_format format)
{
	const struct metric *m = metrics_table - 1;
	char *line, *save = NULL;
	char *samples[4096];
	unsigned int n = 0;

	write_all(format);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "# HELP ", 7)) {
			m++;
			assert_non_null(m->family.name);
			assert_memory_equal(line + 7, m->family.name, strcspn(line + 7, " "));
		} else if (line[0] != '#') {
			if (!is_sample(line, &m->family))
				fail_msg("%s", line);
			assert_true(n < 4096);
			*strrchr(line, ' ') = '\0';
			samples[n++] = line;
		} else if (!strcmp(line, "# EOF")) {
			assert_int_equal(format, EXPOSITION_OPENMETRICS);
			assert_null(strtok_r(NULL, "\n", &save));
		}
	}
	assert_null(m[1].family.name);
	qsort(samples, n, sizeof(*samples), by_text);
	for (unsigned int i = 1; i < n; i++)
		if (!strcmp(samples[i - 1], samples[i]))
			fail_msg("twice: %s", samples[i]);
}

static void both_formats_are_well_formed(void **state)
{
	(void)state;
	check(EXPOSITION_TEXT);
	check(EXPOSITION_OPENMETRICS);
}

static void numbers_are_their_modules(void **state)
{
	(void)state;
	register_stats.challenges = 3;
	register_stats.refused = 7;
	register_stats.overload = 2;
	register_stats.core_refused = 4;
	assert_int_equal(value_of("gmgate_register_requests_total{result=\"challenged\"}"), 3);
	assert_int_equal(value_of("gmgate_register_requests_total{result=\"refused\"}"), 5);
	assert_int_equal(value_of("gmgate_register_requests_total{result=\"overload\"}"), 2);
	assert_int_equal(value_of("gmgate_register_requests_total{result=\"core_refused\"}"), 4);
	sip_stats.from_ue[SIP_METHOD_INVITE] = 5;
	assert_int_equal(value_of("gmgate_sip_requests_total{from=\"ue\",method=\"INVITE\"}"), 5);
	assert_int_equal(value_of("gmgate_sip_requests_total{from=\"core\",method=\"INVITE\"}"), 0);
	rule_count[RULE_VERIFY_DIFFERS] = 6;
	assert_int_equal(value_of("gmgate_refusals_total{rule=\"verify-differs\"}"), 6);
	sip_stats.gate[SIP_GATE_COMMAS] = 8;
	assert_int_equal(value_of("gmgate_sip_unreadable_total{limit=\"commas\"}"), 8);
	proxy_calls[1].ended[4] = 9;
	assert_int_equal(value_of("gmgate_calls_total{from=\"ue\",answer=\"4xx\"}"), 9);
	histogram_add(&register_times.core, 30000);
	assert_int_equal(value_of("gmgate_register_core_seconds_bucket{le=\"0.025\"}"), 0);
	assert_int_equal(value_of("gmgate_register_core_seconds_bucket{le=\"0.05\"}"), 1);
	assert_int_equal(value_of("gmgate_register_core_seconds_count"), 1);
	assert_int_equal(value_of("gmgate_pool_limit{pool=\"sets\"}"), 1000);
	assert_int_equal(value_of("gmgate_spis_limit"), 1024);
	assert_int_equal(value_of("gmgate_kernel_up"), 0);
	assert_true(value_of("process_resident_memory_bytes") > 1000000);
	assert_true(value_of("process_start_time_seconds") > 1000000000);
}

/* A node that two entries name is there once; one of a family we have no address of, not. */
static void nodes_of_the_core(void **state)
{
	(void)state;
	assert_int_equal(value_of("gmgate_nexthop_up{peer=\"192.0.2.2:5070\",transport=\"udp\"}"), 1);
	assert_int_equal(value_of("gmgate_nexthop_up{peer=\"192.0.2.2:5070\",transport=\"tcp\"}"), 1);
	assert_null(strstr(text, "2001:db8"));
	health_broken(&(struct resolve_target){ .addr = cfg.trusted[0].addr, .tcp = true });
	assert_int_equal(value_of("gmgate_nexthop_up{peer=\"192.0.2.2:5070\",transport=\"udp\"}"), 1);
	assert_int_equal(value_of("gmgate_nexthop_up{peer=\"192.0.2.2:5070\",transport=\"tcp\"}"), 0);
	assert_int_equal(value_of("gmgate_nexthops_avoided{state=\"dead\"}"), 1);
	/* Who is not of the configuration is counted, but no label. */
	health_broken(&(struct resolve_target){ .addr = { { 192, 0, 2, 99 }, AF_INET, 9 } });
	assert_int_equal(value_of("gmgate_nexthops_avoided{state=\"dead\"}"), 2);
	assert_null(strstr(text, "192.0.2.99"));
}

/* --- documentation --- */

static char *read_file(const char *name)
{
	FILE *f = fopen(name, "r");
	char *all = calloc(1, 1 << 20);

	if (!f)
		fail_msg("cannot read %s", name);
	assert_true(fread(all, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return all;
}

static void row_of(const struct exposition_family *f, char *row, size_t room)
{
	static const char * const types[] = { "counter", "gauge", "histogram" };
	char labels[64] = "";

	for (unsigned int i = 0; i < EXPOSITION_LABELS && f->label[i]; i++)
		snprintf(labels + strlen(labels), sizeof(labels) - strlen(labels), "%s`%s`",
			 i ? ", " : "", f->label[i]);
	snprintf(row, room, "\n| `%s` | %s | %s | %s |\n", f->name, types[f->type], labels, f->help);
}

/* METRICS_ROWS=1 prints them, for the page. */
static void the_page_has_every_metric(void **state)
{
	char *page = read_file(FOLDER "metrics.md");
	unsigned int n = 0, rows = 0;
	char row[512];

	(void)state;
	for (const struct metric *m = metrics_table; m->family.name; m++, n++) {
		row_of(&m->family, row, sizeof(row));
		if (getenv("METRICS_ROWS"))
			fputs(row + 1, stdout);
		else if (!strstr(page, row))
			fail_msg("metrics.md has no row %s", row);
	}
	for (const char *at = page; (at = strstr(at, "\n| `")); at++)
		rows += !strncmp(at + 4, "gmgate_", 7) || !strncmp(at + 4, "process_", 8);
	assert_int_equal(rows, n);
	free(page);
}

/* The metric that a word of a query names, by itself or with the suffix of a histogram. */
static const struct metric *named(const char *word, size_t n)
{
	static const char * const suffixes[] = { "", "_bucket", "_sum", "_count" };

	for (const struct metric *m = metrics_table; m->family.name; m++)
		for (unsigned int i = 0; i < 4; i++) {
			size_t name = strlen(m->family.name);

			if ((m->family.type == EXPOSITION_HISTOGRAM) == (i > 0) &&
			    n == name + strlen(suffixes[i]) &&
			    !memcmp(word, m->family.name, name) &&
			    !memcmp(word + name, suffixes[i], n - name))
				return m;
		}
	return NULL;
}

static void names_in(const char *file, unsigned int least)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	char *all = read_file(file);
	unsigned int seen = 0;

	for (const char *at = all; *at; at++) {
		size_t n = strspn(at, letters);

		if (n && (!strncmp(at, "gmgate_", 7) || !strncmp(at, "process_", 8))) {
			if (!named(at, n))
				fail_msg("%s: no metric %.*s", file, (int)n, at);
			seen++;
		}
		at += n ? n - 1 : 0;
	}
	assert_true(seen >= least);
	free(all);
}

static void dashboard_and_alerts_name_what_there_is(void **state)
{
	(void)state;
	names_in(FOLDER "metrics/dashboard.json", 20);
	names_in(FOLDER "metrics/alerts.yaml", 10);
}

static int prepare(void **state)
{
	(void)state;
	cfg.scale = 1;
	cfg.spi_min = 256;
	cfg.spi_max = 1279;
	cfg.limits.sets = 1000;
	cfg.n_mw = 1;
	addr_parse(&cfg.mw[0], "192.0.2.1", 5060);
	addr_prefix_parse(&cfg.trusted[0], "192.0.2.2");
	cfg.trusted[0].addr.port = 5070;
	cfg.n_next_hops = 4;
	for (unsigned int i = 0; i < cfg.n_next_hops; i++)
		cfg.next_hops[i].where = (struct resolve_query){
			.port = 5070, .transport = i == 1 ? RESOLVE_TCP : RESOLVE_UDP,
		};
	for (unsigned int i = 0; i < 3; i++)
		strcpy(cfg.next_hops[i].where.host, "192.0.2.2");
	strcpy(cfg.next_hops[3].where.host, "2001:db8::2");
	cfg.t1_mw = 500;
	clock_init(0);
	clock_advance(1000);
	nexthop_init(&cfg);
	mw_init(&cfg);
	metrics_init(&cfg);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	free(text);
	nexthop_exit();
	clock_exit();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_field),
		cmocka_unit_test(every_counter_is_a_metric),
		cmocka_unit_test(both_formats_are_well_formed),
		cmocka_unit_test(numbers_are_their_modules), cmocka_unit_test(nodes_of_the_core),
		cmocka_unit_test(the_page_has_every_metric),
		cmocka_unit_test(dashboard_and_alerts_name_what_there_is),
	};

	return cmocka_run_group_tests(tests, prepare, finish);
}
