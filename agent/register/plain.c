// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UEs without sec-agree: where they are, and how long that place is theirs.
 *
 * A place comes with a 200 OK of the core only: what strangers send makes none and moves
 * none. A phone that calls from another port, or over another connection, than it has
 * registered from is a stranger: behind one address there may be many.
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "notice.h"
#include "registrar_private.h"
#include "transport.h"

/* Hashed as octets. */
struct place {
	uint64_t conn;
	struct addr remote;
	uint8_t gm, tcp, none[2];
};

struct plain {
	struct flow at;			/* local.family 0: nowhere, it was not accepted yet */
	bool known;			/* by_place has it; not a connection of an earlier life */
	uint64_t lingers;		/* SIP time, 0: it does not */
	struct ue *ue;
	struct place place;
	UT_hash_handle hh;
};

static const struct config *config;
static struct plain *by_place;
static unsigned int on_gm[CONFIG_MAX_GM];

void plain_init(const struct config *cfg)
{
	config = cfg;
}

static struct place place_of(const struct flow *f)
{
	struct place p;

	memset(&p, 0, sizeof(p));
	p.gm = f->gm;
	p.tcp = f->tcp;
	if (f->tcp)
		p.conn = f->conn;
	else
		p.remote = f->remote;
	return p;
}

static struct plain *find(const struct flow *f)
{
	struct place place = place_of(f);
	struct plain *p;

	HASH_FIND(hh, by_place, &place, sizeof(place), p);
	return p;
}

struct ue *plain_at(const struct flow *f)
{
	struct plain *p = f->side == FLOW_GM ? find(f) : NULL;

	return p ? p->ue : NULL;
}

unsigned int plain_count(void)
{
	return HASH_COUNT(by_place);
}

unsigned int plain_count_of(uint8_t gm)
{
	return on_gm[gm];
}

bool plain_has_room(void)
{
	return plain_count() < config->limits.plain_ues;
}

bool plain_begin(struct ue *ue)
{
	ue->plain = calloc(1, sizeof(*ue->plain));
	if (ue->plain)
		ue->plain->ue = ue;
	return ue->plain;
}

static void leave_place(struct plain *p)
{
	if (!p->at.local.family)
		return;
	if (p->known) {
		HASH_DEL(by_place, p);
		transport_release(&p->at);
	}
	on_gm[p->at.gm]--;
	p->known = false;
	p->at.local.family = 0;
}

static void take_place(struct plain *p, const struct flow *at)
{
	p->at = *at;
	on_gm[at->gm]++;
	if (at->tcp && !at->conn)
		return;
	p->place = place_of(at);
	p->known = true;
	HASH_ADD(hh, by_place, place, sizeof(p->place), p);
	transport_hold(at);
}

void plain_free(struct ue *ue)
{
	if (!ue->plain)
		return;
	leave_place(ue->plain);
	free(ue->plain);
}

/* All it has registered, and its place with it where @at_once. */
static void end(struct ue *ue, bool at_once, const char *why)
{
	registrar_hold(ue);
	log_info("%s at %s, without SAs: its registration ends here, %s", ue->impi,
		 addr_host(&ue->addr), why);
	if (ue->bindings)
		notice_of(NOTICE_DEREGISTERED, ue->impi, 0, why);
	while (ue->bindings)
		registrar_free_binding(ue, ue->bindings);
	registrar_rebound(ue);
	if (at_once)
		plain_over(ue);
	registrar_release(ue);
}

static void move(struct ue *ue, const struct flow *from)
{
	struct plain *there = find(from);

	if (there == ue->plain)
		return;
	if (there)
		end(there->ue, true, "another subscriber has registered from its place");
	leave_place(ue->plain);
	take_place(ue->plain, from);
}

void plain_accepted(struct ue *ue, const struct flow *from, const struct registrar_accepted *a)
{
	move(ue, from);
	registrar_bind(ue, a);
	registrar_rebound(ue);
	registrar_unbind_elsewhere(ue, a);
}

void plain_deregistered(struct ue *ue, const struct registrar_accepted *a)
{
	registrar_unbind(ue, a);
	registrar_rebound(ue);
	registrar_unbind_elsewhere(ue, a);
}

void plain_upgraded(const struct ue *ue)
{
	struct ue *there = registrar_find(str_of(ue->impi), &ue->addr, REGISTRAR_PLAIN);

	/* One that is on its way to the core has nothing yet. */
	if (there && there->plain->at.local.family)
		end(there, true, "it has SAs now");
}

const struct flow *plain_place(const struct ue *ue)
{
	const struct plain *p = ue->plain;

	return p && p->at.local.family && (ue->bindings || p->lingers) ? &p->at : NULL;
}

bool plain_restore(struct ue *ue, const struct flow *at)
{
	struct flow f = *at;

	for (unsigned int i = 0; i < config->n_gm; i++) {
		const struct config_gm *gm = &config->gm[i];

		if (gm->secagree_required || !addr_same(&gm->unprotected, &at->local))
			continue;
		f.gm = (uint8_t)i;
		/* A connection has gone with the program: it will register over another. */
		f.conn = 0;
		if (find(&f))
			return false;
		take_place(ue->plain, &f);
		return true;
	}
	return false;
}

void plain_reload(void)
{
	for (struct ue *ue = registrar_first(), *next; ue; ue = next) {
		const struct plain *p = ue->plain;

		next = ue->hh.next;
		if (p && p->at.local.family && config->gm[p->at.gm].secagree_required)
			end(ue, true, "its listener requires sec-agree now");
	}
}

void plain_rebound(struct ue *ue, uint64_t drain)
{
	struct plain *p = ue->plain;

	if (!p)
		return;
	if (ue->bindings) {
		p->lingers = 0;
		return;
	}
	if (!p->at.local.family)
		return;
	if (!p->lingers)
		p->lingers = clock_now() + drain;
	clock_set_at(&ue->timer, p->lingers);
}

void plain_over(struct ue *ue)
{
	if (!ue->plain)
		return;
	ue->plain->lingers = 0;
	clock_stop(&ue->timer);
	leave_place(ue->plain);
}

bool plain_lingers(const struct ue *ue)
{
	return ue->plain && ue->plain->lingers;
}
