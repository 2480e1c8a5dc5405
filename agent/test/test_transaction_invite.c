// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITE transactions on a stopped clock: RFC 3261 17.1.1 and 17.2.1 with RFC
 * 6026 and the timers of TS 24.229 table 7.7.1.
 */
#include <errno.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>

#include "clock.h"
#include "log.h"
#include "proof.h"
#include "transaction.h"

#define GM 2000ull
#define MW 500ull

static struct {
	unsigned int sent;
	char last[4096];
} wire;

static struct {
	unsigned int answered, failed, ended, displaced, cancelled;
	enum client_end why;
} got;

static int fake_send(const struct flow *f, const char *data, size_t n)
{
	(void)f;
	wire.sent++;
	snprintf(wire.last, sizeof(wire.last), "%.*s", (int)n, data);
	return 0;
}

static int begin(void **state)
{
	const struct transaction_config cfg = {
		.t1_gm = GM, .t1_mw = MW, .unproven = 8, .send = fake_send,
	};

	(void)state;
	memset(&wire, 0, sizeof(wire));
	memset(&got, 0, sizeof(got));
	parser_init();
	clock_init(0);
	transaction_init(&cfg);
	return 0;
}

static int end(void **state)
{
	(void)state;
	transaction_exit();
	assert_int_equal(transaction_stats.server, 0);
	assert_int_equal(transaction_stats.client, 0);
	assert_true(clock_next() == UINT64_MAX);
	clock_exit();
	return 0;
}

static const char *text_of(const char *start, const char *method, const char *to_tag)
{
	static char text[2048];

	snprintf(text, sizeof(text),
		 "%s\r\nVia: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKi\r\nMax-Forwards: 9\r\n"
		 "Route: <sip:x.example;lr>\r\nFrom: <sip:a@example.org>;tag=1\r\n"
		 "To: <sip:b@example.org>%s%s\r\nCall-ID: c\r\nCSeq: 7 %s\r\n"
		 "Content-Length: 0\r\n\r\n", start, to_tag ? ";tag=" : "", to_tag ? to_tag : "",
		 method);
	return text;
}

static struct sip_msg *message(const char *start, const char *method, const char *to_tag)
{
	struct sip_msg *msg = sip_msg_new(str_of(text_of(start, method, to_tag)),
					  &sip_limits_default, NULL);
	struct sip_fault fault;

	assert_true(msg && sip_msg_check(msg, false, &fault));
	return msg;
}

static struct flow side(bool core, bool tcp)
{
	struct flow f = { .side = core ? FLOW_MW : FLOW_GM_PROTECTED, .tcp = tcp,
			  .set = core ? 0 : 7, .conn = tcp ? 5 : 0 };

	addr_parse(&f.remote, core ? "192.0.2.2" : "10.45.0.3", 5060);
	addr_parse(&f.local, core ? "192.0.2.1" : "10.4.128.21", 6100);
	return f;
}

/* --- server --- */

static void on_displaced(void *arg)
{
	(void)arg;
	got.displaced++;
}

static void on_cancelled(void *arg, const struct sip_msg *cancel)
{
	(void)arg;
	assert_int_equal(cancel->method, SIP_METHOD_CANCEL);
	got.cancelled++;
}

static void on_ended(void *arg)
{
	(void)arg;
	got.ended++;
}

static struct server_transaction *serve(const struct flow *from)
{
	const struct server_owner owner = {
		.displaced = on_displaced, .cancelled = on_cancelled, .ended = on_ended,
	};
	struct sip_msg *invite = message("INVITE sip:b@example.org SIP/2.0", "INVITE", NULL);
	struct server_transaction *t = transaction_server_new(invite, from, from, &owner);

	assert_non_null(t);
	sip_msg_free(invite);
	return t;
}

static bool again(const struct flow *from)
{
	struct sip_msg *invite = message("INVITE sip:b@example.org SIP/2.0", "INVITE", NULL);
	bool known = transaction_server_retransmitted(invite, from);

	sip_msg_free(invite);
	return known;
}

static bool acknowledge(const struct flow *from)
{
	struct sip_msg *ack = message("ACK sip:b@example.org SIP/2.0", "ACK", "x");
	bool known = transaction_server_acknowledged(ack, from);

	sip_msg_free(ack);
	return known;
}

static bool cancel(const struct flow *from)
{
	struct sip_msg *msg = message("CANCEL sip:b@example.org SIP/2.0", "CANCEL", NULL);
	bool known = transaction_server_cancelled(msg, from);

	sip_msg_free(msg);
	return known;
}

