/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRACE_H
#define _TRACE_H

#include "flow.h"
#include "octets.h"

/*
 * @file: appended to, one JSON object a line, for messages and what was refused
 * (notice.h); "": none. It takes the place of the one that is open. 0, or a negative
 * errno and all is as before.
 */
int trace_open(const char *file);
void trace_close(void);

/*
 * One message that came in or goes out: when, between whom, on which SA of whom,
 * its start line, CSeq and Call-ID. Nothing else of it is written, so that neither
 * keys nor digests can be; ck and ik have been cut from the octets before anyway.
 */
void trace_message(const struct flow *f, bool out, struct str octets);

/* @fn is told of each message from now on; NULL: nobody is. It must not send any. */
typedef void trace_fn(const struct flow *f, bool out, struct str octets);
void trace_listen(trace_fn *fn);

/* The line of a message, and of anything: an object that is not closed yet. */
void trace_put(struct octets *o, const struct flow *f, bool out, struct str octets);
void trace_put_time(struct octets *o);

#endif
