/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _METRICS_H
#define _METRICS_H

#include "config.h"
#include "exposition.h"

/*
 * What a monitoring system is told. No label ever has what a UE, a stranger or
 * the core said: each has a value of a list that stands in the code, or, for
 * the nodes of the core, in the configuration and the DNS's answer for that.
 */
struct metric_row;

struct metric {
	struct exposition_family family;
	/* Either rows of counters (counters.h), ended by one that is all 0, ... */
	const struct metric_row *rows;
	/* ... or a function that writes the samples. */
	void (*collect)(struct exposition *e);
};

/* All of them, in the order they are written; the last has no name. */
extern const struct metric metrics_table[];

/* Its configuration has to stay. */
void metrics_init(const struct config *cfg);

/**
 * metrics_write - all metrics as they are now
 * @out: appended to; out->failed: out of memory
 *
 * Asks the kernel for its counters, at most once a second.
 */
void metrics_write(struct octets *out, enum exposition_format format);

/* "register/challenges": is that counter written by any row? For the test of the table. */
bool metrics_have_counter(const char *group, const char *name);

#endif
