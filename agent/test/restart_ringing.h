/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INVITEs under way over the end of the program: what test_restart_ringing.c and _invite.c share. */
#ifndef _RESTART_RINGING_H
#define _RESTART_RINGING_H

#include "restart_calls.h"

#define CORE_CONTACT "Contact: <sip:002@192.0.2.99>\r\n"
#define UE_CONTACT "Contact: <sip:001@10.45.0.3:8000>\r\n"

static struct sent invite;		/* as it was forwarded */

HELPER void restarted(unsigned int invites)
{
	killed_and_started();
	assert_int_equal(restart_stats.refused, 0);
	assert_int_equal(restart_stats.invites, invites);
	n_up = n_down = 0;
	down.text[0] = up.text[0] = '\0';
}

/* The UE calls; @status_line: how far it gets, NULL: no answer. */
HELPER void ring_up(const struct flow *f, const char *status_line, const char *extra)
{
	say(f, &(struct say){ .branch = "z9hG4bKring", .extra = extra });
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	if (status_line)
		core_answers_it(&invite, status_line, "b", CORE_CONTACT);
}

HELPER void ring_up_udp(const char *status_line)
{
	struct flow f = protected_flow(registered_set());

	ring_up(&f, status_line, NULL);
}

/* The core calls, the UE rings. */
HELPER void ring_down(const struct flow *f)
{
	say(f, &(struct say){ .uri = "sip:001@10.45.0.3:8000", .route = path_of(the_set()),
			      .from = "<sip:002@example.org>;tag=c",
			      .to = "<sip:001@example.org>", .branch = "z9hG4bKcore",
			      .extra = "Record-Route: <sip:mo@192.0.2.2;lr>\r\n"
				       "P-Called-Party-ID: <sip:001@example.org>\r\n"
				       "P-Charging-Vector: icid-value=\"theirs\"\r\n" });
	invite = down;
	snprintf(token, sizeof(token), "%s", dialog_token(&down));
	ue_replies(the_set(), "180 Ringing", "u", UE_CONTACT);
}

HELPER void ue_answers(const char *status_line)
{
	struct flow f = protected_flow(the_set());

	reply(&invite, &f, status_line, "u", UE_CONTACT);
}

HELPER void ue_cancels(const char *extra)
{
	ue_says(the_set(), &(struct say){ .method = "CANCEL", .branch = "z9hG4bKring",
					  .extra = extra });
}

HELPER void assert_starts(const struct sent *s, const char *with)
{
	if (strncmp(s->text, with, strlen(with)) != 0)
		fail_msg("not %s, but %s", with, s->text);
}

/* It follows the INVITE that was forwarded hop by hop (RFC 3261 9.1, 17.1.1.3). */
HELPER void assert_follows(const struct sent *s, const char *method)
{
	char via[1024];

	assert_starts(s, method);
	snprintf(via, sizeof(via), "%s", header(invite.text, "Via"));
	assert_string_equal(header(s->text, "Via"), via);
	assert_string_equal(lines_of(s, "Route"), lines_of(&invite, "Route"));
}

#endif
