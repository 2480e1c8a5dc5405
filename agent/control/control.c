// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket: one line asks, lines of JSON answer (control_answer.h),
 * then it is closed.  For root, the agent's user and its group only.  Neither
 * keys (there are none to have) nor tokens are told.
 *
 * A long answer is made piece by piece: the next piece when the other side has
 * read most of the last one, and never two in one turn of the loop.
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

#include "control_answer.h"
#include "control_peer.h"
#include "hash.h"
#include "log.h"
#include "loop.h"

#define MAX_CLIENTS 16
/* Real time, whatever the clock's scale: the other side is a person's tool. */
#define PATIENCE_S 10
/* Octets that were not read yet: below, the next piece is made. */
#define LOW_WATER 16384
/* And what a live answer may be behind. */
#define MAX_BEHIND (256u << 10)

struct client {
	struct control_answer answer;	/* the first member, see control_push() */
	struct bufferevent *bev;
	struct event *again;		/* the next piece, in the loop's next turn */
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
	if (c->answer.end && c->answer.state)
		c->answer.end(&c->answer);
	octets_free(&c->answer.out);
	event_free(c->again);
	bufferevent_free(c->bev);
	free(c);
}

static size_t behind(const struct client *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->bev));
}

/* What stands in @out goes out. False: the client is gone. */
static bool flush(struct client *c)
{
	struct octets *o = &c->answer.out;
	bool fine = !o->failed && !bufferevent_write(c->bev, o->p ? o->p : "", o->n);

	octets_free(o);
	memset(o, 0, sizeof(*o));
	if (!fine)
		drop(c);
	return fine;
}

/* The next piece, when it is time for it; after the last one the client goes. */
static void go_on(struct client *c)
{
	static const struct timeval now = { 0 };

	if (behind(c) > LOW_WATER)
		return;
	if (c->answer.more) {
		if (!c->answer.more(&c->answer))
			c->answer.more = NULL;
		if (flush(c))
			event_add(c->again, &now);
	} else if (!c->answer.live && !behind(c)) {
		drop(c);
	}
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	go_on(arg);
}

static void on_written(struct bufferevent *bev, void *arg)
{
	struct client *c = arg;

	(void)bev;
	if (c->answered && !event_pending(c->again, EV_TIMEOUT, NULL))
		go_on(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct client *c = arg;

	/* It has said all it wants to say, and waits for the rest of the answer. */
	if ((what & BEV_EVENT_EOF) && c->answered && !c->answer.live)
		bufferevent_disable(bev, EV_READ);
	else
		drop(c);
}

static void ask(struct client *c, char *line)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };

	c->answered = true;
	control_answer(&c->answer, line);
	/* Reading goes on only to notice its end; an event may take its time. */
	bufferevent_set_timeouts(c->bev, NULL, &patience);
	if (flush(c))
		go_on(c);
}

static void on_line(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	struct client *c = arg;
	size_t n;
	char *line;

	if (c->answered) {
		evbuffer_drain(in, evbuffer_get_length(in));
		return;
	}
	line = evbuffer_readln(in, &n, EVBUFFER_EOL_LF);
	if (!line) {
		if (evbuffer_get_length(in) > CONTROL_REQUEST)
			drop(c);
		return;
	}
	/* One request a connection. */
	evbuffer_drain(in, evbuffer_get_length(in));
	/* An octet 0 would hide what is behind it. */
	if (n > CONTROL_REQUEST || memchr(line, 0, n))
		drop(c);
	else
		ask(c, line);
	free(line);
}

/* Nothing of it is kept: it has read this, or it has not. */
static void turn_away(int fd, const char *why)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "{\"error\":\"%s\"}\n", why);

	send(fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

/* Room for one more: who has not even asked yet makes it. */
static bool make_room(void)
{
	if (n_clients < MAX_CLIENTS)
		return true;
	for (struct client *c = clients; c; c = c->next)
		if (!c->answered) {
			drop(c);
			return true;
		}
	return false;
}

static struct client *new_client(int fd, const struct control_peer *peer)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->answer.config = config;
	c->answer.uid = peer->uid;
	c->answer.pid = peer->pid;
	c->again = evtimer_new(loop_base(), on_again, c);
	c->bev = c->again ? bufferevent_socket_new(loop_base(), fd, BEV_OPT_CLOSE_ON_FREE) : NULL;
	if (!c->bev) {
		if (c->again)
			event_free(c->again);
		free(c);
		return NULL;
	}
	DL_APPEND(clients, c);
	n_clients++;
	bufferevent_setcb(c->bev, on_line, on_written, on_event, c);
	bufferevent_setwatermark(c->bev, EV_WRITE, LOW_WATER, 0);
	bufferevent_setwatermark(c->bev, EV_READ, 0, (size_t)2 * CONTROL_REQUEST);
	bufferevent_set_timeouts(c->bev, &patience, &patience);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
	return c;
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n,
		      void *arg)
{
	struct control_peer peer;

	(void)l;
	(void)sa;
	(void)n;
	(void)arg;
	control_peer_of(fd, &peer);
	if (!peer.may)
		log_limited(LOG_LEVEL_WARNING, "control socket: uid %u, pid %u may not ask",
			    (unsigned int)peer.uid, (unsigned int)peer.pid);
	if (!peer.may)
		turn_away(fd, "only root, the agent's user and its group may ask");
	else if (!make_room())
		turn_away(fd, "too many ask at the same time");
	else if (!new_client(fd, &peer))
		turn_away(fd, "out of memory");
}

bool control_push(struct control_answer *a, struct str octets)
{
	struct client *c = (struct client *)a;

	return behind(c) <= MAX_BEHIND && !bufferevent_write(c->bev, octets.p, octets.n);
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
	mask = umask(0117);
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
	if (errno == EACCES)
		snprintf(err, CONFIG_ERROR, "cannot listen on %s: its directory must be writable "
			 "for %s", cfg->control, cfg->user);
	else
		snprintf(err, CONFIG_ERROR, "cannot listen on %s: %s", cfg->control,
			 strerror(errno));
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
