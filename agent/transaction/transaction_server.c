// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Server transactions: requests of UEs and of the core. What is special about
 * an INVITE is in transaction_invite_server.c.
 *
 * They are found by what RFC 3261 17.2.3 names and by who sent them, so that a
 * stranger who copies a branch finds only his own.  Call-ID and CSeq are part
 * of the key for the sake of senders whose branch repeats.  The key and the
 * last answer are owned here; the request is not kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "transaction_private.h"

/*
 * Those of one SA set, of the core for one UE, or of one emergency call without
 * a set, either way; the oldest first. Those of other senders without a set are
 * a crowd. A newcomer displaces one of its own pool
 * and no other, so that neither strangers nor one phone can use up what others
 * need, and nobody what a phone needs for its own requests; among strangers it
 * is the oldest of the source that has most.
 */
struct server_pool {
	struct pool_key {
		uint64_t set;
		const void *for_whom;
		uint64_t side;
	} key;
	unsigned int n, most;
	struct server_transaction *open, *answered;
	UT_hash_handle hh;
};

/* More than a phone has under way; each lasts 64*T1 after its answer. */
#define PER_SET 64
/* More than a call has. */
#define PER_CALL 16

static struct server_transaction *transactions;
static struct server_pool *pools;
static struct crowd strangers;

/*
 * Of a UE's SAs the UE counts, of the core the address: neither a new set nor a
 * new connection makes another sender.
 */
static void put_sender(struct octets *key, const struct flow *from)
{
	const void *party = NULL;
	struct addr remote = from->remote, local = from->local;

	if (from->side == FLOW_GM_PROTECTED && transaction_config.party)
		party = transaction_config.party(from);
	if (party || from->side == FLOW_MW) {
		remote.port = local.port = 0;
		octets_put(key, (struct str){ (const char *)&party, sizeof(party) });
	} else {
		octets_puts(key, from->tcp ? "t" : "u");
		octets_number(key, from->set);
		octets_puts(key, " ");
		octets_number(key, from->conn);
		octets_puts(key, " ");
	}
	octets_put(key, (struct str){ (const char *)&remote, sizeof(remote) });
	octets_put(key, (struct str){ (const char *)&local, sizeof(local) });
}

static void put_key(struct octets *key, const struct sip_msg *request, struct str method,
		    const struct flow *from)
{
	octets_put(key, request->via.branch);
	octets_puts(key, "\n");
	octets_put(key, request->via.host);
	octets_puts(key, ":");
	octets_number(key, request->via.port);
	octets_puts(key, "\n");
	octets_put(key, method);
	octets_puts(key, "\n");
	octets_put(key, request->call_id);
	octets_puts(key, "\n");
	octets_number(key, request->cseq);
	octets_puts(key, from->side == FLOW_MW ? "\nm" : from->side == FLOW_GM ? "\ng" : "\np");
	put_sender(key, from);
}

static bool join_crowd(struct server_transaction *t, const struct addr *from)
{
	t->unproven = crowd_add(&strangers, &t->crowd, from);
	transaction_stats.unproven = strangers.n;
	return t->unproven;
}

static void leave_crowd(struct server_transaction *t)
{
	crowd_remove(&strangers, &t->crowd);
	transaction_stats.unproven = strangers.n;
}

static bool join_pool(struct server_transaction *t, const struct flow *from,
		      const struct server_owner *owner)
{
	struct pool_key key;
	struct server_pool *pool;

	memset(&key, 0, sizeof(key));
	key.set = from->set;
	key.for_whom = owner->for_whom;
	key.side = from->side;
	HASH_FIND(hh, pools, &key, sizeof(key), pool);
	if (!pool) {
		pool = calloc(1, sizeof(*pool));
		if (!pool)
			return false;
		pool->key = key;
		pool->most = from->side == FLOW_GM && !owner->registered ? PER_CALL : PER_SET;
		HASH_ADD(hh, pools, key, sizeof(pool->key), pool);
	}
	t->pool = pool;
	DL_APPEND(pool->open, t);
	pool->n++;
	return true;
}

static void leave_pool(struct server_transaction *t)
{
	struct server_pool *pool = t->pool;

	if (t->state == SERVER_PROCEEDING)
		DL_DELETE(pool->open, t);
	else
		DL_DELETE(pool->answered, t);
	if (!--pool->n) {
		HASH_DEL(pools, pool);
		free(pool);
	}
}

void server_forget(struct server_transaction *t)
{
	clock_stop(&t->resend);
	clock_stop(&t->end);
	HASH_DEL(transactions, t);
	transaction_stats.server--;
	if (t->pool)
		leave_pool(t);
	if (t->unproven)
		leave_crowd(t);
	free(t->answer);
	free(t);
}

static void on_end(struct clock_timer *timer)
{
	struct server_transaction *t = (void *)((char *)timer -
						offsetof(struct server_transaction, end));

	if (t->invite)
		invite_server_ended(t);
	else
		server_forget(t);
}

static void on_resend(struct clock_timer *timer)
{
	struct server_transaction *t = (void *)((char *)timer -
						offsetof(struct server_transaction, resend));
	uint64_t t2 = transaction_t2(&t->answer_to);

	if (!t->invite) {
		t->owner.late(t->owner.arg);
		return;
	}
	transaction_config.send(&t->answer_to, t->answer, t->answer_n);
	t->interval = 2 * t->interval > t2 ? t2 : 2 * t->interval;
	clock_set(&t->resend, t->interval);
}

