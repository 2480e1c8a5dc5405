// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trusted peers.  An address that was learned is forgotten an hour after the DNS
 * named it last, which is the longest that answers are kept; the oldest makes
 * room.
 */
#include "trust.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "log.h"

#define LEARNED 256
#define LEARNED_MS 3600000

struct learned {
	struct addr addr;	/* port 0 */
	uint64_t ends;
	UT_hash_handle hh;	/* in the order they were learned */
};

static const struct config *config;
static struct learned *learned;

void trust_init(const struct config *cfg)
{
	config = cfg;
}

static void forget(struct learned *l)
{
	HASH_DEL(learned, l);
	free(l);
}

void trust_unlearn(void)
{
	while (learned)
		forget(learned);
}

void trust_exit(void)
{
	trust_unlearn();
}

static struct learned *find(const struct addr *peer)
{
	struct addr key = *peer;
	struct learned *l;

	key.port = 0;
	HASH_FIND(hh, learned, &key, sizeof(key), l);
	return l;
}

bool trust_has(const struct addr *peer)
{
	const struct learned *l;

	for (unsigned int i = 0; i < config->n_trusted; i++)
		if (addr_prefix_has(&config->trusted[i], peer))
			return true;
	l = find(peer);
	return l && clock_now() < l->ends;
}

void trust_learn(const struct addr *peer)
{
	struct learned *l = find(peer);

	if (!config->dns.trust)
		return;
	if (l) {
		HASH_DEL(learned, l);
	} else {
		l = calloc(1, sizeof(*l));
		if (!l)
			return;
		l->addr = *peer;
		l->addr.port = 0;
		log_info("core: %s is a trusted peer, the DNS names it", addr_host(peer));
	}
	if (HASH_COUNT(learned) >= LEARNED)
		forget(learned);
	l->ends = clock_now() + LEARNED_MS;
	HASH_ADD(hh, learned, addr, sizeof(l->addr), l);
}
