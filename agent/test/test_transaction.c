// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Non-INVITE transactions on a stopped clock: RFC 3261 17.1.2 and 17.2.2 with
 * the timers of TS 24.229 table 7.7.1.
 */
#include <errno.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>

#include "clock.h"
#include "log.h"
#include "proof.h"
#include "sip_msg.h"
#include "transaction.h"

#define T1_GM 2000
#define T1_MW 500
#define UNPROVEN 8

static struct {
	unsigned int sent;
	char last[4096];
	struct flow to;
	int result;
} wire;

static int fake_send(const struct flow *f, const char *data, size_t n)
{
	wire.sent++;
	wire.to = *f;
	snprintf(wire.last, sizeof(wire.last), "%.*s", (int)n, data);
	return wire.result;
}

static int begin(void **state)
{
	const struct transaction_config cfg = {
		.t1_gm = T1_GM, .t1_mw = T1_MW, .unproven = UNPROVEN, .send = fake_send,
	};

	(void)state;
	memset(&wire, 0, sizeof(wire));
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

static struct sip_msg *make(const char *start, const char *branch, const char *call_id)
{
	struct sip_msg *msg;
	struct sip_fault fault;
	char text[2048];
	int n;

	n = snprintf(text, sizeof(text),
		     "%s\r\n"
		     "Via: SIP/2.0/UDP 10.45.0.3:5060;branch=%s\r\n"
		     "From: <sip:a@example.org>;tag=1\r\n"
		     "To: <sip:a@example.org>\r\n"
		     "Call-ID: %s\r\n"
		     "CSeq: 1 REGISTER\r\n"
		     "Content-Length: 0\r\n\r\n", start, branch, call_id);
	msg = sip_msg_new((struct str){ text, n }, &sip_limits_default, NULL);
	assert_non_null(msg);
	assert_true(sip_msg_check(msg, false, &fault));
	return msg;
}

static struct sip_msg *request(const char *branch)
{
	return make("REGISTER sip:example.org SIP/2.0", branch, "c");
}

static struct flow gm(const char *ip, uint16_t port, uint32_t set)
{
	struct flow f = { .side = set ? FLOW_GM_PROTECTED : FLOW_GM, .set = set };

	addr_parse(&f.remote, ip, port);
	addr_parse(&f.local, "10.4.128.21", set ? 6100 : 5060);
	return f;
}

static struct flow mw(const char *ip)
{
	struct flow f = { .side = FLOW_MW };

	addr_parse(&f.remote, ip, 5060);
	addr_parse(&f.local, "192.0.2.1", 5060);
	return f;
}

/* --- server --- */

static unsigned int n_displaced;

static void on_displaced(void *arg)
{
	n_displaced++;
	if (arg)
		*(bool *)arg = true;
}

static struct server_transaction *serve(const char *branch, const struct flow *from, bool *displaced)
{
	const struct server_owner owner = { .displaced = on_displaced, .arg = displaced };
	struct sip_msg *msg = request(branch);
	struct server_transaction *t;

	assert_false(transaction_server_retransmitted(msg, from));
	t = transaction_server_new(msg, from, from, &owner);
	assert_non_null(t);
	sip_msg_free(msg);
	return t;
}

static bool retransmit(const char *branch, const struct flow *from)
{
	struct sip_msg *msg = request(branch);
	bool known = transaction_server_retransmitted(msg, from);

	sip_msg_free(msg);
	return known;
}

static void absorbs_and_repeats(void **state)
{
	struct flow from = gm("10.45.0.3", 5060, 0);
	struct server_transaction *t = serve("z9hG4bKa", &from, NULL);

	(void)state;
	assert_true(retransmit("z9hG4bKa", &from));
	assert_int_equal(wire.sent, 0);
	transaction_server_answer(t, 401, STR_LIT("SIP/2.0 401 x\r\n\r\n"));
	assert_int_equal(wire.sent, 1);
	assert_true(retransmit("z9hG4bKa", &from));
	assert_int_equal(wire.sent, 2);
	assert_string_equal(wire.last, "SIP/2.0 401 x\r\n\r\n");
	/* J = 64*T1 = 128 s */
	clock_advance(127999);
	assert_true(retransmit("z9hG4bKa", &from));
	clock_advance(1);
	assert_false(retransmit("z9hG4bKa", &from));
}

/* A stranger who copies the branch, or another set, is another transaction. */
static void belongs_to_its_sender(void **state)
{
	struct flow from = gm("10.45.0.3", 5060, 7);
	struct flow others[] = {
		gm("10.45.0.4", 5060, 7), gm("10.45.0.3", 5061, 7), gm("10.45.0.3", 5060, 8),
		gm("10.45.0.3", 5060, 0),
	};

	(void)state;
	serve("z9hG4bKa", &from, NULL);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(retransmit("z9hG4bKa", &others[i]));
	assert_false(retransmit("z9hG4bKb", &from));
	assert_true(retransmit("z9hG4bKa", &from));
}

static void newcomers_displace_the_oldest_unproven(void **state)
{
	struct flow from = gm("10.45.0.3", 5060, 0), proven = gm("10.45.0.3", 9000, 7);
	bool first = false, ours = false;
	char branch[32];

	(void)state;
	n_displaced = 0;
	serve("z9hG4bKproven", &proven, &ours);
	serve("z9hG4bKfirst", &from, &first);
	for (int i = 0; i < UNPROVEN - 1; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%d", i);
		serve(branch, &from, NULL);
	}
	assert_false(first);
	for (int i = 0; i < 100; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bKx%d", i);
		serve(branch, &from, NULL);
		assert_int_equal(transaction_stats.unproven, UNPROVEN);
	}
	assert_true(first);
	assert_false(ours);
	assert_int_equal(n_displaced, 100);
	assert_true(retransmit("z9hG4bKproven", &proven));
}

/* One phone cannot use up what the others need, nor all memory. */
static void a_set_displaces_its_own(void **state)
{
	struct flow busy = gm("10.45.0.3", 9000, 7), other = gm("10.45.0.4", 9000, 8);
	char branch[32];

	(void)state;
	serve("z9hG4bKother", &other, NULL);
	for (int i = 0; i < 500; i++) {
		snprintf(branch, sizeof(branch), "z9hG4bK%d", i);
		serve(branch, &busy, NULL);
	}
	assert_int_equal(transaction_stats.server, 1 + 64);
	assert_int_equal(transaction_stats.unproven, 0);
	assert_true(retransmit("z9hG4bKother", &other));
	assert_true(retransmit("z9hG4bK499", &busy));
	assert_false(retransmit("z9hG4bK0", &busy));
}

static void nothing_is_kept_on_tcp(void **state)
{
	struct flow from = gm("10.45.0.3", 5060, 7);
	struct server_transaction *t;

	(void)state;
	from.tcp = true;
	from.conn = 1;
	t = serve("z9hG4bKa", &from, NULL);
	assert_true(retransmit("z9hG4bKa", &from));
	transaction_server_answer(t, 200, STR_LIT("SIP/2.0 200 OK\r\n\r\n"));
	assert_false(retransmit("z9hG4bKa", &from));
}

/* --- client --- */

static struct {
	unsigned int answered, failed, status;
	enum client_end why;
	void *context;
} got;

static void on_answered(void *arg, struct sip_msg *answer, void *context)
{
	(void)arg;
	got.answered++;
	got.status = answer->status;
	got.context = context;
}

static void on_failed(void *arg, enum client_end why)
{
	(void)arg;
	got.failed++;
	got.why = why;
}

static const struct client_owner watcher = { .answered = on_answered, .failed = on_failed };

static struct client_transaction *send_one(const struct flow *to, const char *branch)
{
	memset(&got, 0, sizeof(got));
	return transaction_client_new(to, branch, STR_LIT("REGISTER"),
				      STR_LIT("REGISTER sip:x SIP/2.0\r\n\r\n"), &watcher);
}

static bool answer(const char *start, const char *branch, const struct flow *from)
{
	struct sip_msg *msg = make(start, branch, "c");
	bool taken = transaction_client_answered(msg, from, NULL);

	sip_msg_free(msg);
	return taken;
}

/* E: 0.5, 1, 2, 4, 4 ... s; F: 32 s. */
static void repeats_until_timer_f(void **state)
{
	static const unsigned int at[] = { 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
					   27500, 31500 };
	struct flow to = mw("192.0.2.2");

	(void)state;
	send_one(&to, "z9hG4bKa");
	assert_int_equal(wire.sent, 1);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		clock_advance(at[i] - clock_now() - 1);
		assert_int_equal(wire.sent, 1 + i);
		clock_advance(1);
		assert_int_equal(wire.sent, 2 + i);
	}
	clock_advance(499);
	assert_int_equal(got.failed, 0);
	clock_advance(1);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.why, CLIENT_TIMEOUT);
	assert_int_equal(transaction_stats.client, 0);
}

