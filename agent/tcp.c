// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP, on Gm and on Mw.
 *
 * A connection has a number that is never used twice; everybody else names it
 * by that number in a struct flow, nobody keeps a pointer.  One that came in on
 * a protected port is bound for life to the SA set that carried its SYN, which
 * the kernel tells in its mark (design 3.7; tcp_fwmark_accept).
 *
 * Connections without a set are a pool with a cap, ordered by when they last
 * said something: a newcomer displaces the most silent (design 4.6).  A set
 * may hold SET_CONNECTIONS.  A message that was begun has to end within
 * MESSAGE_MS, whoever sends it.
 *
 * Callbacks may close any connection: while a connection is being read it is
 * held, and freed afterwards.
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "loop.h"
#include "sip_frame.h"
#include "tcp_socket.h"

#define BACKLOG 256
#define ACCEPT_BURST 64
#define READ_CHUNK 4096
#define CONNECT_MS 5000
#define MESSAGE_MS 32000
#define MAX_QUEUED (256 << 10)
#define SET_CONNECTIONS 4

struct listener {
	struct flow like;
	int fd;
	struct event *event;
	struct listener *next;
};

struct connection {
	struct flow flow;
	int fd;
	struct event *readable, *writable;
	bool held, gone, connecting;
	struct clock_timer timer;
	bool message_begun;
	struct sip_frame frame;
	char *in;
	size_t in_n, in_room;
	char *out;
	size_t out_n, out_room;
	UT_hash_handle hh;		/* by flow.conn */
	struct connection *prev, *next;	/* in unproven, or in its set's list */
};

/* The connections of one SA set, the oldest first. */
struct set_connections {
	uint32_t set;
	unsigned int n;
	struct connection *list;
	UT_hash_handle hh;
};

struct tcp_stats tcp_stats;

static struct tcp_ops ops;
static struct tcp_limits limits;
static struct listener *listeners;
static struct connection *connections, *unproven;
static struct set_connections *by_set;
static uint64_t last_number;

void tcp_init(const struct tcp_ops *o, const struct tcp_limits *l)
{
	ops = *o;
	limits = *l;
}

static bool is_unproven(const struct connection *c)
{
	return c->flow.side == FLOW_GM;
}

static void unlink_connection(struct connection *c)
{
	struct set_connections *s;

	HASH_DEL(connections, c);
	tcp_stats.open--;
	if (is_unproven(c)) {
		DL_DELETE(unproven, c);
		tcp_stats.unproven--;
	} else if (c->flow.set) {
		HASH_FIND(hh, by_set, &c->flow.set, sizeof(c->flow.set), s);
		DL_DELETE(s->list, c);
		if (!--s->n) {
			HASH_DEL(by_set, s);
			free(s);
		}
	}
}

static void free_connection(struct connection *c)
{
	if (c->in)
		explicit_bzero(c->in, c->in_room);
	free(c->in);
	free(c->out);
	free(c);
}

static void close_connection(struct connection *c, bool reset)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (c->gone)
		return;
	c->gone = true;
	clock_stop(&c->timer);
	unlink_connection(c);
	event_free(c->readable);
	event_free(c->writable);
	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
	ops.closed(&c->flow);
	if (!c->held)
		free_connection(c);
}

static void set_timer(struct connection *c)
{
	if (c->connecting)
		clock_set(&c->timer, CONNECT_MS);
	else if (c->message_begun)
		return;
	else if (is_unproven(c))
		clock_set(&c->timer, limits.idle);
	else
		clock_stop(&c->timer);
}

static void on_timer(struct clock_timer *t)
{
	struct connection *c = (void *)((char *)t - offsetof(struct connection, timer));

	tcp_stats.idle++;
	log_debug("closing TCP %s: %s", addr_text(&c->flow.remote),
		  c->connecting ? "it does not connect" :
		  c->message_begun ? "a message does not end" : "idle");
	close_connection(c, true);
}

/* Something was heard: to the end of the queue of those to be displaced. */
static void refresh(struct connection *c)
{
	if (is_unproven(c)) {
		DL_DELETE(unproven, c);
		DL_APPEND(unproven, c);
	}
}

static bool room_for(char **p, size_t *room, size_t need)
{
	size_t size = *room ? *room : READ_CHUNK;
	char *bigger;

	while (size < need)
		size *= 2;
	if (size == *room)
		return true;
	/* Not realloc(): it may leave a copy of keys behind. */
	bigger = malloc(size);
	if (!bigger)
		return false;
	if (*p) {
		memcpy(bigger, *p, *room);
		explicit_bzero(*p, *room);
		free(*p);
	}
	*p = bigger;
	*room = size;
	return true;
}

static void consume(struct connection *c, size_t n)
{
	c->in_n -= n;
	memmove(c->in, c->in + n, c->in_n);
	explicit_bzero(c->in + c->in_n, n);
}

