/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGEVENT_PRIVATE_H
#define _REGEVENT_PRIVATE_H

#include "clock.h"
#include "hash.h"
#include "nexthop.h"
#include "regevent.h"
#include "registrar.h"
#include "transaction.h"

/* Between regevent.c, regevent_send.c, regevent_message.c and regevent_notify.c only. */

enum subscription_state {
	SUBSCRIPTION_DUE,	/* will be asked for when the timer fires */
	SUBSCRIPTION_PENDING,	/* asked for; no NOTIFY yet */
	SUBSCRIPTION_ACTIVE,
	SUBSCRIPTION_LEAVING,	/* asked to end it */
	SUBSCRIPTION_REFUSED,	/* not asked for again while the UE stays registered */
};

#define SUBSCRIPTION_CALL_ID 32		/* hexadecimal digits: 128 random bits */

/* A subscription and its dialog, in which we are the one who subscribed. */
struct subscription {
	struct ue *ue;			/* held */
	enum subscription_state state;
	/* The UE is gone, or the notifier: what still comes changes nothing of the UE. */
	bool leaving, over;
	char *identity;			/* default IMPU when it began: To and Request-URI */
	char call_id[SUBSCRIPTION_CALL_ID + 1];
	char local_tag[17];
	uint32_t cseq;
	char *remote_tag;		/* NULL: no dialog yet */
	char *remote_target;		/* Contact of the notifier */
	char *route;			/* value of Route; NULL: none */
	uint32_t remote_cseq;		/* of the last NOTIFY */
	bool notified;			/* in this dialog */
	bool has_version;
	uint32_t version;		/* of the last document */
	uint32_t expires;		/* seconds to ask for */
	uint64_t asked, ends;		/* SIP time */
	unsigned int failures;		/* in a row */
	struct nexthop *way;		/* of the SUBSCRIBE under way, NULL: none is */
	struct client_transaction *client;	/* NULL: it waits for the DNS */
	struct clock_timer timer;
	UT_hash_handle hh;		/* by call_id */
};

extern const struct config *regevent_config;

/* --- regevent.c --- */

struct subscription *regevent_find(struct str call_id);

/* It has @seconds left from now; when to refresh follows from it. */
void regevent_extend(struct subscription *s, uint32_t seconds);

/* Asks for the full state again, as soon as that is allowed. */
void regevent_refresh_soon(struct subscription *s);

/* What the notifier wants to happen after it has ended a subscription (RFC 6665 4.1.3). */
enum regevent_after { REGEVENT_AGAIN, REGEVENT_LATER, REGEVENT_NEVER };

/* The notifier has ended it. @s may be gone afterwards. */
void regevent_terminated(struct subscription *s, enum regevent_after after, uint32_t seconds);

/* The SUBSCRIBE that was under way has its final answer, or will have none. */
void regevent_answered(struct subscription *s, const struct sip_msg *answer);
void regevent_unanswered(struct subscription *s, const char *why);

/* --- regevent_send.c --- */

/*
 * Sends the SUBSCRIBE that is due: one after the other to the targets there
 * are, until one answers. False: nothing was sent, nor will be.
 */
bool regevent_send(struct subscription *s);
bool regevent_is_sending(const struct subscription *s);

/* Nobody wants an answer any more. */
void regevent_give_up(struct subscription *s);

/* SUBSCRIBE requests that wait for an answer. */
unsigned int regevent_under_way(void);

/* --- regevent_message.c --- */

/* Begins a dialog anew: another Call-ID and tag, nothing known of the other side. */
void regevent_new_dialog(struct subscription *s);
void regevent_free_dialog(struct subscription *s);

/* The SUBSCRIBE for a way to the core. False: out of memory. */
bool regevent_write(const struct subscription *s, const struct flow *to, const char *branch,
		    struct octets *out);

/*
 * Takes what makes the dialog out of a 2xx or a NOTIFY: the tag, Contact and
 * Record-Route; once there is one, only its Contact (RFC 3261 12.2).
 */
void regevent_learn(struct subscription *s, const struct sip_msg *msg);

/* Is the Request-URI the Contact of our subscriptions? */
bool regevent_is_for_us(const struct sip_msg *msg);

#endif