static void server_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct flow f = side(i & 1, i & 2);
		uint64_t t1 = i & 1 ? MW : GM, t4 = i & 1 ? 5000 : 17000;
		struct server_transaction *t = serve(&f);

		wire.sent = 0;
		transaction_server_answer(t, 180, STR_LIT("SIP/2.0 180 x\r\n\r\n"));
		assert_true(again(&f));
		assert_int_equal(wire.sent, 2);
		transaction_server_answer(t, 486, STR_LIT("SIP/2.0 486 x\r\n\r\n"));
		assert_int_equal(wire.sent, 3);
		/* G: T1, 2*T1, 4*T1, 8*T1 = T2, T2; not over TCP. */
		clock_advance(t1 - 1);
		assert_int_equal(wire.sent, 3);
		clock_advance(1);
		assert_int_equal(wire.sent, i & 2 ? 3 : 4);
		clock_advance(21 * t1);
		assert_int_equal(wire.sent, i & 2 ? 3 : 7);
		assert_true(acknowledge(&f));
		assert_true(acknowledge(&f));
		clock_advance(1);
		if (!(i & 2)) {
			assert_true(again(&f));		/* absorbed without a word */
			assert_int_equal(wire.sent, 7);
			clock_advance(t4 - 2);
			assert_true(again(&f));
			clock_advance(1);		/* I */
		}
		assert_false(again(&f));
		assert_int_equal(got.ended + got.displaced, 0);
	}
}

static void server_without_ack(void **state)
{
	struct flow f = side(false, false);
	struct server_transaction *t = serve(&f);

	(void)state;
	transaction_server_answer(t, 486, STR_LIT("SIP/2.0 486 x\r\n\r\n"));
	clock_advance(64 * GM - 1);
	assert_true(again(&f));
	clock_advance(1);				/* H */
	assert_false(again(&f));
	assert_false(acknowledge(&f));
}

static void server_accepted(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct flow f = side(i & 1, i & 2);
		struct server_transaction *t = serve(&f);

		wire.sent = got.ended = 0;
		transaction_server_answer(t, 200, STR_LIT("SIP/2.0 200 x\r\n\r\n"));
		assert_true(again(&f));
		assert_int_equal(wire.sent, 1);
		/* Its ACK is a request of its own. */
		assert_false(acknowledge(&f));
		transaction_server_answer(t, 200, STR_LIT("SIP/2.0 200 x\r\n\r\n"));
		assert_int_equal(wire.sent, 2);
		clock_advance(64 * (i & 1 ? MW : GM) - 1);
		assert_true(again(&f));
		clock_advance(1);			/* L, over TCP too */
		assert_int_equal(got.ended, 1);
		assert_false(again(&f));
	}
}

static void server_cancelled(void **state)
{
	struct flow f = side(false, false), other = side(true, false);
	struct server_transaction *t = serve(&f);

	(void)state;
	assert_false(cancel(&other));
	assert_true(cancel(&f));
	assert_int_equal(got.cancelled, 1);
	transaction_server_answer(t, 487, STR_LIT("SIP/2.0 487 x\r\n\r\n"));
	assert_true(cancel(&f));
	assert_int_equal(got.cancelled, 1);
}

/* --- client --- */

static void on_answered(void *arg, struct sip_msg *answer, void *context)
{
	(void)arg;
	(void)answer;
	(void)context;
	got.answered++;
}

static void on_failed(void *arg, enum client_end why)
{
	(void)arg;
	got.failed++;
	got.why = why;
}

static struct client_transaction *call(const struct flow *to)
{
	const struct client_owner owner = {
		.answered = on_answered, .failed = on_failed, .ended = on_ended,
	};
	struct client_transaction *t;

	memset(&got, 0, sizeof(got));
	wire.sent = 0;
	t = transaction_client_new(to, "z9hG4bKi", STR_LIT("INVITE"),
				   str_of(text_of("INVITE sip:b@example.org SIP/2.0", "INVITE",
						  NULL)), &owner);
	assert_non_null(t);
	return t;
}

static bool answer(const struct flow *from, const char *start, const char *method)
{
	struct sip_msg *msg = message(start, method, "x");
	bool known = transaction_client_answered(msg, from, NULL);

	sip_msg_free(msg);
	return known;
}

static void client_silent(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct flow f = side(i & 1, i & 2);
		uint64_t t1 = i & 1 ? MW : GM;

		call(&f);
		clock_advance(64 * t1 - 1);
		/* A: after 1, 3, 7, 15, 31, 63 times T1. */
		assert_int_equal(wire.sent, i & 2 ? 1 : 7);
		clock_advance(1);
		assert_int_equal(got.failed, 1);
		assert_int_equal(got.why, CLIENT_TIMEOUT);
	}
}

static void client_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct flow f = side(i & 1, i & 2);

		call(&f);
		assert_true(answer(&f, "SIP/2.0 180 x", "INVITE"));
		clock_advance(100 * 64 * GM);		/* no timer of its own ends it */
		assert_int_equal(wire.sent, 1);
		assert_true(answer(&f, "SIP/2.0 486 x", "INVITE"));
		assert_int_equal(got.answered, 2);
		assert_int_equal(wire.sent, 2);
		assert_string_equal(wire.last, "ACK sip:b@example.org SIP/2.0\r\n"
				    "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKi\r\n"
				    "Route: <sip:x.example;lr>\r\nMax-Forwards: 9\r\n"
				    "From: <sip:a@example.org>;tag=1\r\n"
				    "To: <sip:b@example.org>;tag=x\r\nCall-ID: c\r\n"
				    "CSeq: 7 ACK\r\nContent-Length: 0\r\n\r\n");
		if (!(i & 2)) {
			assert_true(answer(&f, "SIP/2.0 486 x", "INVITE"));
			assert_int_equal(wire.sent, 3);
			clock_advance(64 * (i & 1 ? MW : GM) - 1);
			assert_true(answer(&f, "SIP/2.0 486 x", "INVITE"));
		}
		assert_int_equal(got.answered, 2);
		clock_advance(1);			/* D */
		assert_false(answer(&f, "SIP/2.0 486 x", "INVITE"));
		assert_int_equal(got.ended + got.failed, 0);
	}
}

