// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Access without sec-agree.
 *
 * Which IMPIs have registered with SAs is remembered as hashes, in a table of
 * fixed size that is there only when a listener allows access without. The one
 * that registered longest ago makes room; who gets in has been authenticated,
 * so that strangers can neither fill the table nor put somebody else into it.
 * Over a restart those are remembered that are registered.
 */
#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"

#define WAYS 8

struct remembered {
	uint64_t key;		/* 0: none */
	uint64_t when;
};

static const struct config *config;
static struct remembered *table;
static size_t rows;

bool policy_reload(const struct config *cfg, bool *fresh)
{
	bool plain = false;

	*fresh = false;
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		plain |= cfg->gm[i].unprotected.family && !cfg->gm[i].secagree_required;
	if (!plain || table)
		return true;
	*fresh = true;
	rows = (cfg->remembered_impis + WAYS - 1) / WAYS;
	table = calloc(rows * WAYS, sizeof(*table));
	return table != NULL;
}

bool policy_init(const struct config *cfg)
{
	bool fresh;

	config = cfg;
	return policy_reload(cfg, &fresh);
}

void policy_exit(void)
{
	free(table);
	table = NULL;
	rows = 0;
}

static uint64_t key_of(struct str impi)
{
	uint64_t key = hash_octets(impi.p, impi.n);

	return key + !key;
}

/* The IMPI's place, or the one it would take. */
static struct remembered *find(uint64_t key)
{
	struct remembered *row = table + key % rows * WAYS, *oldest = row;

	for (unsigned int i = 0; i < WAYS; i++) {
		if (row[i].key == key)
			return &row[i];
		if (!row[i].key || row[i].when < oldest->when)
			oldest = &row[i];
		if (!row[i].key)
			break;
	}
	return oldest;
}

bool policy_plain(unsigned int gm, struct str impi)
{
	uint64_t key = key_of(impi);

	if (config->gm[gm].secagree_required)
		return false;
	return table && find(key)->key != key;
}

void policy_agreed(struct str impi)
{
	uint64_t key = key_of(impi);
	struct remembered *r;

	if (!table)
		return;
	r = find(key);
	r->key = key;
	r->when = clock_now();
}
