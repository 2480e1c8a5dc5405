/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRANSACTION_H
#define _TRANSACTION_H

#include "flow.h"
#include "sip_msg.h"

/*
 * Non-INVITE transactions (RFC 3261 17.1.2, 17.2.2) with TS 24.229's timers
 * (table 7.7.1): T1 of 2 s towards the UE, 500 ms towards the core.
 */
struct transaction_config {
	/* Ms of SIP time. */
	uint64_t t1_gm, t1_mw;
	/* Server transactions of senders without SA set, all together. */
	unsigned int unproven;
	/* Puts octets on the wire; a negative errno is a transport error. */
	int (*send)(const struct flow *f, const char *data, size_t n);
};

void transaction_init(const struct transaction_config *cfg);
void transaction_exit(void);

uint64_t transaction_64t1_gm(void);

/*
 * Server side: a request that came in.
 *
 * The owner is who answers it. A transaction lives until its final answer has
 * been given and timer J has ended, or until it is displaced, the oldest
 * first, by newcomers of its kind: those of the same SA set, or all those
 * without one.
 */
struct server_transaction;

struct server_owner {
	/*
	 * The transaction goes away before it was answered; do not answer it
	 * any more.
	 */
	void (*displaced)(void *arg);
	void *arg;
};

/* Where the answers go, which is not where the request came from on UDP SAs. */
struct server_transaction *transaction_server_new(const struct sip_msg *request,
						  const struct flow *from,
						  const struct flow *answer_to,
						  const struct server_owner *owner);

/**
 * transaction_server_retransmitted - is this request there already?
 *
 * When it is, the last answer has been sent again; ignore the request.
 */
bool transaction_server_retransmitted(const struct sip_msg *request, const struct flow *from);

/* Sends and keeps an answer; a final one detaches the owner. 0 or negative errno. */
int transaction_server_answer(struct server_transaction *t, unsigned int status, struct str answer);

/* The answers go elsewhere from now on. */
void transaction_server_redirect(struct server_transaction *t, const struct flow *answer_to);

/* Ends it without an answer; its owner is not told. */
void transaction_server_drop(struct server_transaction *t);

/*
 * Client side: a request of ours on its way to the core.
 */
struct client_transaction;

enum client_end {
	CLIENT_TIMEOUT,		/* timer F */
	CLIENT_TRANSPORT,	/* it could not be sent */
};

struct client_owner {
	/*
	 * @answer lives for the call only. After a final one nothing more
	 * comes. @context is what transaction_client_answered() was given.
	 */
	void (*answered)(void *arg, struct sip_msg *answer, void *context);
	void (*failed)(void *arg, enum client_end why);
	void *arg;
};

#define TRANSACTION_BRANCH 48

/* A branch nobody can guess, 128 random bits: RFC 3261 8.1.1.7. */
void transaction_branch(char branch[TRANSACTION_BRANCH]);

/**
 * transaction_branch_again - the same branch for the same request
 * @secret: nobody but we and the core can know it, and it outlives us
 *
 * When we were ended before the answer came, the UE repeats its request to our
 * next life. With the branch of before (RFC 3261 16.11) the core sees a
 * retransmission too, and repeats its answer instead of a new challenge. A
 * branch that is in use is not given twice: then it is a new one.
 */
void transaction_branch_again(char branch[TRANSACTION_BRANCH], const struct sip_msg *request,
			      const struct flow *from, struct str secret);

/**
 * transaction_client_new - send a request and wait for its answer
 * @branch: the one in its topmost Via
 *
 * Never calls @owner before it returns; a transport error comes as a failure
 * from the loop. NULL: out of memory, nothing was sent.
 */
struct client_transaction *transaction_client_new(const struct flow *to, const char *branch,
						  struct str method, struct str request,
						  const struct client_owner *owner);

/* The owner is gone: it is over, answers come to nobody. */
void transaction_client_drop(struct client_transaction *t);

/**
 * transaction_client_answered - give an answer to whom it belongs
 *
 * Only one from the same peer by the same transport counts (design 4.9). False: it
 * belongs to nobody.
 */
bool transaction_client_answered(struct sip_msg *answer, const struct flow *from,
				 void *context);

/* A connection is gone: what waits for an answer on it fails. */
void transaction_connection_closed(const struct flow *f);

struct transaction_stats {
	unsigned int server, client, unproven;
	unsigned long retransmitted, displaced, stray_answers, timeouts;
};
extern struct transaction_stats transaction_stats;

#endif
