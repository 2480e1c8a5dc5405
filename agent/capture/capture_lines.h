/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_LINES_H
#define _CAPTURE_LINES_H

#include "capture_decode.h"

/*
 * A capture as the lines that the agent's trace has (trace.c): what gmctl draws of the
 * one it draws of the other.  Messages without a comment of gmctl trace were captured by
 * somebody else, who does not say which of the two is gmgate: their "side" is
 * "elsewhere", "remote" has sent them and "local" got them.
 */
struct capture_told {
	unsigned long packets, messages;
	unsigned long kinds[CAPTURE_KINDS];	/* of packets */
	unsigned long lost;		/* gaps in TCP that cost messages */
	unsigned int link;		/* the last of those that are not known */
	char error[128];		/* where the capture is bad; "": it is not */
};

/* Up to where it is bad. 0, or a negative errno of memory or @out. */
int capture_lines(FILE *in, FILE *out, struct capture_told *told);

#endif
