// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NOTIFY requests of our subscriptions (RFC 6665 4.1.3, RFC 3680 5, TS 24.229
 * 5.2.3): which of them are ours and in order, their answer, and then what they
 * say. The transport has let trusted peers through only; what makes one ours
 * are the 128 random bits of the Call-ID and our tag.
 */
#include "regevent_private.h"

#include "answer.h"
#include "log.h"
#include "reginfo.h"
#include "sip_param.h"

/* Subscription-State (RFC 6665 8.2.3). */
struct notify_state {
	bool terminated;
	bool has_expires;
	uint32_t expires;
	enum regevent_after after;
	uint32_t retry_after;
};

/* An answer other than 200. */
struct notify_fault {
	unsigned int status;
	const char *reason, *lines, *why;
};

static struct str token_of(struct str *value)
{
	struct str token = STR_NONE;

	sip_param_split(value, ';', &token);
	return token;
}

static bool read_number(struct str params, const char *name, uint32_t *out)
{
	struct sip_param param;

	return sip_param_find(params, ';', str_of(name), &param) &&
	       str_number(param.value, UINT32_MAX, out);
}

/* RFC 6665 4.1.3: what a reason asks for; one that is not known is as none. */
static enum regevent_after after_reason(struct str reason)
{
	if (str_same_nocase(reason, STR_LIT("rejected")) ||
	    str_same_nocase(reason, STR_LIT("noresource")) ||
	    str_same_nocase(reason, STR_LIT("invariant")))
		return REGEVENT_NEVER;
	if (str_same_nocase(reason, STR_LIT("probation")) ||
	    str_same_nocase(reason, STR_LIT("giveup")))
		return REGEVENT_LATER;
	return REGEVENT_AGAIN;
}

static bool read_state(const struct sip_msg *msg, struct notify_state *state)
{
	struct str params = sip_msg_value(msg, SIP_HEADER_SUBSCRIPTION_STATE);
	struct str token = params.p ? token_of(&params) : STR_NONE;
	struct sip_param reason;

	*state = (struct notify_state){ 0 };
	if (!token.n)
		return false;
	state->terminated = str_same_nocase(token, STR_LIT("terminated"));
	state->has_expires = read_number(params, "expires", &state->expires);
	read_number(params, "retry-after", &state->retry_after);
	if (sip_param_find(params, ';', STR_LIT("reason"), &reason))
		state->after = after_reason(reason.value);
	return true;
}

static bool is_reg(const struct sip_msg *msg)
{
	struct str value = sip_msg_value(msg, SIP_HEADER_EVENT);

	return value.p && str_same_nocase(token_of(&value), STR_LIT("reg"));
}

static bool is_reginfo(const struct sip_msg *msg)
{
	struct str value = sip_msg_value(msg, SIP_HEADER_CONTENT_TYPE);

	return value.p && str_same_nocase(token_of(&value), STR_LIT("application/reginfo+xml"));
}

/* What is wrong with it; @info: its document, if it has one. */
static struct notify_fault examine(const struct subscription *s, const struct sip_msg *msg,
				   struct notify_state *state, struct reginfo **info)
{
	const char *why = NULL;

	*info = NULL;
	if (s->remote_tag && !str_same(msg->from_tag, str_of(s->remote_tag)))
		return (struct notify_fault){ 481, "Subscription Does Not Exist", "",
					      "of another dialog" };
	if (s->notified && msg->cseq <= s->remote_cseq)
		return (struct notify_fault){ 500, "Server Internal Error", "",
					      "CSeq is out of order" };
	if (!is_reg(msg))
		return (struct notify_fault){ 489, "Bad Event", "Allow-Events: reg\r\n",
					      "another event package" };
	if (!read_state(msg, state))
		return (struct notify_fault){ 400, "Bad Request", "",
					      "Subscription-State is missing" };
	if (!msg->body.n)
		return (struct notify_fault){ 0 };
	if (!is_reginfo(msg))
		return (struct notify_fault){ 415, "Unsupported Media Type",
					      "Accept: application/reginfo+xml\r\n",
					      "another type of body" };
	*info = reginfo_parse(msg->body, &why);
	if (!*info)
		return (struct notify_fault){ 400, "Bad Request", "", why };
	return (struct notify_fault){ 0 };
}

