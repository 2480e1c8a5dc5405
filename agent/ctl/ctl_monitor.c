// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl monitor - events of the kernel, one line each, as they happen.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

static const char help[] =
"Usage: gmctl monitor\n"
"\n"
"Prints one line for each event of the kernel in this network namespace, until\n"
"interrupted or nobody reads.  \"lost\" says that events came faster than they\n"
"could be read.\n";

static void print_event(const struct gate_event *e, void *arg)
{
	ctl_event_print(arg, e, NULL);
}

static int watch(struct gate *g, int fd)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },	/* POLLERR: the reader of the pipe is gone */
	};
	int e;

	while (!ctl_until_is_interrupted()) {
		if (ctl_until_poll(p, 2, -1) < 0 && errno != EINTR)
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
	return CTL_OK;
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
		ctl_until_interrupted();
		/* a script has to know from when on it misses nothing */
		fputs("gmctl: listening\n", stderr);
		status = watch(g, fd);
	}
	gate_close(g);
	return status;
}
