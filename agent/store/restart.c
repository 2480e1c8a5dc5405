// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the registrar to the store and, at the next start, back.
 *
 * The unit is the UE: one record holds its sets, their states and its
 * bindings, and is written as a whole, so that no half of a change can be
 * found.  What the kernel does is done before what it means is stored.  A
 * SIGKILL in between leaves a set nobody knows, which is deleted and whose 401
 * never left; or a record of sets that are gone, or not yet promoted, whose
 * 200 OK never left: the UE repeats its REGISTER.
 */
#include "restart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "plain.h"
#include "policy.h"
#include "restart_dialog.h"
#include "restart_invite.h"
#include "spi.h"
#include "store.h"
#include "store_record.h"

/* Records that are refused, of which a line each is logged. */
#define LOGGED 10

struct restart_stats restart_stats;

/* --- to the store --- */

static void describe_sets(const struct ue *ue, struct store_ue *r)
{
	for (const struct set *s = ue->sets; s && r->n_sets < STORE_SETS; s = s->next)
		r->sets[r->n_sets++] = (struct store_set){
			.id = s->id, .cookie = s->cookie, .state = s->state, .local = s->local,
			.port_uc = s->port_uc, .port_us = s->port_us,
			.port_pc = s->port_pc, .port_ps = s->port_ps,
			.spi_uc = s->spi_uc, .spi_us = s->spi_us,
			.spi_pc = s->spi_pc, .spi_ps = s->spi_ps,
			.suite = s->suite, .origin = s->origin,
			.ends = clock_to_boot(s->ends),
			.client = str_of(s->client), .server = str_of(s->server),
		};
}

static void describe_bindings(const struct ue *ue, struct store_ue *r)
{
	const struct binding *b = ue->bindings;

	for (; b && r->n_bindings < STORE_BINDINGS; b = b->next)
		r->bindings[r->n_bindings++] = (struct store_binding){
			.aor = str_of(b->aor), .contact = str_of(b->contact),
			.associated = str_of(b->associated),
			.ends = clock_to_boot(b->ends), .emergency = b->emergency,
		};
}

static void put_ue(const struct ue *ue)
{
	const struct flow *place = plain_place(ue);
	static struct store_ue r;	/* some KiB */
	struct octets value = { 0 };

	r.impi = str_of(ue->impi);
	r.addr = ue->addr;
	r.service_route = str_of(ue->service_route);
	r.emergency = ue->emergency;
	r.in_use = ue->in_use ? ue->in_use->id : 0;
	r.n_sets = r.n_bindings = 0;
	r.plain = place != NULL;
	if (place)
		r.place = *place;
	describe_sets(ue, &r);
	describe_bindings(ue, &r);
	store_ue_write(&value, &r);
	if (value.failed)
		log_error("out of memory: %s is not stored", ue->impi);
	else
		store_put(STORE_UE, str_of(ue->token), octets_str(&value));
	octets_free(&value);
}

void restart_changed(const struct ue *ue)
{
	if (ue->sets || ue->bindings)
		put_ue(ue);
	else
		store_del(STORE_UE, str_of(ue->token));
	store_commit();
}

/*
 * Not committed here: an SPI leaves its set and goes into quarantine with one
 * commit, that of its UE.
 */
static void put_spi(uint32_t spi, uint64_t free_at)
{
	struct octets value = { 0 };
	char key[4];

	store_spi_key(spi, key);
	store_spi_write(&value, clock_to_boot(free_at));
	store_put(STORE_SPI, (struct str){ key, sizeof(key) }, octets_str(&value));
	octets_free(&value);
}

static void del_spi(uint32_t spi)
{
	char key[4];

	store_spi_key(spi, key);
	store_del(STORE_SPI, (struct str){ key, sizeof(key) });
}

/* --- from the kernel --- */

/* A set the kernel has. */
struct found {
	uint32_t id;
	struct gate_set set;
	bool adopted;
	UT_hash_handle hh;
};

struct spis {
	struct quarantined {
		uint32_t spi;
		uint64_t free_at;
	} *spi;
	size_t n, room;
};

struct adopting {
	const struct restart_config *cfg;
	struct found *found;
	struct spis quarantine;		/* as stored */
	struct spis ended;		/* of sets that are no more */
};

static void remember_spi(struct spis *l, uint32_t spi, uint64_t free_at)
{
	if (l->n == l->room) {
		size_t room = l->room ? 2 * l->room : 256;
		void *bigger = reallocarray(l->spi, room, sizeof(*l->spi));

		/* Without quarantine it is one of a range of millions, drawn at random. */
		if (!bigger)
			return;
		l->spi = bigger;
		l->room = room;
	}
	l->spi[l->n++] = (struct quarantined){ spi, free_at };
}

static int take_set(const struct gate_set *s, void *arg)
{
	struct adopting *a = arg;
	struct found *f = calloc(1, sizeof(*f)), *before;

	if (!f)
		return -ENOMEM;
	f->id = s->id;
	f->set = *s;
	HASH_REPLACE(hh, a->found, id, sizeof(f->id), f, before);
	free(before);
	return 0;
}

