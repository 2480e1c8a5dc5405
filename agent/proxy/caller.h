/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CALLER_H
#define _CALLER_H

#include "config.h"
#include "crowd.h"
#include "flow.h"
#include "sip_msg.h"

/*
 * Who calls for help without a registration (TS 24.229 5.2.10.2): one struct caller for
 * each such call, which owns its dialog and its transactions as a struct ue owns those of
 * a registered UE.
 *
 * Its address is all that is known of it. It is an attempt until a request within the
 * dialog has come from that address, an ACK or PRACK with the To tag that only the answer
 * told: before, the source may be forged. Attempts make room for newcomers, calls do not.
 */
struct dialog;
struct relay;

struct caller {
	struct flow flow;		/* where it was heard last, and requests to it go */
	bool proven;			/* a call, no attempt */
	bool displaced;			/* it does not count any more */
	struct relay *invite;		/* relay.c's: what began it, NULL: over */
	struct dialog *dialogs;		/* dialog.c's: one at most */
	unsigned int n_dialogs;
	unsigned int held;
	struct crowd_entry crowd;
};

/* Calls of a source (an IPv4 address, an IPv6 /64), attempts among them. */
#define CALLER_PER_SOURCE 4

/* Before anything is restored; @cfg stays. */
void caller_init(const struct config *cfg);

/* What a listener does with the calls of those who have not registered. */
enum config_unregistered caller_policy(const struct flow *f);

/**
 * caller_victim - who has to go before a newcomer from @from may begin
 *
 * Where its source has CALLER_PER_SOURCE, the oldest attempt among them; where
 * limits.emergency-calls are there, the oldest attempt of the source that has most.
 *
 * Return: 0: nobody, there is room. -EAGAIN: *@victim. -EBUSY: all of these are calls.
 */
int caller_victim(const struct flow *from, struct caller **victim);

/* It counts no more; the one who displaces it ends what it has. */
void caller_displace(struct caller *c);

/* A call begins. Held: caller_release(). NULL: out of memory. */
struct caller *caller_new(const struct flow *from, const struct sip_msg *invite);

/**
 * caller_restore - one of an earlier life, held
 * @proven: the call was accepted
 *
 * NULL: its listener is none any more, there are too many, or out of memory.
 */
struct caller *caller_restore(const struct addr *local, const struct addr *remote, bool proven);

void caller_hold(struct caller *c);

/* Whom nobody holds any more is freed. */
void caller_release(struct caller *c);

/*
 * Is a message on @f of this caller? The listener and the address have to be its own. The
 * port and the transport need not: a phone sends its INVITE over TCP since it is long, and
 * the ACK over UDP (RFC 3261 18.1.1).
 */
bool caller_is(const struct caller *c, const struct flow *f);

/* A request within its dialog has come: it is there, and that is where. */
void caller_heard(struct caller *c, const struct flow *from, const struct sip_msg *request);

/**
 * caller_way - where a request to it goes
 *
 * The connection that it was heard on last. Otherwise UDP, to the port that the Request-URI
 * has for its address, else where its answers go: never to another address than its own.
 */
void caller_way(const struct caller *c, const struct sip_msg *request, struct flow *to);

/* For the store: where we heard it, and where it is when its connection has gone. */
void caller_place(const struct caller *c, struct addr *local, struct addr *remote);

/* Of one address of gm, attempts among them. */
unsigned int caller_count_of(uint8_t gm);

/* Has the source of @f a call, so that others must not use up what it needs? */
bool caller_is_known(const struct flow *f);

struct caller_stats {
	unsigned int attempts, calls;
	unsigned long displaced, refused;	/* attempts; newcomers, with 503 */
};
extern struct caller_stats caller_stats;

#endif
