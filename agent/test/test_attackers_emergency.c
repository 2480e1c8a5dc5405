// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Those who call for help without a registration to do harm: floods of such calls, and
 * floods that would end one (Documentation/attackers.md).
 */
#include "attackers.h"
#include "caller_world.h"

#include "log.h"

#define MOST 20		/* limits.emergency-calls of path.h */

static int begin_calls(void **state)
{
	begin_limited(state);
	admission_exit();
	cfg.rates.emergency = (struct config_rate){ 20, 50 };
	assert_true(admission_init(&cfg));
	let_them_call();
	return 0;
}

/* Without rates, where a test is about how many there are. */
static int begin_unlimited(void **state)
{
	begin(state);
	let_them_call();
	return 0;
}

static void begin_call(const struct flow *f, unsigned int serial)
{
	char call[32];

	snprintf(call, sizeof(call), "flood-%u", serial);
	caller_says(f, (struct say){ .call = call });
}

static bool is_refused_for_now(void)
{
	return status() == 503 && header(down.text, "Retry-After");
}

/* One source displaces its own attempts, others keep theirs. */
static void attempts_of_one_source(void **state)
{
	struct flow his = stranger_flow(1), other = stranger_flow(2);

	(void)state;
	begin_call(&other, 0);
	for (int i = 1; i <= 100; i++)
		begin_call(&his, i);
	assert_int_equal(caller_stats.attempts, 1 + CALLER_PER_SOURCE);
	assert_int_equal(caller_stats.displaced, 100 - CALLER_PER_SOURCE);
	assert_int_equal(proxy_stats_now().open, 1 + CALLER_PER_SOURCE);
	/* The one that was displaced hears of it, the E-CSCF gets a CANCEL once it has rung. */
	n_down = 0;
	begin_call(&his, 101);
	assert_int_equal(n_down, 2);
	caller_says(&other, (struct say){ .call = "flood-0", .method = "UPDATE",
					  .to = "<urn:service:sos>;tag=e" });
	assert_int_equal(status(), 481);
}

/* From everywhere: newcomers get in, and memory is bounded. */
static void attempts_from_everywhere(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		struct flow his = stranger_flow(i);

		n_up = 0;
		begin_call(&his, i);
		assert_true(n_up >= 1);
	}
	assert_int_equal(caller_stats.attempts, MOST);
	assert_int_equal(proxy_stats_now().open, MOST);
	assert_int_equal(dialog_count(), MOST);
	assert_int_equal(transaction_stats.unproven, 0);
	clock_advance(400000);
	assert_int_equal(caller_stats.attempts, 0);
	assert_int_equal(transaction_stats.server + transaction_stats.client, 0);
}

/* A call whose caller has answered from where it says to be stays, whoever comes. */
static void calls_are_not_displaced(void **state)
{
	struct flow mine = caller_at("10.67.0.1", 5060), late = caller_at("10.67.0.2", 5060);

	(void)state;
	caller_calls(&mine, "mine");
	for (unsigned int i = 0; i < 1000; i++) {
		struct flow his = stranger_flow(i);

		begin_call(&his, i);
	}
	assert_int_equal(caller_stats.calls, 1);
	assert_int_equal(caller_stats.attempts, MOST - 1);
	n_up = 0;
	caller_in_call(&mine, "UPDATE", "mine", 2);
	assert_int_equal(n_up, 1);
	ecscf_replies("200 OK", NULL, "");
	/* When all are calls, there is no room, and that is said. */
	clock_advance(400000);
	for (unsigned int i = 1; i < MOST; i++) {
		struct flow his = stranger_flow(i);
		char call[32];

		snprintf(call, sizeof(call), "real-%u", i);
		caller_calls(&his, call);
	}
	assert_int_equal(caller_stats.calls, MOST);
	n_up = 0;
	caller_says(&late, (struct say){ .call = "late" });
	assert_true(is_refused_for_now());
	assert_int_equal(n_up, 0);
	assert_int_equal(caller_stats.refused, 1);
	/* One that ends makes room. */
	caller_in_call(&mine, "BYE", "mine", 3);
	ecscf_replies("200 OK", NULL, "");
	clock_advance(200000);
	caller_says(&late, (struct say){ .call = "late" });
	assert_int_equal(status(), 100);
}

/* What was accepted, and nobody has acknowledged, may be of a forged source. */
static void accepted_and_never_acknowledged(void **state)
{
	struct flow forged = stranger_flow(1);

	(void)state;
	begin_call(&forged, 0);
	ecscf_replies("200 OK", "e", "Contact: <sip:psap@192.0.2.80>\r\n");
	assert_int_equal(caller_stats.attempts, 1);
	n_down = 0;
	for (unsigned int i = 1; i <= MOST; i++) {
		struct flow his = stranger_flow(1 + i);

		begin_call(&his, i);
	}
	assert_int_equal(caller_stats.attempts, MOST);
	/* It has gone, and no answer follows its 2xx: there were the newcomers' 100 only. */
	assert_int_equal(n_down, MOST);
	n_up = 0;
	caller_says(&forged, (struct say){ .method = "BYE", .call = "flood-0",
					   .to = "<urn:service:sos>;tag=e" });
	assert_int_equal(status(), 481);
	assert_int_equal(n_up, 0);
}

