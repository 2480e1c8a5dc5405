/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGEVENT_H
#define _REGEVENT_H

#include "config.h"
#include "flow.h"
#include "octets.h"
#include "sip_msg.h"

/*
 * Our own subscriptions to the registration state of UEs: event package "reg"
 * (TS 24.229 5.2.3, RFC 3680, RFC 6665). One for each UE that is registered,
 * from its first 200 OK to its last binding; none for an emergency
 * registration, which the network does not end.
 */

struct ue;
struct subscription;

void regevent_init(const struct config *cfg);
void regevent_exit(void);		/* before registrar_exit() */

/* The bindings of a UE have changed: for struct registrar_config. */
void regevent_rebound(struct ue *ue);

/**
 * regevent_notify - a request of the core: is it a NOTIFY of ours?
 * @msg: checked; stays the caller's
 *
 * It is when it is in a dialog of ours, which has 128 random bits to be known
 * by, or when it is for the Contact our subscriptions have. Then it was
 * answered and what it says was done.
 */
bool regevent_notify(const struct flow *from, const struct sip_msg *msg);

/* For gmctl: appends the member "reg-event" of a UE. */
void regevent_show(struct octets *o, const struct ue *ue);

struct regevent_stats {
	unsigned int subscriptions;
	unsigned long sent;		/* SUBSCRIBE requests */
	unsigned long refused;		/* with a final error */
	unsigned long silent;		/* not answered, or no NOTIFY followed */
	unsigned long notified;		/* NOTIFY requests that were accepted */
	unsigned long stale;		/* of those, out of order: not looked at */
	unsigned long bad;		/* NOTIFY requests that were refused */
	unsigned long unknown;		/* of no dialog: 481 */
};
extern struct regevent_stats regevent_stats;

#endif
