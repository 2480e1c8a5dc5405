// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTER path with several entry points of the core: which one it goes to
 * when one does not serve (TS 24.229 5.2.2.1, RFC 3263 4.3), and what the UE gets.
 */
#include "drain.h"
#include "path.h"

static void second_core(const char *address)
{
	struct config_next_hop *h = &cfg.next_hops[cfg.n_next_hops++];

	*h = (struct config_next_hop){ .where = { .port = 5060, .transport = RESOLVE_UDP },
				       .priority = 1 };
	strcpy(h->where.host, address);
}

static void asks(void)
{
	struct flow f = clear_flow();

	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
}

static const char *at(void)
{
	return addr_host(&up.to.remote);
}

/* An answer to what was sent up last, from somebody. */
static void answer_from(const char *address, const char *status, const char *lines)
{
	struct flow f = core_flow();
	char text[2048];

	addr_parse(&f.remote, address, 5060);
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\r\nVia: %s\r\nVia: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKue\r\n"
		 "From: <sip:001@example.org>;tag=1\r\nTo: <sip:001@example.org>;tag=core\r\n"
		 "Call-ID: call\r\nCSeq: %s\r\n%sContent-Length: 0\r\n\r\n", status,
		 header(up.text, "Via"), header(up.text, "CSeq"), lines);
	receive(&f, text);
}

static const char challenge[] = "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"abcd\", "
				"algorithm=AKAv1-MD5" GOOD_KEYS "\r\n";
static const char binding[] = "Contact: <sip:001@10.45.0.3:8000>;expires=600000\r\n";

static void a_silent_core_costs_64_t1_and_no_registration(void **state)
{
	char via[256];
	struct set *s;

	(void)state;
	second_core("192.0.2.3");
	asks();
	assert_string_equal(at(), "192.0.2.2");
	strcpy(via, header(up.text, "Via"));
	clock_advance(31999);
	assert_string_equal(at(), "192.0.2.2");
	clock_advance(1);
	assert_string_equal(at(), "192.0.2.3");
	assert_int_equal(status(), 100);
	/* Another transaction, the same request. */
	assert_string_not_equal(header(up.text, "Via"), via);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	assert_null(header(up.text, "Security-Client"));
	assert_string_equal(header(up.text, "Max-Forwards"), "69");
	answer_from("192.0.2.3", "401 Unauthorized", challenge);
	assert_int_equal(status(), 401);
	s = last_set();
	answer_challenge(s);
	assert_string_equal(at(), "192.0.2.3");
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	answer_from("192.0.2.3", "200 OK", binding);
	assert_int_equal(status(), 200);
	assert_int_equal(s->state, SET_INUSE);
}

static void what_makes_it_go_elsewhere_5_2_2_1(void **state)
{
	static const char * const rows[] = { "300 Choose", "302 Moved", "480 Away", "503 Busy" };

	(void)state;
	second_core("192.0.2.3");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		asks();
		n_down = 0;
		answer_from("192.0.2.2", rows[i], "");
		assert_int_equal(n_down, 0);
		assert_string_equal(at(), "192.0.2.3");
		answer_from("192.0.2.3", "401 Unauthorized", challenge);
		assert_int_equal(status(), 401);
	}
	/* What the home network decided is final. */
	asks();
	answer_from("192.0.2.2", "403 Forbidden", "");
	assert_int_equal(status(), 403);
}

static void none_left_is_a_504(void **state)
{
	(void)state;
	second_core("192.0.2.3");
	asks();
	answer_from("192.0.2.2", "480 Away", "");
	answer_from("192.0.2.3", "302 Moved", "");
	assert_int_equal(status(), 504);
	n_down = 0;
	asks();
	clock_advance(32000);
	clock_advance(31999);
	assert_int_equal(status(), 100);
	clock_advance(1);
	assert_int_equal(n_down, 2);
	assert_int_equal(status(), 504);
}

static void the_cores_pause_is_told_to_ues_and_kept(void **state)
{
	(void)state;
	asks();
	answer_from("192.0.2.2", "503 Busy", "Retry-After: 60\r\n");
	assert_int_equal(status(), 503);
	assert_string_equal(header(down.text, "Retry-After"), "60");
	n_up = 0;
	clock_advance(20000);
	asks();
	assert_int_equal(n_up, 0);
	assert_int_equal(status(), 503);
	assert_string_equal(header(down.text, "Retry-After"), "40");
	/* Stateless: nothing is kept of it. */
	assert_int_equal(transaction_stats.server, 1);
	clock_advance(40000);
	asks();
	assert_int_equal(n_up, 1);
}

