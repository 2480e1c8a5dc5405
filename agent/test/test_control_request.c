// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lines that come to the control socket, what a UE is asked for by, and who
 * may ask.
 */
#include <stdio.h>

#include "control_match.h"
#include "control_peer.h"
#include "control_request.h"
#include "proof.h"

static struct control_request r;
static char line[CONTROL_REQUEST + 1];

static bool reads(const char *text)
{
	const char *why = NULL;
	bool fine;

	snprintf(line, sizeof(line), "%s", text);
	fine = control_request_read(&r, line, &why);
	assert_true(fine || why);
	return fine;
}

static void words_have_values(void **state)
{
	(void)state;
	assert_true(reads("ue impi=a@b whole who=%41%20%25=x"));
	assert_string_equal(r.verb, "ue");
	assert_int_equal(r.n, 3);
	assert_string_equal(control_request_word(&r, "impi"), "a@b");
	assert_string_equal(control_request_word(&r, "whole"), "");
	assert_string_equal(control_request_word(&r, "who"), "A %=x");
	assert_null(control_request_word(&r, "impu"));
	assert_true(control_request_has_only(&r, "who impi whole state"));
	assert_false(control_request_has_only(&r, "who impi"));
	assert_false(control_request_has_only(&r, "whole-x who impi"));
	assert_false(control_request_has_only(&r, ""));
	assert_true(reads("status"));
	assert_true(control_request_has_only(&r, ""));
}

static void bad_lines_are_refused(void **state)
{
	static const char * const bad[] = {
		"", " ", " status", "status ", "STATUS", "ue  impi=a", "ue impi=a impi=b", "ue =a",
		"ue impi=%", "ue impi=%4", "ue impi=%zz", "ue impi=%00", "ue im_pi=a", "ue\timpi=a",
		"ue impi=\x01", "ue impi=\xff", "ue a b c d e f g h i", "\x7f", "%41",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i]))
			fail_msg("taken: '%s'", bad[i]);
	assert_true(reads("ue a b c d e f g h"));
}

static void patterns_have_a_star_at_an_end(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "abc", "abc", true }, { "abc", "ABC", true }, { "abc", "abcd", false },
		{ "abc*", "abcd", true }, { "abc*", "abc", true }, { "abc*", "ab", false },
		{ "*bc", "abc", true }, { "*bc", "bc", true }, { "*bc", "bcd", false },
		{ "*b*", "abc", true }, { "*x*", "abc", false }, { "*abcd*", "abc", false },
		{ "*", "", true }, { "**", "abc", true }, { "", "", true }, { "", "a", false },
		{ "a*c", "abc", false }, { "a*c", "a*c", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (control_text_matches(cases[i].pattern, str_of(cases[i].text)) !=
		    cases[i].matches)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
}

static void root_user_and_group_may_ask(void **state)
{
	static const gid_t groups[] = { 100, 44, 5000 }, root[] = { 0 };

	(void)state;
	assert_true(control_peer_may(0, NULL, 0, 999, 5000));
	assert_true(control_peer_may(999, NULL, 0, 999, 5000));
	assert_true(control_peer_may(1000, groups, 3, 999, 5000));
	assert_true(control_peer_may(1000, groups, 3, 999, 100));
	assert_false(control_peer_may(1000, groups, 2, 999, 5000));
	assert_false(control_peer_may(1000, NULL, 0, 999, 5000));
	/* An agent that runs as root has no group that others are in on purpose. */
	assert_false(control_peer_may(1000, root, 1, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_values),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(patterns_have_a_star_at_an_end),
		cmocka_unit_test(root_user_and_group_may_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
