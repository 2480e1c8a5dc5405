// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Our subscription to the registration state of a UE, from wire to wire, with
 * a notifier that keeps the rules and one that does not (TS 24.229 5.2.3,
 * RFC 3680, RFC 6665).
 */
#include "notifier.h"

/* --- SUBSCRIBE --- */

static void subscribe_after_the_first_200(void **state)
{
	struct set *s = registered_set();
	char registered_as[256];

	(void)state;
	/* The 200 OK goes first. */
	assert_int_equal(status(), 200);
	snprintf(registered_as, sizeof(registered_as), "%s",
		 strstr(header(up.text, "P-Charging-Vector"), ";orig-ioi="));
	assert_false(subscribe_came());
	clock_run();
	assert_true(subscribe_came());
	assert_memory_equal(up.text, "SUBSCRIBE sip:001@example.org SIP/2.0\r\n", 39);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_memory_equal(header(up.text, "From"), "<sip:192.0.2.1:5060>;tag=", 25);
	assert_string_equal(header(up.text, "To"), "<sip:001@example.org>");
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:192.0.2.1:5060>");
	assert_string_equal(header(up.text, "Contact"), "<sip:regevent@192.0.2.1:5060>");
	assert_string_equal(header(up.text, "Event"), "reg");
	assert_string_equal(header(up.text, "Accept"), "application/reginfo+xml");
	assert_string_equal(header(up.text, "Expires"), "600600");
	assert_string_equal(header(up.text, "Max-Forwards"), "70");
	assert_non_null(strstr(header(up.text, "P-Charging-Vector"), "icid-value="));
	/* TS 24.229 5.2.2.1, 5.2.3: type 1, the visited network, as in the REGISTER. */
	assert_string_equal(strstr(header(up.text, "P-Charging-Vector"), ";orig-ioi="),
			    registered_as);
	assert_string_equal(registered_as, ";orig-ioi=\"Type 1visited.example\"");
	assert_null(header(up.text, "Route"));
	/* 128 random bits nobody can guess: a NOTIFY is known by them. */
	assert_int_equal(strlen(header(up.text, "Call-ID")), 32);
	/* Nothing of the UE's secrets: its Path token stays away. */
	assert_null(strstr(up.text, s->ue->token));
	assert_state(s->ue, "pending");
}

static void one_subscription_while_registered(void **state)
{
	struct set *s = watched_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_accepts(600000);
	clock_run();
	assert_int_equal(regevent_stats.sent, 1);
	assert_int_equal(regevent_stats.subscriptions, 1);
}

static void switched_off(void **state)
{
	(void)state;
	cfg.reg_event = false;
	registered_set();
	clock_advance(600000);
	assert_int_equal(regevent_stats.sent, 0);
}

/* The core says which identity is the default one; that is the one to ask for. */
static void default_identity(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	core_answers("200 OK", "Contact: <sip:001@10.45.0.3:8000>;expires=600\r\n"
		     "P-Associated-URI: \"A\" <sip:a@example.org>;x=1\r\n"
		     "P-Associated-URI: <tel:+15550001>\r\n");
	clock_run();
	assert_true(subscribe_came());
	assert_memory_equal(up.text, "SUBSCRIBE sip:a@example.org SIP/2.0", 35);
	assert_string_equal(header(up.text, "Expires"), "1200");
}

static void emergency_is_not_subscribed_to(void **state)
{
	(void)state;
	emergency_set();
	assert_int_equal(registrar_count(), 1);
	clock_advance(1000);
	assert_int_equal(regevent_stats.sent, 0);
}

/* --- NOTIFY --- */

static void first_notify(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	accept_subscribe(600600);
	assert_state(s->ue, "pending");
	notify(&(struct notify){ .state = "active;expires=500", .cseq = 7, .version = 3,
				 .body = ACTIVE(OURS) ACTIVE("tel:+15550001") });
	assert_int_equal(up_status(), 200);
	assert_state(s->ue, "active");
	assert_int_equal(view(s->ue).ends, 500);
	assert_int_equal(view(s->ue).version, 3);
	assert_string_equal(s->ue->associated, "<sip:001@example.org>, <tel:+15550001>");
}

/* Without a word about its time: that of the 2xx holds. */
static void first_notify_without_expires(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	accept_subscribe(1000);
	clock_advance(1000);
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS) });
	assert_state(s->ue, "active");
	assert_int_equal(view(s->ue).ends, 999);
}

