// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITEs without a final answer over the end of the program (design 4.5): over
 * UDP a UE notices nothing, over TCP it connects again.
 */
#include "restart_calls.h"
#include "store_invite.h"

#define CORE_CONTACT "Contact: <sip:002@192.0.2.99>\r\n"
#define UE_CONTACT "Contact: <sip:001@10.45.0.3:8000>\r\n"

static struct sent invite;		/* as it was forwarded */

static void restarted(unsigned int invites)
{
	killed_and_started();
	assert_int_equal(restart_stats.refused, 0);
	assert_int_equal(restart_stats.invites, invites);
	n_up = n_down = 0;
	down.text[0] = up.text[0] = '\0';
}

/* The UE calls; @status_line: how far it gets, NULL: no answer. */
static void ring_up(const struct flow *f, const char *status_line, const char *extra)
{
	say(f, &(struct say){ .branch = "z9hG4bKring", .extra = extra });
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	if (status_line)
		core_answers_it(&invite, status_line, "b", CORE_CONTACT);
}

static void ring_up_udp(const char *status_line)
{
	struct flow f = protected_flow(registered_set());

	ring_up(&f, status_line, NULL);
}

/* The core calls, the UE rings. */
static void ring_down(const struct flow *f)
{
	say(f, &(struct say){ .uri = "sip:001@10.45.0.3:8000", .route = path_of(the_set()),
			      .from = "<sip:002@example.org>;tag=c",
			      .to = "<sip:001@example.org>", .branch = "z9hG4bKcore",
			      .extra = "Record-Route: <sip:mo@192.0.2.2;lr>\r\n"
				       "P-Called-Party-ID: <sip:001@example.org>\r\n"
				       "P-Charging-Vector: icid-value=\"theirs\"\r\n" });
	invite = down;
	snprintf(token, sizeof(token), "%s", dialog_token(&down));
	ue_replies(the_set(), "180 Ringing", "u", UE_CONTACT);
}

static void ue_answers(const char *status_line)
{
	struct flow f = protected_flow(the_set());

	reply(&invite, &f, status_line, "u", UE_CONTACT);
}

static void ue_cancels(const char *extra)
{
	ue_says(the_set(), &(struct say){ .method = "CANCEL", .branch = "z9hG4bKring",
					  .extra = extra });
}

static void assert_starts(const struct sent *s, const char *with)
{
	if (strncmp(s->text, with, strlen(with)) != 0)
		fail_msg("not %s, but %s", with, s->text);
}

/* It follows the INVITE that was forwarded hop by hop (RFC 3261 9.1, 17.1.1.3). */
static void assert_follows(const struct sent *s, const char *method)
{
	char via[1024];

	assert_starts(s, method);
	snprintf(via, sizeof(via), "%s", header(invite.text, "Via"));
	assert_string_equal(header(s->text, "Via"), via);
	assert_string_equal(lines_of(s, "Route"), lines_of(&invite, "Route"));
}

static unsigned int invites_stored(void)
{
	killed_and_started();
	return restart_stats.invites;
}

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

/* --- bounds, and records that are none --- */

/* Beyond 24 KiB it is none; the call itself goes on. */
static void too_large(void **state)
{
	static char body[20000];
	struct flow f = protected_flow(registered_set());
	static char text[24000];

	(void)state;
	for (int large = 0; large < 2; large++) {
		snprintf(body, sizeof(body), "%0*d", large ? 12000 : 5000, 1);
		snprintf(text, sizeof(text), "INVITE sip:002@example.org SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"
			 "From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
			 "Subject: %s\r\nCall-ID: %d\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
			 large, body, large);
		n_up = 0;
		test_limits = sip_limits_default;
		test_limits.message = test_limits.line = 20000;
		sip_init(&cfg);
		receive_octets(&f, text);
		assert_int_equal(n_up, 1);
		assert_int_equal(status(), 100);
		assert_int_equal(invites_stored(), 1);
	}
	assert_int_equal(restart_stats.refused, 0);
}

static void so_many_of_a_ue(void **state)
{
	char call[16];

	(void)state;
	registered_set();
	for (int i = 0; i < 12; i++) {
		snprintf(call, sizeof(call), "c%d", i);
		ue_says(the_set(), &(struct say){ .call = call });
	}
	assert_int_equal(invites_stored(), 8);
	assert_int_equal(restart_stats.refused, 0);
	end_stored(state);
	begin_stored(state);
	/* Those that were accepted take no room of those that ring. */
	registered_set();
	for (int i = 0; i < 12; i++) {
		snprintf(call, sizeof(call), "c%d", i);
		ue_says(the_set(), &(struct say){ .call = call });
		core_answers_it(&up, "200 OK", "b", CORE_CONTACT);
	}
	ue_says(the_set(), &(struct say){ .call = "more" });
	assert_int_equal(invites_stored(), 9);
	ue_says(the_set(), &(struct say){ .call = "yet more" });
	assert_int_equal(invites_stored(), 10);
	clock_advance(32000);
	assert_int_equal(the_set()->ue->n_accepted, 0);
	assert_int_equal(invites_stored(), 2);
}

