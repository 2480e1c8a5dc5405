// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of registered UEs on their way to the core, and the answers to
 * them: pcscf-sip 4, TS 24.229 5.2.6.3.
 */
#include "proxy_world.h"

/* An INVITE as phones send it, with all that a P-CSCF has to do to it. */
static const char phone_lines[] =
	"Contact: <sip:001@10.45.0.3:8000>;+g.3gpp.smsip\r\n"
	"P-Preferred-Identity: <sip:001@example.org>\r\n"
	"P-Asserted-Identity: <sip:forged@example.org>\r\n"
	"P-Charging-Vector: icid-value=\"forged\"\r\n"
	"P-Charging-Function-Addresses: ccf=forged\r\n"
	"P-Served-User: <sip:forged@example.org>\r\n"
	"P-Visited-Network-ID: forged\r\n"
	"Record-Route: <sip:forged.example.org;lr>\r\n"
	"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1, "
	"3GPP-E-UTRAN-FDD;network-provided;utran-cell-id-3gpp=2\r\n"
	"Require: sec-agree, 100rel\r\n"
	"Proxy-Require: sec-agree\r\n"
	"Security-Verify: ipsec-3gpp;q=0.1\r\n"
	"Privacy: none\r\n"
	"X-Unknown:  kept   as it is\r\n";

static const char service_route[] =
	"Route: <sip:10.4.128.21:6100;lr>, <sip:orig@192.0.2.2;lr>\r\n";

static void an_invite_goes_up(void **state)
{
	struct set *s = registered_set();
	const char *via;

	(void)state;
	n_up = n_down = 0;
	ue_says(s, &(struct say){ .route = service_route, .extra = phone_lines, .body = "v=0" });
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "INVITE sip:002@example.org SIP/2.0\r\n", 36);
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
	assert_string_equal(lines_of(&up, "P-Asserted-Identity"),
			    "P-Asserted-Identity: <sip:001@example.org>\r\n");
	assert_null(strstr(up.text, "forged"));
	assert_null(header(up.text, "P-Preferred-Identity"));
	assert_string_equal(header(up.text, "P-Access-Network-Info"),
			    "3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1");
	assert_string_equal(header(up.text, "Require"), "100rel");
	assert_null(header(up.text, "Proxy-Require"));
	assert_null(header(up.text, "Security-Verify"));
	assert_string_equal(header(up.text, "Privacy"), "none");
	assert_string_equal(header(up.text, "Max-Forwards"), "69");
	assert_non_null(strstr(up.text, "\r\nX-Unknown:  kept   as it is\r\n"));
	assert_non_null(strstr(up.text, "\r\n\r\nv=0"));
	assert_int_equal(strncmp(header(up.text, "P-Charging-Vector"), "icid-value=\"", 12), 0);
	via = lines_of(&up, "Via");
	assert_memory_equal(via, "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK", 46);
	assert_non_null(strstr(via, "received=10.45.0.3"));
	/* Double Record-Route: the side of the next hop is on top, port_ps below. */
	assert_non_null(strstr(lines_of(&up, "Record-Route"), "@192.0.2.1:5060;lr>\r\n"
			       "Record-Route: <sip:10.4.128.21:6100;lr>\r\n"));
	/* RFC 3261 17.2.1: 100 at once, port_pc to port_us on the set. */
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 100);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.local.port, s->port_pc);
	assert_int_equal(down.to.remote.port, s->port_us);
}

static void the_route_is_enforced(void **state)
{
	static const char * const routes[] = {
		"",
		"Route: <sip:10.4.128.21:6100;lr>\r\n",
		"Route: <sip:elsewhere.example.org;lr>\r\n",
		"Route: <sip:10.4.128.21:6100;lr>, <sip:orig@192.0.2.2;lr>, <sip:x.example;lr>\r\n",
		"Route: <sip:orig@192.0.2.2;lr>\r\nRoute: <sip:x.example;lr>\r\n",
		"Route: <sip:orig@192.0.2.2;lr;x>\r\n",
	};
	struct set *s = registered_set();

	(void)state;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		ue_says(s, &(struct say){ .method = "MESSAGE", .route = routes[i] });
		assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
		assert_int_equal(proxy_stats_now().rerouted, i + 1);
	}
}