static void proceeding_repeats_at_t2(void **state)
{
	struct flow to = mw("192.0.2.2");

	(void)state;
	send_one(&to, "z9hG4bKa");
	assert_true(answer("SIP/2.0 100 Trying", "z9hG4bKa", &to));
	assert_int_equal(got.status, 100);
	clock_advance(500);
	assert_int_equal(wire.sent, 2);
	clock_advance(3999);
	assert_int_equal(wire.sent, 2);
	clock_advance(1);
	assert_int_equal(wire.sent, 3);
	assert_true(answer("SIP/2.0 200 OK", "z9hG4bKa", &to));
	clock_advance(100000);
	assert_int_equal(wire.sent, 3);
	assert_int_equal(got.failed, 0);
}

static void takes_repeated_answers_for_timer_k(void **state)
{
	struct flow to = mw("192.0.2.2");

	(void)state;
	send_one(&to, "z9hG4bKa");
	assert_true(answer("SIP/2.0 200 OK", "z9hG4bKa", &to));
	assert_true(answer("SIP/2.0 200 OK", "z9hG4bKa", &to));
	assert_int_equal(got.answered, 1);
	clock_advance(5000);
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKa", &to));
}

/* The branch alone does not do. */
static void answers_of_others_do_not_count(void **state)
{
	struct flow to = mw("192.0.2.2"), other = mw("192.0.2.3"), tcp = to;
	struct flow ue = gm("192.0.2.2", 5060, 7);
	struct sip_msg *msg;

	(void)state;
	tcp.tcp = true;
	send_one(&to, "z9hG4bKa");
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKa", &other));
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKa", &tcp));
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKa", &ue));
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKb", &to));
	assert_int_equal(got.answered, 0);
	assert_int_equal(transaction_stats.stray_answers, 4);
	msg = make("SIP/2.0 200 OK", "z9hG4bKa", "c");
	msg->method_name = STR_LIT("OPTIONS");
	assert_false(transaction_client_answered(msg, &to, NULL));
	sip_msg_free(msg);
}

