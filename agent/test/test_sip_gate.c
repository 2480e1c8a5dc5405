// SPDX-License-Identifier: GPL-2.0-or-later
/* The pre-parse gate and the framing of streams. */
#include <stdio.h>

#include "proof.h"
#include "samples.h"
#include "sip_frame.h"

#define HEAD "OPTIONS sip:h SIP/2.0\r\n"

static enum sip_gate_result check(const char *text)
{
	return sip_gate_check(str_of(text), &sip_limits_default, NULL);
}

/* HEAD, then @n times @text in front of @line's end, then the empty line. */
static enum sip_gate_result check_repeated(const char *line, const char *text, size_t n)
{
	struct octets o = { 0 };
	enum sip_gate_result result;

	octets_puts(&o, HEAD);
	octets_puts(&o, line);
	for (size_t i = 0; i < n; i++)
		octets_puts(&o, text);
	octets_puts(&o, "\r\n\r\n");
	assert_false(o.failed);
	result = sip_gate_check(octets_str(&o), &sip_limits_default, NULL);
	octets_free(&o);
	return result;
}

static void test_good(void **state)
{
	struct sip_gate gate;

	(void)state;
	assert_int_equal(check(SAMPLE_REGISTER_1), SIP_GATE_OK);
	assert_int_equal(check(SAMPLE_401), SIP_GATE_OK);
	assert_int_equal(check(SAMPLE_REGISTER_2), SIP_GATE_OK);
	assert_int_equal(check(SAMPLE_200), SIP_GATE_OK);
	assert_int_equal(sip_gate_check(STR_LIT("\r\n\r\n" HEAD "a: 1\r\nb:\r\n 2\r\n\t3\r\n\r\n x"),
					&sip_limits_default, &gate), SIP_GATE_OK);
	assert_int_equal(gate.skip, 4);
	assert_int_equal(gate.lines, 2);
	assert_int_equal(gate.head, strlen(HEAD "a: 1\r\nb:\r\n 2\r\n\t3\r\n\r\n"));
	assert_int_equal(check(HEAD "Subject: \xc3\xa9\t\x80\xff\r\n\r\n"), SIP_GATE_OK);
	assert_int_equal(check("SIP/2.0 200 \r\n\r\n"), SIP_GATE_OK);
}

static void test_keepalive(void **state)
{
	(void)state;
	assert_int_equal(check(""), SIP_GATE_KEEPALIVE);
	assert_int_equal(check("\r\n"), SIP_GATE_KEEPALIVE);
	assert_int_equal(check("\r\n\r\n"), SIP_GATE_KEEPALIVE);
	assert_int_equal(sip_gate_check((struct str){ "\0\0\0\0", 4 }, &sip_limits_default, NULL),
			 SIP_GATE_KEEPALIVE);
}

static void test_limits(void **state)
{
	struct sip_limits small = sip_limits_default;

	(void)state;
	assert_int_equal(check_repeated("Supported: a", ",a", 64), SIP_GATE_OK);
	assert_int_equal(check_repeated("Supported: a", ",a", 65), SIP_GATE_COMMAS);
	/* Folding does not make a list shorter. */
	assert_int_equal(check_repeated("Supported: a", "\r\n ,a", 65), SIP_GATE_COMMAS);
	assert_int_equal(check_repeated("Contact: a", ";a", 256), SIP_GATE_OK);
	assert_int_equal(check_repeated("Contact: a", ";a", 257), SIP_GATE_SEMICOLONS);
	assert_int_equal(check_repeated("a: b", "\r\na: b", 127), SIP_GATE_OK);
	assert_int_equal(check_repeated("a: b", "\r\na: b", 128), SIP_GATE_HEADER_LINES);
	assert_int_equal(check_repeated("a:", "b", 4094), SIP_GATE_OK);
	assert_int_equal(check_repeated("a:", "b", 4095), SIP_GATE_LINE_LENGTH);
	assert_int_equal(check_repeated("a:", "\r\n b", 1100), SIP_GATE_LINE_LENGTH);
	assert_int_equal(check_repeated("a:", "b", 20000), SIP_GATE_MESSAGE_SIZE);
	small.message = 20;
	assert_int_equal(sip_gate_check(STR_LIT(SAMPLE_401), &small, NULL), SIP_GATE_MESSAGE_SIZE);
}

