// SPDX-License-Identifier: GPL-2.0-or-later
/* Metrics of the agent that are no plain counters. */
#include <stdio.h>

#include "health.h"
#include "loop.h"
#include "metrics_http.h"
#include "metrics_private.h"
#include "nexthop.h"
#include "proxy.h"
#include "register.h"
#include "registrar.h"
#include "spi.h"
#include "store.h"
#include "tcp.h"
#include "transaction.h"
#include "udp.h"

#ifndef LIBOSIP2_VERSION
#define LIBOSIP2_VERSION "unknown"	/* without the Makefile */
#endif

static void put(struct exposition *e, const char *label, uint64_t value)
{
	const char *const values[EXPOSITION_LABELS] = { label };

	exposition_sample(e, values, value);
}

static void put_histogram(struct exposition *e, const char *label, const struct histogram *h)
{
	const char *const values[EXPOSITION_LABELS] = { label };

	exposition_histogram(e, values, h);
}

void collect_info(struct exposition *e)
{
	put(e, LIBOSIP2_VERSION, 1);
}

void collect_clock_scale(struct exposition *e)
{
	put(e, NULL, metrics_config->scale);
}

/* --- registrations and SA sets --- */

void collect_registrations(struct exposition *e)
{
	unsigned int emergency = registrar_count_emergency();

	put(e, "normal", registrar_count() - emergency);
	put(e, "emergency", emergency);
}

void collect_ues(struct exposition *e)
{
	put(e, NULL, registrar_count_all());
}

void collect_register_challenge(struct exposition *e)
{
	put_histogram(e, NULL, &register_times.challenge);
}

void collect_register_accept(struct exposition *e)
{
	put_histogram(e, NULL, &register_times.accept);
}

void collect_register_whole(struct exposition *e)
{
	put_histogram(e, NULL, &register_times.whole);
}

void collect_register_core(struct exposition *e)
{
	put_histogram(e, NULL, &register_times.core);
}

void collect_sets(struct exposition *e)
{
	static const char * const names[SET_STATES] = {
		[SET_TEMP] = "temp", [SET_NEW] = "new", [SET_INUSE] = "in_use", [SET_OLD] = "old",
	};

	for (unsigned int i = 0; i < SET_STATES; i++)
		put(e, names[i], set_count_state((enum set_state)i));
}

void collect_set_install(struct exposition *e)
{
	put_histogram(e, NULL, &set_install_time);
}

void collect_spis(struct exposition *e)
{
	put(e, "in_use", spi_in_use());
	put(e, "quarantine", spi_in_quarantine());
}

void collect_spi_limit(struct exposition *e)
{
	put(e, NULL, (uint64_t)metrics_config->spi_max - metrics_config->spi_min + 1);
}

/* --- calls --- */

static const char * const sides[2] = { "core", "ue" };

void collect_calls(struct exposition *e)
{
	static const char * const classes[PROXY_CLASSES] = {
		[2] = "2xx", [3] = "3xx", [4] = "4xx", [5] = "5xx", [6] = "6xx",
	};

	for (unsigned int side = 0; side < 2; side++)
		for (unsigned int i = 2; i < PROXY_CLASSES; i++) {
			const char *const values[EXPOSITION_LABELS] = { sides[side], classes[i] };

			exposition_sample(e, values, proxy_calls[side].ended[i]);
		}
}

void collect_call_ringing(struct exposition *e)
{
	for (unsigned int side = 0; side < 2; side++)
		put_histogram(e, sides[side], &proxy_calls[side].ringing);
}

void collect_call_answered(struct exposition *e)
{
	for (unsigned int side = 0; side < 2; side++)
		put_histogram(e, sides[side], &proxy_calls[side].answered);
}

/* --- what is bounded --- */

void collect_pools(struct exposition *e)
{
	put(e, "sets", set_count());
	put(e, "temporary_sets", set_count_strangers());
	put(e, "transactions", transaction_stats.unproven);
	put(e, "connections", tcp_stats.unproven);
}

void collect_pool_limits(struct exposition *e)
{
	put(e, "sets", metrics_config->limits.sets);
	put(e, "temporary_sets", metrics_config->limits.temporary_sets);
	put(e, "transactions", metrics_config->limits.transactions);
	put(e, "connections", metrics_config->limits.connections);
}

static const char * const flow_sides[] = {
	[FLOW_GM] = "gm", [FLOW_GM_PROTECTED] = "gm_protected", [FLOW_MW] = "mw",
};

void collect_udp_octets(struct exposition *e)
{
	for (unsigned int i = FLOW_GM; i <= FLOW_MW; i++)
		put(e, flow_sides[i], udp_queue((enum flow_side)i).octets);
}

void collect_udp_drops(struct exposition *e)
{
	for (unsigned int i = FLOW_GM; i <= FLOW_MW; i++)
		put(e, flow_sides[i], udp_queue((enum flow_side)i).drops);
}

void collect_tcp_queues(struct exposition *e)
{
	put(e, NULL, tcp_stats.queues);
}

void collect_tcp_octets(struct exposition *e)
{
	put(e, NULL, tcp_stats.queued);
}

/* --- the core --- */

static void put_nexthop(const struct resolve_target *t, enum health state, void *arg)
{
	const char *const values[EXPOSITION_LABELS] = {
		addr_text(&t->addr), t->tcp ? "tcp" : "udp",
	};

	exposition_sample(arg, values, state == HEALTH_FINE || state == HEALTH_DOUBTFUL);
}

void collect_nexthops(struct exposition *e)
{
	nexthop_each(put_nexthop, e);
}

static void count_node(const struct health_view *v, void *arg)
{
	unsigned int *n = arg;

	n[v->state]++;
}

void collect_avoided(struct exposition *e)
{
	unsigned int n[HEALTH_PAUSED + 1] = { 0 };

	health_list(count_node, n);
	for (unsigned int i = HEALTH_DOUBTFUL; i <= HEALTH_PAUSED; i++)
		put(e, health_name((enum health)i), n[i]);
}

/* --- store, loop and these metrics themselves --- */

void collect_store_size(struct exposition *e)
{
	put(e, NULL, store_size().octets);
}

void collect_store_records(struct exposition *e)
{
	put(e, NULL, store_size().records);
}

void collect_loop_lag(struct exposition *e)
{
	put_histogram(e, NULL, &loop_lag);
}

void collect_scrapes(struct exposition *e)
{
	put(e, "200", metrics_http_stats.served);
	put(e, "404", metrics_http_stats.no_such);
	put(e, "405", metrics_http_stats.no_get);
}

void collect_scrapes_ended(struct exposition *e)
{
	put(e, "too_long", metrics_http_stats.too_long);
	put(e, "displaced", metrics_http_stats.displaced);
}
