// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sources are kept in lists by how many entries they hold, so that the one
 * that holds most is found at once. A source is here while it holds something;
 * the memory is bounded by what the owners let exist.
 */
#include "crowd.h"

#include <stdlib.h>
#include <string.h>

struct crowd_source {
	struct addr addr;
	unsigned int n;
	struct crowd_entry *entries;
	struct crowd_source *prev, *next;	/* in by_n[n] */
	UT_hash_handle hh;
};

static struct crowd_source *find(const struct crowd *c, const struct addr *from)
{
	struct addr key = addr_source(from);
	struct crowd_source *s;

	HASH_FIND(hh, c->sources, &key, sizeof(key), s);
	return s;
}

/* by_n[n] can be written. */
static bool make_room(struct crowd *c, unsigned int n)
{
	unsigned int room = c->room ? c->room : 16;
	struct crowd_source **by_n;

	while (room <= n)
		room *= 2;
	if (room == c->room)
		return true;
	by_n = realloc(c->by_n, room * sizeof(struct crowd_source *));
	if (!by_n)
		return false;
	memset(by_n + c->room, 0, (room - c->room) * sizeof(struct crowd_source *));
	c->by_n = by_n;
	c->room = room;
	return true;
}

/* From the list of @s->n to the end of that of @n; 0: none. */
static void move(struct crowd *c, struct crowd_source *s, unsigned int n)
{
	if (s->n)
		DL_DELETE(c->by_n[s->n], s);
	s->n = n;
	if (n)
		DL_APPEND(c->by_n[n], s);
	if (n > c->most)
		c->most = n;
	while (c->most && !c->by_n[c->most])
		c->most--;
}

bool crowd_add(struct crowd *c, struct crowd_entry *e, const struct addr *from)
{
	struct crowd_source *s = find(c, from);

	if (!make_room(c, (s ? s->n : 0) + 1))
		return false;
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return false;
		s->addr = addr_source(from);
		HASH_ADD(hh, c->sources, addr, sizeof(s->addr), s);
	}
	e->source = s;
	DL_APPEND(s->entries, e);
	move(c, s, s->n + 1);
	c->n++;
	return true;
}

void crowd_remove(struct crowd *c, struct crowd_entry *e)
{
	struct crowd_source *s = e->source;

	DL_DELETE(s->entries, e);
	e->source = NULL;
	move(c, s, s->n - 1);
	if (!s->n) {
		HASH_DEL(c->sources, s);
		free(s);
	}
	if (--c->n)
		return;
	free(c->by_n);
	c->by_n = NULL;
	c->room = 0;
}

void crowd_heard(struct crowd *c, struct crowd_entry *e)
{
	DL_DELETE(e->source->entries, e);
	DL_APPEND(e->source->entries, e);
	move(c, e->source, e->source->n);
}

struct crowd_entry *crowd_victim(const struct crowd *c)
{
	return c->most ? c->by_n[c->most]->entries : NULL;
}

struct crowd_entry *crowd_oldest(const struct crowd *c, const struct addr *from)
{
	const struct crowd_source *s = find(c, from);

	return s ? s->entries : NULL;
}

unsigned int crowd_count(const struct crowd *c, const struct addr *from)
{
	const struct crowd_source *s = find(c, from);

	return s ? s->n : 0;
}
