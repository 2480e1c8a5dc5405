// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls and subscriptions from their first request to their last: dialogs,
 * forks, ACK, CANCEL, PRACK, UPDATE, re-INVITE (pcscf-sip 4, 5; RFC 3261 12 to
 * 17, RFC 6026, RFC 6665).
 */
#include "call_world.h"

static void a_call_of_the_ue(void **state)
{
	struct set *s = registered_set();
	struct say bye = in_call("BYE", "b", 2);

	(void)state;
	call_up(s, "b");
	/* The UE sees the whole route, its own side of us at the bottom. */
	assert_non_null(strstr(lines_of(&down, "Record-Route"),
			       "Record-Route: <sip:10.4.128.21:6100;lr>\r\n"));
	n_up = 0;
	ue_acks(s, "b");
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "ACK sip:002@192.0.2.99 SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK", 78);
	assert_string_equal(lines_of(&up, "Route"), DIALOG_ROUTE);
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_null(header(up.text, "P-Charging-Vector"));
	n_down = 0;
	ue_says(s, &bye);
	/* The Route was missing: replaced by what was recorded (5.2.6.3.5). */
	assert_string_equal(lines_of(&up, "Route"), DIALOG_ROUTE);
	assert_null(header(up.text, "Record-Route"));
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_int_equal(n_down, 0);
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	/* What crosses the BYE still gets through; 64*T1 later it is forgotten. */
	core_in_call("BYE", "b", token, 9);
	assert_memory_equal(down.text, "BYE sip:001@10.45.0.3:8000", 26);
	clock_advance(300000);
	assert_int_equal(dialog_count(), 0);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(transaction_stats.server, 0);
}

static void one_charging_id_in_a_call(void **state)
{
	struct set *s = registered_set();
	struct sent invite = call_up(s, "b");
	struct say bye = in_call("BYE", "b", 2);

	(void)state;
	ue_says(s, &bye);
	assert_string_equal(header(up.text, "P-Charging-Vector"),
			    header(invite.text, "P-Charging-Vector"));
}

static void a_call_to_the_ue(void **state)
{
	struct set *s = registered_set();
	struct say bye = { .method = "BYE", .uri = "sip:002@192.0.2.99", .cseq = 1,
			   .from = "<sip:001@example.org>;tag=u",
			   .to = "<sip:002@example.org>;tag=c" };

	(void)state;
	core_invites(s, core_route);
	snprintf(token, sizeof(token), "%s", dialog_token(&down));
	ue_replies(s, "180 Ringing", "u", "");
	ue_replies(s, "200 OK", "u", "Contact: <sip:001@10.45.0.3:8000>\r\n");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
	n_down = 0;
	core_says(&(struct say){ .method = "ACK", .uri = "sip:001@10.45.0.3:8000",
				 .from = "<sip:002@example.org>;tag=c",
				 .to = "<sip:001@example.org>;tag=u", .route = (char[128]){ 0 } });
	assert_int_equal(n_down, 0);		/* without a Route it is for nobody */
	{
		char route[128];

		snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>, "
			 "<sip:10.4.128.21:6100;lr>\r\n", token);
		core_says(&(struct say){ .method = "ACK", .uri = "sip:001@10.45.0.3:8000",
					 .from = "<sip:002@example.org>;tag=c",
					 .to = "<sip:001@example.org>;tag=u", .route = route });
	}
	assert_int_equal(n_down, 1);
	assert_memory_equal(down.text, "ACK sip:001@10.45.0.3:8000 SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 10.4.128.21:6100;", 70);
	assert_null(header(down.text, "Route"));
	assert_int_equal(down.to.set, s->id);
	ue_says(s, &bye);
	assert_string_equal(lines_of(&up, "Route"),
			    "Route: <sip:mt@192.0.2.5;lr>, <sip:mo@192.0.2.2;lr>\r\n");
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
}

/* RFC 3261 12.2.1.1: nobody but us recorded a route; then the remote target is next. */
static void a_core_that_records_no_route(void **state)
{
	static const struct {
		const char *target, *want;
	} rows[] = {
		{ "sip:002@192.0.2.99:5070;transport=UDP", "192.0.2.99:5070" },
		/* Where that is not to be trusted, mw-next-hop has to know. */
		{ "sip:002@203.0.113.9", "192.0.2.2:5060" },
	};
	struct set *s = registered_set();
	char call[8];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct say later = in_call("UPDATE", "b", 2);

		snprintf(call, sizeof(call), "n%zu", i);
		ue_says(s, &(struct say){ .call = call });
		core_replies("200 OK", "b", "");
		later.call = call;
		later.uri = rows[i].target;
		ue_says(s, &later);
		assert_memory_equal(up.text, "UPDATE", 6);
		assert_string_equal(addr_text(&up.to.remote), rows[i].want);
		assert_null(header(up.text, "Route"));
		core_replies("200 OK", NULL, "");
		assert_int_equal(status(), 200);
		later.method = "ACK";
		ue_says(s, &later);
		assert_memory_equal(up.text, "ACK", 3);
		assert_string_equal(addr_text(&up.to.remote), rows[i].want);
	}
}

