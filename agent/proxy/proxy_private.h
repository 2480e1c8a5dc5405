/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_PRIVATE_H
#define _PROXY_PRIVATE_H

#include "emergency.h"
#include "relay.h"

/* Between proxy.c and proxy_caller.c only. @ue: whose it is, NULL: of nobody known. */

/* Answers without keeping anything (an ACK: not at all); @why goes to the log. */
void proxy_refuse(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		  unsigned int status, const char *reason, enum rule rule, const char *why);

/* Likewise, with more header lines. */
void proxy_refuse_with(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		       unsigned int status, const char *reason, struct str lines,
		       enum rule rule, const char *why);

/* 481 */
void proxy_no_dialog(const struct flow *from, const struct ue *ue, const struct sip_msg *msg);

/* What every request has to be (RFC 3261 16.3). False: it was answered. */
bool proxy_check(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		 struct proxy_routes *routes);

/* True: it belongs to a transaction there is, which has dealt with it. */
bool proxy_is_known(const struct flow *from, const struct sip_msg *msg);

/* It makes sense in a dialog only (pcscf-sip 4). */
bool proxy_needs_dialog(const struct sip_msg *msg);

/* On its way; takes the message over. */
void proxy_pass_on(const struct flow *from, struct sip_msg *msg,
		   const struct relay_place *place);

/* 380 (TS 24.229 5.2.10.5). */
void proxy_alternative(const struct flow *from, const struct ue *ue, const struct sip_msg *msg,
		       enum emergency what);

#endif
