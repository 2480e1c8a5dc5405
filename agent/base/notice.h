/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _NOTICE_H
#define _NOTICE_H

#include <stdbool.h>
#include <stdint.h>

#include "octets.h"
#include "rules.h"

/*
 * What happens, told to whoever watches (gmctl watch) as it happens.  Nobody
 * does most of the time: then it costs one look at a pointer.
 */
enum notice_kind {
	NOTICE_CHALLENGED,	/* a TEMP set was made, the 401 leaves */
	NOTICE_REGISTERED,	/* or refreshed: 200 OK */
	NOTICE_DEREGISTERED,	/* nothing of it is left; the text says by whom */
	NOTICE_SET_IN_USE,	/* new requests to the UE go on it */
	NOTICE_SET_ENDED,
	NOTICE_REFUSED,		/* by a rule */
	NOTICE_FAILED,		/* by a rule; an error of ours or of the core */
	NOTICES
};

struct notice {
	enum notice_kind kind;
	const char *who;	/* as in the log: "IMPI at ADDRESS on set N" */
	uint32_t set;		/* 0: none, or not known */
	enum rule rule;		/* of NOTICE_REFUSED and NOTICE_FAILED */
	const char *text;	/* more about it; "": nothing */
};

/* "registered", "set-in-use" ... */
const char *notice_name(enum notice_kind kind);

typedef void notice_fn(const struct notice *n);

/*
 * @fn is told of everything from now on, once however often it asks, until
 * notice_unlisten(). It must not block, and neither listen nor unlisten.
 */
void notice_listen(notice_fn *fn);
void notice_unlisten(notice_fn *fn);

bool notice_wanted(void);
void notice_tell(const struct notice *n);

/* The same for what is no refusal; nothing is put into words that nobody wants. */
#define notice_of(kind, who, set, text)                                         \
	do {                                                                    \
		if (notice_wanted())                                            \
			notice_tell(&(struct notice){ (kind), (who), (set), 0, (text) }); \
	} while (0)

/* Its members of a JSON object: event, who, set, rule, clause, text. */
void notice_put(struct octets *o, const struct notice *n);

#endif