static void answer_pings(struct connection *c)
{
	for (; c->frame.pings && !c->gone; c->frame.pings--)
		tcp_send(&c->flow, "\r\n", 2);
}

/* Hands out every whole message there is. False: the connection is closed. */
static bool hand_out(struct connection *c)
{
	bool begun = c->message_begun;

	for (;;) {
		struct str there = { c->in, c->in_n };
		enum sip_frame_result result = sip_frame_next(&c->frame, there, &limits.sip);
		size_t skip = c->frame.skip, length = c->frame.length;

		answer_pings(c);
		if (c->gone)
			return false;
		if (result == SIP_FRAME_ERROR) {
			tcp_stats.malformed++;
			log_refusal(addr_text(&c->flow.remote), "RFC 3261 18.3",
				    "TCP stream: %s", sip_gate_text(c->frame.error));
			close_connection(c, true);
			return false;
		}
		if (skip)
			consume(c, skip);
		if (result == SIP_FRAME_MORE)
			break;
		ops.receive(&c->flow, c->in, length);
		if (c->gone)
			return false;
		consume(c, length);
		begun = false;
	}
	c->message_begun = c->in_n > 0;
	if (c->message_begun && !begun)
		clock_set(&c->timer, MESSAGE_MS);
	set_timer(c);
	return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;
	ssize_t n;

	(void)what;
	if (!room_for(&c->in, &c->in_room, c->in_n + READ_CHUNK)) {
		close_connection(c, true);
		return;
	}
	n = recv(fd, c->in + c->in_n, READ_CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* A closed connection never ends a registration (field note 23). */
		close_connection(c, false);
		return;
	}
	c->in_n += n;
	refresh(c);
	c->held = true;
	if (hand_out(c) && !c->in_n && c->in_room > READ_CHUNK) {
		free(c->in);
		c->in = NULL;
		c->in_room = 0;
	}
	c->held = false;
	if (c->gone)
		free_connection(c);
}

/* False: the connection is closed. */
static bool flush_out(struct connection *c)
{
	ssize_t n = send(c->fd, c->out, c->out_n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		log_debug("TCP to %s: %s", addr_text(&c->flow.remote), strerror(errno));
		close_connection(c, false);
		return false;
	}
	if (n > 0) {
		c->out_n -= n;
		memmove(c->out, c->out + n, c->out_n);
	}
	if (c->out_n) {
		event_add(c->writable, NULL);
		return true;
	}
	free(c->out);
	c->out = NULL;
	c->out_room = 0;
	return true;
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)what;
	if (c->connecting) {
		int err = 0;
		socklen_t n = sizeof(err);

		getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n);
		if (err) {
			log_debug("TCP to %s: %s", addr_text(&c->flow.remote), strerror(err));
			close_connection(c, false);
			return;
		}
		c->connecting = false;
		set_timer(c);
	}
	if (c->out_n)
		flush_out(c);
}

int tcp_send(const struct flow *f, const char *data, size_t n)
{
	struct connection *c;

	HASH_FIND(hh, connections, &f->conn, sizeof(f->conn), c);
	if (!c)
		return -ENOTCONN;
	if (c->out_n + n > MAX_QUEUED) {
		tcp_stats.overflow++;
		close_connection(c, true);
		return -ENOBUFS;
	}
	if (!room_for(&c->out, &c->out_room, c->out_n + n)) {
		close_connection(c, true);
		return -ENOMEM;
	}
	memcpy(c->out + c->out_n, data, n);
	c->out_n += n;
	if (c->connecting)
		return 0;
	return flush_out(c) ? 0 : -EPIPE;
}

static struct set_connections *of_set(uint32_t set, bool create)
{
	struct set_connections *s;

	HASH_FIND(hh, by_set, &set, sizeof(set), s);
	if (s || !create)
		return s;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->set = set;
	HASH_ADD(hh, by_set, set, sizeof(s->set), s);
	return s;
}

/* Takes the descriptor; it is closed on failure. */
static struct connection *add_connection(const struct flow *f, int fd, bool connecting)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct set_connections *s = NULL;

	if (!c)
		goto err_close;
	c->flow = *f;
	c->flow.conn = ++last_number;
	c->fd = fd;
	c->connecting = connecting;
	c->timer.fire = on_timer;
	c->readable = event_new(loop_base(), fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable = event_new(loop_base(), fd, EV_WRITE, on_writable, c);
	if (!c->readable || !c->writable)
		goto err_free;
	if (!is_unproven(c) && c->flow.set) {
		s = of_set(c->flow.set, true);
		if (!s)
			goto err_free;
		DL_APPEND(s->list, c);
		s->n++;
	} else if (is_unproven(c)) {
		DL_APPEND(unproven, c);
		tcp_stats.unproven++;
	}
	HASH_ADD(hh, connections, flow.conn, sizeof(c->flow.conn), c);
	tcp_stats.open++;
	event_add(c->readable, NULL);
	if (connecting)
		event_add(c->writable, NULL);
	set_timer(c);
	if (s && s->n > SET_CONNECTIONS) {
		tcp_stats.displaced++;
		close_connection(s->list, true);
	}
	if (is_unproven(c) && tcp_stats.unproven > limits.unproven) {
		tcp_stats.displaced++;
		close_connection(unproven, true);
	}
	return c;

err_free:
	if (c->readable)
		event_free(c->readable);
	if (c->writable)
		event_free(c->writable);
	free(c);
err_close:
	close(fd);
	return NULL;
}