static void calls_of_one_source(void **state)
{
	struct flow his = stranger_flow(1), other = stranger_flow(2);
	char call[32];

	(void)state;
	for (int i = 0; i < CALLER_PER_SOURCE; i++) {
		snprintf(call, sizeof(call), "call-%d", i);
		caller_calls(&his, call);
	}
	n_up = 0;
	begin_call(&his, 9);
	assert_true(is_refused_for_now());
	assert_int_equal(n_up, 0);
	begin_call(&other, 9);
	assert_int_equal(n_up, 1);
}

/* All that one call may have under way. */
static void requests_of_one_call(void **state)
{
	struct flow mine = caller_at("10.67.0.1", 5060);

	(void)state;
	caller_calls(&mine, "mine");
	clock_advance(200000);
	for (unsigned int i = 0; i < 100; i++)
		caller_in_call(&mine, "INFO", "mine", 2 + i);
	assert_int_equal(proxy_stats_now().open, 16);
	assert_int_equal(transaction_stats.unproven, 0);
	/* A flood that forges its address has neither its tags nor its place. */
	for (unsigned int i = 0; i < 100; i++)
		begin_call(&mine, i);
	assert_int_equal(caller_stats.calls, 1);
	assert_int_equal(caller_stats.attempts, CALLER_PER_SOURCE - 1);
	n_up = 0;
	caller_in_call(&mine, "BYE", "mine", 200);
	assert_int_equal(n_up, 1);
}

/* The rate at which they begin: what the E-CSCF gets of a flood, and who else gets in. */
static void the_ecscf_is_not_flooded(void **state)
{
	struct set *s = registered_set();
	struct flow calm = caller_at("10.67.0.1", 5060);

	(void)state;
	n_up = n_down = 0;
	for (unsigned int i = 0; i < 3000; i++) {
		struct flow his = stranger_flow(i % 100);

		begin_call(&his, i);
	}
	assert_in_range(proxy_stats_now().emergency, 50, 60);
	assert_true(admission_stats.emergency > 1000);
	assert_true(is_refused_for_now());
	/* Registered UEs call as ever: for help and otherwise. */
	for (int i = 0; i < 50; i++) {
		n_up = 0;
		ue_says(s, &(struct say){ .method = "MESSAGE" });
		assert_int_equal(n_up, 1);
	}
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos", .call = "registered" });
	assert_int_equal(n_up, 1);
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:001@example.org>");
	/* As soon as the bucket is not empty, so does who did not ask lately. */
	clock_advance(2000);
	n_up = 0;
	caller_says(&calm, (struct say){ .call = "calm" });
	assert_true(n_up >= 1);
	assert_int_equal(status(), 100);
}

/* A flood that takes all that strangers share: what is of a call still passes. */
static void a_flood_of_anything_ends_no_call(void **state)
{
	struct flow mine = caller_at("10.67.0.1", 5060);
	char token[DIALOG_TOKEN];

	(void)state;
	strcpy(token, caller_calls(&mine, "mine"));
	for (unsigned int i = 0; i < 20000; i++) {
		struct flow his = stranger_flow(i);

		receive_octets(&his, "OPTIONS sip:x SIP/2.0\r\n"
			       "Via: SIP/2.0/UDP 10.66.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
			       "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n");
	}
	assert_true(admission_stats.dropped > 10000);
	n_up = 0;
	caller_in_call(&mine, "UPDATE", "mine", 2);
	assert_int_equal(n_up, 1);
	ecscf_in_call("UPDATE", "sip:a@10.67.0.1", token, "mine", 3);
	n_up = 0;
	reply(&down, &mine, "200 OK", NULL, "");
	assert_int_equal(n_up, 1);
	/* Its own rate holds. */
	n_up = 0;
	for (unsigned int i = 0; i < 300; i++)
		caller_in_call(&mine, "INFO", "mine", 4 + i);
	assert_in_range(n_up, 50, 110);
}

#define L(f) cmocka_unit_test_setup_teardown(f, begin_calls, end_limited)
#define U(f) cmocka_unit_test_setup_teardown(f, begin_unlimited, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		U(attempts_of_one_source), U(attempts_from_everywhere), U(calls_are_not_displaced),
		U(accepted_and_never_acknowledged), U(calls_of_one_source),
		U(requests_of_one_call), L(the_ecscf_is_not_flooded),
		L(a_flood_of_anything_ends_no_call),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests_name("attackers: emergency calls", tests, NULL, NULL);
}
