// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What gmctl is told: the agent's own view.  The kernel's view gmctl asks the
 * kernel for.
 */
#include "control_reply.h"

#include <stdio.h>

#include "admission.h"
#include "caller.h"
#include "clock.h"
#include "dns.h"
#include "health.h"
#include "json.h"
#include "kernel.h"
#include "nexthop.h"
#include "proxy.h"
#include "regevent.h"
#include "register.h"
#include "registrar.h"
#include "restart.h"
#include "sip.h"
#include "spi.h"
#include "store.h"
#include "tcp.h"
#include "transaction.h"
#include "transport.h"
#include "udp.h"

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

static void put_register(struct octets *o)
{
	const struct register_stats *r = &register_stats;

	json_open(o, "register", '{');
	json_number(o, "requests", r->requests);
	json_number(o, "challenges", r->challenges);
	json_number(o, "registrations", r->registrations);
	json_number(o, "de-registrations", r->deregistrations);
	json_number(o, "refused", r->refused);
	json_number(o, "no-keys", r->no_keys);
	json_number(o, "no-set", r->no_set);
	json_number(o, "core-silent", r->timeouts);
	json_number(o, "overload", r->overload);
	json_close(o, '}');
}

/* What was dropped before it was parsed, by reason. */
static void put_unreadable(struct octets *o)
{
	json_open(o, "unreadable-by", '{');
	for (unsigned int i = SIP_GATE_SHORT; i < SIP_GATE_RESULTS; i++)
		json_number(o, sip_gate_name(i), sip_stats.gate[i]);
	json_close(o, '}');
}

static void put_admission(struct octets *o)
{
	const struct admission_stats *a = &admission_stats;

	json_open(o, "rates", '{');
	json_number(o, "beyond-source", a->source);
	json_number(o, "beyond-all", a->all);
	json_number(o, "beyond-impi", a->impi);
	json_number(o, "beyond-emergency", a->emergency);
	json_number(o, "connections-refused", a->connections);
	json_number(o, "answered-503", a->answered);
	json_number(o, "dropped", a->dropped);
	json_number(o, "displaced", admission_displaced());
	json_close(o, '}');
}

static void put_reg_event(struct octets *o)
{
	const struct regevent_stats *r = &regevent_stats;

	json_open(o, "reg-event", '{');
	json_number(o, "subscriptions", r->subscriptions);
	json_number(o, "sent", r->sent);
	json_number(o, "refused", r->refused);
	json_number(o, "silent", r->silent);
	json_number(o, "notified", r->notified);
	json_number(o, "notified-stale", r->stale);
	json_number(o, "notified-bad", r->bad);
	json_number(o, "notified-unknown", r->unknown);
	json_close(o, '}');
}

static void put_messages(struct octets *o)
{
	json_open(o, "messages", '{');
	json_number(o, "received", sip_stats.received);
	json_number(o, "keepalives", sip_stats.keepalives);
	json_number(o, "unreadable", sip_stats.unreadable);
	json_number(o, "malformed", sip_stats.malformed);
	json_number(o, "not-on-temporary", sip_stats.not_on_temporary);
	json_number(o, "unprotected-refused", sip_stats.unprotected);
	json_number(o, "untrusted", transport_stats.untrusted);
	json_number(o, "foreign-set", transport_stats.foreign_set);
	json_close(o, '}');
}

static void put_proxy(struct octets *o)
{
	const struct proxy_stats p = proxy_stats_now();

	json_open(o, "proxy", '{');
	json_number(o, "from-ue", p.from_ue);
	json_number(o, "from-core", p.from_core);
	json_number(o, "open", p.open);
	json_number(o, "dialogs", p.dialogs);
	json_number(o, "refused", p.refused);
	json_number(o, "unregistered", p.unregistered);
	json_number(o, "unknown-token", p.unknown_token);
	json_number(o, "no-dialog", p.no_dialog);
	json_number(o, "foreign-dialog", p.foreign_dialog);
	json_number(o, "rerouted", p.rerouted);
	json_number(o, "emergency", p.emergency);
	json_number(o, "alternative", p.alternative);
	json_number(o, "caller-attempts", caller_stats.attempts);
	json_number(o, "caller-calls", caller_stats.calls);
	json_number(o, "callers-displaced", caller_stats.displaced);
	json_number(o, "callers-refused", caller_stats.refused);
	json_number(o, "restored", p.restored);
	json_number(o, "timeouts", p.timeouts);
	json_number(o, "unreachable", p.unreachable);
	json_close(o, '}');
}

