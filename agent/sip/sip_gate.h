/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_GATE_H
#define _SIP_GATE_H

#include "octets.h"

/* Bounds of what a message may make us do. */
struct sip_limits {
	size_t message;			/* octets, body included */
	unsigned int header_lines;	/* after unfolding */
	size_t line;			/* octets of one, folded parts included */
	unsigned int commas;		/* in one line */
	unsigned int semicolons;	/* in one line */
};

extern const struct sip_limits sip_limits_default;

enum sip_gate_result {
	SIP_GATE_OK,
	SIP_GATE_KEEPALIVE,	/* only CR, LF or NUL: ignore */
	SIP_GATE_SHORT,		/* too short for any message */
	SIP_GATE_MESSAGE_SIZE,	/* a limit each */
	SIP_GATE_HEADER_LINES,
	SIP_GATE_LINE_LENGTH,
	SIP_GATE_COMMAS,
	SIP_GATE_SEMICOLONS,
	SIP_GATE_NO_END,	/* no empty line after the headers */
	SIP_GATE_LINE_END,	/* a CR or LF by itself */
	SIP_GATE_CONTROL,	/* NUL or another control octet in the head */
	SIP_GATE_START_LINE,	/* neither request nor status line */
	SIP_GATE_HEADER,	/* a line without a header name and colon */
	SIP_GATE_LENGTH,	/* stream: Content-Length absent, twice, or not a number */
	SIP_GATE_RESULTS
};

/* Where the parts are, for SIP_GATE_OK. */
struct sip_gate {
	size_t skip;		/* CR LF before the start line (RFC 3261 7.5) */
	size_t head;		/* octets from there up to the body, empty line included */
	unsigned int lines;	/* header lines, without the start line */
};

/**
 * sip_gate_check - is this worth parsing?
 * @octets: one datagram, or one message of a stream
 * @limits: the bounds
 * @gate: filled for SIP_GATE_OK; may be NULL
 *
 * One pass, no allocation. What fails here is dropped and counted (a stream is
 * closed): there is nothing trustworthy to answer to.
 */
enum sip_gate_result sip_gate_check(struct str octets, const struct sip_limits *limits,
				    struct sip_gate *gate);

/* A constant text for the log, and the name of its counter. */
const char *sip_gate_text(enum sip_gate_result result);
const char *sip_gate_name(enum sip_gate_result result);

#endif
