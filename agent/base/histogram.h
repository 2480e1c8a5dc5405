/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _HISTOGRAM_H
#define _HISTOGRAM_H

#include <stdint.h>

/*
 * How often a duration was how long: a fixed number of buckets, so that it
 * costs the same however much is counted. Microseconds; those that export them
 * make seconds of it.
 */
#define HISTOGRAM_BUCKETS 16

struct histogram {
	const uint64_t *bounds;		/* upper, inclusive, ascending */
	unsigned int n;			/* of them, HISTOGRAM_BUCKETS at most */
	uint64_t count[HISTOGRAM_BUCKETS + 1];	/* each bucket's own; [n]: beyond all */
	uint64_t sum;			/* of the durations */
};

/* @bounds_: a static array of upper bounds. */
#define HISTOGRAM(bounds_) \
	{ .bounds = (bounds_), .n = sizeof(bounds_) / sizeof((bounds_)[0]) }

/* Counts a duration of @us microseconds. */
void histogram_add(struct histogram *h, uint64_t us);

/* How many durations it has counted. */
uint64_t histogram_total(const struct histogram *h);

/* What a request and its answer may take between a phone, us and the core: 5 ms to 32 s. */
extern const uint64_t histogram_sip_bounds[12];
/* What the kernel and the event loop may take: 10 us to 1 s. */
extern const uint64_t histogram_local_bounds[14];

#endif
