// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Emergency calls without registration: TS 24.229 5.2.10.2, pcscf-sip 7.
 */
#include "caller_world.h"

#include "log.h"

#define PHONE "10.66.0.1"
#define AT_HOME "sip:anonymous@10.66.0.1:5060"

static unsigned int known(void)
{
	return caller_stats.attempts + caller_stats.calls;
}

static const char *first_line(const struct sent *s)
{
	static char line[128];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(s->text, "\r"), s->text);
	return line;
}

/* --- which of them, and what becomes of the others --- */

static void nothing_is_kept(void)
{
	assert_int_equal(n_up, 0);
	assert_int_equal(known(), 0);
	assert_int_equal(transaction_stats.server, 0);
	assert_int_equal(dialog_count(), 0);
}

static void refused_by_default(void **state)
{
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	cfg.gm[0].unregistered = CONFIG_UNREGISTERED_REFUSE;
	caller_says(&f, (struct say){ 0 });
	assert_int_equal(status(), 403);
	caller_says(&f, (struct say){ .method = "CANCEL" });
	assert_int_equal(status(), 403);
	caller_says(&f, (struct say){ .method = "BYE", .to = "<urn:service:sos>;tag=e" });
	assert_int_equal(status(), 403);
	nothing_is_kept();
}

/* TS 24.229 5.2.10.5: who has what it needs is to register for it. */
static void told_to_register(void **state)
{
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	cfg.gm[0].unregistered = CONFIG_UNREGISTERED_ALTERNATIVE;
	caller_says(&f, (struct say){ 0 });
	assert_int_equal(status(), 380);
	assert_non_null(strstr(down.text, "<action>emergency-registration</action>"));
	assert_string_equal(header(down.text, "P-Asserted-Identity"), "<sip:10.4.128.21:5060;lr>");
	assert_int_equal(down.to.side, FLOW_GM);
	caller_says(&f, (struct say){ .uri = "tel:110" });
	assert_int_equal(status(), 380);
	caller_says(&f, (struct say){ .uri = "tel:111" });
	assert_int_equal(status(), 403);
	caller_says(&f, (struct say){ .method = "MESSAGE" });
	assert_int_equal(status(), 403);
	/* Where no such call is taken at all, registering would not help. */
	strcpy(cfg.emergency.route, "");
	caller_says(&f, (struct say){ 0 });
	assert_int_equal(status(), 380);
	assert_null(strstr(down.text, "<action>"));
	nothing_is_kept();
}

/* Nothing but INVITE for an emergency service begins anything. */
static void nothing_else(void **state)
{
	static const struct say refused[] = {
		{ .uri = "sip:002@example.org" }, { .uri = "tel:111" }, { .uri = "urn:service:sosx" },
		{ .method = "MESSAGE" }, { .method = "OPTIONS" }, { .method = "SUBSCRIBE" },
		{ .method = "REFER" }, { .method = "NOTIFY" }, { .method = "INFO" },
		{ .method = "PUBLISH" }, { .method = "XYZZY" },
	};
	static const char * const of_dialogs[] = {
		"BYE", "PRACK", "UPDATE", "INVITE", "INFO", "REFER", "NOTIFY",
	};
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		caller_says(&f, refused[i]);
		assert_int_equal(status(), 403);
	}
	for (size_t i = 0; i < sizeof(of_dialogs) / sizeof(of_dialogs[0]); i++) {
		caller_in_call(&f, of_dialogs[i], "none", 2);
		assert_int_equal(status(), 481);
	}
	caller_says(&f, (struct say){ .method = "CANCEL" });
	assert_int_equal(status(), 481);
	n_down = 0;
	caller_in_call(&f, "ACK", "none", 2);
	assert_int_equal(n_down, 0);
	/* And what is no request anybody may pass on (RFC 3261 16.3). */
	caller_says(&f, (struct say){ .extra = "Proxy-Require: foo\r\n" });
	assert_int_equal(status(), 420);
	nothing_is_kept();
}

/* --- what the E-CSCF gets --- */

