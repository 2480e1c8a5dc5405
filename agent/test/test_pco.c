// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Protocol configuration options: elements of public captures and of other
 * implementations' tests, each cut off everywhere, and what is said about them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pco_value.h"

#define ZEROES "00000000000000000000000000000000"

/* Of a capture, of another network's test, of the sheet of TS 24.008. */
#define REQUEST "27268080211001000010810600000000830600000000" \
		"000d00000300000100000c00000a00001000"
#define ANSWER "80000c040a048015000c040a04801600011020010db8000401280000000000000021" \
	       "00031020014860486000000000000000008888000d0408080808000200001002054e"
#define ANDROID "7b00728080210a0300000a810608080808000d0408080808" \
		"00031020014860486000000000000000008888000c04c0a80401" \
		"00011020010468300000010000000000000000000200001b040100f110" \
		"001d0606271004b71b0023000901000631300101ff01" \
		"00240009012042010105070160001100"
#define OLD_EQUIPMENT "274880802110030100108106c0a80764830600000000000310" ZEROES \
		      "000d04c0a80764000c04c0a8076f000110" ZEROES

/* Octets in memory that ends where they end. */
struct given {
	char *p;
	size_t n;
};

static struct str given(struct given *g, const char *hex, size_t n)
{
	struct octets o = { 0 };

	assert_true(pco_value_unhex(hex, &o));
	g->n = n < o.n ? n : o.n;
	g->p = malloc(g->n ? g->n : 1);
	memcpy(g->p, o.p, g->n);
	octets_free(&o);
	return (struct str){ g->p, g->n };
}

/* "id=value id=value (note)" of all units, or "octet N: what is wrong". */
static const char *read_as(const char *hex, enum pco_form form, enum pco_from from)
{
	static char out[2048];
	struct octets o = { 0 };
	struct pco_error err;
	struct pco_unit unit;
	struct given g;
	struct pco p;
	int more = -1;

	if (pco_open(&p, given(&g, hex, SIZE_MAX), form, from, &err)) {
		while ((more = pco_next(&p, &unit, &err)) > 0) {
			const char *note = pco_verdict_text(pco_verdict(&unit, from));

			octets_printf(&o, "%s%x=", o.n ? " " : "", unit.id);
			pco_value_text(&unit, from, &o);
			if (note)
				octets_printf(&o, " (%s)", note);
		}
		if (!more && pco_trailing(&p).n)
			octets_printf(&o, " +%zu", pco_trailing(&p).n);
	}
	if (more < 0)
		octets_printf(&o, "%soctet %zu: %s", o.n ? " " : "", err.at, err.what);
	snprintf(out, sizeof(out), "%.*s", (int)o.n, o.p ? o.p : "");
	octets_free(&o);
	free(g.p);
	return out;
}

static const char *from_ms(const char *hex)
{
	return read_as(hex, PCO_AUTO, PCO_FROM_MS);
}

static const char *from_network(const char *hex)
{
	return read_as(hex, PCO_AUTO, PCO_FROM_NETWORK);
}

static void requests(void **state)
{
	(void)state;
	assert_string_equal(from_ms(REQUEST),
			    "8021=Configure-Request id 0: primary-dns 0.0.0.0, secondary-dns 0.0.0.0 "
			    "d= 3= 1= c= a= 10=");
	assert_string_equal(from_ms("271980000100000c00000200000300000d00000a00001000001200"),
			    "1= c= 2= 3= d= a= 10= 12=");
	assert_string_equal(from_ms("7b000780000a00000d00"), "a= d=");
	assert_string_equal(from_ms("80000500001a0105001701020014010000220127"),
			    "5= 1a=5 17=activated 14=ue-initiated 22=39");
}

