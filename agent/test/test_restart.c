// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Event by event: what a life of the agent knew, the next one
 * knows, in agreement with a kernel that may have moved on.
 */
#include "restart_world.h"

/* The state after a restart is the state before it, to the letter. */
static void assert_survives(void)
{
	char *before = all_there_is(), *after;

	live_again();
	after = all_there_is();
	assert_string_equal(before, after);
	assert_agreement();
	/* The core finds each of them by its Path of before. */
	for (struct ue *ue = registrar_first(); ue; ue = ue->hh.next)
		assert_ptr_equal(registrar_by_token(str_of(ue->token)), ue);
	free(before);
	free(after);
}

/* --- every state of the table of TS 33.203 7.4 survives --- */

static void nothing_survives_as_nothing(void **state)
{
	(void)state;
	assert_survives();
	assert_null(registrar_first());
}

static void a_challenge_survives(void **state)
{
	uint32_t id = challenge(0)->id;
	struct set *s;

	(void)state;
	clock_advance(1000);
	assert_survives();
	s = set_find(id);
	/* The 401 that left can be answered: on its set, with what it said. */
	assert_int_equal(s->state, SET_TEMP);
	assert_non_null(strstr(s->server, "port-s=6100"));
	assert_string_equal(s->client, "ipsec-3gpp");
	assert_int_equal(accept_for(s, EXPIRES), 0);
	assert_int_equal(s->state, SET_INUSE);
	assert_survives();
}

static void its_time_goes_on(void **state)
{
	uint32_t id = challenge(0)->id;

	(void)state;
	clock_advance(AWAIT - 1000);
	assert_survives();
	clock_advance(999);
	assert_non_null(set_find(id));
	clock_advance(1);
	assert_null(set_find(id));
	assert_false(in_kernel(id)->there);
	assert_null(registrar_first());
	assert_survives();
}

/* A set whose time came while nobody lived ends at once. */
static void what_ended_meanwhile_ends(void **state)
{
	uint32_t id = challenge(0)->id;

	(void)state;
	die();
	clock_advance(AWAIT + 1);
	live();
	assert_non_null(set_find(id));
	clock_advance(0);
	assert_null(set_find(id));
	assert_false(in_kernel(id)->there);
}

static void a_registration_survives(void **state)
{
	struct set *s = registered();
	uint32_t id = s->id;

	(void)state;
	clock_advance(12345);
	assert_survives();
	s = set_find(id);
	assert_ptr_equal(s->ue->in_use, s);
	assert_true(registrar_is_current(s));
	/* A refresh on the same SAs extends it; at its end it is over. */
	assert_int_equal(accept_for(s, EXPIRES), 0);
	assert_survives();
	clock_advance(EXPIRES * 1000ull);
	assert_int_equal(registrar_count(), 0);
	assert_survives();
	clock_advance(30000);
	assert_int_equal(fake_kernel.n, 0);
	assert_survives();
}

static void a_reauthentication_survives_at_each_step(void **state)
{
	uint32_t old = registered()->id, new;

	(void)state;
	clock_advance(1000000);
	new = challenge(old)->id;
	assert_survives();				/* INUSE and TEMP */
	assert_int_equal(set_find(new)->origin, old);
	assert_int_equal(accept_for(set_find(new), EXPIRES), 0);
	assert_survives();				/* OLD, in use, and NEW */
	assert_int_equal(set_find(old)->state, SET_OLD);
	assert_int_equal(set_find(new)->state, SET_NEW);
	assert_int_equal(set_find(old)->ue->in_use->id, old);
	registrar_heard(set_find(new));
	assert_survives();				/* OLD, draining, and INUSE */
	assert_int_equal(set_find(old)->ue->in_use->id, new);
	clock_advance(DRAIN - 1);
	assert_survives();
	assert_true(in_kernel(old)->there);
	clock_advance(1);
	assert_false(in_kernel(old)->there);
	assert_survives();
}

/* OLD in use has 64*T1 left: NEW takes over, in whichever life that is. */
static void the_watch_on_old_survives(void **state)
{
	struct set *old = registered(), *new;
	uint64_t old_ends = old->ends;
	uint32_t id;

	(void)state;
	clock_advance(100000);
	new = challenge(old->id);
	id = new->id;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_survives();
	clock_advance(old_ends - DRAIN - clock_now() - 1);
	assert_int_equal(set_find(id)->state, SET_NEW);
	clock_advance(1);
	assert_int_equal(set_find(id)->state, SET_INUSE);
	assert_survives();
}

