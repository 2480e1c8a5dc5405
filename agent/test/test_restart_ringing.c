// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITEs without a final answer over the end of the program: over
 * UDP a UE notices nothing, over TCP it connects again.
 */
#include "restart_ringing.h"

/* --- of the UE --- */

static void the_answer_comes(void **state)
{
	struct say ack = in_call("ACK", "b", 1);
	struct sent ringing;

	(void)state;
	ring_up_udp("180 Ringing");
	restarted(1);
	/* A repetition is no other call. */
	ue_says(the_set(), &(struct say){ .branch = "z9hG4bKring" });
	assert_int_equal(n_up, 0);
	assert_int_equal(status(), 100);
	core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	ringing = down;
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, the_set()->id);
	assert_int_equal(down.to.remote.port, the_set()->port_us);
	assert_string_equal(header(down.text, "Via"), header(ringing.text, "Via"));
	assert_non_null(strstr(header(down.text, "Via"), "z9hG4bKring"));
	assert_null(header(down.text, "P-Charging-Vector"));
	ue_says(the_set(), &ack);
	assert_starts(&up, "ACK");
	passes_up("UPDATE", 2);
	passes_down("BYE", 1);
}

/* The 2xx was lost on its way to the UE: it comes again, and again, in each life. */
static void a_2xx_is_repeated(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	for (int i = 0; i < 2; i++) {
		restarted(1);
		core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
		assert_int_equal(status(), 200);
		/* Of a fork there may be another one. */
		core_answers_it(&invite, "200 OK", "other", CORE_CONTACT);
		assert_int_equal(n_down, 2);
	}
	passes_up("UPDATE", 2);
	/* 64*T1 after the first one nothing more of it can come. */
	clock_advance(32000);
	assert_int_equal(proxy_stats_now().open, 0);
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	restarted(0);
	passes_up("UPDATE", 3);
}

static void a_refusal_comes(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	restarted(1);
	core_answers_it(&invite, "486 Busy Here", "b", "");
	assert_int_equal(status(), 486);
	assert_follows(&up, "ACK");
	ue_says(the_set(), &(struct say){ .method = "ACK", .branch = "z9hG4bKring",
					  .to = "<sip:002@example.org>;tag=b" });
	assert_int_equal(n_up, 1);
	restarted(0);
	assert_int_equal(dialog_count(), 0);
}

static void it_is_cancelled(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	restarted(1);
	ue_cancels("Reason: SIP;cause=200\r\n");
	assert_int_equal(status(), 200);
	assert_follows(&up, "CANCEL");
	assert_string_equal(header(up.text, "Reason"), "SIP;cause=200");
	core_replies("200 OK", NULL, "");
	core_answers_it(&invite, "487 Request Terminated", "b", "");
	assert_int_equal(status(), 487);
	assert_follows(&up, "ACK");
	restarted(0);
}

/* The CANCEL had its 200, the UE does not repeat it. */
static void killed_once_it_is_cancelled(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	ue_cancels("Reason: SIP;cause=200\r\n");
	restarted(1);
	clock_advance(0);
	assert_follows(&up, "CANCEL");
	assert_string_equal(header(up.text, "Reason"), "SIP;cause=200");
	/* RFC 3261 9.1: it ends in 64*T1, whatever comes. */
	clock_advance(32000);
	assert_int_equal(status(), 487);
	restarted(0);
}

/* RFC 3261 9.1: a CANCEL waits for the first 1xx, in whichever life. */
static void cancelled_before_the_first_1xx(void **state)
{
	(void)state;
	ring_up_udp(NULL);
	ue_cancels("");
	restarted(1);
	clock_advance(0);
	assert_int_equal(n_up, 0);
	core_answers_it(&invite, "100 Trying", NULL, "");
	assert_follows(&up, "CANCEL");
}

