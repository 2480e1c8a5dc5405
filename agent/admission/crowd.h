/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CROWD_H
#define _CROWD_H

#include "addr.h"
#include "hash.h"

/*
 * What senders that have not proved who they are hold of one kind: TEMP sets,
 * transactions, connections. When there are too many, the oldest of the source
 * that holds most makes room, so that whoever floods displaces
 * himself. Every step takes the same time, however many there are.
 */
struct crowd_source;

/* A member of what is held. */
struct crowd_entry {
	struct crowd_source *source;
	struct crowd_entry *prev, *next;	/* of its source, the most silent first */
};

/* Starts from {0}. */
struct crowd {
	unsigned int n;
	/* private */
	struct crowd_source *sources;		/* by address */
	struct crowd_source **by_n;		/* those that hold as many, the most silent first */
	unsigned int room, most;
};

/* False: out of memory, nothing was added. */
bool crowd_add(struct crowd *c, struct crowd_entry *e, const struct addr *from);
void crowd_remove(struct crowd *c, struct crowd_entry *e);

/* It was heard: to the end of the queue of those to go. */
void crowd_heard(struct crowd *c, struct crowd_entry *e);

/* The one to go; NULL: there is none. */
struct crowd_entry *crowd_victim(const struct crowd *c);

/* The one to go of the source of @from; NULL: it holds none. */
struct crowd_entry *crowd_oldest(const struct crowd *c, const struct addr *from);

/* How many the source of @from holds. */
unsigned int crowd_count(const struct crowd *c, const struct addr *from);

#endif
