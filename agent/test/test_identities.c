// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of public identities, as P-Associated-URI has them. */
#include "identities.h"
#include "proof.h"

static void which_are_the_same(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "sip:a@example.org", "sip:a@example.org", true },
		{ "sip:a@example.org", "SIP:a@EXAMPLE.org", true },
		{ "sip:a@example.org", "sip:a@example.org;user=phone", true },
		{ "sip:a@example.org?x=y", "sip:a@example.org", true },
		{ "sip:a@example.org", "sip:A@example.org", false },
		{ "sip:a@example.org", "sips:a@example.org", false },
		{ "sip:a@example.org", "sip:a@example.org.evil", false },
		{ "sip:a@example.org", "sip:example.org", false },
		{ "sip:+1;phone-context=x@h;user=phone", "sip:+1;phone-context=x@h", true },
		{ "sip:+1;phone-context=x@h", "sip:+1;phone-context=y@h", false },
		{ "tel:+15550001", "TEL:+15550001", true },
		{ "tel:+15550001", "tel:+15550002", false },
		{ "tel:911;phone-context=a", "tel:911;phone-context=b", false },
		{ "tel:+1", "sip:+1@h", false },
		{ "", "", true },
		{ "", "sip:a@h", false },
		{ "sip:", "sip:a@h", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(identities_same(str_of(rows[i].a), str_of(rows[i].b)), rows[i].same);
		assert_int_equal(identities_same(str_of(rows[i].b), str_of(rows[i].a)), rows[i].same);
	}
}

static void walking_and_finding(void **state)
{
	struct str list = STR_LIT("\"A, the <first>\" <sip:a@h>;x=1,, <tel:+1> , sip:b@h, *, <"), uri;

	(void)state;
	assert_true(identities_has(list, STR_LIT("sip:b@h")));
	assert_false(identities_has(list, STR_LIT("sip:c@h")));
	assert_true(identities_next(&list, &uri));
	assert_str(uri, "sip:a@h");
	assert_true(identities_next(&list, &uri));
	assert_str(uri, "tel:+1");
	assert_true(identities_next(&list, &uri));
	assert_str(uri, "sip:b@h");
	assert_false(identities_next(&list, &uri));
	list = STR_NONE;
	assert_false(identities_next(&list, &uri));
	assert_false(identities_has(STR_NONE, STR_LIT("sip:a@h")));
}

static void joining_and_removing(void **state)
{
	struct octets list = { 0 }, less = { 0 };

	(void)state;
	identities_join(&list, STR_LIT("\"A\" <sip:a@h>, <tel:+1>"));
	identities_join(&list, STR_LIT("<TEL:+1>, <sip:b@h>, <sip:a@H;user=phone>"));
	assert_octets(&list, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>");
	identities_without(&less, octets_str(&list), STR_LIT("tel:+1"));
	assert_octets(&less, "\"A\" <sip:a@h>, <sip:b@h>");
	octets_free(&less);
	identities_without(&less, octets_str(&list), STR_LIT("tel:+2"));
	assert_octets(&less, "\"A\" <sip:a@h>, <tel:+1>, <sip:b@h>");
	octets_free(&less);
	octets_free(&list);
}

static void lists_are_bounded(void **state)
{
	struct octets list = { 0 }, more = { 0 };
	unsigned int n = 0;
	struct str rest, uri;

	(void)state;
	for (int i = 0; i < 2 * IDENTITIES_MAX; i++)
		octets_printf(&more, "%s<sip:%d@h>", i ? "," : "", i);
	identities_join(&list, octets_str(&more));
	for (rest = octets_str(&list); identities_next(&rest, &uri); n++)
		;
	assert_int_equal(n, IDENTITIES_MAX);
	identities_join(&list, STR_LIT("<sip:one-more@h>"));
	assert_false(identities_has(octets_str(&list), STR_LIT("sip:one-more@h")));
	octets_free(&list);
	octets_free(&more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(which_are_the_same, "TS 24.229 4.2: identities are compared as URIs"),
		PROOF(walking_and_finding, "RFC 7315 4.1: P-Associated-URI"),
		PROOF(joining_and_removing, "each identity once, in order"),
		PROOF(lists_are_bounded, "at most IDENTITIES_MAX"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
