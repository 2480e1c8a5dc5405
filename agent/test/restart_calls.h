/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls over the end of the program: what test_restart_dialog.c and _ringing.c share. */
#ifndef _RESTART_CALLS_H
#define _RESTART_CALLS_H

#include "core_proxies.h"
#include "restart_path.h"

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