/* RFC 6026: 2xx are repeated through us, the INVITE is absorbed. */
static void accepted_calls(void **state)
{
	struct set *s = registered_set();
	struct sent invite = call_up(s, "b");

	(void)state;
	n_down = n_up = 0;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	assert_int_equal(n_down + n_up, 0);
	core_answers_invite(&invite, "200 OK", "b");
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 200);
	core_answers_invite(&invite, "180 Ringing", "b");
	core_answers_invite(&invite, "486 Busy Here", "b");
	assert_int_equal(n_down, 1);
	clock_advance(32000);
	core_answers_invite(&invite, "200 OK", "b");
	assert_int_equal(n_down, 1);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(dialog_count(), 1);
}

static void refused_calls(void **state)
{
	struct set *s = registered_set();
	struct say ack = in_call("ACK", "b", 1);
	struct sent invite;

	(void)state;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	n_up = 0;
	core_answers_invite(&invite, "486 Busy Here", "b");
	/* The ACK to the core is ours, along the same way. */
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "ACK sip:002@example.org SIP/2.0\r\n", 33);
	assert_memory_equal(header(up.text, "Via"), header(invite.text, "Via"), 70);
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
	assert_string_equal(header(up.text, "To"), "<sip:002@example.org>;tag=b");
	assert_int_equal(status(), 486);
	core_answers_invite(&invite, "486 Busy Here", "b");
	assert_int_equal(n_up, 2);
	/* Repeated to the UE until its ACK comes: timer G, T1 of 2 s. */
	n_down = 0;
	clock_advance(2000);
	assert_int_equal(n_down, 1);
	clock_advance(4000);
	assert_int_equal(n_down, 2);
	ack.branch = "z9hG4bKinvite";
	ue_says(s, &ack);
	clock_advance(16000);
	assert_int_equal(n_down, 2);
	assert_int_equal(n_up, 2);
	clock_advance(1000);			/* timer I: T4 of 17 s */
	assert_int_equal(transaction_stats.server, 2);		/* those of REGISTER */
	assert_int_equal(dialog_count(), 0);
}

static void cancelled_calls(void **state)
{
	struct set *s = registered_set();
	struct sent invite;

	(void)state;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	core_answers_invite(&invite, "180 Ringing", "b");
	ue_says(s, &(struct say){ .method = "CANCEL", .branch = "z9hG4bKinvite",
				  .extra = "Reason: SIP;cause=200\r\n" });
	assert_int_equal(status(), 200);
	assert_string_equal(header(down.text, "CSeq"), "1 CANCEL");
	assert_memory_equal(up.text, "CANCEL sip:002@example.org", 26);
	assert_memory_equal(header(up.text, "Via"), header(invite.text, "Via"), 70);
	assert_string_equal(lines_of(&up, "Route"), lines_of(&invite, "Route"));
	assert_string_equal(header(up.text, "Reason"), "SIP;cause=200");
	core_replies("200 OK", "x", "");
	core_answers_invite(&invite, "487 Request Terminated", "b");
	assert_int_equal(status(), 487);
	/* The other side may have been faster: then it is a call. */
	ue_says(s, &(struct say){ .branch = "z9hG4bK2", .call = "2" });
	invite = up;
	core_answers_invite(&invite, "180 Ringing", "b");
	ue_says(s, &(struct say){ .method = "CANCEL", .branch = "z9hG4bK2", .call = "2" });
	core_answers_invite(&invite, "200 OK", "b");
	assert_int_equal(status(), 200);
	assert_string_equal(header(down.text, "CSeq"), "1 INVITE");
}

