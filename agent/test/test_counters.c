// SPDX-License-Identifier: GPL-2.0-or-later
//
// The table of counters: every name is there once, fit for a metric, and says
// what it means; every rule has its clause and what to do about it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "counters.h"
#include "log.h"
#include "rules.h"
#include "sip.h"

#define MOST 512

static struct counter seen[MOST];
static unsigned int n;

static void collect(const struct counter *c, void *arg)
{
	(void)arg;
	assert_true(n < MOST);
	seen[n++] = *c;
}

static const struct counter *find(const char *group, const char *name)
{
	n = 0;
	counters_each(collect, NULL);
	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(seen[i].group, group) && !strcmp(seen[i].name, name))
			return &seen[i];
	fail_msg("no counter %s.%s", group, name);
	return NULL;
}

/* Small letters, digits and hyphens; methods are as they are written. */
static bool is_name(const struct counter *c)
{
	const char *letters = strncmp(c->group, "requests-", 9) ?
		"abcdefghijklmnopqrstuvwxyz0123456789-" : "ABCDEFGHIJKLMNOPQRSTUVWXYZother";

	return c->name[0] && c->name[strspn(c->name, letters)] == 0;
}

static void each_counter_has_a_name_and_a_meaning(void **state)
{
	(void)state;
	n = 0;
	counters_each(collect, NULL);
	assert_true(n > RULES);
	for (unsigned int i = 0; i < n; i++) {
		if (!is_name(&seen[i]) || !seen[i].meaning || !seen[i].meaning[0])
			fail_msg("%s.%s has no name or meaning", seen[i].group, seen[i].name);
		for (unsigned int j = 0; j < i; j++)
			if (!strcmp(seen[i].group, seen[j].group) &&
			    !strcmp(seen[i].name, seen[j].name))
				fail_msg("%s.%s is there twice", seen[i].group, seen[i].name);
	}
}

/* A group that is left and entered again would be two objects of one name. */
static void groups_are_in_one_piece(void **state)
{
	(void)state;
	n = 0;
	counters_each(collect, NULL);
	for (unsigned int i = 1; i < n; i++) {
		if (!strcmp(seen[i].group, seen[i - 1].group))
			continue;
		for (unsigned int j = 0; j < i; j++)
			if (!strcmp(seen[i].group, seen[j].group))
				fail_msg("%s is in two pieces", seen[i].group);
	}
}

static void each_rule_has_clause_and_advice(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RULES; i++) {
		const struct rule_text *r = &rule_texts[i];

		if (!r->name || !r->clause || !r->meaning || !r->advice || !r->clause[0] ||
		    !r->meaning[0] || !r->advice[0])
			fail_msg("rule %u (%s) is not complete", i, r->name ? r->name : "");
		assert_string_equal(find("rule", r->name)->clause, r->clause);
	}
}

static void a_refusal_is_counted_by_its_rule(void **state)
{
	uint64_t before = find("rule", "verify-differs")->value;
	uint64_t other = find("rule", "no-impi")->value;

	(void)state;
	/* also when it is not logged */
	log_threshold = LOG_LEVEL_NONE;
	log_refusal("somebody", RULE_VERIFY_DIFFERS, "for the test");
	log_failure("somebody", RULE_VERIFY_DIFFERS, "for the test");
	assert_int_equal(find("rule", "verify-differs")->value, before + 2);
	assert_int_equal(find("rule", "no-impi")->value, other);
}

static void numbers_are_their_modules(void **state)
{
	(void)state;
	sip_stats.received = (1ul << 40) + 1;
	sip_stats.from_ue[SIP_METHOD_INVITE] = 7;
	sip_stats.from_core[SIP_METHOD_OTHER] = 8;
	sip_stats.gate[SIP_GATE_COMMAS] = 9;
	assert_true(find("messages", "received")->value == (1ul << 40) + 1);
	assert_false(find("messages", "received")->level);
	assert_true(find("tcp", "open")->level);
	assert_int_equal(find("requests-ue", "INVITE")->value, 7);
	assert_int_equal(find("requests-core", "INVITE")->value, 0);
	assert_int_equal(find("requests-core", "other")->value, 8);
	assert_int_equal(find("unreadable", sip_gate_name(SIP_GATE_COMMAS))->value, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_counter_has_a_name_and_a_meaning),
		cmocka_unit_test(groups_are_in_one_piece),
		cmocka_unit_test(each_rule_has_clause_and_advice),
		cmocka_unit_test(a_refusal_is_counted_by_its_rule),
		cmocka_unit_test(numbers_are_their_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
