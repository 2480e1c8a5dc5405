// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Requests on their way between UEs and the core: RFC 3261 16.6 to 16.10, with
 * one next hop each.
 *
 * A relay is owned by the list here. Its server transaction bounds it: 64 of a
 * set, 64 of the core for a UE; a newcomer displaces one.
 */
#include "relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "proxy_edit.h"
#include "random.h"
#include "reach.h"

/* RFC 3261 16.6 11.: more than three minutes. */
#define TIMER_C 185000

static struct relay *relays;

static void cancel_for_good(struct relay *r)
{
	r->cancelled = true;
	clock_set(&r->timer, transaction_64t1(&r->to));
	relay_keep(r);
	if (r->client)
		transaction_client_cancel(r->client, octets_str(&r->reason));
}

static void on_timer(struct clock_timer *t)
{
	struct relay *r = (void *)((char *)t - offsetof(struct relay, timer));

	if (!r->cancelled) {
		cancel_for_good(r);
		return;
	}
	if (r->client)
		transaction_client_abandon(r->client);
	r->client = NULL;
	relay_finish(r, 487, "Request Terminated");
}

void relay_wait(struct relay *r)
{
	if (r->request->method == SIP_METHOD_INVITE && !r->cancelled)
		clock_set(&r->timer, TIMER_C);
}

static void settle_dialog(const struct relay *r)
{
	struct dialog *d = r->begins ? dialog_by_token(str_of(r->token)) : NULL;

	if (d)
		dialog_settled(d);
}

void relay_free(struct relay *r)
{
	clock_stop(&r->timer);
	clock_stop(&r->again);
	relay_kept_is_over(r);
	nexthop_free(r->up);
	settle_dialog(r);
	DL_DELETE(relays, r);
	proxy_stats.open--;
	if (r->begins && r->party.caller)
		r->party.caller->invite = NULL;
	party_release(&r->party);
	octets_free(&r->vias);
	octets_free(&r->record_route);
	octets_free(&r->sent);
	octets_free(&r->reason);
	sip_msg_free(r->request);
	free(r->emergency_texts);
	free(r);
}

void relay_exit(void)
{
	relay_unwatch();
	while (relays)
		relay_free(relays);
}

/* --- answers --- */

/*
 * Answers go where the request came from while that is there. When its set has
 * gone they go on the one in use (TS 24.229 5.2.2.2), when its connection has,
 * on another inside the same set, or to the sent-by of the core's Via (RFC 3261
 * 18.2.2).
 */
static bool another_way_to_ue(const struct relay *r, const struct flow *way, struct flow *to)
{
	const struct set *s = set_find(way->set);

	if (r->party.caller) {
		*to = r->party.caller->flow;
		return transport_stands(to);
	}
	if (r->party.ue->plain)
		return relay_down_plain(r, to);
	if (!s)
		s = r->party.ue->in_use;
	return s && reach_ue(s, way->tcp, to);
}

static bool find_way_back(struct relay *r)
{
	const struct flow *way = transaction_server_way(r->server);
	struct addr peer = r->from.remote;
	struct flow to;

	if (transport_stands(way))
		return true;
	peer.port = r->request->via.port ? r->request->via.port : 5060;
	if (r->from_ue ? !another_way_to_ue(r, way, &to) : transport_to_core(&peer, &to) != 0)
		return false;
	transaction_server_redirect(r->server, &to);
	return true;
}

/* How calls go, by the answers to the INVITE that began them; of a fork by the first. */
static void measure_call(struct relay *r, unsigned int status)
{
	struct proxy_calls *calls = &proxy_calls[r->from_ue];

	if (!r->begins || r->request->method != SIP_METHOD_INVITE || r->answered)
		return;
	if (status == 180 && !r->rang) {
		r->rang = true;
		histogram_add(&calls->ringing, clock_now_us() - r->began);
	}
	if (status < 200)
		return;
	r->answered = true;
	calls->ended[status / 100 < PROXY_CLASSES ? status / 100 : PROXY_CLASSES - 1]++;
	if (status < 300)
		histogram_add(&calls->answered, clock_now_us() - r->began);
}