static void a_refused_answer_survives(void **state)
{
	struct set *s = challenge(0);
	uint32_t id = s->id;

	(void)state;
	registrar_rejected(s);
	assert_survives();
	clock_advance(DRAIN);
	assert_null(set_find(id));
}

/* Field note 14: the drain after de-registration is the same in the next life. */
static void a_deregistration_survives(void **state)
{
	struct set *s = registered();
	uint32_t id = s->id;

	(void)state;
	deregister(s, "sip:a@example.org");
	assert_survives();
	assert_int_equal(registrar_count(), 0);
	assert_non_null(set_find(id));
	clock_advance(DRAIN);
	assert_int_equal(fake_kernel.n, 0);
	assert_survives();
	assert_null(registrar_first());
}

static void everything_of_many_survives(void **state)
{
	const struct registrar_accepted other = {
		.aor = STR_LIT("tel:+1555"), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
		.expires = 60, .emergency = true,
		.service_route = STR_LIT("<sip:s@192.0.2.2;lr>, <sip:t@192.0.2.3;lr>"),
		.associated = STR_LIT("<sip:a@example.org>, <tel:+1555>"),
	};
	struct set *s = register_at("001@example.org", "10.45.0.3"), *six, *sos;
	struct addr a = ip("2001:db8::3");

	(void)state;
	assert_int_equal(registrar_accepted(s, &other), 0);
	register_at("001@example.org", "10.45.0.4");
	/* Another phone behind the same address has ports of its own. */
	assert_int_equal(accept_for(challenge_of("002@example.org", &home, 8101, 8100, 0), EXPIRES),
			 0);
	sos = challenge_with(registrar_emergency_ue(STR_LIT("001@example.org"), &home), 8201, 8200,
			     0);
	assert_int_equal(accept_for(sos, EXPIRES), 0);
	for (int i = 0; i < 3; i++) {
		assert_non_null(challenge_of("003@example.org", &home, 9001, 9000, 0));
		clock_advance(10);
	}
	/* The IPv6 endpoint is another one. */
	{
		static const struct keys_aka keys = { .ck = { 3 }, .ik = { 4 } };
		const struct secagree_entry offer = {
			.suite = { GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL },
			.spi_c = 3333, .spi_s = 4444, .port_c = 31001, .port_s = 31000,
		};
		struct set_facts facts = { .gm = 1, .offer = &offer, .client = STR_LIT("c"),
					   .keys = &keys };
		struct ue *ue = registrar_ue(STR_LIT("006@example.org"), &a);

		six = registrar_challenged(ue, &facts, &failure, why, sizeof(why));
		registrar_release(ue);
	}
	assert_int_equal(six->gm, 1);
	assert_survives();
	assert_int_equal(restart_stats.sets, 8);
	/* Each that is registered is subscribed to anew (TS 24.229 5.2.3). */
	assert_int_equal(rebound, registrar_count());
	/* Once more: what was taken over is stored as well. */
	assert_survives();
	clock_advance(60000);
	assert_survives();
	/* The oldest TEMP of all makes room first, as before. */
	clock_advance(AWAIT);
	assert_int_equal(set_count_temporary(), 0);
	assert_survives();
}

/* --- what belongs to nobody else --- */

static void spis_stay_in_quarantine(void **state)
{
	struct set *s;
	uint32_t gone[2], other;

	(void)state;
	die();
	last_spi = SPI_FIRST + 3;
	live();
	s = challenge(0);
	gone[0] = s->spi_pc;
	gone[1] = s->spi_ps;
	clock_advance(AWAIT);
	assert_int_equal(spi_in_quarantine(), 2);
	assert_survives();
	assert_int_equal(spi_in_quarantine(), 2);
	/* Two are left; a third set has to wait. */
	s = challenge(0);
	other = s->id;
	assert_int_not_equal(s->spi_pc, gone[0]);
	assert_int_not_equal(s->spi_pc, gone[1]);
	assert_null(challenge(0));
	assert_int_equal(failure, SET_NO_SPI);
	live_again();
	assert_null(challenge(0));
	clock_advance(QUARANTINE);
	assert_non_null(challenge(0));
	/* And out of quarantine they are out of the store. */
	live_again();
	assert_int_equal(spi_in_quarantine(), 0);
	assert_int_equal(spi_in_use(), 4);
	assert_non_null(set_find(other));
}