static void displace(struct server_transaction *t)
{
	struct server_owner owner = t->owner;
	bool open = t->state == SERVER_PROCEEDING;

	transaction_stats.displaced++;
	server_forget(t);
	if (open && owner.displaced)
		owner.displaced(owner.arg);
	else if (!open && owner.ended)
		owner.ended(owner.arg);
}

struct server_transaction *server_find(const struct sip_msg *request, struct str method,
				       const struct flow *from)
{
	struct octets key = { 0 };
	struct server_transaction *t = NULL;

	put_key(&key, request, method, from);
	if (!key.failed)
		HASH_FIND(hh, transactions, key.p, key.n, t);
	octets_free(&key);
	return t;
}

bool transaction_server_retransmitted(const struct sip_msg *request, const struct flow *from)
{
	struct server_transaction *t = server_find(request, request->method_name, from);

	if (!t)
		return false;
	transaction_stats.retransmitted++;
	if (t->answer && t->state < SERVER_CONFIRMED)
		transaction_config.send(&t->answer_to, t->answer, t->answer_n);
	return true;
}

static struct server_transaction *create(const struct sip_msg *request, const struct flow *from)
{
	struct server_transaction *t = NULL;
	struct octets key = { 0 };

	put_key(&key, request, request->method_name, from);
	if (!key.failed)
		t = calloc(1, sizeof(*t) + key.n);
	if (t) {
		t->invite = request->method == SIP_METHOD_INVITE;
		t->resend.fire = on_resend;
		t->end.fire = on_end;
		t->key_n = key.n;
		memcpy(t->key, key.p, key.n);
		HASH_ADD(hh, transactions, key, key.n, t);
		transaction_stats.server++;
	}
	octets_free(&key);
	return t;
}

static void make_room(const struct server_pool *pool)
{
	if (pool && pool->n > pool->most)
		displace(pool->answered ? pool->answered : pool->open);
	else if (!pool && strangers.n > transaction_config.unproven)
		displace((void *)((char *)crowd_victim(&strangers) -
				  offsetof(struct server_transaction, crowd)));
}

struct server_transaction *transaction_server_new(const struct sip_msg *request,
						  const struct flow *from,
						  const struct flow *answer_to,
						  const struct server_owner *owner)
{
	struct server_transaction *t = create(request, from);

	if (!t)
		return NULL;
	t->answer_to = *answer_to;
	t->owner = *owner;
	t->came = clock_now();
	/* Timer E has fired at T1, 3*T1 and 7*T1, and is T2 then. */
	if (!t->invite && owner->late)
		clock_set(&t->resend, 7 * transaction_t1(from));
	if (from->side == FLOW_MW && !owner->for_whom)
		return t;
	if (from->set || owner->for_whom ? !join_pool(t, from, owner)
					 : !join_crowd(t, &from->remote)) {
		server_forget(t);
		return NULL;
	}
	make_room(t->pool);
	return t;
}

static void keep(struct server_transaction *t, struct str answer)
{
	char *copy = malloc(answer.n);

	if (!copy)
		return;
	memcpy(copy, answer.p, answer.n);
	free(t->answer);
	t->answer = copy;
	t->answer_n = answer.n;
}

/* Is final now: into the other queue of its pool. */
static void move_to_answered(struct server_transaction *t)
{
	if (!t->pool)
		return;
	DL_DELETE(t->pool->open, t);
	DL_APPEND(t->pool->answered, t);
}

int transaction_server_answer(struct server_transaction *t, unsigned int status, struct str answer)
{
	int ret = transaction_config.send(&t->answer_to, answer.p, answer.n);

	if (t->state != SERVER_PROCEEDING)
		return ret;
	keep(t, answer);
	if (status < 200)
		return ret;
	clock_stop(&t->resend);
	/* J is 0 where nothing is retransmitted (RFC 3261 17.2.2). */
	if (!t->invite && t->answer_to.tcp) {
		server_forget(t);
		return ret;
	}
	move_to_answered(t);
	t->state = SERVER_COMPLETED;
	if (t->invite) {
		invite_server_answered(t, status);
		return ret;
	}
	memset(&t->owner, 0, sizeof(t->owner));
	clock_set(&t->end, 64 * transaction_t1(&t->answer_to));
	return ret;
}

const struct flow *transaction_server_way(const struct server_transaction *t)
{
	return &t->answer_to;
}

void transaction_server_redirect(struct server_transaction *t, const struct flow *answer_to)
{
	t->answer_to = *answer_to;
}

bool transaction_server_in_time(const struct server_transaction *t)
{
	return clock_now() < t->came + 64 * transaction_t1(&t->answer_to);
}

void transaction_server_drop(struct server_transaction *t)
{
	server_forget(t);
}

void transaction_server_silence(struct server_transaction *t)
{
	if (t->answer_to.tcp) {
		server_forget(t);
		return;
	}
	clock_stop(&t->resend);
	move_to_answered(t);
	t->state = SERVER_COMPLETED;
	memset(&t->owner, 0, sizeof(t->owner));
	clock_set(&t->end, 64 * transaction_t1(&t->answer_to));
}

void transaction_server_answered_before(struct server_transaction *t, struct str answer)
{
	keep(t, answer);
}

void transaction_server_accepted_before(struct server_transaction *t, uint64_t accepted)
{
	move_to_answered(t);
	t->state = SERVER_ACCEPTED;
	clock_set_at(&t->end, accepted + 64 * transaction_t1(&t->answer_to));	/* L */
}

void transaction_server_detach(struct server_transaction *t)
{
	memset(&t->owner, 0, sizeof(t->owner));
}

void transaction_server_exit(void)
{
	struct server_transaction *t, *next;

	HASH_ITER(hh, transactions, t, next)
		server_forget(t);
}
