// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The event loop: descriptors by libevent, timers by clock.c.
 *
 * One thread, so nothing in the agent takes a lock; signals come in as events
 * and interrupt nothing.
 */
#include "loop.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "log.h"

#define LONGEST_SLEEP_MS 60000

static struct event_base *base;
static struct event *alarm_event, *on_term, *on_int, *on_hup;
static void (*hangup)(void);
static bool stopped;

#define PROBE_S 1

struct histogram loop_lag = HISTOGRAM(histogram_local_bounds);
static struct event *probe;
static uint64_t probe_due;

static void wake_up(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	(void)what;
	(void)arg;
	log_info("signal %d, ending", (int)sig);
	loop_stop();
}

static void on_hangup(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	(void)arg;
	if (hangup)
		hangup();
}

void loop_on_hangup(void (*fn)(void))
{
	hangup = fn;
}

int loop_init(void)
{
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	if (!base)
		return -1;
	alarm_event = evtimer_new(base, wake_up, NULL);
	on_term = evsignal_new(base, SIGTERM, on_signal, NULL);
	on_int = evsignal_new(base, SIGINT, on_signal, NULL);
	on_hup = evsignal_new(base, SIGHUP, on_hangup, NULL);
	if (!alarm_event || !on_term || !on_int || !on_hup)
		return -1;
	evsignal_add(on_hup, NULL);
	evsignal_add(on_term, NULL);
	evsignal_add(on_int, NULL);
	return 0;
}

void loop_exit(void)
{
	if (alarm_event)
		event_free(alarm_event);
	if (on_term)
		event_free(on_term);
	if (on_int)
		event_free(on_int);
	if (probe)
		event_free(probe);
	if (on_hup)
		event_free(on_hup);
	if (base)
		event_base_free(base);
	alarm_event = on_term = on_int = on_hup = probe = NULL;
	hangup = NULL;
	base = NULL;
}

static void begin_probe(void)
{
	const struct timeval tv = { .tv_sec = PROBE_S };

	/* Else it counts from when this round of the loop began. */
	event_base_update_cache_time(base);
	probe_due = clock_real_us() + PROBE_S * UINT64_C(1000000);
	evtimer_add(probe, &tv);
}

static void on_probe(evutil_socket_t fd, short what, void *arg)
{
	uint64_t now = clock_real_us();

	(void)fd;
	(void)what;
	(void)arg;
	histogram_add(&loop_lag, now > probe_due ? now - probe_due : 0);
	begin_probe();
}

bool loop_watch_lag(void)
{
	probe = evtimer_new(base, on_probe, NULL);
	if (!probe)
		return false;
	begin_probe();
	return true;
}

struct event_base *loop_base(void)
{
	return base;
}

static void arm(void)
{
	uint64_t ms = clock_next();
	struct timeval tv;

	ms = ms == UINT64_MAX ? LONGEST_SLEEP_MS : clock_real_ms(ms);
	if (ms > LONGEST_SLEEP_MS)
		ms = LONGEST_SLEEP_MS;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	evtimer_add(alarm_event, &tv);
}

void loop_run(void)
{
	stopped = false;
	while (!stopped) {
		arm();
		if (event_base_loop(base, EVLOOP_ONCE) < 0) {
			log_error("event loop failed");
			return;
		}
		clock_run();
	}
}

void loop_stop(void)
{
	stopped = true;
}
