/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_STREAM_H
#define _CAPTURE_STREAM_H

#include "capture_decode.h"
#include "sip_frame.h"

/*
 * Messages out of the segments of TCP, each direction of a connection by itself.  They
 * are found where their octets come in order; what a capture has lost, or has in another
 * order, costs the messages that it was part of.  No more than CAPTURE_STREAMS of them
 * are known at a time, with at most one message of the longest in memory each.
 */
#define CAPTURE_STREAMS 64

struct capture_stream {
	struct addr from, to;		/* family 0: not in use */
	uint32_t next;			/* the sequence number that is to come */
	unsigned long used;		/* when it was last */
	struct octets octets;
	struct sip_frame frame;
};

struct capture_streams {		/* starts from {0} */
	struct capture_stream all[CAPTURE_STREAMS];
	unsigned long now;
	unsigned long lost;		/* times that octets were missing */
	bool failed;			/* out of memory */
};

typedef void capture_message_fn(const struct capture_piece *p, struct str message, void *arg);

/* @p: CAPTURE_SEGMENT; @fn gets each message that is whole with it. */
void capture_streams_take(struct capture_streams *s, const struct capture_piece *p,
			  capture_message_fn *fn, void *arg);
void capture_streams_free(struct capture_streams *s);

#endif
