// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the agent does about endpoints and sets it finds in the kernel, and
 * about the kernel's events. gate.c is replaced here.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "kernel.h"
#include "log.h"
#include "loop.h"
#include "proof.h"
#include "registrar.h"
#include "spi.h"
#include "tcp.h"
#include "transport.h"

/* --- the gate --- */

#define ROOM 64

static struct {
	uint32_t instance;	/* of gate_as() */
	struct gate_endpoint endpoints[ROOM];
	unsigned int n_endpoints;
	struct gate_set sets[ROOM];	/* id 0: none */
	uint32_t last_endpoint, last_set;
	unsigned int n_suites;
	int list_fails, stats_fail;
	unsigned int asked;	/* gate_stats_get() */
	gate_event_fn *event;
	int pipe[2];
} g;

struct gate *gate_open(struct gate_error *err)
{
	(void)err;
	return (struct gate *)&g;
}

void gate_close(struct gate *gate)
{
	(void)gate;
}

int gate_caps_get(struct gate *gate, struct gate_caps *caps, struct gate_error *err)
{
	static const struct suite all[] = {
		{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL },
	};

	(void)gate;
	(void)err;
	memset(caps, 0, sizeof(*caps));
	memcpy(caps->suites, all, sizeof(all));
	caps->n_suites = g.n_suites;
	return 0;
}

void gate_as(struct gate *gate, uint32_t instance)
{
	(void)gate;
	g.instance = instance;
}

int gate_endpoint_add(struct gate *gate, const struct gate_endpoint *e, uint32_t *id,
		      struct gate_error *err)
{
	if (e->id && gate_endpoint_del(gate, e->id, e->instance, err))
		return -ENOENT;
	for (unsigned int i = 0; i < g.n_endpoints; i++)
		if (addr_same_ip(&g.endpoints[i].addr, &e->addr))
			return -EEXIST;
	g.endpoints[g.n_endpoints] = *e;
	*id = g.endpoints[g.n_endpoints++].id = ++g.last_endpoint;
	return 0;
}

int gate_endpoint_del(struct gate *gate, uint32_t id, uint32_t instance, struct gate_error *err)
{
	(void)gate;
	(void)err;
	for (unsigned int i = 0; i < g.n_endpoints; i++) {
		if (g.endpoints[i].id == id && g.endpoints[i].instance == instance) {
			g.endpoints[i] = g.endpoints[--g.n_endpoints];
			return 0;
		}
	}
	return -ENOENT;
}

int gate_endpoint_change(struct gate *gate, uint32_t id, uint32_t instance, uint32_t flags,
			 struct gate_error *err)
{
	(void)gate;
	(void)err;
	for (unsigned int i = 0; i < g.n_endpoints; i++)
		if (g.endpoints[i].id == id && g.endpoints[i].instance == instance) {
			g.endpoints[i].flags = flags;
			return 0;
		}
	return -ENOENT;
}

int gate_endpoint_list(struct gate *gate, uint32_t instance, gate_endpoint_fn *fn, void *arg,
		       struct gate_error *err)
{
	(void)gate;
	(void)err;
	for (unsigned int i = 0; i < g.n_endpoints; i++)
		if (g.endpoints[i].instance == instance)
			fn(&g.endpoints[i], arg);
	return 0;
}

int gate_set_add(struct gate *gate, const struct gate_set_new *n, uint32_t *id,
		 struct gate_error *err)
{
	struct gate_set *s = &g.sets[g.last_set];

	(void)gate;
	(void)err;
	s->id = *id = ++g.last_set;
	s->endpoint = n->endpoint;
	return 0;
}

int gate_set_change(struct gate *gate, uint32_t id, const struct gate_change *c,
		    struct gate_error *err)
{
	(void)gate;
	(void)c;
	(void)err;
	return g.sets[id - 1].id ? 0 : -ENOENT;
}

int gate_set_del(struct gate *gate, uint32_t id, struct gate_error *err)
{
	(void)gate;
	(void)err;
	if (!g.sets[id - 1].id)
		return -ENOENT;
	g.sets[id - 1].id = 0;
	return 0;
}

int gate_set_flush(struct gate *gate, uint32_t endpoint, struct gate_error *err)
{
	(void)gate;
	(void)err;
	for (int i = 0; i < ROOM; i++)
		if (g.sets[i].endpoint == endpoint)
			g.sets[i].id = 0;
	return 0;
}

int gate_set_list(struct gate *gate, const struct gate_filter *f, gate_set_fn *fn, void *arg,
		  struct gate_error *err)
{
	(void)gate;
	(void)err;
	if (g.list_fails)
		return g.list_fails;
	for (int i = 0; i < ROOM; i++)
		if (g.sets[i].id && g.sets[i].endpoint == f->endpoint)
			fn(&g.sets[i], arg);
	return 0;
}