static void requests_within_calls(void **state)
{
	static const char * const methods[] = { "UPDATE", "INFO", "INVITE", "MESSAGE", "REFER",
						"NOTIFY", "OPTIONS", "FOO" };
	struct set *s = registered_set();

	(void)state;
	call_up(s, "b");
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	ue_acks(s, "b");
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct say there = in_call(methods[i], "b", 10 + i);

		n_up = n_down = 0;
		ue_says(s, &there);
		assert_int_equal(n_up, 1);
		assert_string_equal(lines_of(&up, "Route"), DIALOG_ROUTE);
		assert_null(header(up.text, "Record-Route"));
		core_replies("200 OK", NULL, "");
		assert_int_equal(status(), 200);
		n_down = 0;
		core_in_call(methods[i], "b", token, 30 + i);
		assert_int_equal(n_down, 1);
		assert_memory_equal(down.text, methods[i], strlen(methods[i]));
		assert_null(header(down.text, "Route"));
		ue_replies(s, "200 OK", NULL, "");
		assert_memory_equal(up.text, "SIP/2.0 200", 11);
	}
	/* The ACK of the re-INVITE, both ways. */
	n_up = n_down = 0;
	ue_acks(s, "b");
	core_in_call("ACK", "b", token, 32);
	assert_int_equal(n_up, 1);
	assert_int_equal(n_down, 1);
}

/* TS 24.229 5.2.6.3.5: who is not party of a dialog is refused. */
static void other_peoples_calls(void **state)
{
	struct set *s = registered_set(), *other;
	struct flow clear = clear_flow(), f;
	struct say bye = in_call("BYE", "b", 2);

	(void)state;
	call_up(s, "b");
	ask(&clear, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch,
				   .impi = "002@example.org" });
	core_challenges(GOOD_KEYS);
	other = last_set();
	f = protected_flow(other);
	ask(&f, &(struct ask){ .client = other->client, .verify = other->server,
			       .expires = 600000, .response = "0123", .branch = ++branch,
			       .impi = "002@example.org" });
	core_accepts(600000);
	assert_ptr_not_equal(other->ue, s->ue);
	n_up = 0;
	ue_says(other, &bye);
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.set, other->id);
	/* Nor as the other side of it, nor with its CANCEL. */
	bye.from = "<sip:002@example.org>;tag=b";
	bye.to = "<sip:001@example.org>;tag=a";
	ue_says(other, &bye);
	assert_int_equal(status(), 403);
	ue_says(s, &(struct say){ .branch = "z9hG4bKringing", .call = "3" });
	core_replies("180 Ringing", "r", "");
	n_up = 0;
	ue_says(other, &(struct say){ .method = "CANCEL", .branch = "z9hG4bKringing",
				      .call = "3" });
	assert_int_equal(status(), 481);
	assert_int_equal(n_up, 0);
}

/* The core's own requests, too, have to be in the dialog whose token they bear. */
static void tokens_alone_do_not_do(void **state)
{
	struct set *s = registered_set();

	(void)state;
	call_up(s, "b");
	n_down = 0;
	core_in_call("BYE", "x", token, 2);
	assert_memory_equal(up.text, "SIP/2.0 481", 11);
	assert_int_equal(n_down, 0);
}

