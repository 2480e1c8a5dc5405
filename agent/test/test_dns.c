// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The DNS: queries and their cache, and RFC 3263 on top, against a server on
 * loopback. The clock stands still, so that what ages does so when told.
 */
#include <stdio.h>

#include "clock.h"
#include "dns.h"
#include "dns_ttl.h"
#include "fake_dns.h"
#include "log.h"
#include "loop.h"
#include "proof.h"
#include "resolve.h"

static unsigned int n_changed;

static void changed(void)
{
	n_changed++;
}

static int begin(void **state)
{
	struct dns_config cfg = { .n_servers = 1, .device = "", .changed = changed };
	struct addr ours[2];

	(void)state;
	clock_init(0);
	assert_int_equal(loop_init(), 0);
	fake_dns_open();
	cfg.servers = &fake_dns.addr;
	assert_int_equal(dns_init(&cfg), 0);
	addr_parse(&ours[0], "192.0.2.1", 5060);
	addr_parse(&ours[1], "fd00::1", 5060);
	resolve_families(ours, 2);
	n_changed = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	dns_exit();
	fake_dns_close();
	loop_exit();
	clock_exit();
	assert_int_equal(dns_stats.outstanding, 0);
	assert_int_equal(dns_stats.cached, 0);
	return 0;
}

/* As a caller does: asks, waits for changed(), asks again. */
static const struct dns_answer *ask(enum dns_type type, const char *name)
{
	uint64_t since = clock_now();
	const struct dns_answer *a;

	while (!(a = dns_ask(type, name, since)))
		event_base_loop(loop_base(), EVLOOP_ONCE);
	return a;
}

/* --- the cache --- */

static void an_answer_is_kept_for_its_ttl(void **state)
{
	const struct dns_answer *a;

	(void)state;
	fake_dns_address("a.example", "192.0.2.7", 100);
	fake_dns_address("a.example", "192.0.2.8", 200);
	assert_null(dns_ask(DNS_A, "a.example", 0));
	assert_null(dns_ask(DNS_A, "A.Example.", 0));
	a = ask(DNS_A, "a.example");
	assert_int_equal(a->result, DNS_FOUND);
	assert_int_equal(a->n, 2);
	assert_string_equal(addr_host(&a->addr[0]), "192.0.2.7");
	assert_int_equal(fake_dns.queries, 1);
	assert_int_equal(n_changed, 1);
	/* The least of both TTLs. */
	clock_advance(99999);
	ask(DNS_A, "a.example");
	assert_int_equal(fake_dns.queries, 1);
	clock_advance(1);
	fake_dns_forget();
	fake_dns_address("a.example", "192.0.2.9", 100);
	a = ask(DNS_A, "a.example");
	assert_int_equal(fake_dns.queries, 2);
	assert_int_equal(a->n, 1);
	assert_string_equal(addr_host(&a->addr[0]), "192.0.2.9");
}

static void ttls_have_bounds(void **state)
{
	(void)state;
	fake_dns_address("short.example", "192.0.2.7", 0);
	fake_dns_address("long.example", "192.0.2.7", 1000000);
	ask(DNS_A, "short.example");
	ask(DNS_A, "long.example");
	clock_advance(4999);
	ask(DNS_A, "short.example");
	assert_int_equal(fake_dns.queries, 2);
	clock_advance(1);
	ask(DNS_A, "short.example");
	assert_int_equal(fake_dns.queries, 3);
	clock_advance(3594999);
	ask(DNS_A, "long.example");
	assert_int_equal(fake_dns.queries, 3);
	clock_advance(1);
	ask(DNS_A, "long.example");
	assert_int_equal(fake_dns.queries, 4);
}

