// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of the agent's counters. The numbers are their modules'; names
 * and meanings are here. A new field of a module is one more row.
 */
#include "counters.h"

#include <stddef.h>

#include "admission.h"
#include "caller.h"
#include "dialog.h"
#include "dns.h"
#include "health.h"
#include "kernel.h"
#include "nexthop.h"
#include "plain.h"
#include "proxy.h"
#include "regevent.h"
#include "register.h"
#include "registrar.h"
#include "restart.h"
#include "rules.h"
#include "set.h"
#include "sip.h"
#include "spi.h"
#include "store.h"
#include "tcp.h"
#include "transaction.h"
#include "transport.h"
#include "udp.h"

struct row {
	const char *name, *meaning;
	const void *at;			/* an unsigned int or unsigned long, or */
	unsigned long (*get)(void);
	unsigned char size;
	bool level;
};

#define COUNT(n, member, m) { .name = (n), .meaning = (m), .at = &(member), .size = sizeof(member) }
#define LEVEL(n, member, m) \
	{ .name = (n), .meaning = (m), .at = &(member), .size = sizeof(member), .level = true }
#define LEVEL_OF(n, fn, m)  { .name = (n), .meaning = (m), .get = (fn), .level = true }
#define COUNT_OF(n, fn, m)  { .name = (n), .meaning = (m), .get = (fn) }
#define END { .name = NULL }

static unsigned long ues(void)
{
	return registrar_count();
}

static unsigned long plain(void)
{
	return plain_count();
}

static unsigned long sets(void)
{
	return set_count();
}

static unsigned long temporary_sets(void)
{
	return set_count_temporary();
}

static unsigned long spis(void)
{
	return spi_in_use();
}

static unsigned long quarantined(void)
{
	return spi_in_quarantine();
}

static unsigned long calls(void)
{
	return dialog_calls();
}

static unsigned long dialogs(void)
{
	return proxy_stats_now().dialogs;
}

static unsigned long overrun_clear(void)
{
	return udp_queue(FLOW_GM).drops;
}

static unsigned long overrun_protected(void)
{
	return udp_queue(FLOW_GM_PROTECTED).drops;
}

static unsigned long overrun_core(void)
{
	return udp_queue(FLOW_MW).drops;
}

static const struct row held[] = {
	LEVEL_OF("ues", ues, "UEs that are registered"),
	LEVEL_OF("sets", sets, "SA sets"),
	LEVEL_OF("calls", calls, "dialogs that INVITEs began"),
	LEVEL_OF("temporary-sets", temporary_sets, "of these, TEMP sets that began unprotected"),
	LEVEL_OF("spis", spis, "SPIs of ours in use"),
	LEVEL_OF("spis-in-quarantine", quarantined, "SPIs not to be used again yet"),
	END
};

static const struct row registers[] = {
	COUNT("requests", register_stats.requests, "REGISTER requests looked at"),
	COUNT("challenges", register_stats.challenges, "401s that made an SA set"),
	COUNT("registrations", register_stats.registrations, "200 OKs that registered or refreshed"),
	COUNT("de-registrations", register_stats.deregistrations, "200 OKs that ended one"),
	COUNT("refused", register_stats.refused, "refused by us; rule says by which"),
	COUNT("no-keys", register_stats.no_keys, "401s of the core without usable ck and ik"),
	COUNT("no-set", register_stats.no_set, "challenges for which no SA set could be made"),
	COUNT("core-refused", register_stats.core_refused, "final errors of the core, passed on"),
	COUNT("core-silent", register_stats.timeouts, "504s, since the core did not answer"),
	COUNT("overload", register_stats.overload, "503s at no cost of the core's"),
	END
};