void relay_answer(struct relay *r, unsigned int status, struct str answer)
{
	bool accepts = r->request->method == SIP_METHOD_INVITE && status < 300;

	if (!r->server)
		return;
	measure_call(r, status);
	if (!find_way_back(r)) {
		log_info("%s: no way is left for the %u to its %.*s",
			 answer_who(&r->from, STR_NONE), status,
			 STR_ARG(r->request->method_name));
		if (status < 200)
			return;
		transaction_server_drop(r->server);
		r->server = NULL;
		return;
	}
	transaction_server_answer(r->server, status, answer);
	if (status >= 200 && !accepts)
		r->server = NULL;
}

static void answer_from_here(struct relay *r, unsigned int status, const char *reason)
{
	struct octets out = { 0 };

	if (answer_make(&r->from, r->request, status, reason, STR_NONE, &out))
		relay_answer(r, status, octets_str(&out));
	octets_free(&out);
}

void relay_finish(struct relay *r, unsigned int status, const char *reason)
{
	answer_from_here(r, status, reason);
	if (r->server)
		transaction_server_drop(r->server);
	relay_free(r);
}

/* --- what the server transaction says --- */

static void displaced(void *arg)
{
	struct relay *r = arg;

	r->server = NULL;
	if (r->client)
		transaction_client_abandon(r->client);
	relay_free(r);
}

static void cancelled(void *arg, const struct sip_msg *cancel)
{
	const struct sip_line *line = NULL;
	struct relay *r = arg;

	if (r->cancelled)
		return;
	/* RFC 3326 2: why goes with it. */
	while ((line = sip_msg_line(cancel, SIP_HEADER_REASON, line)))
		octets_put(&r->reason, line->whole);
	if (r->reason.failed)
		octets_free(&r->reason);
	cancel_for_good(r);
	if (!r->client)		/* the DNS has not said yet where it would have gone */
		relay_finish(r, 487, "Request Terminated");
}

/* RFC 4320 4.1. */
static void late(void *arg)
{
	answer_from_here(arg, 100, "Trying");
}

static void server_ended(void *arg)
{
	struct relay *r = arg;

	r->server = NULL;
}

/* --- what the client transaction says --- */

static void client_ended(void *arg)
{
	struct relay *r = arg;

	if (r->server)
		transaction_server_detach(r->server);
	relay_free(r);
}

/* By another way, when there is one and the UE still waits. */
static bool try_again(struct relay *r, enum client_end why)
{
	if (!r->from_ue)
		return r->party.ue && why == CLIENT_TRANSPORT && relay_down_again(r);
	/* None: it was sent in an earlier life. */
	if (r->up)
		nexthop_failed(r->up, why == CLIENT_TRANSPORT);
	return relay_up(r);
}

static void lost_in_dialog(const struct relay *r)
{
	struct relay_place place;

	if (r->inside && relay_place_of(r, &place))
		dialog_request_lost(place.dialog, place.leg, r->request);
}

/*
 * What is no INVITE is never answered 408, and not at all once its time is up:
 * whoever asked has waited as long, and every hop behind him would say the same at
 * the same moment (RFC 4320 4.2). A UE's time is four times the core's, however:
 * it hears what came of it.
 */
void relay_timed_out(struct relay *r)
{
	if (r->server && transaction_server_in_time(r->server)) {
		relay_finish(r, 504, "Server Time-out");
		return;
	}
	if (r->server)
		transaction_server_silence(r->server);
	relay_free(r);
}

