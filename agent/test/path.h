/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PATH_H
#define _PATH_H

/*
 * A UE and a core around everything of the agent but sockets, on a stopped
 * clock, with a fake kernel: what test_path*.c share. transport.c is replaced
 * here, so that each includes this once.
 */
#include <errno.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>

#include "caller.h"
#include "clock.h"
#include "dialog.h"
#include "fake_kernel.h"
#include "mw.h"
#include "nexthop.h"
#include "plain.h"
#include "policy.h"
#include "proof.h"
#include "proxy.h"
#include "reach.h"
#include "regevent.h"
#include "register.h"
#include "registrar.h"
#include "sip.h"
#include "spi.h"
#include "store.h"
#include "transaction.h"
#include "transport.h"
#include "trust.h"

#define CK "b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK "f769bcd751044604127672711c6d3441"
#define DRAIN 128000ull

/* Not every test needs all of them. */
#define HELPER static __attribute__((unused))

/* --- the wires --- */

struct sent {
	struct flow to;
	char text[8192];
	/* What the kernel held when it left. */
	unsigned int kernel_sets;
	uint32_t kernel_state;
	/* And the store. */
	unsigned int unsaved;
	unsigned long commits;
};

static struct sent up, down;		/* the last to the core, to the UE */
static unsigned int n_up, n_down;
static bool core_unreachable;
static struct addr mw;

struct transport_stats transport_stats;

int transport_send(const struct flow *f, const char *data, size_t n)
{
	struct sent *s = f->side == FLOW_MW ? &up : &down;

	(*(f->side == FLOW_MW ? &n_up : &n_down))++;
	s->to = *f;
	snprintf(s->text, sizeof(s->text), "%.*s", (int)n, data);
	s->kernel_sets = fake_kernel.n;
	s->kernel_state = fake_kernel.sets[fake_kernel.last_id % FAKE_SETS].new.state;
	s->unsaved = store_stats.unsaved;
	s->commits = store_stats.commits;
	return f->side == FLOW_MW && core_unreachable ? -ENETUNREACH : 0;
}

/* TCP that tests let stand or not. */
static bool our_tcp, their_tcp, stands = true;

int transport_to_ue(const struct set *s, enum transport_way way, struct flow *f)
{
	*f = set_flow_to_ue(s);
	if (way == TRANSPORT_UDP)
		return 0;
	f->tcp = true;
	f->conn = way == TRANSPORT_OUR_TCP ? 901 : 902;
	if (way == TRANSPORT_THEIR_TCP) {
		f->local.port = s->port_ps;
		f->remote.port = s->port_uc;
	}
	return (way == TRANSPORT_OUR_TCP ? our_tcp : their_tcp) ? 0 : -ENOTCONN;
}

int transport_to_core(const struct addr *peer, struct flow *f)
{
	*f = (struct flow){ .side = FLOW_MW, .tcp = true, .conn = 903, .local = mw,
			    .remote = *peer };
	return 0;
}

bool transport_stands(const struct flow *f)
{
	return (f->side != FLOW_GM_PROTECTED || set_find(f->set)) && (!f->tcp || (stands && f->conn));
}

/* message 0: the defaults. */
static struct sip_limits test_limits;

/* What callers hold: connections. */
static __attribute__((unused)) int n_held_connections;

void transport_hold(const struct flow *f)
{
	n_held_connections += f->tcp;
}

void transport_release(const struct flow *f)
{
	n_held_connections -= f->tcp;
}

void transport_limits(const struct config *cfg, struct sip_limits *limits)
{
	(void)cfg;
	*limits = test_limits.message ? test_limits : sip_limits_default;
}

/* --- the agent --- */

static struct config cfg;
static struct set_endpoint endpoint;
static const uint16_t port_c[] = { 6101, 6102, 6103, 6104 };

