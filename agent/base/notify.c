// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sd_notify(3).  The watchdog is fed by a timer of the loop, in real time: a loop that
 * does not turn feeds nobody, and is started anew, which costs no UE its registration.
 */
#include "notify.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "log.h"
#include "loop.h"

static struct event *feed;

static void on_feed(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	sd_notify(0, "WATCHDOG=1");
}

static void start_watchdog(void)
{
	struct timeval period;
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return;
	/* Three times in the time it has, so that one may come late. */
	usec /= 3;
	period.tv_sec = (time_t)(usec / 1000000);
	period.tv_usec = (suseconds_t)(usec % 1000000);
	feed = event_new(loop_base(), -1, EV_PERSIST, on_feed, NULL);
	if (!feed || event_add(feed, &period))
		log_error("out of memory: the watchdog is not fed");
}

void notify_ready(const char *fmt, ...)
{
	char status[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(status, sizeof(status), fmt, ap);
	va_end(ap);
	start_watchdog();
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
	if (feed)
		event_free(feed);
	feed = NULL;
}
