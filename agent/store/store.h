/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_H
#define _STORE_H

#include "octets.h"

/*
 * What outlives the program: octets by kind and key, in a file of memory
 * (tmpfs), of the kernel that is running now.  What the octets mean is
 * store_record.h's.
 *
 * The order of a life:
 *
 *   store_open()     what an earlier life left is read, as a whole or not at all
 *   store_each()     it is looked at, and store_put() again if it still holds
 *   store_begin()    a new file takes the place of the old one
 *   store_put(), store_del(), store_commit() ...
 *   store_close()
 *
 * What cannot be written (no room) is kept in memory and tried again, at each
 * commit and every second; meanwhile all goes on.  Closed, and never opened,
 * it takes everything and keeps nothing.
 */

#define STORE_ERROR 512

/**
 * store_open - lock the store and read what an earlier life left there
 * @path: its file; PATH.new and PATH.lock are used as well
 * @instance: whose it is
 * @err: STORE_ERROR octets
 *
 * A store that is damaged, of another version, of another boot or of another
 * instance is refused: said in the log, and as good as none.
 *
 * Return: 0, or -1 with @err: the files cannot be made, or not be read now, or a
 * living process has them.
 */
int store_open(const char *path, uint32_t instance, char *err);

/* For each record of a kind of the earlier life; valid until store_begin(). */
typedef void store_fn(struct str key, struct str value, void *arg);
void store_each(uint8_t type, store_fn *fn, void *arg);

/* Kinds of the earlier life that @known (a string) does not name. */
unsigned int store_unknown(const char *known);

/*
 * Writes what was put since, to a new file. 0, also when there is no room yet, or
 * -1 with @err.
 */
int store_begin(char *err);
void store_close(void);

/* To be written with the next commit; the later word about a key counts. */
void store_put(uint8_t type, struct str key, struct str value);
void store_del(uint8_t type, struct str key);

/* All that was put and deleted since the last one, or nothing of it. */
void store_commit(void);

struct store_size {
	uint64_t octets;	/* the file has */
	uint64_t records;	/* in it */
};

/* 0 of both while there is no file. */
struct store_size store_size(void);

struct store_stats {
	unsigned long commits;
	unsigned long failed;		/* commits */
	unsigned int unsaved;		/* records that wait for the next */
};
extern struct store_stats store_stats;

#endif