static void what_is_not_there_is_remembered_rfc2308(void **state)
{
	(void)state;
	fake_dns.minimum = 30;
	fake_dns_address("here.example", "192.0.2.7", 100);
	assert_int_equal(ask(DNS_A, "no.example")->result, DNS_NOTHING);
	assert_int_equal(ask(DNS_SRV, "here.example")->result, DNS_NOTHING);
	clock_advance(29999);
	ask(DNS_A, "no.example");
	ask(DNS_SRV, "here.example");
	assert_int_equal(fake_dns.queries, 2);
	clock_advance(1);
	fake_dns_address("no.example", "192.0.2.7", 100);
	assert_int_equal(ask(DNS_A, "no.example")->result, DNS_FOUND);
}

static void known_addresses_outlive_their_dns_rfc8767(void **state)
{
	const struct dns_answer *a;

	(void)state;
	fake_dns_address("a.example", "192.0.2.7", 60);
	ask(DNS_A, "a.example");
	clock_advance(61000);
	fake_dns.refusing = true;
	a = ask(DNS_A, "a.example");
	assert_int_equal(a->result, DNS_FOUND);
	assert_int_equal(a->n, 1);
	assert_int_equal(dns_stats.stale, 1);
	/* It is not asked for at each request then, */
	ask(DNS_A, "a.example");
	assert_int_equal(dns_stats.queries, 2);
	/* and not for ever. */
	clock_advance(86400000);
	assert_int_equal(ask(DNS_A, "a.example")->result, DNS_FAILED);
	/* A name that was never known fails at once. */
	assert_int_equal(ask(DNS_A, "b.example")->result, DNS_FAILED);
}

static void a_silent_server_is_given_up(void **state)
{
	(void)state;
	fake_dns.silent = true;
	assert_int_equal(ask(DNS_A, "a.example")->result, DNS_FAILED);
	assert_int_equal(fake_dns.queries, 2);
	assert_int_equal(dns_stats.failures, 1);
}

static void strangers_cannot_fill_queue_or_cache(void **state)
{
	char name[64];

	(void)state;
	fake_dns.silent = true;
	for (unsigned int i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		assert_null(dns_ask(DNS_A, name, 0));
	}
	assert_int_equal(dns_ask(DNS_A, "one-more.example", 0)->result, DNS_FAILED);
	assert_int_equal(dns_stats.refused, 1);
	assert_int_equal(dns_stats.outstanding, 64);
	fake_dns.silent = false;
	ask(DNS_A, "n63.example");
	for (unsigned int i = 0; i < 1100; i++) {
		snprintf(name, sizeof(name), "m%u.example", i);
		ask(DNS_A, name);
	}
	assert_true(dns_stats.cached <= 1024);
	/* The latest are there. */
	fake_dns.queries = 0;
	ask(DNS_A, "m1099.example");
	assert_int_equal(fake_dns.queries, 0);
}

static void names_that_are_none_fail(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[299] = '\0';
	assert_int_equal(ask(DNS_A, "")->result, DNS_FAILED);
	assert_int_equal(ask(DNS_A, name)->result, DNS_FAILED);
	name[255] = '\0';
	assert_int_not_equal(ask(DNS_A, name)->result, DNS_FOUND);
}

/* --- RFC 3263 --- */

static struct resolve_target got[RESOLVE_TARGETS];

/* "192.0.2.7:5060/udp ..." of what a URI leads to; static. */
static const char *targets(const char *uri, uint64_t seed)
{
	static char text[1024];
	struct resolve_draw draw = { .seed = seed, .since = clock_now() };
	struct resolve_query q;
	size_t at = 0;
	int n;

	if (!resolve_uri(str_of(uri), &q))
		return "no";
	while ((n = resolve(&q, &draw, got)) < 0)
		event_base_loop(loop_base(), EVLOOP_ONCE);
	*text = '\0';
	for (int i = 0; i < n; i++)
		at += snprintf(text + at, sizeof(text) - at, "%s%s/%s", i ? " " : "",
			       addr_text(&got[i].addr), got[i].tcp ? "tcp" : "udp");
	return text;
}

