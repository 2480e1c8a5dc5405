/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_REQUEST_H
#define _CONTROL_REQUEST_H

#include <stdbool.h>

/*
 * A line of gmctl: a verb, then words, each "name" or "name=value", with one
 * blank between them.  In a value, what is no printable ASCII, a blank or "%" is
 * written %XX.  Pure.
 */
#define CONTROL_REQUEST 1024		/* the longest, in octets */
#define CONTROL_WORDS 8

struct control_request {
	const char *verb;
	unsigned int n;
	struct {
		const char *name;
		const char *value;	/* "": it has none */
	} words[CONTROL_WORDS];
};

/* Reads @line in place; false: it is none, and *why says so. */
bool control_request_read(struct control_request *r, char *line, const char **why);

/* The value of a word; NULL: it is not there. */
const char *control_request_word(const struct control_request *r, const char *name);

/* Is every word one of @names, which has blanks between them? */
bool control_request_has_only(const struct control_request *r, const char *names);

#endif