/* Field note 35: a token in a UE's Route is nothing. */
static void a_forged_token_leads_nowhere(void **state)
{
	struct set *s = registered_set();
	char route[256];

	(void)state;
	n_down = 0;
	snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>\r\n", s->ue->token);
	ue_says(s, &(struct say){ .method = "MESSAGE", .route = route });
	assert_int_equal(n_down, 0);
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
	assert_null(strstr(up.text, s->ue->token));
}

static void identities(void **state)
{
	static const struct {
		const char *associated, *lines, *want;
	} rows[] = {
		{ "<sip:001@example.org>", "", "<sip:001@example.org>" },
		{ "\"A, B\" <sip:001@example.org>, <tel:+1>", "", "\"A, B\" <sip:001@example.org>" },
		{ "<sip:001@example.org>, <tel:+49-1>",
		  "P-Preferred-Identity: <tel:+491>\r\n", "<tel:+49-1>" },
		{ "<sip:001@example.org>, <sip:9@example.org>",
		  "P-Preferred-Identity: \"x\" <sip:9@EXAMPLE.org>\r\n", "<sip:9@example.org>" },
		{ "<sip:001@example.org>",
		  "P-Preferred-Identity: <sip:002@example.org>\r\n", "<sip:001@example.org>" },
		{ "<sip:001@example.org>, <tel:+1>",
		  "P-Preferred-Identity: <sip:no@example.org>, <tel:+1>\r\n", "<tel:+1>" },
		{ "<sip:001@example.org>", "P-Preferred-Identity: \"\r\n",
		  "<sip:001@example.org>" },
		/* From is never looked at, and barred ones are not in the list. */
		{ "<tel:+7>", "P-Preferred-Identity: <sip:001@example.org>\r\n", "<tel:+7>" },
		{ "", "", "<sip:001@example.org>" },
	};
	struct set *s = registered_set();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		free(s->ue->associated);
		s->ue->associated = strdup(rows[i].associated);
		ue_says(s, &(struct say){ .method = "MESSAGE", .extra = rows[i].lines });
		assert_string_equal(header(up.text, "P-Asserted-Identity"), rows[i].want);
	}
}

static void answers_come_back(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE", .via = "SIP/2.0/UDP 10.45.0.3:8000"
				  ";branch=z9hG4bKm;rport" });
	n_down = 0;
	core_replies("100 Trying", NULL, "");
	assert_int_equal(n_down, 0);
	core_replies("202 Accepted", "core", "P-Charging-Vector: icid-value=1\r\n"
		     "P-Charging-Function-Addresses: ccf=a\r\nPrivacy: id\r\n"
		     "P-Asserted-Identity: <sip:002@example.org>\r\nX-Y: z\r\n");
	assert_int_equal(status(), 202);
	assert_null(strstr(down.text, "P-Charging"));
	assert_null(header(down.text, "P-Asserted-Identity"));
	assert_string_equal(header(down.text, "X-Y"), "z");
	assert_string_equal(lines_of(&down, "Via"), "Via: SIP/2.0/UDP 10.45.0.3:8000"
			    ";branch=z9hG4bKm;rport=8001;received=10.45.0.3\r\n");
	/* TS 33.203 7.1: to port_us, whatever rport says. */
	assert_int_equal(down.to.remote.port, s->port_us);
	assert_int_equal(proxy_stats_now().open, 0);
}

/*
 * Field note 52: whose a request is says its set. Neither Via, From nor Contact can say
 * another, and none of them has to be one that is known.
 */
static void the_set_says_whose_it_is(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "SUBSCRIBE", .from = "<sip:007@other.example>;tag=a",
				  .via = "SIP/2.0/UDP phone.invalid:9;branch=z9hG4bKv;rport",
				  .extra = "Event: reg\r\nContact: <sip:007@phone.invalid:9>\r\n" });
	assert_memory_equal(up.text, "SUBSCRIBE", 9);
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:001@example.org>");
	assert_string_equal(lines_of(&up, "Route"), "Route: <sip:orig@192.0.2.2;lr>\r\n");
	core_replies("200 OK", "n", "Expires: 600\r\n");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, s->id);
	assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:8000");
}

