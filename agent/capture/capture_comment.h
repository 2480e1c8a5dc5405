/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_COMMENT_H
#define _CAPTURE_COMMENT_H

#include <stdbool.h>

#include "octets.h"

/*
 * What gmctl trace says of a message in the comment of its packet, for people and for
 * gmctl ladder: a line about the message, and one for each thing that came of it.
 *
 *	Gm, protected, received, SA uc-ps, SPI 0x1e9ff1b0, set 3 (temp), 001@ims.example
 *	refused verify-differs (TS 33.203 7.2): REGISTER, 494: Security-Verify is not ...
 */
enum capture_side { CAPTURE_GM, CAPTURE_GM_PROTECTED, CAPTURE_MW };

const char *capture_side_name(enum capture_side side);		/* "Gm, clear" */

struct capture_comment {
	enum capture_side side;
	bool in;			/* received */
	struct str sa;			/* n == 0: on none that is known; then no set either */
	uint32_t spi, set;
	struct str state, impi;		/* impi.n == 0: not known */
};

void capture_comment_put(struct octets *o, const struct capture_comment *c);
/* False: the line is not of gmctl's making. */
bool capture_comment_read(struct capture_comment *c, struct str line);

/* A line about what came of it. Where there is no rule (n == 0) there is no clause. */
struct capture_note {
	struct str event, rule, clause, text;
};

void capture_note_put(struct octets *o, const struct capture_note *n);
bool capture_note_read(struct capture_note *n, struct str line);

#endif
