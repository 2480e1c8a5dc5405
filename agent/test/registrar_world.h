/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTRAR_WORLD_H
#define _REGISTRAR_WORLD_H

/* A registrar on a stopped clock and a fake kernel: what test_registrar*.c share. */
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

/* Not every test needs all of them. */
#define HELPER static __attribute__((unused))

static const uint16_t port_c[] = { 6101, 6102, 6103, 6104 };
static struct set_endpoint endpoint;
static const char *impi = "001@example.org";
static struct addr home;
/* registrar_config.changed of the next begin_capped() */
static void (*world_changed)(const struct ue *ue);

HELPER int begin_capped(unsigned int max_sets, unsigned int max_temporary)
{
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = max_sets,
		.max_temporary = max_temporary, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct registrar_config cfg = { .reg_await_auth = AWAIT, .drain = DRAIN,
					       .changed = world_changed };

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

HELPER int begin(void **state)
{
	(void)state;
	return begin_capped(1000, 100);
}

HELPER int end(void **state)
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

/* Releases @ue. */
HELPER struct set *challenge_with(struct ue *ue, uint16_t port_uc, uint16_t port_us,
				  uint32_t origin)
{
	static const struct keys_aka keys = { .ck = { 1 }, .ik = { 2 } };
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 1111, .spi_s = 2222, .port_c = port_uc, .port_s = port_us,
	};
	struct set_facts facts = {
		.offer = &offer, .client = STR_LIT("ipsec-3gpp"), .keys = &keys, .origin = origin,
	};
	struct set *s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));

	registrar_release(ue);
	return s;
}

HELPER struct set *challenge_of(const char *who, const struct addr *where, uint16_t port_uc,
				uint16_t port_us, uint32_t origin)
{
	return challenge_with(registrar_ue(str_of(who), where), port_uc, port_us, origin);
}

HELPER struct set *challenge(uint32_t origin)
{
	return challenge_of(impi, &home, 8001, 8000, origin);
}

HELPER int accept_for(struct set *s, uint32_t expires)
{
	const struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@example.org"), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
		.expires = expires, .service_route = STR_LIT("<sip:s@192.0.2.2;lr>"),
	};

	return registrar_accepted(s, &a);
}

/* 200 OK with expiry 0 for the contact of accept_for(). */
HELPER void deregister(struct set *s, const char *aor)
{
	const struct registrar_accepted a = {
		.aor = str_of(aor), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
	};

	registrar_deregistered(s, &a);
}

HELPER struct set *registered(void)
{
	struct set *s = challenge(0);

	assert_non_null(s);
	assert_int_equal(accept_for(s, EXPIRES), 0);
	return s;
}

HELPER struct fake_set *in_kernel(uint32_t id)
{
	return &fake_kernel.sets[id];
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

#endif
