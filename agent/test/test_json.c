// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON stays JSON whatever the network puts into it.
 */
#include "json.h"
#include "proof.h"

static void escapes(void **state)
{
	struct octets o = { 0 };

	(void)state;
	json_open(&o, NULL, '{');
	json_string(&o, "a", (struct str){ "\"\\\n\x01\x7f\xc3\xa9\0z", 9 });
	json_number(&o, "n", 18446744073709551615ull);
	json_open(&o, "list", '[');
	json_number(&o, NULL, 1);
	json_text(&o, NULL, "");
	json_open(&o, NULL, '{');
	json_close(&o, '}');
	json_close(&o, ']');
	json_open(&o, "none", '[');
	json_close(&o, ']');
	json_bool(&o, "t", true);
	json_close(&o, '}');
	assert_octets(&o, "{\"a\":\"\\\"\\\\\\u000a\\u0001\\u007f\\u00c3\\u00a9\\u0000z\","
		      "\"n\":18446744073709551615,\"list\":[1,\"\",{}],\"none\":[],\"t\":true}");
	octets_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(escapes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