static void subscriptions(void **state)
{
	struct set *s = registered_set();
	struct sent subscribe;
	struct say again = in_call("SUBSCRIBE", "n", 2);

	(void)state;
	ue_says(s, &(struct say){ .method = "SUBSCRIBE",
				  .extra = "Event: reg\r\nExpires: 600000\r\n" });
	subscribe = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	/* RFC 6665 4.1.2.4: the NOTIFY is faster than the answer. */
	n_down = 0;
	core_in_call("NOTIFY", "n", token, 1);
	assert_int_equal(n_down, 1);
	assert_non_null(strstr(lines_of(&down, "Record-Route"), token));
	ue_replies(s, "200 OK", NULL, "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
	up = subscribe;
	core_replies("200 OK", "n", "Expires: 1000\r\n");
	assert_int_equal(status(), 200);
	clock_advance(900000);
	ue_says(s, &again);
	core_replies("200 OK", NULL, "Expires: 1000\r\n");
	clock_advance(1000000);
	n_down = 0;
	core_in_call("NOTIFY", "n", token, 5);
	assert_int_equal(n_down, 1);
	clock_advance(DRAIN);
	core_in_call("NOTIFY", "n", token, 6);
	assert_memory_equal(up.text, "SIP/2.0 404", 11);
	assert_int_equal(dialog_count(), 0);
}

static void a_notify_ends_a_subscription(void **state)
{
	struct set *s = registered_set();
	char from[] = "<sip:002@example.org>;tag=n", route[160];

	(void)state;
	ue_says(s, &(struct say){ .method = "SUBSCRIBE" });
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_replies("200 OK", "n", "Expires: 600000\r\n");
	snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>\r\n", token);
	core_says(&(struct say){ .method = "NOTIFY", .from = from, .route = route,
				 .to = "<sip:001@example.org>;tag=a",
				 .uri = "sip:001@10.45.0.3:8000",
				 .extra = "Subscription-State: terminated;reason=timeout\r\n" });
	assert_memory_equal(down.text, "NOTIFY", 6);
	clock_advance(DRAIN);
	assert_int_equal(dialog_count(), 0);
}

/* RFC 3515: outside of a dialog it begins one, and its NOTIFYs come along it. */
static void a_refer_is_a_subscription(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "REFER", .extra = "Refer-To: <sip:003@example.org>\r\n" });
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	assert_non_null(strstr(lines_of(&up, "Record-Route"), "<sip:10.4.128.21:6100;lr>"));
	core_replies("202 Accepted", "n", "");
	assert_int_equal(status(), 202);
	n_down = 0;
	core_in_call("NOTIFY", "n", token, 1);
	assert_int_equal(n_down, 1);
	ue_replies(s, "200 OK", NULL, "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

/* TS 24.229 5.2.5.1: its SAs drain so that the last messages go out; a call's among them. */
static void a_call_outlasts_its_registration(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	struct say bye = in_call("BYE", "b", 2);

	(void)state;
	call_up(s, "b");
	ue_acks(s, "b");
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_int_equal(registrar_count(), 0);
	n_down = 0;
	core_in_call("UPDATE", "b", token, 3);
	assert_int_equal(n_down, 1);
	assert_int_equal(down.to.set, s->id);
	ue_replies(s, "200 OK", NULL, "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
	ue_says(s, &bye);
	assert_memory_equal(up.text, "BYE", 3);
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 0);
	assert_int_equal(dialog_count(), 0);
}

/* Dialogs end with their UE, and of too many the longest unused goes. */
static void memory_of_dialogs(void **state)
{
	struct set *s = registered_set();
	char call[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct sent invite;

		snprintf(call, sizeof(call), "c%d", i);
		ue_says(s, &(struct say){ .call = call });
		invite = up;
		core_answers_invite(&invite, "200 OK", "b");
		/* The first is in use all the time. */
		if (i) {
			struct say info = in_call("INFO", "b", 1 + i);

			info.call = "c0";
			ue_says(s, &info);
			assert_memory_equal(up.text, "INFO", 4);
			core_replies("200 OK", NULL, "");
		}
	}
	assert_int_equal(dialog_count(), 32);
	ue_says(s, &(struct say){ .method = "BYE", .call = "c1",
				  .to = "<sip:002@example.org>;tag=b" });
	assert_int_equal(status(), 481);
	registrar_kernel_lost(s->id);
	clock_advance(600000000);
	assert_int_equal(dialog_count(), 0);
	assert_null(registrar_first());
}

/* Everything that a UE and a core may say, damaged: nothing is lost or kept. */
static void damaged_calls(void **state)
{
	struct set *s = registered_set();
	char call[32];

	(void)state;
	memset(&sip_stats, 0, sizeof(sip_stats));
	mutating = true;
	for (int i = 0; i < 4000; i++) {
		struct say bye = in_call("BYE", "b", 2);
		struct sent sent;

		snprintf(call, sizeof(call), "d%d", i);
		bye.call = call;
		ue_says(s, &(struct say){ .call = call });
		if (!header(up.text, "CSeq") || !strstr(up.text, "Record-Route: <sip:"))
			continue;
		sent = up;
		core_answers_invite(&sent, "183 Session Progress", "b");
		core_answers_invite(&sent, "200 OK", "b");
		ue_says(s, &bye);
		core_invites(s, core_route);
		if (header(down.text, "CSeq") && header(down.text, "From") &&
		    header(down.text, "To") && header(down.text, "Call-ID"))
			ue_replies(s, dice(2) ? "200 OK" : "486 Busy Here", "u", "");
		clock_advance(dice(20000));
	}
	mutating = false;
	print_message("%lu messages, %lu unreadable, %lu malformed\n", sip_stats.received,
		      sip_stats.unreadable, sip_stats.malformed);
	clock_advance(1000000);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_true(sip_stats.malformed > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_call_of_the_ue), T(one_charging_id_in_a_call), T(a_call_to_the_ue),
		T(a_core_that_records_no_route),
		T(accepted_calls), T(refused_calls), T(cancelled_calls),
		T(requests_within_calls), T(other_peoples_calls), T(tokens_alone_do_not_do),
		T(subscriptions), T(a_notify_ends_a_subscription), T(a_refer_is_a_subscription),
		T(a_call_outlasts_its_registration), T(memory_of_dialogs),
		T(damaged_calls),
	};

	log_threshold = getenv("V") ? LOG_LEVEL_DEBUG : LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
