// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTER path from wire to wire: everything of the agent but sockets,
 * between a fake kernel and fake wires (transport.c is replaced here).
 */
#include <errno.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>

#include "clock.h"
#include "fake_kernel.h"
#include "proof.h"
#include "register.h"
#include "registrar.h"
#include "sip.h"
#include "spi.h"
#include "transaction.h"
#include "transport.h"

#define CK "b40ba9a3c58b2a05bbf0d987b21bf8cb"
#define IK "f769bcd751044604127672711c6d3441"
#define DRAIN 128000ull

/* --- the wires --- */

struct sent {
	struct flow to;
	char text[8192];
	/* What the kernel held when it left. */
	unsigned int kernel_sets;
	uint32_t kernel_state;
};

static struct sent up, down;		/* the last to the core, to the UE */
static unsigned int n_up, n_down;
static struct addr mw;
static bool core_unreachable;

struct transport_stats transport_stats;

int transport_send(const struct flow *f, const char *data, size_t n)
{
	struct sent *s = f->side == FLOW_MW ? &up : &down;

	(*(f->side == FLOW_MW ? &n_up : &n_down))++;
	s->to = *f;
	snprintf(s->text, sizeof(s->text), "%.*s", (int)n, data);
	s->kernel_sets = fake_kernel.n;
	s->kernel_state = fake_kernel.sets[fake_kernel.last_id].new.state;
	return 0;
}

int transport_next_hop(struct flow *f)
{
	memset(f, 0, sizeof(*f));
	f->side = FLOW_MW;
	f->local = mw;
	addr_parse(&f->remote, "192.0.2.2", 5060);
	return core_unreachable ? -ECONNREFUSED : 0;
}

const struct addr *transport_mw_address(void)
{
	return &mw;
}

void transport_limits(const struct config *cfg, struct sip_limits *limits)
{
	(void)cfg;
	*limits = sip_limits_default;
}

/* --- the agent --- */

static struct config cfg;
static struct set_endpoint endpoint;
static const uint16_t port_c[] = { 6101, 6102, 6103, 6104 };

static int begin(void **state)
{
	const struct transaction_config transactions = {
		.t1_gm = 2000, .t1_mw = 500, .unproven = 10, .send = transport_send,
	};
	const struct registrar_config registrar = { .reg_await_auth = 240000, .drain = DRAIN };
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = 1000,
		.max_temporary = 100, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};

	(void)state;
	memset(&cfg, 0, sizeof(cfg));
	cfg.secagree_required = true;
	strcpy(cfg.visited_network_id, "visited.example");
	suite_parse(STR_LIT("hmac-sha-1-96/aes-cbc"), &cfg.suites[0]);
	suite_parse(STR_LIT("hmac-md5-96/null"), &cfg.suites[1]);
	cfg.n_suites = 2;
	endpoint = (struct set_endpoint){ .id = 1, .port_s = 6100, .port_c = port_c,
					  .n_port_c = 4 };
	addr_parse(&endpoint.local, "10.4.128.21", 0);
	addr_parse(&mw, "192.0.2.1", 5060);
	core_unreachable = false;
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
	register_init(&cfg);
	sip_init(&cfg);
	return 0;
}

static int end(void **state)
{
	(void)state;
	register_exit();
	transaction_exit();
	registrar_exit();
	assert_null(registrar_first());
	assert_int_equal(set_count(), 0);
	spi_exit();
	clock_exit();
	return 0;
}

/* --- the UE and the core --- */

static struct flow clear_flow(void)
{
	struct flow f = { .side = FLOW_GM };

	addr_parse(&f.local, "10.4.128.21", 5060);
	addr_parse(&f.remote, "10.45.0.3", 5060);
	return f;
}

static struct flow protected_flow(const struct set *s)
{
	struct flow f = { .side = FLOW_GM_PROTECTED, .set = s->id };

	addr_parse(&f.local, "10.4.128.21", s->port_ps);
	addr_parse(&f.remote, "10.45.0.3", s->port_uc);
	return f;
}

