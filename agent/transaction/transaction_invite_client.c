// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITE client transactions: RFC 3261 17.1.1 with RFC 6026.
 *
 *   TRYING ---1xx---> PROCEEDING ---300..699---> COMPLETED --timer D--> over
 *      \--timer B: no answer       \---2xx---> ACCEPTED --timer M--> over
 *
 * (Final answers move it on from TRYING, too.) The ACK of a refusal is made
 * and repeated here. In ACCEPTED every 2xx goes to the owner, repetitions and
 * those of other branches of a fork alike. How long PROCEEDING may last is the
 * owner's: timer C.
 */
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "sip_follow.h"
#include "transaction_private.h"

void invite_client_resend(struct client_transaction *t)
{
	/* Of an earlier life, and once is enough. */
	if (t->to.tcp)
		return;
	t->interval *= 2;			/* A, without a limit but B */
	clock_set(&t->resend, t->interval);
}

static struct sip_msg *read_request(const struct client_transaction *t)
{
	static const struct sip_limits ours = {
		.message = SIZE_MAX, .header_lines = UINT32_MAX, .line = SIZE_MAX,
		.commas = UINT32_MAX, .semicolons = UINT32_MAX,
	};
	struct sip_msg *msg = sip_msg_new((struct str){ t->request, t->request_n }, &ours, NULL);
	struct sip_fault fault;

	if (msg && sip_msg_check(msg, false, &fault))
		return msg;
	sip_msg_free(msg);
	return NULL;
}

static void send_cancel(struct client_transaction *t)
{
	const struct client_owner nobody = { 0 };
	struct sip_msg *request = read_request(t);
	struct octets out = { 0 };
	struct flow to = t->to;

	/* The call may have outlived the connection it was begun on. */
	if (to.tcp && !t->conn && transaction_config.reach)
		transaction_config.reach(&to);
	if (request && sip_cancel_write(request, str_of(t->cancel), &out))
		transaction_client_new(&to, t->branch, STR_LIT("CANCEL"), octets_str(&out),
				       &nobody);
	octets_free(&out);
	sip_msg_free(request);
}

void transaction_client_cancel(struct client_transaction *t, struct str lines)
{
	if (t->cancel || t->state > CLIENT_PROCEEDING)
		return;
	t->cancel = strndup(lines.p ? lines.p : "", lines.n);
	if (t->cancel && t->state == CLIENT_PROCEEDING)
		send_cancel(t);
}

static void send_ack(const struct client_transaction *t)
{
	if (t->request)
		client_send(t, t->request, t->request_n);
}

/* The request becomes its ACK. */
static void make_ack(struct client_transaction *t, const struct sip_msg *answer)
{
	struct sip_msg *request = read_request(t);
	struct octets out = { 0 };
	bool made = request && sip_ack_write(request, answer, &out);

	sip_msg_free(request);
	free(t->request);
	t->request = made ? out.p : NULL;
	t->request_n = made ? out.n : 0;
	if (!made)
		octets_free(&out);
}

static void refused(struct client_transaction *t, const struct sip_msg *answer)
{
	make_ack(t, answer);
	memset(&t->owner, 0, sizeof(t->owner));
	t->state = CLIENT_COMPLETED;
	client_done(t, t->to.tcp ? 0 : 64 * transaction_t1(&t->to));	/* D */
}

static void accepted(struct client_transaction *t)
{
	free(t->request);
	t->request = NULL;
	t->state = CLIENT_ACCEPTED;
	client_done(t, 64 * transaction_t1(&t->to));			/* M */
}

static void provisional(struct client_transaction *t)
{
	bool first = t->state == CLIENT_TRYING;

	t->state = CLIENT_PROCEEDING;
	if (!first)
		return;
	clock_stop(&t->resend);
	clock_stop(&t->end);
	if (t->cancel) {
		send_cancel(t);
		/* RFC 3261 9.1: it is over 64*T1 later, whatever comes. */
		clock_set(&t->end, 64 * transaction_t1(&t->to));
	}
}

void invite_client_answered(struct client_transaction *t, struct sip_msg *answer, void *context)
{
	struct client_owner owner = t->owner;
	bool refusal = answer->status >= 300 && t->state < CLIENT_COMPLETED;

	if (t->state == CLIENT_UNSENT)
		return;
	if (t->state == CLIENT_COMPLETED) {
		if (answer->status >= 300)
			send_ack(t);
		return;
	}
	if (t->state == CLIENT_ACCEPTED) {
		/* Only a 2xx can mean anything by now. */
		if (answer->status < 200 || answer->status >= 300)
			return;
	} else if (answer->status < 200) {
		provisional(t);
	} else if (answer->status < 300) {
		accepted(t);
	} else {
		refused(t, answer);
	}
	if (owner.answered)
		owner.answered(owner.arg, answer, context);
	/*
	 * Last: until then the next hop repeats its answer, should we be ended before
	 * it has been passed on.
	 */
	if (refusal)
		send_ack(t);
}
