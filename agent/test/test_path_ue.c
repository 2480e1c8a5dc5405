// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTER path from wire to wire, with UEs that break the rules
 * (gm-security 6, sec-agree 5), load, loss, and damaged messages.
 */
#include "path.h"

/* --- what the UE does wrong --- */

static void offers_that_do_not_do(void **state)
{
	static const struct {
		struct ask ask;
		unsigned int status;
	} rows[] = {
		{ { .expires = 60 }, 494 },
		{ { .expires = 60, .no_tags = true }, 421 },
		{ { .expires = 60, .client = "ipsec-3gpp" }, 494 },
		{ { .expires = 60, .client = "ipsec-3gpp; alg=aes-gmac; spi-c=1111; spi-s=1112; "
		    "port-c=8001; port-s=8000" }, 494 },
		{ { .expires = 60, .client = offer1, .extra = "Proxy-Require: foo\r\n" }, 420 },
		{ { .expires = 60, .client = offer1, .impi = "" }, 400 },
	};
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&f, &rows[i].ask);
		if (status() != rows[i].status)
			fail_msg("row %zu: %s", i, down.text);
		if (status() == 494 || status() == 421) {
			assert_string_equal(header(down.text, "Require"), "sec-agree");
			assert_non_null(strstr(header(down.text, "Security-Server"),
					       "alg=hmac-sha-1-96"));
			assert_null(strstr(header(down.text, "Security-Server"), "spi-"));
		}
	}
	assert_int_equal(n_up, 0);
	assert_int_equal(transaction_stats.server, 0);
}

/* Without SA and on one: what no REGISTER gets past. */
static void registers_that_go_nowhere(void **state)
{
	static const char authorization[] = "Authorization: Digest username=\"001@example.org\","
		" realm=\"example.org\", nonce=\"\", uri=\"sip:example.org\", response=\"\"\r\n";
	static const struct {
		const char *uri, *hops, *lines;
		unsigned int status;
	} rows[] = {
		{ "sip:example.org", "0", authorization, 483 },		/* RFC 3261 16.3 */
		{ "sip:example.org", "70", "", 403 },			/* TS 24.229 5.2.2.2 */
		{ "sips:example.org", "70", authorization, 416 },	/* RFC 3261 26.2.2 */
		{ "sip:example.org", "1", authorization, 0 },		/* goes up */
	};
	struct set *s = registered_set();
	struct flow flows[] = { clear_flow(), protected_flow(s) };
	char text[2048];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		n_up = n_down = 0;
		snprintf(text, sizeof(text), "REGISTER %s SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKn%zu\r\n"
			 "Max-Forwards: %s\r\nFrom: <sip:001@example.org>;tag=1\r\n"
			 "To: <sip:001@example.org>\r\nCall-ID: n\r\nCSeq: 1 REGISTER\r\n"
			 "Contact: <sip:001@10.45.0.3:8000>;expires=60\r\n%s"
			 "Require: sec-agree\r\nSecurity-Client: %s\r\nContent-Length: 0\r\n\r\n",
			 rows[i / 2].uri, i, rows[i / 2].hops, rows[i / 2].lines, offer2);
		receive(&flows[i % 2], text);
		if (n_down != (rows[i / 2].status != 0) || n_up == n_down ||
		    (n_down && status() != rows[i / 2].status))
			fail_msg("row %zu: %s", i, down.text);
	}
	assert_string_equal(header(up.text, "Max-Forwards"), "0");
}

static void agreement_on_temp_is_checked(void **state)
{
	struct set *s;
	struct flow f;
	char altered[512];

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct ask a = { .response = "01", .expires = 60, .branch = ++branch };
		unsigned int want = 494;

		s = challenged_set();
		f = protected_flow(s);
		n_up = 0;
		a.client = offer1;
		a.verify = s->server;
		switch (i) {
		case 0:
			a.verify = NULL;
			want = 400;
			break;
		case 1:
			a.client = NULL;
			want = 400;
			break;
		case 2:
			a.client = offer2;
			break;
		case 3:
			snprintf(altered, sizeof(altered), "%s", s->server);
			memcpy(strstr(altered, "spi-c=") + 6, "7", 1);
			a.verify = altered;
			break;
		case 4:
			a.impi = "002@example.org";
			want = 403;
			break;
		case 5:
			a.via = "10.45.0.9:8000";
			want = 403;
			break;
		}
		ask(&f, &a);
		assert_int_equal(status(), want);
		assert_int_equal(n_up, 0);
		assert_int_equal(down.to.set, s->id);
		clock_advance(240000);
		assert_int_equal(fake_kernel.n, 0);
	}
}

static void only_register_on_temp(void **state)
{
	struct set *s = challenged_set();
	struct flow f = protected_flow(s);

	(void)state;
	n_down = 0;
	ask(&f, &(struct ask){ .method = "OPTIONS" });
	ask(&f, &(struct ask){ .method = "INVITE" });
	assert_int_equal(n_down, 0);
	assert_int_equal(n_up, 1);
}