static struct flow core_flow(void)
{
	struct flow f;

	transport_next_hop(&f);
	return f;
}

static void receive_octets(const struct flow *f, const char *text)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);

	memcpy(copy, text, n + 1);
	sip_receive(f, copy, n);
	free(copy);
}

/* --- mutations --- */

static uint32_t seed = 1;

static unsigned int dice(unsigned int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static void mutate(char *text, size_t room)
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
static void receive_mutated(const struct flow *f, const char *text)
{
	snprintf(mutated, sizeof(mutated) - 256, "%s", text);
	for (int i = dice(3) ? -1 : (int)dice(2); i >= 0; i--)
		if (strlen(mutated) > 20)
			mutate(mutated, sizeof(mutated));
	receive_octets(f, mutated);
}

static void receive(const struct flow *f, const char *text)
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
	bool no_tags;
};

static void ask(const struct flow *from, const struct ask *a)
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
		     "Contact: <sip:001@10.45.0.3:8000>;expires=%u\r\n"
		     "Authorization: Digest username=\"%s\", realm=\"example.org\", "
		     "nonce=\"\", uri=\"sip:example.org\", response=\"%s\"\r\n",
		     method, from->tcp ? "TCP" : "UDP", a->via ? a->via : "10.45.0.3:8000",
		     a->branch, a->branch + 1, method, a->expires,
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
static const char *header(const char *text, const char *name)
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
static void core_answers(const char *status, const char *lines)
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

static void core_challenges(const char *keys)
{
	char line[512];

	snprintf(line, sizeof(line), "WWW-Authenticate: Digest realm=\"example.org\", "
		 "nonce=\"abcd\", algorithm=AKAv1-MD5%s\r\n", keys);
	core_answers("401 Unauthorized", line);
}

#define GOOD_KEYS ", ck=\"" CK "\", ik=\"" IK "\""

static void core_accepts(unsigned int expires)
{
	char lines[512];

	snprintf(lines, sizeof(lines),
		 "Contact: <sip:001@10.45.0.3:8000>;expires=%u\r\n"
		 "Service-Route: <sip:orig@192.0.2.2;lr>\r\n"
		 "P-Associated-URI: <sip:001@example.org>\r\n"
		 "P-Charging-Vector: icid-value=\"core\"\r\n", expires);
	core_answers("200 OK", lines);
}

static unsigned int status(void)
{
	unsigned int code = 0;

	sscanf(down.text, "SIP/2.0 %u", &code);
	return code;
}

static struct set *last_set(void)
{
	return set_find(fake_kernel.last_id);
}

static unsigned int branch;

static struct set *challenged_set(void)
{
	struct flow f = clear_flow();

	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	return last_set();
}

static void answer_challenge(const struct set *s)
{
	struct flow f = protected_flow(s);

	ask(&f, &(struct ask){ .client = s->client, .verify = s->server, .expires = 600000,
			       .response = "0123", .branch = ++branch });
}

static struct set *registered_set(void)
{
	struct set *s = challenged_set();

	answer_challenge(s);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	return s;
}

/* --- the main job --- */

static void first_register_goes_up_as_it_should(void **state)
{
	struct flow f = clear_flow();
	const char *via;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000,
			       .extra = "Supported: path,sec-agree\r\n"
					"Route: <sip:10.4.128.21:5060;lr>\r\n"
					"P-Asserted-Identity: <sip:forged@example.org>\r\n" });
	assert_int_equal(n_up, 1);
	assert_int_equal(n_down, 0);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_null(header(up.text, "Security-Client"));
	assert_null(header(up.text, "Proxy-Require"));
	assert_null(header(up.text, "Route"));
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_string_equal(header(up.text, "Require"), "path");
	assert_string_equal(header(up.text, "Max-Forwards"), "69");
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	assert_non_null(strstr(header(up.text, "P-Visited-Network-ID"), "visited.example"));
	assert_non_null(header(up.text, "P-Charging-Vector"));
	assert_non_null(strstr(header(up.text, "Path"), "@192.0.2.1:5060;lr>"));
	via = header(up.text, "Via");
	assert_memory_equal(via, "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK", 41);
	assert_non_null(strstr(up.text, "received=10.45.0.3"));
	/* Nothing is in the kernel for somebody who only asked. */
	assert_int_equal(fake_kernel.adds, 0);
}

