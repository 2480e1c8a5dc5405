// SPDX-License-Identifier: GPL-2.0-or-later
/* Durations in buckets. */
#include "histogram.h"

_Static_assert(sizeof(histogram_sip_bounds) / sizeof(uint64_t) <= HISTOGRAM_BUCKETS &&
	       sizeof(histogram_local_bounds) / sizeof(uint64_t) <= HISTOGRAM_BUCKETS,
	       "more bounds than buckets");

/* The last ones are T1 towards the UE, twice, and 64 times the T1 towards the core. */
const uint64_t histogram_sip_bounds[12] = {
	5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2000000, 4000000, 10000000,
	32000000,
};

const uint64_t histogram_local_bounds[14] = {
	10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 250000, 1000000,
};

void histogram_add(struct histogram *h, uint64_t us)
{
	unsigned int i = 0;

	while (i < h->n && us > h->bounds[i])
		i++;
	h->count[i]++;
	h->sum += us;
}

uint64_t histogram_total(const struct histogram *h)
{
	uint64_t total = 0;

	for (unsigned int i = 0; i <= h->n; i++)
		total += h->count[i];
	return total;
}