static void answers(void **state)
{
	static const char all[] = "c=10.4.128.21 c=10.4.128.22 1=2001:db8:4:128::21 "
				  "3=2001:4860:4860::8888 d=8.8.8.8 2= 10=1358";

	(void)state;
	assert_string_equal(from_network(ANSWER), all);
	assert_string_equal(from_network("2744" ANSWER), all);
	assert_string_equal(from_network("7b0044" ANSWER), all);
	assert_string_equal(from_network("4e004400" ANSWER), all);
	assert_string_equal(from_network("a3004400" ANSWER), all);
	assert_string_equal(from_network("c5004400" ANSWER), all);
	assert_string_equal(read_as("840044" ANSWER, PCO_GTP1, PCO_FROM_NETWORK), all);
	assert_string_equal(from_network("7b000f80000d04d043fefe000d04d043ffff"),
			    "d=208.67.254.254 d=208.67.255.255");
	assert_string_equal(from_network("800005010200040101001402"
					 "0001000e0891947120436587f9"),
			    "5=ms-or-network 4=1 14=0001 (wrong length, to be ignored) "
			    "e=91947120436587f9");
}

static void an_answer_of_android(void **state)
{
	(void)state;
	assert_string_equal(from_network(ANDROID),
			    "8021=Configure-Nak id 0: primary-dns 8.8.8.8 d=8.8.8.8 "
			    "3=2001:4860:4860::8888 c=192.168.4.1 1=2001:468:3000:1:: 2= "
			    "1b=sst 1, plmn 001-01 1d=10000000 kbit/s down, 3000000 kbit/s up "
			    "23=01000631300101ff01 24=012042010105070160 11=");
}

static void zero_is_no_address(void **state)
{
	(void)state;
	assert_string_equal(from_network(OLD_EQUIPMENT),
			    "8021=Configure-Nak id 1: primary-dns 192.168.7.100, secondary-dns 0.0.0.0 "
			    "3=:: (zero, so none) d=192.168.7.100 c=192.168.7.111 1=:: (zero, so none)");
}

/* Nobody's, an operator's, the other side's, of a wrong length: all are kept. */
static void what_is_odd_is_kept(void **state)
{
	(void)state;
	assert_string_equal(from_network("80123401ffff0002abcd000a00000c030a0480001200000c040a048015"),
			    "1234=ff (not known here) ff00=abcd (operator specific) "
			    "a= (reserved in this direction) "
			    "c=0a0480 (wrong length, to be ignored) "
			    "12= (reserved in this direction) c=10.4.128.21");
	assert_string_equal(from_ms("80000c0401020304"),
			    "c=01020304 (wrong length, to be ignored)");
}

static void what_follows_is_told_apart(void **state)
{
	(void)state;
	assert_string_equal(from_network("270480000200" "0102"), "2= +2");
	assert_string_equal(from_network("7b000180" "ff"), " +1");
}