static void the_401_leaves_after_its_set_is_there(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	assert_int_equal(down.kernel_sets, 1);
	assert_int_equal(down.to.side, FLOW_GM);
	assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:5060");
	assert_string_equal(header(down.text, "Security-Server"), s->server);
	assert_null(strstr(down.text, "ck="));
	assert_null(strstr(down.text, "ik="));
	assert_null(strstr(down.text, CK));
	assert_null(strstr(down.text, "192.0.2.1"));
	assert_non_null(strstr(header(down.text, "WWW-Authenticate"), "nonce=\"abcd\""));
	assert_int_equal(fake_kernel.sets[s->id].ck[0], 0xb4);
	assert_int_equal(fake_kernel.sets[s->id].ik[0], 0xf7);
	assert_int_equal(s->port_uc, 8001);
	assert_int_equal(s->spi_us, 1112);
}

static void the_whole_registration(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	assert_null(header(up.text, "Security-Verify"));
	assert_null(header(up.text, "Security-Client"));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	/* Promoted before the 200 OK left; it left port_pc -> port_us on the set. */
	assert_int_equal(down.kernel_state, GMGATE_SET_STATE_ESTABLISHED);
	assert_int_equal(down.to.side, FLOW_GM_PROTECTED);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.local.port, s->port_pc);
	assert_int_equal(down.to.remote.port, 8000);
	assert_null(header(down.text, "P-Charging-Vector"));
	assert_int_equal(s->state, SET_INUSE);
	assert_string_equal(s->ue->service_route, "<sip:orig@192.0.2.2;lr>");
	assert_string_equal(s->ue->bindings->contact, "sip:001@10.45.0.3:8000");
	assert_true(s->ends == clock_now() + 600030000);
}

static void tcp_answers_on_the_connection(void **state)
{
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	f.tcp = true;
	f.conn = 77;
	f.remote.port = 40000;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_true(down.to.tcp);
	assert_int_equal(down.to.conn, 77);
	s = last_set();
	f = protected_flow(s);
	f.tcp = true;
	f.conn = 78;
	ask(&f, &(struct ask){ .client = offer1, .verify = s->server, .expires = 600000,
			       .response = "01", .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.conn, 78);
}

static void retransmissions_are_absorbed(void **state)
{
	struct flow f = clear_flow();
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &a);
	ask(&f, &a);
	assert_int_equal(n_up, 1);
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 1);
	ask(&f, &a);
	assert_int_equal(n_up, 1);
	assert_int_equal(n_down, 2);
	assert_int_equal(status(), 401);
	assert_int_equal(fake_kernel.adds, 1);
	/* The core's repetition changes nothing either. */
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 2);
	assert_int_equal(fake_kernel.adds, 1);
}

static void refresh_without_challenge(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	clock_advance(1000);
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, s->id);
	assert_true(s->ends == clock_now() + 600030000);
	assert_int_equal(set_count(), 1);
}

