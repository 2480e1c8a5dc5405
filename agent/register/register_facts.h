/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_FACTS_H
#define _REGISTER_FACTS_H

#include "addr.h"
#include "sip_msg.h"

/*
 * What the registrar wants to know of a REGISTER and of its 200 OK. Everything
 * points into the message.
 */

struct register_contact {
	struct str uri;
	bool has_expires;	/* asked for, here or in Expires */
	uint32_t expires;	/* that; 0: de-registration */
	bool sos;		/* sos URI parameter: emergency registration */
};

/* Real phones send one, or two when another replaces it. */
#define REGISTER_CONTACTS 8

struct register_request {
	struct str aor;		/* URI of To: the IMPU */
	bool star;		/* Contact: * */
	unsigned int n;		/* none: a query, or "*" */
	struct register_contact contact[REGISTER_CONTACTS];
};

/*
 * False: a 400, @fault says why (a Contact that is not readable, "*" together
 * with others or without Expires: 0, more than REGISTER_CONTACTS). No Contact at
 * all is legal: a query.
 */
bool register_facts_request(const struct sip_msg *msg, struct register_request *req,
			    struct sip_fault *fault);

/*
 * Does it ask for an emergency registration? What it registers says so, not what it
 * takes back.
 */
bool register_facts_sos(const struct register_request *req);

/* The literal address a contact names, port 0. False: a name, which is whoever's. */
bool register_facts_address(struct str contact, struct addr *a);

/**
 * register_facts_expiry - how long the 200 OK registered this contact
 * @msg: the 200 OK
 * @contact: URI of the UE's Contact in its REGISTER
 *
 * Expires parameter of the Contact that is the UE's own, else the Expires
 * header; 0 when its contact is not among them (TS 24.229 5.2.2.1).
 *
 * Return: false when neither is given although the contact is there: nothing
 * can be said, use what was asked for.
 */
bool register_facts_expiry(const struct sip_msg *msg, struct str contact, uint32_t *expires);

/*
 * P-Associated-URI and Service-Route: walk them with sip_msg_next_value(), or
 * keep them with sip_msg_join(). The first P-Associated-URI is the default
 * public identity (TS 24.229 5.2.2.1); sip_addr_split() gives its URI.
 */

#endif