static const char came[] =
	"INVITE sip:002@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\nMax-Forwards: 70\r\n"
	"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
	"Call-ID: call1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

static const char left[] =
	"INVITE sip:002@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKours\r\n"
	"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\n"
	"Record-Route: <sip:0123456789abcdef01234567@192.0.2.1:5060;lr>\r\nMax-Forwards: 69\r\n"
	"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
	"Call-ID: call1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

static char path_token[33];

/* As it lies in the store while the DNS is asked; of the UE that is registered. */
static struct store_invite waiting(void)
{
	struct flow f = protected_flow(the_set());

	snprintf(path_token, sizeof(path_token), "%s", the_set()->ue->token);
	return (struct store_invite){
		.ue = str_of(path_token), .from_ue = true,
		.token = STR_LIT("0123456789abcdef01234567"), .request = str_of(came),
		.reason = STR_LIT(""), .ends = UINT64_C(1) << 62,
		.from = { .set = f.set, .local = f.local, .remote = f.remote },
	};
}

/* And once it has gone to the core. */
static struct store_invite sent(void)
{
	struct store_invite i = waiting();

	i.state = STORE_INVITE_HEARD;
	i.to = (struct store_way){ .tcp = true, .local = mw, .remote = core_flow().remote };
	i.sent = str_of(left);
	i.branch = STR_LIT("z9hG4bKours");
	return i;
}

static void live_with(const struct store_invite *i)
{
	struct octets value = { 0 };

	store_close();
	end_of_life();
	store_invite_write(&value, i);
	forge(STR_LIT("I0123456789abcdef01234567"), octets_str(&value));
	octets_free(&value);
	n_up = 0;
	live();
}

static void one_that_waited_for_the_dns(void **state)
{
	struct store_invite i;

	(void)state;
	registered_set();
	i = waiting();
	live_with(&i);
	assert_int_equal(restart_stats.invites, 1);
	/* From the loop: there are no sockets yet. */
	assert_int_equal(n_up, 0);
	clock_advance(0);
	assert_int_equal(n_up, 1);
	assert_starts(&up, "INVITE");
	assert_string_equal(dialog_token(&up), "0123456789abcdef01234567");
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
	passes_up("BYE", 2);
}

/* To the core over TCP: its answer comes along another connection, and so goes ours. */
static void it_went_over_tcp(void **state)
{
	struct flow f = core_flow();
	struct store_invite i;

	(void)state;
	registered_set();
	i = sent();
	snprintf(invite.text, sizeof(invite.text), "%s", left);
	live_with(&i);
	assert_int_equal(restart_stats.invites, 1);
	n_down = 0;
	/* What went over TCP is answered over TCP, and by its peer. */
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	f.tcp = true;
	f.conn = 9;
	f.remote.port = 40001;
	f.remote.ip[3] = 3;
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(n_down, 0);
	f.remote.ip[3] = 2;
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	ue_cancels("");
	assert_starts(&up, "CANCEL");
	assert_int_equal(up.to.conn, 903);
	reply(&invite, &f, "487 Request Terminated", "b", "");
	assert_int_equal(status(), 487);
	assert_starts(&up, "ACK");
	assert_int_equal(up.to.conn, 903);
}

static void makes_no_sense(const struct store_invite *i, unsigned int refused)
{
	live_with(i);
	assert_int_equal(restart_stats.invites, 0);
	assert_int_equal(restart_stats.refused, refused);
	assert_int_equal(restart_stats.ues, 1);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(the_set()->ue->n_invites, 0);
	clock_advance(0);
	assert_int_equal(n_up, 0);
	killed_and_started();
	assert_int_equal(restart_stats.refused, 0);
}

static void records_that_make_no_sense(void **state)
{
	static const char message[] =
		"MESSAGE sip:002@example.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\nMax-Forwards: 70\r\n"
		"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
		"Call-ID: call1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n";
	struct store_invite i;

	(void)state;
	registered_set();
	i = waiting();
	i.request = STR_LIT("rubbish");
	makes_no_sense(&i, 1);
	i.request = str_of(message);
	makes_no_sense(&i, 1);
	/* What has left is no INVITE of ours. */
	i = sent();
	i.sent = STR_LIT("rubbish");
	makes_no_sense(&i, 1);
	i = sent();
	i.branch = STR_LIT("z9hG4bKother");
	makes_no_sense(&i, 1);
	/* Nobody's any more, or in a call that is over: no error. */
	i = sent();
	i.ue = STR_LIT("00000000000000000000000000000000");
	makes_no_sense(&i, 0);
	i = sent();
	i.inside = true;
	makes_no_sense(&i, 0);
	i = sent();
	i.state = STORE_INVITE_ACCEPTED;
	makes_no_sense(&i, 0);
	/* Of nobody, for nobody. */
	i = sent();
	i.from.set = 0;
	makes_no_sense(&i, 1);
	i = sent();
	i.to.set = i.from.set;
	makes_no_sense(&i, 1);
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
		TS(a_request_has_its_branch_again), TS(too_large), TS(so_many_of_a_ue),
		TS(one_that_waited_for_the_dns), TS(it_went_over_tcp),
		TS(records_that_make_no_sense),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
