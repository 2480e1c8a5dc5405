/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _NEXTHOP_H
#define _NEXTHOP_H

#include "config.h"
#include "flow.h"
#include "health.h"
#include "resolve.h"
#include "sip_msg.h"

/*
 * The way of one request to the core: a list of targets, which are tried one
 * after the other (RFC 3263 4.3, TS 24.229 5.2.2.1).
 *
 *	n = nexthop_new(&wish);
 *	again:
 *	switch (nexthop_next(n, &to)) {
 *	case NEXTHOP_TARGET:
 *		write the request for @to; when nexthop_is_long(n, size, &to), once more
 *		begin a client transaction, with a branch of its own
 *	case NEXTHOP_WAIT:
 *		wish.ready() is called, from the loop: again
 *	case NEXTHOP_NONE: case NEXTHOP_PAUSED:
 *		answer 504, or 503 with nexthop_retry_after()
 *	}
 *	An answer:  when nexthop_answered(n, answer): again; otherwise it is used
 *	No answer:  nexthop_failed(n, why); again
 *	nexthop_free(n)
 */
struct nexthop;

void nexthop_init(const struct config *cfg);
void nexthop_exit(void);
/* The configuration has changed. Requests under way keep the targets they have. */
void nexthop_reload(const struct config *cfg);

/* For struct dns_config. */
void nexthop_dns_changed(void);

struct nexthop_wish {
	/* Where the request goes: its Request-URI or topmost Route, without <>. */
	struct str uri;
	/*
	 * It goes to the home network's entry point (a REGISTER does): to what
	 * the DNS has for @uri's host where that is one of mw-domains, otherwise
	 * to mw-next-hop. False: to @uri itself, if that is a trusted peer.
	 */
	bool entry;
	/* @uri is of the configuration: dns.trust goes for what its name leads to. */
	bool configured;
	/*
	 * Requests of the same affinity draw the same of several equal targets,
	 * so that a UE stays with one (its IMPI).
	 */
	struct str affinity;
	/* What NEXTHOP_WAIT waited for has come, or will not come. */
	void (*ready)(void *arg);
	void *arg;
};

/* NULL: out of memory. Texts are needed for the call only. */
struct nexthop *nexthop_new(const struct nexthop_wish *wish);
void nexthop_free(struct nexthop *n);	/* NULL is fine */

enum nexthop_result {
	NEXTHOP_TARGET,
	NEXTHOP_WAIT,
	NEXTHOP_NONE,
	NEXTHOP_PAUSED,		/* all that are left answered 503 with Retry-After */
};

/* The next target, and the flow to it; over TCP the connection is there or begun. */
enum nexthop_result nexthop_next(struct nexthop *n, struct flow *to);

/**
 * nexthop_is_long - too long a request for a datagram? (RFC 3261 18.1.1)
 *
 * Return: true when it has to go over TCP instead: @to has changed, the request
 * (its Via) has to be written anew. Where the target refuses TCP,
 * nexthop_next() gives it once more, for UDP.
 */
bool nexthop_is_long(struct nexthop *n, size_t size, struct flow *to);

/**
 * nexthop_answered - the target has answered
 *
 * Return: true when another is to be tried: 503 (RFC 3263 4.3). Its Retry-After
 * is kept. The caller may try another for reasons of its own.
 */
bool nexthop_answered(struct nexthop *n, const struct sip_msg *answer);

/*
 * The target has answered, and that is all there is to it: a 503 may be of
 * somebody far behind it, who must not make us avoid a node of the core.
 */
void nexthop_heard(struct nexthop *n);

/*
 * It did not answer. @broken: the transport failed; when that was a connection
 * from before, nexthop_next() gives the same target again, on a new one.
 */
void nexthop_failed(struct nexthop *n, bool broken);

/* After NEXTHOP_NONE: was it since no name led to an address that may be used? */
bool nexthop_has_none(const struct nexthop *n);

/* After NEXTHOP_PAUSED: seconds until the first of them may be asked again. */
uint32_t nexthop_retry_after(const struct nexthop *n);

/*
 * All of it for what has no transaction, such as an ACK: the first target, or a
 * negative errno; -EAGAIN while the DNS is asked.
 */
int nexthop_now(const struct nexthop_wish *wish, struct flow *to);

/*
 * The nodes that mw-next-hop leads to now, each once and NEXTHOP_NODES at most; of
 * names those that the DNS has told, which is asked when it has not lately.
 */
#define NEXTHOP_NODES 64
typedef void nexthop_fn(const struct resolve_target *t, enum health state, void *arg);
void nexthop_each(nexthop_fn *fn, void *arg);

/* How many targets entry @i of mw-next-hop led to last; -1: the DNS is being asked. */
int nexthop_count(unsigned int i);

struct nexthop_stats {
	unsigned long fail_overs, exhausted, paused, untrusted;
	unsigned int waiting;
};
extern struct nexthop_stats nexthop_stats;

#endif
