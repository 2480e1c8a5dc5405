// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Client transactions: requests to the core and to UEs. What is special about
 * an INVITE is in transaction_invite_client.c.
 *
 * They are found by their branch, 128 random bits of ours, and only answers
 * from the peer the request was sent to count.  The request is
 * kept until a final answer, for retransmission over UDP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "transaction_private.h"

/* Those whose answer is awaited on one TCP connection. */
struct client_conn {
	uint64_t conn;
	struct client_transaction *list;
	UT_hash_handle hh;
};

/*
 * What was answered is kept for the sake of repetitions only. At the pace of
 * tens of thousands a second the oldest goes early, and such a repetition is
 * a stray answer.
 */
#define MAX_DONE 200000

static struct client_transaction *transactions, *done;
static struct client_conn *conns;
static unsigned int n_done;

static bool join_conn(struct client_transaction *t)
{
	struct client_conn *c;

	HASH_FIND(hh, conns, &t->to.conn, sizeof(t->to.conn), c);
	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return false;
		c->conn = t->to.conn;
		HASH_ADD(hh, conns, conn, sizeof(c->conn), c);
	}
	DL_APPEND2(c->list, t, conn_prev, conn_next);
	t->conn = c;
	return true;
}

static void leave_conn(struct client_transaction *t)
{
	struct client_conn *c = t->conn;

	if (!c)
		return;
	DL_DELETE2(c->list, t, conn_prev, conn_next);
	t->conn = NULL;
	if (!c->list) {
		HASH_DEL(conns, c);
		free(c);
	}
}

static bool is_done(const struct client_transaction *t)
{
	return t->state == CLIENT_COMPLETED || t->state == CLIENT_ACCEPTED;
}

static void forget(struct client_transaction *t)
{
	clock_stop(&t->resend);
	clock_stop(&t->end);
	leave_conn(t);
	if (is_done(t)) {
		DL_DELETE2(done, t, done_prev, done_next);
		n_done--;
	}
	HASH_DEL(transactions, t);
	transaction_stats.client--;
	free(t->request);
	free(t->cancel);
	free(t);
}

static void fail(struct client_transaction *t, enum client_end why)
{
	struct client_owner owner = t->owner;

	forget(t);
	if (owner.failed)
		owner.failed(owner.arg, why);
}

/* Over for good; who owns an INVITE in ACCEPTED wants to know. */
static void finish(struct client_transaction *t)
{
	struct client_owner owner = t->owner;

	forget(t);
	if (owner.ended)
		owner.ended(owner.arg);
}

int client_send(const struct client_transaction *t, const char *data, size_t n)
{
	struct flow to = t->to;
	int ret = 0;

	/* Not t->to: whoever answers may have opened another one meanwhile. */
	if (to.tcp && !t->conn && transaction_config.reach)
		ret = transaction_config.reach(&to);
	return ret ? ret : transaction_config.send(&to, data, n);
}

static void on_resend(struct clock_timer *timer)
{
	struct client_transaction *t = (void *)((char *)timer -
						offsetof(struct client_transaction, resend));
	uint64_t t2 = transaction_t2(&t->to);

	client_send(t, t->request, t->request_n);
	if (t->invite) {
		invite_client_resend(t);
		return;
	}
	t->interval = t->state == CLIENT_PROCEEDING || t->interval * 2 > t2 ? t2
									     : t->interval * 2;
	clock_set(&t->resend, t->interval);
}

static void on_end(struct clock_timer *timer)
{
	struct client_transaction *t = (void *)((char *)timer -
						offsetof(struct client_transaction, end));

	if (is_done(t)) {
		finish(t);
	} else if (t->state == CLIENT_UNSENT) {
		fail(t, CLIENT_TRANSPORT);
	} else {
		transaction_stats.timeouts++;
		fail(t, CLIENT_TIMEOUT);
	}
}

