// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Non-INVITE server transactions: requests of UEs and of the core.
 *
 * They are found by what RFC 3261 17.2.3 names and by who sent them, so that a
 * stranger who copies a branch finds only his own.  Call-ID and CSeq are part
 * of the key for the sake of senders whose branch repeats.  The key and the
 * last answer are owned here; the request is not kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crowd.h"
#include "hash.h"
#include "log.h"
#include "transaction_private.h"

/*
 * Those of one SA set, the oldest first; those of senders without one are a
 * crowd. A newcomer displaces the oldest of its own pool and no other, so that
 * neither strangers nor one phone can use up what others need; among strangers
 * it is the oldest of the source that has most.
 */
struct pool {
	uint32_t set;
	unsigned int n;
	struct server_transaction *list;
	UT_hash_handle hh;
};

struct server_transaction {
	struct flow answer_to;
	struct server_owner owner;
	bool completed;
	struct pool *pool;		/* NULL: of the core, or of a stranger */
	bool unproven;
	struct crowd_entry crowd;	/* of a stranger */
	char *answer;
	size_t answer_n;
	struct clock_timer timer;			/* J */
	struct server_transaction *next, *prev;		/* in its pool */
	UT_hash_handle hh;
	size_t key_n;
	char key[];
};

/* More than a phone has under way; each lasts 64*T1 after its answer. */
#define PER_SET 32

static struct server_transaction *transactions;
static struct pool *pools;
static struct crowd strangers;

static void put_key(struct octets *key, const struct sip_msg *request, const struct flow *from)
{
	octets_put(key, request->via.branch);
	octets_puts(key, "\n");
	octets_put(key, request->via.host);
	octets_printf(key, ":%u\n", request->via.port);
	octets_put(key, request->method_name);
	octets_puts(key, "\n");
	octets_put(key, request->call_id);
	octets_printf(key, "\n%u\n%d %d %u %llu ", request->cseq, from->side, from->tcp, from->set,
		      (unsigned long long)from->conn);
	octets_put(key, (struct str){ (const char *)&from->remote, sizeof(from->remote) });
	octets_put(key, (struct str){ (const char *)&from->local, sizeof(from->local) });
}

static bool join_pool(struct server_transaction *t, const struct flow *from)
{
	uint32_t set = from->set;
	struct pool *pool;

	if (!set) {
		t->unproven = crowd_add(&strangers, &t->crowd, &from->remote);
		transaction_stats.unproven = strangers.n;
		return t->unproven;
	}
	HASH_FIND(hh, pools, &set, sizeof(set), pool);
	if (!pool) {
		pool = calloc(1, sizeof(*pool));
		if (!pool)
			return false;
		pool->set = set;
		HASH_ADD(hh, pools, set, sizeof(pool->set), pool);
	}
	t->pool = pool;
	DL_APPEND(pool->list, t);
	pool->n++;
	return true;
}

static void leave_pool(struct server_transaction *t)
{
	struct pool *pool = t->pool;

	DL_DELETE(pool->list, t);
	if (!--pool->n) {
		HASH_DEL(pools, pool);
		free(pool);
	}
}

static void forget(struct server_transaction *t)
{
	clock_stop(&t->timer);
	HASH_DEL(transactions, t);
	transaction_stats.server--;
	if (t->pool)
		leave_pool(t);
	if (t->unproven) {
		crowd_remove(&strangers, &t->crowd);
		transaction_stats.unproven = strangers.n;
	}
	free(t->answer);
	free(t);
}

static void on_timer_j(struct clock_timer *timer)
{
	forget((void *)((char *)timer - offsetof(struct server_transaction, timer)));
}

static void displace(struct server_transaction *t)
{
	struct server_owner owner = t->owner;
	bool told = !t->completed && owner.displaced;

	transaction_stats.displaced++;
	forget(t);
	if (told)
		owner.displaced(owner.arg);
}

bool transaction_server_retransmitted(const struct sip_msg *request, const struct flow *from)
{
	struct octets key = { 0 };
	struct server_transaction *t = NULL;

	put_key(&key, request, from);
	if (!key.failed)
		HASH_FIND(hh, transactions, key.p, key.n, t);
	octets_free(&key);
	if (!t)
		return false;
	transaction_stats.retransmitted++;
	if (t->answer)
		transaction_config.send(&t->answer_to, t->answer, t->answer_n);
	return true;
}

struct server_transaction *transaction_server_new(const struct sip_msg *request,
						  const struct flow *from,
						  const struct flow *answer_to,
						  const struct server_owner *owner)
{
	struct server_transaction *t = NULL;
	struct octets key = { 0 };

	put_key(&key, request, from);
	if (!key.failed)
		t = calloc(1, sizeof(*t) + key.n);
	if (t) {
		t->answer_to = *answer_to;
		t->owner = *owner;
		t->timer.fire = on_timer_j;
		t->key_n = key.n;
		memcpy(t->key, key.p, key.n);
		HASH_ADD(hh, transactions, key, key.n, t);
		transaction_stats.server++;
	}
	octets_free(&key);
	if (!t || from->side == FLOW_MW)
		return t;
	if (!join_pool(t, from)) {
		forget(t);
		return NULL;
	}
	if (t->pool && t->pool->n > PER_SET)
		displace(t->pool->list);
	else if (strangers.n > transaction_config.unproven)
		displace((void *)((char *)crowd_victim(&strangers) -
				  offsetof(struct server_transaction, crowd)));
	return t;
}

int transaction_server_answer(struct server_transaction *t, unsigned int status, struct str answer)
{
	char *copy;
	int ret;

	ret = transaction_config.send(&t->answer_to, answer.p, answer.n);
	if (t->completed)
		return ret;
	/* J is 0 where nothing is retransmitted (RFC 3261 17.2.2). */
	if (status >= 200 && t->answer_to.tcp) {
		forget(t);
		return ret;
	}
	copy = malloc(answer.n);
	if (copy) {
		memcpy(copy, answer.p, answer.n);
		free(t->answer);
		t->answer = copy;
		t->answer_n = answer.n;
	}
	if (status >= 200) {
		t->completed = true;
		clock_set(&t->timer, 64 * (t->answer_to.side == FLOW_MW ?
					   transaction_config.t1_mw : transaction_config.t1_gm));
	}
	return ret;
}

void transaction_server_redirect(struct server_transaction *t, const struct flow *answer_to)
{
	t->answer_to = *answer_to;
}

void transaction_server_drop(struct server_transaction *t)
{
	forget(t);
}

void transaction_server_exit(void)
{
	struct server_transaction *t, *next;

	HASH_ITER(hh, transactions, t, next)
		forget(t);
}
