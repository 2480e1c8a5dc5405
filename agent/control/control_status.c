// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent's own view of itself as one document: addresses, UEs and calls, the
 * core's nodes, how full the pools are, and all that is counted.
 */
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "admission.h"
#include "clock.h"
#include "control_answer.h"
#include "control_reload.h"
#include "counters.h"
#include "drain.h"
#include "health.h"
#include "json.h"
#include "kernel.h"
#include "nexthop.h"
#include "registrar.h"
#include "tcp.h"
#include "transaction.h"
#include "version.h"

static void put_gm(struct octets *o, const struct config *cfg)
{
	json_open(o, "gm", '[');
	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		const struct config_gm *gm = &cfg->gm[i];
		const struct set_endpoint *e = &kernel_endpoints()[i];

		if (!gm->unprotected.family)
			continue;
		json_open(o, NULL, '{');
		json_number(o, "endpoint", e->id);
		json_text(o, "address", addr_host(&gm->unprotected));
		json_number(o, "port", gm->unprotected.port);
		json_number(o, "port-s", gm->port_s);
		json_open(o, "port-c", '[');
		for (unsigned int p = 0; p < gm->n_port_c; p++)
			json_number(o, NULL, gm->port_c[p]);
		json_close(o, ']');
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_mw(struct octets *o, const struct config *cfg)
{
	json_open(o, "mw", '[');
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		json_text(o, NULL, addr_text(&cfg->mw[i]));
	json_close(o, ']');
}

/* As configured; its nodes, where it is a name, are in "nodes" once they were asked. */
static void put_next_hops(struct octets *o, const struct config *cfg)
{
	static const char * const transports[] = {
		[RESOLVE_ANY] = "any", [RESOLVE_UDP] = "udp", [RESOLVE_TCP] = "tcp",
	};

	json_open(o, "next-hops", '[');
	for (unsigned int i = 0; i < cfg->n_next_hops; i++) {
		const struct config_next_hop *h = &cfg->next_hops[i];
		int count;

		json_open(o, NULL, '{');
		json_text(o, "host", h->where.host);
		json_number(o, "port", h->where.port);
		json_text(o, "transport", transports[h->where.transport]);
		json_number(o, "priority", h->priority);
		json_number(o, "weight", h->weight);
		count = nexthop_count(i);
		if (count >= 0)
			json_number(o, "addresses", count);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_node(const struct health_view *v, void *arg)
{
	struct octets *o = arg;

	json_open(o, NULL, '{');
	json_text(o, "address", addr_text(&v->target.addr));
	json_text(o, "transport", v->target.tcp ? "tcp" : "udp");
	json_text(o, "state", health_name(v->state));
	json_number(o, "left", v->left);
	json_close(o, '}');
}

static void put_nodes(struct octets *o)
{
	json_open(o, "nodes", '[');
	health_list(put_node, o);
	json_close(o, ']');
}

static void put_pool(struct octets *o, const char *name, unsigned long used, unsigned long limit)
{
	json_open(o, NULL, '{');
	json_text(o, "pool", name);
	json_number(o, "used", used);
	json_number(o, "limit", limit);
	json_close(o, '}');
}

static void put_pools(struct octets *o, const struct config *cfg)
{
	json_open(o, "pools", '[');
	put_pool(o, "sets", set_count(), cfg->limits.sets);
	put_pool(o, "temporary-sets", set_count_temporary(), cfg->limits.temporary_sets);
	put_pool(o, "transactions", transaction_stats.unproven, cfg->limits.transactions);
	put_pool(o, "connections", tcp_stats.unproven, cfg->limits.connections);
	if (cfg->rates.all.per_second)
		put_pool(o, "rates.all", cfg->rates.all.burst - admission_all_left(),
			 cfg->rates.all.burst);
	json_close(o, ']');
}

/* The table of counters: an object for each group, but the first is status's own. */
struct counters_out {
	struct octets *o;
	const char *group;
	bool first;
};

static void put_counter(const struct counter *c, void *arg)
{
	struct counters_out *out = arg;

	if (!out->group) {
		out->group = c->group;
		out->first = true;
	} else if (strcmp(out->group, c->group)) {
		if (!out->first)
			json_close(out->o, '}');
		json_open(out->o, c->group, '{');
		out->group = c->group;
		out->first = false;
	}
	json_number(out->o, c->name, c->value);
}

static void put_counters(struct octets *o)
{
	struct counters_out out = { .o = o };

	counters_each(put_counter, &out);
	json_close(o, '}');
}

static void put_machine(struct octets *o)
{
	struct utsname u;

	if (uname(&u))
		memset(&u, 0, sizeof(u));
	json_open(o, "machine", '{');
	json_text(o, "linux", u.release);
	json_number(o, "module-version", kernel_module_version());
	json_close(o, '}');
}

void control_status(struct control_answer *a, const struct control_request *r)
{
	const struct config *cfg = a->config;
	struct octets *o = &a->out;

	(void)r;
	json_open(o, NULL, '{');
	json_text(o, "version", GMGATE_VERSION);
	json_number(o, "instance", cfg->instance);
	json_number(o, "pid", (unsigned long long)getpid());
	json_number(o, "up", clock_now() / 1000);
	json_number(o, "clock-scale", cfg->scale);
	json_text(o, "log-level", log_level_name(log_threshold));
	json_text(o, "trace", cfg->trace);
	control_reload_show(o);
	json_bool(o, "draining", drain_is_on());
	json_number(o, "draining-for", drain_for());
	put_machine(o);
	put_gm(o, cfg);
	put_mw(o, cfg);
	put_next_hops(o, cfg);
	put_nodes(o);
	json_text(o, "store-file", cfg->store);
	put_pools(o, cfg);
	put_counters(o);
	json_close(o, '}');
	octets_puts(o, "\n");
}
