// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens to a message that came in.
 *
 * ck and ik are cut from everything the core sends before anything else looks
 * at it; they live on the stack here until the message has been dealt with and
 * are wiped then.  A parsed message owns its octets; whoever keeps one takes it
 * over, nobody points into the receive buffer.
 */
#include "sip.h"

#include <string.h>

#include "admission.h"
#include "answer.h"
#include "caller.h"
#include "challenge.h"
#include "log.h"
#include "plain.h"
#include "proxy.h"
#include "proxy_caller.h"
#include "regevent.h"
#include "register.h"
#include "registrar.h"
#include "trace.h"
#include "transaction.h"
#include "transport.h"

struct sip_stats sip_stats;

static struct sip_limits limits;

void sip_init(const struct config *cfg)
{
	transport_limits(cfg, &limits);
}

static const char *who(const struct flow *f, const struct set *set)
{
	return answer_who(f, set ? str_of(registrar_impi(set->ue)) : STR_NONE);
}

/* A request the checks refuse; the answer needs the lines it copies. */
static void refuse_fault(const struct flow *f, struct sip_msg *msg, const struct sip_fault *fault)
{
	log_refusal(who(f, NULL), RULE_MALFORMED, "%u: %s", fault->status, fault->why);
	if (msg->request && msg->method != SIP_METHOD_ACK)
		answer_stateless(f, msg, fault->status, fault->reason, STR_NONE);
}

/*
 * Gm without SA: nothing but REGISTER, what plain UEs have, and what proxy_caller_request()
 * takes.
 */
static void refuse_unprotected(const struct flow *f, const struct sip_msg *msg)
{
	sip_stats.unprotected++;
	log_refusal(who(f, NULL), RULE_UNPROTECTED, "unprotected %.*s, 403",
		    STR_ARG(msg->method_name));
	if (msg->method != SIP_METHOD_ACK)
		answer_stateless(f, msg, 403, "Forbidden", STR_NONE);
}

static bool refused_on_temporary(const struct flow *f, const struct sip_msg *msg,
				 const struct set *set)
{
	if (!set || set->state != SET_TEMP ||
	    (msg->request && msg->method == SIP_METHOD_REGISTER))
		return false;
	sip_stats.not_on_temporary++;
	log_refusal(who(f, set), RULE_ON_TEMPORARY, "%.*s on a temporary set, dropped",
		    STR_ARG(msg->method_name));
	return true;
}

/* Too much comes without SA. What is served already goes on. */
static void refuse_overload(const struct flow *f, const struct sip_msg *msg)
{
	if (!msg->request || msg->method == SIP_METHOD_ACK ||
	    transaction_server_retransmitted(msg, f))
		return;
	admission_stats.answered++;
	answer_stateless(f, msg, 503, "Service Unavailable", admission_retry_after());
}

/*
 * Whose request it is: of the UE of the set, or registered at that place without one. With
 * nothing registered any more such a UE has its dialogs and transactions left, no more.
 */
static struct ue *sender(const struct flow *f, const struct sip_msg *msg, const struct set *set)
{
	struct ue *ue = set ? set->ue : plain_at(f);

	if (set || !ue || ue->bindings || msg->to_tag.p || msg->method == SIP_METHOD_CANCEL)
		return ue;
	return NULL;
}

/* Takes the message over. */
static void request(const struct flow *f, struct sip_msg *msg, struct set *set)
{
	struct ue *ue;

	if (f->side == FLOW_MW)
		sip_stats.from_core[msg->method]++;
	else
		sip_stats.from_ue[msg->method]++;
	if (regevent_notify(f, msg)) {
		sip_msg_free(msg);
		return;
	}
	ue = sender(f, msg, set);
	if (f->side == FLOW_MW || (ue && msg->method != SIP_METHOD_REGISTER)) {
		proxy_request(f, msg, ue);
		return;
	}
	if (msg->method != SIP_METHOD_REGISTER) {
		if (proxy_caller_request(f, msg))
			return;
		refuse_unprotected(f, msg);
	} else if (!transaction_server_retransmitted(msg, f)) {
		register_request(f, msg, set);
		return;
	}
	sip_msg_free(msg);
}

static void response(const struct flow *f, struct sip_msg *msg, struct register_keys *keys)
{
	if (!transaction_client_answered(msg, f, keys))
		log_debug("answer %u of %s belongs to no request", msg->status,
			  addr_text(&f->remote));
	sip_msg_free(msg);
}

/* NULL: dropped. */
static struct sip_msg *read_message(const struct flow *f, struct str octets)
{
	enum sip_gate_result result;
	struct sip_msg *msg = sip_msg_new(octets, &limits, &result);
	struct sip_fault fault;

	if (!msg) {
		if (result == SIP_GATE_KEEPALIVE) {
			sip_stats.keepalives++;
			return NULL;
		}
		sip_stats.unreadable++;
		sip_stats.gate[result]++;
		log_refusal(who(f, NULL), RULE_UNREADABLE, "%s, dropped", sip_gate_text(result));
		return NULL;
	}
	if (sip_msg_check(msg, f->tcp, &fault))
		return msg;
	sip_stats.malformed++;
	refuse_fault(f, msg, &fault);
	sip_msg_free(msg);
	return NULL;
}

static void handle(const struct flow *f, struct str octets, enum admission admission,
		   struct register_keys *keys)
{
	struct set *set = f->set ? set_find(f->set) : NULL;
	struct sip_msg *msg;

	trace_message(f, false, octets);
	msg = read_message(f, octets);
	if (!msg)
		return;
	if (admission != ADMISSION_PASS) {
		refuse_overload(f, msg);
		sip_msg_free(msg);
		return;
	}
	if (set)
		registrar_heard(set);
	if (refused_on_temporary(f, msg, set))
		sip_msg_free(msg);
	else if (msg->request)
		request(f, msg, set);
	else
		response(f, msg, keys);
}

void sip_receive(const struct flow *f, char *data, size_t n)
{
	struct register_keys keys = { .result = CHALLENGE_NO_KEYS };
	enum admission admission = ADMISSION_PASS;

	sip_stats.received++;
	if (f->side == FLOW_GM)
		admission = admission_message(f, caller_is_known(f) || plain_at(f));
	if (admission == ADMISSION_DROP ||
	    (f->side == FLOW_GM_PROTECTED && !admission_protected(f)))
		return;
	if (f->side == FLOW_MW)
		keys.result = challenge_cut(data, &n, &keys.aka, &keys.why);
	handle(f, (struct str){ data, n }, admission, &keys);
	keys_aka_wipe(&keys.aka);
}
