// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_follow - the agent's verb "trace" until somebody has enough.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl_trace.h"

#define MOMENT_MS 200
#define MOST_RESTS 64u		/* times 64 KiB: more may come as fast as it is read */

struct following {
	const struct ctl_follow *f;
	struct ctl_agent agent;
	uint64_t began, n;
	bool refused, unread;		/* by the agent; nobody reads us */
};

static bool is_over(const struct following *w)
{
	return w->refused || w->unread ||
	       ctl_until_over(&w->f->until, w->n, ctl_now_ms() - w->began);
}

static void take_line(struct following *w, const char *line, size_t n)
{
	struct ctl_json *j = ctl_json_parse(line, n);

	if (j && ctl_agent_is_error(j))
		w->refused = true;
	else if (j && strcmp(ctl_json_text(j, "event"), "tracing"))
		w->n += w->f->line(line, n, j, w->f->arg);
	ctl_json_free(j);
}

static void take_lines(struct following *w)
{
	char *line;
	size_t n;

	while (!is_over(w) && (line = ctl_agent_line(&w->agent, &n)))
		take_line(w, line, n);
}

/* 1; 0: the agent has gone; or a negative errno. */
static int wait_for_more(struct following *w)
{
	struct pollfd p[2] = {
		{ .fd = w->agent.fd, .events = POLLIN }, { .fd = STDOUT_FILENO },
	};
	int ready = ctl_until_poll(p, 2, MOMENT_MS);

	if (ready < 0)
		return errno == EINTR ? 1 : -errno;
	w->unread = p[1].revents & (POLLERR | POLLHUP);
	if (p[0].revents)
		return ctl_agent_take(&w->agent);
	if (w->f->idle)
		w->f->idle(w->f->arg);
	return 1;
}

/* What has come by then is not lost by a ^C. */
static void take_rest(struct following *w)
{
	char *line;
	size_t n;

	for (unsigned int i = 0; i < MOST_RESTS; i++) {
		while (!w->refused && (line = ctl_agent_line(&w->agent, &n)))
			take_line(w, line, n);
		if (poll(&(struct pollfd){ .fd = w->agent.fd, .events = POLLIN }, 1, 0) < 1 ||
		    ctl_agent_take(&w->agent) < 1)
			break;
	}
}

static int follow(struct following *w)
{
	int more = 1;

	while (more > 0 && !is_over(w)) {
		more = wait_for_more(w);
		take_lines(w);
		if (fflush(stdout))
			return ctl_error("cannot write: %s", strerror(errno));
	}
	if (more > 0 && ctl_until_is_interrupted())
		take_rest(w);
	if (w->refused)
		return CTL_FAILED;
	if (!more)
		return ctl_error("the agent has gone");
	return more < 0 ? ctl_error("%s: %s", w->f->ctl->control, strerror(-more)) : CTL_OK;
}

int ctl_follow(const struct ctl_follow *f)
{
	struct following w = { .f = f };
	struct octets request = { 0 };
	int status;

	octets_puts(&request, "trace");
	if (f->who)
		ctl_agent_word(&request, "who", f->who);
	status = ctl_agent_try(&w.agent, f->ctl, &request);
	if (status)
		return ctl_agent_absent(f->ctl, -status);
	ctl_until_interrupted();
	/* Its first line says that from now on nothing is missed. */
	status = ctl_agent_wait(&w.agent) < 0 ? ctl_error("the agent is silent") : CTL_OK;
	w.began = ctl_now_ms();
	take_lines(&w);
	if (!status && !w.refused)
		fputs("gmctl: listening\n", stderr);
	status = status ? status : follow(&w);
	ctl_agent_close(&w.agent);
	return status;
}
