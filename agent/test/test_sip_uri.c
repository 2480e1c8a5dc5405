// SPDX-License-Identifier: GPL-2.0-or-later
/* URIs through libosip2, name-addr and Via around them. */
#include <stdio.h>

#include "proof.h"
#include "sip_uri.h"
#include "sip_via.h"

static void test_uri(void **state)
{
	struct sip_uri uri;

	(void)state;
	assert_true(sip_uri_parse(STR_LIT("sip:01000000001@[2001:4430:178:87c1::cb:a1b]:5060;a=b"),
				  &uri));
	assert_str(uri.scheme, "sip");
	assert_str(uri.user, "01000000001");
	assert_str(uri.host, "2001:4430:178:87c1::cb:a1b");
	assert_int_equal(uri.port, 5060);
	sip_uri_free(&uri);
	assert_null(uri.reading);

	assert_true(sip_uri_parse(STR_LIT("tel:+123;phone-context=h"), &uri));
	assert_null(uri.host.p);
	assert_str(uri.number, "+123;phone-context=h");
	sip_uri_free(&uri);
	assert_true(sip_uri_parse(STR_LIT("sip:0598;phone-context=x@h;user=phone"), &uri));
	assert_str(uri.user, "0598;phone-context=x");
	assert_str(uri.host, "h");
	sip_uri_free(&uri);
	assert_true(sip_uri_parse(STR_LIT("sip:[::1]"), &uri));
	assert_str(uri.host, "::1");
	sip_uri_free(&uri);
	assert_true(sip_uri_parse(STR_LIT("sip:h@h;lr"), &uri));
	sip_uri_free(&uri);
	assert_true(sip_uri_parse(STR_LIT("urn:service:sos"), &uri));
	sip_uri_free(&uri);
}

static void test_uri_bad(void **state)
{
	static const char *const bad[] = {
		"", "nonsense", ":", "sip:", "sip:h:70000", "sip:h:x", "sip:@", "sip:a@", "*",
		/* libosip2 takes these: */
		"sip:a@[::1", "sip:a@[::1]x", "sip:a@::1", "sip:a@h[x]", "sip:a@b c", "sip:a b@c",
		"sip:<a@b>", "sip:\"a@b", "sip:a@b@c", "sip:a@b\r\n c", "sip:a@[h]", "sip:a@[::g]", "sip:a@b:0x1",
	};
	char text[1100];
	struct sip_uri uri;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sip_uri_parse(str_of(bad[i]), &uri))
			fail_msg("taken: %s", bad[i]);
		assert_null(uri.reading);
	}
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i < 4 ? "sip:"[i] : 'a';
	assert_true(sip_uri_parse((struct str){ text, 1024 }, &uri));
	sip_uri_free(&uri);
	assert_false(sip_uri_parse((struct str){ text, 1025 }, &uri));
	assert_false(sip_uri_parse((struct str){ "sip:a\0b", 7 }, &uri));
}

/* Under ASan: what is held stays, whatever others ask for meanwhile. */
static void test_readings_are_shared(void **state)
{
	char text[] = "sip:held@h:5061;transport=tcp", other[32];
	struct sip_uri held, again, uri;

	(void)state;
	assert_true(sip_uri_parse(STR_LIT("sip:held@h:5061;transport=tcp"), &held));
	assert_true(sip_uri_parse(str_of(text), &again));
	assert_ptr_equal(held.reading, again.reading);
	assert_ptr_equal(again.text.p, text);
	assert_int_equal(again.port, 5061);
	sip_uri_free(&again);
	/* Other octets, if only by their case, are another URI. */
	text[4] = 'H';
	assert_true(sip_uri_parse(str_of(text), &again));
	assert_str(again.user, "Held");
	assert_str(held.user, "held");
	sip_uri_free(&again);
	for (int i = 0; i < 100; i++) {
		snprintf(other, sizeof(other), "sip:u%d@h", i % 50);
		assert_true(sip_uri_parse(str_of(other), &uri));
		assert_int_equal(uri.user.n, i % 50 < 10 ? 2 : 3);
		sip_uri_free(&uri);
		assert_false(sip_uri_parse(STR_LIT("sip:a@b c"), &uri));
	}
	assert_str(held.user, "held");
	assert_str(sip_uri_param(&held, "transport"), "tcp");
	sip_uri_forget();
	assert_str(held.host, "h");
	sip_uri_free(&held);
}

static bool same(const char *a, const char *b)
{
	struct sip_uri ua, ub;
	bool result;

	assert_true(sip_uri_parse(str_of(a), &ua));
	assert_true(sip_uri_parse(str_of(b), &ub));
	result = sip_uri_same(&ua, &ub);
	assert_int_equal(result, sip_uri_same(&ub, &ua));
	sip_uri_free(&ua);
	sip_uri_free(&ub);
	return result;
}

static void test_uri_same(void **state)
{
	(void)state;
	assert_true(same("sip:a@h:1", "SIP:a@H:1"));
	assert_true(same("sip:a@h:1;alias=1~2", "sip:a@h:1"));
	assert_true(same("sip:a@h;transport=tcp", "sip:a@h;transport=TCP"));
	assert_true(same("tel:+1", "tel:+1"));
	assert_false(same("sip:a@h", "sip:A@h"));
	assert_false(same("sip:a@h", "sip:a@h:5060"));
	assert_false(same("sip:a@h", "sip:h"));
	assert_false(same("sip:a@h:1", "sip:a@h:2"));
	assert_false(same("sip:a@h;transport=tcp", "sip:a@h"));
	assert_false(same("sip:a@h", "sips:a@h"));
	assert_false(same("tel:+1", "tel:+2"));
}

