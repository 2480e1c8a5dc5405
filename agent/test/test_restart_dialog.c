// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls and subscriptions over the end of the program: the UE, the
 * core, the kernel and the store go on, everything else is new.
 */
#include "restart_calls.h"
#include "store_dialog.h"

/* --- calls --- */

static void a_call_of_the_ue_goes_on(void **state)
{
	char icid[128];

	(void)state;
	registered_set();
	call_up("200 OK");
	passes_up("UPDATE", 2);
	snprintf(icid, sizeof(icid), "%s", header(up.text, "P-Charging-Vector"));
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 1);
	assert_int_equal(restart_stats.refused, 0);
	passes_up("INVITE", 3);
	assert_string_equal(header(up.text, "P-Charging-Vector"), icid);
	passes_up("UPDATE", 4);
	passes_down("INVITE", 1);
	passes_down("UPDATE", 2);
	/* Once more: what was taken over is stored as well. */
	killed_and_started();
	passes_up("BYE", 5);
	clock_advance(300000);
	assert_int_equal(dialog_count(), 0);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
}

static void the_core_ends_a_call_of_before(void **state)
{
	(void)state;
	registered_set();
	call_up("200 OK");
	killed_and_started();
	passes_down("BYE", 1);
	/* What crosses it still gets through; 64*T1 later it is over, in the next life, too. */
	killed_and_started();
	passes_up("INFO", 2);
	clock_advance(DRAIN);
	assert_int_equal(dialog_count(), 0);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	core_in_call("BYE", "b", token, 9);
	assert_memory_equal(up.text, "SIP/2.0 404", 11);
}

static void a_call_to_the_ue_goes_on(void **state)
{
	const struct say bye = { .method = "BYE", .uri = "sip:002@192.0.2.99",
				 .from = "<sip:001@example.org>;tag=u",
				 .to = "<sip:002@example.org>;tag=c" };

	(void)state;
	registered_set();
	call_down();
	killed_and_started();
	n_up = 0;
	ue_says(the_set(), &bye);
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "BYE sip:002@192.0.2.99", 22);
	/* As it was recorded, in the order of who was called. */
	assert_string_equal(lines_of(&up, "Route"),
			    "Route: <sip:mt@192.0.2.5;lr>, <sip:mo@192.0.2.2;lr>\r\n");
}

static void an_orderly_end_keeps_calls(void **state)
{
	(void)state;
	registered_set();
	call_up("200 OK");
	stopped_and_started();
	assert_int_equal(restart_stats.dialogs, 1);
	passes_down("UPDATE", 1);
	passes_up("BYE", 2);
}

/* No answer and no request leaves before what it does to the dialog is stored. */
static void nothing_leaves_before_it_is_stored(void **state)
{
	unsigned long commits;

	(void)state;
	registered_set();
	commits = store_stats.commits;
	call_up("180 Ringing");
	assert_int_equal(status(), 180);
	assert_int_equal(down.unsaved, 0);
	assert_true(down.commits > commits);
	commits = store_stats.commits;
	passes_up("UPDATE", 2);
	/* This changes nothing. */
	assert_true(store_stats.commits == commits);
}

/* --- the moment in between --- */

/* What is asked in the early dialog passes; the INVITE itself is test_restart_ringing.c's. */
static void a_call_that_rings(void **state)
{
	(void)state;
	for (int orderly = 0; orderly < 2; orderly++) {
		registered_set();
		call_up("180 Ringing");
		if (orderly)
			stopped_and_started();
		else
			killed_and_started();
		assert_int_equal(restart_stats.dialogs, 1);
		passes_up("UPDATE", 2);
		passes_down("UPDATE", 1);
		end_stored(state);
		begin_stored(state);
	}
}

static void a_call_nobody_has_answered(void **state)
{
	struct say update = in_call("UPDATE", "b", 2);

	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ 0 });
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	ue_says(the_set(), &update);
	assert_int_equal(status(), 481);
}