static const struct row reg_event[] = {
	LEVEL("subscriptions", regevent_stats.subscriptions, "our subscriptions to UEs' states"),
	COUNT("sent", regevent_stats.sent, "SUBSCRIBE requests sent"),
	COUNT("refused", regevent_stats.refused, "SUBSCRIBE requests with a final error"),
	COUNT("silent", regevent_stats.silent, "not answered, or no NOTIFY followed"),
	COUNT("notified", regevent_stats.notified, "NOTIFY requests accepted"),
	COUNT("notified-stale", regevent_stats.stale, "of these, out of order and not looked at"),
	COUNT("notified-bad", regevent_stats.bad, "NOTIFY requests refused"),
	COUNT("notified-unknown", regevent_stats.unknown, "NOTIFY requests of no dialog, 481"),
	END
};

static const struct row messages[] = {
	COUNT("received", sip_stats.received, "messages that came in"),
	COUNT("keepalives", sip_stats.keepalives, "of these, nothing but line ends"),
	COUNT("unreadable", sip_stats.unreadable, "of these, dropped before they were parsed"),
	COUNT("malformed", sip_stats.malformed, "of these, refused for their grammar"),
	COUNT("not-on-temporary", sip_stats.not_on_temporary,
	      "other than REGISTER on a TEMP, dropped"),
	COUNT("unprotected-refused", sip_stats.unprotected, "other than REGISTER without SA, 403"),
	COUNT("untrusted", transport_stats.untrusted, "to the core's side, of no trusted peer"),
	COUNT("foreign-set", transport_stats.foreign_set, "on a set of another address, or unknown"),
	END
};

static const struct row proxying[] = {
	COUNT("from-ue", proxy_stats.from_ue, "requests of registered UEs, but REGISTER"),
	COUNT("from-core", proxy_stats.from_core, "requests of the core"),
	LEVEL("open", proxy_stats.open, "requests without a final answer"),
	LEVEL_OF("dialogs", dialogs, "calls and subscriptions that are up"),
	COUNT("refused", proxy_stats.refused, "refused by us; rule says by which"),
	COUNT("unregistered", proxy_stats.unregistered, "of UEs that are not registered"),
	COUNT("unknown-token", proxy_stats.unknown_token, "of the core, for nobody known: 404"),
	COUNT("no-dialog", proxy_stats.no_dialog, "in a dialog that is not remembered: 481"),
	COUNT("foreign-dialog", proxy_stats.foreign_dialog, "in a dialog of another UE: 403"),
	COUNT("rerouted", proxy_stats.rerouted, "whose Route was not as given, and was replaced"),
	COUNT("emergency", proxy_stats.emergency, "emergency calls that went to the E-CSCF"),
	COUNT("alternative", proxy_stats.alternative, "emergency calls that got a 380"),
	LEVEL("caller-attempts", caller_stats.attempts,
	      "emergency calls without registration not answered yet"),
	LEVEL("caller-calls", caller_stats.calls, "emergency calls without registration"),
	COUNT("callers-displaced", caller_stats.displaced, "such attempts that made room for newcomers"),
	COUNT("callers-refused", caller_stats.refused, "such calls refused with 503"),
	LEVEL_OF("ues-without-sec-agree", plain, "UEs registered in clear"),
	COUNT("restored", proxy_stats.restored, "answers of UEs whose Via or Record-Route was restored"),
	COUNT("timeouts", proxy_stats.timeouts, "requests nobody answered"),
	COUNT("unreachable", proxy_stats.unreachable, "requests that could not be sent on"),
	END
};

static const struct row rates[] = {
	COUNT("beyond-source", admission_stats.source, "messages beyond the rate of their source"),
	COUNT("beyond-all", admission_stats.all, "messages beyond the rate of all"),
	COUNT("beyond-impi", admission_stats.impi, "REGISTERs beyond the rate of their IMPI"),
	COUNT("beyond-emergency", admission_stats.emergency,
	      "emergency calls without registration beyond theirs"),
	COUNT("connections-refused", admission_stats.connections,
	      "connections beyond the rate of their source"),
	COUNT("answered-503", admission_stats.answered, "answered with 503 and Retry-After"),
	COUNT("dropped", admission_stats.dropped, "dropped without an answer"),
	COUNT("waited", admission_stats.waited, "messages that had waited too long for us"),
	COUNT_OF("displaced", admission_displaced, "buckets that were not full and made room"),
	END
};

