/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_PRIVATE_H
#define _REGISTER_PRIVATE_H

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
	struct flow from;
	struct sip_msg *request;
	struct register_request facts;	/* points into request */
	struct str impi;		/* likewise */
	struct ue *ue;			/* held */
	struct octets offer;		/* the Security-Client lines, joined */
	bool agreement;			/* it has some */
	struct reg *prev, *next;
};

extern const struct config *register_config;

/* The set the REGISTER came on, NULL when it came unprotected or it is gone. */
struct set *register_set(const struct reg *r);

void register_free(struct reg *r);

/* Answers from here, finally, and frees. */
void register_finish(struct reg *r, unsigned int status, const char *reason, const char *lines);

/* For struct client_owner. */
void register_answered(void *arg, struct sip_msg *answer, void *keys);
void register_failed(void *arg, enum client_end why);

#endif
