/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_RATES_H
#define _CTL_RATES_H

#include "ctl_agent.h"

/*
 * All that kernel and agent count, at one moment; two of them make rates.  For
 * gmctl top and gmctl watch.
 */
struct ctl_rates {
	uint64_t at_ms;			/* monotonic */
	bool kernel, agent;		/* they have answered */
	struct gate_stats gate;
	uint64_t ues, sets, calls;
	uint64_t registers, challenges, registrations, refused, messages, requests_ue,
		 requests_core;
};

/* The kernel's part, and the agent's; false: it does not answer, which was not printed. */
bool ctl_rates_of_kernel(struct ctl_rates *r, struct gate *g);
bool ctl_rates_of_agent(struct ctl_rates *r, const struct ctl *ctl);

/* What grew from @from to @to in so many ms, in tenths a second. */
uint64_t ctl_rates_tenths(uint64_t from, uint64_t to, uint64_t ms);

/* All drops of the kernel. */
uint64_t ctl_rates_drops(const struct ctl_rates *r);

#endif
