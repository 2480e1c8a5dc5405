// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Emergency calls without registration over the end of the program: no UE and no set is
 * left of them, only their dialog.
 */
#include "caller_world.h"
#include "restart_path.h"

static char token[DIALOG_TOKEN];

static int begin_calling(void **state)
{
	int ret = begin_stored(state);

	let_them_call();
	return ret;
}

static void passes_both_ways(const struct flow *f, unsigned int cseq)
{
	n_up = 0;
	caller_in_call(f, "UPDATE", "call1", cseq);
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "UPDATE sip:psap@192.0.2.80", 26);
	assert_null(header(up.text, "P-Asserted-Identity"));
	ecscf_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	n_down = 0;
	ecscf_in_call("UPDATE", "sip:a@10.66.0.1:5060", token, "call1", cseq);
	assert_int_equal(n_down, 1);
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5060");
	assert_int_equal(down.to.side, FLOW_GM);
	reply(&down, f, "200 OK", NULL, "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

static void a_call_goes_on(void **state)
{
	struct flow f = caller_at("10.66.0.1", 5060), his = caller_at("10.66.0.2", 5060);

	(void)state;
	strcpy(token, caller_calls(&f, "call1"));
	for (unsigned int i = 0; i < 3; i++) {
		killed_and_started();
		assert_int_equal(restart_stats.dialogs, 1);
		assert_int_equal(restart_stats.refused, 0);
		assert_int_equal(caller_stats.calls, 1);
		passes_both_ways(&f, 2 + i);
		/* It is nobody else's than before. */
		caller_in_call(&his, "BYE", "call1", 9);
		assert_int_equal(status(), 403);
	}
	ecscf_in_call("BYE", "sip:a@10.66.0.1:5060", token, "call1", 9);
	reply(&down, &f, "200 OK", NULL, "");
	clock_advance(200000);
	assert_int_equal(caller_stats.calls, 0);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
}

/* Its connection has gone with the program: it is reached, and heard, all the same. */
static void a_call_over_tcp_goes_on(void **state)
{
	struct flow t = over_tcp(caller_at("10.66.0.1", 40000), 5);

	(void)state;
	strcpy(token, caller_calls(&t, "call1"));
	killed_and_started();
	n_held_connections = 0;		/* of the life before */
	n_down = 0;
	ecscf_in_call("UPDATE", "sip:a@phone.example", token, "call1", 3);
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5060");
	assert_false(down.to.tcp);
	t.conn = 6;
	n_up = 0;
	caller_in_call(&t, "BYE", "call1", 2);
	assert_int_equal(n_up, 1);
}

/* One that rang stays for requests under way, and not for ever. */
static void one_that_rang(void **state)
{
	struct flow f = caller_at("10.66.0.1", 5060);

	(void)state;
	caller_says(&f, (struct say){ 0 });
	strcpy(token, dialog_token(&up));
	ecscf_replies("180 Ringing", "e", "Contact: <sip:psap@192.0.2.80>\r\n");
	killed_and_started();
	assert_int_equal(caller_stats.attempts, 1);
	passes_both_ways(&f, 2);
	assert_int_equal(caller_stats.calls, 1);
	clock_advance(400000);
	assert_int_equal(caller_stats.calls, 0);
}

/* Where such calls are not taken any more, none is taken over. */
static void not_taken_any_more(void **state)
{
	struct flow f = caller_at("10.66.0.1", 5060);

	(void)state;
	caller_calls(&f, "call1");
	cfg.gm[0].unregistered = CONFIG_UNREGISTERED_REFUSE;
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	assert_int_equal(restart_stats.refused, 0);
	assert_int_equal(caller_stats.calls, 0);
	caller_in_call(&f, "BYE", "call1", 2);
	assert_int_equal(status(), 403);
}

/* With less room than before. */
static void more_than_there_may_be(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 10; i++) {
		struct flow f = caller_at("10.66.0.1", 5060);
		char call[32];

		f.remote.ip[3] = (uint8_t)(1 + i);
		snprintf(call, sizeof(call), "call-%u", i);
		caller_calls(&f, call);
	}
	cfg.limits.emergency_calls = 4;
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 4);
	assert_int_equal(caller_stats.calls, 4);
}

#define C(f) cmocka_unit_test_setup_teardown(f, begin_calling, end_stored)

int main(void)
{
	const struct CMUnitTest tests[] = {
		C(a_call_goes_on), C(a_call_over_tcp_goes_on), C(one_that_rang),
		C(not_taken_any_more), C(more_than_there_may_be),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests_name("emergency calls over a restart", tests, NULL, NULL);
}
