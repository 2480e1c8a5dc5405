/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ADMISSION_H
#define _ADMISSION_H

#include "addr.h"
#include "config.h"
#include "flow.h"
#include "octets.h"

/*
 * How often senders without SA set may ask: each source, each IMPI, and all
 * together. What arrives on a set is exempt.
 */
enum admission {
	ADMISSION_PASS,
	ADMISSION_ANSWER,	/* too much: 503, without keeping anything */
	ADMISSION_DROP,		/* too much even to be told so */
};

/* False: out of memory. Before it, and with rates of 0, everything passes. */
bool admission_init(const struct config *cfg);
/* New rates: everybody begins with a full bucket. False: out of memory, all is as before. */
bool admission_reload(const struct config *cfg);
void admission_exit(void);

/**
 * admission_message - a message, or what claims to be one, has come to an unprotected port
 * @f: its source, and how long it has waited: too long, and it is refused, so that those that
 *	are served are served while their senders still wait for it
 * @in_call: its source has an emergency call: what all share is not for it, so that no flood
 *	of others comes between
 */
enum admission admission_message(const struct flow *f, bool in_call);

/**
 * admission_protected - the same for what has come on a set
 *
 * Its sender is known, and nothing it may ask for is limited here; but what has waited longer
 * than T1 of Gm (TS 24.229 table 7.7.1: 2 s) was sent again meanwhile, and is behind us in the
 * same queue.
 *
 * Return: false: to be dropped, and counted.
 */
bool admission_protected(const struct flow *f);

/* A connection has come to an unprotected port. */
bool admission_connection(const struct addr *from);

/**
 * admission_impi - may this source ask for this IMPI once more?
 *
 * The lower half of an IMPI's bucket is for sources that did not ask for it
 * lately, so that a stranger who asks all the time does not lock its owner out.
 */
bool admission_impi(struct str impi, const struct addr *from);

/**
 * admission_emergency - may this source begin an emergency call without registration?
 *
 * As for an IMPI: the lower half of what all share is for sources that did not ask lately.
 */
bool admission_emergency(const struct addr *from);

/* The lines of a 503: Retry-After, spread so that not all come back at once; static. */
struct str admission_retry_after(void);

struct admission_stats {
	unsigned long answered;		/* 503 */
	unsigned long source, all;	/* messages beyond a source's rate, beyond that of all */
	unsigned long impi;		/* REGISTERs beyond the rate of their IMPI */
	unsigned long emergency;	/* emergency calls beyond theirs */
	unsigned long connections;	/* refused, beyond the rate of their source */
	unsigned long dropped;		/* messages without an answer */
	unsigned long waited;		/* messages that waited too long, on a set or without */
};
extern struct admission_stats admission_stats;

/* Buckets that were not full and made room for newcomers. */
unsigned long admission_displaced(void);

/* Messages that all without SA together may send now; of rates.all with a limit. */
unsigned int admission_all_left(void);

#endif
