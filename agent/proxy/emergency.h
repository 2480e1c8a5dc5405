/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _EMERGENCY_H
#define _EMERGENCY_H

#include "config.h"
#include "octets.h"

/* Which requests are emergency calls, and what becomes of them (TS 24.229 5.2.10). Pure. */

enum emergency {
	EMERGENCY_NONE,		/* it is none */
	EMERGENCY_ROUTE,	/* to the E-CSCF */
	EMERGENCY_REGISTER,	/* 380: the UE is to register for it and call again */
	EMERGENCY_ELSEWHERE,	/* 380: not here, the UE is to take another network */
};

/**
 * emergency_urn - the service that a Request-URI asks for
 *
 * urn:service:sos and what is below it (RFC 5031 4.2), as @uri has it; a configured
 * number, as tel URI or user part of a SIP URI whatever its host is, since in a call
 * for help the mistake has to be on that side: its URN, of @cfg.
 *
 * Return: p == NULL: none. Otherwise it is @uri itself when the UE knew what it calls.
 */
struct str emergency_urn(const struct config_emergency *cfg, struct str uri);

/**
 * emergency_of - what becomes of an initial request of a registered UE
 * @registered: the UE's registration is an emergency one
 * @urn: what emergency_urn() says of it
 */
enum emergency emergency_of(const struct config_emergency *cfg, struct str uri, bool registered,
			    struct str *urn);

/* Why a UE that has not registered gets a 380: to register for it, where that is of use. */
enum emergency emergency_without_registration(const struct config_emergency *cfg);

/* The body of the 380, application/3gpp-ims+xml (TS 24.229 7.6). */
struct str emergency_body(enum emergency what);

#endif
