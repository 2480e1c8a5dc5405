// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The pure half of the proxy by tables: which routes are ours, which identity
 * is a UE's, what each edit makes of a line (TS 24.229 5.2.6, RFC 3261 16).
 */
#include <osipparser2/osip_parser.h>
#include <stdio.h>

#include "proof.h"
#include "proxy_edit.h"
#include "proxy_identity.h"
#include "proxy_route.h"
#include "trust_domain.h"

static struct addr own_list[4];
static const struct proxy_own own = { own_list, 4 };
static const struct sip_source source = { .host = "10.45.0.3", .port = 5100 };

static int begin_group(void **state)
{
	(void)state;
	parser_init();
	addr_parse(&own_list[0], "192.0.2.1", 5060);
	addr_parse(&own_list[1], "10.4.128.21", 6100);
	addr_parse(&own_list[2], "2001:db8:4:128::21", 6100);
	addr_parse(&own_list[3], "2001:db8::1", 5060);
	return 0;
}

static struct sip_msg *with(const char *start, const char *lines)
{
	struct sip_fault fault;
	struct sip_msg *msg;
	char text[2048];
	int n;

	n = snprintf(text, sizeof(text),
		     "%s\r\nVia: SIP/2.0/UDP 10.45.0.3:5101;branch=z9hG4bKu\r\nMax-Forwards: 70\r\n"
		     "%sFrom: <sip:a@example.org>;tag=1\r\nTo: <sip:b@example.org>\r\n"
		     "Call-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n", start, lines);
	msg = sip_msg_new((struct str){ text, n }, &sip_limits_default, NULL);
	assert_true(msg && sip_msg_check(msg, false, &fault));
	return msg;
}

static struct sip_msg *request(const char *lines)
{
	return with("MESSAGE sip:b@example.org SIP/2.0", lines);
}

#define MALFORMED 99

