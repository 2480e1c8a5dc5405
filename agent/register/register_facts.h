/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_FACTS_H
#define _REGISTER_FACTS_H

#include "sip_msg.h"

/*
 * What the registrar wants to know of a REGISTER and of its 200 OK. Everything
 * points into the message.
 */

struct register_request {
	struct str aor;		/* URI of To: the IMPU */
	struct str contact;	/* URI of the first Contact; none: p == NULL */
	bool star;		/* Contact: * */
	bool has_expires;	/* asked for, in Contact or Expires */
	uint32_t expires;	/* that; 0: de-registration */
	bool sos;		/* sos URI parameter: emergency registration */
};

/*
 * False: a 400, @fault says why (a Contact that is not readable, "*" together
 * with others or without Expires: 0). No Contact at all is legal: a query.
 */
bool register_facts_request(const struct sip_msg *msg, struct register_request *req,
			    struct sip_fault *fault);

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