static void transport_errors_come_from_the_loop(void **state)
{
	struct flow to = mw("192.0.2.2");

	(void)state;
	wire.result = -ECONNREFUSED;
	assert_non_null(send_one(&to, "z9hG4bKa"));
	assert_int_equal(got.failed, 0);
	clock_advance(0);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.why, CLIENT_TRANSPORT);

	wire.result = 0;
	to.tcp = true;
	to.conn = 9;
	send_one(&to, "z9hG4bKb");
	clock_advance(20000);
	assert_int_equal(wire.sent, 2);	/* nothing is repeated on TCP */
	transaction_connection_closed(&to);
	assert_int_equal(got.failed, 0);
	clock_advance(0);
	assert_int_equal(got.failed, 1);
}

static void an_icmp_error_that_quotes_the_branch_fails_it_rfc3261_18_4(void **state)
{
	struct flow to = mw("192.0.2.2"), other = mw("192.0.2.3");
	char branch[TRANSACTION_BRANCH], quote[256];

	(void)state;
	transaction_branch(branch);
	assert_int_equal(strlen(branch), TRANSACTION_BRANCH_LENGTH);
	send_one(&to, branch);
	snprintf(quote, sizeof(quote), "REGISTER sip:a SIP/2.0\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=%s", branch);
	/* Of another peer, cut short, of another request, of none. */
	transaction_client_bounced(&other, str_of(quote));
	transaction_client_bounced(&to, (struct str){ quote, strlen(quote) - 1 });
	transaction_client_bounced(&to, STR_LIT(";branch=z9hG4bK0123456789abcdef0123456789abcdef"));
	transaction_client_bounced(&to, STR_LIT(";branch="));
	transaction_client_bounced(&to, STR_LIT(""));
	clock_advance(0);
	assert_int_equal(got.failed, 0);
	transaction_client_bounced(&to, str_of(quote));
	assert_int_equal(got.failed, 0);
	clock_advance(0);
	assert_int_equal(got.failed, 1);
	assert_int_equal(got.why, CLIENT_TRANSPORT);
	/* It is over. */
	transaction_client_bounced(&to, str_of(quote));
	clock_advance(0);
	assert_int_equal(got.failed, 1);
}