static void test_own_routes(void **state)
{
	static const struct {
		const char *lines, *token, *next;
		unsigned int own;		/* MALFORMED: cannot be read */
	} rows[] = {
		{ "", "", "", 0 },
		{ "Route: <sip:t@192.0.2.1;lr>\r\n", "t", "", 1 },
		{ "Route: <sip:t@192.0.2.1:5060;lr>, <sip:10.4.128.21:6100;lr>, <sip:x;lr>\r\n",
		  "t", "sip:x;lr", 2 },
		{ "Route: <sip:t@192.0.2.1;lr>\r\nRoute: <sip:10.4.128.21:6100;lr>\r\n", "t", "",
		  2 },
		/* A third is another dialog's. */
		{ "Route: <sip:t@192.0.2.1>, <sip:10.4.128.21:6100>, <sip:u@192.0.2.1;lr>\r\n",
		  "t", "sip:u@192.0.2.1;lr", 2 },
		{ "Route: <sip:x.example;lr>, <sip:t@192.0.2.1;lr>\r\n", "", "sip:x.example;lr", 0 },
		{ "Route: <sip:t@192.0.2.1:5061;lr>\r\n", "", "sip:t@192.0.2.1:5061;lr", 0 },
		{ "Route: <sip:t@10.4.128.21;lr>\r\n", "", "sip:t@10.4.128.21;lr", 0 },
		/* Field note 42: IPv6, in any spelling. */
		{ "Route: <sip:t@[2001:db8:4:128::21]:6100;lr>\r\n", "t", "", 1 },
		{ "Route: <sip:t@[2001:DB8:4:128:0:0:0:21]:6100;lr>\r\n", "t", "", 1 },
		{ "Route: \"gate\" <sip:t@[2001:db8::1];lr>;x=y\r\n", "t", "", 1 },
		{ "Route: <tel:+49>\r\n", "", "tel:+49", 0 },
		{ "Route: <sip:a\r\n", "", "", MALFORMED },
		{ "Route: *\r\n", "", "", MALFORMED },
		{ "Route: sip:a;x=\"\r\n", "", "", MALFORMED },
		{ "Route: <sip:x;lr>, <sip:\r\n", "", "", MALFORMED },
		{ "Route: <sip:0123456789012345678901234567890123456789012345678901234567890123456"
		  "@192.0.2.1;lr>\r\n", "", "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_msg *msg = request(rows[i].lines);
		struct proxy_routes r;

		if (proxy_routes_read(msg, &own, &r) == (rows[i].own == MALFORMED))
			fail_msg("row %zu", i);
		if (rows[i].own != MALFORMED) {
			assert_string_equal(r.token, rows[i].token);
			assert_int_equal(r.own, rows[i].own);
			assert_str(r.next, rows[i].next);
		}
		sip_msg_free(msg);
	}
}

static void test_routes_are(void **state)
{
	static const struct {
		const char *lines, *list;
		bool same;
	} rows[] = {
		{ "", "", true },
		{ "", "<sip:a.example;lr>", false },
		{ "Route: <sip:192.0.2.1;lr>\r\n", "", true },
		{ "Route: <sip:a.example;lr>\r\n", "<sip:a.example;lr>", true },
		{ "Route: <sip:192.0.2.1;lr>,<sip:a.example;lr>\r\n", "<sip:a.example;lr>", true },
		{ "Route: <sip:a.example;lr>\r\nRoute: <sip:b.example>\r\n",
		  "<sip:a.example;lr>, <sip:b.example>", true },
		{ "Route: <sip:b.example>, <sip:a.example;lr>\r\n",
		  "<sip:a.example;lr>, <sip:b.example>", false },
		{ "Route: <sip:a.example;lr>\r\n", "<sip:a.example;lr>, <sip:b.example>", false },
		{ "Route: <sip:a.example;lr>, <sip:b.example>\r\n", "<sip:a.example;lr>", false },
		{ "Route: <sip:a.example;lr;x>\r\n", "<sip:a.example;lr>", false },
		/* Parameters of the header are nobody's route. */
		{ "Route: <sip:a.example;lr>;x=y\r\n", "\"S\" <sip:a.example;lr>", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_msg *msg = request(rows[i].lines);
		struct proxy_routes r;

		assert_true(proxy_routes_read(msg, &own, &r));
		if (proxy_routes_are(msg, &r, str_of(rows[i].list)) != rows[i].same)
			fail_msg("row %zu", i);
		sip_msg_free(msg);
	}
}

static void test_routes_of_answer(void **state)
{
	static const struct {
		const char *lines, *want;	/* NULL: cannot be used */
	} rows[] = {
		{ "", "" },
		{ "Record-Route: <sip:t@192.0.2.1;lr>, <sip:10.4.128.21:6100;lr>\r\n", "" },
		{ "Record-Route: <sip:b.example;lr>\r\nRecord-Route: <sip:a.example;lr>\r\n"
		  "Record-Route: <sip:t@192.0.2.1;lr>, <sip:10.4.128.21:6100;lr>\r\n",
		  "<sip:a.example;lr>, <sip:b.example;lr>" },
		/* The callee is a UE of ours, too: that half is part of the route. */
		{ "Record-Route: <sip:10.4.128.21:6100;lr>, <sip:u@192.0.2.1;lr>, <sip:s.example;lr>, "
		  "<sip:t@192.0.2.1;lr>, <sip:10.4.128.21:6100;lr>\r\n",
		  "<sip:s.example;lr>, <sip:u@192.0.2.1;lr>, <sip:10.4.128.21:6100;lr>" },
		{ "Record-Route: <sip:a.example;lr>\r\n", "<sip:a.example;lr>" },
		{ "Record-Route: <sip:a\r\n", NULL },
	};
	char many[2048] = "Record-Route: <sip:a;lr>";
	struct octets out = { 0 };
	struct sip_msg *msg;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		msg = with("SIP/2.0 200 OK", rows[i].lines);
		out.n = 0;
		assert_int_equal(proxy_routes_of_answer(msg, &own, &out), rows[i].want != NULL);
		assert_str(octets_str(&out), rows[i].want ? rows[i].want : "");
		sip_msg_free(msg);
	}
	for (int i = 0; i < 40; i++)
		strcat(many, ",<sip:a;lr>");
	strcat(many, "\r\n");
	msg = with("SIP/2.0 200 OK", many);
	assert_false(proxy_routes_of_answer(msg, &own, &out));
	sip_msg_free(msg);
	octets_free(&out);
}

static void test_identities(void **state)
{
	static const struct {
		const char *preferred, *associated, *registered, *want;	/* NULL: none */
	} rows[] = {
		{ NULL, "<sip:a@x>, <tel:+1>", "", "<sip:a@x>" },
		{ "<tel:+1>", "<sip:a@x>, <tel:+1>", "", "<tel:+1>" },
		{ "tel:+1", "<sip:a@x>, <tel:+1>", "", "<tel:+1>" },
		{ "<tel:+(1)2-3.4>", "<sip:a@x>, <tel:+1234;phone-context=x>", "",
		  "<tel:+1234;phone-context=x>" },
		{ "<tel:+12>", "<sip:a@x>, <tel:+123>", "", "<sip:a@x>" },
		{ "<tel:+123>", "<sip:a@x>, <tel:+12>", "", "<sip:a@x>" },
		{ "<sip:+1@x;user=phone>", "<sip:a@x>, <sip:+1@x>", "", "<sip:+1@x>" },
		{ "<sip:A@x>", "<sip:a@x>, <sip:b@x>", "", "<sip:a@x>" },
		{ "<sip:b@y>, <tel:+1>", "<sip:a@x>, <tel:+1>", "", "<tel:+1>" },
		/* RFC 3325 9.2: two at most. */
		{ "<sip:b@y>, <sip:c@y>, <tel:+1>", "<sip:a@x>, <tel:+1>", "", "<sip:a@x>" },
		{ "\"Somebody\" <sip:b@x>", "<sip:a@x>, \"B, b\" <sip:b@x>;p=q", "",
		  "\"B, b\" <sip:b@x>" },
		{ NULL, "", "sip:r@x", "<sip:r@x>" },
		{ "<sip:b@x>", "", "sip:r@x", "<sip:r@x>" },
		{ NULL, "", "", NULL },
		{ NULL, "*, <sip:a@x>", "", "<sip:a@x>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct octets out = { 0 };
		struct sip_msg *msg;
		char line[256] = "";

		if (rows[i].preferred)
			snprintf(line, sizeof(line), "P-Preferred-Identity: %s\r\n",
				 rows[i].preferred);
		msg = request(line);
		assert_int_equal(proxy_identity(msg, str_of(rows[i].associated),
						str_of(rows[i].registered), &out),
				 rows[i].want != NULL);
		assert_str(octets_str(&out), rows[i].want ? rows[i].want : "");
		sip_msg_free(msg);
		octets_free(&out);
	}
}

static void assert_lines(const struct sip_msg *msg, const char *lines)
{
	struct octets out = { 0 };
	char want[2048];
	const char *at;

	assert_true(sip_msg_write(msg, &out));
	octets_put(&out, STR_LIT("\0"));
	snprintf(want, sizeof(want), "\r\n%s", lines);
	at = strstr(out.p, want);
	if (!at)
		fail_msg("want '%s' in '%s'", lines, out.p);
	octets_free(&out);
}

static void test_up(void **state)
{
	const struct proxy_request_edit edit = {
		.source = &source, .via_host = "192.0.2.1", .via_port = 5060,
		.via_transport = "TCP", .branch = "z9hG4bKo",
		.record_route = { STR_LIT("<sip:t@c;lr>"), STR_LIT("<sip:u;lr>") },
	};
	struct proxy_up_edit up = {
		.route = STR_LIT("<sip:s;lr>"), .identity = STR_LIT("<sip:a@x>"),
		.charging = STR_LIT("icid-value=1"),
	};
	struct sip_msg *msg = request("Route: <sip:e;lr>\r\nRecord-Route: <sip:e;lr>\r\n"
				      "Service-Route: <sip:e>\r\nPath: <sip:e>\r\n");

	(void)state;
	proxy_edit_up(msg, &edit, &up);
	assert_lines(msg, "Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKo\r\n"
		     "Via: SIP/2.0/UDP 10.45.0.3:5101;branch=z9hG4bKu;received=10.45.0.3\r\n"
		     "Max-Forwards: 69\r\nRoute: <sip:s;lr>\r\nRecord-Route: <sip:t@c;lr>\r\n"
		     "Record-Route: <sip:u;lr>\r\nFrom: ");
	assert_lines(msg, "Content-Length: 0\r\nP-Asserted-Identity: <sip:a@x>\r\n"
		     "P-Charging-Vector: icid-value=1\r\n\r\n");
	sip_msg_restore(msg);
	up = (struct proxy_up_edit){ .route = STR_LIT("") };
	proxy_edit_up(msg, &(struct proxy_request_edit){
		.source = &source, .via_host = "192.0.2.1", .via_port = 5060,
		.via_transport = "UDP", .branch = "z9hG4bKo" }, &up);
	assert_lines(msg, "Max-Forwards: 69\r\nFrom: ");
	sip_msg_free(msg);
}

static void test_down(void **state)
{
	struct sip_msg *msg = request("Route: <sip:t@192.0.2.1;lr>, <sip:10.4.128.21:6100>, "
				      "<sip:x>\r\nRecord-Route: <sip:m;lr>\r\n"
				      "P-Charging-Vector: x\r\nP-User-Database: x\r\n"
				      "Security-Server: x\r\nPath: <sip:p>\r\n");
	struct proxy_routes r;
	struct proxy_request_edit edit = {
		.source = &source, .via_host = "10.4.128.21", .via_port = 6100,
		.via_transport = "UDP", .branch = "z9hG4bKo",
		.record_route = { STR_LIT("<sip:u;lr>"), STR_LIT("<sip:t@c;lr>") },
	};

	(void)state;
	assert_true(proxy_routes_read(msg, &own, &r));
	edit.route_end = r.end;
	proxy_edit_down(msg, &edit);
	assert_lines(msg, "Max-Forwards: 69\r\nRoute: <sip:x>\r\nRecord-Route: <sip:u;lr>\r\n"
		     "Record-Route: <sip:t@c;lr>\r\nRecord-Route: <sip:m;lr>\r\nFrom: ");
	sip_msg_free(msg);
}

static void test_answer_up(void **state)
{
	static const struct {
		const char *lines, *want;
		unsigned int restored;
	} rows[] = {
		{ "Via: SIP/2.0/UDP a;branch=1\r\nRecord-Route: <sip:u;lr>,<sip:t;lr>\r\n",
		  "Via: SIP/2.0/UDP a;branch=1\r\nRecord-Route: <sip:u;lr>,<sip:t;lr>\r\nFrom", 0 },
		{ "Record-Route: <sip:u;lr>\r\nRecord-Route: <sip:t;lr>\r\n",
		  "Via: SIP/2.0/UDP a;branch=1\r\nMax-Forwards: 70\r\nRecord-Route: <sip:u;lr>\r\n",
		  PROXY_RESTORED_VIA },
		{ "Via: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP e;branch=2\r\n"
		  "Record-Route: <sip:u;lr>, <sip:t;lr>\r\n",
		  "Via: SIP/2.0/UDP a;branch=1\r\nMax-Forwards: 70\r\nRecord-Route: <sip:u;lr>, ",
		  PROXY_RESTORED_VIA },
		{ "Via: SIP/2.0/UDP a;branch=1\r\n",
		  "Record-Route: <sip:u;lr>, <sip:t;lr>\r\n\r\n", PROXY_RESTORED_RECORD_ROUTE },
		{ "Via: SIP/2.0/UDP a;branch=1\r\nRecord-Route: <sip:t;lr>, <sip:u;lr>\r\n",
		  "Record-Route: <sip:u;lr>, <sip:t;lr>\r\n", PROXY_RESTORED_RECORD_ROUTE },
	};
	const struct proxy_answer_edit edit = {
		.vias = STR_LIT("SIP/2.0/UDP a;branch=1"),
		.record_route = STR_LIT("<sip:u;lr>, <sip:t;lr>"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sip_msg *msg = with("SIP/2.0 200 OK", rows[i].lines);

		if (proxy_edit_answer_up(msg, &edit) != rows[i].restored)
			fail_msg("row %zu", i);
		assert_lines(msg, rows[i].want);
		sip_msg_free(msg);
	}
}

static void test_trust_domain(void **state)
{
	static const char * const of_the_network[] = {
		"P-Asserted-Identity", "P-Asserted-Service", "P-Associated-URI",
		"P-Called-Party-ID", "P-Charging-Function-Addresses", "P-Profile-Key",
		"P-Served-User", "P-User-Database", "P-Private-Network-Indication",
		"Attestation-Info", "Origination-Id", "Relayed-Charge", "Response-Source",
		"Restoration-Info", "Service-Interact-Info",
	};
	static const char * const not_for_a_ue[] = {
		"P-Charging-Vector", "P-Charging-Function-Addresses", "P-Profile-Key",
		"P-Served-User", "P-User-Database", "Security-Server", "Security-Client",
		"Security-Verify", "Path", "P-Private-Network-Indication", "Attestation-Info",
		"Origination-Id", "Relayed-Charge", "Restoration-Info", "Service-Interact-Info",
	};
	/* A UE may be told who has refused, and what it may hear before the answer. */
	static const char * const passes[] = { "Response-Source", "P-Early-Media", "History-Info" };
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(of_the_network) / sizeof(of_the_network[0]); i++) {
		struct sip_msg *msg;

		snprintf(line, sizeof(line), "%s: <sip:x@y>\r\nX: 1\r\n", of_the_network[i]);
		msg = request(line);
		trust_domain_strip_from_ue(msg);
		assert_lines(msg, "Max-Forwards: 70\r\nX: 1\r\n");
		sip_msg_free(msg);
	}
	for (size_t i = 0; i < sizeof(not_for_a_ue) / sizeof(not_for_a_ue[0]); i++) {
		struct sip_msg *msg;

		snprintf(line, sizeof(line), "%s: x, y\r\nX: 1\r\n%s: z\r\n", not_for_a_ue[i],
			 not_for_a_ue[i]);
		msg = request(line);
		trust_domain_strip_to_ue(msg);
		assert_lines(msg, "Max-Forwards: 70\r\nX: 1\r\nFrom");
		sip_msg_free(msg);
	}
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
		struct sip_msg *msg;

		snprintf(line, sizeof(line), "%s: x\r\n", passes[i]);
		msg = request(line);
		trust_domain_strip_to_ue(msg);
		assert_lines(msg, line);
		sip_msg_free(msg);
	}
}

static void test_tcp_contacts(void **state)
{
	(void)state;
	assert_true(proxy_uri_wants_tcp(STR_LIT("sip:a@b;transport=tcp")));
	assert_true(proxy_uri_wants_tcp(STR_LIT("sip:a@b:5;x=y;Transport=TCP;ob")));
	assert_false(proxy_uri_wants_tcp(STR_LIT("sip:a@b;transport=udp")));
	assert_false(proxy_uri_wants_tcp(STR_LIT("sip:transport=tcp@b")));
	assert_false(proxy_uri_wants_tcp(STR_LIT("sip:a@b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_own_routes, "RFC 3261 16.4: which Routes are ours"),
		PROOF(test_routes_are, "TS 24.229 5.2.6.3.3: Route against Service-Route"),
		PROOF(test_routes_of_answer, "RFC 3261 12.1.2: the route of a caller"),
		PROOF(test_identities, "TS 24.229 5.2.6.3.1: the identity that is asserted"),
		PROOF(test_up, "TS 24.229 5.2.6.3.3: a request to the core"),
		PROOF(test_down, "TS 24.229 5.2.6.4.3: a request to a UE"),
		PROOF(test_answer_up, "TS 24.229 5.2.6.4.4: Via and Record-Route restored"),
		PROOF(test_trust_domain, "TS 24.229 4.4: what a UE may not say"),
		PROOF(test_tcp_contacts, "RFC 3261 19.1.1: transport of a Contact"),
	};

	return cmocka_run_group_tests_name("proxy_edit", tests, begin_group, NULL);
}