static int list_sets(struct adopting *a, char *err)
{
	const struct restart_config *cfg = a->cfg;
	struct gate_error why = { 0 };

	for (unsigned int i = 0; i < cfg->n_endpoints; i++) {
		int ret = cfg->kernel.list(cfg->kernel.ctx, cfg->endpoints[i].id, take_set, a,
					   &why);

		if (ret) {
			snprintf(err, STORE_ERROR, "cannot list the kernel's sets: %s",
				 why.line[0] ? why.line : strerror(-ret));
			return -1;
		}
	}
	return 0;
}

/* Those nobody has adopted. Nothing is left of the list. */
static void delete_strays(struct adopting *a)
{
	const struct restart_config *cfg = a->cfg;
	struct found *f, *next;

	HASH_ITER(hh, a->found, f, next) {
		struct gate_error why = { 0 };
		int ret = 0;

		if (!f->adopted) {
			restart_stats.strays++;
			log_debug("deleting set %u of %s, of which nothing is stored", f->id,
				 addr_host(&f->set.ue));
			ret = cfg->kernel.del(cfg->kernel.ctx, f->id, &why);
			/* The UE may go on to send on it for a while. */
			remember_spi(&a->ended, f->set.spi_pc, 0);
			remember_spi(&a->ended, f->set.spi_ps, 0);
		}
		if (ret && ret != -ENOENT)
			log_error("cannot delete set %u: %s", f->id,
				  why.line[0] ? why.line : strerror(-ret));
		HASH_DEL(a->found, f);
		free(f);
	}
}

static bool same_ports(const struct gate_set *k, const struct store_set *s)
{
	return k->port_uc == s->port_uc && k->port_us == s->port_us &&
	       k->port_pc == s->port_pc && k->port_ps == s->port_ps;
}

static bool same_spis(const struct gate_set *k, const struct store_set *s)
{
	return k->spi_uc == s->spi_uc && k->spi_us == s->spi_us &&
	       k->spi_pc == s->spi_pc && k->spi_ps == s->spi_ps;
}

/* The endpoint of a set as it is configured now: its index, or -1. */
static int find_endpoint(const struct adopting *a, const struct gate_set *k,
			 const struct store_set *s)
{
	for (unsigned int i = 0; i < a->cfg->n_endpoints; i++) {
		const struct set_endpoint *e = &a->cfg->endpoints[i];

		if (e->id != k->endpoint || e->port_s != s->port_ps ||
		    !addr_same_ip(&e->local, &s->local))
			continue;
		for (unsigned int j = 0; j < e->n_port_c; j++)
			if (e->port_c[j] == s->port_pc)
				return (int)i;
	}
	return -1;
}

/* The same set in the kernel, NULL: lost. The cookie tells it from one of a module loaded anew. */
static struct found *find_same(const struct adopting *a, const struct store_ue *ue,
			       const struct store_set *s, uint8_t *gm)
{
	struct found *f;
	int i;

	HASH_FIND(hh, a->found, &s->id, sizeof(s->id), f);
	if (!f || f->adopted || f->set.cookie != s->cookie ||
	    !addr_same_ip(&f->set.ue, &ue->addr) || !suite_same(f->set.suite, s->suite) ||
	    !same_ports(&f->set, s) || !same_spis(&f->set, s))
		return NULL;
	/* The kernel promotes before we store: it is as far, or one step ahead. */
	if (f->set.state == GMGATE_SET_STATE_TEMPORARY && s->state != SET_TEMP)
		return NULL;
	i = find_endpoint(a, &f->set, s);
	if (i < 0)
		return NULL;
	*gm = (uint8_t)i;
	return f;
}

/* --- from the store --- */

static void refuse(const char *what, const char *why)
{
	if (restart_stats.refused++ < LOGGED)
		log_warning("a record of the store, %s, is refused: %s", what, why);
}

/* Sorted later: the quarantine ends in the order in which it is entered. */
static void restore_spi(struct str key, struct str value, void *arg)
{
	struct adopting *a = arg;
	uint64_t boot = 0, free_at;
	uint32_t spi;
	const char *why = store_spi_read(key, value, &spi, &boot);

	if (why) {
		refuse("an SPI", why);
		return;
	}
	free_at = clock_from_boot(boot);
	if (free_at > clock_now())
		remember_spi(&a->quarantine, spi, free_at);
}

static int by_freedom(const void *a, const void *b)
{
	const struct quarantined *x = a, *y = b;

	return x->free_at < y->free_at ? -1 : x->free_at > y->free_at;
}

static void quarantine_all(struct adopting *a)
{
	struct spis *l = &a->quarantine;

	if (l->n)
		qsort(l->spi, l->n, sizeof(*l->spi), by_freedom);
	for (size_t i = 0; i < l->n; i++)
		spi_quarantine(l->spi[i].spi, l->spi[i].free_at);
	free(l->spi);
}

