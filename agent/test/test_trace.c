// SPDX-License-Identifier: GPL-2.0-or-later
//
// The trace file: what it has of a message, whatever that is, and the refusals.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "log.h"
#include "notice.h"
#include "trace.h"

static char path[] = "/tmp/test_trace.XXXXXX";
static FILE *written;
static char line[4096];

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	written = fdopen(fd, "r");
	return !written || trace_open(path);
}

static int teardown(void **state)
{
	(void)state;
	trace_close();
	fclose(written);
	return unlink(path);
}

static const char *next_line(void)
{
	clearerr(written);
	return fgets(line, sizeof(line), written) ? line : "";
}

static const char *traced(struct str octets)
{
	struct flow f = { .side = FLOW_GM };

	assert_true(addr_parse(&f.local, "192.0.2.9", 5060));
	assert_true(addr_parse(&f.remote, "192.0.2.1", 5062));
	trace_message(&f, false, octets);
	return next_line();
}

static void message_has_its_transaction(void **state)
{
	const char *got = traced(STR_LIT("REGISTER sip:x SIP/2.0\r\nCSEQ :  2 REGISTER \r\n"
		"i: abc@x\r\nAuthorization: Digest response=\"secret\"\r\n\r\nCall-ID: body\r\n"));

	(void)state;
	assert_non_null(strstr(got, "\"remote\":\"192.0.2.1:5062\",\"set\":0,"));
	assert_non_null(strstr(got, "\"start\":\"REGISTER sip:x SIP/2.0\",\"cseq\":\"2 REGISTER\","
				    "\"call-id\":\"abc@x\"}\n"));
	assert_null(strstr(got, "secret"));
}

static void whatever_comes_is_one_line(void **state)
{
	char long_one[8192], many[8192] = "A b\r\n";
	const char *got;

	(void)state;
	/* What is not in the head is not found. */
	got = traced(STR_LIT("A b\r\n\r\nCall-ID: body\r\nCSeq: 1 A\r\n"));
	assert_null(strstr(got, "call-id"));
	assert_null(strstr(got, "cseq"));
	assert_non_null(strstr(traced(STR_NONE), "\"octets\":0,\"start\":\"\"}\n"));
	assert_non_null(strstr(traced(STR_LIT("\r\n\r\n")), "\"start\":\"\"}\n"));
	assert_non_null(strstr(traced(STR_LIT("Call-ID: x")), "\"start\":\"Call-ID: x\"}\n"));
	got = traced(STR_LIT("A\0\x1b[2J\r\nCall-ID: \"\x1b\x9b}\n\0"));
	assert_non_null(strstr(got, "\"start\":\"A\\u0000\\u001b[2J\",\"call-id\":\"\\\"\\u001b\\u009b}\"}\n"));
	memset(long_one, 'x', sizeof(long_one));
	memcpy(long_one, "A b\nCall-ID:", 12);
	got = traced((struct str){ long_one, sizeof(long_one) });
	assert_int_equal(strspn(strstr(got, "xxx"), "x"), 256);
	for (int i = 0; i < 100; i++)
		strcat(many, "X: y\r\n");
	strcat(many, "Call-ID: late\r\n");
	assert_null(strstr(traced(str_of(many)), "late"));
	assert_string_equal(next_line(), "");
}

static void refusals_are_among_them(void **state)
{
	const char *got;

	(void)state;
	log_refusal("192.0.2.1:5062", RULE_VERIFY_DIFFERS, "494, \"%s\"", "\x1b[1m");
	got = next_line();
	assert_non_null(strstr(got, ",\"event\":\"refused\",\"who\":\"192.0.2.1:5062\","
		"\"rule\":\"verify-differs\",\"clause\":\"TS 33.203 7.2\",\"text\":\"494, "));
	assert_null(strchr(got, '\x1b'));
	/* What is no refusal is for gmctl watch. */
	notice_of(NOTICE_REGISTERED, "somebody", 1, "");
	assert_string_equal(next_line(), "");
}

static unsigned int told;

static void on_notice(const struct notice *n)
{
	(void)n;
	told++;
}

/* A watcher beside it is told once, and its end leaves the trace as it is. */
static void others_listen_too(void **state)
{
	(void)state;
	notice_listen(on_notice);
	notice_listen(on_notice);
	log_refusal("x", RULE_SIPS, "416");
	assert_int_equal(told, 1);
	assert_non_null(strstr(next_line(), "\"rule\":\"sips\""));
	notice_unlisten(on_notice);
	log_refusal("x", RULE_SIPS, "416");
	assert_int_equal(told, 1);
	assert_non_null(strstr(next_line(), "\"rule\":\"sips\""));
	trace_close();
	assert_false(notice_wanted());
	log_refusal("x", RULE_SIPS, "416");
	assert_string_equal(next_line(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_has_its_transaction),
		cmocka_unit_test(whatever_comes_is_one_line),
		cmocka_unit_test(refusals_are_among_them),
		cmocka_unit_test(others_listen_too),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