static void retransmissions_stay_here(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKr" });
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKr" });
	assert_int_equal(n_up, 1);
	core_replies("200 OK", "c", "");
	n_down = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKr" });
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 200);
	assert_int_equal(n_up, 1);
}

static void what_is_refused(void **state)
{
	static const struct {
		struct say say;
		unsigned int status;
	} rows[] = {
		{ { .method = "MESSAGE", .via = "SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKx",
		    .extra = "Proxy-Require: foo, sec-agree\r\n" }, 420 },
		{ { .method = "MESSAGE", .route = "Route: <sip:a\r\n" }, 400 },
		{ { .method = "BYE" }, 481 },
		{ { .method = "UPDATE" }, 481 },
		{ { .method = "PRACK" }, 481 },
		{ { .method = "INFO", .to = "<sip:002@example.org>;tag=none" }, 481 },
		{ { .method = "CANCEL" }, 481 },
	};
	struct set *s = registered_set();

	(void)state;
	n_up = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ue_says(s, &rows[i].say);
		if (status() != rows[i].status)
			fail_msg("row %zu: %s", i, down.text);
	}
	assert_int_equal(n_up, 0);
	assert_int_equal(transaction_stats.client, 2);		/* those of REGISTER */
}

/* RFC 3261 26.2.2: nothing that asks for TLS leaves without; calls may end. */
static void sips_is_refused(void **state)
{
	struct set *s = registered_set();
	struct say bye = in_call("BYE", "core", 2);

	(void)state;
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "sips:002@example.org" });
	assert_int_equal(status(), 416);
	ue_says(s, &(struct say){ .method = "MESSAGE", .uri = "SIPS:002@example.org" });
	assert_int_equal(status(), 416);
	assert_int_equal(n_up, 0);
	ue_says(s, &(struct say){ .call = "2" });
	core_replies("200 OK", "core", "Contact: <sips:002@192.0.2.99>\r\n");
	bye.call = "2";
	bye.uri = "sips:002@192.0.2.99";
	ue_says(s, &bye);
	assert_memory_equal(up.text, "BYE sips:002@192.0.2.99", 23);
	/* Nor is mw-next-hop a way round the Service-Route. */
	free(s->ue->service_route);
	s->ue->service_route = strdup("<sips:orig@192.0.2.2;lr>");
	n_up = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .call = "3" });
	assert_int_equal(status(), 503);
	assert_int_equal(n_up, 0);
}

static void hops_end(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	n_up = 0;
	receive(&f, "OPTIONS sip:002@example.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKh\r\nMax-Forwards: 0\r\n"
		"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
		"Call-ID: h\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(status(), 483);
	assert_int_equal(n_up, 0);
}

static void unsupported_is_named(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE", .extra = "Proxy-Require: foo, bar\r\n" });
	assert_string_equal(header(down.text, "Unsupported"), "foo, bar");
}

/* TS 24.229 5.2.6.3.2A */
static void unregistered_is_not_answered(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_up = n_down = 0;
	ue_says(s, &(struct say){ 0 });
	ue_says(s, &(struct say){ .method = "FOO" });
	assert_int_equal(n_up + n_down, 0);
	assert_int_equal(proxy_stats_now().unregistered, 2);
}

static void unknown_methods_pass(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "FOO" });
	assert_memory_equal(up.text, "FOO sip:002@example.org", 23);
	core_replies("405 Method Not Allowed", "c", "Allow: INVITE\r\n");
	assert_int_equal(status(), 405);
	assert_string_equal(header(down.text, "Allow"), "INVITE");
}

static void a_silent_core(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = 0;
	ue_says(s, &(struct say){ .call = "2" });
	clock_advance(31999);
	/* Timer A doubles without a limit (RFC 3261 17.1.1.2). */
	assert_int_equal(n_up, 7);
	assert_int_equal(status(), 100);
	clock_advance(1);
	assert_int_equal(status(), 408);
	assert_int_equal(dialog_count(), 0);
	core_unreachable = true;
	ue_says(s, &(struct say){ .method = "MESSAGE", .call = "3" });
	clock_advance(1);
	assert_int_equal(status(), 503);
}

