/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_INVITE_H
#define _STORE_INVITE_H

#include "store_record.h"

/* An INVITE under way, as a value of the store; see store_record.h. */

#define STORE_INVITE_KEY 24
#define STORE_BRANCH 47		/* octets, at most */

/* Where a message came from or goes to; the connection does not outlive the program. */
struct store_way {
	bool tcp;
	uint32_t set;			/* of a UE; 0: it is the core */
	struct addr local, remote;
};

enum store_invite_state {
	STORE_INVITE_WAITS,		/* not sent yet */
	STORE_INVITE_SENT,
	STORE_INVITE_HEARD,		/* a 1xx has come */
	STORE_INVITE_ACCEPTED,		/* a 2xx */
};

struct store_invite {
	struct str key;
	struct str ue;			/* the Path token of its UE */
	bool from_ue;
	bool inside;			/* a dialog; else it begins one */
	bool emergency;
	struct str token;		/* of that dialog */
	struct store_way from, to;	/* to: not while it waits */
	enum store_invite_state state;
	struct str request;		/* as it came */
	struct str sent;		/* its head as it left; empty while it waits */
	struct str branch;		/* our own; likewise */
	bool cancelled;
	struct str reason;		/* lines for the CANCEL; may be empty */
	uint64_t ends;			/* timer C, or what is left once it is cancelled */
	uint64_t accepted;		/* when; 0: not */
};

/* Without the key. */
void store_invite_write(struct octets *o, const struct store_invite *i);
/*
 * Why it is none, or NULL: then everything in @i holds what is said above. What
 * is in the texts is the reader's to check.
 */
const char *store_invite_read(struct str key, struct str value, struct store_invite *i);

#endif
