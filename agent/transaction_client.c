// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Non-INVITE client transactions: requests to the core.
 *
 * They are found by their branch, 128 random bits of ours, and only answers
 * from the peer the request was sent to count (design 4.9).  The request is
 * kept until a final answer, for retransmission over UDP.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "transaction_private.h"

struct client_transaction {
	struct flow to;
	struct client_owner owner;
	enum { TRYING, PROCEEDING, COMPLETED, UNSENT } state;
	uint64_t interval;		/* of timer E */
	struct clock_timer e, f;	/* f is K once completed */
	char *request;
	size_t request_n;
	char method[16];
	UT_hash_handle hh;
	char branch[TRANSACTION_BRANCH];
};

static struct client_transaction *transactions;

static void forget(struct client_transaction *t)
{
	clock_stop(&t->e);
	clock_stop(&t->f);
	HASH_DEL(transactions, t);
	transaction_stats.client--;
	free(t->request);
	free(t);
}

static void fail(struct client_transaction *t, enum client_end why)
{
	struct client_owner owner = t->owner;

	forget(t);
	if (owner.failed)
		owner.failed(owner.arg, why);
}

static uint64_t t2(void)
{
	return 8 * transaction_config.t1_mw;
}

static void on_timer_e(struct clock_timer *timer)
{
	struct client_transaction *t = (void *)((char *)timer -
						offsetof(struct client_transaction, e));

	transaction_config.send(&t->to, t->request, t->request_n);
	t->interval = t->state == PROCEEDING || t->interval * 2 > t2() ? t2() : t->interval * 2;
	clock_set(&t->e, t->interval);
}

static void on_timer_f(struct clock_timer *timer)
{
	struct client_transaction *t = (void *)((char *)timer -
						offsetof(struct client_transaction, f));

	if (t->state == COMPLETED) {
		forget(t);
	} else if (t->state == UNSENT) {
		fail(t, CLIENT_TRANSPORT);
	} else {
		transaction_stats.timeouts++;
		fail(t, CLIENT_TIMEOUT);
	}
}

static struct client_transaction *create(const struct flow *to, const char *branch,
					 struct str method, struct str request)
{
	struct client_transaction *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->request = malloc(request.n);
	if (!t->request || method.n >= sizeof(t->method)) {
		free(t->request);
		free(t);
		return NULL;
	}
	memcpy(t->request, request.p, request.n);
	t->request_n = request.n;
	memcpy(t->method, method.p, method.n);
	strncpy(t->branch, branch, sizeof(t->branch) - 1);
	t->to = *to;
	t->e.fire = on_timer_e;
	t->f.fire = on_timer_f;
	HASH_ADD(hh, transactions, branch, strlen(t->branch), t);
	transaction_stats.client++;
	return t;
}

struct client_transaction *transaction_client_new(const struct flow *to, const char *branch,
						  struct str method, struct str request,
						  const struct client_owner *owner)
{
	struct client_transaction *t = create(to, branch, method, request);
	int ret;

	if (!t)
		return NULL;
	t->owner = *owner;
	t->interval = transaction_config.t1_mw;
	ret = transaction_config.send(to, request.p, request.n);
	if (ret) {
		log_warning("cannot send to the core at %s: %s", addr_text(&to->remote),
			    strerror(-ret));
		t->state = UNSENT;
		clock_set(&t->f, 0);
		return t;
	}
	clock_set(&t->f, 64 * transaction_config.t1_mw);
	if (!to->tcp)
		clock_set(&t->e, t->interval);
	return t;
}

void transaction_client_drop(struct client_transaction *t)
{
	forget(t);
}

static bool same_peer(const struct client_transaction *t, const struct flow *from)
{
	return from->side == t->to.side && from->tcp == t->to.tcp && from->conn == t->to.conn &&
	       addr_same_ip(&from->remote, &t->to.remote);
}

bool transaction_client_has(const char *branch)
{
	struct client_transaction *t;

	HASH_FIND_STR(transactions, branch, t);
	return t != NULL;
}

static struct client_transaction *find(const struct sip_msg *answer)
{
	struct client_transaction *t = NULL;

	if (answer->via.branch.n && answer->via.branch.n < TRANSACTION_BRANCH)
		HASH_FIND(hh, transactions, answer->via.branch.p, answer->via.branch.n, t);
	if (t && !str_same(answer->method_name, str_of(t->method)))
		return NULL;
	return t;
}

/* A final answer: nothing is sent any more, its repetitions are taken for K. */
static void complete(struct client_transaction *t)
{
	t->state = COMPLETED;
	clock_stop(&t->e);
	free(t->request);
	t->request = NULL;
	memset(&t->owner, 0, sizeof(t->owner));
	clock_set(&t->f, t->to.tcp ? 0 : 10 * transaction_config.t1_mw);
}

bool transaction_client_answered(struct sip_msg *answer, const struct flow *from,
				 void *context)
{
	struct client_transaction *t = find(answer);
	struct client_owner owner;

	if (!t || !same_peer(t, from)) {
		transaction_stats.stray_answers++;
		return false;
	}
	if (t->state == COMPLETED || t->state == UNSENT)
		return true;
	owner = t->owner;
	if (answer->status >= 200)
		complete(t);
	else
		t->state = PROCEEDING;
	if (owner.answered)
		owner.answered(owner.arg, answer, context);
	return true;
}

void transaction_connection_closed(const struct flow *f)
{
	struct client_transaction *t, *next;

	HASH_ITER(hh, transactions, t, next) {
		if (t->to.conn != f->conn || t->state == COMPLETED)
			continue;
		/* From the loop: the caller may be in the midst of sending. */
		t->state = UNSENT;
		clock_stop(&t->e);
		clock_set(&t->f, 0);
	}
}

void transaction_client_exit(void)
{
	struct client_transaction *t, *next;

	HASH_ITER(hh, transactions, t, next)
		forget(t);
}