static void client_accepted(void **state)
{
	struct flow f = side(true, false);

	(void)state;
	call(&f);
	assert_true(answer(&f, "SIP/2.0 200 x", "INVITE"));
	assert_true(answer(&f, "SIP/2.0 200 x", "INVITE"));
	assert_true(answer(&f, "SIP/2.0 180 x", "INVITE"));
	assert_true(answer(&f, "SIP/2.0 486 x", "INVITE"));
	assert_int_equal(got.answered, 2);
	assert_int_equal(wire.sent, 1);
	clock_advance(64 * MW - 1);
	assert_int_equal(got.ended, 0);
	clock_advance(1);				/* M */
	assert_int_equal(got.ended, 1);
	assert_false(answer(&f, "SIP/2.0 200 x", "INVITE"));
}

static void client_cancels(void **state)
{
	struct flow f = side(true, false);
	struct client_transaction *t = call(&f);

	(void)state;
	transaction_client_cancel(t, STR_LIT("Reason: SIP\r\n"));
	assert_int_equal(wire.sent, 1);
	assert_true(answer(&f, "SIP/2.0 100 x", "INVITE"));
	assert_int_equal(wire.sent, 2);
	assert_memory_equal(wire.last, "CANCEL sip:b@example.org SIP/2.0\r\n", 34);
	assert_non_null(strstr(wire.last, "CSeq: 7 CANCEL\r\nReason: SIP\r\n"));
	transaction_client_cancel(t, STR_NONE);
	assert_int_equal(wire.sent, 2);
	/* It is a transaction of its own, with the same branch. */
	assert_true(answer(&f, "SIP/2.0 200 x", "CANCEL"));
	assert_int_equal(got.answered, 1);
	assert_true(answer(&f, "SIP/2.0 487 x", "INVITE"));
	assert_int_equal(got.answered, 2);
}

/* RFC 3261 9.1: nobody answers the INVITE any more. */
static void client_cancelled_for_nothing(void **state)
{
	struct flow f = side(true, false);
	struct client_transaction *t = call(&f);

	(void)state;
	transaction_client_cancel(t, STR_NONE);
	assert_true(answer(&f, "SIP/2.0 180 x", "INVITE"));
	clock_advance(64 * MW);
	assert_int_equal(got.failed, 1);
	t = call(&f);
	assert_true(answer(&f, "SIP/2.0 180 x", "INVITE"));
	transaction_client_abandon(t);
	assert_memory_equal(wire.last, "CANCEL", 6);
	clock_advance(64 * MW);
	assert_int_equal(got.failed + got.ended, 0);
	assert_int_equal(transaction_stats.client, 0);
}

static void client_connection_closed(void **state)
{
	struct flow f = side(true, true), ue = side(false, true), other = ue;

	(void)state;
	call(&f);
	transaction_connection_closed(&f);
	assert_int_equal(got.failed, 0);
	clock_advance(1);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.why, CLIENT_TRANSPORT);
	/* A UE that has been heard of may answer on another connection (18.2.2). */
	call(&ue);
	assert_true(answer(&ue, "SIP/2.0 180 x", "INVITE"));
	transaction_connection_closed(&ue);
	clock_advance(1);
	assert_int_equal(got.failed, 0);
	other.conn = 6;
	assert_true(answer(&other, "SIP/2.0 200 x", "INVITE"));
	assert_int_equal(got.answered, 2);
}

#define T(function, rule) \
	{ (rule), (function), begin, end, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(server_refused, "RFC 3261 17.2.1: timers G and I"),
		T(server_without_ack, "RFC 3261 17.2.1: timer H"),
		T(server_accepted, "RFC 6026 7.1: timer L"),
		T(server_cancelled, "RFC 3261 9.2: whose CANCEL counts"),
		T(client_silent, "RFC 3261 17.1.1.2: timers A and B"),
		T(client_refused, "RFC 3261 17.1.1.3: ACK, timer D"),
		T(client_accepted, "RFC 6026 7.2: timer M"),
		T(client_cancels, "RFC 3261 9.1: CANCEL after the first 1xx"),
		T(client_cancelled_for_nothing, "RFC 3261 9.1: 64*T1 after CANCEL"),
		T(client_connection_closed, "RFC 3261 18.2.2: connections that close"),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests_name("transaction_invite", tests, NULL, NULL);
}