static void assert_hygiene(const struct flow *f)
{
	static const char * const absent[] = {
		"P-Asserted-Identity", "P-Preferred-Identity", "P-Asserted-Service",
		"P-Charging-Function-Addresses", "P-Visited-Network-ID", "P-Served-User", "Path",
		"Service-Route", "Security-Client", "Security-Verify", "Require", "Proxy-Require",
	};
	char text[160];

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_null(header(up.text, absent[i]));
	assert_null(strstr(up.text, "forged"));
	assert_non_null(header(up.text, "P-Charging-Vector"));
	assert_string_equal(header(up.text, "P-Access-Network-Info"), "3GPP-E-UTRAN-FDD");
	assert_string_equal(header(up.text, "Privacy"), "id");
	assert_string_equal(header(up.text, "From"), ANONYMOUS ";tag=a");
	assert_string_equal(lines_of(&up, "Route"), "Route: " ECSCF "\r\n");
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.77:5070");
	snprintf(text, sizeof(text), "Record-Route: <sip:%s@192.0.2.1:5060;lr>\r\n"
		 "Record-Route: <sip:%s;lr>\r\n", dialog_token(&up), addr_text(&f->local));
	assert_string_equal(lines_of(&up, "Record-Route"), text);
	assert_int_equal(strncmp(header(up.text, "Via"), "SIP/2.0/UDP 192.0.2.1:5060;", 27), 0);
}

static void to_the_ecscf(void **state)
{
	struct flow flows[4] = {
		caller_at(PHONE, 5060), caller_at("10.66.0.2", 40000), caller_at("10.66.0.3", 4000),
	};

	(void)state;
	let_them_call();
	flows[1] = over_tcp(flows[1], 7);
	/* Over IPv6 it is another listener. */
	cfg.n_gm = 2;
	cfg.gm[1] = cfg.gm[0];
	addr_parse(&cfg.gm[1].unprotected, "2001:db8::10", 5060);
	flows[3] = (struct flow){ .side = FLOW_GM, .gm = 1, .local = cfg.gm[1].unprotected };
	addr_parse(&flows[3].remote, "2001:db8:45::3", 5060);
	for (int i = 0; i < 4; i++) {
		n_up = n_down = 0;
		caller_says(&flows[i], (struct say){
			.call = addr_host(&flows[i].remote), .body = "v=0",
			.uri = i == 2 ? "tel:110" : NULL,
			.route = "Route: <sip:10.4.128.21:5060;lr>, <sip:forged.example;lr>\r\n",
			.extra = "P-Asserted-Identity: <sip:forged@x>\r\n"
				 "P-Preferred-Identity: <sip:forged@x>\r\n"
				 "P-Charging-Function-Addresses: ccf=forged\r\n"
				 "P-Charging-Vector: icid-value=forged\r\n"
				 "P-Visited-Network-ID: forged\r\nP-Served-User: <sip:forged@x>\r\n"
				 "P-Asserted-Service: forged\r\nPath: <sip:forged;lr>\r\n"
				 "Service-Route: <sip:forged;lr>\r\n"
				 "Record-Route: <sip:forged;lr>\r\n"
				 "P-Access-Network-Info: 3GPP-E-UTRAN-FDD\r\n"
				 "P-Access-Network-Info: forged;network-provided\r\n"
				 "Privacy: id\r\nRequire: sec-agree\r\nProxy-Require: sec-agree\r\n"
				 "Security-Client: ipsec-3gpp;alg=forged\r\n"
				 "Security-Verify: ipsec-3gpp;alg=forged\r\n" });
		assert_int_equal(n_up, 1);
		assert_string_equal(first_line(&up), i == 2 ?
				    "INVITE urn:service:sos.police SIP/2.0" :
				    "INVITE urn:service:sos SIP/2.0");
		assert_hygiene(&flows[i]);
		assert_int_equal(status(), 100);
		assert_int_equal(down.to.conn, flows[i].conn);
		assert_true(addr_same(&down.to.remote, &flows[i].remote));
		assert_int_equal(down.to.side, FLOW_GM);
	}
	assert_int_equal(proxy_stats_now().emergency, 4);
	assert_int_equal(caller_stats.attempts, 4);
}

/* --- the dialog --- */

