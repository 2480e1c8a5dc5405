/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_MATCH_H
#define _CONTROL_MATCH_H

#include "control_request.h"
#include "registrar.h"

/*
 * Which UEs a request is about. Texts may begin or end with "*" for whatever
 * stands there; an identity may be without its scheme. What is not said is any.
 */
struct control_match {
	char *who;		/* an IMPI, an identity or an address */
	char *impi, *impu;
	bool has_address;
	struct addr address;
	const char *state;	/* of control_ue_state() */
};

/* From the words who, impi, impu, address and state. False: *why says what is wrong. */
bool control_match_read(struct control_match *m, const struct control_request *r,
			const char **why);
void control_match_free(struct control_match *m);

/* @pattern as for control_text_matches(), against a URI with its scheme or without. */
bool control_uri_matches(const char *pattern, struct str uri);

bool control_matches(const struct control_match *m, const struct ue *ue);

/* Is @text what @pattern says? Without regard to case. */
bool control_text_matches(const char *pattern, struct str text);

/* "registered", "challenged", "ending" or "new". */
const char *control_ue_state(const struct ue *ue);

#endif