static size_t make_key(char *key, size_t room, struct str branch, struct str method)
{
	size_t n = branch.n + 1 + method.n;

	if (n < room) {
		memcpy(key, branch.p, branch.n);
		key[branch.n] = ' ';
		memcpy(key + branch.n + 1, method.p, method.n);
	}
	return n;
}

static struct client_transaction *create(const struct flow *to, const char *branch,
					 struct str method, struct str request)
{
	struct client_transaction *t = calloc(1, sizeof(*t));
	size_t n;

	if (!t)
		return NULL;
	t->request = malloc(request.n);
	t->to = *to;
	if (!t->request || method.n >= sizeof(t->method) || (to->tcp && to->conn && !join_conn(t))) {
		free(t->request);
		free(t);
		return NULL;
	}
	memcpy(t->request, request.p, request.n);
	t->request_n = request.n;
	memcpy(t->method, method.p, method.n);
	strncpy(t->branch, branch, sizeof(t->branch) - 1);
	t->invite = str_same(method, STR_LIT("INVITE"));
	t->resend.fire = on_resend;
	t->end.fire = on_end;
	n = make_key(t->key, sizeof(t->key), str_of(t->branch), method);
	HASH_ADD(hh, transactions, key, n, t);
	transaction_stats.client++;
	return t;
}

static const char *peer_name(const struct flow *f)
{
	return f->side == FLOW_MW ? "the core" : "a UE";
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
	t->interval = transaction_t1(to);
	ret = transaction_config.send(to, request.p, request.n);
	if (ret) {
		log_warning("cannot send to %s at %s: %s", peer_name(to), addr_text(&to->remote),
			    strerror(-ret));
		t->state = CLIENT_UNSENT;
		clock_set(&t->end, 0);
		return t;
	}
	clock_set(&t->end, 64 * transaction_t1(to));
	if (!to->tcp)
		clock_set(&t->resend, t->interval);
	return t;
}

static void restore_state(struct client_transaction *t, const struct client_before *before)
{
	uint64_t t1 = transaction_t1(&t->to);

	switch (before->what) {
	case CLIENT_WAS_SENT:
		t->interval = t1;
		clock_set(&t->resend, t1);
		clock_set(&t->end, 64 * t1);				/* B */
		break;
	case CLIENT_WAS_HEARD:
		t->state = CLIENT_PROCEEDING;
		break;
	case CLIENT_WAS_ACCEPTED:
		free(t->request);
		t->request = NULL;
		t->state = CLIENT_ACCEPTED;
		client_done(t, 0);
		clock_set_at(&t->end, before->accepted + 64 * t1);	/* M */
		break;
	}
}

struct client_transaction *transaction_client_restore(const struct flow *to, const char *branch,
						      struct str request,
						      const struct client_before *before,
						      const struct client_owner *owner)
{
	struct client_transaction *t = create(to, branch, STR_LIT("INVITE"), request);

	if (!t)
		return NULL;
	t->owner = *owner;
	restore_state(t, before);
	return t;
}

void transaction_client_drop(struct client_transaction *t)
{
	forget(t);
}

void transaction_client_abandon(struct client_transaction *t)
{
	if (!t->invite) {
		forget(t);
		return;
	}
	memset(&t->owner, 0, sizeof(t->owner));
	if (is_done(t))
		return;
	transaction_client_cancel(t, STR_NONE);
	clock_set(&t->end, 64 * transaction_t1(&t->to));
}

/*
 * The branch is the proof. Of the core the way has to be the same as well, but
 * for a connection of an earlier life. A UE may have got a new set since, or
 * answer on another connection of its own when the one of the request has closed
 * (RFC 3261 18.2.2).
 */
static bool same_peer(const struct client_transaction *t, const struct flow *from)
{
	if (from->side != t->to.side || !addr_same_ip(&from->remote, &t->to.remote))
		return false;
	return from->side != FLOW_MW ||
	       (from->tcp == t->to.tcp && (from->conn == t->to.conn || !t->to.conn));
}

