// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl monitor - events of the kernel, one line each, as they happen.
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl monitor\n"
"\n"
"Prints one line for each event of the kernel in this network namespace, until\n"
"interrupted or nobody reads.  \"lost\" says that events came faster than they\n"
"could be read.\n";

static void print_json(const struct gate_event *e, const struct timespec *now)
{
	ctl_out_open(NULL, '{');
	ctl_out_number("time-ms", now->tv_sec * UINT64_C(1000) + now->tv_nsec / 1000000);
	ctl_out_text("event", e ? gate_names_text(GATE_NAMES_EVENT, e->event) : "lost");
	if (e) {
		ctl_out_number("set", e->set);
		ctl_out_number("endpoint", e->endpoint);
		ctl_out_number("instance", e->instance);
		ctl_out_hex("cookie", e->cookie);
		ctl_out_number("spi", e->spi);
		ctl_out_addr("addr", &e->addr);
	}
	ctl_out_close('}');
}

static void print_text(const struct gate_event *e, const struct timespec *now)
{
	char when[16], text[CTL_TEXT];
	struct tm tm;

	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now->tv_sec, &tm));
	printf("%s.%03ld %s", when, now->tv_nsec / 1000000,
	       e ? gate_names_text(GATE_NAMES_EVENT, e->event) : "lost");
	if (e) {
		if (e->set)
			printf(" set %u", e->set);
		if (e->endpoint)
			printf(" endpoint %u", e->endpoint);
		if (e->instance)
			printf(" instance %u", e->instance);
		if (e->cookie)
			printf(" cookie 0x%" PRIx64, e->cookie);
		if (e->spi)
			printf(" spi 0x%08x", e->spi);
		if (e->addr.family)
			printf(" from %s", ctl_text_addr(&e->addr, text));
	}
	putchar('\n');
}

static void print_event(const struct gate_event *e, void *arg)
{
	const struct ctl *ctl = arg;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ctl->json)
		print_json(e, &now);
	else
		print_text(e, &now);
}

static int watch(struct gate *g, int fd)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },	/* POLLERR: the reader of the pipe is gone */
	};
	int e;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return ctl_error("poll: %s", strerror(errno));
		if (p[1].revents & (POLLERR | POLLHUP))
			return CTL_OK;
		if (!p[0].revents)
			continue;
		e = gate_events_read(g);
		if (e)
			return ctl_error("cannot read events: %s", strerror(-e));
		if (fflush(stdout))
			return ctl_error("cannot write: %s", strerror(errno));
	}
}

int ctl_monitor(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	struct gate *g;
	int fd, status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("monitor takes no words");
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	fd = gate_events_open(g, print_event, (void *)ctl, &err);
	if (fd < 0) {
		status = ctl_gate_error(&err);
	} else {
		/* a script has to know from when on it misses nothing */
		fputs("gmctl: listening\n", stderr);
		status = watch(g, fd);
	}
	gate_close(g);
	return status;
}
