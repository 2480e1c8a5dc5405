// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTER path over the end of the program: the UE, the core,
 * the kernel and the store go on, everything else is new.
 */
#include "restart_path.h"

static const char *branch_of(const char *text)
{
	static char value[4][64];
	static int turn;
	const char *at = strstr(text, "branch=");

	turn = (turn + 1) % 4;
	snprintf(value[turn], sizeof(value[0]), "%.*s", (int)strcspn(at, ";\r"), at);
	return value[turn];
}

/* What leaves has been stored: nothing is promised that a SIGKILL would take back. */
static void nothing_leaves_before_it_is_stored(void **state)
{
	struct set *s;
	unsigned long commits = store_stats.commits;

	(void)state;
	s = challenged_set();
	assert_int_equal(store_stats.unsaved, 0);
	assert_true(store_stats.commits > commits);
	assert_int_equal(down.unsaved, 0);
	assert_true(down.commits > commits);
	commits = store_stats.commits;
	answer_challenge(s);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.unsaved, 0);
	assert_true(down.commits > commits);
}

static void killed_before_the_401(void **state)
{
	struct flow f = clear_flow();
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &a);
	killed_and_started();
	/* The core's answer comes to nobody. */
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 0);
	/* The UE repeats, and that is all. */
	ask(&f, &a);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	answer_challenge(last_set());
	core_accepts(600000);
	assert_int_equal(status(), 200);
}

static void killed_before_the_res(void **state)
{
	struct set *s = challenged_set();
	uint32_t id = s->id;
	char token[33];

	(void)state;
	memcpy(token, s->ue->token, sizeof(token));
	killed_and_started();
	s = set_find(id);
	assert_string_equal(s->ue->token, token);
	answer_challenge(s);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	assert_non_null(strstr(header(up.text, "Path"), token));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	assert_int_equal(s->state, SET_INUSE);
}

/*
 * RFC 3261 16.11: the core has to see a retransmission as one, or it would take
 * a RES that was used already for another run, and challenge again.
 */
static void killed_before_the_200(void **state)
{
	struct set *s = challenged_set();
	uint32_t id = s->id;
	const struct ask a = {
		.client = offer1, .verify = s->server, .expires = 600000, .response = "0123",
		.branch = ++branch,
	};
	struct flow f = protected_flow(s);
	struct ask again = a;
	const char *first;

	(void)state;
	ask(&f, &a);
	first = branch_of(up.text);
	killed_and_started();
	again.verify = set_find(id)->server;
	ask(&f, &again);
	assert_string_equal(branch_of(up.text), first);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(set_find(id)->state, SET_INUSE);
	/* Another request has another one. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_string_not_equal(branch_of(up.text), first);
}

/* Killed when the core had said 200, and the UE had not heard it. */
static void the_200_that_was_lost_comes_again(void **state)
{
	struct set *s = registered_set();
	uint32_t id = s->id;
	struct flow f = protected_flow(s);

	(void)state;
	killed_and_started();
	/* A repetition of the REGISTER with RES, now on a set that is in use. */
	ask(&f, &(struct ask){ .client = set_find(id)->client, .verify = set_find(id)->server,
			       .expires = 600000, .response = "0123", .branch = branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	assert_int_equal(set_count(), 1);
}

static void a_refresh_after_it(void **state)
{
	uint32_t id = registered_set()->id;
	struct flow f;

	(void)state;
	clock_advance(1000000);
	killed_and_started();
	f = protected_flow(set_find(id));
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	assert_int_equal(down.to.local.port, set_find(id)->port_pc);
	assert_true(set_find(id)->ends == clock_now() + 600030000);
	assert_int_equal(set_count(), 1);
}

static void at_each_step_of_a_reauthentication(void **state)
{
	uint32_t old = registered_set()->id, new;
	struct flow f;

	(void)state;
	killed_and_started();
	f = protected_flow(set_find(old));
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(down.to.set, old);
	new = last_set()->id;
	killed_and_started();
	answer_challenge(set_find(new));
	core_accepts(600000);
	assert_int_equal(down.to.set, new);
	assert_int_equal(set_find(new)->state, SET_NEW);
	killed_and_started();
	/* Sent on the OLD one still, until the UE speaks on the NEW one. */
	assert_int_equal(set_find(new)->ue->in_use->id, old);
	f = protected_flow(set_find(new));
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_int_equal(set_find(new)->state, SET_INUSE);
	killed_and_started();
	assert_int_equal(set_find(new)->ue->in_use->id, new);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 1);
	assert_int_equal(fake_kernel.n, 1);
}

/* On the next life's clock, too, nobody may do on a TEMP what a TEMP is not for. */
static void the_checks_survive(void **state)
{
	struct set *s = challenged_set();
	uint32_t id = s->id;
	struct flow f;

	(void)state;
	killed_and_started();
	s = set_find(id);
	f = protected_flow(s);
	n_down = n_up = 0;
	ask(&f, &(struct ask){ .method = "OPTIONS", .branch = ++branch });
	assert_int_equal(n_down + n_up, 0);
	ask(&f, &(struct ask){ .client = offer1, .verify = "ipsec-3gpp; alg=hmac-md5-96",
			       .expires = 60, .response = "01", .branch = ++branch });
	assert_int_equal(status(), 494);
	ask(&f, &(struct ask){ .client = offer2, .verify = s->server, .expires = 60,
			       .response = "01", .branch = ++branch });
	assert_int_equal(status(), 494);
	ask(&f, &(struct ask){ .client = offer1, .verify = s->server, .expires = 60,
			       .impi = "002@example.org", .response = "01", .branch = ++branch });
	assert_int_equal(status(), 403);
}

/* Nor is a UE with SAs taken for one that never had any. */
static void who_had_sas_is_remembered(void **state)
{
	(void)state;
	cfg.gm[0].secagree_required = false;
	cfg.remembered_impis = 100;
	policy_exit();
	assert_true(policy_init(&cfg));
	registered_set();
	killed_and_started();
	assert_false(policy_plain(0, STR_LIT("001@example.org")));
	assert_true(policy_plain(0, STR_LIT("002@example.org")));
}

#define TS(f) cmocka_unit_test_setup_teardown(f, begin_stored, end_stored)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TS(nothing_leaves_before_it_is_stored), TS(killed_before_the_401),
		TS(killed_before_the_res), TS(killed_before_the_200),
		TS(the_200_that_was_lost_comes_again), TS(a_refresh_after_it),
		TS(at_each_step_of_a_reauthentication), TS(the_checks_survive),
		TS(who_had_sas_is_remembered),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
