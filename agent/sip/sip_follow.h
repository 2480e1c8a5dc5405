/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_FOLLOW_H
#define _SIP_FOLLOW_H

#include "sip_msg.h"

/*
 * Requests that follow an INVITE hop by hop: made from the INVITE as it was
 * sent, lines copied as they stand. Append to @out; false: out of memory, or
 * the INVITE lacks a line they need.
 */

/* The ACK of a final answer other than 2xx (RFC 3261 17.1.1.3): To of the answer. */
bool sip_ack_write(const struct sip_msg *invite, const struct sip_msg *answer,
		   struct octets *out);

/* CANCEL (RFC 3261 9.1). @lines: more header lines, such as Reason, each with its CR LF. */
bool sip_cancel_write(const struct sip_msg *invite, struct str lines, struct octets *out);

#endif
