/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_H
#define _REGISTER_H

#include "challenge.h"
#include "config.h"
#include "flow.h"
#include "histogram.h"
#include "set.h"
#include "sip_msg.h"

/* The REGISTER path: TS 24.229 5.2.2, with TS 33.203 7 and RFC 3329. */

void register_init(const struct config *cfg);
void register_exit(void);

/**
 * register_request - serve a REGISTER of a UE
 * @msg: checked; taken over
 * @set: that it came on, NULL: unprotected
 */
void register_request(const struct flow *from, struct sip_msg *msg, struct set *set);

/* What came with an answer of the core besides its octets. */
struct register_keys {
	enum challenge_result result;
	const char *why;		/* for CHALLENGE_BAD_KEYS */
	struct keys_aka aka;
};

struct register_stats {
	unsigned long requests, challenges, registrations, deregistrations;
	unsigned long refused;		/* by us, with a 4xx */
	unsigned long no_keys;		/* 401 without ck and ik, or with bad ones */
	unsigned long no_set;		/* the kernel refused, or a cap was reached */
	unsigned long core_refused;	/* final errors of the core that were passed on */
	unsigned long timeouts;
	unsigned long overload;		/* refused with 503, without a trace */
};
extern struct register_stats register_stats;

/* SIP time from a REGISTER's arrival here, or its leaving, to what became of it. */
struct register_times {
	struct histogram challenge;	/* to the 401 that leaves, its set in the kernel */
	struct histogram accept;	/* of one on a set, to the 200 OK that leaves */
	struct histogram whole;		/* of the challenged one, to the 200 OK: with the UE's share */
	struct histogram core;		/* from us to the core, to its final answer */
};
extern struct register_times register_times;

#endif
