/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ANSWER_H
#define _ANSWER_H

#include "flow.h"
#include "sip_msg.h"

/* Answers that are made here, and where answers go. */

/*
 * Where the answer to a request goes. TCP: the same connection. UDP without
 * SA: the source, at rport or the sent-by port (RFC 3261 18.2.2, RFC 3581).
 * UDP on a set: port_pc to port_us of that set, whatever the Via says
 * (TS 33.203 7.1). False: the set is gone, there is no way.
 */
bool answer_route(const struct flow *from, const struct sip_msg *request, struct flow *to);

/* The source of a request, to mark its Via with; the text is @host's. */
struct sip_source answer_source(const struct flow *from, char host[ADDR_TEXT]);

/* Appends the whole answer to @out; @lines as in struct sip_reply. */
bool answer_make(const struct flow *from, const struct sip_msg *request, unsigned int status,
		 const char *reason, struct str lines, struct octets *out);

/*
 * Answers without remembering it, for requests that are refused: if the answer
 * is lost, the request comes again and is refused again.
 */
void answer_stateless(const struct flow *from, const struct sip_msg *request,
		      unsigned int status, const char *reason, struct str lines);

/* Likewise with a body; @lines has its Content-Type. */
void answer_with_body(const struct flow *from, const struct sip_msg *request, unsigned int status,
		      const char *reason, struct str lines, struct str body);

#define ANSWER_URI (ADDR_TEXT + 16)

/*
 * The URI that who sent a request knows us by, in <>: port_ps of its set, without SAs the port
 * it asked. Return: @text.
 */
struct str answer_own_uri(const struct flow *from, char text[ANSWER_URI]);

/* "IMPI at 10.45.0.3:5060 on set 7" for the log; a static buffer. */
const char *answer_who(const struct flow *from, struct str impi);

#endif