/* RFC 6665 4.1.2.4: it may make the dialog before the 2xx does. */
static void notify_before_2xx(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_state(s->ue, "active");
	accept_subscribe(600600);
	assert_state(s->ue, "active");
	assert_int_equal(view(s->ue).ends, 600600);
	/* And no other dialog after it. */
	notify(&(struct notify){ .state = "active", .cseq = 2, .from_tag = "another",
				 .body = GONE(OURS), .version = 9 });
	assert_int_equal(up_status(), 481);
	assert_int_equal(registrar_count(), 1);
}

static void repeated_notify(void **state)
{
	struct set *s = watched_set();

	(void)state;
	notify(&(struct notify){ .state = "active", .cseq = 2, .version = 1, .body = ACTIVE(OURS) });
	n_up = 0;
	/* The same octets again: the same answer, and nothing else. */
	notify_branch--;
	notify(&(struct notify){ .state = "active", .cseq = 2, .version = 1, .body = ACTIVE(OURS) });
	assert_int_equal(n_up, 1);
	assert_int_equal(up_status(), 200);
	assert_int_equal(regevent_stats.notified, 2);
	assert_int_equal(view(s->ue).version, 1);
}

static void notifies_that_are_not_right(void **state)
{
	static const struct {
		struct notify n;
		unsigned int status;
	} rows[] = {
		{ { .state = "active", .cseq = 9, .call_id = "00112233445566778899aabbccddeeff",
		    .body = GONE(OURS), .version = 9 }, 481 },
		{ { .state = "active", .cseq = 9, .to_tag = "guess", .body = GONE(OURS),
		    .version = 9 }, 481 },
		{ { .state = "active", .cseq = 9, .from_tag = "guess", .body = GONE(OURS),
		    .version = 9 }, 481 },
		{ { .state = "active", .cseq = 1, .body = GONE(OURS), .version = 9 }, 500 },
		{ { .state = "active", .cseq = 9, .event = "presence", .body = GONE(OURS),
		    .version = 9 }, 489 },
		{ { .cseq = 9, .body = GONE(OURS), .version = 9 }, 400 },
		{ { .state = "active", .cseq = 9, .type = "text/plain", .body = GONE(OURS),
		    .version = 9 }, 415 },
		{ { .state = "active", .cseq = 9, .body = "<registration", .version = 9 }, 400 },
		{ { .state = "terminated", .cseq = 9, .event = "presence" }, 489 },
	};
	struct set *s = watched_set();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		notify(&rows[i].n);
		if (up_status() != rows[i].status)
			fail_msg("row %zu: %s", i, up.text);
		/* Nothing of it was believed. */
		assert_int_equal(registrar_count(), 1);
		assert_state(s->ue, "active");
		assert_int_equal(view(s->ue).version, 0);
	}
	/* A right one still is. */
	notify(&(struct notify){ .state = "active", .cseq = 9, .event = "REG;id=x",
				 .type = "Application/Reginfo+XML; charset=utf-8", .version = 1,
				 .body = ACTIVE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_int_equal(view(s->ue).version, 1);
}

/* Only the core's side has subscriptions. */
static void notify_of_a_ue(void **state)
{
	struct set *s = watched_set();
	struct flow f = protected_flow(s), clear = clear_flow();

	(void)state;
	notify_on(&f, &(struct notify){ .state = "terminated", .cseq = 9, .body = GONE(OURS),
					.version = 9 });
	notify_on(&clear, &(struct notify){ .state = "terminated", .cseq = 9,
					    .body = GONE(OURS), .version = 9 });
	assert_int_equal(registrar_count(), 1);
	assert_state(s->ue, "active");
}

/* NOTIFY for the UE's own subscription: not ours to answer. */
static void notify_of_others_is_left_alone(void **state)
{
	(void)state;
	watched_set();
	regevent_stats.unknown = 0;
	notify(&(struct notify){ .state = "active", .cseq = 9, .call_id = "ue-call",
				 .uri = "sip:001@10.45.0.3:8000", .body = GONE(OURS) });
	assert_int_equal(regevent_stats.unknown, 0);
	assert_int_equal(regevent_stats.bad, 0);
	assert_int_equal(registrar_count(), 1);
}

static void versions(void **state)
{
	struct set *s = watched_set();

	(void)state;
	/* Older, and the same again: answered, not believed. */
	notify(&(struct notify){ .state = "active", .cseq = 2, .version = 0, .body = GONE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_int_equal(registrar_count(), 1);
	assert_int_equal(regevent_stats.stale, 1);
	/* The next, partial: no refresh. */
	notify(&(struct notify){ .state = "active", .cseq = 3, .version = 1, .partial = true,
				 .body = ACTIVE("tel:+15550001") });
	clock_advance(31000);
	assert_int_equal(regevent_stats.sent, 1);
	assert_non_null(strstr(s->ue->associated, "tel:+15550001"));
	/* One is missing: what there is counts, and the rest is asked for. */
	notify(&(struct notify){ .state = "active", .cseq = 4, .version = 3, .partial = true,
				 .body = GONE("tel:+15550001") });
	assert_null(strstr(s->ue->associated, "tel:+15550001"));
	clock_run();
	assert_int_equal(regevent_stats.sent, 2);
	assert_true(subscribe_came());
	/* Again and again: not more than one in 30 s. */
	accept_subscribe(600600);
	for (unsigned int i = 0; i < 20; i++) {
		notify(&(struct notify){ .state = "active", .cseq = 5 + i, .version = 5 + 2 * i,
					 .partial = true, .body = ACTIVE(OURS) });
		clock_advance(1000);
	}
	assert_int_equal(regevent_stats.sent, 2);
	/* A full one makes a gap good. */
	notify(&(struct notify){ .state = "active", .cseq = 50, .version = 400,
				 .body = ACTIVE(OURS) });
	assert_int_equal(view(s->ue).version, 400);
}

/* --- refresh --- */

static void ue_refreshes(const struct set *s)
{
	struct flow f = protected_flow(s);

	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
}

static void refresh_600_seconds_before_the_end(void **state)
{
	struct set *s = watched_set();
	unsigned int cseq;

	(void)state;
	sscanf(header(subscribe_text, "CSeq"), "%u", &cseq);
	clock_advance(599000000);
	ue_refreshes(s);
	clock_advance(999999);
	assert_int_equal(regevent_stats.sent, 1);
	clock_advance(1);
	assert_int_equal(regevent_stats.sent, 2);
	/* In the dialog (RFC 3261 12.2.1.1): the notifier's Contact, the route in reverse. */
	assert_true(subscribe_came());
	assert_memory_equal(up.text, "SUBSCRIBE sip:scscf@192.0.2.2:5060 SIP/2.0\r\n", 44);
	assert_string_equal(header(up.text, "Route"),
			    "<sip:first@192.0.2.2;lr>, <sip:second@192.0.2.2;lr>");
	assert_string_equal(header(up.text, "To"), "<sip:001@example.org>;tag=notifier");
	assert_int_equal(strtoul(header(up.text, "CSeq"), NULL, 10), cseq + 1);
	/* More than what is left of the registration. */
	assert_string_equal(header(up.text, "Expires"), "600600");
	accept_subscribe(600000);
	assert_int_equal(view(s->ue).ends, 600000);
	assert_state(s->ue, "active");
}

static void refresh_at_half_time(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	accept_subscribe(1000);
	notify(&(struct notify){ .state = "active;expires=1000", .cseq = 1, .body = ACTIVE(OURS) });
	clock_advance(499999);
	assert_int_equal(regevent_stats.sent, 1);
	clock_advance(1);
	assert_int_equal(regevent_stats.sent, 2);
	assert_true(subscribe_came());
	accept_subscribe(1000);
	/* One that grants next to nothing is not asked all the time. */
	notify(&(struct notify){ .state = "active;expires=1", .cseq = 2, .version = 1,
				 .body = ACTIVE(OURS) });
	clock_advance(29999);
	assert_int_equal(regevent_stats.sent, 2);
	clock_advance(1);
	assert_int_equal(regevent_stats.sent, 3);
	assert_int_equal(registrar_count(), 1);
	(void)s;
}

/* A failed refresh other than 481 leaves it alive until its end. */
static void refresh_that_fails(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	accept_subscribe(1000);
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS) });
	accept_subscribe(1000);
	notify(&(struct notify){ .state = "active;expires=1000", .cseq = 2, .version = 1 });
	clock_advance(500000);
	assert_true(subscribe_came());
	answer_subscribe("503 Busy", "");
	assert_state(s->ue, "active");
	notify(&(struct notify){ .state = "active;expires=500", .cseq = 3, .version = 2,
				 .body = ACTIVE("tel:+15550001") });
	assert_int_equal(up_status(), 200);
	assert_non_null(strstr(s->ue->associated, "tel:+15550001"));
	/* 250 s later again; nobody answers; at its end a new one. */
	clock_advance(250000);
	assert_true(subscribe_came());
	assert_int_equal(regevent_stats.sent, 3);
	clock_advance(N64T1);
	assert_state(s->ue, "active");
	clock_advance(250000 - N64T1);
	assert_int_equal(regevent_stats.sent, 4);
	assert_true(subscribe_came());
	assert_null(strstr(header(up.text, "To"), "tag="));
	assert_state(s->ue, "pending");
}

