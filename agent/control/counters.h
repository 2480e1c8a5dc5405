/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _COUNTERS_H
#define _COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * All that the agent counts, in one table: gmctl status, gmctl stats and
 * whoever exports metrics walk it, so that a name and its meaning stand once.
 */
struct counter {
	const char *group;	/* such as "register" */
	const char *name;	/* such as "de-registrations" */
	const char *meaning;
	const char *clause;	/* of a rule; NULL: it is none */
	const char *advice;	/* what to do about it; NULL: nothing is wrong with it */
	bool level;		/* goes down too; else it only grows */
	uint64_t value;
};

typedef void counters_fn(const struct counter *c, void *arg);

/*
 * Group by group; each group's in one go. "held" is what there is now; then come
 * the modules; then "requests-ue" and "requests-core" (by method), "unreadable" (by limit)
 * and "rule" (struct rule_text), which have a member for each of their kind.
 */
void counters_each(counters_fn *fn, void *arg);

#endif
