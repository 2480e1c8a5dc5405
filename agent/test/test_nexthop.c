// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of a request to the core: which target comes first, which after it
 * (RFC 3263 4.3), and how names become targets.
 */
#include "way.h"

/* --- order --- */

static void configured_ones_by_priority(void **state)
{
	(void)state;
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	add_hop("127.0.0.2", 5070, RESOLVE_UDP, 1, 1);
	add_hop("::1", 5060, RESOLVE_UDP, 3, 1);
	addr_prefix_parse(&cfg.trusted[1], "::1");
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5070/udp");
	nexthop_failed(way, false);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	nexthop_failed(way, false);
	assert_string_equal(next(), "[::1]:5060/udp");
	nexthop_failed(way, false);
	assert_string_equal(next(), "none");
	assert_int_equal(nexthop_stats.fail_overs, 2);
	/* All of them failed: rather one of those than nobody. */
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5070/udp");
}

static void a_ue_stays_with_one_of_equals(void **state)
{
	unsigned int first = 0;

	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 0, 3);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 0, 1);
	for (unsigned int i = 0; i < 400; i++) {
		char impi[32], got[80];
		struct nexthop_wish wish = { .uri = STR_LIT(HOME), .entry = true,
					     .ready = ready };

		snprintf(impi, sizeof(impi), "%u@example", i);
		wish.affinity = str_of(impi);
		way = nexthop_new(&wish);
		strcpy(got, next());
		answers("200 OK", "");
		nexthop_free(way);
		way = nexthop_new(&wish);
		assert_string_equal(next(), got);
		answers("200 OK", "");
		nexthop_free(way);
		way = NULL;
		first += !strcmp(got, "127.0.0.2:5060/udp");
	}
	assert_true(first > 250 && first < 350);
}

/* --- the black-list --- */

static void a_dead_one_is_avoided_then_probed_by_one(void **state)
{
	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	next();
	nexthop_failed(way, false);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	clock_advance(29999);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	clock_advance(1);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	assert_int_equal(health_stats.probes, 1);
	/* Others do not wait for the outcome. */
	struct nexthop *probe = way;

	way = NULL;
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	/* It failed again: twice as long. */
	nexthop_failed(probe, false);
	nexthop_free(probe);
	clock_advance(59999);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	clock_advance(1);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	assert_false(answers("401 Unauthorized", ""));
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
}

static void a_silent_one_is_doubtful_before_it_is_dead(void **state)
{
	struct nexthop *first;

	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	first = way;
	way = NULL;
	clock_advance(3999);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	clock_advance(1);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	nexthop_free(way);
	/* Any answer will do. */
	way = first;
	assert_false(answers("100 Trying", ""));
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
}

/* A REGISTER that the core drops, whoever sends it, is no proof of its death. */
static void silence_for_one_ue_is_no_death(void **state)
{
	struct nexthop *odd;

	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	next();
	odd = way;
	way = NULL;
	clock_advance(2000);
	set_out(HOME, true);
	next();
	answers("200 OK", "");
	nexthop_free(way);
	way = odd;
	clock_advance(30000);
	nexthop_failed(way, false);
	/* That one goes elsewhere, */
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	/* and the others do not. */
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	assert_int_equal(health_stats.failures, 0);
}

static void who_asked_and_went_leaves_no_doubt_for_ever(void **state)
{
	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	next();
	clock_advance(36000);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
}

static void a_503_goes_elsewhere_and_retry_after_is_kept(void **state)
{
	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	next();
	/* RFC 3261 20.33 */
	assert_true(answers("503 Busy", "Retry-After: 120 (in a meeting);duration=60\r\n"));
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	assert_true(answers("503 Busy", ""));
	assert_string_equal(next(), "none");
	/* Without Retry-After it may be asked again. */
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	assert_true(answers("503 Busy", "Retry-After: 60\r\n"));
	set_out(HOME, true);
	assert_string_equal(next(), "paused");
	assert_int_equal(nexthop_retry_after(way), 60);
	clock_advance(59000);
	set_out(HOME, true);
	assert_string_equal(next(), "paused");
	assert_int_equal(nexthop_retry_after(way), 1);
	clock_advance(1000);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	answers("200 OK", "");
	clock_advance(60000);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
}

static void no_number_shuts_a_node_out_for_ever(void **state)
{
	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	set_out(HOME, true);
	next();
	assert_true(answers("503 Busy", "Retry-After: 4294967295\r\n"));
	set_out(HOME, true);
	assert_string_equal(next(), "paused");
	assert_int_equal(nexthop_retry_after(way), 600);
}

