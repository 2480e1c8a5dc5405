// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attackers (Documentation/attackers.md) that flood: TEMP sets and the unprotected port.
 */
#include "attackers.h"

/* --- TEMP floods --- */

static void temp_flood_displaces_the_flooder(void **state)
{
	struct set *s = registered_set(), *waiting;
	uint32_t established = s->id, temp, reauth;
	struct flow mine = protected_flow(s), his = stranger_flow(1), third = stranger_flow(2);
	char impi[32], offer[160];

	(void)state;
	/* One more in the middle of its registration, and one of its re-authentication. */
	assert_true(asks(&third, "003@example.org", true));
	waiting = last_set();
	temp = waiting->id;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	reauth = last_set()->id;
	for (int i = 0; i < 1000; i++) {
		snprintf(impi, sizeof(impi), "%04d@example.org", 1000 + i);
		snprintf(offer, sizeof(offer), "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; "
			 "spi-c=1111; spi-s=1112; port-c=8001; port-s=%d", 9000 + i);
		ask(&his, &(struct ask){ .client = offer, .expires = 600000, .branch = ++branch,
					 .impi = impi, .via = "10.66.0.1:5060" });
		core_challenges(GOOD_KEYS);
		clock_advance(50);
	}
	assert_true(fake_kernel.adds > 500);
	assert_int_equal(set_count_temporary(), 101);
	assert_true(still_there(established, SET_INUSE));
	assert_true(still_there(temp, SET_TEMP));
	assert_true(still_there(reauth, SET_TEMP));
	clock_advance(240000);
	assert_int_equal(set_count(), 1);
}

/* From everywhere: newcomers still get in, established sets stay. */
static void temp_flood_from_everywhere(void **state)
{
	struct set *s = registered_set();
	uint32_t established = s->id, reauth;
	struct flow mine = protected_flow(s);
	char impi[32];

	(void)state;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	reauth = last_set()->id;
	for (int i = 0; i < 1000; i++) {
		struct flow his = stranger_flow(i);

		snprintf(impi, sizeof(impi), "%04d@example.org", 1000 + i);
		assert_true(asks(&his, impi, true));
		assert_int_equal(status(), 401);
	}
	assert_int_equal(set_count_temporary(), 101);
	assert_true(still_there(established, SET_INUSE));
	assert_true(still_there(reauth, SET_TEMP));
}

/* Behind the victim's own address, or with it forged. */
static void temp_flood_from_the_victims_address(void **state)
{
	struct set *s = registered_set();
	struct flow mine = protected_flow(s), forged = clear_flow();
	uint32_t reauth[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
		core_challenges(GOOD_KEYS);
		reauth[i] = last_set()->id;
	}
	for (int i = 0; i < 5; i++) {
		asks(&forged, victim, true);
		assert_int_equal(status(), 503);
	}
	for (int i = 0; i < 3; i++)
		assert_true(still_there(reauth[i], SET_TEMP));
	answer_challenge(set_find(reauth[2]));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(set_find(reauth[2])->state, SET_NEW);
}

/* --- floods on the unprotected port --- */

static void flood_of_one_source(void **state)
{
	struct set *s = registered_set();
	struct flow his = stranger_flow(1), other = stranger_flow(2), mine = protected_flow(s);
	unsigned int answers;

	(void)state;
	n_down = 0;
	for (int i = 0; i < 10000; i++)
		receive_octets(&his, "OPTIONS sip:x SIP/2.0\r\n"
			       "Via: SIP/2.0/UDP 10.66.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
			       "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n");
	answers = n_down;
	/* A burst, some 503, and no more: neither parsed nor answered. */
	assert_in_range(answers, 100, 300);
	assert_int_equal(admission_stats.source, 9900);
	assert_int_equal(admission_stats.dropped, 10000 - answers);
	/* Nobody else feels it, and who has a set is exempt. */
	assert_true(asks(&other, "002@example.org", true));
	assert_int_equal(status(), 401);
	for (int i = 0; i < 200; i++) {
		ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
		core_accepts(600000);
		assert_int_equal(status(), 200);
	}
}

/* Many sources together: newcomers that behave have the lower half to themselves. */
static void flood_of_some_sources(void **state)
{
	struct flow his[200], mine;
	unsigned int served = 0;
	char impi[32];

	(void)state;
	for (int i = 0; i < 200; i++)
		his[i] = stranger_flow(i);
	for (int round = 0; round < 600; round++) {
		for (int i = 0; i < 200; i++)
			receive_octets(&his[i], "\r\n\r\n");
		clock_advance(10);
		if (round < 300)
			continue;
		/* One phone that is switched on, each time. */
		mine = stranger_flow(1000 + round);
		snprintf(impi, sizeof(impi), "%04d@example.org", round);
		served += asks(&mine, impi, true);
	}
	assert_int_equal(served, 300);
	assert_true(admission_stats.all > 0);
	assert_true(admission_stats.source > 0);
}

/* RFC 5626 4.4: on UDP nobody answers them, and they are no messages. */
static void keepalives_on_udp(void **state)
{
	static const char * const pings[] = { "\r\n", "\r\n\r\n", "" };
	struct flow f = clear_flow(), p = protected_flow(registered_set());
	unsigned long before = sip_stats.keepalives;

	(void)state;
	n_down = 0;
	for (int i = 0; i < 3; i++) {
		receive_octets(&f, pings[i]);
		receive_octets(&p, pings[i]);
	}
	assert_int_equal(sip_stats.keepalives, before + 6);
	assert_int_equal(n_down, 0);
}

/* What is under way is finished even when too much comes. */
static void flood_does_not_kill_what_is_under_way(void **state)
{
	struct flow f = clear_flow();
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &a);
	for (int i = 0; i < 150; i++)
		receive_octets(&f, "\r\n\r\n");
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	n_down = 0;
	ask(&f, &a);
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 401);
}

/*
 * More than the CPU can do: what has waited is not served, so that the rest is in time. Many are
 * told when to come again, each at another time.
 */
static void what_has_waited(void **state)
{
	struct set *s = registered_set();
	struct flow late = stranger_flow(1), fresh = stranger_flow(2), mine = protected_flow(s);

	(void)state;
	late.waited = 1500;
	n_down = 0;
	for (int i = 0; i < 3000; i++)
		ask(&late, &(struct ask){ .client = offer1, .branch = ++branch });
	assert_int_equal(n_down, 1000);
	assert_int_equal(status(), 503);
	assert_non_null(strstr(down.text, "\r\nRetry-After: "));
	/* None of it was taken off the rate of its source. */
	assert_int_equal(admission_stats.source, 0);
	assert_int_equal(admission_stats.waited, 3000);
	fresh.waited = 1499;
	assert_true(asks(&fresh, "002@example.org", true));
	assert_int_equal(status(), 401);
	/* On a set there is more patience. */
	mine.waited = 1999;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	n_down = n_up = 0;
	mine.waited = 2000;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_int_equal(n_up + n_down, 0);
	assert_int_equal(admission_stats.waited, 3001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(temp_flood_displaces_the_flooder), A(temp_flood_from_everywhere),
		A(temp_flood_from_the_victims_address),
		A(flood_of_one_source), A(flood_of_some_sources), A(what_has_waited),
		A(keepalives_on_udp), A(flood_does_not_kill_what_is_under_way),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
