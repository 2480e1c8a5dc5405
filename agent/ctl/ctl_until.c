// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_until - when what goes on by itself ends: after so many, after so long, or by ^C.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

static volatile sig_atomic_t enough;

static void on_signal(int number)
{
	(void)number;
	enough = 1;
}

/* A write goes on: half a line would be no end; who hangs in it is killed by the second one. */
void ctl_until_interrupted(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool ctl_until_is_interrupted(void)
{
	return enough;
}

int ctl_until_poll(struct pollfd *p, unsigned int n, int ms)
{
	struct timespec span = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };
	sigset_t ends, before;
	int ready = -1, e = EINTR;

	/* One that comes between the look and the wait would be waited out. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &before);
	if (!enough) {
		ready = ppoll(p, n, ms < 0 ? NULL : &span, &before);
		e = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* What poll() left is what was there before. */
	for (unsigned int i = 0; ready < 0 && i < n; i++)
		p[i].revents = 0;
	errno = e;
	return ready;
}

/* Where the value of an option goes; NULL: it is none of ours. */
static uint64_t *place_of(const char *option, const char *more, struct ctl_until *u)
{
	if (option[0] != '-' || !option[1] || option[2])
		return NULL;
	if (option[1] == 'n')
		return &u->count;
	if (option[1] == 't')
		return &u->ms;
	return strchr(more, option[1]) ? &u->interval_ms : NULL;
}

int ctl_until_read(struct ctl_until *u, const char *more, int *argc, char **argv)
{
	uint64_t *to;
	int i = 1;

	while (i < *argc) {
		const char *value = i + 1 < *argc ? argv[i + 1] : "";

		to = place_of(argv[i], more, u);
		if (!to) {
			i++;
			continue;
		}
		if (to == &u->count ? !ctl_parse_u64(value, to) || !*to
				    : !ctl_parse_seconds(value, to))
			return ctl_bad_usage("%s: say a number above 0", argv[i]);
		memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 1) * sizeof(*argv));
		*argc -= 2;
	}
	return CTL_OK;
}

uint64_t ctl_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool ctl_until_over(const struct ctl_until *u, uint64_t n, uint64_t ms)
{
	return enough || (u->count && n >= u->count) || (u->ms && ms >= u->ms);
}

bool ctl_until_sleep(uint64_t ms)
{
	/* POLLERR: the reader of the pipe is gone */
	struct pollfd p = { .fd = STDOUT_FILENO };
	uint64_t until = ctl_now_ms() + ms, now;

	while (!enough && (now = ctl_now_ms()) < until)
		if (ctl_until_poll(&p, 1, (int)(until - now < 60000 ? until - now : 60000)) > 0 &&
		    (p.revents & (POLLERR | POLLHUP)))
			return false;
	return !enough;
}