static void the_caller_rings_and_hangs_up(void **state)
{
	struct flow f = caller_at(PHONE, 5060), other = caller_at(PHONE, 6000);
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	caller_says(&f, (struct say){ 0 });
	strcpy(token, dialog_token(&up));
	ecscf_replies("183 Session Progress", "e", "P-Charging-Vector: icid-value=x\r\n"
		      "Contact: <sip:psap@192.0.2.80>\r\n");
	assert_int_equal(status(), 183);
	assert_null(header(down.text, "P-Charging-Vector"));
	assert_int_equal(caller_stats.attempts, 1);
	caller_in_call(&f, "PRACK", "call1", 2);
	assert_string_equal(first_line(&up), "PRACK sip:psap@192.0.2.80 SIP/2.0");
	assert_int_equal(caller_stats.calls, 1);
	assert_int_equal(caller_count_of(f.gm), 1);
	ecscf_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	caller_in_call(&f, "UPDATE", "call1", 3);
	assert_string_equal(first_line(&up), "UPDATE sip:psap@192.0.2.80 SIP/2.0");
	ecscf_replies("200 OK", NULL, "");
	n_down = 0;
	ecscf_in_call("UPDATE", AT_HOME, token, "call1", 5);
	assert_int_equal(n_down, 1);
	assert_string_equal(first_line(&down), "UPDATE " AT_HOME " SIP/2.0");
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5060");
	assert_string_equal(lines_of(&down, "Route"), "");
	reply(&down, &f, "200 OK", NULL, "P-Asserted-Identity: <sip:forged@x>\r\n"
	      "Security-Client: x\r\n");
	assert_string_equal(first_line(&up), "SIP/2.0 200 OK");
	assert_null(strstr(up.text, "forged"));
	assert_null(header(up.text, "Security-Client"));
	caller_in_call(&other, "UPDATE", "call1", 6);
	assert_string_equal(first_line(&up), "UPDATE sip:psap@192.0.2.80 SIP/2.0");
	caller_in_call(&f, "BYE", "call1", 7);
	assert_string_equal(first_line(&up), "BYE sip:psap@192.0.2.80 SIP/2.0");
	ecscf_replies("200 OK", NULL, "");
	clock_advance(400000);
	assert_int_equal(dialog_count(), 0);
	assert_int_equal(known(), 0);
	assert_int_equal(caller_count_of(f.gm), 0);
}

static void accepted_changed_and_ended_there(void **state)
{
	struct flow f = caller_at(PHONE, 5060);
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	strcpy(token, caller_calls(&f, "call1"));
	assert_int_equal(strncmp(up.text, "ACK ", 4), 0);
	assert_int_equal(caller_stats.calls, 1);
	caller_in_call(&f, "INVITE", "call1", 2);
	assert_string_equal(first_line(&up), "INVITE sip:psap@192.0.2.80 SIP/2.0");
	assert_null(header(up.text, "P-Asserted-Identity"));
	ecscf_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	n_up = 0;
	caller_in_call(&f, "ACK", "call1", 2);
	assert_int_equal(n_up, 1);
	ecscf_in_call("INVITE", AT_HOME, token, "call1", 7);
	assert_string_equal(first_line(&down), "INVITE " AT_HOME " SIP/2.0");
	reply(&down, &f, "200 OK", NULL, "Contact: <" AT_HOME ">\r\n");
	assert_string_equal(first_line(&up), "SIP/2.0 200 OK");
	n_down = 0;
	ecscf_in_call("ACK", AT_HOME, token, "call1", 7);
	assert_int_equal(n_down, 1);
	assert_string_equal(first_line(&down), "ACK " AT_HOME " SIP/2.0");
	/* The PSAP hangs up. */
	ecscf_in_call("BYE", AT_HOME, token, "call1", 8);
	assert_string_equal(first_line(&down), "BYE " AT_HOME " SIP/2.0");
	reply(&down, &f, "200 OK", NULL, "");
	assert_string_equal(first_line(&up), "SIP/2.0 200 OK");
	clock_advance(400000);
	assert_int_equal(known(), 0);
}

static void cancelled_and_refused(void **state)
{
	static const char via[] = "SIP/2.0/UDP 10.66.0.1;branch=z9hG4bKone";
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	caller_says(&f, (struct say){ .via = via });
	caller_says(&f, (struct say){ .via = via });		/* repeated: absorbed */
	assert_int_equal(n_up, 1);
	ecscf_replies("180 Ringing", "e", "");
	caller_says(&f, (struct say){ .method = "CANCEL", .via = via });
	assert_string_equal(first_line(&up), "CANCEL urn:service:sos SIP/2.0");
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.77:5070");
	clock_advance(400000);
	assert_int_equal(known(), 0);
	caller_says(&f, (struct say){ .call = "two" });
	ecscf_replies("486 Busy Here", "e", "");
	assert_int_equal(status(), 486);
	assert_int_equal(strncmp(up.text, "ACK ", 4), 0);
	assert_int_equal(known(), 0);
}