/* The next hop was silent, or the UE cannot be reached. */
static void give_up(struct relay *r, enum client_end why)
{
	bool invite = r->request->method == SIP_METHOD_INVITE;
	const char *then = invite ? "408" : why == CLIENT_TIMEOUT ? "504 or nothing" : "480";

	proxy_stats.timeouts++;
	lost_in_dialog(r);
	log_failure(answer_who(&r->from, party_impi(&r->party)),
		    invite ? RULE_INVITE_TIMEOUT : RULE_REQUEST_TIMEOUT, "%.*s, %s, %s",
		    STR_ARG(r->request->method_name),
		    r->from_ue ? "the core is silent" : "the UE cannot be reached", then);
	if (invite) {
		relay_finish(r, 408, "Request Timeout");
	} else if (why == CLIENT_TIMEOUT) {
		relay_timed_out(r);
	} else {
		relay_finish(r, 480, "Temporarily Unavailable");
	}
}

static void failed(void *arg, enum client_end why)
{
	struct relay *r = arg;

	r->client = NULL;
	if (r->cancelled) {
		relay_finish(r, 487, "Request Terminated");
	} else if (try_again(r, why)) {
		log_debug("%s: its %.*s goes another way", answer_who(&r->from, STR_NONE),
			  STR_ARG(r->request->method_name));
	} else if (why == CLIENT_TIMEOUT || !r->from_ue) {
		give_up(r, why);
	} else {
		relay_unreachable(r);
	}
}

void relay_unreachable(struct relay *r)
{
	proxy_stats.unreachable++;
	log_failure(answer_who(&r->from, party_impi(&r->party)), RULE_NO_WAY,
		    "no way for its %.*s", STR_ARG(r->request->method_name));
	if (r->from_ue)
		relay_finish(r, 503, "Service Unavailable");
	else
		relay_finish(r, 480, "Temporarily Unavailable");
}

/* --- the way there --- */

bool relay_place_of(const struct relay *r, struct relay_place *place)
{
	*place = (struct relay_place){ .party = r->party, .emergency = r->emergency };
	if (!r->token[0])
		return true;
	place->dialog = dialog_by_token(str_of(r->token));
	if (place->dialog && r->inside)
		place->leg = dialog_leg(place->dialog, r->request, r->from_ue);
	return place->dialog && (place->leg || r->begins);
}

void relay_remember_sent(struct relay *r, struct str out)
{
	struct sip_limits wide = {
		.message = SIZE_MAX, .header_lines = UINT32_MAX, .line = SIZE_MAX,
		.commas = UINT32_MAX, .semicolons = UINT32_MAX,
	};
	struct sip_msg *sent = sip_msg_new(out, &wide, NULL);

	octets_free(&r->vias);
	octets_free(&r->record_route);
	r->vias = r->record_route = (struct octets){ 0 };
	if (!sent)
		return;
	proxy_join(sent, SIP_HEADER_VIA, 1, &r->vias);
	proxy_join(sent, SIP_HEADER_RECORD_ROUTE, 0, &r->record_route);
	sip_msg_free(sent);
}

struct client_owner relay_owner(struct relay *r)
{
	return (struct client_owner){
		.answered = relay_answered, .failed = failed, .ended = client_ended, .arg = r,
	};
}

/* It leaves as it is here: kept before. */
static void leave(struct relay *r, const char *branch, const struct octets *out)
{
	strcpy(r->branch, branch);
	if (r->request->method != SIP_METHOD_INVITE)
		return;
	r->heard = false;
	r->sent.n = 0;
	octets_put(&r->sent, (struct str){ out->p, out->n - r->request->body.n });
	if (!r->sent.failed)
		relay_keep(r);
}

bool relay_start(struct relay *r, const char *branch, const struct octets *out)
{
	const struct client_owner owner = relay_owner(r);

	if (!r->from_ue)
		relay_remember_sent(r, octets_str(out));
	leave(r, branch, out);
	r->client = transaction_client_new(&r->to, branch, r->request->method_name,
					   octets_str(out), &owner);
	return r->client != NULL;
}

/* --- the beginning --- */