/* Nobody has answered: it is repeated as it was, until timer B. */
static void nobody_has_answered(void **state)
{
	(void)state;
	ring_up_udp(NULL);
	restarted(1);
	clock_advance(499);
	assert_int_equal(n_up, 0);
	clock_advance(1);
	assert_int_equal(n_up, 1);
	assert_string_equal(up.text, invite.text);
	clock_advance(1000);
	assert_int_equal(n_up, 2);
	core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	clock_advance(100000);
	assert_int_equal(n_up, 2);
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
	passes_up("BYE", 2);
}

static void nobody_ever_answers(void **state)
{
	(void)state;
	ring_up_udp(NULL);
	restarted(1);
	/* Where it went, and then where it may go besides: this life knows of no failure. */
	clock_advance(31999);
	assert_int_equal(n_down, 0);
	clock_advance(70000);
	assert_int_equal(status(), 408);
	restarted(0);
}

/* It does not ring for ever, in however many lives. */
static void timer_c_goes_on(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	for (int i = 0; i < 2; i++) {
		clock_advance(90000);
		restarted(1);
	}
	assert_int_equal(n_up, 0);
	/* At the most: a minute more than timer C. */
	clock_advance(65000);
	assert_follows(&up, "CANCEL");
	restarted(1);
	clock_advance(32000);
	assert_int_equal(status(), 487);
	restarted(0);
}

/* A callee that says each minute that it rings rings on; not each time is stored. */
static void it_rings_on(void **state)
{
	unsigned long commits;

	(void)state;
	ring_up_udp("180 Ringing");
	for (int i = 0; i < 10; i++) {
		clock_advance(61000);
		commits = store_stats.commits;
		core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
		assert_true(store_stats.commits == commits + 1);
		core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
		assert_true(store_stats.commits == commits + 1);
	}
	clock_advance(180000);
	restarted(1);
	clock_advance(4000);
	assert_int_equal(n_up, 0);
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
}

static void within_a_call(void **state)
{
	struct say again = in_call("INVITE", "b", 3);

	(void)state;
	registered_set();
	call_up("200 OK");
	clock_advance(200000);
	again.branch = "z9hG4bKre";
	ue_says(the_set(), &again);
	invite = up;
	core_replies("100 Trying", NULL, "");
	restarted(1);
	ue_says(the_set(), &again);
	assert_int_equal(n_up, 0);
	reply(&invite, &(struct flow){ .side = FLOW_MW, .local = mw, .remote = invite.to.remote },
	      "200 OK", NULL, CORE_CONTACT);
	assert_int_equal(status(), 200);
	clock_advance(32000);
	restarted(0);
	passes_up("BYE", 4);
}

static void an_orderly_end_is_no_other(void **state)
{
	(void)state;
	ring_up_udp("180 Ringing");
	stopped_and_started();
	assert_int_equal(restart_stats.invites, 1);
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
}

/* A new set while nobody lives: the old one is lost. */
static void on_another_set(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);
	uint32_t lost = old->id, id;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_accepts(600000);
	id = new->id;
	ring_up(&f, "180 Ringing", NULL);
	store_close();
	end_of_life();
	fake_kernel.sets[lost].there = false;
	fake_kernel.n--;
	live();
	assert_int_equal(restart_stats.invites, 1);
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	ue_says(set_find(id), &(struct say){ .branch = "z9hG4bKring" });
	assert_int_equal(status(), 200);
}

/* --- over TCP --- */

static void over_tcp(void **state)
{
	struct flow f = protected_flow(registered_set());

	(void)state;
	f.tcp = true;
	f.conn = 77;
	ring_up(&f, "180 Ringing", NULL);
	restarted(1);
	/* A connection of ours, and then the one the UE has opened meanwhile. */
	our_tcp = true;
	core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	assert_int_equal(down.to.conn, 901);
	restarted(1);
	their_tcp = true;
	core_answers_it(&invite, "183 Session Progress", "b", CORE_CONTACT);
	assert_int_equal(down.to.conn, 902);
	f.conn = 5;
	say(&f, &(struct say){ .method = "CANCEL", .branch = "z9hG4bKring" });
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.conn, 5);
	assert_follows(&up, "CANCEL");
	core_answers_it(&invite, "487 Request Terminated", "b", "");
	assert_int_equal(status(), 487);
}