static void a_port_pc_stays_taken(void **state)
{
	uint16_t taken[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		char who[32];
		struct set *s;

		snprintf(who, sizeof(who), "00%d@example.org", i);
		s = challenge_of(who, &home, 8001, 8000, 0);
		assert_int_equal(accept_for(s, EXPIRES), 0);
		taken[i] = s->port_pc;
		for (int j = 0; j < i; j++)
			assert_int_not_equal(taken[i], taken[j]);
		live_again();
	}
	assert_null(challenge_of("009@example.org", &home, 8001, 8000, 0));
	assert_int_equal(failure, SET_NO_PORT);
}

/* The oldest of the largest source, in whichever life it came. */
static void strangers_make_room_in_the_order_of_their_age(void **state)
{
	uint32_t id[4];
	struct addr other = ip("10.45.0.9");

	(void)state;
	for (int i = 0; i < 3; i++) {
		char who[32];

		snprintf(who, sizeof(who), "00%d@example.org", i);
		id[i] = challenge_of(who, &home, 9001, 9000, 0)->id;
		clock_advance(10);
	}
	id[3] = challenge_of("008@example.org", &other, 9001, 9000, 0)->id;
	die();
	most_temporary = 4;
	live();
	for (int i = 0; i < 2; i++) {
		char who[32];

		snprintf(who, sizeof(who), "10%d@example.org", i);
		assert_non_null(challenge_of(who, &home, 9001, 9000, 0));
		assert_null(set_find(id[i]));
		assert_non_null(set_find(id[i + 1]));
		assert_non_null(set_find(id[3]));
	}
	assert_survives();
}

/* --- the kernel and the store do not agree --- */

static void a_set_nobody_knows_is_deleted(void **state)
{
	uint32_t id = registered()->id;
	struct gate_set_new stranger = in_kernel(id)->new;
	uint32_t other = id + 1;

	(void)state;
	stranger.spi_pc = SPI_FIRST + 100;
	stranger.spi_ps = SPI_FIRST + 101;
	fake_kernel.sets[other] = (struct fake_set){ .there = true, .new = stranger };
	fake_kernel.last_id = other;
	fake_kernel.n++;
	live_again();
	assert_false(in_kernel(other)->there);
	assert_int_equal(restart_stats.strays, 1);
	assert_int_equal(restart_stats.sets, 1);
	assert_int_equal(spi_in_quarantine(), 2);
	assert_agreement();
}

/* Another instance's, or one of another endpoint, is none of our business. */
static void sets_of_other_endpoints_stay(void **state)
{
	uint32_t id = registered()->id, other = id + 1;

	(void)state;
	fake_kernel.sets[other] = *in_kernel(id);
	fake_kernel.sets[other].new.endpoint = 77;
	fake_kernel.last_id = other;
	live_again();
	assert_true(in_kernel(other)->there);
	assert_non_null(set_find(id));
}

static void a_set_the_kernel_lost_is_forgotten(void **state)
{
	struct set *old = registered(), *new;
	uint32_t old_id = old->id, new_id;

	(void)state;
	new = challenge(old->id);
	new_id = new->id;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	/* The one that is used for sending goes; its SPIs rest. */
	die();
	fake_kernel.sets[old_id].there = false;
	fake_kernel.n--;
	live();
	assert_int_equal(restart_stats.lost, 1);
	assert_int_equal(spi_in_quarantine(), 2);
	assert_null(set_find(old_id));
	/* The NEW one takes over: nobody is left without. */
	assert_int_equal(set_find(new_id)->state, SET_INUSE);
	assert_ptr_equal(set_find(new_id)->ue->in_use, set_find(new_id));
	assert_survives();
}

static void a_ue_without_sets_and_identities_is_gone(void **state)
{
	uint32_t id = challenge(0)->id;

	(void)state;
	die();
	fake_kernel.sets[id].there = false;
	fake_kernel.n--;
	live();
	assert_null(registrar_first());
	assert_survives();
}