static bool accept_one(struct listener *l)
{
	struct sockaddr_storage from, to;
	socklen_t n = sizeof(from), to_n = sizeof(to), mark_n = sizeof(uint32_t);
	struct flow f = l->like;
	int fd;

	fd = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EINTR || errno == ECONNABORTED;
	tcp_stats.accepted++;
	f.tcp = true;
	if (!addr_from_sockaddr(&f.remote, (struct sockaddr *)&from) ||
	    getsockname(fd, (struct sockaddr *)&to, &to_n) ||
	    !addr_from_sockaddr(&f.local, (struct sockaddr *)&to)) {
		close(fd);
		return true;
	}
	if (f.side == FLOW_GM_PROTECTED &&
	    (getsockopt(fd, SOL_SOCKET, SO_MARK, &f.set, &mark_n) || !f.set)) {
		tcp_stats.no_set++;
		log_refusal(addr_text(&f.remote), "TS 33.203 7.1",
			    "connection without SA set on protected port %u", f.local.port);
		close(fd);
		return true;
	}
	if (!ops.admit(&f)) {
		tcp_stats.refused++;
		close(fd);
		return true;
	}
	tcp_socket_hurry(fd);
	add_connection(&f, fd, false);
	return true;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	for (int i = 0; i < ACCEPT_BURST && accept_one(arg); i++)
		;
}

int tcp_listen(const struct flow *like)
{
	struct listener *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return -ENOMEM;
	l->like = *like;
	ret = tcp_socket(like, &l->fd);
	if (ret)
		goto err_free;
	ret = listen(l->fd, BACKLOG) ? -errno : 0;
	if (ret)
		goto err_close;
	l->event = event_new(loop_base(), l->fd, EV_READ | EV_PERSIST, on_acceptable, l);
	if (!l->event || event_add(l->event, NULL)) {
		ret = -ENOMEM;
		goto err_close;
	}
	LL_PREPEND(listeners, l);
	return 0;

err_close:
	close(l->fd);
err_free:
	free(l);
	return ret;
}

int tcp_connect(struct flow *f)
{
	struct sockaddr_storage ss;
	socklen_t n, self_n = sizeof(ss);
	struct connection *c;
	int fd, ret;

	ret = tcp_socket(f, &fd);
	if (ret)
		return ret;
	n = addr_to_sockaddr(&f->remote, &ss);
	tcp_socket_hurry(fd);
	if (connect(fd, (struct sockaddr *)&ss, n) && errno != EINPROGRESS) {
		ret = -errno;
		close(fd);
		return ret;
	}
	if (!getsockname(fd, (struct sockaddr *)&ss, &self_n))
		addr_from_sockaddr(&f->local, (struct sockaddr *)&ss);
	f->tcp = true;
	c = add_connection(f, fd, true);
	if (!c)
		return -ENOMEM;
	f->conn = c->flow.conn;
	return 0;
}

bool tcp_stands(uint64_t conn)
{
	struct connection *c;

	HASH_FIND(hh, connections, &conn, sizeof(conn), c);
	return c != NULL;
}

bool tcp_find(uint32_t set, uint16_t local_port, struct flow *f)
{
	struct set_connections *s = of_set(set, false);
	bool found = false;

	for (struct connection *c = s ? s->list : NULL; c; c = c->next) {
		if (c->flow.local.port != local_port)
			continue;
		*f = c->flow;
		found = true;
	}
	return found;
}

void tcp_reset_set(uint32_t set)
{
	struct set_connections *s;

	while ((s = of_set(set, false)))
		close_connection(s->list, true);
}

void tcp_exit(void)
{
	struct connection *c, *next;
	struct listener *l, *after;

	HASH_ITER(hh, connections, c, next) {
		c->gone = true;
		clock_stop(&c->timer);
		unlink_connection(c);
		event_free(c->readable);
		event_free(c->writable);
		close(c->fd);
		free_connection(c);
	}
	LL_FOREACH_SAFE(listeners, l, after) {
		event_free(l->event);
		close(l->fd);
		free(l);
	}
	listeners = NULL;
}