static void a_refused_call_leaves_nothing(void **state)
{
	struct sent invite;

	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ 0 });
	invite = up;
	core_answers_it(&invite, "180 Ringing", "b", "");
	core_answers_it(&invite, "486 Busy Here", "b", "");
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
}

static void each_leg_of_a_fork(void **state)
{
	struct sent invite;
	struct say request;

	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ 0 });
	invite = up;
	core_answers_it(&invite, "183 Session Progress", "x", "");
	core_answers_it(&invite, "183 Session Progress", "b", "");
	killed_and_started();
	passes_up("UPDATE", 2);
	request = in_call("UPDATE", "x", 3);
	ue_says(the_set(), &request);
	assert_memory_equal(up.text, "UPDATE", 6);
	request = in_call("UPDATE", "y", 4);
	ue_says(the_set(), &request);
	assert_int_equal(status(), 481);
}

/* Of a fork only who has accepted is left, when the INVITE is over. */
static void a_fork_that_was_accepted(void **state)
{
	struct say request = in_call("UPDATE", "x", 3);
	struct sent invite;

	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ 0 });
	invite = up;
	core_answers_it(&invite, "183 Session Progress", "x", "");
	core_answers_it(&invite, "200 OK", "b", "");
	clock_advance(200000);
	killed_and_started();
	passes_up("UPDATE", 2);
	ue_says(the_set(), &request);
	assert_int_equal(status(), 481);
}

/* It ends before its INVITE does: nobody is left in it. */
static void a_bye_while_it_rings(void **state)
{
	(void)state;
	registered_set();
	call_up("180 Ringing");
	passes_up("BYE", 2);
	clock_advance(DRAIN);
	assert_int_equal(dialog_count(), 1);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	assert_int_equal(restart_stats.refused, 0);
}

/* --- subscriptions --- */

static void a_subscription_goes_on_until_its_time(void **state)
{
	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ .method = "SUBSCRIBE",
					  .extra = "Event: reg\r\nExpires: 1000\r\n" });
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_replies("200 OK", "b", "Expires: 1000\r\n");
	clock_advance(600000);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 1);
	passes_down("NOTIFY", 1);
	clock_advance(400000 + DRAIN - 1);
	passes_down("NOTIFY", 2);
	clock_advance(1);
	assert_int_equal(dialog_count(), 0);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
}

/* The time that passes while nobody lives counts. */
static void what_ended_meanwhile_ends(void **state)
{
	(void)state;
	registered_set();
	ue_says(the_set(), &(struct say){ .method = "SUBSCRIBE" });
	core_replies("200 OK", "b", "Expires: 1000\r\n");
	store_close();
	end_of_life();
	clock_advance(1000000 + DRAIN + 1);
	live();
	clock_advance(0);
	assert_int_equal(dialog_count(), 0);
}

/* --- bounds --- */

/* The longest unused goes first, in whichever life. */
static void no_more_than_there_may_be(void **state)
{
	struct say info = in_call("INFO", "b", 2);
	char call[16];

	(void)state;
	registered_set();
	for (int i = 0; i < DIALOGS_PER_UE + 8; i++) {
		struct sent invite;

		snprintf(call, sizeof(call), "c%d", i);
		ue_says(the_set(), &(struct say){ .call = call });
		invite = up;
		core_answers_it(&invite, "200 OK", "b", "");
		clock_advance(1000);
	}
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, DIALOGS_PER_UE);
	assert_int_equal(restart_stats.refused, 0);
	ue_says(the_set(), &(struct say){ .call = "more" });
	core_answers_it(&up, "200 OK", "b", "");
	info.call = "c8";
	ue_says(the_set(), &info);
	assert_int_equal(status(), 481);
	/* The younger one of the second life is not the oldest of the third. */
	killed_and_started();
	ue_says(the_set(), &(struct say){ .call = "yet more" });
	info.call = "c9";
	ue_says(the_set(), &info);
	assert_int_equal(status(), 481);
	for (int i = 0; i < 2; i++) {
		info.call = i ? "c10" : "more";
		n_up = 0;
		ue_says(the_set(), &info);
		assert_int_equal(n_up, 1);
	}
}