static void no_target_is_begun_when_the_ue_has_given_up(void **state)
{
	(void)state;
	add_hop("127.0.0.2", 5060, RESOLVE_UDP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	add_hop("127.0.0.4", 5060, RESOLVE_UDP, 3, 1);
	set_out(HOME, true);
	next();
	clock_advance(96000);
	nexthop_failed(way, false);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	clock_advance(1);
	nexthop_failed(way, false);
	assert_string_equal(next(), "none");
}

/* --- names --- */

static void a_name_of_the_configuration(void **state)
{
	(void)state;
	add_hop("core.example", 0, RESOLVE_ANY, 1, 1);
	add_hop("127.0.0.9", 5060, RESOLVE_UDP, 2, 1);
	fake_dns_naptr("core.example", 1, 1, "s", "SIP+D2U", "_sip._udp.core.example");
	fake_dns_srv("_sip._udp.core.example", 1, 0, 5061, "a.example");
	fake_dns_srv("_sip._udp.core.example", 2, 0, 5062, "b.example");
	fake_dns_address("a.example", "127.0.0.2", 60);
	fake_dns_address("b.example", "127.0.0.3", 60);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5061/udp");
	nexthop_failed(way, false);
	assert_string_equal(next(), "127.0.0.3:5062/udp");
	nexthop_failed(way, false);
	assert_string_equal(next(), "127.0.0.9:5060/udp");
	assert_true(n_ready >= 1);
	/* The second time nobody waits. */
	n_ready = fake_dns.queries = 0;
	set_out(HOME, true);
	next();
	assert_int_equal(n_ready, 0);
	assert_int_equal(fake_dns.queries, 0);
}

static void without_dns_the_others_serve(void **state)
{
	(void)state;
	add_hop("core.example", 0, RESOLVE_ANY, 1, 1);
	add_hop("127.0.0.9", 5060, RESOLVE_UDP, 2, 1);
	fake_dns.refusing = true;
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.9:5060/udp");
}

/* What an operator is told: is it the DNS, or do they not answer? */
static void names_without_an_address(void **state)
{
	(void)state;
	add_hop("core.example", 0, RESOLVE_ANY, 1, 1);
	add_hop("127.0.0.9", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.9:5060/udp");
	assert_int_equal(nexthop_count(0), 0);
	assert_int_equal(nexthop_count(1), 1);
	nexthop_failed(way, false);
	assert_string_equal(next(), "none");
	assert_false(nexthop_has_none(way));
	cfg.n_next_hops = 1;
	set_out(HOME, true);
	assert_string_equal(next(), "none");
	assert_true(nexthop_has_none(way));
}

static void nobody_waits_for_the_dns_for_ever(void **state)
{
	struct flow to;

	(void)state;
	add_hop("core.example", 0, RESOLVE_ANY, 1, 1);
	add_hop("127.0.0.9", 5060, RESOLVE_UDP, 2, 1);
	fake_dns.silent = true;
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_WAIT);
	clock_advance(14999);
	assert_int_equal(n_ready, 0);
	clock_advance(1);
	assert_int_equal(n_ready, 1);
	assert_string_equal(next(), "127.0.0.9:5060/udp");
}

static void who_leaves_is_not_called(void **state)
{
	struct flow to;

	(void)state;
	add_hop("core.example", 0, RESOLVE_ANY, 1, 1);
	fake_dns_address("core.example", "127.0.0.2", 60);
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_WAIT);
	nexthop_free(way);
	way = NULL;
	for (int i = 0; i < 50; i++) {
		event_base_loop(loop_base(), EVLOOP_NONBLOCK);
		clock_advance(20000);
	}
	assert_int_equal(n_ready, 0);
}

static void home_domains_go_by_their_dns(void **state)
{
	static const struct {
		const char *uri, *to;
	} rows[] = {
		{ "sip:ims.mnc001.example", "127.0.0.2:5060/udp" },
		{ "sip:IMS.MNC001.example", "127.0.0.2:5060/udp" },
		/* Which server it is, is for the DNS to say. */
		{ "sip:ims.mnc001.example:9999;transport=tcp", "127.0.0.2:5060/udp" },
		{ "sip:exact.example", "127.0.0.3:5060/udp" },
		{ "sip:ims.mnc002.example", "none" },
		/* Of no domain of ours: not looked up, they go to mw-next-hop. */
		{ "sip:mnc001.example", "127.0.0.9:5060/udp" },
		{ "sip:x.exact.example", "127.0.0.9:5060/udp" },
		{ "sip:ims.mnc001.example.evil.example", "127.0.0.9:5060/udp" },
		{ "sip:127.0.0.66", "127.0.0.9:5060/udp" },
		{ "tel:+15550100", "127.0.0.9:5060/udp" },
	};

	(void)state;
	strcpy(cfg.domains[0], "*.mnc001.example");
	strcpy(cfg.domains[1], "exact.example");
	strcpy(cfg.domains[2], "*.mnc002.example");
	cfg.n_domains = 3;
	add_hop("127.0.0.9", 5060, RESOLVE_UDP, 2, 1);
	fake_dns_address("ims.mnc001.example", "127.0.0.2", 60);
	fake_dns_address("exact.example", "127.0.0.3", 60);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		set_out(rows[i].uri, true);
		assert_string_equal(next(), rows[i].to);
		if (strcmp(rows[i].to, "none"))
			answers("200 OK", "");
	}
	fake_dns.queries = 0;
	set_out("sip:evil.example", true);
	next();
	assert_int_equal(fake_dns.queries, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(configured_ones_by_priority),
		T(a_ue_stays_with_one_of_equals),
		T(a_dead_one_is_avoided_then_probed_by_one),
		T(a_silent_one_is_doubtful_before_it_is_dead),
		T(silence_for_one_ue_is_no_death),
		T(who_asked_and_went_leaves_no_doubt_for_ever),
		T(a_503_goes_elsewhere_and_retry_after_is_kept),
		T(no_number_shuts_a_node_out_for_ever),
		T(no_target_is_begun_when_the_ue_has_given_up),
		T(a_name_of_the_configuration),
		T(without_dns_the_others_serve),
		T(names_without_an_address),
		T(nobody_waits_for_the_dns_for_ever),
		T(who_leaves_is_not_called),
		T(home_domains_go_by_their_dns),
	};

	log_init(LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
