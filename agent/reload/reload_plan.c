// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The difference of two configurations.  Pure: nothing is opened here.
 *
 * An address comes or goes as a whole.  What one has for its whole life (ports, device)
 * does not change under it: its sets, Paths and dialogs have them.
 */
#include "reload_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool same_link(const struct config_link *a, const struct config_link *b)
{
	return !strcmp(a->device, b->device) && a->dscp == b->dscp;
}

/* But for what is asked anew with each REGISTER, and what the kernel can switch. */
static bool same_gm(const struct config_gm *a, const struct config_gm *b)
{
	return addr_same(&a->unprotected, &b->unprotected) && a->port_s == b->port_s &&
	       a->n_port_c == b->n_port_c &&
	       !memcmp(a->port_c, b->port_c, a->n_port_c * sizeof(a->port_c[0])) &&
	       a->local_in == b->local_in && a->relaxed == b->relaxed &&
	       same_link(&a->link, &b->link);
}

static struct config_gm *find_gm(struct config_gm *list, unsigned int n, const struct addr *a)
{
	for (unsigned int i = 0; i < n; i++)
		if (list[i].unprotected.family && addr_same_ip(&list[i].unprotected, a))
			return &list[i];
	return NULL;
}

__attribute__((format(printf, 2, 3)))
static void keep(const struct reload_plan *plan, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	plan->kept(text, plan->arg);
}

/* What becomes of the address at place @i, which is there now. */
static void settle_gm(const struct config_gm *now, unsigned int i, struct config_gm *wanted,
		      unsigned int n, struct config_gm *to, struct reload_plan *plan)
{
	struct config_gm *w = find_gm(wanted, n, &now->unprotected);
	unsigned int sets, callers, plain;

	if (w) {
		*to = *now;
		to->secagree_required = w->secagree_required;
		to->unregistered = w->unregistered;
		to->key_export = w->key_export;
		if (!same_gm(now, w))
			keep(plan, "gm (%s: only sec-agree-required, emergency-unregistered and key-export can change)",
			     addr_host(&now->unprotected));
		w->unprotected.family = 0;	/* has its place */
		return;
	}
	sets = plan->sets(i);
	callers = plan->callers(i);
	plain = plan->plain(i);
	if (sets) {
		*to = *now;
		keep(plan, "gm (%s: has %u SA sets)", addr_host(&now->unprotected), sets);
	} else if (callers) {
		*to = *now;
		keep(plan, "gm (%s: has %u emergency calls)", addr_host(&now->unprotected),
		     callers);
	} else if (plain) {
		*to = *now;
		keep(plan, "gm (%s: has %u UEs without sec-agree)", addr_host(&now->unprotected),
		     plain);
	} else if (now->unprotected.family) {
		plan->close_gm |= 1u << i;
	}
}

/* Behind all others first: a place that was left may still be named by an answer. */
static int find_place(const struct config_gm *list, unsigned int *n)
{
	if (*n < CONFIG_MAX_GM)
		return (int)(*n)++;
	for (unsigned int i = 0; i < CONFIG_MAX_GM; i++)
		if (!list[i].unprotected.family)
			return (int)i;
	return -1;
}

static int plan_gm(const struct config *now, struct config *next, struct reload_plan *plan,
		   char *err)
{
	struct config_gm wanted[CONFIG_MAX_GM], to[CONFIG_MAX_GM] = { 0 };
	unsigned int n_wanted = next->n_gm, n = now->n_gm;

	memcpy(wanted, next->gm, sizeof(wanted));
	for (unsigned int i = 0; i < now->n_gm; i++)
		if (now->gm[i].unprotected.family)
			settle_gm(&now->gm[i], i, wanted, n_wanted, &to[i], plan);
	for (unsigned int i = 0; i < n_wanted; i++) {
		int place;

		if (!wanted[i].unprotected.family)
			continue;
		place = find_place(to, &n);
		if (place < 0) {
			snprintf(err, CONFIG_ERROR, "gm: at most %d addresses, with those that have "
				 "to stay", CONFIG_MAX_GM);
			return -1;
		}
		to[place] = wanted[i];
		plan->open_gm |= 1u << place;
	}
	memcpy(next->gm, to, sizeof(to));
	next->n_gm = n;
	return 0;
}

static int find_mw(const struct config *cfg, const struct addr *a)
{
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		if (addr_same(&cfg->mw[i], a))
			return (int)i;
	return -1;
}

/* The Path and the Record-Route that the core has name it. */
static const char *why_mw_stays(const struct config *now, const struct config *next,
				const struct reload_plan *plan)
{
	for (unsigned int i = 0; i < now->n_mw; i++) {
		int there = find_mw(next, &now->mw[i]);

		if (there >= 0 && !same_link(&now->mw_link[i], &next->mw_link[there]))
			return "mw (device and dscp of an address cannot change)";
		if (there < 0 && plan->ues())
			return "mw (an address cannot go while UEs are there)";
	}
	return NULL;
}

static void plan_mw(const struct config *now, struct config *next, struct reload_plan *plan)
{
	const char *why = why_mw_stays(now, next, plan);

	if (why) {
		keep(plan, "%s", why);
		next->n_mw = now->n_mw;
		memcpy(next->mw, now->mw, sizeof(next->mw));
		memcpy(next->mw_link, now->mw_link, sizeof(next->mw_link));
	}
	for (unsigned int i = 0; i < next->n_mw; i++)
		if (find_mw(now, &next->mw[i]) < 0)
			plan->open_mw |= 1u << i;
}

int reload_plan(const struct config *now, struct config *next, struct reload_plan *plan, char *err)
{
	char why[CONFIG_ERROR];

	config_keep(now, next, plan->kept, plan->arg);
	if (plan_gm(now, next, plan, err))
		return -1;
	plan_mw(now, next, plan);
	if (!config_check(next, why))
		return 0;
	snprintf(err, CONFIG_ERROR, "with what has to stay until a restart, %.800s", why);
	return -1;
}