static void a_silent_ecscf(void **state)
{
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	caller_says(&f, (struct say){ 0 });
	clock_advance(70000);
	assert_int_equal(status(), 408);
	assert_int_equal(known(), 0);
}

/* --- whose it is --- */

static void other_peoples_calls(void **state)
{
	static const char * const methods[] = { "BYE", "UPDATE", "INVITE", "INFO" };
	struct flow f = caller_at(PHONE, 5060), his = caller_at("10.66.0.9", 5060);
	struct set *s = registered_set();
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	strcpy(token, caller_calls(&f, "call1"));
	n_up = 0;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		caller_in_call(&his, methods[i], "call1", 9);
		assert_int_equal(status(), 403);
	}
	caller_in_call(&his, "ACK", "call1", 9);
	/* A UE on its SAs, and the caller with other tags. */
	ue_says(s, &(struct say){ .method = "BYE", .to = "<urn:service:sos>;tag=e", .cseq = 9 });
	assert_int_equal(status(), 403);
	caller_says(&f, (struct say){ .method = "BYE", .to = "<urn:service:sos>;tag=x" });
	assert_int_equal(status(), 481);
	caller_says(&f, (struct say){ .method = "BYE", .to = "<urn:service:sos>;tag=e",
				      .from = ANONYMOUS ";tag=x" });
	assert_int_equal(status(), 481);
	assert_int_equal(n_up, 0);
	/* An answer from elsewhere is none, with the right branch even. */
	ecscf_in_call("UPDATE", AT_HOME, token, "call1", 5);
	reply(&down, &his, "200 OK", NULL, "");
	assert_int_equal(n_up, 0);
	reply(&down, &f, "200 OK", NULL, "");
	assert_int_equal(n_up, 1);
	assert_int_equal(caller_stats.calls, 1);
}

/* Its clear messages have no part in what the UE at the same address does on its SAs. */
static void at_the_address_of_a_ue(void **state)
{
	struct set *s = registered_set();
	struct flow f = clear_flow(), mine = protected_flow(s);
	char token[DIALOG_TOKEN];
	struct say what;

	(void)state;
	let_them_call();
	/* The UE's own call, which the clear side can neither end nor change. */
	ue_says(s, &(struct say){ .call = "its-own" });
	core_replies("200 OK", "b", "");
	n_up = 0;
	what = in_call("BYE", "b", 2);
	what.call = "its-own";
	say(&f, &what);
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
	/* The clear call has no identity, whoever it says to be, and no set is heard. */
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	answer_challenge(last_set());
	core_accepts(600000);
	assert_int_equal(last_set()->state, SET_NEW);
	caller_says(&f, (struct say){ .from = "<sip:001@example.org>;tag=a", .call = "clear",
				      .extra = "P-Preferred-Identity: <sip:001@example.org>\r\n" });
	assert_string_equal(first_line(&up), "INVITE urn:service:sos SIP/2.0");
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_null(strstr(up.text, "orig@192.0.2.2"));
	strcpy(token, dialog_token(&up));
	assert_int_equal(last_set()->state, SET_NEW);
	assert_int_equal(s->ue->n_dialogs, 1);
	/* What the core sends into it goes out in clear, never on a set. */
	ecscf_replies("180 Ringing", "e", "");
	ecscf_in_call("UPDATE", "sip:a@10.45.0.3:5060", token, "clear", 3);
	assert_int_equal(down.to.side, FLOW_GM);
	assert_int_equal(down.to.set, 0);
	/* And the UE is not party of it. */
	ue_says(s, &(struct say){ .method = "BYE", .call = "clear",
				  .to = "<urn:service:sos>;tag=e", .cseq = 4 });
	assert_int_equal(status(), 403);
}

/* --- where it is --- */