static void reauthentication_over_the_old_set(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	new = last_set();
	assert_ptr_not_equal(new, old);
	/* The 401 goes on the old one; port_us and port_ps stay, port_pc changes. */
	assert_int_equal(down.to.set, old->id);
	assert_int_not_equal(new->port_pc, old->port_pc);
	answer_challenge(new);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	core_accepts(600000);
	assert_int_equal(down.to.set, new->id);
	assert_int_equal(new->state, SET_NEW);
	assert_int_equal(old->state, SET_OLD);
	/* On the superseded set: "no". Then the UE speaks on the new one. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	f = protected_flow(new);
	ask(&f, &(struct ask){ .method = "OPTIONS", .branch = ++branch });
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
}

static void deregistration(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	uint32_t id = s->id;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	assert_int_equal(down.kernel_sets, 1);
	assert_int_equal(registrar_count(), 0);
	clock_advance(DRAIN);
	assert_int_equal(fake_kernel.n, 0);
}

/* --- what the core does wrong --- */

static void a_401_without_good_keys_is_a_500(void **state)
{
	static const char * const keys[] = {
		"", ", ck=\"" CK "\"", ", ik=\"" IK "\"", ", ck=\"b4\", ik=\"" IK "\"",
		", ck=\"" CK "\", ik=\"zz69bcd751044604127672711c6d3441\"",
	};
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_challenges(keys[i]);
		assert_int_equal(status(), 500);
		assert_null(strstr(down.text, "ck="));
		assert_null(strstr(down.text, IK));
		assert_int_equal(fake_kernel.adds, 0);
	}
}

static void kernel_refusal_is_a_500(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	fake_kernel.fail_add = -EINVAL;
	fake_kernel.fail_times = 1;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 500);
	assert_null(header(down.text, "Security-Server"));
	assert_int_equal(fake_kernel.n, 0);
}

static void full_is_a_503(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	fake_kernel.fail_add = -ENOSPC;
	fake_kernel.fail_times = 1;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 503);
	assert_non_null(header(down.text, "Retry-After"));
}

static void silence_of_the_core_is_a_504(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	clock_advance(31999);
	assert_int_equal(n_down, 0);
	clock_advance(1);
	assert_int_equal(status(), 504);
	core_unreachable = true;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	assert_int_equal(n_down, 2);
	assert_int_equal(status(), 504);
}

static void entry_point_that_does_not_serve_is_a_504(void **state)
{
	static const struct {
		const char *from;
		unsigned int to;
	} rows[] = { { "302 Moved", 504 }, { "480 Away", 504 }, { "305 Use Proxy", 305 },
		     { "403 Forbidden", 403 }, { "423 Interval Too Brief", 423 },
		     { "503 Busy", 503 } };
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_answers(rows[i].from, "");
		assert_int_equal(status(), rows[i].to);
	}
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	n_down = 0;
	core_answers("100 Trying", "");
	assert_int_equal(n_down, 0);
}

/* Nothing may be registered without SAs. */
static void acceptance_without_challenge_is_a_500(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_accepts(60);
	assert_int_equal(status(), 500);
	assert_int_equal(registrar_count(), 0);
}

static void wrong_res_leaves_no_set(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	core_answers("403 Forbidden", "");
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.set, s->id);
	clock_advance(DRAIN - 1);
	assert_int_equal(fake_kernel.n, 1);
	clock_advance(1);
	assert_int_equal(fake_kernel.n, 0);
}

/* TS 33.203 7.4.2a: where it began protected, the error goes on the old set. */
static void wrong_res_at_reauthentication(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_answers("403 Forbidden", "");
	assert_int_equal(down.to.set, old->id);
	assert_int_equal(down.to.local.port, old->port_pc);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 1);
	assert_ptr_equal(old->ue->in_use, old);
}

static void second_challenge_on_a_temp(void **state)
{
	struct set *a = challenged_set(), *b;
	uint32_t a_id = a->id;

	(void)state;
	answer_challenge(a);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_int_equal(down.to.set, a_id);
	b = last_set();
	answer_challenge(b);
	core_accepts(600000);
	assert_int_equal(b->state, SET_INUSE);
	assert_false(fake_kernel.sets[a_id].there);
}

/* --- what the UE does wrong --- */