static struct client_transaction *find_by(struct str branch, struct str method)
{
	char key[TRANSACTION_BRANCH + 16];
	struct client_transaction *t = NULL;
	size_t n;

	if (!branch.n || branch.n >= TRANSACTION_BRANCH || method.n >= sizeof(t->method))
		return NULL;
	n = make_key(key, sizeof(key), branch, method);
	if (n < sizeof(key))
		HASH_FIND(hh, transactions, key, n, t);
	return t;
}

bool transaction_client_has(const char *branch, struct str method)
{
	return find_by(str_of(branch), method) != NULL;
}

void client_done(struct client_transaction *t, uint64_t ms)
{
	clock_stop(&t->resend);
	leave_conn(t);
	DL_APPEND2(done, t, done_prev, done_next);
	n_done++;
	clock_set(&t->end, ms);
	/* From the loop: somebody may be at work with it. */
	if (n_done > MAX_DONE)
		clock_set(&done->end, 0);
}

/* A final answer: nothing is sent any more, its repetitions are taken for K. */
static void complete(struct client_transaction *t)
{
	t->state = CLIENT_COMPLETED;
	free(t->request);
	t->request = NULL;
	memset(&t->owner, 0, sizeof(t->owner));
	client_done(t, t->to.tcp ? 0 : transaction_t4(&t->to));
}

bool transaction_client_answered(struct sip_msg *answer, const struct flow *from,
				 void *context)
{
	struct client_transaction *t = find_by(answer->via.branch, answer->method_name);
	struct client_owner owner;

	if (!t || !same_peer(t, from)) {
		transaction_stats.stray_answers++;
		return false;
	}
	if (t->invite) {
		invite_client_answered(t, answer, context);
		return true;
	}
	if (is_done(t) || t->state == CLIENT_UNSENT)
		return true;
	owner = t->owner;
	if (answer->status >= 200)
		complete(t);
	else
		t->state = CLIENT_PROCEEDING;
	if (owner.answered)
		owner.answered(owner.arg, answer, context);
	return true;
}

/* From the loop: the caller may be in the midst of sending. */
static void fail_soon(struct client_transaction *t)
{
	t->state = CLIENT_UNSENT;
	clock_stop(&t->resend);
	clock_set(&t->end, 0);
}

void transaction_client_bounced(const struct flow *f, struct str quoted)
{
	static const char before[] = ";branch=";
	const char *at = memmem(quoted.p, quoted.n, before, sizeof(before) - 1);
	const char *blank = memchr(quoted.p, ' ', quoted.n);
	struct client_transaction *t;
	struct str branch;

	if (!at || !blank)
		return;
	branch = str_from(quoted, at + sizeof(before) - 1 - quoted.p);
	if (branch.n < TRANSACTION_BRANCH_LENGTH)
		return;
	branch.n = TRANSACTION_BRANCH_LENGTH;
	t = find_by(branch, (struct str){ quoted.p, (size_t)(blank - quoted.p) });
	/* Who has sent a provisional answer is there. */
	if (t && t->state == CLIENT_TRYING && !t->to.tcp && addr_same(&t->to.remote, &f->remote))
		fail_soon(t);
}

void transaction_connection_closed(const struct flow *f)
{
	struct client_transaction *t;
	struct client_conn *c;

	for (;;) {
		HASH_FIND(hh, conns, &f->conn, sizeof(f->conn), c);
		if (!c)
			return;
		t = c->list;
		leave_conn(t);
		/*
		 * An INVITE that a UE has been heard of for lives on: its answer
		 * may come on another connection.
		 */
		if (!t->invite || t->state != CLIENT_PROCEEDING ||
		    t->to.side == FLOW_MW)
			fail_soon(t);
	}
}

void transaction_client_exit(void)
{
	struct client_transaction *t, *next;

	HASH_ITER(hh, transactions, t, next)
		forget(t);
}
