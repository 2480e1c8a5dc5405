// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists, parameters and numbers of header values. */
#include <stdio.h>

#include "proof.h"
#include "sip_param.h"

static void test_split(void **state)
{
	static const struct {
		const char *text;
		const char *parts[5];
	} cases[] = {
		{ "a,b", { "a", "b" } },
		{ " a ,\r\n b ", { "a", "b" } },
		{ "a", { "a" } },
		{ "", { "" } },
		{ "a,,b", { "a", "", "b" } },
		{ "\"x,y\",z", { "\"x,y\"", "z" } },
		{ "\"x\\\",y\",z", { "\"x\\\",y\"", "z" } },
		{ "<sip:a,b>;t=1,<c>", { "<sip:a,b>;t=1", "<c>" } },
		{ "\"<\",b", { "\"<\"", "b" } },
		{ "<\">,b", { "<\">", "b" } },
		{ "a,\"open,b", { "a", "\"open,b" } },
		{ "a,<open,b", { "a", "<open,b" } },
		{ "\"x\\", { "\"x\\" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str rest = str_of(cases[i].text), part;
		size_t n = 0;

		while (sip_param_split(&rest, ',', &part)) {
			assert_non_null(cases[i].parts[n]);
			assert_str(part, cases[i].parts[n++]);
		}
		assert_null(cases[i].parts[n]);
	}
}

static void test_params(void **state)
{
	struct str rest = STR_LIT("a=1; B = \"x;y\" ;flag;;\r\n c=");
	struct sip_param p;

	(void)state;
	assert_true(sip_param_next(&rest, ';', &p));
	assert_str(p.name, "a");
	assert_str(p.value, "1");
	assert_true(sip_param_next(&rest, ';', &p));
	assert_str(p.name, "B");
	assert_str(p.value, "x;y");
	assert_str(p.whole, "B = \"x;y\"");
	assert_true(sip_param_next(&rest, ';', &p));
	assert_str(p.name, "flag");
	assert_null(p.value.p);
	assert_true(sip_param_next(&rest, ';', &p));
	assert_str(p.name, "c");
	assert_non_null(p.value.p);
	assert_int_equal(p.value.n, 0);
	assert_false(sip_param_next(&rest, ';', &p));

	assert_true(sip_param_find(STR_LIT("x=1;TAG=2"), ';', STR_LIT("tag"), &p));
	assert_str(p.value, "2");
	assert_false(sip_param_find(STR_LIT("x=\";tag=1\""), ';', STR_LIT("tag"), &p));
}

static void test_balanced(void **state)
{
	(void)state;
	assert_true(sip_param_balanced(STR_LIT("")));
	assert_true(sip_param_balanced(STR_LIT("a \"b\" <c> \"\\\"\"")));
	assert_true(sip_param_balanced(STR_LIT("\"<\"")));
	assert_false(sip_param_balanced(STR_LIT("\"a")));
	assert_false(sip_param_balanced(STR_LIT("\"a\\\"")));
	assert_false(sip_param_balanced(STR_LIT("<a")));
	assert_false(sip_param_balanced(STR_LIT("\"a\\")));
}

static void test_numbers(void **state)
{
	uint32_t n;
	uint8_t hex[2];

	(void)state;
	assert_true(str_number(STR_LIT("0000012345"), UINT32_MAX, &n) && n == 12345);
	assert_true(str_number(STR_LIT("4294967295"), UINT32_MAX, &n) && n == UINT32_MAX);
	assert_true(str_number(STR_LIT("00000000000000000000000007"), 9, &n) && n == 7);
	assert_false(str_number(STR_LIT("4294967296"), UINT32_MAX, &n));
	assert_false(str_number(STR_LIT("18446744073709551617"), UINT32_MAX, &n));
	assert_false(str_number(STR_LIT(""), 9, &n));
	assert_false(str_number(STR_LIT("-1"), 9, &n));
	assert_false(str_number(STR_LIT("+1"), 9, &n));
	assert_false(str_number(STR_LIT("0x1"), 9, &n));
	assert_false(str_number(STR_LIT("5abc"), 9, &n));
	assert_true(str_hex(STR_LIT("0aFf"), hex, 2) && hex[0] == 10 && hex[1] == 255);
	assert_false(str_hex(STR_LIT("0aF"), hex, 2));
	assert_false(str_hex(STR_LIT("0aFg"), hex, 2));
	assert_false(str_hex(STR_LIT("0aFfF"), hex, 2));
}

static void test_octets_grow(void **state)
{
	struct octets o = { 0 };
	char expect[5001];

	(void)state;
	for (int i = 0; i < 500; i++)
		octets_printf(&o, "%010d", i);
	assert_false(o.failed);
	assert_int_equal(o.n, 5000);
	snprintf(expect, sizeof(expect), "%010d", 499);
	assert_memory_equal(o.p + 4990, expect, 10);
	octets_free(&o);
	assert_null(o.p);
	/* A text longer than all the room there is. */
	memset(expect, 'x', 5000);
	expect[5000] = 0;
	octets_printf(&o, "%s", expect);
	assert_octets(&o, expect);
	octets_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_split, "RFC 3261 25.1: commas in quotes and <> do not split"),
		PROOF(test_params, "field note rules: white space around ; = and quoted values"),
		PROOF(test_balanced, "RFC 3261 25.1: quoted-pair and unterminated quotes"),
		PROOF(test_numbers, "field note 8, 12: decimal with leading zeros, no hex, no overflow"),
		PROOF(test_octets_grow, "octets: grow and print"),
	};

	return cmocka_run_group_tests_name("sip_param", tests, NULL, NULL);
}
