// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One INVITE, many answers: early dialogs side by side, several 2xx, and more
 * of them than are kept (RFC 3261 12.1.2, 13.2.2.4, 16.7; RFC 3262).
 */
#include "call_world.h"

/* A fork in the core: many early dialogs, PRACK in each, two answer (RFC 3261 13.2.2.4). */
static void forks(void **state)
{
	struct set *s = registered_set();
	struct sent invite;
	char tag[16];

	(void)state;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	for (int i = 0; i < 10; i++) {
		struct say prack;

		snprintf(tag, sizeof(tag), "fork%d", i);
		core_answers_invite(&invite, "183 Session Progress", tag);
		assert_int_equal(status(), 183);
		prack = in_call("PRACK", tag, 2 + i);
		n_up = 0;
		ue_says(s, &prack);
		assert_int_equal(n_up, 1);
		assert_string_equal(lines_of(&up, "Route"), DIALOG_ROUTE);
		core_replies("200 OK", NULL, "");
		assert_int_equal(status(), 200);
	}
	core_answers_invite(&invite, "200 OK", "fork3");
	core_answers_invite(&invite, "200 OK", "fork7");
	assert_int_equal(status(), 200);
	assert_non_null(strstr(header(down.text, "To"), "tag=fork7"));
	n_up = 0;
	ue_acks(s, "fork3");
	ue_acks(s, "fork7");
	assert_int_equal(n_up, 2);
	clock_advance(32000);
	/* The other branches have ended with the INVITE. */
	n_up = 0;
	{
		struct say update = in_call("UPDATE", "fork1", 20), bye = in_call("BYE", "fork7", 21);

		ue_says(s, &update);
		assert_int_equal(status(), 481);
		assert_int_equal(n_up, 0);
		ue_says(s, &bye);
		assert_int_equal(n_up, 1);
	}
}

static void ue_pracks(struct set *s, const char *tag, unsigned int cseq)
{
	struct say prack = in_call("PRACK", tag, cseq);

	ue_says(s, &prack);
}

/* Each newcomer displaces the oldest that only rings; whoever accepts has his place. */
static void more_branches_than_are_kept(void **state)
{
	struct set *s = registered_set();
	struct say bye = in_call("BYE", "fork0", 60);
	struct sent invite;
	char tag[16];

	(void)state;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	for (int i = 0; i < 40; i++) {
		snprintf(tag, sizeof(tag), "fork%d", i);
		core_answers_invite(&invite, "183 Session Progress", tag);
		assert_int_equal(status(), 183);
		assert_true(dialog_first()->n_legs <= 16);
	}
	n_up = 0;
	ue_pracks(s, "fork0", 2);
	assert_int_equal(status(), 481);
	assert_int_equal(n_up, 0);
	ue_pracks(s, "fork39", 3);
	assert_int_equal(n_up, 1);
	core_replies("200 OK", NULL, "");
	core_answers_invite(&invite, "200 OK", "fork0");
	/* It is not displaced by who still rings. */
	for (int i = 40; i < 80; i++) {
		snprintf(tag, sizeof(tag), "fork%d", i);
		core_answers_invite(&invite, "200 OK", tag);
	}
	n_up = 0;
	ue_acks(s, "fork0");
	ue_says(s, &bye);
	assert_int_equal(n_up, 2);
	assert_memory_equal(up.text, "BYE", 3);
	assert_true(dialog_first()->n_legs <= 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(forks), T(more_branches_than_are_kept),
	};

	log_threshold = getenv("V") ? LOG_LEVEL_DEBUG : LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
