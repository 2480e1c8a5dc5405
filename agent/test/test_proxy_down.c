// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests of the core on their way to UEs, and the answers to them:
 * pcscf-sip 5, TS 24.229 5.2.6.4, gm-security 2.
 */
#include "proxy_world.h"

static const char core_lines[] =
	"Record-Route: <sip:mt@192.0.2.2;lr>, <sip:mo@192.0.2.7;lr>\r\n"
	"P-Called-Party-ID: <tel:+491>\r\n"
	"P-Asserted-Identity: <sip:002@example.org>\r\n"
	"P-Charging-Vector: icid-value=\"core\";term-ioi=x\r\n"
	"P-Charging-Function-Addresses: ccf=a\r\n"
	"P-Served-User: <sip:001@example.org>\r\n"
	"X-Unknown:  kept   as it is\r\n";

/* Field notes 26, 29 and 50: from port_pc of the set to its port_us, port_ps in Via. */
static void an_invite_goes_down(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = n_down = 0;
	core_invites(s, core_lines);
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, "SIP/2.0 100 Trying", 18);
	assert_int_equal(n_down, 1);
	assert_memory_equal(down.text, "INVITE sip:001@10.45.0.3:8000 SIP/2.0\r\n", 39);
	/* TS 33.203 7.1: port_pc to port_us, on the set. */
	assert_int_equal(down.to.side, FLOW_GM_PROTECTED);
	assert_false(down.to.tcp);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.local.port, s->port_pc);
	assert_int_equal(down.to.remote.port, s->port_us);
	/* Field note 29: Via has port_ps. */
	assert_memory_equal(lines_of(&down, "Via"),
			    "Via: SIP/2.0/UDP 10.4.128.21:6100;branch=z9hG4bK", 48);
	assert_null(header(down.text, "Route"));
	assert_memory_equal(lines_of(&down, "Record-Route"),
			    "Record-Route: <sip:10.4.128.21:6100;lr>\r\nRecord-Route: <sip:", 60);
	assert_non_null(strstr(lines_of(&down, "Record-Route"), "@192.0.2.1:5060;lr>\r\n"
			       "Record-Route: <sip:mt@192.0.2.2;lr>, <sip:mo@192.0.2.7;lr>\r\n"));
	assert_null(strstr(down.text, "P-Charging"));
	assert_null(header(down.text, "P-Served-User"));
	assert_string_equal(header(down.text, "P-Asserted-Identity"), "<sip:002@example.org>");
	assert_non_null(strstr(down.text, "\r\nX-Unknown:  kept   as it is\r\n"));
	assert_string_equal(header(down.text, "Max-Forwards"), "69");
	/* What leads the core to the UE is for the core alone. */
	assert_null(strstr(down.text, s->ue->token));
}

/* pcscf-sip 4: some UEs have port_uc or a name in their Contact; the set leads to them. */
static void the_contact_does_not_lead(void **state)
{
	static const char * const contacts[] = {
		"sip:001@10.45.0.3:8001", "sip:001@phone.invalid", "sip:001@192.0.2.99:5060",
		"sip:001@[2001:db8::9]:8000", "tel:+491",
	};
	struct set *s = registered_set();
	char start[64];

	(void)state;
	for (size_t i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
		n_down = 0;
		core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s),
					 .uri = contacts[i] });
		assert_int_equal(n_down, 1);
		snprintf(start, sizeof(start), "MESSAGE %s SIP/2.0\r\n", contacts[i]);
		assert_memory_equal(down.text, start, strlen(start));
		assert_int_equal(down.to.set, s->id);
		assert_int_equal(down.to.local.port, s->port_pc);
		assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:8000");
	}
}

static void privacy(void **state)
{
	struct set *s = registered_set();

	(void)state;
	core_invites(s, "Privacy: id;critical\r\nP-Asserted-Identity: <sip:002@example.org>\r\n");
	assert_null(header(down.text, "P-Asserted-Identity"));
	assert_string_equal(header(down.text, "Privacy"), "id;critical");
}

