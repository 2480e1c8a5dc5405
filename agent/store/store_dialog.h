/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_DIALOG_H
#define _STORE_DIALOG_H

#include "sip_header.h"
#include "store_record.h"

/* A dialog of a UE, or of a caller without registration, as a value of the store; see store_record.h. */

#define STORE_LEGS 16
#define STORE_DIALOG_TOKEN 24
#define STORE_TAG 512		/* octets of a Call-ID or tag */

struct store_leg {
	struct str tag, route;
	bool confirmed;
	uint64_t ends;			/* UINT64_MAX: not said */
};

struct store_dialog {
	struct str token;		/* the key */
	struct str ue;			/* the Path token of its UE; none: p == NULL */
	struct addr caller;		/* where a caller is that has none; family 0: it has */
	struct addr listener;		/* and where it was heard */
	bool from_ue;
	enum sip_method method;		/* INVITE, SUBSCRIBE or REFER */
	struct str call_id, tag;
	struct str charging;		/* none: p == NULL */
	struct str recorded;
	uint64_t used;
	unsigned int n_legs;
	struct store_leg legs[STORE_LEGS];
};

/* Without the token. */
void store_dialog_write(struct octets *o, const struct store_dialog *d);
/* Why it is no dialog, or NULL: then everything in @d holds what is said above. */
const char *store_dialog_read(struct str token, struct str value, struct store_dialog *d);

#endif
