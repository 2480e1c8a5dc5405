// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_agent - a question to the agent over its UNIX socket, and its answer line
// by line.
#include "ctl_agent.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TIMEOUT_MS 10000	/* without an octet */
#define LONGEST_LINE (16u << 20)

void ctl_agent_word(struct octets *request, const char *name, const char *value)
{
	octets_printf(request, " %s", name);
	if (!value)
		return;
	octets_puts(request, "=");
	for (; *value; value++) {
		if (*value > 0x20 && *value < 0x7f && *value != '%')
			octets_put(request, (struct str){ value, 1 });
		else
			octets_printf(request, "%%%02x", (unsigned char)*value);
	}
}

static int connect_agent(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, e;

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !connect(fd, (struct sockaddr *)&un, sizeof(un)))
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

int ctl_agent_try(struct ctl_agent *a, const struct ctl *ctl, struct octets *request)
{
	int e = 0;

	memset(a, 0, sizeof(*a));
	octets_puts(request, "\n");
	a->fd = connect_agent(ctl->control);
	if (a->fd < 0) {
		e = -errno;
		octets_free(request);
		return e;
	}
	if (request->failed)
		e = -ENOMEM;
	/* EPIPE: it has turned us away, and said why before */
	else if (send(a->fd, request->p, request->n, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		e = -errno;
	octets_free(request);
	if (e)
		close(a->fd);
	return e;
}

void ctl_agent_close(struct ctl_agent *a)
{
	octets_free(&a->in);
	close(a->fd);
}

int ctl_agent_take(struct ctl_agent *a)
{
	char piece[65536];
	ssize_t n = recv(a->fd, piece, sizeof(piece), MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	if (!n) {
		/* The last line may be without its end. */
		if (a->in.n > a->at && a->in.p[a->in.n - 1] != '\n')
			octets_puts(&a->in, "\n");
		return 0;
	}
	octets_put(&a->in, (struct str){ piece, (size_t)n });
	return a->in.failed || a->in.n > LONGEST_LINE ? -EMSGSIZE : 1;
}

char *ctl_agent_line(struct ctl_agent *a, size_t *n)
{
	char *line = a->in.p ? a->in.p + a->at : NULL;
	size_t left = a->in.n - a->at;
	char *end = left ? memchr(line, '\n', left) : NULL;

	if (!end) {
		/* What has been handed out goes. */
		if (left)
			memmove(a->in.p, line, left);
		a->in.n = left;
		a->at = 0;
		return NULL;
	}
	*end = 0;
	*n = (size_t)(end - line);
	a->at += *n + 1;
	return line;
}

bool ctl_agent_is_error(const struct ctl_json *j)
{
	const struct ctl_json *error = ctl_json_member(j, "error");

	if (error)
		ctl_error("the agent says: %s", error->text ? error->text : "no");
	return error;
}

/* A list has its end, which says of how much; one document needs none. */
struct each {
	ctl_agent_fn *fn;
	void *arg;
	unsigned long n;
	bool ended;
};

static int each_line(struct each *e, const char *line, size_t n)
{
	struct ctl_json *j = ctl_json_parse(line, n);
	const struct ctl_json *end;
	int status = CTL_OK;

	if (!j)
		return ctl_error("the agent's answer of %zu octets is not JSON", n);
	end = ctl_json_member(j, "end");
	if (ctl_agent_is_error(j))
		status = CTL_FAILED;
	else if (end && end->text)
		e->ended = strtoul(end->text, NULL, 10) == e->n;
	else
		status = e->fn(line, n, j, e->arg);
	e->n++;
	ctl_json_free(j);
	return status;
}

int ctl_agent_wait(struct ctl_agent *a)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN };
	int ready = poll(&p, 1, TIMEOUT_MS);

	if (ready < 0 && errno != EINTR)
		return -errno;
	return ready ? ctl_agent_take(a) : -ETIMEDOUT;
}

static int read_lines(struct ctl_agent *a, const struct ctl *ctl, struct each *e)
{
	int status = CTL_OK, more = 1;
	char *line;
	size_t n;

	while (!status && more > 0) {
		more = ctl_agent_wait(a);
		while (!status && (line = ctl_agent_line(a, &n)))
			status = each_line(e, line, n);
	}
	if (!status && more < 0)
		return ctl_error("%s: %s", ctl->control, strerror(-more));
	if (!status && !e->n)
		return ctl_error("%s: no answer", ctl->control);
	return status;
}

int ctl_agent_absent(const struct ctl *ctl, int error)
{
	if (error == EACCES)
		return ctl_error("no access to %s: %s (it is for root, the agent's user and its group)",
				 ctl->control, strerror(error));
	return ctl_error("no agent at %s: %s", ctl->control, strerror(error));
}

static int ask(const struct ctl *ctl, struct octets *request, struct each *e)
{
	struct ctl_agent a;
	int status = ctl_agent_try(&a, ctl, request);

	if (status)
		return ctl_agent_absent(ctl, -status);
	status = read_lines(&a, ctl, e);
	ctl_agent_close(&a);
	return status;
}

int ctl_agent_each(const struct ctl *ctl, struct octets *request, ctl_agent_fn *fn, void *arg)
{
	struct each e = { .fn = fn, .arg = arg };
	int status = ask(ctl, request, &e);

	if (!status && !e.ended)
		return ctl_error("%s: the answer was cut off", ctl->control);
	return status;
}

int ctl_agent_first(const struct ctl *ctl, struct octets *request, ctl_agent_fn *fn, void *arg)
{
	struct each e = { .fn = fn, .arg = arg };

	return ask(ctl, request, &e);
}

static int keep(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	(void)j;
	*(struct ctl_json **)arg = ctl_json_parse(text, n);
	return CTL_OK;
}

struct ctl_json *ctl_agent_one(const struct ctl *ctl, struct octets *request)
{
	struct ctl_json *j = NULL;

	if (!ctl_agent_first(ctl, request, keep, &j))
		return j;
	ctl_json_free(j);
	return NULL;
}
