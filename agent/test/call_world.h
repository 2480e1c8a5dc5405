/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CALL_WORLD_H
#define _CALL_WORLD_H

/* Calls of a registered UE and a core with two proxies: what tests of calls share. */
#include "core_proxies.h"

/* The core answers the UE's INVITE; @sent: that, as the core got it. */
HELPER void core_answers_invite(const struct sent *sent, const char *status_line, const char *tag)
{
	core_answers_it(sent, status_line, tag, "Contact: <sip:002@192.0.2.99>\r\n");
}

HELPER char token[DIALOG_TOKEN];

/* A call from the UE that was answered by @tag. */
HELPER struct sent call_up(struct set *s, const char *tag)
{
	struct sent invite;

	ue_says(s, &(struct say){ .branch = "z9hG4bKinvite" });
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_answers_invite(&invite, "200 OK", tag);
	assert_int_equal(status(), 200);
	return invite;
}

HELPER void ue_acks(struct set *s, const char *tag)
{
	struct say ack = in_call("ACK", tag, 1);

	ack.route = "Route: <sip:10.4.128.21:6100;lr>, <sip:x@192.0.2.1:5060;lr>, "
		    "<sip:mo@192.0.2.2;lr>, <sip:mt@192.0.2.5;lr>\r\n";
	ue_says(s, &ack);
}

#endif
