// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of TS 33.203 7.4 (gm-security 5), event by event.
 */
#include "registrar_world.h"

/* --- row 1: 401 --- */

static void challenge_installs_temp(void **state)
{
	struct set *s = challenge(0);
	const struct gate_set_new *n;

	(void)state;
	assert_non_null(s);
	assert_int_equal(s->state, SET_TEMP);
	n = &in_kernel(s->id)->new;
	assert_int_equal(n->endpoint, 5);
	assert_int_equal(n->state, GMGATE_SET_STATE_TEMPORARY);
	assert_int_equal(n->port_uc, 8001);
	assert_int_equal(n->port_us, 8000);
	assert_int_equal(n->spi_uc, 1111);
	assert_int_equal(n->spi_us, 2222);
	assert_in_range(n->spi_pc, 0x10000000, 0x1fffffff);
	assert_int_not_equal(n->spi_pc, n->spi_ps);
	assert_in_range(n->port_pc, 6101, 6104);
	/* hmac-sha-1-96: IK and four zeroes; aes-cbc: CK. */
	assert_int_equal(n->ik_len, 20);
	assert_int_equal(in_kernel(s->id)->ik[0], 2);
	assert_int_equal(n->ck_len, 16);
	assert_int_equal(in_kernel(s->id)->ck[0], 1);
	/* The back-stop is behind our own timer. */
	assert_true(n->expires_ms > AWAIT);
	assert_non_null(strstr(s->server, "port-s=6100"));
	assert_null(s->ue->in_use);
	assert_int_equal(registrar_count(), 0);
}

static void temp_ends_after_reg_await_auth(void **state)
{
	uint32_t id = challenge(0)->id;

	(void)state;
	clock_advance(AWAIT - 1);
	assert_true(in_kernel(id)->there);
	clock_advance(1);
	assert_false(in_kernel(id)->there);
	assert_int_equal(in_kernel(id)->resets, 1);
	assert_null(set_find(id));
	assert_null(registrar_first());
}

/* Two challenges may cross; at most three. */
static void three_temp_the_oldest_goes(void **state)
{
	uint32_t id[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		id[i] = challenge(0)->id;
		clock_advance(10);
	}
	assert_false(in_kernel(id[0])->there);
	for (int i = 1; i < 4; i++)
		assert_true(in_kernel(id[i])->there);
	assert_int_equal(set_count_temporary(), 3);
}

static void the_temp_with_a_valid_res_wins(void **state)
{
	struct set *a = challenge(0), *b = challenge(0), *c = challenge(0);
	uint32_t ids[] = { a->id, c->id };

	(void)state;
	assert_int_equal(accept_for(b, EXPIRES), 0);
	assert_int_equal(b->state, SET_INUSE);
	assert_false(in_kernel(ids[0])->there);
	assert_false(in_kernel(ids[1])->there);
	assert_true(in_kernel(b->id)->there);
}

/* A stranger who challenges as the victim does not touch the victim's set. */
static void challenges_leave_the_set_in_use_alone(void **state)
{
	struct set *s = registered();

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_non_null(challenge(0));
	assert_true(in_kernel(s->id)->there);
	assert_ptr_equal(s->ue->in_use, s);
	assert_int_equal(set_count_temporary(), 3);
	clock_advance(AWAIT);
	assert_int_equal(set_count(), 1);
}

/* --- row 2: 200 OK, begun unprotected --- */

static void first_registration(void **state)
{
	struct set *s = registered();

	(void)state;
	assert_int_equal(s->state, SET_INUSE);
	assert_ptr_equal(s->ue->in_use, s);
	assert_int_equal(in_kernel(s->id)->new.state, GMGATE_SET_STATE_ESTABLISHED);
	assert_true(s->ends == LIFE);
	assert_true(in_kernel(s->id)->new.expires_ms > LIFE);
	assert_int_equal(registrar_count(), 1);
	assert_true(registrar_is_current(s));
}

