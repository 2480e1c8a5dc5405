// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How long registrations and calls take, as metrics tell it: each duration from
 * the right moment to the right moment, once, and nothing else in it; and how many
 * registrations and sets of each state there are.
 */
#include "proxy_world.h"

/* Milliseconds that were added since, over how many durations. */
struct since {
	const struct histogram *h;
	uint64_t n, sum;
};

static struct since look(const struct histogram *h)
{
	return (struct since){ h, histogram_total(h), h->sum };
}

static void assert_added(const struct since *s, unsigned int n, uint64_t ms)
{
	assert_int_equal(histogram_total(s->h) - s->n, n);
	assert_int_equal(s->h->sum - s->sum, ms * 1000);
}

static void assert_sets(unsigned int temp, unsigned int new, unsigned int in_use, unsigned int old)
{
	assert_int_equal(set_count_state(SET_TEMP), temp);
	assert_int_equal(set_count_state(SET_NEW), new);
	assert_int_equal(set_count_state(SET_INUSE), in_use);
	assert_int_equal(set_count_state(SET_OLD), old);
}

static void a_registration(void **state)
{
	struct since challenge = look(&register_times.challenge), core = look(&register_times.core);
	struct since accept = look(&register_times.accept), whole = look(&register_times.whole);
	struct since install = look(&set_install_time);
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	clock_advance(1000);
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(registrar_count_all(), 1);
	clock_advance(30);
	core_challenges(GOOD_KEYS);
	assert_sets(1, 0, 0, 0);
	assert_int_equal(set_count_strangers(), 1);
	clock_advance(400);
	s = last_set();
	answer_challenge(s);
	clock_advance(200);
	core_accepts(600000);
	assert_sets(0, 0, 1, 0);
	assert_int_equal(set_count_strangers(), 0);
	assert_int_equal(registrar_count(), 1);
	assert_int_equal(registrar_count_emergency(), 0);
	assert_added(&challenge, 1, 30);
	assert_added(&accept, 1, 200);
	assert_added(&core, 2, 230);
	assert_added(&whole, 1, 630);
	assert_int_equal(histogram_total(&set_install_time) - install.n, 1);
}

/* A refresh has no whole; one that is challenged has, and its sets their states. */
static void refreshes(void **state)
{
	struct set *s = registered_set(), *new;
	struct since accept = look(&register_times.accept), whole = look(&register_times.whole);
	struct flow f = protected_flow(s);
	struct ask again = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &again);
	clock_advance(50);
	core_accepts(600000);
	assert_added(&accept, 1, 50);
	assert_added(&whole, 0, 0);
	again.branch = ++branch;
	ask(&f, &again);
	clock_advance(10);
	core_challenges(GOOD_KEYS);
	new = last_set();
	assert_sets(1, 0, 1, 0);
	assert_int_equal(set_count_strangers(), 0);
	answer_challenge(new);
	clock_advance(5);
	core_accepts(600000);
	assert_added(&accept, 2, 55);
	assert_added(&whole, 1, 15);
	/* Not yet heard of: the one it began on is OLD, and in use. */
	assert_sets(0, 1, 0, 1);
	ue_says(new, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKnew" });
	assert_sets(0, 0, 1, 1);
	clock_advance(DRAIN + 1000);
	assert_sets(0, 0, 1, 0);
}

static void what_the_core_refuses(void **state)
{
	struct since accept = look(&register_times.accept), core = look(&register_times.core);
	unsigned long refused = register_stats.core_refused;
	struct flow f = clear_flow();

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	clock_advance(70);
	core_answers("403 Forbidden", "");
	assert_int_equal(status(), 403);
	assert_added(&accept, 0, 0);
	assert_added(&core, 1, 70);
	assert_int_equal(register_stats.core_refused, refused + 1);
}

static void emergency_registrations_are_told_apart(void **state)
{
	(void)state;
	registered_set();
	emergency_set();
	assert_int_equal(registrar_count(), 2);
	assert_int_equal(registrar_count_emergency(), 1);
	clock_advance(700 * 1000);
	assert_int_equal(registrar_count(), 1);
	assert_int_equal(registrar_count_emergency(), 0);
}

/* --- calls --- */

static void a_call_of_the_ue(void **state)
{
	struct set *s = registered_set();
	struct since ringing = look(&proxy_calls[1].ringing), answered = look(&proxy_calls[1].answered);
	unsigned long ended = proxy_calls[1].ended[2], others = proxy_calls[0].ended[2];
	struct sent invite;

	(void)state;
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	clock_advance(100);
	core_replies("183 Session Progress", "b", "");
	assert_added(&ringing, 0, 0);
	clock_advance(900);
	core_replies("180 Ringing", "b", "");
	clock_advance(1000);
	core_replies("180 Ringing", "b", "");
	assert_added(&ringing, 1, 1000);
	assert_int_equal(proxy_calls[1].ended[2], ended);
	clock_advance(3000);
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	/* A fork that answers, too, and a 2xx that comes again. */
	core_replies("200 OK", "c", "Contact: <sip:002@192.0.2.98>\r\n");
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	assert_added(&ringing, 1, 1000);
	assert_added(&answered, 1, 5000);
	assert_int_equal(proxy_calls[1].ended[2], ended + 1);
	assert_int_equal(proxy_calls[0].ended[2], others);
	assert_int_equal(strncmp(invite.text, "INVITE ", 7), 0);
}

static void a_call_to_the_ue_that_is_busy(void **state)
{
	struct set *s = registered_set();
	struct since ringing = look(&proxy_calls[0].ringing), answered = look(&proxy_calls[0].answered);
	unsigned long ended = proxy_calls[0].ended[4];

	(void)state;
	core_invites(s, NULL);
	clock_advance(20);
	ue_replies(s, "180 Ringing", "u", "");
	clock_advance(20);
	ue_replies(s, "486 Busy Here", "u", "");
	assert_added(&ringing, 1, 20);
	assert_added(&answered, 0, 0);
	assert_int_equal(proxy_calls[0].ended[4], ended + 1);
}

/* What begins no call: another method, a re-INVITE; and a call nobody answered is a 408. */
static void what_is_no_call(void **state)
{
	struct set *s = registered_set();
	struct since answered = look(&proxy_calls[1].answered);
	struct proxy_calls before = proxy_calls[1];
	struct say again = in_call("INVITE", "b", 5);

	(void)state;
	ue_says(s, &(struct say){ .method = "MESSAGE", .branch = "z9hG4bKm" });
	core_replies("200 OK", "b", "");
	assert_memory_equal(proxy_calls[1].ended, before.ended, sizeof(before.ended));
	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	assert_int_equal(proxy_calls[1].ended[2], before.ended[2] + 1);
	again.branch = "z9hG4bKagain";
	ue_says(s, &again);
	core_replies("200 OK", NULL, "");
	assert_int_equal(proxy_calls[1].ended[2], before.ended[2] + 1);
	assert_added(&answered, 1, 0);
	ue_says(s, &(struct say){ .branch = "z9hG4bKsilent" });
	clock_advance(200000);
	assert_int_equal(proxy_calls[1].ended[4] + proxy_calls[1].ended[5],
			 before.ended[4] + before.ended[5] + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_registration), T(refreshes), T(what_the_core_refuses),
		T(emergency_registrations_are_told_apart), T(a_call_of_the_ue),
		T(a_call_to_the_ue_that_is_busy), T(what_is_no_call),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
