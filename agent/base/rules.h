/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RULES_H
#define _RULES_H

#include <stdint.h>

/*
 * Every rule by which something is refused, dropped or cannot be served, with
 * its name, its clause and how often it applied. Who refuses says the rule to
 * log_refusal() or log_failure(), which count it and tell those who watch.
 * One more rule is one more line here and in rules.c.
 */
enum rule {
	/* what comes in, before anybody looks at what it asks for */
	RULE_TOO_LONG,
	RULE_FRAMING,
	RULE_UNREADABLE,
	RULE_MALFORMED,
	RULE_NO_SET,
	RULE_FOREIGN_SET,
	RULE_UNPROTECTED,
	RULE_ON_TEMPORARY,
	RULE_RATE_SOURCE,
	RULE_RATE_ALL,
	RULE_RATE_IMPI,
	RULE_RATE_EMERGENCY,
	RULE_WAITED,
	RULE_CALLERS_FULL,
	/* any request */
	RULE_SIPS,
	RULE_MAX_FORWARDS,
	RULE_PROXY_REQUIRE,
	RULE_MEMORY,
	/* REGISTER, and the security agreement in it */
	RULE_AUTHORIZATION,
	RULE_REGISTER,
	RULE_NO_IMPI,
	RULE_OFFER_MALFORMED,
	RULE_OFFER_MISSING,
	RULE_OFFER_USELESS,
	RULE_VERIFY_MISSING,
	RULE_VERIFY_DIFFERS,
	RULE_VIA_ADDRESS,
	RULE_OTHER_IMPI,
	RULE_NO_AGREEMENT,
	RULE_SETS_FULL,
	RULE_PLAIN_FULL,
	RULE_DRAINING,
	RULE_CORE_PAUSE,
	RULE_SET_FAILED,
	RULE_SET_DISPLACED,
	/* other requests of UEs */
	RULE_UNREGISTERED,
	RULE_ROUTE,
	RULE_NO_DIALOG,
	RULE_FOREIGN_DIALOG,
	RULE_EMERGENCY_UNREGISTERED,
	RULE_EMERGENCY_ELSEWHERE,
	RULE_ANSWER_RESTORED,
	/* the core */
	RULE_UNTRUSTED,
	RULE_UNTRUSTED_NAME,
	RULE_CORE_REGISTER,
	RULE_NO_TOKEN,
	RULE_NOT_REGISTERED,
	RULE_NO_KEYS,
	RULE_NO_CHALLENGE,
	RULE_CORE_SILENT,
	RULE_CORE_TURNS_AWAY,
	RULE_SERVICE_ROUTE_SIPS,
	RULE_INVITE_TIMEOUT,
	RULE_REQUEST_TIMEOUT,
	RULE_NO_WAY,
	RULE_ANSWER_LOST,
	/* the subscription to a registration's state */
	RULE_SUBSCRIBE_REFUSED,
	RULE_SUBSCRIBE_SILENT,
	RULE_SUBSCRIBE_NO_TAG,
	RULE_NO_NOTIFY,
	RULE_NOTIFY,
	/* what the kernel has dropped, and says so */
	RULE_INTEGRITY,
	RULE_UNKNOWN_SPI,
	RULES
};

struct rule_text {
	const char *name;	/* such as "verify-differs" */
	const char *clause;	/* such as "TS 33.203 7.2", or the key of the configuration */
	const char *meaning;	/* what happened */
	const char *advice;	/* what an operator does about it */
};

extern const struct rule_text rule_texts[RULES];

/* How often each applied since the program began. */
extern uint64_t rule_count[RULES];

#endif
