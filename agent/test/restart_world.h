/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RESTART_WORLD_H
#define _RESTART_WORLD_H

/*
 * The registrar on a fake kernel and a real store, which outlive it: what
 * test_restart*.c share.
 */
#include "dialog.h"
#include "registrar_world.h"
#include "restart.h"
#include "store_dir.h"
#include "store_record.h"

#define QUARANTINE DRAIN
#define SPI_FIRST 0x10000000

static struct set_endpoint more_endpoints[2];	/* IPv4, IPv6 */
static uint32_t last_spi = 0x1fffffff;
static unsigned int most_temporary = 100;
static uint64_t life;				/* the cookie */

HELPER struct restart_config restart_world(void)
{
	return (struct restart_config){
		.kernel = fake_kernel_ops(), .endpoints = more_endpoints, .n_endpoints = 2,
	};
}

/* Told of the bindings of UEs, as regevent.c is, which subscribes to them anew. */
static unsigned int rebound;

HELPER void count_rebound(struct ue *ue)
{
	rebound += ue->bindings != NULL;
}

/* A new life of the agent, on the clock as it stands. */
HELPER void live(void)
{
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = more_endpoints, .max_sets = 1000,
		.max_temporary = most_temporary, .cookie = ++life, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct registrar_config registrar = {
		.reg_await_auth = AWAIT, .drain = DRAIN, .changed = restart_changed,
		.rebound = count_rebound, .gone = dialog_forget_ue,
	};
	const struct restart_config restart = restart_world();
	char err[STORE_ERROR] = "";

	rebound = 0;
	spi_init(SPI_FIRST, last_spi, QUARANTINE);
	set_init(&sets);
	registrar_init(&registrar);
	if (store_open(store_path, 1, err) || restart_adopt(&restart, err))
		fail_msg("%s", err);
}

/* Its end. Nothing of it is told to the kernel or the store. */
HELPER void die(void)
{
	store_close();
	dialog_exit();
	registrar_exit();
	spi_exit();
}

HELPER void live_again(void)
{
	die();
	live();
}

HELPER int begin_life(void **state)
{
	more_endpoints[0] = (struct set_endpoint){ .id = 5, .port_s = FAKE_PORT_S,
						   .port_c = port_c, .n_port_c = 4 };
	more_endpoints[1] = more_endpoints[0];
	more_endpoints[1].id = 6;
	addr_parse(&more_endpoints[0].local, "10.4.128.21", 0);
	addr_parse(&more_endpoints[1].local, "2001:db8:4:128::21", 0);
	addr_parse(&home, "10.45.0.3", 5060);
	last_spi = 0x1fffffff;
	most_temporary = 100;
	life = 0;
	fake_kernel_reset();
	clock_init(0);
	if (make_store_dir(state))
		return -1;
	live();
	return 0;
}

HELPER int end_life(void **state)
{
	die();
	assert_true(clock_next() == UINT64_MAX);
	assert_int_equal(set_count(), 0);
	clock_exit();
	return remove_store_dir(state);
}

/* The kernel and the registrar have the same sets, and as many. */
HELPER void assert_agreement(void)
{
	assert_int_equal(set_count(), fake_kernel.n);
	for (struct set *s = set_first(); s; s = s->hh.next)
		assert_true(fake_kernel.sets[s->id].there);
}

/* --- all the registrar knows, as text --- */

HELPER int by_token(const struct ue *a, const struct ue *b)
{
	return strcmp(a->token, b->token);
}

HELPER void tell_set(struct octets *o, const struct set *s)
{
	octets_printf(o, " set %u cookie %llu state %s gm %u %s %s ports %u %u %u %u", s->id,
		      (unsigned long long)s->cookie, set_state_name(s->state), s->gm,
		      addr_text(&s->ue_addr), addr_text(&s->local), s->port_uc, s->port_us,
		      s->port_pc, s->port_ps);
	octets_printf(o, " spis %u %u %u %u suite %u %u origin %u ends %llu timer %llu [%s] [%s]\n",
		      s->spi_uc, s->spi_us, s->spi_pc, s->spi_ps, s->suite.alg, s->suite.ealg,
		      s->origin, (unsigned long long)s->ends, (unsigned long long)s->timer.due,
		      s->client, s->server);
}

HELPER void tell_ue(struct octets *o, const struct ue *ue)
{
	octets_printf(o, "%s %s at %s%s in use %u route %s associated %s timer %llu\n", ue->token,
		      ue->impi, addr_text(&ue->addr), ue->emergency ? " emergency" : "",
		      ue->in_use ? ue->in_use->id : 0,
		      ue->service_route ? ue->service_route : "-",
		      ue->associated ? ue->associated : "-",
		      clock_is_set(&ue->timer) ? (unsigned long long)ue->timer.due : 0);
	for (const struct binding *b = ue->bindings; b; b = b->next)
		octets_printf(o, " %s %s (%s) ends %llu%s\n", b->aor,
			      b->contact ? b->contact : "-", b->associated ? b->associated : "-",
			      (unsigned long long)b->ends, b->emergency ? " emergency" : "");
	for (const struct set *s = ue->sets; s; s = s->next)
		tell_set(o, s);
	/* The core's requests find it by the token it had. */
	assert_ptr_equal(registrar_by_token(str_of(ue->token)), ue);
}

HELPER char *all_there_is(void)
{
	struct ue *first = registrar_first();
	const char *done = "";
	struct octets o = { 0 };

	octets_printf(&o, "%u registered, %u sets, %u temporary, SPIs %u and %u\n",
		      registrar_count(), set_count(), set_count_temporary(), spi_in_use(),
		      spi_in_quarantine());
	/* In the order of their tokens, whatever the order of the table. */
	for (;;) {
		const struct ue *next = NULL;

		for (struct ue *ue = first; ue; ue = ue->hh.next)
			if (strcmp(ue->token, done) > 0 && (!next || by_token(ue, next) < 0))
				next = ue;
		if (!next)
			break;
		tell_ue(&o, next);
		done = next->token;
	}
	octets_put(&o, STR_LIT("\0"));
	assert_false(o.failed);
	return o.p;
}

HELPER struct addr ip(const char *text)
{
	struct addr a;

	addr_parse(&a, text, 5060);
	return a;
}

HELPER struct set *register_at(const char *who, const char *where)
{
	struct addr a = ip(where);
	struct set *s = challenge_of(who, &a, 8001, 8000, 0);

	assert_non_null(s);
	assert_int_equal(accept_for(s, EXPIRES), 0);
	return s;
}

#define TL(f) cmocka_unit_test_setup_teardown(f, begin_life, end_life)

#endif
