/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_READ_H
#define _STORE_READ_H

#include "octets.h"

/* One record; the first octet of the key is its kind. */
struct store_item {
	struct str key, value;
};

struct store_items {
	struct octets octets;		/* the items point into it */
	struct store_item *item;	/* by key, ascending */
	size_t n;
};

#define STORE_WHY 160

enum store_read_result {
	STORE_READ,
	STORE_NONE,		/* there is no such file */
	STORE_REFUSED,		/* it will never be read */
	STORE_NOT_NOW,		/* no memory, no process: nothing is said about the file */
};

/**
 * store_read - read a store that may be damaged in any way
 * @why: STORE_WHY octets
 *
 * LMDB trusts its file: pages that are damaged can crash it. So a child reads
 * it and hands over what it finds; when the child dies, only that is lost.
 *
 * Return: 0; or, with @why, what follows from it.
 */
enum store_read_result store_read(const char *path, struct store_items *items, char *why);
void store_items_free(struct store_items *items);

#endif
