// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl's command line, its JSON in and out.  The files are part of gmctl and
// not of the library, so they are included here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../ctl/ctl_json.c"
#include "../ctl/ctl_out.c"
#include "../ctl/ctl_text.c"
#include "../ctl/ctl_words.c"

static char complaint[256];

int ctl_bad_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(complaint, sizeof(complaint), fmt, ap);
	va_end(ap);
	return CTL_USAGE;
}

/* ---- words ---- */

struct thing {
	uint32_t id;
	uint16_t port;
	uint64_t ms;
	struct addr addr;
	bool flag;
};

static bool parse_flag(const char *text, void *out)
{
	assert_null(text);
	return *(bool *)out = true;
}

static const struct ctl_field fields[] = {
	{ "id", ctl_parse_id, offsetof(struct thing, id), "an id", CTL_NEEDED },
	{ "port", ctl_parse_port, offsetof(struct thing, port), "a port", CTL_OPTIONAL },
	{ "for", ctl_parse_seconds, offsetof(struct thing, ms), "seconds", CTL_OPTIONAL },
	{ "addr", ctl_parse_addr, offsetof(struct thing, addr), "an address", CTL_OPTIONAL },
	{ "flag", parse_flag, offsetof(struct thing, flag), "", CTL_FLAG },
	{ .name = NULL },
};

static int words(struct thing *t, uint32_t *seen, const char *line)
{
	char copy[256], *argv[16], *next = copy, *word;
	int argc = 0;

	memset(t, 0, sizeof(*t));
	complaint[0] = 0;
	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&next, " ")))
		if (*word)
			argv[argc++] = word;
	return ctl_words_read(fields, t, argc, argv, seen);
}

static void words_are_read(void **state)
{
	uint32_t seen;
	struct thing t;

	(void)state;
	assert_int_equal(words(&t, &seen, "port 5060 id=0x10 for 1.5 addr 2001:db8::1 flag"), 0);
	assert_int_equal(t.id, 16);
	assert_int_equal(t.port, 5060);
	assert_int_equal(t.ms, 1500);
	assert_int_equal(t.addr.family, AF_INET6);
	assert_true(t.flag);
	assert_int_equal(seen, 0x1f);
	assert_int_equal(words(&t, &seen, "id 4294967295"), 0);
	assert_int_equal(seen, 1);
}

static void wrong_words_are_named(void **state)
{
	static const char *const cases[][2] = {
		{ "", "id is missing" },
		{ "port 1", "id is missing" },
		{ "id", "id: an id is missing" },
		{ "id 0", "id: 0 is not an id" },
		{ "id 4294967296", "id: 4294967296 is not an id" },
		{ "id 99999999999999999999999", "id: 99999999999999999999999 is not an id" },
		{ "id -1", "id: -1 is not an id" },
		{ "id +1", "id: +1 is not an id" },
		{ "id 1x", "id: 1x is not an id" },
		{ "id 0x", "id: 0x is not an id" },
		{ "id=", "id:  is not an id" },
		{ "id 1 id 2", "id is given twice" },
		{ "id 1 port 65536", "port: 65536 is not a port" },
		{ "id 1 flag=1", "flag takes no value" },
		{ "id 1 ports 5", "no such word: ports" },
		{ "id 1 addr 1.2.3", "addr: 1.2.3 is not an address" },
		/* what may be a key is not repeated */
		{ "id 000102030405060708090a0b0c0d0e0f", "id: (hexadecimal digits) is not an id" },
		{ "id 1 000102030405060708090a0b0c0d0e0f", "no such word: (hexadecimal digits)" },
	};
	struct thing t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(words(&t, NULL, cases[i][0]), CTL_USAGE);
		assert_string_equal(complaint, cases[i][1]);
	}
}

static void seconds_have_milliseconds(void **state)
{
	uint64_t ms;

	(void)state;
	assert_true(ctl_parse_seconds("0.001", &ms));
	assert_int_equal(ms, 1);
	assert_true(ctl_parse_seconds("10.25", &ms));
	assert_int_equal(ms, 10250);
	assert_true(ctl_parse_seconds("600000", &ms));
	assert_int_equal(ms, 600000000);
	assert_true(ctl_parse_seconds("4294967295", &ms));
	assert_true(ms == UINT64_C(4294967295000));
	assert_false(ctl_parse_seconds("0", &ms));
	assert_false(ctl_parse_seconds("0.000", &ms));
	assert_false(ctl_parse_seconds("1.0001", &ms));
	assert_false(ctl_parse_seconds("1.", &ms));
	assert_false(ctl_parse_seconds(".5", &ms));
	assert_false(ctl_parse_seconds("1.x", &ms));
	assert_false(ctl_parse_seconds("-1", &ms));
	assert_false(ctl_parse_seconds("0x10", &ms));
	assert_false(ctl_parse_seconds("4294967296", &ms));
	assert_false(ctl_parse_seconds("", &ms));
}

static void names_are_not_unspec(void **state)
{
	uint32_t v;

	(void)state;
	assert_true(ctl_parse_alg("hmac-md5-96", &v));
	assert_int_equal(v, GMGATE_ALG_HMAC_MD5_96);
	assert_false(ctl_parse_alg("unspec", &v));
	assert_false(ctl_parse_ealg("unspec", &v));
	assert_true(ctl_parse_state("temporary", &v));
	assert_int_equal(v, GMGATE_SET_STATE_TEMPORARY);
	assert_false(ctl_parse_spi("255", &v));
	assert_true(ctl_parse_spi("256", &v));
}

