// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What of an INVITE outlives the program, as a value and back: the
 * request as it came and the head that left, from which answers, ACK and CANCEL
 * are made; its branch, by which the next hop's answers find it; how far it is.
 *
 * Connections do not outlive it. To a UE another one is opened inside of its SAs,
 * to the core another one, and answers may come on any from the same peer.
 */
#include "relay_life.h"

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "random.h"
#include "relay.h"

/*
 * How much later than timer C an INVITE is said to end: so seldom has it to be
 * told of that a callee rings on (RFC 3261 16.7 2.).
 */
#define SLACK 60000

_Static_assert(STORE_INVITE_KEY == RELAY_KEY - 1, "keys are stored as they are");
_Static_assert(STORE_INVITE_KEY == DIALOG_TOKEN - 1, "and tokens of dialogs");
_Static_assert(STORE_BRANCH == TRANSACTION_BRANCH - 1, "and branches");

static struct relay_watch watched;

static const struct sip_limits ours = {
	.message = SIZE_MAX, .header_lines = UINT32_MAX, .line = SIZE_MAX,
	.commas = UINT32_MAX, .semicolons = UINT32_MAX,
};

void relay_watch(const struct relay_watch *watch)
{
	watched = *watch;
}

void relay_unwatch(void)
{
	watched = (struct relay_watch){ 0 };
}

/* --- there --- */

static struct store_way way_of(const struct flow *f)
{
	return (struct store_way){
		.tcp = f->tcp, .set = f->set, .local = f->local, .remote = f->remote,
	};
}

static enum store_invite_state state_of(const struct relay *r)
{
	return r->accepted ? STORE_INVITE_ACCEPTED : r->heard ? STORE_INVITE_HEARD :
	       r->branch[0] ? STORE_INVITE_SENT : STORE_INVITE_WAITS;
}

static struct store_invite describe(const struct relay *r)
{
	return (struct store_invite){
		.key = str_of(r->key), .ue = str_of(r->party.ue->token), .from_ue = r->from_ue,
		.inside = r->inside, .emergency = r->emergency.route != NULL,
		.token = str_of(r->token), .from = way_of(&r->from), .to = way_of(&r->to),
		.state = state_of(r), .request = r->request->octets, .sent = octets_str(&r->sent),
		.branch = str_of(r->branch), .cancelled = r->cancelled,
		.reason = octets_str(&r->reason), .ends = r->lasts, .accepted = r->accepted_at,
	};
}

/* Who has no SAs has nothing that outlives the program. */
static bool may_be_kept(const struct relay *r)
{
	return watched.changed && r->request->method == SIP_METHOD_INVITE && r->token[0] &&
	       (r->from_ue ? r->from.set : r->to.set) != 0;
}

static void tell(const struct relay *r)
{
	struct store_invite i = describe(r);

	if (watched.changed)
		watched.changed(&i);
}

static unsigned int *count_of(const struct relay *r)
{
	return r->accepted ? &r->party.ue->n_accepted : &r->party.ue->n_invites;
}

static void count(struct relay *r)
{
	++*count_of(r);
	r->kept_accepted = r->accepted;
}

static void uncount(const struct relay *r)
{
	--*(r->kept_accepted ? &r->party.ue->n_accepted : &r->party.ue->n_invites);
}

/* One that was accepted counts among these from then on. False: there are too many. */
static bool find_room(struct relay *r)
{
	bool kept = r->key[0] != '\0';

	if (kept && r->kept_accepted == r->accepted)
		return true;
	if (*count_of(r) >= RELAY_KEPT_PER_UE) {
		relay_kept_is_over(r);
		return false;
	}
	if (kept)
		uncount(r);
	else
		random_hex(r->key, sizeof(r->key) - 1);
	count(r);
	return true;
}

void relay_keep(struct relay *r)
{
	if (!may_be_kept(r) || !find_room(r))
		return;
	r->lasts = r->timer.due + (r->cancelled ? 0 : SLACK);
	tell(r);
}

void relay_kept_is_over(struct relay *r)
{
	if (!r->key[0])
		return;
	uncount(r);
	if (watched.ended)
		watched.ended(str_of(r->key));
	r->key[0] = '\0';
}

