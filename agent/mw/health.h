/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _HEALTH_H
#define _HEALTH_H

#include "octets.h"
#include "resolve.h"

/*
 * What is known of the core's nodes from the requests they got: who does not
 * answer is avoided for a while, and tried again by a request that has to go
 * somewhere anyway (RFC 3263 4.3). Nobody is pinged.
 */
enum health {
	HEALTH_FINE,		/* as far as one knows */
	HEALTH_DOUBTFUL,	/* owes an answer for longer than it should */
	HEALTH_DEAD,
	HEALTH_PAUSED,		/* 503 with Retry-After: nothing may go there */
};

/* Ms of SIP time. */
void health_init(uint64_t t1_mw);
void health_reload(uint64_t t1_mw);
void health_exit(void);

enum health health_of(const struct resolve_target *t);

/* A request goes there now. */
void health_asked(const struct resolve_target *t);

/* At the same moment: it goes another way after all. */
void health_not_asked(const struct resolve_target *t);

/* It answered, whatever it was. */
void health_answered(const struct resolve_target *t);

/* The transport failed. */
void health_broken(const struct resolve_target *t);

/*
 * It did not answer a request of that time. Where it answered others meanwhile,
 * that is the request's fault: no UE can have a node black-listed.
 */
void health_silent(const struct resolve_target *t, uint64_t since);

/* It answered 503 and wants to be left alone for so long. */
void health_paused(const struct resolve_target *t, uint32_t seconds);

/* Until a pause ends, rounded up, 0: none. */
uint32_t health_pause_left(const struct resolve_target *t);

struct health_view {
	struct resolve_target target;
	enum health state;
	uint32_t left;		/* seconds, of death or pause */
};

/* All that were asked and are not forgotten, also those that are fine. */
void health_list(void (*fn)(const struct health_view *v, void *arg), void *arg);

const char *health_name(enum health h);

struct health_stats {
	unsigned long failures, pauses, probes;
};
extern struct health_stats health_stats;

#endif
