// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers on their way back (RFC 3261 16.7, pcscf-sip 4 and 5): what they do
 * to dialogs, and their edits. Every answer that is not absorbed by its
 * transaction comes here, several 1xx and 2xx of a fork among them.
 */
#include "answer.h"
#include "log.h"
#include "proxy_edit.h"
#include "proxy_identity.h"
#include "relay.h"

/* --- dialogs --- */

/* The leg's route is what requests of our UE will have to take. */
static void began(const struct relay *r, const struct sip_msg *answer)
{
	struct dialog *d = dialog_by_token(str_of(r->token));
	struct octets route = { 0 };

	if (!d || answer->status >= 300)
		return;
	if (!r->from_ue)
		dialog_answered(d, answer, str_of(d->recorded));
	else if (proxy_routes_of_answer(answer, &proxy_own, &route))
		dialog_answered(d, answer, octets_str(&route));
	else
		log_warning("%s: Record-Route of the %u to its %.*s cannot be used",
			    answer_who(&r->from, party_impi(&r->party)), answer->status,
			    STR_ARG(answer->method_name));
	octets_free(&route);
}

static void note_in_dialog(const struct relay *r, const struct sip_msg *answer)
{
	struct relay_place place;

	if (r->begins)
		began(r, answer);
	else if (r->inside && answer->status >= 200 && relay_place_of(r, &place))
		dialog_request_answered(place.dialog, place.leg, answer);
}

/* --- edits --- */

/* 1xx and 2xx to an initial request: whom the core has called (5.2.6.4.4). */
static void put_identity(const struct relay *r, const struct sip_msg *answer,
			 struct octets *text, struct proxy_answer_edit *edit)
{
	const struct ue *ue = r->party.ue;
	struct str called = sip_msg_value(r->request, SIP_HEADER_P_CALLED_PARTY_ID);
	const char *aor = ue && ue->bindings ? ue->bindings->aor : "";

	if (!ue || r->inside || answer->status >= 300)
		return;
	if (called.n)
		edit->identity = called;
	else if (proxy_identity(answer, str_of(ue->associated), str_of(aor), text))
		edit->identity = octets_str(text);
}

static void edit_up(const struct relay *r, struct sip_msg *answer)
{
	struct proxy_answer_edit edit = {
		.vias = octets_str(&r->vias),
		.charging = sip_msg_value(r->request, SIP_HEADER_P_CHARGING_VECTOR),
	};
	struct octets identity = { 0 };
	unsigned int restored;

	if (r->records && answer->to_tag.n && answer->status < 300)
		edit.record_route = octets_str(&r->record_route);
	put_identity(r, answer, &identity, &edit);
	restored = proxy_edit_answer_up(answer, &edit);
	octets_free(&identity);
	if (!restored)
		return;
	proxy_stats.restored++;
	log_refusal(answer_who(&r->to, party_impi(&r->party)), RULE_ANSWER_RESTORED,
		    "%s of its %u to %.*s not as it was sent, restored",
		    restored & PROXY_RESTORED_VIA ? "Via" : "Record-Route", answer->status,
		    STR_ARG(answer->method_name));
}

static void pass_on(struct relay *r, struct sip_msg *answer)
{
	struct octets out = { 0 };

	if (r->from_ue)
		proxy_edit_answer_down(answer);
	else
		edit_up(r, answer);
	if (sip_msg_write(answer, &out))
		relay_answer(r, answer->status, octets_str(&out));
	else
		log_failure(answer_who(&r->from, STR_NONE), RULE_ANSWER_LOST,
			    "cannot write the %u to its %.*s", answer->status,
			    STR_ARG(answer->method_name));
	octets_free(&out);
}

/* What the next life has to know: the first 1xx and 2xx, and that it rings on. */
static void note_state(struct relay *r, const struct sip_msg *answer)
{
	bool news = answer->status < 200 ? !r->heard : !r->accepted;

	if (answer->status >= 300 || r->request->method != SIP_METHOD_INVITE)
		return;
	if (answer->status < 200) {
		r->heard = true;
		relay_wait(r);
	} else if (news) {
		r->accepted = true;
		r->accepted_at = clock_now();
	}
	if (news || (!r->accepted && r->timer.due > r->lasts))
		relay_keep(r);
}

void relay_answered(void *arg, struct sip_msg *answer, void *context)
{
	struct relay *r = arg;
	bool invite = r->request->method == SIP_METHOD_INVITE;

	(void)context;
	if (r->up)
		nexthop_heard(r->up);
	/* Ours has gone already (RFC 3261 16.7 5., RFC 4320 4.1). */
	if (answer->status == 100 || (answer->status < 200 && !invite)) {
		if (invite && !r->heard) {
			r->heard = true;
			relay_keep(r);
		}
		return;
	}
	note_state(r, answer);
	note_in_dialog(r, answer);
	if (answer->status == 408 && !invite) {
		r->client = NULL;
		relay_timed_out(r);
		return;
	}
	pass_on(r, answer);
	if (answer->status < 200)
		return;
	clock_stop(&r->timer);
	if (invite && answer->status < 300)
		return;		/* until its transactions say that it has ended */
	r->client = NULL;
	if (r->server)
		relay_finish(r, 500, "Server Internal Error");
	else
		relay_free(r);
}

void relay_displace(struct relay *r)
{
	if (r->client)
		transaction_client_abandon(r->client);
	r->client = NULL;
	if (!r->accepted) {
		relay_finish(r, 503, "Service Unavailable");
		return;
	}
	if (r->server)
		transaction_server_drop(r->server);
	relay_free(r);
}
