/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LOOP_H
#define _LOOP_H

#include <event2/event.h>
#include <stdbool.h>

#include "histogram.h"

int loop_init(void);
void loop_exit(void);

/* For event_new(). */
struct event_base *loop_base(void);

/* Called on SIGHUP, from the loop; without it, or NULL, that does nothing. */
void loop_on_hangup(void (*fn)(void));

/* Runs events and timers until loop_stop(), SIGTERM or SIGINT. */
void loop_run(void);
void loop_stop(void);

/* From now on measures, once a second, how late the loop is. False: out of memory. */
bool loop_watch_lag(void);

extern struct histogram loop_lag;	/* real time */

#endif
