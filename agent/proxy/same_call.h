/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SAME_CALL_H
#define _SAME_CALL_H

#include "dialog.h"

/*
 * Dialogs by their Call-ID: two of one call when both ends are UEs of ours, so that
 * a token or tags have to tell which is meant. For dialog.c only.
 */

/* The first of those with this Call-ID, linked by same_next; NULL: none. */
struct dialog *same_call_find(struct str call_id);

/* False: out of memory. */
bool same_call_join(struct dialog *d);

void same_call_leave(struct dialog *d);

#endif