static void lengths_that_lie(void **state)
{
	static const struct { const char *hex, *what; } cases[] = {
		{ "27", "octet 1: cut off in the head of pco, which has 2 octets" },
		{ "7b00", "octet 2: cut off in the head of epco, which has 3 octets" },
		{ "4e0001", "octet 3: cut off in the head of gtpv2-pco, which has 4 octets" },
		{ "2700", "octet 2: there is no configuration protocol octet" },
		{ "7b0000", "octet 3: there is no configuration protocol octet" },
		{ "270580000200", "octet 1: the length says 5 octets, but 4 follow" },
		{ "7b010080000200", "octet 1: the length says 256 octets, but 4 follow" },
		{ "80000c050a048015", "octet 3: 0x000c says it has 5 octets, but 4 are left" },
		{ "270980000c040a04801500", "c=10.4.128.21 octet 10: an identifier is cut off" },
		{ "2705800002000c", "2= octet 6: an identifier is cut off" },
		{ "270680000200000c", "2= octet 8: the length of 0x000c is cut off" },
		{ "80002300", "octet 3: the length of 0x0023 is cut off" },
		{ "80002300090102", "octet 3: 0x0023 says it has 9 octets, but 2 are left" },
		/* what follows the element is none of a unit's */
		{ "270480000c0401020304", "octet 5: 0x000c says it has 4 octets, but 0 are left" },
		{ "00", "octet 0: 0x00 begins neither an element nor a value" },
		{ "f8", "octet 0: 0xf8 begins neither an element nor a value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(from_network(cases[i].hex), cases[i].what))
			fail_msg("%s: %s", cases[i].hex, from_network(cases[i].hex));
	assert_string_equal(read_as("2704", PCO_NAS_EPCO, PCO_FROM_MS),
			    "octet 0: 0x27 is not the type of epco, which is 0x7b");
}

/* Every prefix: an error, at an octet there is or the first there is not. */
static void cut_off_everywhere(void **state)
{
	static const char *const all[] = { "2744" ANSWER, ANDROID, OLD_EQUIPMENT, REQUEST };

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		for (size_t n = 0; n < strlen(all[i]) / 2; n++) {
			struct pco_error err;
			struct given g;
			struct pco p;

			assert_false(pco_open(&p, given(&g, all[i], n), PCO_AUTO, PCO_FROM_NETWORK,
					      &err));
			assert_true(err.at <= n);
			free(g.p);
		}
	}
}

/* Written again from its units it is what it was. */
static void there_and_back(void **state)
{
	static const char *const all[] = {
		"2744" ANSWER, "7b0044" ANSWER, "4e004401" ANSWER, ANSWER, ANDROID, OLD_EQUIPMENT,
		REQUEST, "81123401ff", "270180", "c5000500" "80ff000100",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct octets again = { 0 };
		struct pco_error err;
		struct pco_writer w;
		struct pco_unit unit;
		struct given g;
		struct str s = given(&g, all[i], SIZE_MAX);
		struct pco p;

		assert_true(pco_open(&p, s, PCO_AUTO, PCO_FROM_NETWORK, &err));
		pco_begin(&w, &again, p.form, p.from, p.protocol, p.instance);
		while (pco_next(&p, &unit, &err) > 0)
			assert_true(pco_put(&w, unit.id, unit.contents));
		assert_true(pco_end(&w));
		assert_true(str_same(octets_str(&again), s));
		octets_free(&again);
		free(g.p);
	}
}

static bool fits(enum pco_form form, uint16_t id, size_t n, unsigned int units, bool *put)
{
	struct octets out = { 0 };
	struct pco_writer w;
	char *p = calloc(1, n + 1);
	bool fit;

	pco_begin(&w, &out, form, PCO_FROM_NETWORK, PCO_PPP_FOR_IP, 0);
	*put = true;
	while (units--)
		*put &= pco_put(&w, id, (struct str){ p, n });
	fit = pco_end(&w);
	octets_free(&out);
	free(p);
	return fit;
}

static void lengths_have_ends(void **state)
{
	bool put;

	(void)state;
	assert_true(fits(PCO_NAS, 0xff00, 247, 1, &put) && put);
	assert_false(fits(PCO_NAS, 0xff00, 248, 1, &put) || !put);
	assert_false(fits(PCO_GTP2, 0xff00, 248, 1, &put));
	assert_true(fits(PCO_NAS_EPCO, 0xff00, 255, 1, &put) && put);
	assert_true(fits(PCO_NAS_EPCO, 0xff00, 256, 1, &put) && !put);
	assert_true(fits(PCO_NAS_EPCO, 0x0023, 65530, 1, &put) && put);
	assert_false(fits(PCO_NAS_EPCO, 0x0023, 65531, 1, &put) || !put);
	assert_false(fits(PCO_NAS_EPCO, 0x0023, 40000, 2, &put) || !put);
	assert_false(fits(PCO_VALUE, 0x0023, 65536, 1, &put) && put);
}

static enum pco_from guess(const char *hex)
{
	struct given g;
	enum pco_from from = pco_from_guess(given(&g, hex, SIZE_MAX), PCO_AUTO);

	free(g.p);
	return from;
}

static void the_side_is_guessed(void **state)
{
	(void)state;
	assert_int_equal(guess(REQUEST), PCO_FROM_MS);
	assert_int_equal(guess("7b000780000a00000d00"), PCO_FROM_MS);
	assert_int_equal(guess("80000c00"), PCO_FROM_MS);
	assert_int_equal(guess(ANSWER), PCO_FROM_NETWORK);
	assert_int_equal(guess(ANDROID), PCO_FROM_NETWORK);
	assert_int_equal(guess(OLD_EQUIPMENT), PCO_FROM_NETWORK);
	assert_int_equal(guess("80000200"), PCO_FROM_NETWORK);
	assert_int_equal(guess("00"), PCO_FROM_NETWORK);
}

static const char *ppp(uint16_t protocol, const char *hex)
{
	static char out[512];
	struct octets o = { 0 };
	struct given g;

	pco_ppp_text(protocol, given(&g, hex, SIZE_MAX), &o);
	snprintf(out, sizeof(out), "%.*s", (int)o.n, o.p ? o.p : "");
	octets_free(&o);
	free(g.p);
	return out;
}

static void frames_of_ppp(void **state)
{
	(void)state;
	assert_string_equal(ppp(PCO_IPCP, "02010010810601020304830605060708"),
			    "Configure-Ack id 1: primary-dns 1.2.3.4, secondary-dns 5.6.7.8");
	assert_string_equal(ppp(PCO_IPCP, "0101000a03060a000001"),
			    "Configure-Request id 1: address 10.0.0.1");
	assert_string_equal(ppp(PCO_LCP, "0107000803040c00"), "Configure-Request id 7: option 3 0c00");
	assert_string_equal(ppp(PCO_LCP, "09000004"), "Echo-Request id 0");
	assert_string_equal(ppp(PCO_LCP, "63000004"), "code 99 id 0");
	assert_string_equal(ppp(PCO_CHAP, "01020010080001020304050607706707"),
			    "Challenge id 2: 8 octets, name pg?");
	assert_string_equal(ppp(PCO_CHAP, "03020004"), "Success id 2");
	/* lengths that lie */
	assert_string_equal(ppp(PCO_IPCP, "010000"), "cut off: 010000");
	assert_string_equal(ppp(PCO_IPCP, "01000020810600000000"),
			    "Configure-Request id 0 (its length says 32 of 10 octets): "
			    "primary-dns 0.0.0.0");
	assert_string_equal(ppp(PCO_IPCP, "01000008" "81060102"),
			    "Configure-Request id 0: cut off");
	assert_string_equal(ppp(PCO_IPCP, "0100000681" "00"), "Configure-Request id 0: cut off");
	assert_string_equal(ppp(PCO_IPCP, "0100000581"), "Configure-Request id 0: cut off");
	assert_string_equal(ppp(PCO_PAP, "0101000605" "75"), "Authenticate-Request id 1: cut off");
	assert_string_equal(ppp(PCO_CHAP, "010100050a"), "Challenge id 1: cut off");
}

static void no_password_is_shown(void **state)
{
	const char *text = ppp(PCO_PAP, "0101000d0475736572037077641b");

	(void)state;
	assert_string_equal(text, "Authenticate-Request id 1 (its length says 13 of 14 octets): "
			    "peer user, a password of 3 octets");
	assert_null(strstr(text, "pwd"));
}

static bool parses(const char *word, enum pco_from from, const char *text, const char *hex)
{
	const struct pco_name *name = pco_name_by_word(word, strlen(word));
	struct octets got = { 0 }, digits = { 0 };
	bool ok;

	assert_non_null(name);
	ok = pco_value_parse(name, from, text, &got);
	pco_value_hex(octets_str(&got), &digits);
	if (ok)
		assert_true(str_same(octets_str(&digits), str_of(hex)));
	octets_free(&got);
	octets_free(&digits);
	return ok;
}

static void values_are_read(void **state)
{
	(void)state;
	assert_true(parses("p-cscf-ipv4", PCO_FROM_NETWORK, "10.4.128.21", "0a048015"));
	assert_true(parses("p-cscf-ipv6", PCO_FROM_NETWORK, "2001:db8::1",
			   "20010db8000000000000000000000001"));
	assert_true(parses("p-cscf-ipv4", PCO_FROM_MS, NULL, ""));
	assert_true(parses("ipv4-mtu", PCO_FROM_NETWORK, "1358", "054e"));
	assert_true(parses("bearer-control", PCO_FROM_NETWORK, "ms-or-network", "02"));
	assert_true(parses("bearer-control", PCO_FROM_NETWORK, "1", "01"));
	assert_true(parses("qos-rules", PCO_FROM_NETWORK, "00fF", "00ff"));
	assert_true(parses("acs-information", PCO_FROM_NETWORK, "a1", "6131"));
}

static void other_values_are_not(void **state)
{
	(void)state;
	assert_false(parses("p-cscf-ipv4", PCO_FROM_NETWORK, "2001:db8::1", NULL));
	assert_false(parses("p-cscf-ipv4", PCO_FROM_NETWORK, "10.4.128", NULL));
	assert_false(parses("p-cscf-ipv4", PCO_FROM_NETWORK, NULL, NULL));
	assert_false(parses("p-cscf-ipv4", PCO_FROM_MS, "10.4.128.21", NULL));
	assert_false(parses("p-cscf-reselection", PCO_FROM_NETWORK, NULL, NULL));
	assert_false(parses("ipv4-mtu", PCO_FROM_NETWORK, "65536", NULL));
	assert_false(parses("pdu-session-id", PCO_FROM_MS, "256", NULL));
	assert_false(parses("bearer-control", PCO_FROM_NETWORK, "both", NULL));
	assert_false(parses("qos-rules", PCO_FROM_NETWORK, "0", NULL));
	assert_false(parses("qos-rules", PCO_FROM_NETWORK, "0g", NULL));
	assert_null(pco_name_by_word("p-cscf-ipv", 10));
}

/* Each has an identifier and a word of its own, in order. */
static void names_are_unique(void **state)
{
	const struct pco_name *name, *before = NULL;

	(void)state;
	for (unsigned int i = 0; (name = pco_name_at(i)); i++) {
		assert_ptr_equal(pco_name_of(name->id), name);
		assert_ptr_equal(pco_name_by_word(name->word, strlen(name->word)), name);
		assert_true(!before || before->id < name->id);
		before = name;
	}
	assert_non_null(before);
}

static unsigned int pcscfs(const char *hex, enum pco_from from)
{
	struct pco_error err;
	struct pco_unit unit;
	unsigned int n = 0;
	struct given g;
	struct pco p;
	struct addr a;

	assert_true(pco_open(&p, given(&g, hex, SIZE_MAX), PCO_AUTO, from, &err));
	while (pco_next(&p, &unit, &err) > 0)
		n += pco_value_pcscf(&unit, from, &a);
	free(g.p);
	return n;
}

static void what_a_ue_takes_for_its_pcscf(void **state)
{
	(void)state;
	assert_int_equal(pcscfs(ANSWER, PCO_FROM_NETWORK), 3);
	assert_int_equal(pcscfs(ANSWER, PCO_FROM_MS), 0);
	assert_int_equal(pcscfs(OLD_EQUIPMENT, PCO_FROM_NETWORK), 1);
	assert_int_equal(pcscfs("80000c030a0480000d0408080808", PCO_FROM_NETWORK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(an_answer_of_android),
		cmocka_unit_test(zero_is_no_address),
		cmocka_unit_test(what_is_odd_is_kept),
		cmocka_unit_test(what_follows_is_told_apart),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(cut_off_everywhere),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(lengths_have_ends),
		cmocka_unit_test(the_side_is_guessed),
		cmocka_unit_test(frames_of_ppp),
		cmocka_unit_test(no_password_is_shown),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(other_values_are_not),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(what_a_ue_takes_for_its_pcscf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