static void offers_that_do_not_do(void **state)
{
	static const struct {
		struct ask ask;
		unsigned int status;
	} rows[] = {
		{ { .expires = 60 }, 494 },
		{ { .expires = 60, .no_tags = true }, 421 },
		{ { .expires = 60, .client = "ipsec-3gpp" }, 494 },
		{ { .expires = 60, .client = "ipsec-3gpp; alg=aes-gmac; spi-c=1111; spi-s=1112; "
		    "port-c=8001; port-s=8000" }, 494 },
		{ { .expires = 60, .client = offer1, .extra = "Proxy-Require: foo\r\n" }, 420 },
		{ { .expires = 60, .client = offer1, .impi = "" }, 400 },
	};
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&f, &rows[i].ask);
		if (status() != rows[i].status)
			fail_msg("row %zu: %s", i, down.text);
		if (status() == 494 || status() == 421) {
			assert_string_equal(header(down.text, "Require"), "sec-agree");
			assert_non_null(strstr(header(down.text, "Security-Server"),
					       "alg=hmac-sha-1-96"));
			assert_null(strstr(header(down.text, "Security-Server"), "spi-"));
		}
	}
	assert_int_equal(n_up, 0);
	assert_int_equal(transaction_stats.server, 0);
}

static void agreement_on_temp_is_checked(void **state)
{
	struct set *s;
	struct flow f;
	char altered[512];

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct ask a = { .response = "01", .expires = 60, .branch = ++branch };
		unsigned int want = 494;

		s = challenged_set();
		f = protected_flow(s);
		n_up = 0;
		a.client = offer1;
		a.verify = s->server;
		switch (i) {
		case 0:
			a.verify = NULL;
			want = 400;
			break;
		case 1:
			a.client = NULL;
			want = 400;
			break;
		case 2:
			a.client = offer2;
			break;
		case 3:
			snprintf(altered, sizeof(altered), "%s", s->server);
			memcpy(strstr(altered, "spi-c=") + 6, "7", 1);
			a.verify = altered;
			break;
		case 4:
			a.impi = "002@example.org";
			want = 403;
			break;
		case 5:
			a.via = "10.45.0.9:8000";
			want = 403;
			break;
		}
		ask(&f, &a);
		assert_int_equal(status(), want);
		assert_int_equal(n_up, 0);
		assert_int_equal(down.to.set, s->id);
		clock_advance(240000);
		assert_int_equal(fake_kernel.n, 0);
	}
}

static void only_register_on_temp(void **state)
{
	struct set *s = challenged_set();
	struct flow f = protected_flow(s);

	(void)state;
	n_down = 0;
	ask(&f, &(struct ask){ .method = "OPTIONS" });
	ask(&f, &(struct ask){ .method = "INVITE" });
	assert_int_equal(n_down, 0);
	assert_int_equal(n_up, 1);
}

static void other_methods(void **state)
{
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	ask(&f, &(struct ask){ .method = "INVITE" });
	assert_int_equal(status(), 403);
	n_down = 0;
	ask(&f, &(struct ask){ .method = "ACK" });
	assert_int_equal(n_down, 0);
	s = registered_set();
	f = protected_flow(s);
	ask(&f, &(struct ask){ .method = "MESSAGE", .branch = ++branch });
	assert_int_equal(status(), 501);
	assert_int_equal(down.to.local.port, s->port_pc);
}

static void unregistered_ue_is_not_answered(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_down = 0;
	ask(&f, &(struct ask){ .method = "MESSAGE", .branch = ++branch });
	assert_int_equal(n_down, 0);
}

static void no_offer_on_an_established_set(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .expires = 600000, .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	ask(&f, &(struct ask){ .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 403);
	assert_null(strstr(down.text, CK));
	assert_int_equal(set_count(), 1);
}

/* --- load and loss --- */

/* Newcomers displace the oldest unproven; its answer then comes to nobody. */
static void displaced_register(void **state)
{
	struct flow f = clear_flow();
	struct sent first;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	first = up;
	for (int i = 0; i < 30; i++)
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	assert_int_equal(transaction_stats.unproven, 10);
	/* Nor does the core hear of it again. */
	assert_int_equal(transaction_stats.client, 10);
	n_down = 0;
	up = first;
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 0);
	assert_int_equal(fake_kernel.adds, 0);
}