HELPER int begin(void **state)
{
	const struct transaction_config transactions = {
		.t1_gm = 2000, .t1_mw = 500, .unproven = 10, .send = transport_send,
		.party = registrar_party, .reach = reach_again,
	};
	const struct registrar_config registrar = {
		.reg_await_auth = 240000, .drain = DRAIN, .gone = dialog_forget_ue,
		.rebound = regevent_rebound,
	};
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = 1000,
		.max_temporary = 100, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.n_gm = 1;
	cfg.gm[0].secagree_required = true;
	strcpy(cfg.visited_network_id, "visited.example");
	suite_parse(STR_LIT("hmac-sha-1-96/aes-cbc"), &cfg.suites[0]);
	suite_parse(STR_LIT("hmac-md5-96/null"), &cfg.suites[1]);
	cfg.n_suites = 2;
	endpoint = (struct set_endpoint){ .id = 1, .port_s = 6100, .port_c = port_c,
					  .n_port_c = 4 };
	addr_parse(&endpoint.local, "10.4.128.21", 0);
	addr_parse(&mw, "192.0.2.1", 5060);
	core_unreachable = our_tcp = their_tcp = false;
	stands = true;
	cfg.n_gm = 1;
	addr_parse(&cfg.gm[0].unprotected, "10.4.128.21", 5060);
	cfg.gm[0].port_s = 6100;
	cfg.gm[0].n_port_c = 4;
	memcpy(cfg.gm[0].port_c, port_c, sizeof(port_c));
	cfg.n_mw = 1;
	cfg.mw[0] = mw;
	cfg.n_next_hops = 1;
	cfg.next_hops[0].where = (struct resolve_query){ .host = "192.0.2.2", .port = 5060,
							 .transport = RESOLVE_UDP };
	addr_prefix_parse(&cfg.trusted[0], "192.0.2.0/24");
	cfg.n_trusted = 1;
	cfg.mw_mtu = 65535;
	cfg.t1_gm = 2000;
	cfg.t1_mw = 500;
	memset(&test_limits, 0, sizeof(test_limits));
	n_up = n_down = 0;
	memset(&up, 0, sizeof(up));
	memset(&down, 0, sizeof(down));
	fake_kernel_reset();
	parser_init();
	clock_init(0);
	spi_init(0x10000000, 0x1fffffff, DRAIN);
	set_init(&sets);
	registrar_init(&registrar);
	transaction_init(&transactions);
	mw_init(&cfg);
	trust_init(&cfg);
	nexthop_init(&cfg);
	assert_true(policy_init(&cfg));
	register_init(&cfg);
	cfg.limits.emergency_calls = 20;
	cfg.limits.plain_ues = 100;
	caller_init(&cfg);
	plain_init(&cfg);
	regevent_init(&cfg);
	sip_init(&cfg);
	assert_true(proxy_init(&cfg));
	return 0;
}

HELPER int end(void **state)
{
	(void)state;
	register_exit();
	regevent_exit();
	proxy_exit();
	assert_int_equal(dialog_count(), 0);
	transaction_exit();
	registrar_exit();
	nexthop_exit();
	trust_exit();
	mw_exit();
	assert_null(registrar_first());
	assert_int_equal(caller_stats.attempts + caller_stats.calls, 0);
	assert_int_equal(n_held_connections, 0);
	assert_int_equal(set_count(), 0);
	spi_exit();
	policy_exit();
	clock_exit();
	return 0;
}

/* --- the UE and the core --- */

HELPER struct flow clear_flow(void)
{
	struct flow f = { .side = FLOW_GM };

	addr_parse(&f.local, "10.4.128.21", 5060);
	addr_parse(&f.remote, "10.45.0.3", 5060);
	return f;
}

HELPER struct flow protected_flow(const struct set *s)
{
	struct flow f = { .side = FLOW_GM_PROTECTED, .set = s->id };

	addr_parse(&f.local, "10.4.128.21", s->port_ps);
	addr_parse(&f.remote, "10.45.0.3", s->port_uc);
	return f;
}

