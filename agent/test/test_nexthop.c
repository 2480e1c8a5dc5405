// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of a request to the core: which target comes first, which after it
 * (RFC 3263 4.3), whom one trusts, how one connects. The clock stands still;
 * the DNS and the TCP peer are on loopback.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "fake_dns.h"
#include "health.h"
#include "log.h"
#include "loop.h"
#include "mw.h"
#include "nexthop.h"
#include "proof.h"
#include "tcp.h"
#include "trust.h"

static struct config cfg;
static unsigned int n_ready, n_closed;
static struct nexthop *way;

static bool admit(const struct flow *f)
{
	(void)f;
	return true;
}

static void receive(const struct flow *f, char *data, size_t n)
{
	(void)f;
	(void)data;
	(void)n;
}

static void closed(const struct flow *f)
{
	n_closed++;
	mw_closed(f);
}

static void add_hop(const char *host, uint16_t port, enum resolve_transport transport,
		    uint16_t priority, uint16_t weight)
{
	struct config_next_hop *h = &cfg.next_hops[cfg.n_next_hops++];

	snprintf(h->where.host, sizeof(h->where.host), "%s", host);
	h->where.port = port;
	h->where.transport = transport;
	h->priority = priority;
	h->weight = weight;
}

static int begin(void **state)
{
	const struct tcp_ops ops = { .admit = admit, .receive = receive, .closed = closed };
	struct tcp_limits limits = { .unproven = 4, .idle = 60000 };
	struct dns_config dns = { .n_servers = 1, .device = "", .changed = nexthop_dns_changed };

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.mw_mtu = 1500;
	cfg.t1_gm = 2000;
	cfg.t1_mw = 500;
	cfg.n_mw = 2;
	addr_parse(&cfg.mw[0], "127.0.0.1", 5060);
	addr_parse(&cfg.mw[1], "::1", 5060);
	cfg.n_trusted = 2;
	addr_prefix_parse(&cfg.trusted[0], "127.0.0.0/8");
	addr_prefix_parse(&cfg.trusted[1], "fd00::/16");
	limits.sip = sip_limits_default;
	clock_init(0);
	assert_int_equal(loop_init(), 0);
	fake_dns_open();
	dns.servers = &fake_dns.addr;
	assert_int_equal(dns_init(&dns), 0);
	tcp_init(&ops, &limits);
	trust_init(&cfg);
	mw_init(&cfg);
	nexthop_init(&cfg);
	n_ready = n_closed = 0;
	way = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	nexthop_free(way);
	assert_int_equal(nexthop_stats.waiting, 0);
	nexthop_exit();
	tcp_exit();
	mw_exit();
	trust_exit();
	dns_exit();
	fake_dns_close();
	assert_true(clock_next() == UINT64_MAX);
	loop_exit();
	clock_exit();
	return 0;
}

static void ready(void *arg)
{
	(void)arg;
	n_ready++;
}

static void set_out(const char *uri, bool entry)
{
	const struct nexthop_wish wish = {
		.uri = str_of(uri), .entry = entry, .affinity = STR_LIT("001@example"),
		.ready = ready,
	};

	nexthop_free(way);
	way = nexthop_new(&wish);
	assert_non_null(way);
}

/* "192.0.2.7:5060/udp", or what there is instead; waits for the DNS. */
static const char *next(void)
{
	static char text[80];
	struct flow to;

	for (;;) {
		switch (nexthop_next(way, &to)) {
		case NEXTHOP_TARGET:
			assert_int_equal(to.side, FLOW_MW);
			assert_int_equal(to.local.family, to.remote.family);
			assert_true(to.tcp == (to.conn != 0));
			snprintf(text, sizeof(text), "%s/%s", addr_text(&to.remote),
				 to.tcp ? "tcp" : "udp");
			return text;
		case NEXTHOP_NONE:
			return "none";
		case NEXTHOP_PAUSED:
			return "paused";
		case NEXTHOP_WAIT:
			for (unsigned int was = n_ready; n_ready == was; clock_advance(0))
				event_base_loop(loop_base(), EVLOOP_ONCE);
		}
	}
}

static struct sip_msg *answer(const char *status, const char *line)
{
	char text[512];
	struct sip_msg *msg;
	struct sip_fault fault;

	snprintf(text, sizeof(text), "SIP/2.0 %s\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKb\r\n"
		 "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
		 "%sContent-Length: 0\r\n\r\n", status, line);
	msg = sip_msg_new(str_of(text), &sip_limits_default, NULL);
	assert_non_null(msg);
	assert_true(sip_msg_check(msg, false, &fault));
	return msg;
}

/* True: another is to be tried. */
static bool answers(const char *status, const char *line)
{
	struct sip_msg *msg = answer(status, line);
	bool elsewhere = nexthop_answered(way, msg);

	sip_msg_free(msg);
	return elsewhere;
}

#define HOME "sip:home.example"

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

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

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
		T(nobody_waits_for_the_dns_for_ever),
		T(who_leaves_is_not_called),
		T(home_domains_go_by_their_dns),
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