static void test_uri_is_sips(void **state)
{
	(void)state;
	assert_true(sip_uri_is_sips(STR_LIT("sips:a@h")));
	assert_true(sip_uri_is_sips(STR_LIT("SIPS:h")));
	assert_false(sip_uri_is_sips(STR_LIT("sip:sips:a@h")));
	assert_false(sip_uri_is_sips(STR_LIT("sips")));
	assert_false(sip_uri_is_sips(STR_NONE));
}

static void test_addr(void **state)
{
	static const struct {
		const char *value, *display, *uri, *params;
	} cases[] = {
		{ "<sip:a@h>;tag=1", NULL, "sip:a@h", ";tag=1" },
		{ "\"N, <x>\" <sip:a@h> ;tag=1", "\"N, <x>\"", "sip:a@h", ";tag=1" },
		{ "N M<sip:a@h;lr>", "N M", "sip:a@h;lr", "" },
		{ "sip:a@h;tag=1", NULL, "sip:a@h", ";tag=1" },
		{ "sip:a@h", NULL, "sip:a@h", "" },
		{ " tel:+1 ; tag=1 ", NULL, "tel:+1", "; tag=1" },
		{ "\"a\\\"<\"\r\n <sip:b>", "\"a\\\"<\"", "sip:b", "" },
	};
	static const char *const bad[] = {
		"", "<sip:a@h", "\"x <sip:a>", "<>", "<sip:a> x", "<sip:a>;x=\"y", ";tag=1",
		"\"x\" sip:a", "\"x\\",
	};
	struct sip_addr addr;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(sip_addr_split(str_of(cases[i].value), &addr));
		if (cases[i].display)
			assert_str(addr.display, cases[i].display);
		else
			assert_null(addr.display.p);
		assert_str(addr.uri, cases[i].uri);
		assert_str(addr.params, cases[i].params);
		assert_false(addr.star);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sip_addr_split(str_of(bad[i]), &addr))
			fail_msg("taken: %s", bad[i]);
	assert_true(sip_addr_split(STR_LIT(" * "), &addr));
	assert_true(addr.star);
}

static void test_via(void **state)
{
	struct sip_via via;

	(void)state;
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/UDP [2001:db8::3]:5101;rport;"
					  "Received=1.2.3.4;branch=z9hG4bK1"), &via));
	assert_str(via.transport, "UDP");
	assert_str(via.host, "2001:db8::3");
	assert_int_equal(via.port, 5101);
	assert_str(via.branch, "z9hG4bK1");
	assert_str(via.received, "1.2.3.4");
	assert_str(via.received_param, "Received=1.2.3.4");
	assert_str(via.rport_param, "rport");
	assert_null(via.rport.p);
	/* RFC 4475 3.1.1.1 has blanks in all these places. */
	assert_true(sip_via_parse(STR_LIT("SIP / 2.0\r\n /UDP\r\n  192.0.2.2 : 4000 ; branch = x"),
				  &via));
	assert_str(via.host, "192.0.2.2");
	assert_int_equal(via.port, 4000);
	assert_str(via.branch, "x");
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/TCP h.example;rport=7"), &via));
	assert_str(via.host, "h.example");
	assert_int_equal(via.port, 0);
	assert_null(via.branch.p);
	assert_str(via.rport, "7");
	/* Without brackets, which is wrong but clear. */
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/TCP 2001:db8::3;branch=b"), &via));
	assert_str(via.host, "2001:db8::3");
}

static void test_via_bad(void **state)
{
	static const char *const bad[] = {
		"", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP ;branch=x", "SIP/3.0/UDP h",
		"HTTP/2.0/UDP h", "SIP/2.0 h", "SIP/2.0/ h", "SIP/2.0/UDP h:", "SIP/2.0/UDP h:0",
		"SIP/2.0/UDP h:65536", "SIP/2.0/UDP h:x", "SIP/2.0/UDP [::1", "SIP/2.0/UDP [h]",
		"SIP/2.0/UDP [::1]x", "SIP/2.0/UDP a b", "SIP/2.0/UDP h;x=\"y",
		"SIP/2.0/UDP 1:2:3",
	};
	struct sip_via via;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sip_via_parse(str_of(bad[i]), &via))
			fail_msg("taken: %s", bad[i]);
}

static void test_via_from(void **state)
{
	struct sip_via via;

	(void)state;
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/UDP [2001:0DB8:0:0::3]:1"), &via));
	assert_true(sip_via_is_from(&via, "2001:db8::3"));
	assert_false(sip_via_is_from(&via, "2001:db8::4"));
	assert_false(sip_via_is_from(&via, "10.45.0.3"));
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/UDP 10.45.0.3:1"), &via));
	assert_true(sip_via_is_from(&via, "10.45.0.3"));
	assert_false(sip_via_is_from(&via, "10.45.0.33"));
	assert_true(sip_via_parse(STR_LIT("SIP/2.0/UDP ue.example"), &via));
	assert_false(sip_via_is_from(&via, "10.45.0.3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_uri, "RFC 3261 19.1, libosip2: sip, tel and urn"),
		PROOF(test_uri_bad, "libosip2: what is no URI"),
		cmocka_unit_test(test_readings_are_shared),
		PROOF(test_uri_same, "RFC 3261 19.1.4: the same contact"),
		PROOF(test_uri_is_sips, "RFC 3261 26.2.2: TLS on every hop"),
		PROOF(test_addr, "RFC 3261 20.10: name-addr and addr-spec"),
		PROOF(test_via, "RFC 3261 20.42, RFC 4475 3.1.1.1: Via"),
		PROOF(test_via_bad, "RFC 3261 20.42: malformed Via"),
		PROOF(test_via_from, "TS 33.203 7.1 rule 2: Via is of the source, in any spelling"),
	};

	return cmocka_run_group_tests_name("sip_uri", tests, NULL, NULL);
}