static void refresh_that_meets_481(void **state)
{
	struct set *s = subscribed_set();
	char call_id[64];

	(void)state;
	accept_subscribe(1000);
	notify(&(struct notify){ .state = "active;expires=1000", .cseq = 1, .body = ACTIVE(OURS) });
	snprintf(call_id, sizeof(call_id), "%s", header(subscribe_text, "Call-ID"));
	clock_advance(500000);
	assert_true(subscribe_came());
	answer_subscribe("481 Gone", "");
	clock_advance(30000);
	assert_int_equal(regevent_stats.sent, 3);
	assert_true(subscribe_came());
	/* A new one: another dialog, whose documents count from anew. */
	assert_string_not_equal(header(up.text, "Call-ID"), call_id);
	assert_null(strstr(header(up.text, "To"), "tag="));
	assert_null(header(up.text, "Route"));
	accept_subscribe(1000);
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS) });
	assert_state(s->ue, "active");
	/* The old dialog is nobody's. */
	notify(&(struct notify){ .state = "active", .cseq = 5, .version = 9, .call_id = call_id,
				 .body = GONE(OURS) });
	assert_int_equal(up_status(), 481);
	assert_int_equal(registrar_count(), 1);
}

/* --- a core that does not --- */

static void too_brief(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	answer_subscribe("423 Interval Too Brief", "Min-Expires: 1000000\r\n");
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "1000000");
	/* Not more than once for the same. */
	answer_subscribe("423 Interval Too Brief", "Min-Expires: 1000000\r\n");
	assert_int_equal(regevent_stats.sent, 2);
	assert_state(s->ue, "refused");
}

