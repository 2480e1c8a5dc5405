/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _AUTHORIZATION_H
#define _AUTHORIZATION_H

#include "sip_msg.h"

/* Digest credentials of a REGISTER. Values are without quotes; absent: p == NULL. */
struct authorization {
	const struct sip_line *line;
	struct str username;	/* the IMPI */
	struct str realm;
	struct str nonce;
	struct str uri;
	struct str response;	/* empty in the first REGISTER */
	struct str auts;
	struct str algorithm;
};

enum authorization_result {
	AUTHORIZATION_OK,
	AUTHORIZATION_NONE,
	AUTHORIZATION_MALFORMED,	/* or more than one: which would the core check? */
};

enum authorization_result authorization_read(const struct sip_msg *msg,
					     struct authorization *auth);

/* The UE answered a challenge: a response and no auts (pcscf-sip: RES was computed). */
static inline bool authorization_answers(const struct authorization *auth)
{
	return auth->response.n && !auth->auts.n;
}

/**
 * authorization_edit_integrity - say to the core how the REGISTER came
 * @value: "yes", "no" ...; NULL only removes
 *
 * Every integrity-protected the UE put into Authorization or
 * Proxy-Authorization is removed; @value is added to each Digest Authorization
 * (TS 24.229 5.2.2.2, 7.2A.2). A request for which authorization_read() said
 * AUTHORIZATION_MALFORMED is answered 400 and not forwarded: what another
 * parser sees in it is unknown.
 */
void authorization_edit_integrity(struct sip_msg *msg, const char *value);

#endif