static void test_start_line(void **state)
{
	static const char *const bad[] = {
		"OPTIONS  SIP/2.0\r\nVia: x\r\n\r\n",	/* endless loop in old libosip2 */
		"OPTIONS sip:h\r\nVia: x\r\n\r\n",
		"OPTIONS sip:h HTTP/1.1\r\nVia: x\r\n\r\n",
		"OPTIONS sip:h  SIP/2.0\r\nVia: x\r\n\r\n",
		"OPTIONS sip: h SIP/2.0\r\nVia: x\r\n\r\n",
		" OPTIONS sip:h SIP/2.0\r\nVia: x\r\n\r\n",
		"OPTIONS sip:h\r\n SIP/2.0\r\nVia: x\r\n\r\n",
		"a=rtpmap:0 PCMU/8000 and on\r\n\r\n",
		"OPTIONS sip:h SIP/\r\nVia: x\r\n\r\n",
		"SIP/2.0 20\r\nVia: x\r\n\r\n",
		"SIP/2.0 200 OK\r\n folded\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(check(bad[i]), SIP_GATE_START_LINE);
	assert_int_equal(check("m=audio 1 RTP"), SIP_GATE_SHORT);
}

static void test_octets(void **state)
{
	char text[] = HEAD "Subject: abcdefghijklmnopqrstuvwxyz\r\n\r\n";

	(void)state;
	assert_int_equal(check(HEAD "a: b\nc: d\r\n\r\n"), SIP_GATE_LINE_END);
	assert_int_equal(check(HEAD "a: b\rP-Asserted-Identity: d\r\n\r\n"), SIP_GATE_LINE_END);
	assert_int_equal(check(HEAD "a: b\r\n"), SIP_GATE_NO_END);
	assert_int_equal(check(HEAD "a: b"), SIP_GATE_NO_END);
	assert_int_equal(check(HEAD "a: b\r\n\r"), SIP_GATE_NO_END);
	assert_int_equal(check(HEAD "a b\r\n\r\n"), SIP_GATE_HEADER);
	assert_int_equal(check(HEAD ": b\r\n\r\n"), SIP_GATE_HEADER);
	assert_int_equal(check(HEAD "a b: c\r\n\r\n"), SIP_GATE_HEADER);
	/* Every control octet at every place of an eight-octet step. */
	for (int c = 0; c < 128; c++) {
		if ((c >= 32 && c != 127) || c == '\t' || c == '\r' || c == '\n')
			continue;
		for (size_t at = strlen(HEAD "Subject: "); at < sizeof(text) - 6; at++) {
			char keep = text[at];

			text[at] = (char)c;
			assert_int_equal(sip_gate_check((struct str){ text, sizeof(text) - 1 },
							&sip_limits_default, NULL),
					 SIP_GATE_CONTROL);
			text[at] = keep;
		}
	}
}

static void test_cost_is_linear(void **state)
{
	struct sip_limits open = {
		.message = SIZE_MAX, .header_lines = 1000000, .line = SIZE_MAX,
		.commas = 1000000, .semicolons = 1000000,
	};
	struct octets o = { 0 };

	(void)state;
	/* What takes libosip2 2.3 s at 64 kB; here 4 MB, inside the test's time. */
	octets_puts(&o, HEAD "Supported: a");
	for (int i = 0; i < 900000; i++)
		octets_puts(&o, ",a\r\n ");
	octets_puts(&o, "\r\n\r\n");
	assert_int_equal(sip_gate_check(octets_str(&o), &open, NULL), SIP_GATE_OK);
	octets_free(&o);
}

/* Feeds @text to a fresh frame in pieces of @step; the messages, '|' after each. */
static enum sip_frame_result feed(const char *text, size_t step, struct octets *out,
				  struct sip_frame *frame, unsigned int *pings)
{
	size_t n = strlen(text), have = 0, at = 0;

	*frame = (struct sip_frame){ 0 };
	*pings = 0;
	while (have < n) {
		enum sip_frame_result result;

		have = have + step < n ? have + step : n;
		do {
			/* A copy of its own, so that ASan sees reads beyond it. */
			char *piece = malloc(have - at + 1);

			assert_non_null(piece);
			memcpy(piece, text + at, have - at);
			result = sip_frame_next(frame, (struct str){ piece, have - at },
						&sip_limits_default);
			*pings += frame->pings;
			if (result == SIP_FRAME_MESSAGE) {
				octets_put(out, (struct str){ piece + frame->skip, frame->length });
				octets_puts(out, "|");
			}
			free(piece);
			if (result == SIP_FRAME_ERROR)
				return result;
			at += frame->skip + frame->length;
		} while (result == SIP_FRAME_MESSAGE);
	}
	return SIP_FRAME_MORE;
}

static void test_frames(void **state)
{
	static const char one[] = HEAD "Content-Length: 4\r\n\r\nbody";
	static const char two[] = "SIP/2.0 200 OK\r\nl :\r\n 0\r\n\r\n";
	char text[256], want[256];
	struct sip_frame frame;
	unsigned int pings;

	(void)state;
	snprintf(text, sizeof(text), "\r\n\r\n%s%s\r\n%s\r\n\r\n\r\n\r\n", one, two, one);
	snprintf(want, sizeof(want), "%s|%s|%s|", one, two, one);
	for (size_t step = 1; step <= strlen(text); step++) {
		struct octets out = { 0 };

		assert_int_equal(feed(text, step, &out, &frame, &pings), SIP_FRAME_MORE);
		assert_octets(&out, want);
		assert_int_equal(pings, 3);
		octets_free(&out);
	}
}

static void test_frame_errors(void **state)
{
	static const struct {
		const char *text;
		enum sip_gate_result error;
	} cases[] = {
		{ HEAD "a: b\r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 1\r\nl: 2\r\n\r\nx", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: -1\r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 5abc\r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 4294967301\r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: \r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 1 2\r\n\r\n", SIP_GATE_LENGTH },
		{ HEAD "Content-Length: 16384\r\n\r\n", SIP_GATE_MESSAGE_SIZE },
		{ HEAD "Content-Length: 4294967295\r\n\r\n", SIP_GATE_MESSAGE_SIZE },
		{ "\x16\x03\x01\x02", SIP_GATE_START_LINE },
		{ " x", SIP_GATE_START_LINE },
		{ "\n", SIP_GATE_START_LINE },
		{ "\rx", SIP_GATE_START_LINE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t step = 1; step < 60; step += 7) {
			struct octets out = { 0 };
			struct sip_frame frame;
			unsigned int pings;

			assert_int_equal(feed(cases[i].text, step, &out, &frame, &pings),
					 SIP_FRAME_ERROR);
			assert_int_equal(frame.error, cases[i].error);
			octets_free(&out);
		}
	}
}

static void test_frame_endless_head(void **state)
{
	struct octets text = { 0 }, out = { 0 };
	struct sip_frame frame;
	unsigned int pings;

	(void)state;
	octets_puts(&text, HEAD);
	while (text.n < 17000)
		octets_puts(&text, "a: b\r\n");
	octets_put(&text, (struct str){ "", 1 });
	assert_int_equal(feed(text.p, 1000, &out, &frame, &pings), SIP_FRAME_ERROR);
	assert_int_equal(frame.error, SIP_GATE_MESSAGE_SIZE);
	octets_free(&text);
	octets_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_good, "RFC 3261 7: what the gate lets through"),
		PROOF(test_keepalive, "libosip2, RFC 5626: keep-alives are no messages"),
		PROOF(test_limits, "libosip2: caps on size, lines, commas, semicolons"),
		PROOF(test_start_line, "libosip2: start lines that hurt older parsers"),
		PROOF(test_octets, "libosip2: NUL, control octets, bare CR and LF"),
		PROOF(test_cost_is_linear, "libosip2: no quadratic cost before parsing"),
		PROOF(test_frames, "RFC 3261 18.3, RFC 5626 4.4.1: framing in pieces of any size"),
		PROOF(test_frame_errors, "RFC 3261 18.3: one Content-Length of digits, or close"),
		PROOF(test_frame_endless_head, "libosip2: a head without end is cut off"),
	};

	return cmocka_run_group_tests_name("sip_gate", tests, NULL, NULL);
}