int gate_stats_get(struct gate *gate, struct gate_stats *s, struct gate_error *err)
{
	(void)gate;
	(void)err;
	g.asked++;
	s->drop[GMGATE_DROP_IN_ICV] = g.asked;
	return g.stats_fail;
}

int gate_events_open(struct gate *gate, gate_event_fn *fn, void *arg, struct gate_error *err)
{
	(void)gate;
	(void)arg;
	(void)err;
	g.event = fn;
	return g.pipe[0];
}

int gate_events_read(struct gate *gate)
{
	(void)gate;
	return 0;
}

/* Nor of those of UEs without SAs: here are no sockets. */
void transport_hold(const struct flow *f)
{
	(void)f;
}

void transport_release(const struct flow *f)
{
	(void)f;
}

void tcp_reset_set(uint32_t set)
{
	(void)set;
}

/* --- */

static struct config cfg;

static int begin(void **state)
{
	char err[CONFIG_ERROR];

	(void)state;
	memset(&g, 0, sizeof(g));
	memset(&kernel_stats, 0, sizeof(kernel_stats));
	g.n_suites = 2;
	memset(&cfg, 0, sizeof(cfg));
	cfg.instance = 7;
	cfg.uid = 1000;
	cfg.n_gm = 2;
	addr_parse(&cfg.gm[0].unprotected, "10.4.128.21", 5060);
	addr_parse(&cfg.gm[1].unprotected, "2001:db8:4:128::21", 5060);
	for (int i = 0; i < 2; i++) {
		cfg.gm[i].port_s = 6100;
		cfg.gm[i].n_port_c = 4;
		for (int p = 0; p < 4; p++)
			cfg.gm[i].port_c[p] = 6101 + p;
	}
	cfg.gm[0].relaxed = true;
	cfg.gm[1].local_in = true;
	cfg.spi_min = 0x1000;
	cfg.spi_max = 0x1fff;
	cfg.limits.sets = 50;
	cfg.limits.temporary_sets = 10;
	cfg.n_suites = 1;
	cfg.suites[0] = (struct suite){ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC };
	clock_init(0);
	if (pipe(g.pipe) || loop_init())
		return -1;
	return kernel_open(&cfg, err);
}

static int end(void **state)
{
	(void)state;
	registrar_exit();
	kernel_close();
	loop_exit();
	spi_exit();
	clock_exit();
	close(g.pipe[0]);
	close(g.pipe[1]);
	return 0;
}

static void declare(void)
{
	char err[CONFIG_ERROR] = "";

	if (kernel_declare(&cfg, err))
		fail_msg("%s", err);
}

/* Field notes 2 and 8: one port_ps; and where nothing is there, nothing is wrong. */
static void declares_what_is_configured(void **state)
{
	const struct gate_endpoint *e = &g.endpoints[1];

	(void)state;
	declare();
	assert_int_equal(g.n_endpoints, 2);
	assert_int_equal(e->instance, 7);
	assert_int_equal(g.instance, 7);	/* requests about sets name it too */
	assert_int_equal(e->uid, 1000);
	assert_int_equal(e->addr.family, AF_INET6);
	assert_int_equal(e->addr.port, 0);
	assert_int_equal(e->port_s, 6100);
	assert_int_equal(e->n_port_c, 4);
	assert_int_equal(e->port_c[3], 6104);
	assert_int_equal(e->max_sets, 50);
	assert_int_equal(e->max_temporary, 50);
	assert_int_equal(e->flags, GMGATE_ENDPOINT_FLAGS_LOCAL_IN);
	assert_int_equal(g.endpoints[0].flags, GMGATE_ENDPOINT_FLAGS_RELAXED);
	assert_int_equal(kernel_endpoints()[1].id, e->id);
}

static void adopts_its_own(void **state)
{
	uint32_t id;

	(void)state;
	declare();
	id = kernel_endpoints()[0].id;
	g.sets[0] = (struct gate_set){ .id = 1, .endpoint = id };
	g.sets[1] = (struct gate_set){ .id = 2, .endpoint = 99 };
	/* The kernel's list need not have our order. */
	g.endpoints[0].port_c[0] = 6104;
	g.endpoints[0].port_c[3] = 6101;
	declare();
	assert_int_equal(g.n_endpoints, 2);
	assert_int_equal(kernel_endpoints()[0].id, id);
	/* What becomes of them is restart.c's. */
	assert_int_equal(g.sets[0].id, 1);
	assert_int_equal(g.sets[1].id, 2);	/* somebody else's */
}