/* A UE that rebooted: same IMPI and address, even the same ports. */
static void registration_replaces_old_sets_at_200(void **state)
{
	struct set *old = registered(), *new;
	uint32_t old_id = old->id;

	(void)state;
	new = challenge(0);
	assert_true(in_kernel(old_id)->there);
	assert_int_not_equal(new->port_pc, old->port_pc);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_false(in_kernel(old_id)->there);
	assert_int_equal(in_kernel(old_id)->resets, 1);
	assert_int_equal(new->state, SET_INUSE);
	assert_int_equal(set_count(), 1);
	assert_int_equal(registrar_count(), 1);
}

/* Another address, or another IMPI, is another UE. */
static void replaces_nobody_elses(void **state)
{
	struct addr elsewhere;
	struct set *a = registered(), *b, *c;

	(void)state;
	addr_parse(&elsewhere, "10.45.0.4", 5060);
	b = challenge_of(impi, &elsewhere, 8001, 8000, 0);
	c = challenge_of("002@example.org", &home, 8001, 8000, 0);
	assert_int_equal(accept_for(b, EXPIRES), 0);
	assert_int_equal(accept_for(c, EXPIRES), 0);
	assert_true(in_kernel(a->id)->there);
	assert_int_equal(registrar_count(), 3);
	/* One address, one port_us: each set has its own port_pc. */
	assert_int_not_equal(a->port_pc, c->port_pc);
}

/* --- rows 3 to 6: re-authentication --- */

static void reauthentication(void **state)
{
	struct set *old = registered(), *new;
	uint32_t old_id = old->id;

	(void)state;
	clock_advance(1000000);
	new = challenge(old->id);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_int_equal(new->state, SET_NEW);
	assert_int_equal(old->state, SET_OLD);
	assert_ptr_equal(new->ue->in_use, old);
	assert_true(registrar_is_current(new));
	assert_false(registrar_is_current(old));
	/* SIP on OLD: no action. */
	registrar_heard(old);
	assert_int_equal(new->state, SET_NEW);
	/* SIP on NEW: in use; OLD ends in 64*T1. */
	registrar_heard(new);
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
	assert_true(old->ends == clock_now() + DRAIN);
	clock_advance(DRAIN - 1);
	assert_true(in_kernel(old_id)->there);
	clock_advance(1);
	assert_false(in_kernel(old_id)->there);
	assert_true(in_kernel(new->id)->there);
}

static void old_one_third_goes(void **state)
{
	struct set *a = registered(), *b, *c;
	uint32_t a_id = a->id;

	(void)state;
	b = challenge(a->id);
	assert_int_equal(accept_for(b, EXPIRES), 0);
	registrar_heard(b);
	c = challenge(b->id);
	assert_int_equal(accept_for(c, EXPIRES), 0);
	assert_false(in_kernel(a_id)->there);
	assert_int_equal(b->state, SET_OLD);
	assert_int_equal(c->state, SET_NEW);
	assert_int_equal(set_count(), 2);
}

/* OLD in use has 64*T1 left, NEW was never heard of. */
static void new_takes_over_before_old_ends(void **state)
{
	struct set *old = registered(), *new;
	uint64_t old_ends = old->ends;
	uint32_t old_id = old->id;

	(void)state;
	clock_advance(100000);
	new = challenge(old->id);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	clock_advance(old_ends - DRAIN - clock_now() - 1);
	assert_int_equal(new->state, SET_NEW);
	clock_advance(1);
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
	assert_true(in_kernel(old_id)->there);
	clock_advance(DRAIN);
	assert_false(in_kernel(old_id)->there);
}

/* The chain's set ended while the UE thought: as if begun unprotected. */
static void origin_gone_meanwhile(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	registrar_kernel_lost(old->id);
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
}

/* --- lifetimes --- */

static void refresh_without_challenge_extends(void **state)
{
	struct set *s = registered();

	(void)state;
	clock_advance(500000000);
	assert_int_equal(accept_for(s, EXPIRES), 0);
	assert_true(s->ends == clock_now() + LIFE);
	clock_advance(LIFE - 1);
	assert_int_equal(set_count(), 1);
	clock_advance(1);
	assert_int_equal(set_count(), 0);
}