/* Kept, so that a repetition gets it again. */
static void answer(const struct flow *from, const struct sip_msg *msg, unsigned int status,
		   const char *reason, const char *lines)
{
	const struct server_owner nobody = { 0 };
	struct server_transaction *t;
	struct octets out = { 0 };
	struct flow to;

	if (!answer_route(from, msg, &to) ||
	    !answer_make(from, msg, status, reason, str_of(lines), &out)) {
		octets_free(&out);
		return;
	}
	t = transaction_server_new(msg, from, &to, &nobody);
	if (t)
		transaction_server_answer(t, status, octets_str(&out));
	octets_free(&out);
}

/*
 * RFC 3680 5.2: an older document says nothing new; when one is missing, a
 * partial one is not all, and the full state has to come again.
 */
static bool in_order(struct subscription *s, const struct reginfo *info)
{
	bool gap = s->has_version ? info->version - s->version > 1 : !info->full;

	if (s->has_version && info->version <= s->version) {
		regevent_stats.stale++;
		return false;
	}
	s->has_version = true;
	s->version = info->version;
	if (gap && !info->full)
		regevent_refresh_soon(s);
	return true;
}

/* What is left of what the 2xx said; before that, what was asked for. */
static uint32_t granted(const struct subscription *s)
{
	uint64_t now = clock_now();

	return s->ends > now ? (uint32_t)((s->ends - now) / 1000) : s->expires;
}

static void take(struct subscription *s, const struct sip_msg *msg,
		 const struct notify_state *state, const struct reginfo *info)
{
	struct ue *ue = s->ue;

	regevent_stats.notified++;
	regevent_learn(s, msg);
	s->notified = true;
	s->remote_cseq = msg->cseq;
	s->over = state->terminated;
	if (s->state == SUBSCRIPTION_PENDING) {
		s->state = SUBSCRIPTION_ACTIVE;
		regevent_extend(s, state->has_expires ? state->expires : granted(s));
	} else if (state->has_expires && !state->terminated) {
		regevent_extend(s, state->expires);
	}
	registrar_hold(ue);
	/* Of a registration that the UE has ended: it may have another one now. */
	if (info && !s->leaving && in_order(s, info))
		registrar_event(ue, info);
	if (state->terminated)
		regevent_terminated(s, state->after, state->retry_after);
	registrar_release(ue);
}

static void refuse(const struct flow *from, const struct sip_msg *msg,
		   const struct notify_fault *fault)
{
	regevent_stats.bad++;
	log_refusal(answer_who(from, STR_NONE), RULE_NOTIFY, "NOTIFY, %u: %s", fault->status,
		    fault->why);
	answer(from, msg, fault->status, fault->reason, fault->lines);
}

/* Its subscription, when the dialog is ours and still of use. */
static struct subscription *find(const struct sip_msg *msg)
{
	struct subscription *s = regevent_find(msg->call_id);

	if (!s || !str_same(msg->to_tag, str_of(s->local_tag)) || !s->cseq ||
	    s->state == SUBSCRIPTION_DUE || s->state == SUBSCRIPTION_REFUSED)
		return NULL;
	return s;
}

bool regevent_notify(const struct flow *from, const struct sip_msg *msg)
{
	struct notify_fault fault;
	struct notify_state state;
	struct subscription *s;
	struct reginfo *info;

	if (msg->method != SIP_METHOD_NOTIFY || from->side != FLOW_MW)
		return false;
	s = find(msg);
	if (!s && !regevent_is_for_us(msg))
		return false;
	if (transaction_server_retransmitted(msg, from))
		return true;
	if (!s) {
		/* Such as of a dialog from before a restart: the notifier ends it then. */
		regevent_stats.unknown++;
		answer(from, msg, 481, "Subscription Does Not Exist", "");
		return true;
	}
	fault = examine(s, msg, &state, &info);
	if (fault.status) {
		refuse(from, msg, &fault);
		return true;
	}
	answer(from, msg, 200, "OK", "");
	take(s, msg, &state, info);
	reginfo_free(info);
	return true;
}
