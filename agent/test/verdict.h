/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _VERDICT_H
#define _VERDICT_H

#include "octets.h"

enum verdict {
	VERDICT_KEPT,		/* what no edit is about is octet for octet the same */
	VERDICT_REFUSED,	/* the gate or the checks do not let it in; says which */
	VERDICT_CHANGED,	/* a fault of ours; says which */
};

/*
 * A message through gate, index, checks and every edit that the agent makes to
 * its kind. @why: what is to be said of it.
 */
enum verdict verdict_of(struct str octets, char why[256]);

/* Is every line of @before that is none of @changed in @after, in its place, and the body? */
struct sip_msg;
bool verdict_is_kept(const struct sip_msg *before, const struct sip_msg *after,
		     uint64_t changed, char why[256]);

#endif