static void refusals(void **state)
{
	static const char * const statuses[] = {
		"403 Forbidden", "404 Not Found", "405 No", "489 Bad Event", "501 No", "302 Moved",
		"603 Decline", "401 Unauthorized", "420 Bad Extension", "423 Interval Too Brief",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct set *s = subscribed_set();
		struct flow f = protected_flow(s);

		answer_subscribe(statuses[i], "");
		assert_state(s->ue, "refused");
		regevent_stats.sent = 0;
		clock_advance(3600 * 24 * 1000);
		assert_int_equal(regevent_stats.sent, 0);
		assert_int_equal(registrar_count(), 1);
		/* The next registration asks again. */
		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		assert_int_equal(regevent_stats.subscriptions, 0);
		clock_advance(DRAIN);
	}
}

/* Each time twice as much later, up to an hour; Retry-After is heeded. */
static void busy_core(void **state)
{
	uint64_t waits[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };
	struct set *s = subscribed_set();

	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		answer_subscribe("503 Busy", "");
		assert_state(s->ue, "due");
		regevent_stats.sent = 0;
		clock_advance(waits[i] * 1000 - 1);
		assert_int_equal(regevent_stats.sent, 0);
		clock_advance(15001);
		assert_int_equal(regevent_stats.sent, 1);
		assert_true(subscribe_came());
	}
	answer_subscribe("503 Busy", "Retry-After: 7200 (later);duration=60\r\n");
	regevent_stats.sent = 0;
	clock_advance(7200 * 1000 - 1);
	assert_int_equal(regevent_stats.sent, 0);
	clock_advance(15001);
	assert_int_equal(regevent_stats.sent, 1);
	/* Once it works, the count begins anew. */
	assert_true(subscribe_came());
	accept_subscribe(600600);
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS) });
	assert_state(s->ue, "active");
}

static void silent_core(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	clock_advance(N64T1);
	assert_state(s->ue, "due");
	assert_int_equal(regevent_stats.silent, 1);
	clock_advance(75000);
	assert_int_equal(regevent_stats.sent, 2);
	/* A 2xx without a NOTIFY: timer N. */
	assert_true(subscribe_came());
	accept_subscribe(600600);
	clock_advance(N64T1 - 1);
	assert_state(s->ue, "pending");
	clock_advance(1);
	assert_state(s->ue, "due");
	assert_int_equal(registrar_count(), 1);
}

static void unreachable_core(void **state)
{
	struct set *s = registered_set();
	unsigned int trusted = cfg.n_trusted;

	(void)state;
	/* Nobody may be sent to. */
	cfg.n_trusted = 0;
	clock_run();
	assert_int_equal(regevent_stats.sent, 0);
	assert_state(s->ue, "due");
	cfg.n_trusted = trusted;
	clock_advance(75000);
	assert_int_equal(regevent_stats.sent, 1);
}