static void dropped_is_over(void **state)
{
	struct flow to = mw("192.0.2.2");

	(void)state;
	transaction_client_drop(send_one(&to, "z9hG4bKa"));
	assert_int_equal(transaction_stats.client, 0);
	assert_false(answer("SIP/2.0 200 OK", "z9hG4bKa", &to));
	clock_advance(40000);
	assert_int_equal(got.answered + got.failed, 0);
	assert_int_equal(wire.sent, 1);
}

static void branches_are_random(void **state)
{
	char a[TRANSACTION_BRANCH], b[TRANSACTION_BRANCH];

	(void)state;
	transaction_branch(a);
	transaction_branch(b);
	assert_int_equal(strlen(a), 7 + 32);
	assert_memory_equal(a, "z9hG4bK", 7);
	assert_string_not_equal(a, b);
}

/* RFC 3261 16.11: of the request and the secret, and of nothing that dies with us. */
static void a_branch_comes_again(void **state)
{
	struct sip_msg *msg = request("z9hG4bKue"), *other = request("z9hG4bKue2");
	struct flow on7 = gm("10.45.0.3", 5100, 7), on8 = gm("10.45.0.3", 5100, 8);
	char a[TRANSACTION_BRANCH], b[TRANSACTION_BRANCH];
	struct flow to = mw("192.0.2.2");

	(void)state;
	transaction_branch_again(a, msg, &on7, STR_LIT("secret"));
	assert_int_equal(strlen(a), 7 + 32);
	assert_memory_equal(a, "z9hG4bK", 7);
	on7.conn = 99;
	transaction_branch_again(b, msg, &on7, STR_LIT("secret"));
	assert_string_equal(a, b);
	transaction_branch_again(b, msg, &on7, STR_LIT("another"));
	assert_string_not_equal(a, b);
	transaction_branch_again(b, msg, &on8, STR_LIT("secret"));
	assert_string_not_equal(a, b);
	transaction_branch_again(b, other, &on7, STR_LIT("secret"));
	assert_string_not_equal(a, b);
	/* Two transactions at a time never share one. */
	send_one(&to, a);
	transaction_branch_again(b, msg, &on7, STR_LIT("secret"));
	assert_string_not_equal(a, b);
	sip_msg_free(msg);
	sip_msg_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(absorbs_and_repeats, begin, end),
		cmocka_unit_test_setup_teardown(belongs_to_its_sender, begin, end),
		cmocka_unit_test_setup_teardown(newcomers_displace_the_oldest_unproven, begin, end),
		cmocka_unit_test_setup_teardown(a_set_displaces_its_own, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_kept_on_tcp, begin, end),
		cmocka_unit_test_setup_teardown(repeats_until_timer_f, begin, end),
		cmocka_unit_test_setup_teardown(proceeding_repeats_at_t2, begin, end),
		cmocka_unit_test_setup_teardown(takes_repeated_answers_for_timer_k, begin, end),
		cmocka_unit_test_setup_teardown(answers_of_others_do_not_count, begin, end),
		cmocka_unit_test_setup_teardown(transport_errors_come_from_the_loop, begin, end),
		cmocka_unit_test_setup_teardown(
			an_icmp_error_that_quotes_the_branch_fails_it_rfc3261_18_4, begin, end),
		cmocka_unit_test_setup_teardown(dropped_is_over, begin, end),
		cmocka_unit_test_setup_teardown(branches_are_random, begin, end),
		cmocka_unit_test_setup_teardown(a_branch_comes_again, begin, end),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
