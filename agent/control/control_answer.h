/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_ANSWER_H
#define _CONTROL_ANSWER_H

#include <sys/types.h>

#include "config.h"
#include "control_request.h"
#include "octets.h"

/*
 * What a verb answers, a JSON document a line: one of them; or as many as there
 * are, made piece by piece while the other side reads, so that a long answer
 * takes neither much memory nor the loop's time; or events until the other side
 * has enough.  A list ends with {"end":N}, N its documents, so that one that was
 * cut off is told from a whole one.
 */
struct control_answer {
	const struct config *config;
	uid_t uid;			/* who asks, for the log */
	pid_t pid;
	struct octets out;		/* goes out when the function returns */
	/*
	 * Appends some more to @out, for at most some thousand steps; false: that
	 * was the last.  NULL: @out is all.
	 */
	bool (*more)(struct control_answer *a);
	bool live;			/* stays open for control_push() */
	void (*end)(struct control_answer *a);	/* frees @state; may be NULL */
	void *state;
};

/* Of one piece. */
#define CONTROL_PIECE 32768u

typedef void control_fn(struct control_answer *a, const struct control_request *r);

/* Looks the verb up and lets it answer. @line: is changed. */
void control_answer(struct control_answer *a, char *line);

/* {"error":"..."} instead of an answer. */
void control_refuse(struct control_answer *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * More for a live answer. False: the other side is too slow, it was not taken.
 * In control.c.
 */
bool control_push(struct control_answer *a, struct str octets);

/* The verbs that have a file of their own. */
control_fn control_status, control_stats, control_ue, control_deregister, control_watch,
	   control_trace,
	   control_config, control_reload;

#endif
