/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _WAY_H
#define _WAY_H

/*
 * Ways to the core on a stopped clock, with the DNS and TCP peers on loopback: what
 * test_nexthop*.c share. Each includes this once.
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

/* Not every test needs all of them. */
#define HELPER static __attribute__((unused))

static struct config cfg;
static unsigned int n_ready, n_closed;
static struct nexthop *way;

HELPER bool admit(const struct flow *f)
{
	(void)f;
	return true;
}

HELPER void receive(const struct flow *f, char *data, size_t n)
{
	(void)f;
	(void)data;
	(void)n;
}

HELPER void closed(const struct flow *f)
{
	n_closed++;
	mw_closed(f);
}

HELPER void add_hop(const char *host, uint16_t port, enum resolve_transport transport,
		    uint16_t priority, uint16_t weight)
{
	struct config_next_hop *h = &cfg.next_hops[cfg.n_next_hops++];

	snprintf(h->where.host, sizeof(h->where.host), "%s", host);
	h->where.port = port;
	h->where.transport = transport;
	h->priority = priority;
	h->weight = weight;
}

HELPER int begin(void **state)
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

HELPER int end(void **state)
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

HELPER void ready(void *arg)
{
	(void)arg;
	n_ready++;
}

HELPER void set_out(const char *uri, bool entry)
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
HELPER const char *next(void)
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

HELPER struct sip_msg *answer(const char *status, const char *line)
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
HELPER bool answers(const char *status, const char *line)
{
	struct sip_msg *msg = answer(status, line);
	bool elsewhere = nexthop_answered(way, msg);

	sip_msg_free(msg);
	return elsewhere;
}

#define HOME "sip:home.example"

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