static bool begins_dialog(const struct sip_msg *msg)
{
	return !msg->to_tag.p && (msg->method == SIP_METHOD_INVITE ||
				  msg->method == SIP_METHOD_SUBSCRIBE ||
				  msg->method == SIP_METHOD_REFER);
}

static struct dialog *begin_dialog(struct relay *r)
{
	struct octets charging = { 0 }, recorded = { 0 };
	struct dialog *d = NULL;
	char icid[33];

	if (r->from_ue) {
		random_hex(icid, sizeof(icid) - 1);
		octets_join(&charging, "icid-value=\"", icid, "\"");
	} else {
		sip_msg_join(r->request, SIP_HEADER_P_CHARGING_VECTOR, &charging);
		sip_msg_join(r->request, SIP_HEADER_RECORD_ROUTE, &recorded);
	}
	if (!charging.failed && !recorded.failed)
		d = dialog_new(&r->party, r->from_ue, r->request,
			       charging.n ? octets_str(&charging) : STR_NONE,
			       octets_str(&recorded));
	octets_free(&charging);
	octets_free(&recorded);
	return d;
}

static bool enter_dialog(struct relay *r, const struct relay_place *place)
{
	struct dialog *d = place->dialog;

	if (d) {
		r->inside = true;
		r->records = place->new_leg;
		dialog_used(d, place->leg, r->request);
	} else if (begins_dialog(r->request)) {
		d = begin_dialog(r);
		if (!d)
			return false;
		r->begins = r->records = true;
		if (r->party.caller)
			r->party.caller->invite = r;
	}
	if (d)
		strcpy(r->token, d->token);
	return true;
}

struct relay *relay_make(const struct flow *from, struct sip_msg *msg,
			 const struct party *party)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->began = clock_now_us();
	r->from = *from;
	r->request = msg;
	r->party = *party;
	r->from_ue = from->side != FLOW_MW;
	r->timer.fire = on_timer;
	party_hold(&r->party);
	DL_APPEND(relays, r);
	proxy_stats.open++;
	return r;
}

static struct relay *begin(const struct flow *from, struct sip_msg *msg,
			   const struct relay_place *place)
{
	struct relay *r = relay_make(from, msg, &place->party);

	if (!r)
		return NULL;
	if (!r->from_ue && proxy_uri_wants_tcp(msg->uri)) {
		r->way = TRANSPORT_OUR_TCP;
		r->tcp_tried = true;
	}
	if (relay_keep_emergency(r, &place->emergency) && enter_dialog(r, place))
		return r;
	r->request = NULL;
	relay_free(r);
	return NULL;
}

bool relay_serve(struct relay *r)
{
	const struct server_owner owner = {
		.displaced = displaced, .cancelled = cancelled, .ended = server_ended,
		.late = late, .arg = r,
		.for_whom = r->from.set ? NULL : party_key(&r->party),
		.registered = r->party.ue != NULL,
	};
	struct flow answer_to;

	if (!answer_route(&r->from, r->request, &answer_to))
		return false;
	r->server = transaction_server_new(r->request, &r->from, &answer_to, &owner);
	return r->server != NULL;
}

bool relay_go(struct relay *r)
{
	return r->from_ue ? relay_up(r) : relay_down(r);
}

void relay_request(const struct flow *from, struct sip_msg *msg, const struct relay_place *place)
{
	struct relay *r = begin(from, msg, place);

	if (!r) {
		answer_stateless(from, msg, 500, "Server Internal Error", STR_NONE);
		sip_msg_free(msg);
		return;
	}
	if (!relay_serve(r)) {
		relay_free(r);
		return;
	}
	relay_wait(r);
	if (!relay_go(r)) {
		relay_unreachable(r);
		return;
	}
	if (msg->method != SIP_METHOD_INVITE)
		return;
	/* From here on its sender relies on us, who may be waiting for the DNS. */
	if (!r->branch[0])
		relay_keep(r);
	answer_from_here(r, 100, "Trying");
}