/* After every set has its own: a record that is out of date may name them, too. */
static void quarantine_ended(struct adopting *a)
{
	for (size_t i = 0; i < a->ended.n; i++)
		if (spi_claim(a->ended.spi[i].spi))
			spi_give_back(a->ended.spi[i].spi);
	free(a->ended.spi);
}

/* Leaves those sets in @r that the kernel has. */
static void drop_lost(struct adopting *a, struct store_ue *r,
		      struct found *same[STORE_SETS], uint8_t gm[STORE_SETS])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->n_sets; i++) {
		const struct store_set *s = &r->sets[i];
		struct found *f = find_same(a, r, s, &gm[n]);

		if (f) {
			same[n] = f;
			r->sets[n++] = *s;
			continue;
		}
		restart_stats.lost++;
		log_debug("%.*s at %s: set %u is not in the kernel any more", STR_ARG(r->impi),
			 addr_host(&r->addr), s->id);
		remember_spi(&a->ended, s->spi_pc, 0);
		remember_spi(&a->ended, s->spi_ps, 0);
	}
	r->n_sets = n;
}

static void restore_ue(struct str key, struct str value, void *arg)
{
	static struct store_ue r;	/* some KiB */
	struct found *same[STORE_SETS];
	struct adopting *a = arg;
	uint8_t gm[STORE_SETS];
	const char *why = store_ue_read(key, value, &r);

	if (why) {
		refuse("a UE", why);
		return;
	}
	drop_lost(a, &r, same, gm);
	if (!r.n_sets && !r.n_bindings)
		return;
	if (!registrar_restore(&r, gm)) {
		refuse("a UE", r.plain ? "its listener takes none without SAs, or has one there" :
				"it is there twice, or no memory is left");
		return;
	}
	restart_stats.ues++;
	if (r.n_bindings && !r.plain)
		policy_agreed(r.impi);
	for (unsigned int i = 0; i < r.n_sets; i++) {
		if (!set_find(r.sets[i].id))
			continue;
		restart_stats.sets++;
		same[i]->adopted = true;
	}
}

/* After the UEs: one whose UE is not there has ended with it. */
static void restore_dialog(struct str key, struct str value, void *arg)
{
	const char *why;

	(void)arg;
	switch (restart_dialog(key, value, &why)) {
	case RESTART_DIALOG_THERE:
		restart_stats.dialogs++;
		break;
	case RESTART_DIALOG_REFUSED:
		refuse("a dialog", why);
		break;
	case RESTART_DIALOG_OVER:
		break;
	}
}

/* After the dialogs, for one of which it is. */
static void restore_invite(struct str key, struct str value, void *arg)
{
	const char *why;

	(void)arg;
	switch (restart_invite(key, value, &why)) {
	case RESTART_INVITE_THERE:
		restart_stats.invites++;
		break;
	case RESTART_INVITE_REFUSED:
		refuse("an INVITE", why);
		break;
	case RESTART_INVITE_OVER:
		break;
	}
}

/* One row for each kind; what comes later may rely on what came before. */
static const struct {
	uint8_t type;
	store_fn *restore;
	void (*done)(struct adopting *a);	/* all of the kind are there; may be NULL */
} restorers[] = {
	{ STORE_SPI, restore_spi, quarantine_all },
	{ STORE_UE, restore_ue, NULL },
	{ STORE_DIALOG, restore_dialog, NULL },
	{ STORE_INVITE, restore_invite, NULL },
};

static const char known[] = { STORE_HEAD, STORE_SPI, STORE_UE, STORE_DIALOG, STORE_INVITE, '\0' };

int restart_adopt(const struct restart_config *cfg, char *err)
{
	const struct spi_watch watch = { .quarantined = put_spi, .released = del_spi };
	struct adopting a = { .cfg = cfg };
	unsigned int n;

	memset(&restart_stats, 0, sizeof(restart_stats));
	spi_watch(&watch);
	restart_watch_dialogs();
	restart_watch_invites();
	if (list_sets(&a, err)) {
		/* Nothing is deleted of what may still be good. */
		while (a.found) {
			struct found *f = a.found;

			HASH_DEL(a.found, f);
			free(f);
		}
		return -1;
	}
	for (size_t i = 0; i < sizeof(restorers) / sizeof(restorers[0]); i++) {
		store_each(restorers[i].type, restorers[i].restore, &a);
		if (restorers[i].done)
			restorers[i].done(&a);
	}
	if (!set_adopted())
		log_error("out of memory: some temporary sets will not make room for others");
	delete_strays(&a);
	quarantine_ended(&a);
	n = store_unknown(known);
	if (n)
		log_warning("%u records of the store are of kinds of another version", n);
	log_info("taken over: %u UEs with %u sets, %u dialogs, %u INVITEs; %u sets lost, %u deleted, "
		 "%u records refused", restart_stats.ues, restart_stats.sets,
		 restart_stats.dialogs, restart_stats.invites, restart_stats.lost, restart_stats.strays,
		 restart_stats.refused);
	return store_begin(err);
}
