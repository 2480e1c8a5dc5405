/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_AGENT_H
#define _CTL_AGENT_H

#include "ctl.h"
#include "ctl_json.h"
#include "octets.h"

/*
 * The agent's side of a conversation: a request of one line, then documents of
 * JSON, a line each.  However long an answer is, one line of it is in memory.
 */
struct ctl_agent {
	int fd;
	struct octets in;
	size_t at;			/* in it: what was not handed out yet */
};

/* Appends " name=value", with the value as control_request.h has it. */
void ctl_agent_word(struct octets *request, const char *name, const char *value);

/*
 * Connects and asks. @request: without its line end; freed here. 0, or a negative
 * errno, and nothing to close.
 */
int ctl_agent_try(struct ctl_agent *a, const struct ctl *ctl, struct octets *request);
void ctl_agent_close(struct ctl_agent *a);

/* Says why nobody could be asked, @error of the connection; the exit status. */
int ctl_agent_absent(const struct ctl *ctl, int error);

/*
 * Takes what has come without waiting. Return: 1; 0 at its end; or a negative
 * errno.
 */
int ctl_agent_take(struct ctl_agent *a);

/* The same, after waiting for some time; -ETIMEDOUT: nothing came. */
int ctl_agent_wait(struct ctl_agent *a);

/*
 * The next whole line of what was taken, terminated, until the next call; NULL:
 * there is none yet.
 */
char *ctl_agent_line(struct ctl_agent *a, size_t *n);

/* A document of the answer. Other than CTL_OK ends it. */
typedef int ctl_agent_fn(const char *text, size_t n, const struct ctl_json *j, void *arg);

/*
 * Asks and hands out each document of the answer, but for {"end":N}, which is
 * held against what has come. Return: CTL_OK, what @fn returned, or CTL_FAILED
 * after an error was printed. @request is freed.
 */
int ctl_agent_each(const struct ctl *ctl, struct octets *request, ctl_agent_fn *fn, void *arg);

/* The same where one document is the answer, which has no end but its own. */
int ctl_agent_first(const struct ctl *ctl, struct octets *request, ctl_agent_fn *fn, void *arg);

/* That document; NULL: an error was printed. */
struct ctl_json *ctl_agent_one(const struct ctl *ctl, struct octets *request);

/* Is it {"error":...}? Then it was printed. */
bool ctl_agent_is_error(const struct ctl_json *j);

/* Asks, and prints the one document that comes: as it is with -j, else laid out. */
int ctl_reply(const struct ctl *ctl, struct octets *request);

/*
 * ctl_ue.c: "[WHO] [impi X] [impu X] [address X] [state X]" into a request. CTL_OK,
 * or CTL_USAGE after an error was printed.
 */
int ctl_ue_words(struct octets *request, int argc, char **argv);

#endif