static const struct row transactions[] = {
	LEVEL("server", transaction_stats.server, "server transactions"),
	LEVEL("client", transaction_stats.client, "client transactions"),
	LEVEL("unproven", transaction_stats.unproven, "server transactions of senders without SA"),
	COUNT("retransmitted", transaction_stats.retransmitted, "requests that came again"),
	COUNT("displaced", transaction_stats.displaced, "transactions that made room for newcomers"),
	COUNT("stray-answers", transaction_stats.stray_answers, "answers to no request of ours"),
	COUNT("timeouts", transaction_stats.timeouts, "requests of ours nobody answered"),
	END
};

static const struct row udp[] = {
	COUNT("no-set", udp_stats.no_set, "datagrams on a protected port without SA set"),
	COUNT("too-long", udp_stats.too_long, "longer than limits.message"),
	COUNT_OF("overrun-clear", overrun_clear,
		 "dropped by the kernel, as our queue was full: ports without SA, a flood"),
	COUNT_OF("overrun-protected", overrun_protected, "likewise: protected ports, this CPU is too slow"),
	COUNT_OF("overrun-core", overrun_core, "likewise: the core's side, this CPU is too slow"),
	COUNT("wrong-address", udp_stats.wrong_address, "not to the address of the socket"),
	COUNT("send-failed", udp_stats.send_failed, "could not be sent"),
	COUNT("bounced", udp_stats.bounced, "ICMP errors from the core's side"),
	END
};

static const struct row tcp[] = {
	LEVEL("open", tcp_stats.open, "connections"),
	LEVEL("unproven", tcp_stats.unproven, "of these, of senders without SA"),
	COUNT("accepted", tcp_stats.accepted, "connections accepted"),
	COUNT("refused", tcp_stats.refused, "connections not admitted"),
	COUNT("no-set", tcp_stats.no_set, "connections on a protected port without SA set"),
	COUNT("displaced", tcp_stats.displaced, "closed to make room for newcomers"),
	COUNT("idle", tcp_stats.idle, "closed for silence, or a message that never ended"),
	COUNT("malformed", tcp_stats.malformed, "closed for what is no SIP"),
	COUNT("overflow", tcp_stats.overflow, "closed, since the peer does not read: too much"),
	COUNT("stuck", tcp_stats.stuck, "closed, since the peer does not read: too long"),
	COUNT("paused", tcp_stats.paused, "not read from until the peer had read its answers"),
	END
};

static const struct row core[] = {
	COUNT("fail-overs", nexthop_stats.fail_overs, "requests that went on to another node"),
	COUNT("exhausted", nexthop_stats.exhausted, "requests for which no node was left"),
	COUNT("paused", nexthop_stats.paused, "requests refused, since the core wants a pause"),
	COUNT("untrusted", nexthop_stats.untrusted, "targets of names that are no trusted peers"),
	LEVEL("waiting", nexthop_stats.waiting, "requests that wait for the DNS"),
	COUNT("failures", health_stats.failures, "nodes that went on the black-list"),
	COUNT("probes", health_stats.probes, "requests that tried such a node"),
	COUNT("pauses", health_stats.pauses, "503s with Retry-After"),
	END
};

static const struct row dns[] = {
	COUNT("queries", dns_stats.queries, "questions sent"),
	COUNT("answers", dns_stats.answers, "answers"),
	COUNT("failures", dns_stats.failures, "questions no server answered"),
	COUNT("refused", dns_stats.refused, "questions not asked, with too many under way"),
	COUNT("stale", dns_stats.stale, "old answers used, since no server answered"),
	LEVEL("cached", dns_stats.cached, "answers kept"),
	LEVEL("outstanding", dns_stats.outstanding, "questions under way"),
	END
};

