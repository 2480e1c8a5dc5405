// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket: one line asks, one JSON document answers, then it is
 * closed.  Readable by the agent's user only.  Neither keys (there are none to
 * have) nor Path tokens are told.
 */
#include "control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_reply.h"
#include "hash.h"
#include "log.h"
#include "loop.h"

#define LONGEST_REQUEST 64
#define MAX_CLIENTS 16
/* Real time, whatever the clock's scale: the other side is a person's tool. */
#define PATIENCE_S 10

struct client {
	struct bufferevent *bev;
	bool answered;
	struct client *prev, *next;
};

static struct evconnlistener *listener;
static struct client *clients;
static unsigned int n_clients;
static const struct config *config;

static void drop(struct client *c)
{
	DL_DELETE(clients, c);
	n_clients--;
	bufferevent_free(c->bev);
	free(c);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (c->answered)
		drop(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	/* It has said all it wants to say, and waits for the rest of the answer. */
	if ((what & BEV_EVENT_EOF) && c->answered)
		bufferevent_disable(bev, EV_READ);
	else
		drop(c);
}

static void on_line(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct octets reply = { 0 };
	struct client *c = arg;
	char *line;

	if (c->answered)
		return;
	line = evbuffer_readln(in, NULL, EVBUFFER_EOL_LF);
	if (!line) {
		if (evbuffer_get_length(in) > LONGEST_REQUEST)
			drop(c);
		return;
	}
	control_reply(config, line, &reply);
	free(line);
	if (reply.failed) {
		drop(c);
	} else {
		c->answered = true;
		bufferevent_write(bev, reply.p, reply.n);
	}
	octets_free(&reply);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
		      void *arg)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct client *c = calloc(1, sizeof(*c));

	(void)l;
	(void)sa;
	(void)n;
	(void)arg;
	if (!c) {
		close(fd);
		return;
	}
	c->bev = bufferevent_socket_new(loop_base(), fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->bev) {
		close(fd);
		free(c);
		return;
	}
	DL_APPEND(clients, c);
	if (++n_clients > MAX_CLIENTS)
		drop(clients);
	bufferevent_setcb(c->bev, on_line, on_written, on_event, c);
	bufferevent_set_timeouts(c->bev, &patience, &patience);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

int control_open(const struct config *cfg, char *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, ret;

	config = cfg;
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", cfg->control);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto err;
	/* A socket file of an earlier life; whoever still has it open keeps his. */
	unlink(cfg->control);
	mask = umask(0177);
	ret = bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	umask(mask);
	if (ret || listen(fd, MAX_CLIENTS))
		goto err_close;
	listener = evconnlistener_new(loop_base(), on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (listener)
		return 0;
	errno = ENOMEM;
err_close:
	ret = errno;
	close(fd);
	errno = ret;
err:
	snprintf(err, CONFIG_ERROR, "cannot listen on %s: %s", cfg->control, strerror(errno));
	return -1;
}

void control_close(void)
{
	while (clients)
		drop(clients);
	if (listener) {
		evconnlistener_free(listener);
		unlink(config->control);
	}
	listener = NULL;
}
