// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of TS 33.203 7.4 (gm-security 5), event by event, on a stopped
 * clock and a fake kernel.
 */
#include <errno.h>
#include <stdio.h>

#include "fake_kernel.h"
#include "log.h"
#include "proof.h"
#include "registrar.h"
#include "spi.h"

#define AWAIT 240000ull
#define DRAIN 128000ull		/* 64*T1 */
#define EXPIRES 600000u
#define LIFE (EXPIRES * 1000ull + 30000)

static const uint16_t port_c[] = { 6101, 6102, 6103, 6104 };
static struct set_endpoint endpoint;
static const char *impi = "001@example.org";
static struct addr home;

static int begin_capped(unsigned int max_sets, unsigned int max_temporary)
{
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = max_sets,
		.max_temporary = max_temporary, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct registrar_config cfg = { .reg_await_auth = AWAIT, .drain = DRAIN };

	endpoint = (struct set_endpoint){ .id = 5, .port_s = 6100, .port_c = port_c,
					  .n_port_c = 4 };
	addr_parse(&endpoint.local, "10.4.128.21", 0);
	addr_parse(&home, "10.45.0.3", 5060);
	fake_kernel_reset();
	clock_init(0);
	spi_init(0x10000000, 0x1fffffff, DRAIN);
	set_init(&sets);
	registrar_init(&cfg);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	return begin_capped(1000, 100);
}

static int end(void **state)
{
	(void)state;
	registrar_exit();
	assert_null(registrar_first());
	assert_int_equal(set_count(), 0);
	assert_int_equal(set_count_temporary(), 0);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(spi_in_use(), 0);
	assert_true(clock_next() == UINT64_MAX);
	spi_exit();
	clock_exit();
	return 0;
}

static enum set_failure failure;
static char why[352];

static struct set *challenge_of(const char *who, const struct addr *where, uint16_t port_uc,
				uint16_t port_us, uint32_t origin)
{
	static const struct keys_aka keys = { .ck = { 1 }, .ik = { 2 } };
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 1111, .spi_s = 2222, .port_c = port_uc, .port_s = port_us,
	};
	struct set_facts facts = {
		.offer = &offer, .client = STR_LIT("ipsec-3gpp"), .keys = &keys, .origin = origin,
	};
	struct ue *ue = registrar_ue(str_of(who), where);
	struct set *s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));

	registrar_release(ue);
	return s;
}

static struct set *challenge(uint32_t origin)
{
	return challenge_of(impi, &home, 8001, 8000, origin);
}

static int accept_for(struct set *s, uint32_t expires)
{
	const struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@example.org"), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
		.expires = expires, .service_route = STR_LIT("<sip:s@192.0.2.2;lr>"),
	};

	return registrar_accepted(s, &a);
}

static struct set *registered(void)
{
	struct set *s = challenge(0);

	assert_non_null(s);
	assert_int_equal(accept_for(s, EXPIRES), 0);
	return s;
}

static struct fake_set *in_kernel(uint32_t id)
{
	return &fake_kernel.sets[id];
}

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

/* design 3.4a: two challenges may cross; at most three. */
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
	registrar_deregistered(s, STR_LIT("sip:a@example.org"), false);
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
	registrar_deregistered(s, STR_LIT("sip:a@example.org"), false);
	assert_int_equal(registrar_count(), 1);
	assert_true(s->ends == LIFE);
	registrar_deregistered(s, STR_LIT(""), true);
	assert_int_equal(registrar_count(), 0);
	assert_true(s->ends == DRAIN);
}

static void deregistration_that_was_challenged(void **state)
{
	struct set *old = registered(), *new = challenge(old->id);

	(void)state;
	registrar_deregistered(new, STR_LIT("sip:a@example.org"), false);
	assert_int_equal(set_count_temporary(), 0);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 0);
}

/* --- the kernel --- */

static void kernel_refuses(void **state)
{
	(void)state;
	fake_kernel.fail_add = -EOPNOTSUPP;
	fake_kernel.fail_times = 1;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_KERNEL);
	assert_non_null(strstr(why, "refuses"));
	assert_null(registrar_first());
	assert_int_equal(fake_kernel.n, 0);
	assert_int_equal(fake_kernel.adds, 1);
}

static void spi_of_another_user_is_not_the_end(void **state)
{
	(void)state;
	fake_kernel.fail_add = -EEXIST;
	fake_kernel.fail_times = 3;
	assert_non_null(challenge(0));
	assert_int_equal(fake_kernel.adds, 4);
	fake_kernel.fail_add = -EEXIST;
	fake_kernel.fail_times = 1000;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_KERNEL);
	fake_kernel.fail_times = 0;
}

static void kernel_quota(void **state)
{
	(void)state;
	fake_kernel.fail_add = -ENOSPC;
	fake_kernel.fail_times = 1;
	assert_null(challenge(0));
	assert_int_equal(failure, SET_FULL);
}