static void spans_are_short(void **state)
{
	static const struct { uint64_t ms; const char *text; } cases[] = {
		{ 0, "0.0 s" }, { 1990, "1.9 s" }, { 12345, "12 s" }, { 61000, "1 min 1 s" },
		{ 3660000, "1 h 1 min" }, { UINT64_C(600000000), "6 d 22 h" },
		{ UINT64_MAX, "213503982334 d 14 h" },
	};
	char text[CTL_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(ctl_text_span(cases[i].ms, text), cases[i].text);
}

/* ---- JSON in ---- */

static struct ctl_json *json(const char *text)
{
	return ctl_json_parse(text, strlen(text));
}

static void json_is_read(void **state)
{
	struct ctl_json *j = json(" {\"a\": [1, {\"b\": \"x\\\"\\\\\\/y\"}, []], \"c\":-1.5e3,"
				  "\"d\" :null, \"e\":{} } \n");
	const struct ctl_json *a;

	(void)state;
	assert_non_null(j);
	a = ctl_json_member(j, "a");
	assert_int_equal(a->type, CTL_JSON_ARRAY);
	assert_string_equal(a->child->text, "1");
	assert_string_equal(ctl_json_member(a->child->next, "b")->text, "x\"\\/y");
	assert_null(a->child->next->next->child);
	assert_string_equal(ctl_json_member(j, "c")->text, "-1.5e3");
	assert_string_equal(ctl_json_member(j, "d")->text, "null");
	assert_int_equal(ctl_json_member(j, "e")->type, CTL_JSON_OBJECT);
	assert_null(ctl_json_member(j, "f"));
	ctl_json_free(j);
}

/* A UE's names may try to steer the terminal. */
static void texts_are_printable(void **state)
{
	struct ctl_json *j = json("\"\\u001b[31m\\r\\n\xc2\x9b" "A\x7f\\u0041\"");

	(void)state;
	assert_non_null(j);
	assert_string_equal(j->text, "?[31m  ??A?A");
	ctl_json_free(j);
}

static void broken_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "{", "[", "\"", "\"\\", "\"\\u12", "\"\\u12g4\"", "\"\\x\"", "{\"a\"}",
		"{\"a\":}", "{\"a\":1,}", "{a:1}", "[1,]", "[1 2]", "{\"a\":1]", "1 2", "{} x", "}",
		"\"\x1b\"", "\"\\q\"", "\"\x01\"", "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", "{\"a\":1", "[1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (json(bad[i]))
			fail_msg("accepted: %s", bad[i]);
}

/* Every prefix of a document, in memory that ends where it ends. */
static void cut_json_is_refused(void **state)
{
	static const char doc[] = "{\"a\":[true,\"b\\u0041\",{\"c\":[]}],\"d\":12}";

	(void)state;
	for (size_t n = 0; n < sizeof(doc) - 1; n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, doc, n);
		assert_null(ctl_json_parse(copy, n));
		free(copy);
	}
}

/* ---- JSON out ---- */

/* What @write prints, in a static buffer. */
static const char *printed(void (*write)(void))
{
	static char out[1024];
	int saved = dup(STDOUT_FILENO);
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	fflush(stdout);
	assert_true(dup2(fileno(f), STDOUT_FILENO) >= 0);
	write();
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = 0;
	fclose(f);
	return out;
}

static void write_document(void)
{
	struct addr none = { 0 }, a;

	assert_true(addr_parse(&a, "2001:db8::1", 0));
	ctl_out_open(NULL, '{');
	ctl_out_number("n", UINT64_MAX);
	ctl_out_open("list", '[');
	ctl_out_number(NULL, 1);
	ctl_out_text(NULL, "a\"\\\n\x7f");
	ctl_out_open(NULL, '{');
	ctl_out_close('}');
	ctl_out_close(']');
	ctl_out_bool("yes", true);
	ctl_out_addr("addr", &a);
	ctl_out_addr("none", &none);
	ctl_out_hex("hex", UINT64_MAX);
	ctl_out_close('}');
	ctl_out_open(NULL, '{');
	ctl_out_null("x");
	ctl_out_close('}');
}

static void write_lists(void)
{
	ctl_out_list_end("empty");
	ctl_out_list_item("two");
	ctl_out_number(NULL, 1);
	ctl_out_list_item("two");
	ctl_out_number(NULL, 2);
	ctl_out_list_end("two");
}

static void json_is_written(void **state)
{
	(void)state;
	assert_string_equal(printed(write_document),
		"{\"n\":18446744073709551615,\"list\":[1,\"a\\\"\\\\\\u000a\\u007f\",{}],"
		"\"yes\":true,\"addr\":\"2001:db8::1\",\"none\":null,"
		"\"hex\":\"0xffffffffffffffff\"}\n{\"x\":null}\n");
	assert_string_equal(printed(write_lists), "{\"empty\":[]}\n{\"two\":[1,2]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(wrong_words_are_named),
		cmocka_unit_test(seconds_have_milliseconds),
		cmocka_unit_test(names_are_not_unspec),
		cmocka_unit_test(spans_are_short),
		cmocka_unit_test(json_is_read),
		cmocka_unit_test(texts_are_printable),
		cmocka_unit_test(broken_json_is_refused),
		cmocka_unit_test(cut_json_is_refused),
		cmocka_unit_test(json_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