static void addresses_need_no_dns_rfc3263_4_1(void **state)
{
	static const struct {
		const char *uri, *to;
	} rows[] = {
		{ "sip:192.0.2.7", "192.0.2.7:5060/udp" },
		{ "sip:192.0.2.7:5070;transport=tcp", "192.0.2.7:5070/tcp" },
		{ "sip:orig@[fd00::7];transport=TCP;lr", "[fd00::7]:5060/tcp" },
		{ "sip:core.example;maddr=192.0.2.9", "192.0.2.9:5060/udp" },
		{ "sips:192.0.2.7", "no" },
		{ "sip:192.0.2.7;transport=sctp", "no" },
		{ "tel:+15550100", "no" },
		{ "sip:a..b", "no" },
		{ "sip:", "no" },
		{ "", "no" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(targets(rows[i].uri, 0), rows[i].to);
	assert_int_equal(fake_dns.queries, 0);
}

static void naptr_chooses_the_transport_rfc3263_4_1(void **state)
{
	(void)state;
	fake_dns_naptr("core.example", 20, 10, "s", "SIP+D2U", "_sip._udp.core.example");
	fake_dns_naptr("core.example", 10, 50, "S", "sip+d2t", "_sip._tcp.core.example");
	fake_dns_naptr("core.example", 10, 20, "s", "SIPS+D2T", "_sips._tcp.core.example");
	fake_dns_naptr("core.example", 10, 20, "u", "E2U+sip", "x.example");
	fake_dns_srv("_sip._udp.core.example", 0, 0, 5061, "a.core.example");
	fake_dns_srv("_sip._tcp.core.example", 0, 0, 5062, "a.core.example");
	fake_dns_address("a.core.example", "192.0.2.7", 60);
	assert_string_equal(targets("sip:core.example", 0), "192.0.2.7:5062/tcp "
			    "192.0.2.7:5061/udp");
	/* A transport of the URI, or a port, leaves NAPTR out. */
	fake_dns_address("core.example", "192.0.2.8", 60);
	assert_string_equal(targets("sip:core.example;transport=udp", 0), "192.0.2.7:5061/udp");
	assert_string_equal(targets("sip:core.example:5070", 0), "192.0.2.8:5070/udp");
	assert_string_equal(targets("sip:core.example:5070;transport=tcp", 0),
			    "192.0.2.8:5070/tcp");
}

static void without_naptr_srv_of_both_transports(void **state)
{
	(void)state;
	fake_dns_srv("_sip._tcp.core.example", 0, 0, 5062, "a.core.example");
	fake_dns_address("a.core.example", "192.0.2.7", 60);
	assert_string_equal(targets("sip:core.example", 0), "192.0.2.7:5062/tcp");
}

static void without_srv_the_address_of_the_name(void **state)
{
	(void)state;
	fake_dns_address("core.example", "192.0.2.7", 60);
	fake_dns_address("core.example", "fd00::7", 60);
	assert_string_equal(targets("sip:core.example", 0),
			    "192.0.2.7:5060/udp [fd00::7]:5060/udp");
	assert_string_equal(targets("sip:core.example;transport=tcp", 0),
			    "192.0.2.7:5060/tcp [fd00::7]:5060/tcp");
	assert_string_equal(targets("sip:nobody.example", 0), "");
}

static void a_target_of_dot_is_no_service_rfc2782(void **state)
{
	(void)state;
	fake_dns_srv("_sip._udp.core.example", 0, 0, 0, ".");
	fake_dns_address("core.example", "192.0.2.7", 60);
	assert_string_equal(targets("sip:core.example;transport=udp", 0), "");
}

static void srv_by_priority_then_by_weight_rfc2782(void **state)
{
	unsigned int first[3] = { 0 };

	(void)state;
	fake_dns_srv("_sip._udp.core.example", 20, 100, 5060, "c.core.example");
	fake_dns_srv("_sip._udp.core.example", 10, 75, 5060, "a.core.example");
	fake_dns_srv("_sip._udp.core.example", 10, 25, 5060, "b.core.example");
	fake_dns_address("a.core.example", "192.0.2.1", 60);
	fake_dns_address("b.core.example", "192.0.2.2", 60);
	fake_dns_address("c.core.example", "192.0.2.3", 60);
	for (uint64_t seed = 0; seed < 1000; seed++) {
		const char *text = targets("sip:core.example", seed * 7919);
		uint8_t last = got[0].addr.ip[3];

		assert_string_equal(strrchr(text, ' '), " 192.0.2.3:5060/udp");
		assert_true(last == 1 || last == 2);
		first[last]++;
		/* The same draw again: a UE stays with its node. */
		targets("sip:core.example", seed * 7919);
		assert_int_equal(got[0].addr.ip[3], last);
	}
	assert_true(first[1] > 680 && first[1] < 820);
	/* All of it came from one set of answers. */
	assert_int_equal(fake_dns.queries, 9);
}

static void at_most_so_many_targets(void **state)
{
	char name[32], address[32];

	(void)state;
	for (unsigned int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%u.example", i);
		fake_dns_srv("_sip._udp.core.example", i, 0, 5060, name);
		for (unsigned int j = 0; j < 4; j++) {
			snprintf(address, sizeof(address), "10.0.%u.%u", i, j + 1);
			fake_dns_address(name, address, 60);
		}
	}
	assert_true(strlen(targets("sip:core.example;transport=udp", 0)) > 100);
	assert_string_equal(addr_text(&got[31].addr), "10.0.7.4:5060");
}

static void only_families_we_have(void **state)
{
	struct addr ours[2];

	(void)state;
	fake_dns_address("core.example", "192.0.2.7", 60);
	fake_dns_address("core.example", "fd00::7", 60);
	addr_parse(&ours[0], "fd00::1", 5060);
	addr_parse(&ours[1], "192.0.2.1", 5060);
	resolve_families(ours, 1);
	assert_string_equal(targets("sip:core.example:5060", 0), "[fd00::7]:5060/udp");
	resolve_families(ours, 2);
	assert_string_equal(targets("sip:core.example:5060", 0),
			    "[fd00::7]:5060/udp 192.0.2.7:5060/udp");
}

/* --- TTLs --- */

static void ttl_of_what_is_malformed(void **state)
{
	/* One question, one A record by a compressed name, TTL 300. */
	static const uint8_t whole[] =
		"\x12\x34\x81\x80\0\1\0\1\0\0\0\0" "\1a\0\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\1\2\3\4";
	uint8_t copy[sizeof(whole)];
	uint32_t ttl;

	(void)state;
	assert_true(dns_ttl(whole, sizeof(whole) - 1, &ttl));
	assert_int_equal(ttl, 300);
	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		assert_false(dns_ttl(whole, n, &ttl));
	/* RFC 2181 8. */
	memcpy(copy, whole, sizeof(copy));
	copy[25] = 0x80;
	assert_true(dns_ttl(copy, sizeof(whole) - 1, &ttl));
	assert_int_equal(ttl, 0);
	/* A label of a kind that there is not. */
	memcpy(copy, whole, sizeof(copy));
	copy[12] = 0x41;
	assert_false(dns_ttl(copy, sizeof(whole) - 1, &ttl));
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_answer_is_kept_for_its_ttl),
		T(ttls_have_bounds),
		T(what_is_not_there_is_remembered_rfc2308),
		T(known_addresses_outlive_their_dns_rfc8767),
		T(a_silent_server_is_given_up),
		T(strangers_cannot_fill_queue_or_cache),
		T(names_that_are_none_fail),
		T(addresses_need_no_dns_rfc3263_4_1),
		T(naptr_chooses_the_transport_rfc3263_4_1),
		T(without_naptr_srv_of_both_transports),
		T(without_srv_the_address_of_the_name),
		T(a_target_of_dot_is_no_service_rfc2782),
		T(srv_by_priority_then_by_weight_rfc2782),
		T(at_most_so_many_targets),
		T(only_families_we_have),
		T(ttl_of_what_is_malformed),
	};

	log_init(LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
