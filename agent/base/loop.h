/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LOOP_H
#define _LOOP_H

#include <event2/event.h>

int loop_init(void);
void loop_exit(void);

/* For event_new(). */
struct event_base *loop_base(void);

/* Runs events and timers until loop_stop(), SIGTERM or SIGINT. */
void loop_run(void);
void loop_stop(void);

#endif