/* 503 at no cost, to come again after that many seconds up to twice as many. */
static void newcomer_is_put_off(unsigned int seconds)
{
	unsigned int server = transaction_stats.server;

	n_up = 0;
	asks();
	assert_int_equal(n_up, 0);
	assert_int_equal(status(), 503);
	assert_in_range(atoi(header(down.text, "Retry-After")), seconds, 2 * seconds);
	assert_int_equal(transaction_stats.server, server);
}

static void full_of_sets_is_a_503_without_state(void **state)
{
	const struct set_config few = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = 1,
		.max_temporary = 1, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	struct set *s;

	(void)state;
	set_init(&few);
	/* A stranger's TEMP would make room. */
	s = challenged_set();
	n_up = 0;
	asks();
	assert_int_equal(n_up, 1);
	answer_challenge(s);
	core_accepts(600000);
	assert_int_equal(s->state, SET_INUSE);
	newcomer_is_put_off(30);
	/* Who has a set goes on. */
	answer_challenge(s);
	assert_int_equal(n_up, 1);
}

/* gmctl drain: who has a set goes on, and who calls for help gets in. */
static void newcomers_are_turned_away_while_draining(void **state)
{
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	s = challenged_set();
	drain_begin(40);
	answer_challenge(s);
	core_accepts(600000);
	assert_int_equal(s->state, SET_INUSE);
	newcomer_is_put_off(40);
	assert_true(rule_count[RULE_DRAINING] > 0);
	answer_challenge(s);
	assert_int_equal(n_up, 1);
	ask(&f, &(struct ask){ .client = offer1, .expires = 600, .branch = ++branch, .sos = true });
	assert_int_equal(n_up, 2);
	drain_end();
	asks();
	assert_int_equal(n_up, 3);
}

static void only_the_peer_it_went_to_may_answer(void **state)
{
	(void)state;
	second_core("192.0.2.3");
	asks();
	n_down = 0;
	answer_from("192.0.2.3", "401 Unauthorized", challenge);
	assert_int_equal(n_down, 0);
	assert_int_equal(set_count(), 0);
	/* Nor may the first one, once it was given up. */
	clock_advance(32000);
	assert_string_equal(at(), "192.0.2.3");
	answer_from("192.0.2.2", "401 Unauthorized", challenge);
	assert_int_equal(status(), 100);
	answer_from("192.0.2.3", "401 Unauthorized", challenge);
	assert_int_equal(status(), 401);
}

static void an_ipv4_ue_and_an_ipv6_core(void **state)
{
	(void)state;
	cfg.n_mw = 2;
	addr_parse(&cfg.mw[1], "fd00:2::1", 5070);
	addr_prefix_parse(&cfg.trusted[1], "fd00:2::/64");
	cfg.n_trusted = 2;
	second_core("fd00:2::2");
	asks();
	answer_from("192.0.2.2", "503 Busy", "");
	assert_string_equal(addr_text(&up.to.remote), "[fd00:2::2]:5060");
	assert_string_equal(addr_text(&up.to.local), "[fd00:2::1]:5070");
	assert_memory_equal(header(up.text, "Via"), "SIP/2.0/UDP [fd00:2::1]:5070;branch=", 36);
	assert_non_null(strstr(header(up.text, "Path"), "@[fd00:2::1]:5070;lr>"));
	answer_from("fd00:2::2", "401 Unauthorized", challenge);
	assert_int_equal(status(), 401);
	assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:5060");
}

static void a_name_the_dns_cannot_say_is_a_504(void **state)
{
	(void)state;
	strcpy(cfg.next_hops[0].where.host, "core.example");
	/* There is no DNS here at all. */
	asks();
	assert_int_equal(n_up, 0);
	assert_int_equal(status(), 504);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_silent_core_costs_64_t1_and_no_registration),
		T(what_makes_it_go_elsewhere_5_2_2_1), T(none_left_is_a_504),
		T(the_cores_pause_is_told_to_ues_and_kept),
		T(newcomers_are_turned_away_while_draining),
		T(full_of_sets_is_a_503_without_state),
		T(only_the_peer_it_went_to_may_answer), T(an_ipv4_ue_and_an_ipv6_core),
		T(a_name_the_dns_cannot_say_is_a_504),
	};

	log_init(LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