/*
 * What is no INVITE has the branch again that it had in an earlier life (RFC 3261
 * 16.11): a UE that repeats it to this one gets the answer that was lost, instead
 * of a second try of what can be done once. Another way has one of its own, and so
 * has what begins a dialog: its answer would have the Record-Route of before.
 */
void relay_branch(const struct relay *r, char branch[TRANSACTION_BRANCH])
{
	const struct dialog *d;

	if (r->request->method == SIP_METHOD_INVITE || r->begins || r->branch[0]) {
		transaction_branch(branch);
		return;
	}
	/* What outlives us, and only we and the core know. */
	d = r->party.ue ? NULL : dialog_by_token(str_of(r->token));
	if (r->party.ue)
		transaction_branch_again(branch, r->request, &r->from, str_of(r->party.ue->token));
	else if (d)
		transaction_branch_again(branch, r->request, &r->from, str_of(d->token));
	else
		transaction_branch(branch);
}

/* --- and back --- */

static struct sip_msg *read_invite(struct str octets, bool stream)
{
	struct sip_msg *msg = sip_msg_new(octets, &ours, NULL);
	struct sip_fault fault;

	if (msg && sip_msg_check(msg, stream, &fault) && msg->request &&
	    msg->method == SIP_METHOD_INVITE)
		return msg;
	sip_msg_free(msg);
	return NULL;
}

/* False: the UE has no set any more that it could go along. */
static bool flow_of(const struct ue *ue, const struct store_way *w, struct flow *f)
{
	const struct set *s;

	*f = (struct flow){ .side = FLOW_MW, .tcp = w->tcp, .local = w->local,
			    .remote = w->remote };
	if (!w->set)
		return true;
	s = set_find(w->set);
	if (!s || s->ue != ue)
		s = ue->in_use;
	if (!s)
		return false;
	f->side = FLOW_GM_PROTECTED;
	f->set = s->id;
	f->gm = s->gm;
	if (s->id == w->set)
		return addr_same_ip(&w->remote, &s->ue_addr);
	*f = set_flow_to_ue(s);
	f->tcp = w->tcp;
	return true;
}

static bool restore_dialog(struct relay *r, const struct store_invite *i,
			   const struct sip_msg *sent)
{
	const struct sip_msg *charged = r->from_ue ? sent : r->request;
	struct octets charging = { 0 }, recorded = { 0 };
	struct dialog *d = dialog_by_token(i->token);
	bool there = d && party_same(&d->party, &r->party);
	char icid[33];

	r->inside = i->inside;
	r->begins = r->records = !i->inside;
	memcpy(r->token, i->token.p, sizeof(r->token) - 1);
	if (i->inside || r->accepted)
		return there && (r->begins || dialog_leg(d, r->request, r->from_ue));
	if (charged)
		sip_msg_join(charged, SIP_HEADER_P_CHARGING_VECTOR, &charging);
	if (!charging.n && r->from_ue) {
		random_hex(icid, sizeof(icid) - 1);
		octets_join(&charging, "icid-value=\"", icid, "\"");
	}
	if (!r->from_ue)
		sip_msg_join(r->request, SIP_HEADER_RECORD_ROUTE, &recorded);
	d = dialog_reopen(&r->party, r->from_ue, r->request, i->token,
			  charging.n ? octets_str(&charging) : STR_NONE, octets_str(&recorded));
	octets_free(&charging);
	octets_free(&recorded);
	return d != NULL;
}

static bool restore_server(struct relay *r)
{
	struct octets trying = { 0 };

	if (!relay_serve(r))
		return false;
	if (r->accepted)
		transaction_server_accepted_before(r->server, r->accepted_at);
	else if (answer_make(&r->from, r->request, 100, "Trying", STR_NONE, &trying))
		transaction_server_answered_before(r->server, octets_str(&trying));
	octets_free(&trying);
	return true;
}

