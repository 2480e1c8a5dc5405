// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How our subscription to the registration state of a UE ends, and what the
 * network ends by it (TS 24.229 5.2.5, RFC 6665 4.1.3); many of them, and
 * damaged messages.
 */
#include "notifier.h"

/* --- the end --- */

static void user_deregistration_unsubscribes(void **state)
{
	struct set *s = watched_set();
	struct flow f = protected_flow(s);
	uint32_t id = s->id;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_int_equal(status(), 200);
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "0");
	assert_memory_equal(up.text, "SUBSCRIBE sip:scscf@192.0.2.2:5060", 34);
	assert_state(s->ue, "leaving");
	answer_subscribe("200 OK", "Expires: 0\r\n");
	assert_int_equal(regevent_stats.subscriptions, 1);
	/* The last NOTIFY is answered. */
	notify(&(struct notify){ .state = "terminated;reason=timeout", .cseq = 2, .version = 1,
				 .body = GONE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_int_equal(regevent_stats.subscriptions, 0);
	clock_advance(DRAIN);
	assert_false(fake_kernel.sets[id].there);
	assert_null(registrar_first());
}

/* gmctl deregister: no REGISTER of ours, but the subscription ends. */
static void operators_deregistration_unsubscribes(void **state)
{
	struct set *s = watched_set();
	uint32_t id = s->id;

	(void)state;
	n_up = 0;
	registrar_end(s->ue, false);
	assert_true(subscribe_came());
	assert_int_equal(n_up, 1);
	assert_string_equal(header(up.text, "Expires"), "0");
	assert_state(s->ue, "leaving");
	answer_subscribe("200 OK", "Expires: 0\r\n");
	notify(&(struct notify){ .state = "terminated;reason=timeout", .cseq = 2, .version = 1,
				 .body = GONE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_int_equal(regevent_stats.subscriptions, 0);
	assert_true(fake_kernel.sets[id].there);
	clock_advance(DRAIN);
	assert_false(fake_kernel.sets[id].there);
	assert_null(registrar_first());
}

/* The core says nothing more: it is over after 64*T1. */
static void unsubscribing_from_a_silent_core(void **state)
{
	struct set *s = watched_set();
	struct flow f = protected_flow(s);

	(void)state;
	for (int i = 0; i < 3; i++) {
		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		assert_true(subscribe_came());
		if (i == 1)
			answer_subscribe("481 Gone", "");
		else if (i == 2)
			answer_subscribe("200 OK", "Expires: 0\r\n");
		clock_advance(N64T1);
		assert_int_equal(regevent_stats.subscriptions, 0);
		clock_advance(DRAIN);
		assert_null(registrar_first());
		s = watched_set();
		f = protected_flow(s);
	}
}

/* The UE comes back before the old subscription is over: it gets a new one. */
static void registered_again_meanwhile(void **state)
{
	struct set *s = watched_set();
	struct flow f = protected_flow(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_true(subscribe_came());
	s = registered_set();
	/* What it says of the old registration is not about the new one. */
	notify(&(struct notify){ .state = "terminated;reason=noresource", .cseq = 2, .version = 1,
				 .body = GONE(OURS) });
	assert_int_equal(registrar_count(), 1);
	clock_run();
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "600600");
	assert_state(s->ue, "pending");
}

static void deregistered_before_the_2xx(void **state)
{
	struct set *s = subscribed_set();
	struct flow f = protected_flow(s);
	struct sent first = up;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_int_equal(regevent_stats.sent, 1);
	up = first;
	accept_subscribe(600600);
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "0");
	answer_subscribe("200 OK", "Expires: 0\r\n");
	clock_advance(N64T1);
	assert_int_equal(regevent_stats.subscriptions, 0);
}

static void registration_that_ends_unsubscribes(void **state)
{
	struct set *s = watched_set();

	(void)state;
	clock_advance(599000000);
	regevent_stats.sent = 0;
	clock_advance(1000000);
	assert_int_equal(registrar_count(), 0);
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "0");
	(void)s;
}

static void network_deregistration(void **state)
{
	struct set *s = watched_set();
	uint32_t id = s->id;

	(void)state;
	notify(&(struct notify){ .state = "terminated;reason=noresource", .cseq = 2, .version = 1,
				 .body = GONE(OURS) });
	assert_int_equal(up_status(), 200);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(regevent_stats.subscriptions, 0);
	assert_int_equal(regevent_stats.sent, 1);
	/* The UE's own NOTIFY still goes out protected. */
	clock_advance(DRAIN - 1);
	assert_true(fake_kernel.sets[id].there);
	assert_ptr_equal(s->ue->in_use, s);
	clock_advance(1);
	assert_false(fake_kernel.sets[id].there);
	assert_null(registrar_first());
}

/* All gone, and yet the subscription goes on: we have no use for it. */
static void network_deregistration_without_the_end(void **state)
{
	(void)state;
	watched_set();
	notify(&(struct notify){ .state = "active;expires=600000", .cseq = 2, .version = 1,
				 .body = GONE(OURS) });
	assert_int_equal(registrar_count(), 0);
	assert_true(subscribe_came());
	assert_string_equal(header(up.text, "Expires"), "0");
}

static void ended_by_the_notifier(void **state)
{
	static const struct {
		const char *reason;
		uint64_t from, to;	/* seconds to the next SUBSCRIBE; 0: none */
	} rows[] = {
		{ "terminated;reason=deactivated", 29, 31 },
		{ "terminated;reason=timeout", 29, 31 },
		{ "terminated", 29, 31 },
		{ "Terminated;reason=unheard-of", 29, 31 },
		{ "terminated;reason=probation;retry-after=500", 500, 516 },
		{ "terminated;reason=giveup", 60, 76 },
		{ "terminated;reason=rejected", 0, 0 },
		{ "terminated;reason=noresource", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct set *s = watched_set();
		struct flow f = protected_flow(s);

		notify(&(struct notify){ .state = rows[i].reason, .cseq = 2, .version = 1 });
		assert_int_equal(up_status(), 200);
		assert_int_equal(registrar_count(), 1);
		regevent_stats.sent = 0;
		if (!rows[i].to) {
			clock_advance(24 * 3600 * 1000);
			assert_int_equal(regevent_stats.sent, 0);
			assert_state(s->ue, "refused");
		} else {
			clock_advance(rows[i].from * 1000);
			assert_int_equal(regevent_stats.sent, 0);
			clock_advance((rows[i].to - rows[i].from) * 1000);
			assert_int_equal(regevent_stats.sent, 1);
			assert_true(subscribe_came());
			answer_subscribe("403 No", "");
		}
		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		clock_advance(DRAIN);
		assert_null(registrar_first());
	}
}

static void shortened_by_the_network(void **state)
{
	struct set *s = watched_set();

	(void)state;
	notify(&(struct notify){ .state = "active", .cseq = 2, .version = 1, .body =
		"<registration aor='" OURS "' state='active'><contact state='active' "
		"event='shortened' expires='600'><uri>sip:001@10.45.0.3:8000</uri></contact>"
		"</registration>" });
	assert_true(s->ue->bindings->ends == clock_now() + 600000);
	assert_true(s->ends > clock_now() + 600000);
	clock_advance(600000);
	assert_int_equal(registrar_count(), 0);
}

/* --- many --- */

/* After a restart every UE wants one: so many at a time. */
static void many_at_once(void **state)
{
	struct registrar_accepted a = {
		.aor = STR_LIT("sip:x@h"), .contact = STR_LIT("sip:x@10.9.0.1:8000"), .expires = 600000,
	};
	static const struct keys_aka keys = { .ck = { 1 } };
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 1111, .spi_s = 2222, .port_c = 8001, .port_s = 8000,
	};
	struct addr where;

	(void)state;
	addr_parse(&where, "10.9.0.1", 0);
	for (unsigned int i = 0; i < 900; i++) {
		struct set_facts facts = { .offer = &offer, .client = STR_LIT("x"), .keys = &keys };
		enum set_failure failure;
		char why[352], who[32];
		struct ue *ue;
		struct set *s;

		snprintf(who, sizeof(who), "%u@h", i);
		where.ip[2] = i >> 8;
		where.ip[3] = i;
		ue = registrar_ue(str_of(who), &where);
		s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));
		assert_non_null(s);
		assert_int_equal(registrar_accepted(s, &a), 0);
		registrar_release(ue);
	}
	n_up = 0;
	clock_run();
	assert_int_equal(n_up, 500);
	/* Nobody answers: the others have their turn when those are given up. */
	clock_advance(N64T1 + 3000);
	assert_int_equal(regevent_stats.sent, 900);
}