static void answers_go_up(void **state)
{
	struct set *s = registered_set();

	(void)state;
	core_invites(s, core_lines);
	n_up = 0;
	ue_replies(s, "100 Trying", NULL, "");
	assert_int_equal(n_up, 0);
	ue_replies(s, "180 Ringing", "u", "P-Preferred-Identity: <tel:+666>\r\n"
		   "P-Asserted-Identity: <tel:+666>\r\nP-Charging-Vector: icid-value=ue\r\n"
		   "P-Access-Network-Info: x;network-provided, 3GPP-E-UTRAN-FDD\r\n"
		   "Require: 100rel, sec-agree\r\n");
	assert_memory_equal(up.text, "SIP/2.0 180 Ringing", 19);
	assert_string_equal(lines_of(&up, "P-Asserted-Identity"),
			    "P-Asserted-Identity: <tel:+491>\r\n");
	assert_string_equal(lines_of(&up, "P-Charging-Vector"),
			    "P-Charging-Vector: icid-value=\"core\";term-ioi=x\r\n");
	assert_null(strstr(up.text, "+666"));	/* a token may have the digits */
	assert_string_equal(header(up.text, "P-Access-Network-Info"), "3GPP-E-UTRAN-FDD");
	assert_string_equal(header(up.text, "Require"), "100rel");
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_memory_equal(lines_of(&up, "Via"), "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=", 39);
	assert_null(strstr(lines_of(&up, "Via"), "10.4.128.21"));
	assert_int_equal(proxy_stats_now().restored, 0);
	ue_replies(s, "486 Busy Here", "u", "");
	assert_memory_equal(up.text, "SIP/2.0 486 Busy Here", 21);
	/* Without P-Called-Party-ID in a refusal (5.2.6.4.4), and its ACK is ours. */
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_memory_equal(down.text, "ACK sip:001@10.45.0.3:8000 SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 10.4.128.21:6100;branch=", 77);
	assert_string_equal(header(down.text, "To"), "<sip:001@example.org>;tag=u");
	assert_string_equal(header(down.text, "CSeq"), "1 ACK");
	assert_int_equal(dialog_count(), 0);
}

/* TS 24.229 5.2.6.4.4: Vias and Record-Route are those that were sent. */
static void tampered_answers_are_restored(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	char top[256], text[2048], sent_routes[1024];
	const char *vias;

	(void)state;
	core_invites(s, core_lines);
	snprintf(sent_routes, sizeof(sent_routes), "%s", lines_of(&down, "Record-Route"));
	vias = lines_of(&down, "Via");
	snprintf(top, sizeof(top), "%.*s", (int)strcspn(vias, "\r"), vias);
	snprintf(text, sizeof(text), "SIP/2.0 180 Ringing\r\n%s\r\n"
		 "Via: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKevil\r\n"
		 "Record-Route: <sip:evil.example.org;lr>\r\n"
		 "From: <sip:002@example.org>;tag=c\r\nTo: <sip:001@example.org>;tag=u\r\n"
		 "Call-ID: call1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n", top);
	receive(&f, text);
	assert_null(strstr(up.text, "evil"));
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_memory_equal(lines_of(&up, "Via"), "Via: SIP/2.0/UDP 192.0.2.2:5060;branch=", 39);
	assert_non_null(strstr(lines_of(&up, "Record-Route"), "<sip:10.4.128.21:6100;lr>, <sip:"));
	assert_non_null(strstr(lines_of(&up, "Record-Route"),
			       "<sip:mt@192.0.2.2;lr>, <sip:mo@192.0.2.7;lr>\r\n"));
	assert_int_equal(proxy_stats_now().restored, 1);
}

static void whom_the_core_may_reach(void **state)
{
	struct set *s = registered_set();
	struct say rows[] = {
		{ .method = "MESSAGE" },
		{ .method = "MESSAGE", .route = "Route: <sip:none@192.0.2.1:5060;lr>\r\n" },
		{ .method = "MESSAGE", .route = "Route: <sip:192.0.2.1:5060;lr>\r\n" },
		{ .method = "MESSAGE", .route = "Route: <sip:x@192.0.2.8;lr>\r\n" },
		{ .method = "BYE", .route = path_of(s) },
		{ .method = "MESSAGE", .to = "<sip:a@b>;tag=x", .route = path_of(s) },
		{ .method = "REGISTER", .route = path_of(s) },
		{ .method = "MESSAGE", .route = path_of(s), .extra = "Proxy-Require: x\r\n" },
		{ .method = "MESSAGE", .route = path_of(s), .uri = "sips:001@10.45.0.3:8000" },
	};
	static const char * const want[] = { "404", "404", "404", "404", "481", "481", "403",
					     "420", "416" };
	char route[80];

	(void)state;
	n_down = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		core_says(&rows[i]);
		if (strncmp(up.text + 8, want[i], 3))
			fail_msg("row %zu: %s", i, up.text);
	}
	/* A token is honoured where our own address stands with it, and whole. */
	snprintf(route, sizeof(route), "Route: <sip:%.31s@192.0.2.1:5060;lr>\r\n", s->ue->token);
	core_says(&(struct say){ .method = "MESSAGE", .route = route });
	assert_memory_equal(up.text, "SIP/2.0 404", 11);
	assert_int_equal(n_down, 0);
	core_says(&(struct say){ .method = "OPTIONS", .uri = "sip:192.0.2.1:5060" });
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

