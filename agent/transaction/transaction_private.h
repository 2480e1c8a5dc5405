/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRANSACTION_PRIVATE_H
#define _TRANSACTION_PRIVATE_H

#include "clock.h"
#include "crowd.h"
#include "hash.h"
#include "transaction.h"

/* Between the files transaction*.c only. */
extern struct transaction_config transaction_config;

/* T1, T2 and T4 of that side (TS 24.229 table 7.7.1). */
uint64_t transaction_t1(const struct flow *f);
uint64_t transaction_t2(const struct flow *f);
uint64_t transaction_t4(const struct flow *f);

struct server_pool;

struct server_transaction {
	struct flow answer_to;
	struct server_owner owner;
	bool invite;
	enum {
		SERVER_PROCEEDING,	/* not yet answered for good; TRYING too */
		SERVER_COMPLETED,
		SERVER_CONFIRMED,	/* INVITE: its ACK has come */
		SERVER_ACCEPTED,	/* INVITE: answered with 2xx (RFC 6026) */
	} state;
	uint64_t interval;		/* of timer G */
	uint64_t came;			/* SIP time */
	struct clock_timer resend;	/* G; of others, until they are answered, for a 100 */
	struct clock_timer end;		/* J; of an INVITE H, I or L */
	struct server_pool *pool;	/* NULL: none */
	bool unproven;			/* then it is in the crowd of strangers */
	struct crowd_entry crowd;
	char *answer;
	size_t answer_n;
	struct server_transaction *next, *prev;		/* in its pool */
	UT_hash_handle hh;
	size_t key_n;
	char key[];
};

/* The one that @request, or the INVITE an ACK or CANCEL is for, belongs to. */
struct server_transaction *server_find(const struct sip_msg *request, struct str method,
				       const struct flow *from);
void server_forget(struct server_transaction *t);

/* The states of an INVITE after its final answer was sent and kept. */
void invite_server_answered(struct server_transaction *t, unsigned int status);
void invite_server_ended(struct server_transaction *t);

struct client_conn;

struct client_transaction {
	struct flow to;
	struct client_owner owner;
	bool invite;
	char *cancel;			/* INVITE: to be cancelled, with these lines */
	enum {
		CLIENT_TRYING,		/* CALLING too */
		CLIENT_PROCEEDING,
		CLIENT_COMPLETED,
		CLIENT_ACCEPTED,	/* INVITE: answered with 2xx (RFC 6026) */
		CLIENT_UNSENT,
	} state;
	uint64_t interval;		/* of timers A and E */
	struct clock_timer resend;	/* A, E */
	struct clock_timer end;		/* B, F; after a final answer D, K, M */
	char *request;			/* once an INVITE is refused: its ACK */
	size_t request_n;
	char method[16];
	struct client_conn *conn;	/* TCP: those of its connection */
	struct client_transaction *conn_prev, *conn_next;
	struct client_transaction *done_prev, *done_next;
	UT_hash_handle hh;
	char branch[TRANSACTION_BRANCH];
	char key[TRANSACTION_BRANCH + 16];	/* branch and method */
};

/* A final answer has come: it ends in @ms, or earlier when there are too many. */
void client_done(struct client_transaction *t, uint64_t ms);

/* On the way it has, or another where that has gone. */
int client_send(const struct client_transaction *t, const char *data, size_t n);

void invite_client_resend(struct client_transaction *t);
void invite_client_answered(struct client_transaction *t, struct sip_msg *answer, void *context);

void transaction_server_exit(void);
void transaction_client_exit(void);
bool transaction_client_has(const char *branch, struct str method);

#endif
