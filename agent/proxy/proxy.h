/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_H
#define _PROXY_H

#include "config.h"
#include "flow.h"
#include "histogram.h"
#include "set.h"
#include "sip_msg.h"

/* Every request but REGISTER, between registered UEs and the core: TS 24.229 5.2.6. */

/* After transport_open() has made sure of the addresses; false: out of memory. */
bool proxy_init(const struct config *cfg);
/* Our addresses and T1 may have changed. False: out of memory, all is as before. */
bool proxy_reload(const struct config *cfg);
void proxy_exit(void);

/**
 * proxy_request - pass a request on, or answer it
 * @msg: checked; taken over
 * @ue: whose it is: on a set that is no TEMP, or registered at its place without one
 *	(plain.h); NULL: it is of the core
 */
void proxy_request(const struct flow *from, struct sip_msg *msg, struct ue *ue);

struct proxy_stats {
	unsigned long from_ue, from_core;	/* requests */
	unsigned long refused;		/* by us, with a 4xx */
	unsigned long unregistered;	/* of a UE that is not registered: dropped */
	unsigned long unknown_token;	/* of the core, for nobody we know: 404 */
	unsigned long no_dialog;	/* in a dialog that is not remembered: 481 */
	unsigned long foreign_dialog;	/* of a UE that is not party of it: 403 */
	unsigned long rerouted;		/* Route was not what it has to be, and is now */
	unsigned long emergency;	/* calls that went to the E-CSCF */
	unsigned long alternative;	/* and those that got a 380 */
	unsigned long restored;		/* Via or Record-Route of a UE's answer, likewise */
	unsigned long timeouts;		/* 408, or nothing */
	unsigned long unreachable;	/* could not be sent */
	unsigned int open;		/* requests without a final answer */
	unsigned int dialogs;
};

#define PROXY_CLASSES 7		/* 2xx to 6xx, by the first digit */

/* Calls: what became of the INVITE that began each. */
struct proxy_calls {
	unsigned long ended[PROXY_CLASSES];	/* by the class of the final answer */
	/* SIP time from the INVITE's arrival to the first 180, and to the first 2xx (RFC 6076 4.3). */
	struct histogram ringing, answered;
};
extern struct proxy_calls proxy_calls[2];	/* of the core, of UEs */

/* All but dialogs, which proxy_stats_now() fills in. */
extern struct proxy_stats proxy_stats;
struct proxy_stats proxy_stats_now(void);

#endif