static void other_methods(void **state)
{
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	ask(&f, &(struct ask){ .method = "INVITE" });
	assert_int_equal(status(), 403);
	n_down = 0;
	ask(&f, &(struct ask){ .method = "ACK" });
	assert_int_equal(n_down, 0);
	s = registered_set();
	f = protected_flow(s);
	n_up = 0;
	ask(&f, &(struct ask){ .method = "MESSAGE", .branch = ++branch });
	assert_int_equal(n_up, 1);
}

static void unregistered_ue_is_not_answered(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	n_down = 0;
	ask(&f, &(struct ask){ .method = "MESSAGE", .branch = ++branch });
	assert_int_equal(n_down, 0);
}

static void no_offer_on_an_established_set(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .expires = 600000, .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	ask(&f, &(struct ask){ .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 403);
	assert_null(strstr(down.text, CK));
	assert_int_equal(set_count(), 1);
}

/* --- load and loss --- */

/* Newcomers displace the oldest unproven; its answer then comes to nobody. */
static void displaced_register(void **state)
{
	struct flow f = clear_flow();
	struct sent first;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	first = up;
	for (int i = 0; i < 30; i++)
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	assert_int_equal(transaction_stats.unproven, 10);
	/* Nor does the core hear of it again. */
	assert_int_equal(transaction_stats.client, 10);
	n_down = 0;
	up = first;
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 0);
	assert_int_equal(fake_kernel.adds, 0);
}

/* The set goes while the core thinks. */
static void set_lost_meanwhile(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	registrar_kernel_lost(s->id);
	n_down = 0;
	core_accepts(600000);
	assert_int_equal(n_down, 0);
	assert_int_equal(registrar_count(), 0);
	s = challenged_set();
	answer_challenge(s);
	registrar_kernel_lost(s->id);
	n_down = 0;
	clock_advance(32000);
	assert_int_equal(n_down, 0);
}

static void garbage(void **state)
{
	static const char * const texts[] = {
		"", "\r\n\r\n", "REGISTER\r\n\r\n", "REGISTER sip:x SIP/2.0\r\n\r\n",
		"REGISTER sip:x SIP/3.0\r\nVia: x\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
		"SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Digest ck=\"" CK "\", ik=\r\n\r\n",
	};
	struct flow flows[] = { clear_flow(), core_flow() };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int f = 0; f < 2; f++)
			receive(&flows[f], texts[i]);
	assert_int_equal(n_up, 0);
	assert_int_equal(fake_kernel.adds, 0);
}

/* Nothing may be left behind: ASan's leak check looks at this one. */
static void a_thousand_registrations(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct set *s = registered_set();
		struct flow f = protected_flow(s);

		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		assert_int_equal(status(), 200);
		clock_advance(DRAIN);
		assert_int_equal(fake_kernel.n, 0);
		assert_int_equal(transaction_stats.server, 0);
		assert_null(registrar_first());
		fake_kernel.last_id = 0;
	}
}

/* Field note 45: the whole 401 path, with damaged messages of all kinds. */
static void damaged_messages(void **state)
{
	(void)state;
	memset(&sip_stats, 0, sizeof(sip_stats));
	memset(&register_stats, 0, sizeof(register_stats));
	mutating = true;
	for (int i = 0; i < 20000; i++) {
		struct flow f = clear_flow();
		struct set *s;

		ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
		if (header(up.text, "From") && header(up.text, "To") && header(up.text, "CSeq"))
			core_challenges(GOOD_KEYS);
		assert_null(strstr(down.text, CK));
		s = last_set();
		if (s) {
			answer_challenge(s);
			if (header(up.text, "From") && header(up.text, "To") &&
			    header(up.text, "CSeq"))
				core_accepts(600000);
		}
		clock_advance(dice(100000));
		if (fake_kernel.last_id > FAKE_SETS - 10)
			break;
	}
	mutating = false;
	print_message("%lu messages, %lu unreadable, %lu malformed, %lu refused, %lu challenges, "
		      "%lu registrations\n", sip_stats.received, sip_stats.unreadable,
		      sip_stats.malformed, register_stats.refused, register_stats.challenges,
		      register_stats.registrations);
	assert_true(register_stats.registrations > 100);
	assert_true(sip_stats.malformed > 100);
	assert_true(sip_stats.unreadable > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(offers_that_do_not_do), T(registers_that_go_nowhere),
		T(agreement_on_temp_is_checked),
		T(only_register_on_temp), T(other_methods),
		T(unregistered_ue_is_not_answered), T(no_offer_on_an_established_set),
		T(displaced_register), T(set_lost_meanwhile), T(garbage),
		T(a_thousand_registrations), T(damaged_messages),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