static void a_ue_without_set_or_registration(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	char route[128];

	(void)state;
	snprintf(route, sizeof(route), "%s", path_of(s));
	registrar_kernel_lost(s->id);
	n_down = 0;
	core_says(&(struct say){ .method = "MESSAGE", .route = route });
	assert_memory_equal(up.text, "SIP/2.0 480", 11);
	s = registered_set();
	f = protected_flow(s);
	snprintf(route, sizeof(route), "%s", path_of(s));
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_down = 0;
	core_says(&(struct say){ .method = "MESSAGE", .route = route });
	assert_memory_equal(up.text, "SIP/2.0 480", 11);
	assert_int_equal(n_down, 0);
}

/* T1 of 2 s towards the UE: 128 s, then 408 (TS 24.229 table 7.7.1). */
static void a_silent_ue(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_down = 0;
	core_invites(s, "");
	clock_advance(127999);
	assert_int_equal(n_down, 7);
	assert_memory_equal(up.text, "SIP/2.0 100", 11);
	clock_advance(1);
	assert_memory_equal(up.text, "SIP/2.0 408", 11);
	assert_int_equal(dialog_count(), 0);
	/* It is not de-registered by us (field note 23). */
	assert_int_equal(registrar_count(), 1);
}

/* RFC 4320 4.2: nobody waits for a 408 any more; before its time 480 says why. */
static void a_silent_ue_without_invite(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = n_down = 0;
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s),
				 .uri = "sip:001@10.45.0.3:8000" });
	clock_advance(3499);
	assert_int_equal(n_up, 0);
	clock_advance(1);
	assert_memory_equal(up.text, "SIP/2.0 100", 11);
	/* Who asked has given up after 32 s. */
	clock_advance(124500);
	assert_true(n_down > 1);
	assert_int_equal(n_up, 1);
	assert_int_equal(proxy_stats_now().open, 0);
	clock_advance(32000);
	assert_int_equal(transaction_stats.server, 0);
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s), .call = "2",
				 .uri = "sip:001@10.45.0.3:8000" });
	transaction_client_bounced(&(struct flow){ .remote = down.to.remote }, str_of(down.text));
	clock_advance(1);
	assert_int_equal(n_up, 2);
	assert_memory_equal(up.text, "SIP/2.0 480", 11);
}

/* RFC 3261 16.6 11., 16.8: more than three minutes after the last 1xx. */
static void timer_c(void **state)
{
	struct set *s = registered_set();

	(void)state;
	core_invites(s, "");
	ue_replies(s, "180 Ringing", "u", "");
	clock_advance(180000);
	assert_memory_equal(down.text, "INVITE", 6);
	clock_advance(10000);
	assert_memory_equal(down.text, "CANCEL", 6);
	assert_string_equal(header(down.text, "CSeq"), "1 CANCEL");
	clock_advance(128000);
	assert_memory_equal(up.text, "SIP/2.0 487", 11);
	assert_int_equal(proxy_stats_now().open, 0);
}

/* RFC 3261 9.1: not before a 1xx has come; RFC 3326: the Reason goes with it. */
static void a_cancel_waits_for_the_first_1xx(void **state)
{
	struct set *s = registered_set();
	struct sent invite;

	(void)state;
	core_invites(s, "");
	invite = down;
	n_down = 0;
	core_says(&(struct say){ .method = "CANCEL", .branch = last_branch,
				 .uri = "sip:001@10.45.0.3:8000",
				 .from = "<sip:002@example.org>;tag=c",
				 .to = "<sip:001@example.org>",
				 .extra = "Reason: SIP;cause=200;text=\"elsewhere\"\r\n" });
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
	assert_int_equal(n_down, 0);
	ue_replies(s, "180 Ringing", "u", "");
	assert_int_equal(n_down, 1);
	assert_memory_equal(down.text, "CANCEL sip:001@10.45.0.3:8000 SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP 10.4.128.21:6100;branch=", 80);
	assert_string_equal(header(down.text, "Reason"), "SIP;cause=200;text=\"elsewhere\"");
	/* Both have one branch. */
	assert_memory_equal(header(down.text, "Via"), header(invite.text, "Via"), 75);
	ue_replies(s, "200 OK", "u", "");
	down = invite;
	ue_replies(s, "487 Request Terminated", "u", "");
	assert_memory_equal(up.text, "SIP/2.0 487", 11);
	assert_memory_equal(down.text, "ACK", 3);
}

