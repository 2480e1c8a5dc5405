/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RELAY_H
#define _RELAY_H

#include "clock.h"
#include "dialog.h"
#include "nexthop.h"
#include "proxy.h"
#include "proxy_route.h"
#include "transaction.h"
#include "transport.h"

/* Where an emergency call goes; all 0: it is none. Texts of the configuration. */
struct relay_emergency {
	const char *route;		/* to the E-CSCF */
	struct str urn;			/* becomes the Request-URI; p == NULL: it is there */
};

/*
 * One request between a UE and the core, from when it is passed on until its
 * final answer has left; an INVITE that was answered with 2xx lives on until
 * no other 2xx can come (RFC 6026). Between proxy.c and relay*.c only.
 */
struct relay {
	struct server_transaction *server;	/* NULL: over */
	struct client_transaction *client;	/* NULL: over, or not yet there */
	struct flow from, to;
	struct sip_msg *request;	/* as it came */
	struct ue *ue;			/* held */
	bool from_ue;
	bool begins;			/* a dialog, which has the token */
	bool inside;			/* a dialog, likewise */
	bool records;			/* gets our Record-Route */
	char token[DIALOG_TOKEN];	/* "": none */
	struct nexthop *up;		/* to the core: its targets, NULL: none yet */
	struct relay_emergency emergency;
	bool by_entry, sent_up;		/* by mw-next-hop; to one of them at least */
	enum transport_way way;		/* to the UE */
	bool tcp_tried;
	bool cancelled;
	struct clock_timer timer;	/* C; once cancelled: no answer will come */
	struct octets vias, record_route;	/* what answers of a UE must have */
	struct relay *prev, *next;
};

/* Where in a dialog a request is. */
struct relay_place {
	struct ue *ue;			/* whom it is of or for */
	struct dialog *dialog;		/* NULL: in none, or it begins one */
	struct dialog_leg *leg;
	bool new_leg;			/* a NOTIFY that has made its leg (RFC 6665) */
	struct relay_emergency emergency;
};

extern struct proxy_stats proxy_stats;
extern struct proxy_own proxy_own;

/* Takes the message over; answers it where it cannot be passed on. */
void relay_request(const struct flow *from, struct sip_msg *msg, const struct relay_place *place);

/* An ACK of a 2xx: passed on and forgotten (RFC 3261 16.11). Does not take it over. */
void relay_ack(const struct flow *from, struct sip_msg *msg, const struct relay_place *place);

void relay_exit(void);

/* The rest is for relay*.c. */

/* Answers from here, finally, and frees it. */
void relay_finish(struct relay *r, unsigned int status, const char *reason);

/* Passes an answer back, where there is a way still. Does not free. */
void relay_answer(struct relay *r, unsigned int status, struct str answer);

/* It is over; what its transactions still have to do, they do alone. */
void relay_free(struct relay *r);

/* Timer C begins anew (RFC 3261 16.7 2.). */
void relay_wait(struct relay *r);

/* Where it is in its dialog; false: that is not remembered any more. */
bool relay_place_of(const struct relay *r, struct relay_place *place);

/* The request as the next hop on r->to gets it. */
bool relay_write(const struct relay *r, const struct relay_place *place, const char *branch,
		 struct octets *out);

/*
 * Sends it to the core, or to its next target; or waits for the DNS. False: there
 * is none.
 */
bool relay_up(struct relay *r);

/* Where an ACK goes; it has no transaction. */
int relay_up_now(const struct relay *r, const struct relay_place *place, struct flow *to);

/* A client transaction for what has been written for r->to. */
bool relay_start(struct relay *r, const char *branch, const struct octets *out);

/* No way is left. */
void relay_unreachable(struct relay *r);

/* For struct client_owner. */
void relay_answered(void *arg, struct sip_msg *answer, void *context);

#endif
