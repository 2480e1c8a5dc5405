/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_WORLD_H
#define _CONTROL_WORLD_H

/* What the control socket says to a line, without a socket. */
#include "control_answer.h"
#include "proof.h"

/* All of the answer into @out, which ends with a 0. The number of pieces it took. */
static __attribute__((unused)) unsigned int told(const struct config *config, const char *line,
						 struct octets *out)
{
	struct control_answer a = { .config = config };
	char copy[CONTROL_REQUEST + 1];
	unsigned int pieces = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	control_answer(&a, copy);
	assert_false(a.live);
	for (bool more = a.more; more; pieces++) {
		octets_put(out, octets_str(&a.out));
		octets_free(&a.out);
		memset(&a.out, 0, sizeof(a.out));
		more = a.more(&a);
	}
	if (a.end)
		a.end(&a);
	assert_false(a.out.failed);
	octets_put(out, octets_str(&a.out));
	octets_put(out, STR_LIT("\0"));
	octets_free(&a.out);
	assert_false(out->failed);
	return pieces;
}

#endif
