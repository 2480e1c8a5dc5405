// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages: index, checks, edits, replies. */
#include <stdio.h>

#include "proof.h"
#include "samples.h"
#include "sip_msg.h"

static struct sip_msg *make(const char *text)
{
	enum sip_gate_result result;
	struct sip_msg *msg = sip_msg_new(str_of(text), &sip_limits_default, &result);

	if (!msg)
		fail_msg("%s: %s", sip_gate_text(result), text);
	return msg;
}

static void assert_written(struct sip_msg *msg, const char *want)
{
	struct octets out = { 0 };

	assert_true(sip_msg_write(msg, &out));
	assert_octets(&out, want);
	octets_free(&out);
}

static void test_index(void **state)
{
	struct sip_msg *msg = make("\r\nREGISTER sip:a;b@c SIP/2.0\r\n"
				   "v: SIP/2.0/UDP a,\r\n SIP/2.0/TCP b;branch=z9hG4bK2\r\n"
				   "VIA:SIP/2.0/UDP c\r\n"
				   "Subject :  x y \r\n"
				   "k:path\r\n"
				   "x: \r\n\r\nbody");
	struct sip_values at = { 0 };
	struct str value;

	(void)state;
	assert_true(msg->request);
	assert_int_equal(msg->method, SIP_METHOD_REGISTER);
	assert_str(msg->uri, "sip:a;b@c");
	assert_str(msg->version, "SIP/2.0");
	assert_int_equal(msg->n_lines, 5);
	assert_str(msg->lines[2].name, "Subject");
	assert_str(msg->lines[2].value, "x y");
	assert_int_equal(msg->lines[2].id, SIP_HEADER_OTHER);
	assert_int_equal(msg->lines[3].id, SIP_HEADER_SUPPORTED);
	assert_int_equal(msg->lines[4].value.n, 0);
	assert_str(msg->body, "body");
	assert_true(sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value));
	assert_str(value, "SIP/2.0/UDP a");
	assert_true(sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value));
	assert_str(value, "SIP/2.0/TCP b;branch=z9hG4bK2");
	assert_true(sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value));
	assert_str(value, "SIP/2.0/UDP c");
	assert_false(sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value));
	assert_false(sip_msg_next_value(msg, SIP_HEADER_VIA, &at, &value));
	assert_null(sip_msg_value(msg, SIP_HEADER_FROM).p);
	assert_non_null(sip_msg_value(msg, SIP_HEADER_SUPPORTED).p);
	assert_written(msg, "REGISTER sip:a;b@c SIP/2.0\r\n"
			    "v: SIP/2.0/UDP a,\r\n SIP/2.0/TCP b;branch=z9hG4bK2\r\n"
			    "VIA:SIP/2.0/UDP c\r\nSubject :  x y \r\nk:path\r\nx: \r\n\r\nbody");
	sip_msg_free(msg);

	msg = make("SIP/2.0 486 Busy Here Now\r\nt: <sip:a>\r\n\r\n");
	assert_false(msg->request);
	assert_int_equal(msg->status, 486);
	assert_str(msg->reason, "Busy Here Now");
	assert_int_equal(msg->lines[0].id, SIP_HEADER_TO);
	sip_msg_free(msg);
	sip_msg_free(NULL);
}

