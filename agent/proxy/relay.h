/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RELAY_H
#define _RELAY_H

#include "caller.h"
#include "clock.h"
#include "dialog.h"
#include "nexthop.h"
#include "proxy.h"
#include "proxy_route.h"
#include "transaction.h"
#include "transport.h"

/* Where an emergency call goes; all 0: it is none. */
struct relay_emergency {
	const char *route;		/* to the E-CSCF */
	struct str urn;			/* becomes the Request-URI; p == NULL: it is there */
};

#define RELAY_KEY 25

/*
 * One request between a UE, or a caller without registration, and the core, from
 * when it is passed on until its final answer has left; an INVITE that was answered
 * with 2xx lives on until no other 2xx can come (RFC 6026). Between proxy*.c and
 * relay*.c only.
 */
struct relay {
	struct server_transaction *server;	/* NULL: over */
	struct client_transaction *client;	/* NULL: over, or not yet there */
	struct flow from, to;
	struct sip_msg *request;	/* as it came */
	struct party party;		/* held */
	char *emergency_texts;		/* which the configuration may lose meanwhile */
	bool from_ue;			/* or from the caller */
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
	bool rang, answered;		/* has got a 180, a final answer: the first is measured */
	uint64_t began;			/* it came, in us of SIP time */
	struct clock_timer timer;	/* C; once cancelled: no answer will come */
	struct octets vias, record_route;	/* what answers of a UE must have */
	/* INVITE, for the next life (relay_life.c): */
	char key[RELAY_KEY];		/* by which it is kept, "": it is not */
	char branch[TRANSACTION_BRANCH];	/* "": not sent yet */
	struct octets sent;		/* its head as it left */
	struct octets reason;		/* lines of its CANCEL */
	bool heard, accepted;		/* 1xx, 2xx */
	bool kept_accepted;		/* it is kept as one of these */
	uint64_t accepted_at;		/* SIP time */
	uint64_t lasts;			/* until when, as it is kept */
	struct clock_timer again;	/* restored: something is to be sent */
	struct relay *prev, *next;
};

/* Where in a dialog a request is. */
struct relay_place {
	struct party party;		/* whom it is of or for */
	struct dialog *dialog;		/* NULL: in none, or it begins one */
	struct dialog_leg *leg;
	bool new_leg;			/* a NOTIFY that has made its leg (RFC 6665) */
	struct relay_emergency emergency;
};

extern struct proxy_own proxy_own;

/* Takes the message over; answers it where it cannot be passed on. */
void relay_request(const struct flow *from, struct sip_msg *msg, const struct relay_place *place);

/* An ACK of a 2xx: passed on and forgotten (RFC 3261 16.11). Does not take it over. */
void relay_ack(const struct flow *from, struct sip_msg *msg, const struct relay_place *place);

/* It makes room for another: ends on both sides, and is freed. */
void relay_displace(struct relay *r);

void relay_exit(void);

/* Where an emergency call that may pass goes, from proxy.c. False: it is none. */
bool proxy_emergency_of(const struct ue *ue, const struct sip_msg *msg,
			struct relay_emergency *e);

/* The rest is for relay*.c. */

/* In the list, and no more than that. NULL: out of memory. @msg is not taken over then. */
struct relay *relay_make(const struct flow *from, struct sip_msg *msg,
			 const struct party *party);

/*
 * A reload may change where emergency calls go; this one goes on as it began. False: out
 * of memory.
 */
bool relay_keep_emergency(struct relay *r, const struct relay_emergency *e);

/* Gets its server transaction. */
bool relay_serve(struct relay *r);

/* On its way, or waiting for the DNS. False: there is none. */
bool relay_go(struct relay *r);

struct client_owner relay_owner(struct relay *r);

/* What the UE's answers are held against. */
void relay_remember_sent(struct relay *r, struct str sent);

/* How far an INVITE is: told to the watcher of relay_life.h. */
void relay_keep(struct relay *r);
void relay_kept_is_over(struct relay *r);
void relay_unwatch(void);

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

/* Likewise towards a UE: r->to. 0 or a negative errno. */
int relay_down_now(struct relay *r);

/* To the UE or the caller; after a way that has failed, by another. False: there is none. */
bool relay_down(struct relay *r);
bool relay_down_again(struct relay *r);

/* Where a UE without SAs is. False: its connection has gone, or it has. */
bool relay_down_plain(const struct relay *r, struct flow *to);

/* A client transaction for what has been written for r->to. */
bool relay_start(struct relay *r, const char *branch, const struct octets *out);

/* For what is written next. */
void relay_branch(const struct relay *r, char branch[TRANSACTION_BRANCH]);

/* No INVITE, and no answer came in time. Frees it. */
void relay_timed_out(struct relay *r);

/* No way is left. */
void relay_unreachable(struct relay *r);

/* For struct client_owner. */
void relay_answered(void *arg, struct sip_msg *answer, void *context);

#endif