static bool restore_client(struct relay *r, const struct store_invite *i, struct str sent)
{
	const struct client_before before = {
		.what = r->accepted ? CLIENT_WAS_ACCEPTED : r->heard ? CLIENT_WAS_HEARD
								     : CLIENT_WAS_SENT,
		.accepted = r->accepted_at,
	};
	struct client_owner owner = relay_owner(r);

	octets_put(&r->sent, i->sent);
	memcpy(r->branch, i->branch.p, i->branch.n);
	r->sent_up = r->from_ue;
	r->way = r->to.tcp ? TRANSPORT_OUR_TCP : TRANSPORT_UDP;
	r->tcp_tried = true;
	if (!r->from_ue)
		relay_remember_sent(r, sent);
	r->client = transaction_client_restore(&r->to, r->branch, sent, &before, &owner);
	return r->client != NULL;
}

/* What had to be sent, and may not have been. */
static void go_on(struct clock_timer *t)
{
	struct relay *r = (void *)((char *)t - offsetof(struct relay, again));

	if (r->cancelled && r->client)
		transaction_client_cancel(r->client, octets_str(&r->reason));
	else if (r->cancelled)
		relay_finish(r, 487, "Request Terminated");
	else if (!relay_go(r))
		relay_unreachable(r);
}

static void restore_timers(struct relay *r, const struct store_invite *i)
{
	r->lasts = i->ends;
	r->again.fire = go_on;
	if (r->accepted)
		return;
	clock_set_at(&r->timer, i->ends);
	if (r->cancelled || !r->client)
		clock_set(&r->again, 0);
}

/* False with @why, or without: over. */
static bool restore_parts(struct relay *r, const struct store_invite *i, struct str octets,
			  const char **why)
{
	struct sip_msg *sent = octets.n ? read_invite(octets, false) : NULL;
	bool same = !octets.n || (sent && str_same(sent->via.branch, i->branch));
	bool fine = same && restore_dialog(r, i, sent);

	sip_msg_free(sent);
	if (!fine) {
		*why = same ? NULL : "what has left is no INVITE of ours";
		return false;
	}
	octets_put(&r->reason, i->reason);
	if (!restore_server(r) || (octets.n && !restore_client(r, i, octets))) {
		*why = "no memory is left";
		return false;
	}
	restore_timers(r, i);
	return true;
}

static struct relay *make(struct ue *ue, const struct store_invite *i, const char **why)
{
	struct flow from, to = { 0 };
	struct relay_emergency emergency = { 0 };
	struct sip_msg *msg;
	struct relay *r;

	*why = NULL;
	if (!flow_of(ue, &i->from, &from) ||
	    (i->state != STORE_INVITE_WAITS && !flow_of(ue, &i->to, &to)))
		return NULL;
	msg = read_invite(i->request, i->from.tcp);
	r = msg ? relay_make(&from, msg, &(struct party){ .ue = ue }) : NULL;
	if (!r) {
		*why = msg ? "no memory is left" : "it is no INVITE";
		sip_msg_free(msg);
		return NULL;
	}
	r->to = to;
	r->heard = i->state == STORE_INVITE_HEARD;
	r->accepted = i->state == STORE_INVITE_ACCEPTED;
	r->accepted_at = i->accepted;
	r->cancelled = i->cancelled;
	if (i->emergency && proxy_emergency_of(ue, msg, &emergency) &&
	    !relay_keep_emergency(r, &emergency))
		log_error("out of memory: an emergency call goes on as another");
	return r;
}

bool relay_restore(struct ue *ue, const struct store_invite *i, const char **why)
{
	struct relay *r = make(ue, i, why);
	struct octets sent = { 0 };
	bool fine;

	if (!r)
		return false;
	/* Nobody edits a body: what left had the one that came. */
	if (i->sent.n) {
		octets_put(&sent, i->sent);
		octets_put(&sent, r->request->body);
	}
	fine = !sent.failed && restore_parts(r, i, octets_str(&sent), why);
	octets_free(&sent);
	if (!fine) {
		if (r->client)
			transaction_client_drop(r->client);
		if (r->server)
			transaction_server_drop(r->server);
		relay_free(r);
		return false;
	}
	memcpy(r->key, i->key.p, sizeof(r->key) - 1);
	count(r);
	/* With the time it had: it does not grow from life to life. */
	tell(r);
	return true;
}
