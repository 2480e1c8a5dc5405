/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_EDIT_H
#define _PROXY_EDIT_H

#include "sip_msg.h"

/*
 * What a P-CSCF changes in requests other than REGISTER and in their answers
 * (TS 24.229 5.2.6), as edits of a checked message. No state: the facts come
 * from the caller, and texts need to live for the call only.
 */

/* Of a request, either way. */
struct proxy_request_edit {
	const struct sip_source *source;	/* of the hop before */
	const char *via_host;			/* ours, with [] where it is IPv6 */
	uint16_t via_port;
	const char *via_transport;		/* "UDP" or "TCP" */
	const char *branch;			/* ours, with z9hG4bK */
	const char *route_end;			/* Route values before this place are ours */
	struct str record_route[2];		/* put on top in this order; p == NULL: none */
};

/* Of a request to the core. */
struct proxy_up_edit {
	struct str route;	/* becomes the Route, n == 0: there is none; p == NULL: as it is */
	struct str identity;	/* P-Asserted-Identity; p == NULL: none */
	struct str charging;	/* P-Charging-Vector; p == NULL: none */
};

/**
 * proxy_edit_up - make the request the core gets (pcscf-sip 4)
 *
 * Via marked with the source, ours on top; Max-Forwards; our Routes removed, or
 * all replaced; Record-Route of the UE replaced by ours; what only the trust
 * domain may write removed; P-Preferred-Identity becomes P-Asserted-Identity;
 * sec-agree and Security-* removed; P-Charging-Vector replaced.
 */
void proxy_edit_up(struct sip_msg *msg, const struct proxy_request_edit *edit,
		   const struct proxy_up_edit *up);

/**
 * proxy_edit_down - make the request the UE gets (pcscf-sip 5)
 *
 * Via and Max-Forwards likewise; our Routes removed, our Record-Route on top of
 * the others; charging removed, P-Asserted-Identity under Privacy: id.
 */
void proxy_edit_down(struct sip_msg *msg, const struct proxy_request_edit *edit);

/* What the answer of a UE has to have, and gets. */
struct proxy_answer_edit {
	struct str vias;	/* those below ours, joined by ", " */
	struct str record_route; /* likewise; p == NULL: not looked at */
	struct str identity;	/* P-Asserted-Identity; p == NULL: none */
	struct str charging;	/* P-Charging-Vector; p == NULL: none */
};

enum proxy_restored { PROXY_RESTORED_VIA = 1, PROXY_RESTORED_RECORD_ROUTE = 2 };

/**
 * proxy_edit_answer_up - make the answer of a UE that the core gets
 *
 * Our Via removed. Vias and Record-Route that are not as they were sent are
 * restored (TS 24.229 5.2.6.4.4). Return: the enum proxy_restored that were.
 */
unsigned int proxy_edit_answer_up(struct sip_msg *msg, const struct proxy_answer_edit *edit);

/* Make the answer of the core that a UE gets: our Via, charging and privacy removed. */
void proxy_edit_answer_down(struct sip_msg *msg);

/* All values of a list header joined by ", ", but for the first @skip. */
void proxy_join(const struct sip_msg *msg, enum sip_header id, unsigned int skip,
		struct octets *out);

#endif