static void kernel_loses_a_set(void **state)
{
	struct set *s = registered();

	(void)state;
	registrar_kernel_lost(s->id);
	assert_int_equal(set_count(), 0);
	assert_int_equal(fake_kernel.dels, 0);
	/* The registration goes on: the UE may come back and register anew. */
	assert_int_equal(registrar_count(), 1);
	registrar_kernel_lost(4000);
}

static void promotion_the_kernel_refuses(void **state)
{
	struct set *s = challenge(0);

	(void)state;
	fake_kernel.fail_change = -ENOENT;
	fake_kernel.fail_times = 1;
	assert_int_equal(accept_for(s, EXPIRES), -ENOENT);
	assert_int_equal(registrar_count(), 0);
	assert_int_equal(set_count(), 0);
}

/* --- bounds --- */

static void temporary_sets_are_capped(void **state)
{
	struct set *known;
	struct addr where;
	char who[32];

	(void)state;
	begin_capped(1000, 20);
	known = registered();
	addr_parse(&where, "10.45.1.1", 0);
	for (int i = 0; i < 200; i++) {
		snprintf(who, sizeof(who), "%03d@example.org", 100 + i);
		where.ip[3] = i;
		assert_non_null(challenge_of(who, &where, 8001, 8000, 0));
		assert_true(set_count_temporary() <= 20);
		clock_advance(1);
	}
	assert_int_equal(set_count(), 21);
	assert_true(in_kernel(known->id)->there);
}

/* A newcomer displaces the only set of its own UE: the UE must live on. */
static void displacing_oneself(void **state)
{
	(void)state;
	begin_capped(1000, 1);
	for (int i = 0; i < 5; i++)
		assert_non_null(challenge(0));
	assert_int_equal(set_count(), 1);
}

static void all_sets_are_capped(void **state)
{
	(void)state;
	begin_capped(1, 10);
	registered();
	assert_null(challenge(0));
	assert_int_equal(failure, SET_FULL);
}

/* Four port_pc, four live sets on one (address, port_us). */
static void port_pc_runs_out(void **state)
{
	static const char * const who[] = { "1@x", "2@x", "3@x", "4@x", "5@x" };
	unsigned int seen = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct set *s = challenge_of(who[i], &home, 8001 + i, 8000, 0);

		assert_non_null(s);
		assert_int_equal(accept_for(s, EXPIRES), 0);
		seen |= 1 << (s->port_pc - 6101);
	}
	assert_int_equal(seen, 15);
	assert_null(challenge_of(who[4], &home, 9000, 8000, 0));
	assert_int_equal(failure, SET_NO_PORT);
	/* Another port_us has all four to itself. */
	assert_non_null(challenge_of(who[4], &home, 9000, 9001, 0));
}

/* A TEMP in the way of a newcomer goes, an established set never does. */
static void port_pc_of_a_temp_is_taken(void **state)
{
	static const char * const who[] = { "1@x", "2@x", "3@x", "4@x", "5@x" };
	uint32_t first = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct set *s = challenge_of(who[i], &home, 8001 + i, 8000, 0);

		if (!i)
			first = s->id;
		clock_advance(1);
	}
	assert_non_null(challenge_of(who[4], &home, 9000, 8000, 0));
	assert_false(in_kernel(first)->there);
	assert_int_equal(set_count(), 4);
}

static void path_tokens_are_random(void **state)
{
	struct ue *a = registrar_ue(STR_LIT("a@x"), &home), *b = registrar_ue(STR_LIT("b@x"), &home);

	(void)state;
	assert_int_equal(strlen(a->token), 32);
	assert_string_not_equal(a->token, b->token);
	registrar_release(a);
	registrar_release(b);
	assert_null(registrar_first());
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(challenge_installs_temp), T(temp_ends_after_reg_await_auth),
		T(three_temp_the_oldest_goes), T(the_temp_with_a_valid_res_wins),
		T(challenges_leave_the_set_in_use_alone), T(first_registration),
		T(registration_replaces_old_sets_at_200), T(replaces_nobody_elses),
		T(reauthentication), T(old_one_third_goes), T(new_takes_over_before_old_ends),
		T(origin_gone_meanwhile), T(refresh_without_challenge_extends),
		T(a_lifetime_is_never_shortened), T(registration_ends_without_refresh),
		T(rejected_temp_ends_after_64_t1), T(rejection_touches_no_established_set),
		T(deregistration_drains), T(other_identities_stay),
		T(deregistration_that_was_challenged), T(kernel_refuses),
		T(spi_of_another_user_is_not_the_end), T(kernel_quota), T(kernel_loses_a_set),
		T(promotion_the_kernel_refuses), T(temporary_sets_are_capped),
		T(displacing_oneself), T(all_sets_are_capped), T(port_pc_runs_out),
		T(port_pc_of_a_temp_is_taken), T(path_tokens_are_random),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