HELPER struct flow core_flow(void)
{
	struct flow f = { .side = FLOW_MW, .local = mw };

	addr_parse(&f.remote, "192.0.2.2", 5060);
	return f;
}

HELPER void receive_octets(const struct flow *f, const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);

	memcpy(copy, text, n + 1);
	sip_receive(f, copy, n);
	free(copy);
}

/* --- mutations --- */

static uint32_t seed = 1;

HELPER unsigned int dice(unsigned int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

HELPER void mutate(char *text, size_t room)
{
	static const char * const bits[] = {
		"\r\n", ",", ";", "\"", "<", ">", "=", ":", "Via: ", "ck=\"", "\r\n ", "4294967296",
		"Security-Client: ", "Contact: *\r\n", "Authorization: Digest ", "%00", "[::1]",
	};
	size_t n = strlen(text), at = dice(n), len = dice(12);
	const char *bit = bits[dice(sizeof(bits) / sizeof(bits[0]))];

	switch (dice(4)) {
	case 0:			/* another octet */
		text[at] = 1 + dice(255);
		break;
	case 1:			/* some less */
		if (at + len < n)
			memmove(text + at, text + at + len, n - at - len + 1);
		break;
	case 2:			/* something in between */
		if (n + strlen(bit) < room) {
			memmove(text + at + strlen(bit), text + at, n - at + 1);
			memcpy(text + at, bit, strlen(bit));
		}
		break;
	case 3:			/* some once more */
		if (at + len < n && n + len < room) {
			memmove(text + at + len, text + at, n - at + 1);
		}
	}
}

static bool mutating;
static char mutated[8192];

/* One of three, damaged in one or two places. */
HELPER void receive_mutated(const struct flow *f, const char *text)
{
	snprintf(mutated, sizeof(mutated) - 256, "%s", text);
	for (int i = dice(3) ? -1 : (int)dice(2); i >= 0; i--)
		if (strlen(mutated) > 20)
			mutate(mutated, sizeof(mutated));
	receive_octets(f, mutated);
}

HELPER void receive(const struct flow *f, const char *text)
{
	if (mutating)
		receive_mutated(f, text);
	else
		receive_octets(f, text);
}

static const char offer1[] = "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; spi-c=1111; "
			     "spi-s=1112; port-c=8001; port-s=8000";
static const char offer2[] = "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; spi-c=2111; "
			     "spi-s=2112; port-c=8003; port-s=8000";

struct ask {
	const char *method;		/* NULL: REGISTER */
	const char *impi;		/* NULL: 001@example.org */
	const char *response;		/* NULL: none */
	const char *client, *verify;
	const char *extra;
	const char *via;		/* NULL: the UE's address */
	unsigned int branch, expires;
	bool no_tags, sos;
};

HELPER void ask(const struct flow *from, const struct ask *a)
{
	const char *method = a->method ? a->method : "REGISTER";
	char text[4096];
	size_t n;

	n = snprintf(text, sizeof(text),
		     "%s sip:example.org SIP/2.0\r\n"
		     "Via: SIP/2.0/%s %s;branch=z9hG4bKue%u;rport\r\n"
		     "Max-Forwards: 70\r\n"
		     "From: <sip:001@example.org>;tag=1\r\n"
		     "To: <sip:001@example.org>\r\n"
		     "Call-ID: call\r\n"
		     "CSeq: %u %s\r\n"
		     "Contact: <sip:001@10.45.0.3:8000%s>;expires=%u\r\n"
		     "Authorization: Digest username=\"%s\", realm=\"example.org\", "
		     "nonce=\"\", uri=\"sip:example.org\", response=\"%s\"\r\n",
		     method, from->tcp ? "TCP" : "UDP", a->via ? a->via : "10.45.0.3:8000",
		     a->branch, a->branch + 1, method, a->sos ? ";sos" : "", a->expires,
		     a->impi ? a->impi : "001@example.org", a->response ? a->response : "");
	if (!a->no_tags)
		n += snprintf(text + n, sizeof(text) - n,
			      "Require: sec-agree\r\nProxy-Require: sec-agree\r\n");
	if (a->client)
		n += snprintf(text + n, sizeof(text) - n, "Security-Client: %s\r\n", a->client);
	if (a->verify)
		n += snprintf(text + n, sizeof(text) - n, "Security-Verify: %s\r\n", a->verify);
	snprintf(text + n, sizeof(text) - n, "%sContent-Length: 0\r\n\r\n",
		 a->extra ? a->extra : "");
	receive(from, text);
}

/* The value of a header in a message that was sent; static. */
HELPER const char *header(const char *text, const char *name)
{
	static char value[4][1024];
	static int turn;
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\r\n%s: ", name);
	at = strstr(text, line);
	if (!at)
		return NULL;
	at += strlen(line);
	turn = (turn + 1) % 4;
	snprintf(value[turn], sizeof(value[0]), "%.*s", (int)strcspn(at, "\r"), at);
	return value[turn];
}

/* The core answers what was sent to it last. */
HELPER void core_answers(const char *status, const char *lines)
{
	struct flow f = core_flow();
	char text[4096], vias[2048] = "";
	const char *at = up.text;

	while ((at = strstr(at, "\r\nVia: "))) {
		size_t n = strlen(vias);

		at += 2;
		snprintf(vias + n, sizeof(vias) - n, "%.*s\r\n", (int)strcspn(at, "\r"), at);
	}
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\r\n%s"
		 "From: %s\r\nTo: %s;tag=core\r\nCall-ID: call\r\nCSeq: %s\r\n"
		 "%sContent-Length: 0\r\n\r\n", status, vias, header(up.text, "From"),
		 header(up.text, "To"), header(up.text, "CSeq"), lines);
	receive(&f, text);
}