static void replaces_what_has_changed(void **state)
{
	(void)state;
	for (int what = 0; what < 6; what++) {
		uint32_t id;

		declare();
		id = kernel_endpoints()[0].id;
		switch (what) {
		case 0: cfg.uid++; break;
		case 1: cfg.gm[0].port_s++; cfg.gm[0].port_c[0] = 7000; break;
		case 2: cfg.gm[0].port_c[1] = 7001; break;
		case 3: cfg.spi_max++; break;
		case 4: cfg.limits.sets++; break;
		case 5: cfg.gm[0].n_port_c++; cfg.gm[0].port_c[4] = 7002; break;
		}
		declare();
		assert_int_equal(g.n_endpoints, 2);
		assert_int_not_equal(kernel_endpoints()[0].id, id);
	}
}

/* key-export is switched, at a start and by a reload: no set ends for it. */
static void switches_key_export(void **state)
{
	uint32_t id;

	(void)state;
	declare();
	id = kernel_endpoints()[1].id;
	assert_false(g.endpoints[1].flags & GMGATE_ENDPOINT_FLAGS_KEY_EXPORT);
	cfg.gm[1].key_export = true;
	kernel_reload(&cfg);
	assert_int_equal(g.endpoints[1].flags, GMGATE_ENDPOINT_FLAGS_LOCAL_IN |
			 GMGATE_ENDPOINT_FLAGS_KEY_EXPORT);
	assert_int_equal(g.endpoints[0].flags, GMGATE_ENDPOINT_FLAGS_RELAXED);
	cfg.gm[1].key_export = false;
	declare();
	assert_int_equal(kernel_endpoints()[1].id, id);
	assert_int_equal(g.endpoints[1].flags, GMGATE_ENDPOINT_FLAGS_LOCAL_IN);
}

/* An address that the configuration lost between two lives. */
static void withdraws_what_is_not_configured(void **state)
{
	uint32_t id;

	(void)state;
	declare();
	id = kernel_endpoints()[0].id;
	cfg.n_gm = 1;
	declare();
	assert_int_equal(g.n_endpoints, 1);
	assert_int_equal(g.endpoints[0].id, id);
	/* Another agent's stay, whatever is configured here. */
	g.endpoints[1] = (struct gate_endpoint){ .id = 99, .instance = 8 };
	g.n_endpoints = 2;
	declare();
	assert_int_equal(g.n_endpoints, 2);
}

static void one_address_comes_and_goes(void **state)
{
	char err[CONFIG_ERROR] = "";
	uint32_t first;

	(void)state;
	cfg.n_gm = 1;
	declare();
	first = kernel_endpoints()[0].id;
	cfg.n_gm = 2;
	assert_int_equal(kernel_declare_one(&cfg, 1, err), 0);
	assert_int_equal(g.n_endpoints, 2);
	assert_int_not_equal(kernel_endpoints()[1].id, first);
	kernel_withdraw(&cfg, 1);
	assert_int_equal(g.n_endpoints, 1);
	assert_int_equal(kernel_endpoints()[1].id, 0);
	assert_int_equal(kernel_endpoints()[0].id, first);
}

static void leaves_another_instances_alone(void **state)
{
	char err[CONFIG_ERROR];

	(void)state;
	declare();
	cfg.instance = 8;
	assert_int_equal(kernel_declare(&cfg, err), -1);
	assert_non_null(strstr(err, "another instance"));
	assert_int_equal(g.n_endpoints, 2);
	assert_int_equal(g.endpoints[0].instance, 7);
}

/* Said at start, not at the first phone. */
static void a_suite_the_kernel_lacks(void **state)
{
	char err[CONFIG_ERROR];

	(void)state;
	kernel_close();
	cfg.suites[cfg.n_suites++] = (struct suite){ GMGATE_ALG_NULL, GMGATE_EALG_AES_GCM };
	assert_int_equal(kernel_open(&cfg, err), -1);
	assert_non_null(strstr(err, "null/aes-gcm"));
}

/* --- events, with a registrar behind --- */

static struct set *set_of(const char *impi)
{
	static const struct keys_aka keys;
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 1111, .spi_s = 2222, .port_c = 8001, .port_s = 8000,
	};
	struct set_facts facts = { .offer = &offer, .client = STR_LIT("x"), .keys = &keys };
	enum set_failure failure;
	struct addr home;
	struct ue *ue;
	struct set *s;
	char why[352];

	addr_parse(&home, "10.45.0.3", 0);
	ue = registrar_ue(str_of(impi), &home);
	s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));
	assert_non_null(s);
	registrar_release(ue);
	return s;
}