/* So many forks with nearly 4 KiB of Record-Route each. */
static void fork_widely(int n_tags)
{
	static char extra[4200];
	struct sent invite;
	char tag[8];

	snprintf(extra, sizeof(extra), "Contact: <sip:002@192.0.2.99>\r\n"
		 "Record-Route: <sip:p@192.0.2.2;lr;x=%0*d>\r\n", 3800, 1);
	ue_says(the_set(), &(struct say){ 0 });
	invite = up;
	for (int i = 0; i < n_tags; i++) {
		snprintf(tag, sizeof(tag), "t%d", i % 100);
		core_answers_it(&invite, "183 Session Progress", tag, extra);
		assert_int_equal(status(), 183);
	}
}

/* A record of more than 32 KiB is none; the call itself goes on. */
static void a_dialog_too_large_is_not_stored(void **state)
{
	struct say update = in_call("UPDATE", "t9", 2);

	(void)state;
	registered_set();
	fork_widely(4);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 1);
	dialog_forget_ue(the_set()->ue);
	fork_widely(10);
	n_up = 0;
	ue_says(the_set(), &update);
	assert_int_equal(n_up, 1);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	assert_int_equal(restart_stats.refused, 0);
}

static void dialogs_end_with_their_ue(void **state)
{
	uint32_t id;

	(void)state;
	id = registered_set()->id;
	call_up("200 OK");
	killed_and_started();
	registrar_kernel_lost(id);
	clock_advance(600000000);
	assert_null(registrar_first());
	assert_int_equal(dialog_count(), 0);
	killed_and_started();
	assert_int_equal(restart_stats.dialogs, 0);
	assert_int_equal(restart_stats.refused, 0);
}

/* A dialog of a UE that is not there is no error, and not carried on. */
static void a_dialog_without_its_ue_is_dropped(void **state)
{
	struct store_dialog r = {
		.ue = STR_LIT("00000000000000000000000000000000"), .method = SIP_METHOD_INVITE,
		.call_id = STR_LIT("c"), .tag = STR_LIT("a"), .recorded = STR_LIT(""), .n_legs = 1,
		.legs = { { STR_LIT("b"), STR_LIT(""), true, UINT64_MAX } },
	};
	struct octets value = { 0 };

	(void)state;
	registered_set();
	store_dialog_write(&value, &r);
	store_close();
	end_of_life();
	forge(STR_LIT("D0123456789abcdef01234567"), octets_str(&value));
	live();
	assert_int_equal(restart_stats.dialogs, 0);
	assert_int_equal(restart_stats.refused, 0);
	killed_and_started();
	assert_int_equal(restart_stats.ues, 1);
	octets_free(&value);
}

static void a_damaged_record_costs_its_dialog_only(void **state)
{
	(void)state;
	registered_set();
	call_up("200 OK");
	store_close();
	end_of_life();
	forge(STR_LIT("D0123456789abcdef01234567"), STR_LIT("\x01rubbish"));
	live();
	assert_int_equal(restart_stats.refused, 1);
	assert_int_equal(restart_stats.dialogs, 1);
	passes_up("BYE", 2);
	killed_and_started();
	assert_int_equal(restart_stats.refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TS(a_call_of_the_ue_goes_on), TS(the_core_ends_a_call_of_before),
		TS(a_call_to_the_ue_goes_on), TS(an_orderly_end_keeps_calls),
		TS(nothing_leaves_before_it_is_stored), TS(a_call_that_rings),
		TS(a_call_nobody_has_answered),
		TS(a_refused_call_leaves_nothing), TS(each_leg_of_a_fork),
		TS(a_fork_that_was_accepted), TS(a_bye_while_it_rings),
		TS(a_subscription_goes_on_until_its_time), TS(what_ended_meanwhile_ends),
		TS(no_more_than_there_may_be), TS(a_dialog_too_large_is_not_stored),
		TS(dialogs_end_with_their_ue), TS(a_dialog_without_its_ue_is_dropped),
		TS(a_damaged_record_costs_its_dialog_only),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