/* The core's connections do not outlive us, either. */
static void the_cores_tcp(void **state)
{
	struct flow f = core_flow(), other = core_flow();

	(void)state;
	registered_set();
	f.tcp = other.tcp = true;
	f.conn = 55;
	f.remote.port = 40000;
	ring_down(&f);
	restarted(1);
	ue_answers("183 Session Progress");
	assert_starts(&up, "SIP/2.0 183");
	assert_int_equal(up.to.conn, 903);
	/* From another connection of the same peer, with another port. */
	other.conn = 3;
	other.remote.port = 40001;
	say(&other, &(struct say){ .method = "CANCEL", .uri = "sip:001@10.45.0.3:8000",
				   .route = path_of(the_set()), .branch = "z9hG4bKcore",
				   .from = "<sip:002@example.org>;tag=c",
				   .to = "<sip:001@example.org>" });
	assert_starts(&up, "SIP/2.0 200");
	assert_follows(&down, "CANCEL");
}

/* --- to the UE --- */

/* The line that leads the core into the call. */
static const char *our_route(void)
{
	static char line[160];

	snprintf(line, sizeof(line), "Route: <sip:%s@192.0.2.1:5060;lr>, "
		 "<sip:10.4.128.21:6100;lr>\r\n", token);
	return line;
}

static void the_ue_answers(void **state)
{
	struct flow f = core_flow();

	(void)state;
	registered_set();
	ring_down(&f);
	restarted(1);
	/* The core's repetition gets no further. */
	say(&f, &(struct say){ .uri = "sip:001@10.45.0.3:8000", .route = path_of(the_set()),
			       .from = "<sip:002@example.org>;tag=c",
			       .to = "<sip:001@example.org>", .branch = "z9hG4bKcore" });
	assert_int_equal(n_down, 0);
	assert_starts(&up, "SIP/2.0 100");
	ue_answers("200 OK");
	assert_starts(&up, "SIP/2.0 200");
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:001@example.org>");
	assert_string_equal(header(up.text, "P-Charging-Vector"), "icid-value=\"theirs\"");
	assert_non_null(strstr(header(up.text, "Via"), "z9hG4bKcore"));
	assert_string_equal(lines_of(&up, "Record-Route"), lines_of(&invite, "Record-Route"));
	assert_int_equal(proxy_stats_now().restored, 0);
	core_says(&(struct say){ .method = "ACK", .uri = "sip:001@10.45.0.3:8000",
				 .from = "<sip:002@example.org>;tag=c",
				 .to = "<sip:001@example.org>;tag=u", .route = our_route() });
	assert_starts(&down, "ACK");
}

static void what_the_ue_forges_is_restored(void **state)
{
	struct flow f = core_flow(), ue;
	struct sent forged;

	(void)state;
	registered_set();
	ring_down(&f);
	restarted(1);
	forged = invite;
	memcpy(strstr(forged.text, "192.0.2.2:5060"), "192.0.2.9:5060", 14);
	ue = protected_flow(the_set());
	reply(&forged, &ue, "200 OK", "u", UE_CONTACT);
	assert_starts(&up, "SIP/2.0 200");
	assert_int_equal(proxy_stats_now().restored, 1);
	assert_null(strstr(header(up.text, "Via"), "192.0.2.9"));
}

static void the_ue_is_cancelled(void **state)
{
	struct flow f = core_flow();

	(void)state;
	registered_set();
	ring_down(&f);
	restarted(1);
	say(&f, &(struct say){ .method = "CANCEL", .uri = "sip:001@10.45.0.3:8000",
			       .route = path_of(the_set()), .branch = "z9hG4bKcore",
			       .from = "<sip:002@example.org>;tag=c",
			       .to = "<sip:001@example.org>" });
	assert_starts(&up, "SIP/2.0 200");
	assert_follows(&down, "CANCEL");
	assert_int_equal(down.to.set, the_set()->id);
	ue_answers("487 Request Terminated");
	assert_starts(&up, "SIP/2.0 487");
	assert_follows(&down, "ACK");
	restarted(0);
}

