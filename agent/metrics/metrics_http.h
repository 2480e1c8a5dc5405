/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _METRICS_HTTP_H
#define _METRICS_HTTP_H

#include "config.h"

/*
 * GET /metrics, over HTTP. It is for monitoring, but whoever reaches the port may
 * talk to it: so much as is said in metrics_http.c, and no more, is done for all
 * of them together, however many there are and whatever they send.
 */

/**
 * metrics_http_open - listen where the configuration says, if it does
 * @err: CONFIG_ERROR octets
 *
 * After loop_init(), before the rights go. Who connects is served once the loop
 * runs. Return: 0, or -1 with @err filled.
 */
int metrics_http_open(const struct config *cfg, char *err);
void metrics_http_close(void);

struct metrics_http_stats {
	unsigned long served;		/* 200 */
	unsigned long no_such;		/* 404: something other than /metrics */
	unsigned long no_get;		/* 405: something other than GET */
	unsigned long too_long;		/* cut off: neither asked nor read in time */
	unsigned long displaced;	/* cut off: to make room for a newcomer */
	unsigned long made;		/* texts */
	unsigned int visitors;		/* connections now */
};
extern struct metrics_http_stats metrics_http_stats;

#endif
