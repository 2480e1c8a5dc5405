/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls over the end of the program: what test_restart_dialog.c and _ringing.c share. */
#ifndef _RESTART_CALLS_H
#define _RESTART_CALLS_H

#include "proxy_world.h"
#include "restart_path.h"

static const char core_route[] = "Record-Route: <sip:mt@192.0.2.5;lr>, <sip:mo@192.0.2.2;lr>\r\n";

/* What our UE has to put into Route, behind our own two. */
#define DIALOG_ROUTE "Route: <sip:mo@192.0.2.2;lr>, <sip:mt@192.0.2.5;lr>\r\n"

static char token[DIALOG_TOKEN];

/* main.c's order: the store is closed when dialogs and requests have ended. */
HELPER void stopped_and_started(void)
{
	register_exit();
	proxy_exit();
	transaction_exit();
	store_close();
	registrar_exit();
	spi_exit();
	live();
}

/* The set after a restart. */
HELPER struct set *the_set(void)
{
	assert_int_equal(set_count(), 1);
	return set_first();
}

/* The core answers what the UE has begun, as @sent came to it. */
HELPER void core_answers_it(const struct sent *sent, const char *status_line, const char *tag,
			 const char *extra)
{
	static const char name[] = "\r\nRecord-Route: ";
	struct flow f = core_flow();
	struct sent with = *sent;
	const char *at = strstr(sent->text, name);

	/* The core's proxies have put theirs above ours. */
	snprintf(with.text, sizeof(with.text), "%.*s\r\n%.*s%s", (int)(at - sent->text),
		 sent->text, (int)sizeof(core_route) - 3, core_route, at);
	reply(&with, &f, status_line, tag, extra);
}

/* A call from the UE; @status_line: how far it gets. */
HELPER void call_up(const char *status_line)
{
	struct sent invite;

	ue_says(the_set(), &(struct say){ 0 });
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_answers_it(&invite, status_line, "b", "Contact: <sip:002@192.0.2.99>\r\n");
}

/* A call of the core that the UE has accepted. */
HELPER void call_down(void)
{
	core_invites(the_set(), core_route);
	snprintf(token, sizeof(token), "%s", dialog_token(&down));
	ue_replies(the_set(), "180 Ringing", "u", "");
	ue_replies(the_set(), "200 OK", "u", "Contact: <sip:001@10.45.0.3:8000>\r\n");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

/* What the UE, or the core, asks in the call of the UE, passes. */
HELPER void passes_up(const char *method, unsigned int cseq)
{
	struct say request = in_call(method, "b", cseq);

	n_up = 0;
	ue_says(the_set(), &request);
	assert_int_equal(n_up, 1);
	assert_memory_equal(up.text, method, strlen(method));
	assert_string_equal(lines_of(&up, "Route"), DIALOG_ROUTE);
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
}

HELPER void passes_down(const char *method, unsigned int cseq)
{
	down.text[0] = '\0';
	core_in_call(method, "b", token, cseq);
	assert_memory_equal(down.text, method, strlen(method));
	ue_replies(the_set(), "200 OK", NULL, "");
	assert_memory_equal(up.text, "SIP/2.0 200", 11);
}

#define TS(f) cmocka_unit_test_setup_teardown(f, begin_stored, end_stored)

#endif
