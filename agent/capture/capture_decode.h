/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_DECODE_H
#define _CAPTURE_DECODE_H

#include "addr.h"
#include "capture.h"

/* What a packet is, down to UDP, TCP and messages that have neither. */
enum capture_kind {
	CAPTURE_MESSAGE,	/* of SIP, as gmctl trace and Wireshark's export have it */
	CAPTURE_DATAGRAM,
	CAPTURE_SEGMENT,
	CAPTURE_ESP,
	CAPTURE_FRAGMENT,	/* not the first one of its datagram */
	CAPTURE_CUT,		/* too little was captured, or its lengths are wrong */
	CAPTURE_LINK,		/* of a link type that is not known */
	CAPTURE_ELSE,		/* ARP, ICMP ... */
	CAPTURE_KINDS
};

struct capture_piece {
	struct addr from, to;
	bool tcp;
	struct str octets;	/* of the payload; points into the packet */
	bool cut;		/* there were more */
	/* of CAPTURE_SEGMENT */
	uint32_t seq, whole;	/* whole: octets that it had */
	bool begins, ends;	/* SYN; FIN or RST */
};

/* @out is filled for the first three. */
enum capture_kind capture_decode(const struct capture_packet *p, struct capture_piece *out);

#endif