/* RFC 3261 18.1.1, field note 33: what is too long goes by TCP inside the SA. */
static void large_messages(void **state)
{
	struct set *s = registered_set();
	char body[1400];
	struct say big = { .method = "MESSAGE", .route = path_of(s), .body = body,
			   .uri = "sip:001@10.45.0.3:8000" };

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	our_tcp = their_tcp = true;
	core_says(&big);
	assert_int_equal(down.to.conn, 901);
	assert_int_equal(down.to.local.port, s->port_pc);
	assert_int_equal(down.to.set, s->id);
	assert_memory_equal(lines_of(&down, "Via"), "Via: SIP/2.0/TCP 10.4.128.21:6100;", 34);
	/* It does not stand: by the UE's own connection ... */
	n_down = 0;
	transaction_connection_closed(&(struct flow){ .conn = 901 });
	clock_advance(1);
	assert_int_equal(n_down, 1);
	assert_int_equal(down.to.conn, 902);
	/* ... and when that is gone, by UDP after all. */
	transaction_connection_closed(&(struct flow){ .conn = 902 });
	clock_advance(1);
	assert_int_equal(n_down, 2);
	assert_false(down.to.tcp);
	assert_memory_equal(lines_of(&down, "Via"), "Via: SIP/2.0/UDP 10.4.128.21:6100;", 34);
	ue_replies(s, "200 OK", "u", "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
	our_tcp = their_tcp = false;
	big.call = "2";
	core_says(&big);
	assert_false(down.to.tcp);
}

/* Contact with transport=tcp; a small one without goes by UDP (field notes 28, 36, 37). */
static void the_contact_says_tcp(void **state)
{
	struct set *s = registered_set();

	(void)state;
	our_tcp = true;
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s),
				 .uri = "sip:001@10.45.0.3:8000;transport=TCP" });
	assert_int_equal(down.to.conn, 901);
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s), .call = "2",
				 .uri = "sip:001@10.45.0.3:8000;ob" });
	assert_false(down.to.tcp);
	our_tcp = false;
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s), .call = "3",
				 .uri = "sip:001@10.45.0.3:8000;transport=tcp" });
	assert_false(down.to.tcp);
	assert_memory_equal(down.text, "MESSAGE", 7);
}

/* Kamailio's failure, measured: after re-authentication the first set was used for ever. */
static void the_set_in_use_sends(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_accepts(600000);
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(new),
				 .uri = "sip:001@10.45.0.3:8000" });
	assert_int_equal(down.to.set, old->id);
	ue_says(new, &(struct say){ .method = "MESSAGE", .call = "m" });
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(new), .call = "n",
				 .uri = "sip:001@10.45.0.3:8000" });
	assert_int_equal(down.to.set, new->id);
	/* It answers on either. */
	ue_replies(old, "200 OK", "u", "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

/* An answer counts from the UE it is of, on a set, and not on a TEMP. */
static void whose_answers_count(void **state)
{
	struct set *s = registered_set();
	struct flow other = protected_flow(s), clear = clear_flow(), core = core_flow();
	struct sent sent;

	(void)state;
	core_says(&(struct say){ .method = "MESSAGE", .route = path_of(s),
				 .uri = "sip:001@10.45.0.3:8000" });
	sent = down;
	addr_parse(&other.remote, "10.45.0.9", 8001);
	n_up = 0;
	reply(&sent, &other, "200 OK", "u", "");
	reply(&sent, &clear, "200 OK", "u", "");
	reply(&sent, &core, "200 OK", "u", "");
	assert_int_equal(n_up, 0);
	down = sent;
	ue_replies(s, "200 OK", "u", "");
	assert_int_equal(n_up, 1);
}

/* The core cannot use up one UE's memory, nor that of its own requests. */
static void the_core_is_bounded(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE", .call = "mine" });
	for (int i = 0; i < 200; i++)
		core_invites(s, "");
	assert_int_equal(proxy_stats_now().open, 65);
	assert_true(dialog_count() <= 32);
	clock_advance(128000);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(dialog_count(), 0);
}

/* RFC 3261 18.2.2: the core's connection went while it rang. */
static void the_cores_connection_closes(void **state)
{
	struct set *s = registered_set();
	struct flow f = core_flow();

	(void)state;
	f.tcp = true;
	f.conn = 55;
	f.remote.port = 40000;
	say(&f, &(struct say){ .uri = "sip:001@10.45.0.3:8000", .route = path_of(s),
			       .from = "<sip:002@example.org>;tag=c",
			       .to = "<sip:001@example.org>" });
	ue_replies(s, "180 Ringing", "u", "");
	assert_int_equal(up.to.conn, 55);
	stands = false;
	ue_replies(s, "200 OK", "u", "");
	assert_int_equal(up.to.conn, 903);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_invite_goes_down), T(the_contact_does_not_lead), T(privacy), T(answers_go_up),
		T(tampered_answers_are_restored), T(whom_the_core_may_reach),
		T(a_ue_without_set_or_registration), T(a_silent_ue),
		T(a_silent_ue_without_invite), T(timer_c),
		T(a_cancel_waits_for_the_first_1xx), T(large_messages), T(the_contact_says_tcp),
		T(the_set_in_use_sends), T(whose_answers_count), T(the_core_is_bounded),
		T(the_cores_connection_closes),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
