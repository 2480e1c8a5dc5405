/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRUST_H
#define _TRUST_H

#include "config.h"

/*
 * Who is a node of the core (TS 24.229 4.4): what the configuration lists, and
 * where it says so what the DNS has for the names it lists.
 */
void trust_init(const struct config *cfg);
void trust_exit(void);

bool trust_has(const struct addr *peer);

/* Nothing the DNS has said so far counts any more. */
void trust_unlearn(void);

/* The DNS named it for a name of the configuration. Ignored without dns.trust. */
void trust_learn(const struct addr *peer);

#endif
