/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_TRACE_H
#define _CTL_TRACE_H

#include "ctl_agent.h"

/*
 * What the agent tells of one UE, line by line (gmctl trace, gmctl ladder -f): until it
 * ends, the time is up, or somebody presses ^C.
 */
struct ctl_follow {
	const struct ctl *ctl;
	const char *who;		/* NULL: everybody */
	struct ctl_until until;
	/* A line, as it stands and as a tree; for @until it counts when it is a message. */
	bool (*line)(const char *text, size_t n, const struct ctl_json *j, void *arg);
	/* Nothing has come for a moment: what was put off is to be done. May be NULL. */
	void (*idle)(void *arg);
	void *arg;
};

/* CTL_OK, or CTL_FAILED after an error was printed. */
int ctl_follow(const struct ctl_follow *f);

#endif
