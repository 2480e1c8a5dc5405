// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A SUBSCRIBE's way to the core. The first of a dialog goes where a REGISTER
 * does (TS 24.229 5.2.3), a later one along the dialog's route; each to one
 * target after the other (RFC 3263 4.3), with a branch of its own.
 */
#include "regevent_private.h"

#include "sip_param.h"

static unsigned int under_way;

unsigned int regevent_under_way(void)
{
	return under_way;
}

bool regevent_is_sending(const struct subscription *s)
{
	return s->way != NULL;
}

static void over(struct subscription *s)
{
	if (s->way)
		under_way--;
	nexthop_free(s->way);
	s->way = NULL;
	s->client = NULL;
}

void regevent_give_up(struct subscription *s)
{
	if (s->client)
		transaction_client_drop(s->client);
	over(s);
}

static void on_answer(void *arg, struct sip_msg *answer, void *context);
static void on_failure(void *arg, enum client_end why);

static bool send_to(struct subscription *s, struct flow *to)
{
	const struct client_owner owner = {
		.answered = on_answer, .failed = on_failure, .arg = s,
	};
	char branch[TRANSACTION_BRANCH];
	struct octets out = { 0 };
	bool fine;

	transaction_branch(branch);
	fine = regevent_write(s, to, branch, &out);
	if (fine && nexthop_is_long(s->way, out.n, to)) {
		out.n = 0;
		fine = regevent_write(s, to, branch, &out);
	}
	if (fine)
		s->client = transaction_client_new(to, branch, STR_LIT("SUBSCRIBE"),
						   octets_str(&out), &owner);
	octets_free(&out);
	return s->client != NULL;
}

/* The next target. False: there is none. */
static bool go_on(struct subscription *s)
{
	struct flow to;

	switch (nexthop_next(s->way, &to)) {
	case NEXTHOP_TARGET:
		return send_to(s, &to);
	case NEXTHOP_WAIT:
		return true;
	case NEXTHOP_PAUSED:
	case NEXTHOP_NONE:
		break;
	}
	return false;
}

/* What the DNS was asked for has come, or will not come. */
static void on_ready(void *arg)
{
	struct subscription *s = arg;

	if (go_on(s))
		return;
	over(s);
	regevent_unanswered(s, "the core cannot be reached");
}

static void on_answer(void *arg, struct sip_msg *answer, void *context)
{
	struct subscription *s = arg;

	(void)context;
	if (answer->status < 200)
		return;
	s->client = NULL;
	if (nexthop_answered(s->way, answer) && go_on(s))
		return;
	over(s);
	regevent_answered(s, answer);
}

static void on_failure(void *arg, enum client_end why)
{
	struct subscription *s = arg;

	s->client = NULL;
	nexthop_failed(s->way, why != CLIENT_TIMEOUT);
	if (go_on(s))
		return;
	over(s);
	regevent_unanswered(s, why == CLIENT_TIMEOUT ? "the core does not answer" :
						       "the core cannot be reached");
}

/* Where it goes: within a dialog the first Route, or else the notifier itself. */
static struct str where(const struct subscription *s)
{
	struct str route = str_of(s->route), first;
	struct sip_addr addr;

	if (!s->remote_target)
		return str_of(s->identity);
	if (route.p && sip_param_split(&route, ',', &first) && sip_addr_split(first, &addr))
		return addr.uri;
	return str_of(s->remote_target);
}

bool regevent_send(struct subscription *s)
{
	const struct nexthop_wish wish = {
		.uri = where(s),
		.entry = !s->remote_target,
		.affinity = str_of(s->ue->impi),
		.ready = on_ready,
		.arg = s,
	};

	s->cseq++;
	s->asked = clock_now();
	s->way = nexthop_new(&wish);
	if (!s->way)
		return false;
	under_way++;
	if (!go_on(s)) {
		over(s);
		return false;
	}
	regevent_stats.sent++;
	return true;
}