/* --- others --- */

/* A branch that was heard of proves nothing: nor does another UE's CANCEL. */
static void not_for_others(void **state)
{
	struct sent forged;

	(void)state;
	ring_up_udp("180 Ringing");
	restarted(1);
	forged = invite;
	forged.to.remote.ip[3] = 3;
	reply(&forged, &(struct flow){ .side = FLOW_MW, .local = mw,
				       .remote = forged.to.remote }, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(n_down, 0);
	ue_says(the_set(), &(struct say){ .method = "CANCEL", .branch = "z9hG4bKother" });
	assert_int_equal(status(), 481);
	ue_says(the_set(), &(struct say){ .method = "CANCEL", .branch = "z9hG4bKring",
					  .call = "another" });
	assert_int_equal(status(), 481);
	assert_int_equal(n_up, 0);
}

/* Nothing leaves, nor is a UE told to wait, before it is stored. */
static void nothing_leaves_before_it_is_stored(void **state)
{
	struct flow f = protected_flow(registered_set());
	unsigned long commits = store_stats.commits;

	(void)state;
	ring_up(&f, NULL, NULL);
	assert_true(up.commits == commits + 1 && !up.unsaved);
	assert_int_equal(status(), 100);
	assert_true(down.commits == commits + 1);
	core_answers_it(&invite, "100 Trying", NULL, "");
	assert_true(store_stats.commits == commits + 2);
	core_answers_it(&invite, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	assert_int_equal(down.unsaved, 0);
	commits = store_stats.commits;
	ue_cancels("");
	assert_true(up.commits == commits + 1 && !up.unsaved);
	assert_starts(&up, "CANCEL");
	assert_int_equal(status(), 200);
	/* What ends it has left before it is forgotten, and before the core believes us. */
	commits = store_stats.commits;
	core_answers_it(&invite, "487 Request Terminated", "b", "");
	assert_true(down.commits == commits);
	assert_starts(&up, "ACK");
	assert_true(up.commits > commits);
}

/* --- what else is no INVITE --- */

/* A UE repeats it to the next life, and the core sees a repetition (RFC 3261 16.11). */
static void a_request_has_its_branch_again(void **state)
{
	struct say bye = in_call("BYE", "b", 2);
	char first[1024];

	(void)state;
	registered_set();
	call_up("200 OK");
	bye.branch = "z9hG4bKbye";
	ue_says(the_set(), &bye);
	snprintf(first, sizeof(first), "%s", header(up.text, "Via"));
	killed_and_started();
	ue_says(the_set(), &bye);
	assert_string_equal(header(up.text, "Via"), first);
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	bye.branch = "z9hG4bKbye2";
	ue_says(the_set(), &bye);
	assert_string_not_equal(header(up.text, "Via"), first);
	/* Nor what begins a dialog: its Record-Route is another one. */
	for (int i = 0; i < 2; i++) {
		killed_and_started();
		snprintf(first, sizeof(first), "%s", header(up.text, "Via"));
		ue_says(the_set(), &(struct say){ .method = "SUBSCRIBE", .call = "s",
						  .branch = "z9hG4bKsub" });
		assert_string_not_equal(header(up.text, "Via"), first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TS(the_answer_comes), TS(a_2xx_is_repeated), TS(a_refusal_comes),
		TS(it_is_cancelled), TS(killed_once_it_is_cancelled),
		TS(cancelled_before_the_first_1xx), TS(nobody_has_answered),
		TS(nobody_ever_answers), TS(timer_c_goes_on), TS(it_rings_on),
		TS(within_a_call), TS(an_orderly_end_is_no_other), TS(on_another_set),
		TS(over_tcp), TS(the_cores_tcp), TS(the_ue_answers), TS(what_the_ue_forges_is_restored), TS(the_ue_is_cancelled),
		TS(not_for_others), TS(nothing_leaves_before_it_is_stored),
		TS(a_request_has_its_branch_again),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
