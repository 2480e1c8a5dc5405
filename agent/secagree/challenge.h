/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CHALLENGE_H
#define _CHALLENGE_H

#include "keys.h"

enum challenge_result {
	CHALLENGE_NO_KEYS,	/* neither ck nor ik anywhere */
	CHALLENGE_KEYS,		/* both, well formed; handed out */
	CHALLENGE_BAD_KEYS,	/* only one, malformed, or several that differ */
};

/**
 * challenge_cut - take ck and ik out of a message as it was received
 * @octets: one whole message from the core; changed in place
 * @n: its length; shorter afterwards when something was cut
 * @keys: the keys for CHALLENGE_KEYS, otherwise all 0
 * @why: what is wrong for CHALLENGE_BAD_KEYS, a constant text; may be NULL
 *
 * To be called on everything that comes from Mw before it is parsed, logged,
 * traced or kept (TS 24.229 5.2.2.2: the keys never go on to the UE). Every
 * parameter named ck or ik of every WWW-Authenticate and Proxy-Authenticate
 * line is cut together with one comma, whatever the result; where a line does
 * not parse, everything from that parameter to the end of the line goes. The
 * octets freed at the end of the buffer are overwritten.
 *
 * Several challenges may carry the keys if they agree.
 */
enum challenge_result challenge_cut(char *octets, size_t *n, struct keys_aka *keys,
				    const char **why);

#endif
