/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PARTY_H
#define _PARTY_H

#include "octets.h"

struct ue;
struct caller;
struct dialog;

/*
 * Who is on the side of Gm of a request or a dialog: a UE, on its SAs, or somebody who
 * calls for help without a registration, in clear. One of them, the other is NULL.
 */
struct party {
	struct ue *ue;
	struct caller *caller;
};

/* What is of it does not outlive it. */
void party_hold(const struct party *p);
void party_release(const struct party *p);

bool party_same(const struct party *a, const struct party *b);

/* Its IMPI; none: p == NULL, as answer_who() takes it. */
struct str party_impi(const struct party *p);

/* dialog.c's: the dialogs it has, the longest unused first, and how many. */
struct dialog **party_dialogs(const struct party *p);
unsigned int *party_n_dialogs(const struct party *p);

/* To tell parties from each other. */
const void *party_key(const struct party *p);

#endif