static void spoil(struct gate_set_new *n, int what)
{
	switch (what) {
	case 0: n->cookie++; break;
	case 1: n->port_uc++; break;
	case 2: n->port_us++; break;
	case 3: n->port_pc = n->port_pc == 6101 ? 6102 : 6101; break;
	case 4: n->spi_uc++; break;
	case 5: n->spi_us++; break;
	case 6: n->spi_pc++; break;
	case 7: n->spi_ps++; break;
	case 8: n->suite.ealg = GMGATE_EALG_NULL; break;
	case 9: addr_parse(&n->ue, "10.45.0.99", 0); break;
	case 10: n->endpoint = 6; break;
	case 11: n->state = GMGATE_SET_STATE_TEMPORARY; break;
	}
}

/* Whatever the difference is, it is another set: nobody may send on it. */
static void a_set_that_differs_is_deleted(void **state)
{
	(void)state;
	for (int what = 0; what < 12; what++) {
		uint32_t id = register_at("001@example.org", "10.45.0.3")->id;

		die();
		spoil(&fake_kernel.sets[id].new, what);
		live();
		if (set_find(id) || in_kernel(id)->there)
			fail_msg("difference %d went unnoticed", what);
		assert_int_equal(restart_stats.lost, 1);
		assert_int_equal(restart_stats.strays, 1);
		assert_int_equal(fake_kernel.n, 0);
	}
}

/* Killed between the promotion and its record: the 200 OK never left. */
static void a_kernel_one_step_ahead_is_fine(void **state)
{
	uint32_t id = challenge(0)->id;

	(void)state;
	die();
	in_kernel(id)->new.state = GMGATE_SET_STATE_ESTABLISHED;
	live();
	assert_int_equal(set_find(id)->state, SET_TEMP);
	assert_int_equal(accept_for(set_find(id), EXPIRES), 0);
	assert_int_equal(set_find(id)->state, SET_INUSE);
	assert_survives();
}

static void endpoints_may_change_their_order(void **state)
{
	struct set_endpoint first;
	uint32_t id = registered()->id;

	(void)state;
	die();
	first = more_endpoints[0];
	more_endpoints[0] = more_endpoints[1];
	more_endpoints[1] = first;
	live();
	assert_int_equal(set_find(id)->gm, 1);
}

/* Ports that are not configured any more, an endpoint declared anew. */
static void sets_of_an_endpoint_of_before_are_lost(void **state)
{
	static const uint16_t others[] = { 7101, 7102, 7103, 7104 };
	uint32_t id = registered()->id;

	(void)state;
	die();
	more_endpoints[0].port_c = others;
	live();
	assert_null(set_find(id));
	assert_int_equal(fake_kernel.n, 0);
}

static void a_kernel_that_does_not_answer_is_no_reason_to_delete(void **state)
{
	const struct restart_config cfg = restart_world();
	uint32_t id = registered()->id;
	char err[STORE_ERROR] = "";

	(void)state;
	die();
	assert_int_equal(store_open(store_path, 1, err), 0);
	fake_kernel.fail_list = -EIO;
	fake_kernel.fail_times = 1;
	assert_int_equal(restart_adopt(&cfg, err), -1);
	assert_non_null(strstr(err, "the fake kernel refuses"));
	die();
	assert_true(in_kernel(id)->there);
	live();
	assert_non_null(set_find(id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TL(nothing_survives_as_nothing), TL(a_challenge_survives), TL(its_time_goes_on),
		TL(what_ended_meanwhile_ends), TL(a_registration_survives),
		TL(a_reauthentication_survives_at_each_step), TL(the_watch_on_old_survives),
		TL(a_refused_answer_survives), TL(a_deregistration_survives),
		TL(everything_of_many_survives), TL(spis_stay_in_quarantine),
		TL(a_port_pc_stays_taken),
		TL(strangers_make_room_in_the_order_of_their_age), TL(a_set_nobody_knows_is_deleted),
		TL(sets_of_other_endpoints_stay), TL(a_set_the_kernel_lost_is_forgotten),
		TL(a_ue_without_sets_and_identities_is_gone), TL(a_set_that_differs_is_deleted),
		TL(a_kernel_one_step_ahead_is_fine), TL(endpoints_may_change_their_order),
		TL(sets_of_an_endpoint_of_before_are_lost),
		TL(a_kernel_that_does_not_answer_is_no_reason_to_delete),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