/* RFC 4320 4.2: no 408 for what is no INVITE; its repetitions are not new requests. */
static void a_silent_core_without_invite(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = n_down = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKs" });
	clock_advance(31999);
	assert_int_equal(n_up, 11);
	assert_int_equal(proxy_stats_now().open, 1);
	assert_int_equal(status(), 100);
	clock_advance(1);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(proxy_stats_now().timeouts, 1);
	/* The UE's timer F is 128 s (TS 24.229 table 7.7.1): it waits still. */
	assert_int_equal(status(), 504);
	assert_int_equal(n_down, 2);
	clock_advance(90000);
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKs" });
	assert_int_equal(n_up, 11);
	assert_int_equal(n_down, 3);
	clock_advance(38000);
	assert_int_equal(transaction_stats.server, 0);
}

/* RFC 4320 4.1: when timer E is T2, whoever asks, over whichever transport. */
static void a_100_when_it_takes_long(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	for (int tcp = 0; tcp < 2; tcp++) {
		f.tcp = tcp;
		f.conn = tcp ? 77 : 0;
		n_down = 0;
		say(&f, &(struct say){ .method = "MESSAGE", .call = tcp ? "t" : "u" });
		core_replies("100 Trying", NULL, "");
		/* RFC 4320 4.1: no other one is there to be passed on. */
		core_replies("180 Ringing", "x", "");
		clock_advance(13999);
		assert_int_equal(n_down, 0);
		clock_advance(1);
		assert_int_equal(n_down, 1);
		assert_int_equal(status(), 100);
		core_replies("200 OK", "x", "");
		assert_int_equal(status(), 200);
		clock_advance(100000);
		assert_int_equal(n_down, 2);
	}
	/* What is answered before gets none. */
	n_down = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .call = "3" });
	core_replies("200 OK", "x", "");
	clock_advance(100000);
	assert_int_equal(n_down, 1);
}

/* RFC 4320 4.2: no 408, whoever made it. */
static void a_408_for_what_is_no_invite(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE" });
	core_replies("408 Request Timeout", "x", "");
	assert_int_equal(status(), 504);
	assert_int_equal(proxy_stats_now().open, 0);
	/* To an INVITE it is what it always was. */
	ue_says(s, &(struct say){ .call = "i" });
	core_replies("408 Request Timeout", "x", "");
	assert_int_equal(status(), 408);
}

/* Where the Service-Route leads: to a node that is trusted, else mw-next-hop knows. */
static void the_next_hop(void **state)
{
	static const struct {
		const char *route, *want;
	} rows[] = {
		{ "<sip:orig@192.0.2.7:5070;lr>", "192.0.2.7:5070" },
		{ "<sip:orig@192.0.2.8;lr>, <sip:x@192.0.2.9;lr>", "192.0.2.8:5060" },
		{ "<sip:orig@203.0.113.9;lr>", "192.0.2.2:5060" },
		{ "<sip:orig@scscf.example.org;lr>", "192.0.2.2:5060" },
		{ "", "192.0.2.2:5060" },
	};
	struct set *s = registered_set();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		free(s->ue->service_route);
		s->ue->service_route = strdup(rows[i].route);
		n_up = 0;
		ue_says(s, &(struct say){ .method = "MESSAGE" });
		clock_advance(16000);
		assert_true(n_up > 0);
		assert_string_equal(addr_text(&up.to.remote), rows[i].want);
		core_replies("200 OK", "x", "");
		assert_int_equal(status(), 200);
	}
}

/* A 503 may be of somebody far behind: it passes, and nobody is avoided for it. */
static void a_far_503_pauses_nobody(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE" });
	core_replies("503 Service Unavailable", "x", "Retry-After: 600\r\n");
	assert_int_equal(status(), 503);
	n_up = 0;
	ue_says(s, &(struct say){ .method = "MESSAGE", .call = "2" });
	assert_int_equal(n_up, 1);
	core_replies("200 OK", "x", "");
	assert_int_equal(status(), 200);
}