static void test_compact_names(void **state)
{
	static const struct {
		const char *line;
		enum sip_header id;
	} cases[] = {
		{ "v", SIP_HEADER_VIA }, { "f", SIP_HEADER_FROM }, { "t", SIP_HEADER_TO },
		{ "i", SIP_HEADER_CALL_ID }, { "m", SIP_HEADER_CONTACT },
		{ "l", SIP_HEADER_CONTENT_LENGTH }, { "c", SIP_HEADER_CONTENT_TYPE },
		{ "k", SIP_HEADER_SUPPORTED }, { "o", SIP_HEADER_EVENT },
		{ "K", SIP_HEADER_SUPPORTED }, { "z", SIP_HEADER_OTHER },
		{ "security-CLIENT", SIP_HEADER_SECURITY_CLIENT },
		{ "p-access-network-info", SIP_HEADER_P_ACCESS_NETWORK_INFO },
		{ "Routes", SIP_HEADER_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[128];
		struct sip_msg *msg;

		snprintf(text, sizeof(text), "OPTIONS sip:h SIP/2.0\r\n%s: x\r\n\r\n", cases[i].line);
		msg = make(text);
		assert_int_equal(msg->lines[0].id, cases[i].id);
		sip_msg_free(msg);
	}
}

#define VIA "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:a@h>;tag=f\r\n"
#define TO "To: sip:b@h;tag=t\r\n"
#define CALL "Call-ID: c\r\n"
#define CSEQ "CSeq: 1 OPTIONS\r\n"
#define OPTIONS "OPTIONS sip:h SIP/2.0\r\n"

static void check(const char *text, bool stream, unsigned int status, const char *why)
{
	struct sip_msg *msg = make(text);
	struct sip_fault fault;
	bool ok = sip_msg_check(msg, stream, &fault);

	if (ok != (status == 0) || fault.status != status ||
	    (why && (!fault.why || !strstr(fault.why, why))))
		fail_msg("%u %s: %s", fault.status, fault.why ? fault.why : "-", text);
	sip_msg_free(msg);
}

static void test_check_good(void **state)
{
	struct sip_msg *msg = make(SAMPLE_REGISTER_1);
	struct sip_fault fault;

	(void)state;
	assert_true(sip_msg_check(msg, true, &fault));
	assert_str(msg->call_id, "A8486F315869AD36E9AF213F@10.45.0.3");
	assert_int_equal(msg->cseq, 1);
	assert_str(msg->from_tag, "3210654491");
	assert_null(msg->to_tag.p);
	assert_str(msg->via.branch, "z9hG4bKa1");
	sip_msg_free(msg);

	msg = make(SAMPLE_200);
	assert_true(sip_msg_check(msg, true, &fault));
	assert_int_equal(msg->method, SIP_METHOD_REGISTER);
	assert_str(msg->to_tag, "a35a5806d604");
	assert_str(msg->via.host, "192.0.2.1");
	sip_msg_free(msg);

	check(OPTIONS VIA FROM TO CALL CSEQ "\r\n", false, 0, NULL);
	check(OPTIONS VIA "From: tel:+1;tag=f\r\n" TO CALL "CSeq:\r\n 0001\tOPTIONS\r\n\r\n",
	      false, 0, NULL);
	check(OPTIONS "Via: SIP/2.0/TCP h;branch=4y479aZgQ6b15d63F\r\n" FROM TO CALL CSEQ "\r\n",
	      false, 0, NULL);
	check("OPTIONS urn:service:sos SIP/2.0\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 0, NULL);
	check("OPTIONS tel:0598;phone-context=h SIP/2.0\r\n" VIA FROM TO CALL CSEQ "\r\n", false,
	      0, NULL);
}

static void test_check_bad(void **state)
{
	(void)state;
	check(OPTIONS FROM TO CALL CSEQ "\r\n", false, 400, "no Via");
	check(OPTIONS VIA TO CALL CSEQ "\r\n", false, 400, "no From");
	check(OPTIONS VIA FROM CALL CSEQ "\r\n", false, 400, "no To");
	check(OPTIONS VIA FROM TO CSEQ "\r\n", false, 400, "no Call-ID");
	check(OPTIONS VIA FROM TO CALL "\r\n", false, 400, "no CSeq");
	check(OPTIONS VIA FROM FROM TO CALL CSEQ "\r\n", false, 400, "more than one From");
	check(OPTIONS VIA FROM TO "t: <sip:c@h>\r\n" CALL CSEQ "\r\n", false, 400, "one To");
	check(OPTIONS VIA FROM TO CALL "i: d\r\n" CSEQ "\r\n", false, 400, "one Call-ID");
	check(OPTIONS VIA FROM TO CALL CSEQ CSEQ "\r\n", false, 400, "one CSeq");
	check(OPTIONS VIA FROM TO CALL CSEQ "Max-Forwards: 1\r\nMax-Forwards: 2\r\n\r\n", false,
	      400, "one Max-Forwards");
	check(OPTIONS VIA FROM TO CALL CSEQ "Expires: 1\r\nExpires: 2\r\n\r\n", false, 400,
	      "one Expires");
	check("OPTIONS sip:h SIP/7.0\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 505, "SIP/2.0");
	check("OPTIONS nonsense SIP/2.0\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 400, "Request-URI");
	check(OPTIONS VIA FROM TO CALL "CSeq: 1 INVITE\r\n\r\n", false, 400, "method");
	check(OPTIONS VIA FROM TO CALL "CSeq: 2147483648 OPTIONS\r\n\r\n", false, 400, "2^31");
	check(OPTIONS VIA FROM TO CALL "CSeq: 2147483647 OPTIONS\r\n\r\n", false, 0, NULL);
	check(OPTIONS VIA FROM TO CALL "CSeq: -1 OPTIONS\r\n\r\n", false, 400, "CSeq");
	check(OPTIONS VIA FROM TO CALL "CSeq: 1\r\n\r\n", false, 400, "CSeq");
	check(OPTIONS VIA FROM TO CALL "CSeq: 1OPTIONS\r\n\r\n", false, 400, "CSeq");
	check(OPTIONS VIA FROM TO "Call-ID:\r\n" CSEQ "\r\n", false, 400, "empty Call-ID");
	check(OPTIONS VIA "From: <sip:a@h\r\n" TO CALL CSEQ "\r\n", false, 400, "From");
	check(OPTIONS VIA "From: *\r\n" TO CALL CSEQ "\r\n", false, 400, "From");
	check(OPTIONS VIA FROM "To: \"x <sip:b@h>\r\n" CALL CSEQ "\r\n", false, 400, "To");
	check(OPTIONS "Via: SIP/2.0/UDP\r\n" FROM TO CALL CSEQ "\r\n", false, 400, "Via");
	check(OPTIONS "Via:\r\n" FROM TO CALL CSEQ "\r\n", false, 400, "Via");
	check(OPTIONS VIA FROM TO CALL CSEQ "Max-Forwards: 256\r\n\r\n", false, 400, "Max-Forwards");
	check(OPTIONS VIA FROM TO CALL CSEQ "Max-Forwards: x\r\n\r\n", false, 400, "Max-Forwards");
	check(OPTIONS VIA FROM TO CALL CSEQ "Expires: 4294967296\r\n\r\n", false, 400, "Expires");
	check("SIP/2.0 4294967301 x\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 400, "status");
	check("SIP/2.0 099 x\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 400, "status");
	check("SIP/2.0 700 x\r\n" VIA FROM TO CALL CSEQ "\r\n", false, 400, "status");
}

static void test_check_length(void **state)
{
	struct sip_msg *msg = make(OPTIONS VIA FROM TO CALL CSEQ "l: 3\r\n\r\nabcdef");
	struct sip_fault fault;

	(void)state;
	assert_true(sip_msg_check(msg, false, &fault));
	assert_str(msg->body, "abc");
	assert_written(msg, OPTIONS VIA FROM TO CALL CSEQ "l: 3\r\n\r\nabc");
	sip_msg_free(msg);

	check(OPTIONS VIA FROM TO CALL CSEQ "l: 3\r\n\r\nabcdef", true, 400, "as long as");
	check(OPTIONS VIA FROM TO CALL CSEQ "l: 7\r\n\r\nabcdef", false, 400, "shorter");
	check(OPTIONS VIA FROM TO CALL CSEQ "\r\nabcdef", true, 400, "no Content-Length");
	check(OPTIONS VIA FROM TO CALL CSEQ "Content-Length: -1\r\n\r\n", false, 400, "number");
	check(OPTIONS VIA FROM TO CALL CSEQ "Content-Length: 5abc\r\n\r\nabcde", false, 400, "number");
	check(OPTIONS VIA FROM TO CALL CSEQ "Content-Length: 4294967301\r\n\r\nabcde", false, 400,
	      "number");
	check(OPTIONS VIA FROM TO CALL CSEQ "l: 0\r\nContent-Length: 0\r\n\r\n", false, 400,
	      "one Content-Length");
	/* A body without Content-Type stays, which libosip2 would drop. */
	msg = make(OPTIONS VIA FROM TO CALL CSEQ "Content-Length: 5\r\n\r\nabcde");
	assert_true(sip_msg_check(msg, true, &fault));
	assert_written(msg, OPTIONS VIA FROM TO CALL CSEQ "Content-Length: 5\r\n\r\nabcde");
	sip_msg_free(msg);
}

static void test_edits(void **state)
{
	struct sip_msg *msg = make(OPTIONS "A: 1\r\nVia: x\r\nB:  2 \r\nRoute: <r>\r\n q\r\nC: 3\r\n\r\nz");

	(void)state;
	sip_msg_add_end(msg, SIP_HEADER_EXPIRES, STR_LIT("1"));
	sip_msg_add_end(msg, SIP_HEADER_EXPIRES, STR_LIT("2"));
	sip_msg_add_top(msg, SIP_HEADER_PATH, STR_LIT("<p>"));
	sip_msg_add_first(msg, SIP_HEADER_VIA, STR_LIT("new"));
	sip_msg_remove_all(msg, SIP_HEADER_ROUTE);
	sip_msg_replace(msg, msg->lines[2].value, STR_LIT("two"));
	sip_msg_put_before(msg, msg->lines[4].value, STR_LIT("<"));
	sip_msg_put_after(msg, msg->lines[4].value, STR_LIT(">"));
	sip_msg_put_after(msg, msg->lines[4].value, STR_LIT("!"));
	sip_msg_replace(msg, msg->uri, STR_LIT("sip:k"));
	assert_written(msg, "OPTIONS sip:k SIP/2.0\r\nPath: <p>\r\nA: 1\r\nVia: new\r\nVia: x\r\n"
			    "B:  two \r\nC: <3>!\r\nExpires: 1\r\nExpires: 2\r\n\r\nz");
	/* Written twice, and undone. */
	sip_msg_restore(msg);
	assert_written(msg, OPTIONS "A: 1\r\nVia: x\r\nB:  2 \r\nRoute: <r>\r\n q\r\nC: 3\r\n\r\nz");
	sip_msg_remove_all(msg, SIP_HEADER_ROUTE);
	sip_msg_add_first(msg, SIP_HEADER_ROUTE, STR_LIT("<t>"));
	assert_written(msg, OPTIONS "A: 1\r\nVia: x\r\nB:  2 \r\nRoute: <t>\r\nC: 3\r\n\r\nz");
	sip_msg_restore(msg);
	sip_msg_set(msg, SIP_HEADER_ROUTE, STR_LIT("<s>"));
	sip_msg_set(msg, SIP_HEADER_EXPIRES, STR_LIT("3"));
	assert_written(msg, OPTIONS "A: 1\r\nVia: x\r\nB:  2 \r\nRoute: <s>\r\nC: 3\r\n"
			    "Expires: 3\r\n\r\nz");
	sip_msg_free(msg);
}

static void test_edits_that_meet(void **state)
{
	struct sip_msg *msg = make(OPTIONS "A: abcdef\r\nB: 2\r\n\r\n");
	struct str a = msg->lines[0].value;
	struct octets out = { 0 };

	(void)state;
	/* An edit inside a removed line has no effect, in either order. */
	sip_msg_replace(msg, a, STR_LIT("x"));
	sip_msg_remove_line(msg, &msg->lines[0]);
	sip_msg_put_after(msg, a, STR_LIT("y"));
	sip_msg_remove_line(msg, &msg->lines[0]);
	assert_written(msg, OPTIONS "B: 2\r\n\r\n");
	/* Half overlapping ones are a mistake of ours: nothing leaves. */
	sip_msg_restore(msg);
	sip_msg_replace(msg, (struct str){ a.p, 3 }, STR_LIT("x"));
	sip_msg_replace(msg, (struct str){ a.p + 2, 3 }, STR_LIT("y"));
	assert_false(sip_msg_write(msg, &out));
	octets_free(&out);
	/* So is a part that is not of this message. */
	sip_msg_restore(msg);
	sip_msg_replace(msg, STR_LIT("elsewhere"), STR_LIT("x"));
	assert_false(sip_msg_write(msg, &out));
	octets_free(&out);
	/* Touching ones are fine. */
	sip_msg_restore(msg);
	sip_msg_replace(msg, (struct str){ a.p + 3, 3 }, STR_LIT("y"));
	sip_msg_replace(msg, (struct str){ a.p, 3 }, STR_LIT("x"));
	assert_written(msg, OPTIONS "A: xy\r\nB: 2\r\n\r\n");
	/* Many of them. */
	sip_msg_restore(msg);
	for (int i = 0; i < 100; i++)
		sip_msg_put_after(msg, a, STR_LIT("0123456789"));
	assert_true(sip_msg_write(msg, &out));
	assert_int_equal(out.n, strlen(OPTIONS "A: abcdef\r\nB: 2\r\n\r\n") + 1000);
	octets_free(&out);
	sip_msg_free(msg);
}

static void test_tags(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ "Require: x\r\n", "" },
		{ "Require: X , x\r\n", "" },
		{ "Require: a\r\n", "Require: a\r\n" },
		{ "Require: a,x\r\n", "Require: a\r\n" },
		{ "Require: x,a\r\n", "Require: a\r\n" },
		{ "Require: x, x,a\r\n", "Require: a\r\n" },
		{ "Require: a, x ,x, b\r\n", "Require: a, b\r\n" },
		{ "Require: a,x,b,x\r\n", "Require: a,b\r\n" },
		{ "Require: x,,a\r\n", "Require: a\r\n" },
		{ "Require: ,a,\r\n x\r\n", "Require: ,a\r\n" },
		{ "Require: xx, ax\r\n", "Require: xx, ax\r\n" },
		{ "Require:\r\n", "Require:\r\n" },
		{ "Require: ,\r\n", "Require: ,\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char in[128], want[128];
		struct sip_msg *msg;

		snprintf(in, sizeof(in), OPTIONS "%s\r\n", cases[i].in);
		snprintf(want, sizeof(want), OPTIONS "%s\r\n", cases[i].want);
		msg = make(in);
		sip_msg_remove_tag(msg, SIP_HEADER_REQUIRE, STR_LIT("x"));
		assert_written(msg, want);
		sip_msg_free(msg);
	}
}

static void via_case(const char *via, const struct sip_source *source, const char *want)
{
	char in[256], expect[256];
	struct sip_msg *msg;
	struct sip_fault fault;

	snprintf(in, sizeof(in), OPTIONS "Via: %s\r\n" FROM TO CALL CSEQ "\r\n", via);
	snprintf(expect, sizeof(expect), OPTIONS "Via: %s\r\n" FROM TO CALL CSEQ "\r\n", want);
	msg = make(in);
	assert_true(sip_msg_check(msg, false, &fault));
	sip_msg_mark_source(msg, source);
	assert_written(msg, expect);
	sip_msg_free(msg);
}

static void test_source(void **state)
{
	const struct sip_source v4 = { "10.45.0.3", 5100, false };
	const struct sip_source forced = { "10.45.0.3", 5100, true };
	const struct sip_source v6 = { "2001:db8::3", 5100, false };

	(void)state;
	via_case("SIP/2.0/UDP h;branch=z9hG4bK1", &v4,
		 "SIP/2.0/UDP h;branch=z9hG4bK1;received=10.45.0.3");
	via_case("SIP/2.0/UDP h;rport;branch=z9hG4bK1", &v4,
		 "SIP/2.0/UDP h;rport=5100;branch=z9hG4bK1;received=10.45.0.3");
	/* What the UE claims of itself is replaced. */
	via_case("SIP/2.0/UDP h;received=1.2.3.4;rport=1;branch=z9hG4bK1", &v4,
		 "SIP/2.0/UDP h;received=10.45.0.3;rport=5100;branch=z9hG4bK1");
	via_case("SIP/2.0/UDP h;branch=z9hG4bK1 , SIP/2.0/UDP i;rport", &forced,
		 "SIP/2.0/UDP h;branch=z9hG4bK1;received=10.45.0.3;rport=5100 , SIP/2.0/UDP i;rport");
	via_case("SIP/2.0/TCP [2001:DB8::3]:5101;branch=z9hG4bK1;rport", &v6,
		 "SIP/2.0/TCP [2001:DB8::3]:5101;branch=z9hG4bK1;rport=5100;received=2001:db8::3");
	/* "IMS CLIENT 4.0" writes rporr: not ours to understand. */
	via_case("SIP/2.0/UDP h;branch=z9hG4bK1;rporr", &v4,
		 "SIP/2.0/UDP h;branch=z9hG4bK1;rporr;received=10.45.0.3");
}

static void test_remove_via(void **state)
{
	static const struct {
		const char *in, *want;
	} cases[] = {
		{ VIA "v: SIP/2.0/UDP i\r\n", "v: SIP/2.0/UDP i\r\n" },
		{ "A: 1\r\nVia: SIP/2.0/UDP h,SIP/2.0/UDP i\r\n", "A: 1\r\nVia: SIP/2.0/UDP i\r\n" },
		{ "v: SIP/2.0/UDP h ,\r\n SIP/2.0/UDP i\r\n", "v: SIP/2.0/UDP i\r\n" },
		{ "Via: SIP/2.0/UDP h,\r\nVia: SIP/2.0/UDP i\r\n", "Via: SIP/2.0/UDP i\r\n" },
		{ VIA, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char in[256], want[256];
		struct sip_msg *msg;

		snprintf(in, sizeof(in), "SIP/2.0 200 OK\r\n%s\r\n", cases[i].in);
		snprintf(want, sizeof(want), "SIP/2.0 200 OK\r\n%s\r\n", cases[i].want);
		msg = make(in);
		sip_msg_remove_via(msg);
		assert_written(msg, want);
		sip_msg_free(msg);
	}
}

static void test_reply(void **state)
{
	const struct sip_source source = { "10.45.0.3", 5100, false };
	struct sip_msg *msg = make(OPTIONS "v: SIP/2.0/UDP h;rport\r\nX: 1\r\n" FROM "t: <sip:b@h>\r\n"
				   "Via: SIP/2.0/UDP i\r\nTimestamp: 7\r\n" CALL CSEQ "\r\n");
	struct sip_reply reply = {
		.status = 494, .reason = "Security Agreement Required", .to_tag = "us",
		.source = &source, .lines = STR_LIT("Require: sec-agree\r\n"),
	};
	struct sip_fault fault;
	struct octets out = { 0 };

	(void)state;
	assert_true(sip_msg_check(msg, false, &fault));
	/* Edits made for the way to the core are not in it. */
	sip_msg_add_first(msg, SIP_HEADER_VIA, STR_LIT("SIP/2.0/UDP ours"));
	sip_msg_remove_all(msg, SIP_HEADER_FROM);
	assert_true(sip_msg_reply(msg, &reply, &out));
	assert_octets(&out, "SIP/2.0 494 Security Agreement Required\r\n"
			    "v: SIP/2.0/UDP h;rport=5100;received=10.45.0.3\r\n"
			    "Via: SIP/2.0/UDP i\r\n" FROM "t: <sip:b@h>;tag=us\r\n" CALL CSEQ
			    "Require: sec-agree\r\nContent-Length: 0\r\n\r\n");
	octets_free(&out);
	reply = (struct sip_reply){ .status = 100, .reason = "Trying", .to_tag = "us" };
	assert_true(sip_msg_reply(msg, &reply, &out));
	assert_octets(&out, "SIP/2.0 100 Trying\r\nv: SIP/2.0/UDP h;rport\r\nVia: SIP/2.0/UDP i\r\n"
			    FROM "t: <sip:b@h>\r\n" CALL CSEQ "Timestamp: 7\r\n"
			    "Content-Length: 0\r\n\r\n");
	octets_free(&out);
	sip_msg_free(msg);

	/* A tag that is there stays; a request that failed its checks is answered too. */
	msg = make("OPTIONS nonsense SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n" FROM TO CALL CSEQ "\r\n");
	assert_false(sip_msg_check(msg, false, &fault));
	reply = (struct sip_reply){
		.status = fault.status, .reason = fault.reason, .to_tag = "us", .source = &source,
	};
	assert_true(sip_msg_reply(msg, &reply, &out));
	assert_octets(&out, "SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP h;received=10.45.0.3\r\n"
			    FROM TO CALL CSEQ "Content-Length: 0\r\n\r\n");
	octets_free(&out);
	sip_msg_free(msg);

	/* An empty To gets its tag in its own line; a fuzzer found it in the next. */
	msg = make(OPTIONS VIA FROM "To:\r\n" CALL CSEQ "\r\n");
	assert_true(sip_msg_reply(msg, &reply, &out));
	assert_octets(&out, "SIP/2.0 400 Bad Request\r\n"
			    "Via: SIP/2.0/UDP h;branch=z9hG4bK1;received=10.45.0.3\r\n"
			    FROM "To:;tag=us\r\n" CALL CSEQ "Content-Length: 0\r\n\r\n");
	octets_free(&out);
	sip_msg_free(msg);

	/* Not to an ACK, not to a response, not without what must be copied. */
	msg = make("ACK sip:h SIP/2.0\r\n" VIA FROM TO CALL "CSeq: 1 ACK\r\n\r\n");
	assert_false(sip_msg_reply(msg, &reply, &out));
	sip_msg_free(msg);
	msg = make(SAMPLE_200);
	assert_false(sip_msg_reply(msg, &reply, &out));
	sip_msg_free(msg);
	msg = make(OPTIONS VIA FROM TO CSEQ "\r\n");
	assert_false(sip_msg_reply(msg, &reply, &out));
	sip_msg_free(msg);
	octets_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_index, "RFC 3261 7.3.1: folded lines, compact names, lists over lines"),
		PROOF(test_compact_names, "libosip2, field note 4: compact names China Mobile sends"),
		PROOF(test_check_good, "RFC 3261 8.1.1: what a message needs"),
		PROOF(test_check_bad, "libosip2, RFC 4475: what libosip2 lets pass"),
		PROOF(test_check_length, "RFC 3261 18.3: Content-Length on datagram and stream"),
		PROOF(test_edits, "octets nobody edits stay as they came"),
		PROOF(test_edits_that_meet, "edits that overlap let nothing leave"),
		PROOF(test_tags, "RFC 3329 2.3.1: one tag out of a list, its line when empty"),
		PROOF(test_source, "RFC 3261 18.2.1, RFC 3581 4: received and rport"),
		PROOF(test_remove_via, "RFC 3261 16.7 3: our Via off a response"),
		PROOF(test_reply, "RFC 3261 8.2.6: answers made here"),
	};

	return cmocka_run_group_tests_name("sip_msg", tests, NULL, NULL);
}