HELPER void core_challenges(const char *keys)
{
	char line[512];

	snprintf(line, sizeof(line), "WWW-Authenticate: Digest realm=\"example.org\", "
		 "nonce=\"abcd\", algorithm=AKAv1-MD5%s\r\n", keys);
	core_answers("401 Unauthorized", line);
}

#define GOOD_KEYS ", ck=\"" CK "\", ik=\"" IK "\""

HELPER void core_accepts(unsigned int expires)
{
	char lines[512];

	snprintf(lines, sizeof(lines),
		 "Contact: <sip:001@10.45.0.3:8000>;expires=%u\r\n"
		 "Service-Route: <sip:orig@192.0.2.2;lr>\r\n"
		 "P-Associated-URI: <sip:001@example.org>\r\n"
		 "P-Charging-Vector: icid-value=\"core\"\r\n", expires);
	core_answers("200 OK", lines);
}

HELPER unsigned int status(void)
{
	unsigned int code = 0;

	sscanf(down.text, "SIP/2.0 %u", &code);
	return code;
}

HELPER struct set *last_set(void)
{
	return set_find(fake_kernel.last_id);
}

static unsigned int branch;

HELPER struct set *challenged_set(void)
{
	struct flow f = clear_flow();

	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	return last_set();
}

HELPER void answer_challenge(const struct set *s)
{
	struct flow f = protected_flow(s);

	ask(&f, &(struct ask){ .client = s->client, .verify = s->server, .expires = 600000,
			       .response = "0123", .branch = ++branch });
}

HELPER struct set *registered_set(void)
{
	struct set *s = challenged_set();

	answer_challenge(s);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	return s;
}

/* Registered for emergency calls only. */
HELPER struct set *emergency_set(void)
{
	struct flow f = clear_flow();
	struct set *s;

	ask(&f, &(struct ask){ .client = offer1, .expires = 600, .branch = ++branch, .sos = true });
	core_challenges(GOOD_KEYS);
	s = last_set();
	f = protected_flow(s);
	ask(&f, &(struct ask){ .client = s->client, .verify = s->server, .response = "01",
			       .expires = 600, .branch = ++branch, .sos = true });
	core_accepts(600);
	assert_true(s->ue->emergency);
	return s;
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