static void start_registrar(void)
{
	const struct set_config sets = {
		.kernel = kernel_sets(), .endpoints = kernel_endpoints(), .max_sets = 50,
		.max_temporary = 10, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct registrar_config registrar = { .reg_await_auth = 240000, .drain = 128000 };

	declare();
	spi_init(cfg.spi_min, cfg.spi_max, 128000);
	set_init(&sets);
	registrar_init(&registrar);
}

static void event(uint32_t what, uint32_t endpoint, uint32_t set)
{
	const struct gate_event e = { .event = what, .endpoint = endpoint, .set = set };

	g.event(&e, NULL);
}

static void expiry_in_the_kernel_ends_the_set(void **state)
{
	uint32_t a, b, endpoint;

	(void)state;
	start_registrar();
	endpoint = kernel_endpoints()[0].id;
	a = set_of("1@x")->id;
	b = set_of("2@x")->id;
	event(GMGATE_EVENT_EXPIRED, endpoint + 50, a);	/* of another instance */
	assert_non_null(set_find(a));
	event(GMGATE_EVENT_FIRST_PACKET, endpoint, a);
	event(GMGATE_EVENT_ICV_FAIL, endpoint, a);
	event(GMGATE_EVENT_SEQ_SOFT, endpoint, a);
	event(GMGATE_EVENT_SEQ_HARD, endpoint, a);
	event(GMGATE_EVENT_UNKNOWN_SPI, endpoint, 0);
	event(77, endpoint, a);
	assert_int_equal(set_count(), 2);
	event(GMGATE_EVENT_EXPIRED, endpoint, a);
	assert_null(set_find(a));
	event(GMGATE_EVENT_DELETED, endpoint, b);	/* by gmctl */
	assert_null(set_find(b));
	event(GMGATE_EVENT_DELETED, endpoint, b);
	assert_int_equal(kernel_stats.expired, 1);
	assert_int_equal(kernel_stats.icv_failures, 1);
	assert_int_equal(kernel_stats.unknown_spi, 1);
}

static void overflow_makes_both_sides_agree(void **state)
{
	uint32_t a, b, c, endpoint;

	(void)state;
	start_registrar();
	endpoint = kernel_endpoints()[0].id;
	a = set_of("1@x")->id;
	b = set_of("2@x")->id;
	c = set_of("3@x")->id;
	g.sets[b - 1].id = 0;					/* gone there */
	g.sets[40] = (struct gate_set){ .id = 41, .endpoint = endpoint };	/* unknown here */
	g.sets[41] = (struct gate_set){ .id = 42, .endpoint = 99 };		/* not ours */
	g.list_fails = -EIO;
	g.event(NULL, NULL);
	assert_int_equal(set_count(), 3);
	g.list_fails = 0;
	g.event(NULL, NULL);
	assert_non_null(set_find(a));
	assert_null(set_find(b));
	assert_non_null(set_find(c));
	assert_int_equal(g.sets[40].id, 0);
	assert_int_equal(g.sets[41].id, 42);
	assert_int_equal(g.sets[a - 1].id, a);
	/* Nothing left there at all. */
	g.sets[a - 1].id = g.sets[c - 1].id = 0;
	g.event(NULL, NULL);
	assert_int_equal(set_count(), 0);
	assert_int_equal(kernel_stats.overflows, 3);
	assert_int_equal(kernel_stats.strays, 1);
}

/* A scraper must not be able to keep the kernel busy. */
static void counters_are_asked_for_once_a_second(void **state)
{
	uint64_t began = clock_real_us(), passed = 0;
	const struct gate_stats *s;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		s = kernel_counters();
		assert_non_null(s);
		assert_int_equal(s->drop[GMGATE_DROP_IN_ICV], g.asked);
	}
	assert_true(g.asked <= 1 + (clock_real_us() - began) / 1000000);
	/* Neither while it does not answer. */
	g.stats_fail = -EIO;
	while (kernel_counters() && passed < 60000000)
		passed = clock_real_us() - began;
	assert_null(kernel_counters());
	began = clock_real_us();
	g.asked = 0;
	for (unsigned int i = 0; i < 1000; i++)
		kernel_counters();
	assert_true(g.asked <= 1 + (clock_real_us() - began) / 1000000);
	kernel_close();
	assert_null(kernel_counters());
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(declares_what_is_configured), T(adopts_its_own), T(replaces_what_has_changed),
		T(switches_key_export),
		T(withdraws_what_is_not_configured),
		T(one_address_comes_and_goes), T(leaves_another_instances_alone), T(a_suite_the_kernel_lacks),
		T(expiry_in_the_kernel_ends_the_set), T(overflow_makes_both_sides_agree),
		T(counters_are_asked_for_once_a_second),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