static void put_transports(struct octets *o)
{
	json_open(o, "udp", '{');
	json_number(o, "no-set", udp_stats.no_set);
	json_number(o, "too-long", udp_stats.too_long);
	json_number(o, "wrong-address", udp_stats.wrong_address);
	json_number(o, "send-failed", udp_stats.send_failed);
	json_number(o, "bounced", udp_stats.bounced);
	json_close(o, '}');
	json_open(o, "tcp", '{');
	json_number(o, "open", tcp_stats.open);
	json_number(o, "unproven", tcp_stats.unproven);
	json_number(o, "accepted", tcp_stats.accepted);
	json_number(o, "refused", tcp_stats.refused);
	json_number(o, "no-set", tcp_stats.no_set);
	json_number(o, "displaced", tcp_stats.displaced);
	json_number(o, "idle", tcp_stats.idle);
	json_number(o, "malformed", tcp_stats.malformed);
	json_number(o, "overflow", tcp_stats.overflow);
	json_number(o, "stuck", tcp_stats.stuck);
	json_number(o, "paused", tcp_stats.paused);
	json_close(o, '}');
}

static void put_transactions(struct octets *o)
{
	const struct transaction_stats *t = &transaction_stats;

	json_open(o, "transactions", '{');
	json_number(o, "server", t->server);
	json_number(o, "client", t->client);
	json_number(o, "unproven", t->unproven);
	json_number(o, "retransmitted", t->retransmitted);
	json_number(o, "displaced", t->displaced);
	json_number(o, "stray-answers", t->stray_answers);
	json_number(o, "timeouts", t->timeouts);
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

static void put_core(struct octets *o)
{
	json_open(o, "core", '{');
	json_number(o, "fail-overs", nexthop_stats.fail_overs);
	json_number(o, "exhausted", nexthop_stats.exhausted);
	json_number(o, "paused", nexthop_stats.paused);
	json_number(o, "untrusted", nexthop_stats.untrusted);
	json_number(o, "waiting", nexthop_stats.waiting);
	json_number(o, "failures", health_stats.failures);
	json_number(o, "probes", health_stats.probes);
	json_open(o, "avoided", '[');
	health_list(put_node, o);
	json_close(o, ']');
	json_close(o, '}');
	json_open(o, "dns", '{');
	json_number(o, "queries", dns_stats.queries);
	json_number(o, "answers", dns_stats.answers);
	json_number(o, "failures", dns_stats.failures);
	json_number(o, "refused", dns_stats.refused);
	json_number(o, "stale", dns_stats.stale);
	json_number(o, "cached", dns_stats.cached);
	json_number(o, "outstanding", dns_stats.outstanding);
	json_close(o, '}');
}

static void put_kernel(struct octets *o)
{
	json_open(o, "kernel", '{');
	json_number(o, "expired", kernel_stats.expired);
	json_number(o, "icv-failures", kernel_stats.icv_failures);
	json_number(o, "unknown-spi", kernel_stats.unknown_spi);
	json_number(o, "overflows", kernel_stats.overflows);
	json_number(o, "strays", kernel_stats.strays);
	json_close(o, '}');
}

static void put_store(struct octets *o)
{
	json_open(o, "store", '{');
	json_number(o, "commits", store_stats.commits);
	json_number(o, "failed", store_stats.failed);
	json_number(o, "unsaved", store_stats.unsaved);
	json_close(o, '}');
	json_open(o, "restart", '{');
	json_number(o, "ues", restart_stats.ues);
	json_number(o, "sets", restart_stats.sets);
	json_number(o, "dialogs", restart_stats.dialogs);
	json_number(o, "invites", restart_stats.invites);
	json_number(o, "lost", restart_stats.lost);
	json_number(o, "strays", restart_stats.strays);
	json_number(o, "refused", restart_stats.refused);
	json_close(o, '}');
}

static void put_status(const struct config *cfg, struct octets *o)
{
	json_open(o, NULL, '{');
	json_number(o, "instance", cfg->instance);
	json_number(o, "up", clock_now() / 1000);
	json_number(o, "clock-scale", cfg->scale);
	put_gm(o, cfg);
	json_number(o, "ues", registrar_count());
	json_number(o, "sets", set_count());
	json_number(o, "temporary-sets", set_count_temporary());
	json_number(o, "spis", spi_in_use());
	json_number(o, "spis-in-quarantine", spi_in_quarantine());
	put_register(o);
	put_reg_event(o);
	put_messages(o);
	put_proxy(o);
	put_unreadable(o);
	put_admission(o);
	put_transactions(o);
	put_transports(o);
	put_core(o);
	put_kernel(o);
	put_store(o);
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