/* TS 24.229 5.2.2.2: a new set while the phone waits; answers may move, CANCEL finds. */
static void a_new_set_in_the_midst(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);
	uint32_t old_id = old->id;

	(void)state;
	ue_says(old, &(struct say){ .branch = "z9hG4bKi" });
	ue_says(old, &(struct say){ .method = "MESSAGE", .call = "m" });
	core_replies("200 OK", "x", "");
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_accepts(600000);
	assert_int_equal(new->state, SET_NEW);
	ue_says(new, &(struct say){ .branch = "z9hG4bKi" });	/* a repetition, on the new set */
	assert_int_equal(new->state, SET_INUSE);
	assert_int_equal(status(), 100);
	assert_int_equal(transaction_stats.retransmitted, 1);
	ue_says(new, &(struct say){ .method = "CANCEL", .branch = "z9hG4bKi" });
	assert_int_equal(status(), 200);
	clock_advance(DRAIN);
	assert_null(set_find(old_id));
	assert_int_equal(status(), 487);
}

static void an_answer_moves_to_the_new_set(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);
	struct sent invite;
	uint32_t old_id = old->id;

	(void)state;
	ue_says(old, &(struct say){ .branch = "z9hG4bKi" });
	invite = up;
	core_replies("180 Ringing", "r", "");
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_accepts(600000);
	ue_says(new, &(struct say){ .method = "MESSAGE", .call = "m" });
	clock_advance(DRAIN);
	assert_null(set_find(old_id));
	up = invite;
	core_replies("200 OK", "r", "");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, new->id);
	assert_int_equal(down.to.local.port, new->port_pc);
}

/* Field note 25: a TCP answer takes its connection; when that is gone another in the set. */
static void tcp_answers(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	f.tcp = true;
	f.conn = 77;
	say(&f, &(struct say){ .method = "MESSAGE" });
	core_replies("200 OK", "x", "");
	assert_true(down.to.tcp);
	assert_int_equal(down.to.conn, 77);
	say(&f, &(struct say){ .method = "MESSAGE", .call = "2" });
	stands = false;
	our_tcp = true;
	core_replies("200 OK", "x", "");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.conn, 901);
	say(&f, &(struct say){ .method = "MESSAGE", .call = "3" });
	our_tcp = false;
	core_replies("200 OK", "x", "");
	assert_false(down.to.tcp);
	assert_int_equal(down.to.remote.port, s->port_us);
}

/* One phone cannot take what others need; what it has answered goes first. */
static void a_phone_is_bounded(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .call = "ringing", .branch = "z9hG4bKring" });
	core_replies("180 Ringing", "r", "");
	for (int i = 0; i < 200; i++) {
		ue_says(s, &(struct say){ .method = "MESSAGE", .call = "m" });
		core_replies("200 OK", "x", "");
	}
	assert_true(transaction_stats.server <= 65);
	n_down = 0;
	ue_says(s, &(struct say){ .call = "ringing", .branch = "z9hG4bKring" });
	assert_int_equal(status(), 180);
	/* Unanswered ones displace each other, and the core hears of it. */
	n_up = 0;
	for (int i = 0; i < 100; i++)
		ue_says(s, &(struct say){ .method = "MESSAGE", .call = "n" });
	assert_int_equal(proxy_stats_now().open, 64);
	assert_int_equal(n_up, 101);
	assert_memory_equal(up.text, "MESSAGE", 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_invite_goes_up), T(the_route_is_enforced), T(a_forged_token_leads_nowhere),
		T(identities), T(answers_come_back), T(the_set_says_whose_it_is),
		T(retransmissions_stay_here),
		T(what_is_refused), T(sips_is_refused), T(hops_end), T(unsupported_is_named),
		T(unregistered_is_not_answered), T(unknown_methods_pass), T(a_silent_core),
		T(a_silent_core_without_invite), T(a_100_when_it_takes_long),
		T(a_408_for_what_is_no_invite), T(the_next_hop),
		T(a_far_503_pauses_nobody),
		T(a_new_set_in_the_midst), T(an_answer_moves_to_the_new_set), T(tcp_answers),
		T(a_phone_is_bounded),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