/* RFC 3263 4.3: a branch of its own for each target; the dialog then has its own way. */
static void another_entry_point(void **state)
{
	struct set *s;
	char branch_before[128];

	(void)state;
	cfg.n_next_hops = 2;
	cfg.next_hops[1] = cfg.next_hops[0];
	strcpy(cfg.next_hops[1].where.host, "192.0.2.3");
	cfg.next_hops[1].priority = 1;
	s = subscribed_set();
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	snprintf(branch_before, sizeof(branch_before), "%s", header(up.text, "Via"));
	answer_subscribe("503 Busy", "");
	assert_true(subscribe_came());
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.3:5060");
	assert_string_not_equal(header(up.text, "Via"), branch_before);
	assert_int_equal(regevent_stats.sent, 1);
	assert_state(s->ue, "pending");
	/* No answer from there either, nor from the first again: later. */
	clock_advance(N64T1);
	assert_state(s->ue, "due");
}

/* RFC 3261 12.2.1.1: within the dialog to its first Route, if that is trusted. */
static void refresh_along_the_route(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	answer_subscribe("200 OK", "Contact: <sip:scscf@192.0.2.9:5080>\r\n"
			 "Record-Route: <sip:192.0.2.8:5070;lr>\r\nExpires: 1000\r\n");
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS),
				 .contact = "sip:scscf@192.0.2.9:5080" });
	clock_advance(500000);
	assert_int_equal(regevent_stats.sent, 2);
	assert_true(subscribe_came());
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.8:5070");
	(void)s;
}

/* It lives to its end, and begins anew. */
static void refresh_to_a_stranger(void **state)
{
	struct set *s = subscribed_set();

	(void)state;
	answer_subscribe("200 OK", "Contact: <sip:scscf@198.51.100.9:5080>\r\nExpires: 1000\r\n");
	notify(&(struct notify){ .state = "active", .cseq = 1, .body = ACTIVE(OURS),
				 .contact = "sip:scscf@198.51.100.9:5080" });
	clock_advance(500000);
	assert_int_equal(regevent_stats.sent, 1);
	assert_state(s->ue, "active");
	clock_advance(500000);
	assert_int_equal(regevent_stats.sent, 2);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(subscribe_after_the_first_200, "TS 24.229 5.2.3: SUBSCRIBE after the first 200 OK"),
		P(one_subscription_while_registered, "TS 24.229 5.2.3: one for a registration"),
		P(switched_off, "reg-event: false"),
		P(default_identity, "TS 24.229 5.2.3: to the default public identity"),
		P(emergency_is_not_subscribed_to, "TS 24.229 5.2.10: not for an emergency registration"),
		P(first_notify, "RFC 6665 4.1.3: the first NOTIFY"),
		P(first_notify_without_expires, "RFC 6665 4.1.3: a first NOTIFY without expires"),
		P(notify_before_2xx, "RFC 6665 4.1.2.4: NOTIFY before the 2xx"),
		P(repeated_notify, "RFC 3261 17.2.2: a repeated NOTIFY"),
		P(notifies_that_are_not_right, "RFC 6665 4.1.3: NOTIFY requests that are refused"),
		P(notify_of_a_ue, "a NOTIFY of a UE is not believed"),
		P(notify_of_others_is_left_alone, "a NOTIFY for a UE's own subscription is not ours"),
		P(versions, "RFC 3680 5.2: versions, missing documents"),
		P(refresh_600_seconds_before_the_end, "TS 24.229 5.2.3: refresh 600 s before the end"),
		P(refresh_at_half_time, "TS 24.229 5.2.3: refresh at half-time"),
		P(refresh_that_fails, "RFC 6665 4.1.2.2: a failed refresh leaves it alive"),
		P(refresh_that_meets_481, "RFC 6665 4.1.2.2: 481 makes a new subscription"),
		P(too_brief, "RFC 6665 4.1.2.1: 423"),
		P(refusals, "RFC 6665 4.1.2.1: final errors"),
		P(busy_core, "RFC 6665 4.1.2.1: errors that pass"),
		P(silent_core, "RFC 6665 4.1.2.4: no answer, no NOTIFY (timer N)"),
		P(unreachable_core, "a core that cannot be reached"),
		P(another_entry_point, "RFC 3263 4.3: another entry point of the core"),
		P(refresh_along_the_route, "RFC 3261 12.2.1.1: along the dialog's route"),
		P(refresh_to_a_stranger, "a route out of the core is not followed"),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
