/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTER_EDIT_H
#define _REGISTER_EDIT_H

#include "sip_msg.h"

/*
 * What a P-CSCF changes in a REGISTER and in its answers (TS 24.229 5.2.2),
 * as edits of a checked message. No state: the facts come from the caller.
 */

/* Of a REGISTER on its way to the core. Texts need to live for the call only. */
struct register_uplink {
	const struct sip_source *source;	/* of the UE */
	const char *integrity_protected;	/* its value, NULL: none */
	const char *path_token;			/* user part of our Path */
	const char *mw_host;			/* ours, with [] where it is IPv6 */
	uint16_t mw_port;
	const char *mw_transport;		/* "UDP" or "TCP", of our Via */
	const char *branch;			/* ours, with z9hG4bK */
	const char *visited_network;		/* P-Visited-Network-ID */
	const char *icid;			/* P-Charging-Vector, unique */
	const char *orig_ioi;			/* "Type 1..." value; NULL: none */
};

/**
 * register_edit_uplink - make the REGISTER the core gets (pcscf-sip 1a-1c)
 *
 * Via marked with the source, ours on top; Max-Forwards one less (70 where
 * there was none); Route removed; Path replaced by ours; Require: path;
 * sec-agree and Security-* removed; integrity-protected set;
 * P-Visited-Network-ID and P-Charging-Vector replaced; P-Access-Network-Info
 * kept without network-provided entries; headers only the trust domain may
 * write removed. Everything else stays as it was.
 *
 * The caller has refused a Max-Forwards of 0 before (483).
 */
void register_edit_uplink(struct sip_msg *msg, const struct register_uplink *facts);

/* Of an answer on its way to the UE. */
struct register_downlink {
	struct str security_server;	/* value for a 401; p == NULL: none */
	struct str path;		/* value for a 200, without a token; p == NULL: none */
};

/**
 * register_edit_downlink - make the answer the UE gets (pcscf-sip 2a, 2b, 2d)
 *
 * Our Via removed; P-Charging-* removed, a Security-Server of the core's
 * replaced by ours or removed; Path, which has our token, likewise; P-Asserted-Identity removed under
 * Privacy: id. ck and ik have been cut by challenge_cut() long before.
 */
void register_edit_downlink(struct sip_msg *msg, const struct register_downlink *facts);

#endif
