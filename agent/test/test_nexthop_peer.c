// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The peers at the end of a way: whom one trusts, how one connects.
 */
#include "way.h"

/* --- trust --- */

static void a_name_leads_to_trusted_peers_only(void **state)
{
	struct addr peer;

	(void)state;
	add_hop("core.example", 5060, RESOLVE_UDP, 1, 1);
	fake_dns_address("core.example", "192.0.2.66", 60);
	fake_dns_address("core.example", "127.0.0.2", 60);
	set_out(HOME, true);
	assert_string_equal(next(), "127.0.0.2:5060/udp");
	assert_true(nexthop_stats.untrusted > 0);
	addr_parse(&peer, "192.0.2.66", 5060);
	assert_false(trust_has(&peer));
	/* Where the configuration says so, what the DNS has is trusted. */
	cfg.dns.trust = true;
	set_out(HOME, true);
	next();
	nexthop_failed(way, false);
	next();
	assert_true(trust_has(&peer));
	clock_advance(3599999);
	assert_true(trust_has(&peer));
	clock_advance(1);
	assert_false(trust_has(&peer));
}

static void a_route_leads_to_trusted_peers_only(void **state)
{
	struct nexthop_wish wish = { .uri = STR_LIT("sip:127.0.0.7"), .affinity = STR_LIT("x") };
	struct addr peer;
	struct flow to;

	(void)state;
	cfg.dns.trust = true;
	fake_dns_address("evil.example", "192.0.2.66", 60);
	fake_dns_address("scscf.example", "127.0.0.5", 60);
	set_out("sip:orig@scscf.example:6060;lr", false);
	assert_string_equal(next(), "127.0.0.5:6060/udp");
	answers("200 OK", "");
	set_out("sip:evil.example:5060;lr", false);
	assert_string_equal(next(), "none");
	addr_parse(&peer, "192.0.2.66", 0);
	assert_false(trust_has(&peer));
	set_out("sip:192.0.2.66;lr", false);
	assert_string_equal(next(), "none");
	set_out("nonsense", false);
	assert_string_equal(next(), "none");
	/* The same at once, for an ACK. */
	assert_int_equal(nexthop_now(&wish, &to), 0);
	assert_string_equal(addr_text(&to.remote), "127.0.0.7:5060");
	wish.uri = STR_LIT("sip:192.0.2.66");
	assert_int_equal(nexthop_now(&wish, &to), -EHOSTUNREACH);
	wish.uri = STR_LIT("sip:not-yet.example");
	assert_int_equal(nexthop_now(&wish, &to), -EAGAIN);
}

static void prefixes(void **state)
{
	static const struct {
		const char *prefix, *addr;
		bool in;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "::1", false },
		{ "fd00::/15", "fd01::1", true },
		{ "fd00::/16", "fd01::1", false },
		{ "fc00::/7", "fdff::1", true },
		{ "2001:db8::1/128", "2001:db8::2", false },
	};
	static const char * const bad[] = { "", "/", "192.0.2.0/", "192.0.2.0/33", "fd00::/129",
					    "192.0.2.0/-1", "192.0.2.0/1a", "192.0.2.0/0024",
					    "a.example/8", "192.0.2.0/8/9" };
	struct addr_prefix p;
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(addr_prefix_parse(&p, rows[i].prefix));
		addr_parse(&a, rows[i].addr, 5060);
		if (addr_prefix_has(&p, &a) != rows[i].in)
			fail_msg("%s %s", rows[i].prefix, rows[i].addr);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (addr_prefix_parse(&p, bad[i]))
			fail_msg("%s", bad[i]);
}

/* --- TCP --- */

static int listen_on(const char *address, uint16_t *port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);
	struct addr a;

	addr_parse(&a, address, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, addr_to_sockaddr(&a, &ss)), 0);
	assert_int_equal(listen(fd, 4), 0);
	getsockname(fd, (struct sockaddr *)&ss, &n);
	addr_from_sockaddr(&a, (struct sockaddr *)&ss);
	*port = a.port;
	return fd;
}

static void turn(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(loop_base(), EVLOOP_NONBLOCK);
}

static void one_connection_serves_all_and_is_renewed(void **state)
{
	int listener, peer;
	struct flow a, b, c;
	uint16_t port;

	(void)state;
	listener = listen_on("127.0.0.2", &port);
	add_hop("127.0.0.2", port, RESOLVE_TCP, 1, 1);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &a), NEXTHOP_TARGET);
	turn();
	peer = accept(listener, NULL, NULL);
	answers("200 OK", "");
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &b), NEXTHOP_TARGET);
	assert_true(b.tcp && b.conn == a.conn);
	/* The peer restarts in the midst of it: the same node, on a new connection. */
	close(peer);
	turn();
	assert_int_equal(n_closed, 1);
	nexthop_failed(way, true);
	assert_int_equal(nexthop_next(way, &c), NEXTHOP_TARGET);
	assert_int_equal(c.remote.port, port);
	assert_true(c.tcp && c.conn != a.conn);
	/* That one is refused, too: it is dead. */
	nexthop_failed(way, true);
	assert_string_equal(next(), "127.0.0.3:5060/udp");
	close(listener);
}

static void long_requests_go_over_tcp_rfc3261_18_1_1(void **state)
{
	int listener;
	struct flow to;
	uint16_t port;

	(void)state;
	listener = listen_on("127.0.0.2", &port);
	add_hop("127.0.0.2", port, RESOLVE_UDP, 1, 1);
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_TARGET);
	assert_false(nexthop_is_long(way, 1300, &to));
	assert_false(to.tcp);
	assert_true(nexthop_is_long(way, 1301, &to));
	assert_true(to.tcp && to.conn);
	assert_false(nexthop_is_long(way, 1301, &to));
	answers("200 OK", "");
	/* Nothing was asked over UDP, so that nothing is owed there. */
	clock_advance(5000);
	add_hop("127.0.0.3", 5060, RESOLVE_UDP, 2, 1);
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_TARGET);
	assert_int_equal(to.remote.port, port);
	close(listener);
}

static void who_refuses_tcp_gets_long_requests_over_udp(void **state)
{
	struct flow to;
	uint16_t port;

	(void)state;
	close(listen_on("127.0.0.2", &port));
	add_hop("127.0.0.2", port, RESOLVE_UDP, 1, 1);
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_TARGET);
	assert_true(nexthop_is_long(way, 2000, &to));
	turn();
	assert_int_equal(n_closed, 1);
	nexthop_failed(way, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_TARGET);
	assert_false(to.tcp);
	assert_false(nexthop_is_long(way, 2000, &to));
	answers("200 OK", "");
	/* Known now. */
	set_out(HOME, true);
	assert_int_equal(nexthop_next(way, &to), NEXTHOP_TARGET);
	assert_false(nexthop_is_long(way, 2000, &to));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_name_leads_to_trusted_peers_only),
		T(a_route_leads_to_trusted_peers_only),
		T(prefixes),
		T(one_connection_serves_all_and_is_renewed),
		T(long_requests_go_over_tcp_rfc3261_18_1_1),
		T(who_refuses_tcp_gets_long_requests_over_udp),
	};

	log_init(LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
