// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"
#include "control_match.h"
#include "control_ue.h"
#include "dialog.h"
#include "json.h"
#include "plain.h"
#include "regevent.h"
#include "sip_header.h"

static unsigned long long seconds_to(uint64_t when)
{
	uint64_t now = clock_now();

	return when > now ? (when - now) / 1000 : 0;
}

static unsigned long long seconds_since(uint64_t when)
{
	uint64_t now = clock_now();

	return now > when ? (now - when) / 1000 : 0;
}

bool control_is_emergency(const struct ue *ue)
{
	const struct binding *b;

	DL_FOREACH(ue->bindings, b)
		if (b->emergency)
			return true;
	return ue->emergency;
}

static void put_set(struct octets *o, const struct set *s)
{
	char name[SUITE_NAME];

	json_open(o, NULL, '{');
	json_number(o, "id", s->id);
	json_text(o, "state", set_state_name(s->state));
	json_text(o, "suite", suite_name(s->suite, name));
	json_text(o, "p-cscf", addr_host(&s->local));
	json_number(o, "port-uc", s->port_uc);
	json_number(o, "port-us", s->port_us);
	json_number(o, "port-pc", s->port_pc);
	json_number(o, "port-ps", s->port_ps);
	json_number(o, "spi-uc", s->spi_uc);
	json_number(o, "spi-us", s->spi_us);
	json_number(o, "spi-pc", s->spi_pc);
	json_number(o, "spi-ps", s->spi_ps);
	json_number(o, "began-on", s->origin);
	json_number(o, "ends", seconds_to(s->ends));
	json_close(o, '}');
}

static void put_dialog(struct octets *o, const struct dialog *d)
{
	json_open(o, NULL, '{');
	json_text(o, "method", sip_method_name(d->method));
	json_text(o, "from", d->from_ue ? "ue" : "core");
	json_text(o, "call-id", d->call_id);
	json_bool(o, "open", d->open);
	json_number(o, "idle", seconds_since(d->used));
	json_open(o, "legs", '[');
	for (const struct dialog_leg *leg = d->legs; leg; leg = leg->next) {
		json_open(o, NULL, '{');
		json_text(o, "tag", leg->tag);
		json_bool(o, "confirmed", leg->confirmed);
		if (leg->ends != UINT64_MAX)
			json_number(o, "ends", seconds_to(leg->ends));
		json_close(o, '}');
	}
	json_close(o, ']');
	json_close(o, '}');
}

static void put_dialogs(struct octets *o, const struct ue *ue)
{
	json_open(o, "dialogs", '[');
	for (const struct dialog *d = ue->dialogs; d; d = d->next)
		put_dialog(o, d);
	json_close(o, ']');
}

static void put_bindings(struct octets *o, const struct ue *ue)
{
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
}

static void put_name(struct octets *o, const struct ue *ue)
{
	json_open(o, NULL, '{');
	json_text(o, "impi", ue->impi);
	json_text(o, "address", addr_host(&ue->addr));
}

/* Without SAs its place is all that it is known by. */
static void put_access(struct octets *o, const struct ue *ue)
{
	const struct flow *place = plain_place(ue);

	json_bool(o, "sec-agree", !ue->plain);
	if (!place)
		return;
	json_open(o, "place", '{');
	json_text(o, "transport", place->tcp ? "tcp" : "udp");
	json_text(o, "remote", addr_text(&place->remote));
	json_close(o, '}');
}

void control_put_ue(struct octets *o, const struct ue *ue, bool whole)
{
	put_name(o, ue);
	json_text(o, "state", control_ue_state(ue));
	json_bool(o, "registered", ue->bindings != NULL);
	json_bool(o, "emergency", ue->emergency);
	put_access(o, ue);
	put_bindings(o, ue);
	json_text(o, "associated", ue->associated ? ue->associated : "");
	json_text(o, "service-route", ue->service_route ? ue->service_route : "");
	regevent_show(o, ue);
	json_number(o, "in-use", ue->in_use ? ue->in_use->id : 0);
	json_open(o, "sets", '[');
	for (const struct set *s = ue->sets; s; s = s->next)
		put_set(o, s);
	json_close(o, ']');
	json_number(o, "dialog-count", ue->n_dialogs);
	if (whole)
		put_dialogs(o, ue);
	json_close(o, '}');
}

void control_put_ended(struct octets *o, const struct ue *ue, bool ended)
{
	put_name(o, ue);
	json_bool(o, "emergency", control_is_emergency(ue));
	json_bool(o, "ended", ended);
	json_close(o, '}');
}
