// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which Request-URIs are emergency calls, and what becomes of them: TS 24.229
 * 5.2.10, RFC 5031 4.2, RFC 3966 5.1.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <libxml/parser.h>
#include <osipparser2/osip_parser.h>

#include "emergency.h"

static struct config_emergency cfg = {
	.route = "<sip:ecscf.example;lr>", .n_numbers = 3,
	.numbers = { { "112", "urn:service:sos" }, { "110", "urn:service:sos.police" },
		     { "+49112", "urn:service:sos.fire" } },
};

static int begin(void **state)
{
	(void)state;
	parser_init();
	return 0;
}

static void which_uris(void **state)
{
	static const struct {
		const char *uri, *urn;
	} rows[] = {
		{ "urn:service:sos", "urn:service:sos" },
		{ "urn:service:sos.police", "urn:service:sos.police" },
		{ "URN:Service:SOS.Fire", "URN:Service:SOS.Fire" },
		{ "urn:service:sos;x", "urn:service:sos;x" },
		{ "urn:service:sosx", NULL },
		{ "urn:service:sos-x", NULL },
		{ "urn:service:so", NULL },
		{ "urn:service:counseling", NULL },
		{ "tel:112", "urn:service:sos" },
		{ "TEL:112", "urn:service:sos" },
		{ "tel:1-1.2;phone-context=example.org", "urn:service:sos" },
		{ "tel:+49(112)", "urn:service:sos.fire" },
		{ "tel:1120", NULL },
		{ "tel:11", NULL },
		{ "tel:+112", NULL },
		{ "sip:110@example.org;user=phone", "urn:service:sos.police" },
		{ "sip:112@elsewhere.example", "urn:service:sos" },
		{ "sips:112@example.org", "urn:service:sos" },
		{ "sip:112;phone-context=example.org@example.org;user=phone", "urn:service:sos" },
		{ "sip:%3112@example.org", "urn:service:sos" },
		{ "sip:1123@example.org", NULL },
		{ "sip:example.org", NULL },
		{ "sip:x@112", NULL },
		{ "mailto:112@example.org", NULL },
		{ "sip:\x01", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str urn = emergency_urn(&cfg, str_of(rows[i].uri));

		if (!rows[i].urn != !urn.p || !str_same(urn, str_of(rows[i].urn)))
			fail_msg("%s: %.*s", rows[i].uri, STR_ARG(urn));
	}
}

/* What the UE detected goes; what it did not is for the policy to say. */
static void what_becomes_of_it(void **state)
{
	static const struct {
		const char *uri;
		bool here, route, registered;
		enum emergency want;
	} rows[] = {
		{ "sip:1@h", true, false, false, EMERGENCY_NONE },
		{ "urn:service:sos", true, false, false, EMERGENCY_ROUTE },
		{ "urn:service:sos", true, false, true, EMERGENCY_ROUTE },
		{ "urn:service:sos", false, false, true, EMERGENCY_ELSEWHERE },
		{ "tel:112", true, false, false, EMERGENCY_REGISTER },
		{ "tel:112", true, false, true, EMERGENCY_ROUTE },
		{ "tel:112", true, true, false, EMERGENCY_ROUTE },
		{ "tel:112", false, false, false, EMERGENCY_ELSEWHERE },
	};
	struct str urn;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_emergency c = cfg;

		if (!rows[i].here)
			c.route[0] = '\0';
		c.route_undetected = rows[i].route;
		assert_int_equal(emergency_of(&c, str_of(rows[i].uri), rows[i].registered, &urn),
				 rows[i].want);
	}
}

static void text_of(enum emergency what, const char *name, char *out, size_t room)
{
	struct str body = emergency_body(what);
	xmlDoc *doc = xmlReadMemory(body.p, (int)body.n, NULL, NULL, XML_PARSE_NONET);
	xmlNode *n;

	assert_non_null(doc);
	n = xmlDocGetRootElement(doc);
	assert_string_equal((const char *)n->name, "ims-3gpp");
	n = xmlFirstElementChild(n);
	assert_string_equal((const char *)n->name, "alternative-service");
	*out = '\0';
	for (n = xmlFirstElementChild(n); n; n = xmlNextElementSibling(n)) {
		if (!strcmp((const char *)n->name, name)) {
			xmlChar *text = xmlNodeGetContent(n);

			snprintf(out, room, "%s", (const char *)text);
			xmlFree(text);
		}
	}
	xmlFreeDoc(doc);
}

/* TS 24.229 7.6 */
static void the_body(void **state)
{
	char text[64];

	(void)state;
	text_of(EMERGENCY_REGISTER, "type", text, sizeof(text));
	assert_string_equal(text, "emergency");
	text_of(EMERGENCY_REGISTER, "action", text, sizeof(text));
	assert_string_equal(text, "emergency-registration");
	text_of(EMERGENCY_ELSEWHERE, "type", text, sizeof(text));
	assert_string_equal(text, "emergency");
	text_of(EMERGENCY_ELSEWHERE, "action", text, sizeof(text));
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_uris),
		cmocka_unit_test(what_becomes_of_it),
		cmocka_unit_test(the_body),
	};

	return cmocka_run_group_tests_name("emergency calls (TS 24.229 5.2.10)", tests, begin,
					   NULL);
}