/* The set goes while the core thinks. */
static void set_lost_meanwhile(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	registrar_kernel_lost(s->id);
	n_down = 0;
	core_accepts(600000);
	assert_int_equal(n_down, 0);
	assert_int_equal(registrar_count(), 0);
	s = challenged_set();
	answer_challenge(s);
	registrar_kernel_lost(s->id);
	n_down = 0;
	clock_advance(32000);
	assert_int_equal(n_down, 0);
}

static void garbage(void **state)
{
	static const char * const texts[] = {
		"", "\r\n\r\n", "REGISTER\r\n\r\n", "REGISTER sip:x SIP/2.0\r\n\r\n",
		"REGISTER sip:x SIP/3.0\r\nVia: x\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
		"SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest ck=\"" CK "\", ik=\r\n\r\n",
	};
	struct flow flows[] = { clear_flow(), core_flow() };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int f = 0; f < 2; f++)
			receive(&flows[f], texts[i]);
	assert_int_equal(n_up, 0);
	assert_int_equal(fake_kernel.adds, 0);
}

/* Nothing may be left behind: ASan's leak check looks at this one. */
static void a_thousand_registrations(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct set *s = registered_set();
		struct flow f = protected_flow(s);

		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		assert_int_equal(status(), 200);
		clock_advance(DRAIN);
		assert_int_equal(fake_kernel.n, 0);
		assert_int_equal(transaction_stats.server, 0);
		assert_null(registrar_first());
		fake_kernel.last_id = 0;
	}
}

/* Field note 45: the whole 401 path, with damaged messages of all kinds. */
static void damaged_messages(void **state)
{
	(void)state;
	memset(&sip_stats, 0, sizeof(sip_stats));
	memset(&register_stats, 0, sizeof(register_stats));
	mutating = true;
	for (int i = 0; i < 20000; i++) {
		struct flow f = clear_flow();
		struct set *s;

		ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
		if (header(up.text, "From") && header(up.text, "To") && header(up.text, "CSeq"))
			core_challenges(GOOD_KEYS);
		assert_null(strstr(down.text, CK));
		s = last_set();
		if (s) {
			answer_challenge(s);
			if (header(up.text, "From") && header(up.text, "To") &&
			    header(up.text, "CSeq"))
				core_accepts(600000);
		}
		clock_advance(dice(100000));
		if (fake_kernel.last_id > FAKE_SETS - 10)
			break;
	}
	mutating = false;
	print_message("%lu messages, %lu unreadable, %lu malformed, %lu refused, %lu challenges, "
		      "%lu registrations\n", sip_stats.received, sip_stats.unreadable,
		      sip_stats.malformed, register_stats.refused, register_stats.challenges,
		      register_stats.registrations);
	assert_true(register_stats.registrations > 100);
	assert_true(sip_stats.malformed > 100);
	assert_true(sip_stats.unreadable > 100);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(first_register_goes_up_as_it_should), T(the_401_leaves_after_its_set_is_there),
		T(the_whole_registration), T(tcp_answers_on_the_connection),
		T(retransmissions_are_absorbed), T(refresh_without_challenge),
		T(reauthentication_over_the_old_set), T(deregistration),
		T(a_401_without_good_keys_is_a_500), T(kernel_refusal_is_a_500), T(full_is_a_503),
		T(silence_of_the_core_is_a_504), T(entry_point_that_does_not_serve_is_a_504),
		T(acceptance_without_challenge_is_a_500), T(wrong_res_leaves_no_set),
		T(wrong_res_at_reauthentication), T(second_challenge_on_a_temp),
		T(offers_that_do_not_do), T(agreement_on_temp_is_checked),
		T(only_register_on_temp), T(other_methods), T(unregistered_ue_is_not_answered),
		T(no_offer_on_an_established_set), T(displaced_register), T(set_lost_meanwhile),
		T(garbage), T(damaged_messages), T(a_thousand_registrations),
	};

	log_threshold = LOG_LEVEL_ERROR;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