static const struct row kernel[] = {
	COUNT("expired", kernel_stats.expired, "sets the kernel ended by their back-stop"),
	COUNT("icv-failures", kernel_stats.icv_failures, "events of failed integrity checks"),
	COUNT("unknown-spi", kernel_stats.unknown_spi, "events of ESP that no set has"),
	COUNT("overflows", kernel_stats.overflows, "times events were lost; all sets were listed"),
	COUNT("strays", kernel_stats.strays, "sets found in the kernel that nobody knew"),
	END
};

static const struct row store[] = {
	COUNT("commits", store_stats.commits, "commits"),
	COUNT("failed", store_stats.failed, "commits that failed; is there room?"),
	LEVEL("unsaved", store_stats.unsaved, "records that wait for the next commit"),
	END
};

static const struct row restart[] = {
	LEVEL("ues", restart_stats.ues, "UEs taken over at the start"),
	LEVEL("sets", restart_stats.sets, "sets taken over at the start"),
	LEVEL("dialogs", restart_stats.dialogs, "dialogs taken over at the start"),
	LEVEL("invites", restart_stats.invites, "INVITEs without an answer taken over at the start"),
	LEVEL("lost", restart_stats.lost, "sets of the store the kernel did not have"),
	LEVEL("strays", restart_stats.strays, "sets of the kernel the store did not have, deleted"),
	LEVEL("refused", restart_stats.refused, "records of the store that made no sense"),
	END
};

static const struct {
	const char *group;
	const struct row *rows;
} groups[] = {
	{ "held", held },
	{ "register", registers },
	{ "reg-event", reg_event },
	{ "messages", messages },
	{ "proxy", proxying },
	{ "rates", rates },
	{ "transactions", transactions },
	{ "udp", udp },
	{ "tcp", tcp },
	{ "core", core },
	{ "dns", dns },
	{ "kernel", kernel },
	{ "store", store },
	{ "restart", restart },
};

static uint64_t value_of(const struct row *r)
{
	if (r->get)
		return r->get();
	return r->size == sizeof(unsigned long) ? *(const unsigned long *)r->at
						: *(const unsigned int *)r->at;
}

static void each_row(counters_fn *fn, void *arg)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (const struct row *r = groups[i].rows; r->name; r++) {
			const struct counter c = {
				.group = groups[i].group,
				.name = r->name,
				.meaning = r->meaning,
				.level = r->level,
				.value = value_of(r),
			};

			fn(&c, arg);
		}
}

static void each_method(const char *group, const char *meaning, const unsigned long *counts,
			counters_fn *fn, void *arg)
{
	struct counter c = { .group = group, .meaning = meaning };

	for (unsigned int i = SIP_METHOD_OTHER; i < SIP_METHODS; i++) {
		c.name = sip_method_name((enum sip_method)i);
		c.value = counts[i];
		fn(&c, arg);
	}
}

static void each_limit(counters_fn *fn, void *arg)
{
	struct counter c = { .group = "unreadable" };

	for (unsigned int i = SIP_GATE_SHORT; i < SIP_GATE_RESULTS; i++) {
		c.name = sip_gate_name(i);
		c.meaning = sip_gate_text(i);
		c.value = sip_stats.gate[i];
		fn(&c, arg);
	}
}

static void each_rule(counters_fn *fn, void *arg)
{
	for (unsigned int i = 0; i < RULES; i++) {
		const struct counter c = {
			.group = "rule",
			.name = rule_texts[i].name,
			.meaning = rule_texts[i].meaning,
			.clause = rule_texts[i].clause,
			.advice = rule_texts[i].advice,
			.value = rule_count[i],
		};

		fn(&c, arg);
	}
}

void counters_each(counters_fn *fn, void *arg)
{
	each_row(fn, arg);
	each_method("requests-ue", "requests of this method that came in on Gm",
		    sip_stats.from_ue, fn, arg);
	each_method("requests-core", "requests of this method that came from the core",
		    sip_stats.from_core, fn, arg);
	each_limit(fn, arg);
	each_rule(fn, arg);
}
