/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_FRAME_H
#define _SIP_FRAME_H

#include "sip_gate.h"

enum sip_frame_result {
	SIP_FRAME_MORE,		/* no whole message yet */
	SIP_FRAME_MESSAGE,	/* sip_frame.length octets after sip_frame.skip */
	SIP_FRAME_ERROR,	/* sip_frame.error says why; close the connection */
};

/* One per connection; starts from {0}. */
struct sip_frame {
	size_t skip;		/* octets before the message; to be thrown away */
	size_t length;		/* octets of the message */
	unsigned int pings;	/* CRLFCRLF among them: answer CRLF each (RFC 5626 4.4.1) */
	enum sip_gate_result error;
	/* private: what is known about the octets not yet consumed */
	size_t seen;		/* no end of head before this octet */
	size_t whole;		/* head and body, once the head is complete */
	unsigned int newlines;	/* octets of CRLF in a row so far */
};

/**
 * sip_frame_next - find the next message of a stream
 * @frame: of this connection
 * @octets: what was received and not yet consumed, oldest first
 * @limits: the bounds; octets beyond limits->message are never asked for
 *
 * After SIP_FRAME_MESSAGE the caller consumes skip + length octets and calls
 * again; after SIP_FRAME_MORE it consumes skip octets and calls again when
 * more has come. Octets already looked at are not scanned again, so that one
 * octet a minute costs no more than one burst. A message needs exactly one
 * Content-Length (or l) of digits (RFC 3261 18.3). The message found has not
 * been through sip_gate_check().
 */
enum sip_frame_result sip_frame_next(struct sip_frame *frame, struct str octets,
				     const struct sip_limits *limits);

#endif
