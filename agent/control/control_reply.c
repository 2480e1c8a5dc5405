// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gmctl is told: the agent's own view.  The kernel's view gmctl asks the
 * kernel for.
 */
#include "control_reply.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "counters.h"
#include "health.h"
#include "json.h"
#include "kernel.h"
#include "regevent.h"
#include "registrar.h"

static void put_gm(struct octets *o, const struct config *cfg)
{
	json_open(o, "gm", '[');
	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		const struct config_gm *gm = &cfg->gm[i];
		const struct set_endpoint *e = &kernel_endpoints()[i];

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

static void put_avoided(struct octets *o)
{
	json_open(o, "avoided", '[');
	health_list(put_node, o);
	json_close(o, ']');
}

static void put_status(const struct config *cfg, struct octets *o)
{
	json_open(o, NULL, '{');
	json_number(o, "instance", cfg->instance);
	json_number(o, "up", clock_now() / 1000);
	json_number(o, "clock-scale", cfg->scale);
	put_gm(o, cfg);
	put_avoided(o);
	put_counters(o);
	json_close(o, '}');
}

static unsigned long long seconds_to(uint64_t when)
{
	uint64_t now = clock_now();

	return when > now ? (when - now) / 1000 : 0;
}

static void put_set(struct octets *o, const struct set *s)
{
	char name[SUITE_NAME];

	json_open(o, NULL, '{');
	json_number(o, "id", s->id);
	json_text(o, "state", set_state_name(s->state));
	json_text(o, "suite", suite_name(s->suite, name));
	json_number(o, "port-uc", s->port_uc);
	json_number(o, "port-us", s->port_us);
	json_number(o, "port-pc", s->port_pc);
	json_number(o, "port-ps", s->port_ps);
	json_number(o, "spi-uc", s->spi_uc);
	json_number(o, "spi-us", s->spi_us);
	json_number(o, "spi-pc", s->spi_pc);
	json_number(o, "spi-ps", s->spi_ps);
	json_number(o, "ends", seconds_to(s->ends));
	json_close(o, '}');
}

static void put_ue(struct octets *o, const struct ue *ue)
{
	json_open(o, NULL, '{');
	json_text(o, "impi", ue->impi);
	json_text(o, "address", addr_host(&ue->addr));
	json_bool(o, "registered", ue->bindings != NULL);
	json_bool(o, "emergency", ue->emergency);
	json_open(o, "identities", '[');
	for (const struct binding *b = ue->bindings; b; b = b->next) {
		json_open(o, NULL, '{');
		json_text(o, "aor", b->aor);
		json_text(o, "contact", b->contact ? b->contact : "");
		json_number(o, "ends", seconds_to(b->ends));
		json_bool(o, "emergency", b->emergency);
		json_close(o, '}');
	}
	json_close(o, ']');
	json_text(o, "associated", ue->associated ? ue->associated : "");
	json_text(o, "service-route", ue->service_route ? ue->service_route : "");
	regevent_show(o, ue);
	json_number(o, "in-use", ue->in_use ? ue->in_use->id : 0);
	json_open(o, "sets", '[');
	for (const struct set *s = ue->sets; s; s = s->next)
		put_set(o, s);
	json_close(o, ']');
	json_close(o, '}');
}

static void put_ues(struct octets *o)
{
	json_open(o, NULL, '{');
	json_open(o, "ues", '[');
	for (const struct ue *ue = registrar_first(); ue; ue = ue->hh.next)
		put_ue(o, ue);
	json_close(o, ']');
	json_close(o, '}');
}

void control_reply(const struct config *cfg, const char *request, struct octets *out)
{
	if (!strcmp(request, "status")) {
		put_status(cfg, out);
	} else if (!strcmp(request, "ue")) {
		put_ues(out);
	} else {
		json_open(out, NULL, '{');
		json_text(out, "error", "unknown request; there are status and ue");
		json_close(out, '}');
	}
	octets_puts(out, "\n");
}
