/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRANSACTION_H
#define _TRANSACTION_H

#include "flow.h"
#include "sip_msg.h"

/*
 * Transactions (RFC 3261 17, for INVITE with RFC 6026) with TS 24.229's timers
 * (table 7.7.1): T1 of 2 s towards the UE, 500 ms towards the core.
 */
struct transaction_config {
	/* Ms of SIP time. */
	uint64_t t1_gm, t1_mw;
	/* Server transactions of senders without SA set, all together. */
	unsigned int unproven;
	/* Puts octets on the wire; a negative errno is a transport error. */
	int (*send)(const struct flow *f, const char *data, size_t n);
	/*
	 * Who sends on a protected flow: so that the ACK or CANCEL of a phone
	 * that has a new set meanwhile finds its INVITE. NULL, or a NULL
	 * function: nobody but the flow itself.
	 */
	const void *(*party)(const struct flow *f);
	/*
	 * The way there has gone: another to the same peer, into @f. 0 or a
	 * negative errno. NULL: there is none.
	 */
	int (*reach)(struct flow *f);
};

void transaction_init(const struct transaction_config *cfg);
void transaction_exit(void);
/* Timers that run go on as they were set. */
void transaction_reload(uint64_t t1_gm, uint64_t t1_mw, unsigned int unproven);

uint64_t transaction_64t1_gm(void);
uint64_t transaction_64t1(const struct flow *f);

/*
 * Server side: a request that came in.
 *
 * The owner is who answers it. A transaction lives until its final answer has
 * been given and its timer has ended, or until it is displaced by newcomers of
 * its kind: those of the same SA set, those of the core for the same UE, those
 * of the same emergency call, or all others without a set. The oldest that was answered goes first, and
 * where there is none the oldest.
 */
struct server_transaction;

struct server_owner {
	/*
	 * The transaction goes away before it was answered; do not answer it
	 * any more.
	 */
	void (*displaced)(void *arg);
	/* An INVITE without a final answer: this CANCEL came for it. */
	void (*cancelled)(void *arg, const struct sip_msg *cancel);
	/* An INVITE that was answered with 2xx is over; nothing more of it can be sent. */
	void (*ended)(void *arg);
	/*
	 * What is no INVITE has no answer yet, and its sender repeats it every T2 by
	 * now: the time for a 100 (RFC 4320 4.1). May be NULL.
	 */
	void (*late)(void *arg);
	void *arg;
	/*
	 * A request of the core: whom it is for. Of somebody without a set: the UE that
	 * has registered so, or the emergency call it is of; NULL: it is a stranger's.
	 */
	const void *for_whom;
	bool registered;	/* for_whom is a UE */
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

/**
 * transaction_server_answer - send and keep an answer
 *
 * A final one detaches the owner, but for a 2xx to an INVITE: more of them may
 * follow (RFC 6026), until the owner hears that it has ended.
 *
 * Return: 0 or a negative errno.
 */
int transaction_server_answer(struct server_transaction *t, unsigned int status, struct str answer);

/* Where the answers go now, and from now on. */
const struct flow *transaction_server_way(const struct server_transaction *t);
void transaction_server_redirect(struct server_transaction *t, const struct flow *answer_to);

/* Does its sender still wait for an answer, 64*T1 after it came? */
bool transaction_server_in_time(const struct server_transaction *t);

/*
 * An INVITE of an earlier life, new here, has got @answer last, which is kept and
 * not sent; or a 2xx at @accepted, SIP time.
 */
void transaction_server_answered_before(struct server_transaction *t, struct str answer);
void transaction_server_accepted_before(struct server_transaction *t, uint64_t accepted);

/* Ends it without an answer; its owner is not told. */
void transaction_server_drop(struct server_transaction *t);

/*
 * No answer will come (RFC 4320 4.2). Its repetitions are taken until its sender
 * has given up, so that none of them passes for a new request.
 */
void transaction_server_silence(struct server_transaction *t);

/* It goes on, but its owner is gone. */
void transaction_server_detach(struct server_transaction *t);

/* An ACK. True: it was that of a refused INVITE, and goes no further. */
bool transaction_server_acknowledged(const struct sip_msg *ack, const struct flow *from);

/* A CANCEL. False: there is no such INVITE. Else its owner was told, if that matters still. */
bool transaction_server_cancelled(const struct sip_msg *cancel, const struct flow *from);

/*
 * Client side: a request of ours on its way to the core or to a UE.
 */
struct client_transaction;

enum client_end {
	CLIENT_TIMEOUT,		/* timers B and F */
	CLIENT_TRANSPORT,	/* it could not be sent */
};

struct client_owner {
	/*
	 * @answer lives for the call only. After a final one nothing more
	 * comes, but for a 2xx to an INVITE: others may follow until ended().
	 * @context is what transaction_client_answered() was given.
	 */
	void (*answered)(void *arg, struct sip_msg *answer, void *context);
	void (*failed)(void *arg, enum client_end why);
	/* An INVITE that was answered with 2xx is over. */
	void (*ended)(void *arg);
	void *arg;
};

#define TRANSACTION_BRANCH 48
#define TRANSACTION_BRANCH_LENGTH 39	/* of those made here */

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
 * from the loop. NULL: out of memory, nothing was sent. The ACK of a refused
 * INVITE is made here (RFC 3261 17.1.1.3).
 */
struct client_transaction *transaction_client_new(const struct flow *to, const char *branch,
						  struct str method, struct str request,
						  const struct client_owner *owner);

/* How far an INVITE of an earlier life had come. */
struct client_before {
	enum { CLIENT_WAS_SENT, CLIENT_WAS_HEARD, CLIENT_WAS_ACCEPTED } what;
	uint64_t accepted;		/* SIP time of the 2xx */
};

/**
 * transaction_client_restore - an INVITE that was sent in an earlier life
 * @request: as it left
 *
 * Nothing is sent now. Where nobody had answered it is repeated in T1, over TCP
 * as well, where a peer that has it takes it for a repetition. NULL: out of
 * memory.
 */
struct client_transaction *transaction_client_restore(const struct flow *to, const char *branch,
						      struct str request,
						      const struct client_before *before,
						      const struct client_owner *owner);

/* The owner is gone: it is over, answers come to nobody. */
void transaction_client_drop(struct client_transaction *t);

/*
 * An INVITE: send CANCEL, now or as soon as a provisional answer has come
 * (RFC 3261 9.1). The owner hears the final answer all the same. @lines: more
 * header lines, such as Reason, each with its CR LF.
 */
void transaction_client_cancel(struct client_transaction *t, struct str lines);

/* The owner is gone: an INVITE is cancelled and ends by itself, others are dropped. */
void transaction_client_abandon(struct client_transaction *t);

/**
 * transaction_client_answered - give an answer to whom it belongs
 *
 * Only one from the peer it was sent to counts; from the core, by
 * the same transport, too, and on TCP by the same connection, unless that did
 * not outlive a restart. False: it belongs to nobody.
 */
bool transaction_client_answered(struct sip_msg *answer, const struct flow *from,
				 void *context);

/*
 * An ICMP error came for what was sent along @f (RFC 3261 18.4): the request it
 * quotes fails. It has to quote the branch, which nobody can guess who did not
 * see the request.
 */
void transaction_client_bounced(const struct flow *f, struct str quoted);

/* A connection is gone: what waits for an answer on it fails. */
void transaction_connection_closed(const struct flow *f);

struct transaction_stats {
	unsigned int server, client, unproven;
	unsigned long retransmitted, displaced, stray_answers, timeouts;
};
extern struct transaction_stats transaction_stats;

#endif
