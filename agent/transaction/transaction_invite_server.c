// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITE server transactions: RFC 3261 17.2.1 with RFC 6026.
 *
 *   PROCEEDING --300..699--> COMPLETED --ACK--> CONFIRMED --timer I--> over
 *        \                        \--timer H: no ACK came--> over
 *         \--2xx--> ACCEPTED --timer L--> over
 *
 * In COMPLETED the answer is repeated (timer G, over UDP). In ACCEPTED the
 * INVITE is absorbed without an answer: the 2xx is repeated by who gave it,
 * and its ACK is a request of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "transaction_private.h"

void invite_server_answered(struct server_transaction *t, unsigned int status)
{
	clock_set(&t->end, 64 * transaction_t1(&t->answer_to));	/* H or L */
	if (status < 300) {
		t->state = SERVER_ACCEPTED;
		free(t->answer);
		t->answer = NULL;
		return;
	}
	memset(&t->owner, 0, sizeof(t->owner));
	if (t->answer_to.tcp || !t->answer)
		return;
	t->interval = transaction_t1(&t->answer_to);
	clock_set(&t->resend, t->interval);
}

void invite_server_ended(struct server_transaction *t)
{
	struct server_owner owner = t->owner;

	server_forget(t);
	if (owner.ended)
		owner.ended(owner.arg);
}

bool transaction_server_acknowledged(const struct sip_msg *ack, const struct flow *from)
{
	struct server_transaction *t = server_find(ack, STR_LIT("INVITE"), from);

	if (!t || t->state == SERVER_ACCEPTED)
		return false;
	if (t->state == SERVER_COMPLETED) {
		t->state = SERVER_CONFIRMED;
		clock_stop(&t->resend);
		clock_set(&t->end, t->answer_to.tcp ? 0 : transaction_t4(&t->answer_to));
	}
	return true;
}

bool transaction_server_cancelled(const struct sip_msg *cancel, const struct flow *from)
{
	struct server_transaction *t = server_find(cancel, STR_LIT("INVITE"), from);

	if (!t)
		return false;
	if (t->state == SERVER_PROCEEDING && t->owner.cancelled)
		t->owner.cancelled(t->owner.arg, cancel);
	return true;
}