static void a_lifetime_is_never_shortened(void **state)
{
	struct set *s = registered(), *new;

	(void)state;
	assert_int_equal(accept_for(s, 60), 0);
	assert_true(s->ends == LIFE);
	/* max(lifetime of the previous set, expiry + 30 s) */
	new = challenge(s->id);
	assert_int_equal(accept_for(new, 60), 0);
	assert_true(new->ends == LIFE);
}

/* The registration ends; the set 30 s later. */
static void registration_ends_without_refresh(void **state)
{
	(void)state;
	registered();
	clock_advance(EXPIRES * 1000ull - 1);
	assert_int_equal(registrar_count(), 1);
	clock_advance(1);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(set_count(), 1);
	clock_advance(29999);
	assert_int_equal(set_count(), 1);
	clock_advance(1);
	assert_int_equal(set_count(), 0);
	assert_null(registrar_first());
}

/* --- row 7 and de-registration --- */

static void rejected_temp_ends_after_64_t1(void **state)
{
	struct set *s = challenge(0);
	uint32_t id = s->id;

	(void)state;
	registrar_rejected(s);
	clock_advance(DRAIN - 1);
	assert_true(in_kernel(id)->there);
	clock_advance(1);
	assert_false(in_kernel(id)->there);
	assert_null(registrar_first());
}

static void rejection_touches_no_established_set(void **state)
{
	struct set *s = registered();

	(void)state;
	registrar_rejected(s);
	assert_true(s->ends == LIFE);
}

static void deregistration_drains(void **state)
{
	struct set *s = registered();
	uint32_t id = s->id;

	(void)state;
	deregister(s, "sip:a@example.org");
	assert_int_equal(registrar_count(), 0);
	/* Field note 14: the 200 OK still has to go out on it. */
	assert_true(in_kernel(id)->there);
	clock_advance(DRAIN);
	assert_false(in_kernel(id)->there);
	assert_null(registrar_first());
}

static void other_identities_stay(void **state)
{
	const struct registrar_accepted other = {
		.aor = STR_LIT("sip:b@example.org"), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
		.expires = EXPIRES,
	};
	struct set *s = registered();

	(void)state;
	assert_int_equal(registrar_accepted(s, &other), 0);
	deregister(s, "sip:a@example.org");
	assert_int_equal(registrar_count(), 1);
	assert_true(s->ends == LIFE);
	deregister(s, "sip:b@example.org");
	assert_int_equal(registrar_count(), 0);
	assert_true(s->ends == DRAIN);
}

static void deregistration_that_was_challenged(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	deregister(new, "sip:a@example.org");
	assert_int_equal(set_count_temporary(), 0);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 0);
}

/* It leaves on OLD before it has said anything on NEW: OLD has 64*T1 left. */
static void deregistration_between_two_sets(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	assert_int_equal(accept_for(new, EXPIRES), 0);
	assert_ptr_equal(new->ue->in_use, old);
	deregister(old, "sip:a@example.org");
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
	assert_true(old->ends == DRAIN && new->ends == DRAIN);
	clock_advance(DRAIN - 1);
	assert_int_equal(set_count(), 2);
	clock_advance(1);
	assert_null(registrar_first());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(challenge_installs_temp), T(temp_ends_after_reg_await_auth),
		T(three_temp_the_oldest_goes), T(the_temp_with_a_valid_res_wins),
		T(challenges_leave_the_set_in_use_alone), T(first_registration),
		T(registration_replaces_old_sets_at_200), T(replaces_nobody_elses),
		T(reauthentication), T(old_one_third_goes),
		T(new_takes_over_before_old_ends), T(origin_gone_meanwhile),
		T(refresh_without_challenge_extends), T(a_lifetime_is_never_shortened),
		T(registration_ends_without_refresh), T(rejected_temp_ends_after_64_t1),
		T(rejection_touches_no_established_set), T(deregistration_drains),
		T(other_identities_stay), T(deregistration_that_was_challenged),
		T(deregistration_between_two_sets),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
