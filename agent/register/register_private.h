/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_PRIVATE_H
#define _REGISTER_PRIVATE_H

#include "nexthop.h"
#include "register.h"
#include "register_facts.h"
#include "registrar.h"
#include "transaction.h"

/*
 * One REGISTER between the UE and the core: from when it is forwarded until
 * its final answer has left. Between register.c and register_answer.c only.
 */
struct reg {
	struct server_transaction *server;
	struct client_transaction *client;
	struct nexthop *way;		/* to the core */
	struct flow from;
	struct sip_msg *request;
	struct register_request facts;	/* points into request */
	struct str impi;		/* likewise */
	struct ue *ue;			/* held */
	struct octets offer;		/* the Security-Client lines, joined */
	bool agreement;			/* it has some */
	const char *integrity;		/* value of integrity-protected, NULL: none */
	bool sent;			/* to a target at least */
	uint64_t began, asked;		/* it came, and left to its target: us of SIP time */
	struct reg *prev, *next;
};

extern const struct config *register_config;

/* The set the REGISTER came on, NULL when it came unprotected or it is gone. */
struct set *register_set(const struct reg *r);

/* The set it came on has gone meanwhile: there is no way back to the UE. */
bool register_is_lost(const struct reg *r);

void register_free(struct reg *r);

/* Answers from here, finally, and frees. */
void register_finish(struct reg *r, unsigned int status, const char *reason, const char *lines);

/*
 * Begins its way to the core: r->way.  False: out of memory.  Then the first
 * target is asked for, and register_uplink_go() does what that says.
 */
bool register_uplink_new(struct reg *r);
void register_uplink_go(struct reg *r, enum nexthop_result result, const struct flow *to);

/* Its target did not serve it. False: there is no other, and @r is as it was. */
bool register_uplink_again(struct reg *r);

/* For struct client_owner. */
void register_answered(void *arg, struct sip_msg *answer, void *keys);
void register_failed(void *arg, enum client_end why);

#endif