/* A long INVITE over TCP, the rest over UDP (RFC 3261 18.1.1); its connection may go. */
static void both_transports(void **state)
{
	struct flow t = over_tcp(caller_at(PHONE, 40001), 5), u = caller_at(PHONE, 5060);
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	caller_says(&t, (struct say){ 0 });
	strcpy(token, dialog_token(&up));
	assert_int_equal(n_held_connections, 1);
	ecscf_replies("183 Session Progress", "e", "");
	assert_int_equal(down.to.conn, 5);
	ecscf_in_call("UPDATE", AT_HOME, token, "call1", 3);
	assert_int_equal(down.to.conn, 5);
	/* It has gone: to the port of its Contact. */
	stands = false;
	ecscf_in_call("UPDATE", "sip:a@10.66.0.1:5099", token, "call1", 4);
	assert_false(down.to.tcp);
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5099");
	assert_string_equal(addr_text(&down.to.local), "10.4.128.21:5060");
	stands = true;
	caller_in_call(&u, "PRACK", "call1", 2);
	assert_int_equal(n_held_connections, 0);
	ecscf_in_call("UPDATE", AT_HOME, token, "call1", 5);
	assert_false(down.to.tcp);
	t.conn = 6;
	caller_in_call(&t, "UPDATE", "call1", 3);
	assert_int_equal(n_held_connections, 1);
	ecscf_in_call("UPDATE", AT_HOME, token, "call1", 6);
	assert_int_equal(down.to.conn, 6);
}

/* To its own address and no other, whatever its Contact says. */
static void never_elsewhere(void **state)
{
	static const char * const contacts[] = {
		"sip:a@10.66.0.99:5060", "sip:a@phone.example", "tel:110", "sip:a@[2001:db8::1]:7",
	};
	struct flow f = caller_at(PHONE, 33333);
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	strcpy(token, caller_calls(&f, "call1"));
	for (unsigned int i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
		n_down = 0;
		ecscf_in_call("UPDATE", contacts[i], token, "call1", 10 + i);
		assert_int_equal(n_down, 1);
		assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:33333");
	}
	ecscf_in_call("UPDATE", "sip:a@10.66.0.1", token, "call1", 20);
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5060");
}

/* --- how it ends when nobody says so --- */

static void a_bye_that_is_not_answered(void **state)
{
	struct flow f = caller_at(PHONE, 5060);
	char token[DIALOG_TOKEN];

	(void)state;
	let_them_call();
	strcpy(token, caller_calls(&f, "call1"));
	ecscf_in_call("BYE", AT_HOME, token, "call1", 3);
	clock_advance(129000);
	assert_int_equal(known(), 1);
	clock_advance(129000);
	assert_int_equal(known(), 0);
}

static void a_call_without_end(void **state)
{
	struct flow f = caller_at(PHONE, 5060);

	(void)state;
	let_them_call();
	caller_calls(&f, "call1");
	clock_advance(11 * 3600000ull);
	caller_in_call(&f, "UPDATE", "call1", 2);
	ecscf_replies("200 OK", NULL, "");
	clock_advance(11 * 3600000ull);
	assert_int_equal(known(), 1);
	clock_advance(3600000ull);
	assert_int_equal(known(), 0);
	assert_int_equal(dialog_count(), 0);
}

/* On SAs that it has left: its SAs are about to end, registering is the way. */
static void deregistered_on_its_sas(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	let_them_call();
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_up = 0;
	ue_says(s, &(struct say){ .uri = "urn:service:sos" });
	assert_int_equal(status(), 380);
	assert_non_null(strstr(down.text, "<action>emergency-registration</action>"));
	assert_int_equal(n_up, 0);
	/* In clear it is like any other. */
	f = clear_flow();
	caller_says(&f, (struct say){ 0 });
	assert_int_equal(n_up, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(refused_by_default), T(told_to_register), T(nothing_else), T(to_the_ecscf),
		T(the_caller_rings_and_hangs_up), T(accepted_changed_and_ended_there),
		T(cancelled_and_refused), T(a_silent_ecscf), T(other_peoples_calls),
		T(at_the_address_of_a_ue), T(both_transports), T(never_elsewhere),
		T(a_bye_that_is_not_answered), T(a_call_without_end), T(deregistered_on_its_sas),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests_name("emergency calls without registration", tests, NULL,
					   NULL);
}