/* Nothing may be left behind: ASan's leak check looks at this one. */
static void a_thousand_subscriptions(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct set *s = watched_set();
		struct flow f = protected_flow(s);

		if (i % 2) {
			notify(&(struct notify){ .state = "terminated;reason=noresource", .cseq = 2,
						 .version = 1, .body = GONE(OURS) });
		} else {
			ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
			core_answers("200 OK", "");
			assert_true(subscribe_came());
			answer_subscribe("200 OK", "Expires: 0\r\n");
		}
		clock_advance(DRAIN);
		assert_int_equal(fake_kernel.n, 0);
		assert_int_equal(regevent_stats.subscriptions, 0);
		assert_null(registrar_first());
		fake_kernel.last_id = 0;
	}
}

/* Damaged NOTIFY requests and answers of all kinds. */
static void damaged_messages(void **state)
{
	(void)state;
	memset(&sip_stats, 0, sizeof(sip_stats));
	for (int i = 0; i < 400; i++) {
		struct set *s = subscribed_set();
		struct flow f = protected_flow(s);

		mutating = true;
		accept_subscribe(600 + i);
		for (unsigned int n = 1; n < 20; n++)
			notify(&(struct notify){ .state = dice(9) ? "active;expires=500" : "terminated",
						 .cseq = n, .version = n, .partial = dice(2),
						 .body = dice(5) ? ACTIVE(OURS) ACTIVE("tel:+1") :
							 GONE("tel:+1") });
		clock_advance(dice(100000));
		mutating = false;
		ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		clock_advance(1000000);
		fake_kernel.last_id = 0;
	}
	print_message("%lu notified, %lu bad, %lu stale, %lu malformed\n", regevent_stats.notified,
		      regevent_stats.bad, regevent_stats.stale, sip_stats.malformed);
	assert_true(regevent_stats.notified > 1000);
	assert_true(regevent_stats.bad > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(user_deregistration_unsubscribes, "TS 24.229 5.2.5.1: unsubscribe with the last identity"),
		P(operators_deregistration_unsubscribes, "TS 24.229 5.2.5.2: the operator ends it here, and unsubscribes"),
		P(unsubscribing_from_a_silent_core, "RFC 6665 4.1.2.3: unsubscribing ends in 64*T1"),
		P(registered_again_meanwhile, "registered again while unsubscribing"),
		P(deregistered_before_the_2xx, "de-registered before the 2xx to SUBSCRIBE"),
		P(registration_that_ends_unsubscribes, "TS 24.229 5.2.5.1: a registration that ends by itself"),
		P(network_deregistration, "TS 24.229 5.2.5.2: network-initiated de-registration"),
		P(network_deregistration_without_the_end, "TS 24.229 5.2.5.2: all terminated, subscription active"),
		P(ended_by_the_notifier, "RFC 6665 4.1.3: reasons of the notifier"),
		P(shortened_by_the_network, "TS 24.229 5.2.3: shortened"),
		P(many_at_once, "SUBSCRIBE requests under way are bounded"),
		P(a_thousand_subscriptions, "nothing is left behind"),
		P(damaged_messages, "damaged NOTIFY requests and answers"),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
