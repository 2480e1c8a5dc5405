// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP, on Gm and on Mw.
 *
 * A connection has a number that is never used twice; everybody else names it
 * by that number in a struct flow, nobody keeps a pointer.  One that came in on
 * a protected port is bound for life to the SA set that carried its SYN, which
 * the kernel tells in its mark (tcp_fwmark_accept).
 *
 * Connections without a set are a crowd with a cap: a newcomer displaces the
 * most silent one of the source that holds most.  A set may hold
 * SET_CONNECTIONS.  A message that was begun has to end within MESSAGE_MS,
 * whoever sends it.
 *
 * Of a peer that does not read its answers nothing more is read, once BACKLOG_*
 * octets wait for it.  One that reads nothing for WRITE_MS is reset, and a
 * stranger that does not read all within that time.
 *
 * Callbacks may close any connection: while a connection is being read it is
 * held, and freed afterwards.
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "crowd.h"
#include "hash.h"
#include "log.h"
#include "loop.h"
#include "sip_frame.h"
#include "tcp_private.h"
#include "tcp_queue.h"
#include "tcp_socket.h"

#define READ_CHUNK 4096
#define CONNECT_MS 5000
#define MESSAGE_MS 32000
#define WRITE_MS 32000
#define MAX_QUEUED (256 << 10)
#define PAUSE_QUEUED (64 << 10)
/* The same for those without a set, of whom there are many. */
#define MAX_QUEUED_UNPROVEN (64 << 10)
#define PAUSE_QUEUED_UNPROVEN (16 << 10)
#define SET_CONNECTIONS 4

struct connection {
	struct flow flow;
	int fd;
	struct event *readable, *writable;
	bool held, gone, connecting, paused;
	unsigned int holders;		/* tcp_hold() */
	struct clock_timer timer, write_timer;
	bool message_begun;
	struct sip_frame frame;
	struct tcp_queue in, out;
	size_t noted;			/* of out, in tcp_stats.queued */
	UT_hash_handle hh;		/* by flow.conn */
	struct connection *prev, *next;	/* of its set */
	struct crowd_entry crowd;	/* in unproven */
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
static struct connection *connections;
static struct crowd unproven;
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

/* Those that make room for each other. */
static bool join_crowd(struct connection *c)
{
	if (!crowd_add(&unproven, &c->crowd, &c->flow.remote))
		return false;
	tcp_stats.unproven++;
	return true;
}

static void leave_crowd(struct connection *c)
{
	crowd_remove(&unproven, &c->crowd);
	tcp_stats.unproven--;
}

static bool in_crowd(const struct connection *c)
{
	return is_unproven(c) && !c->holders;
}

static void unlink_connection(struct connection *c)
{
	struct set_connections *s;

	HASH_DEL(connections, c);
	tcp_stats.open--;
	if (in_crowd(c)) {
		leave_crowd(c);
	} else if (c->flow.set) {
		HASH_FIND(hh, by_set, &c->flow.set, sizeof(c->flow.set), s);
		DL_DELETE(s->list, c);
		if (!--s->n) {
			HASH_DEL(by_set, s);
			free(s);
		}
	}
}

/* What waits for the peer is @n octets from here on. */
static void note_queue(struct connection *c, size_t n)
{
	tcp_stats.queued += n - c->noted;
	tcp_stats.queues += (n > 0) - (c->noted > 0);
	c->noted = n;
}

static void free_connection(struct connection *c)
{
	note_queue(c, 0);
	tcp_queue_free(&c->in);
	tcp_queue_free(&c->out);
	free(c);
}

static void close_connection(struct connection *c, bool reset)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (c->gone)
		return;
	c->gone = true;
	clock_stop(&c->timer);
	clock_stop(&c->write_timer);
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
	else if (in_crowd(c))
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

static void on_write_timer(struct clock_timer *t)
{
	struct connection *c = (void *)((char *)t - offsetof(struct connection, write_timer));

	tcp_stats.stuck++;
	log_debug("closing TCP %s: it does not read", addr_text(&c->flow.remote));
	close_connection(c, true);
}

/* CRLF for each CRLFCRLF (RFC 5626 4.4.1), for eight at a time at most and in one piece. */
static void answer_pings(struct connection *c)
{
	static const char pongs[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";
	size_t n = c->frame.pings * (size_t)2;

	c->frame.pings = 0;
	if (n)
		tcp_send(&c->flow, pongs, n < sizeof(pongs) - 1 ? n : sizeof(pongs) - 1);
}

/* Hands out every whole message there is. False: the connection is closed. */
static bool hand_out(struct connection *c)
{
	bool begun = c->message_begun;

	for (;;) {
		struct str there = { c->in.p, c->in.n };
		enum sip_frame_result result = sip_frame_next(&c->frame, there, &limits.sip);
		size_t skip = c->frame.skip, length = c->frame.length;

		answer_pings(c);
		if (c->gone)
			return false;
		if (result == SIP_FRAME_ERROR) {
			tcp_stats.malformed++;
			log_refusal(addr_text(&c->flow.remote), RULE_FRAMING,
				    "TCP stream: %s", sip_gate_text(c->frame.error));
			close_connection(c, true);
			return false;
		}
		if (skip)
			tcp_queue_drop(&c->in, skip);
		if (result == SIP_FRAME_MORE)
			break;
		ops.receive(&c->flow, c->in.p, length);
		if (c->gone)
			return false;
		tcp_queue_drop(&c->in, length);
		begun = false;
	}
	c->message_begun = c->in.n > 0;
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
	if (!tcp_queue_room(&c->in, READ_CHUNK)) {
		close_connection(c, true);
		return;
	}
	n = recv(fd, c->in.p + c->in.n, READ_CHUNK, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* A closed connection never ends a registration (field note 23). */
		close_connection(c, false);
		return;
	}
	c->in.n += n;
	if (in_crowd(c))
		crowd_heard(&unproven, &c->crowd);
	c->held = true;
	if (hand_out(c) && !c->in.n)
		tcp_queue_free(&c->in);
	c->held = false;
	if (c->gone)
		free_connection(c);
}

/*
 * Back-pressure: a peer with many unread answers is not asked for more.
 * @progress: it has read something. A stranger has to read all in time, since
 * one that reads an octet a minute would keep its queue for ever.
 */
static void watch_queue(struct connection *c, bool progress)
{
	size_t pause = is_unproven(c) ? PAUSE_QUEUED_UNPROVEN : PAUSE_QUEUED;

	note_queue(c, c->out.n);
	if (!c->paused && c->out.n > pause) {
		c->paused = true;
		tcp_stats.paused++;
		event_del(c->readable);
	} else if (c->paused && c->out.n <= pause / 2) {
		c->paused = false;
		event_add(c->readable, NULL);
	}
	if (!c->out.n)
		clock_stop(&c->write_timer);
	else if (!clock_is_set(&c->write_timer) || (progress && !is_unproven(c)))
		clock_set(&c->write_timer, WRITE_MS);
}

/* False: the connection is closed. */
static bool flush_out(struct connection *c)
{
	long n = tcp_queue_flush(&c->out, c->fd);

	if (n < 0) {
		log_debug("TCP to %s: %s", addr_text(&c->flow.remote), strerror((int)-n));
		close_connection(c, false);
		return false;
	}
	if (c->out.n)
		event_add(c->writable, NULL);
	else
		tcp_queue_free(&c->out);
	watch_queue(c, n > 0);
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
	if (c->out.n)
		flush_out(c);
}

int tcp_send(const struct flow *f, const char *data, size_t n)
{
	struct connection *c;

	HASH_FIND(hh, connections, &f->conn, sizeof(f->conn), c);
	if (!c)
		return -ENOTCONN;
	if (c->out.n + n > (is_unproven(c) ? MAX_QUEUED_UNPROVEN : MAX_QUEUED)) {
		tcp_stats.overflow++;
		close_connection(c, true);
		return -ENOBUFS;
	}
	if (!tcp_queue_put(&c->out, data, n)) {
		close_connection(c, true);
		return -ENOMEM;
	}
	if (c->connecting) {
		note_queue(c, c->out.n);
		return 0;
	}
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

static void displace_one(void)
{
	struct crowd_entry *e = crowd_victim(&unproven);

	tcp_stats.displaced++;
	close_connection((void *)((char *)e - offsetof(struct connection, crowd)), true);
}

bool tcp_make_room(void)
{
	if (!tcp_stats.unproven)
		return false;
	displace_one();
	return true;
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
	c->write_timer.fire = on_write_timer;
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
		if (!join_crowd(c))
			goto err_free;
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
	if (is_unproven(c) && tcp_stats.unproven > limits.unproven)
		displace_one();
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

void tcp_accepted(const struct flow *f, int fd)
{
	if (!ops.admit(f)) {
		tcp_stats.refused++;
		close(fd);
		return;
	}
	tcp_socket_at_once(fd);
	add_connection(f, fd, false);
}

int tcp_connect(struct flow *f)
{
	struct sockaddr_storage ss;
	socklen_t n, self_n = sizeof(ss);
	struct connection *c;
	int fd, ret;

	ret = tcp_socket_open(f, &fd);
	if (ret)
		return ret;
	n = addr_to_sockaddr(&f->remote, &ss);
	tcp_socket_at_once(fd);
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

void tcp_hold(uint64_t conn)
{
	struct connection *c;

	HASH_FIND(hh, connections, &conn, sizeof(conn), c);
	if (!c || !is_unproven(c))
		return;
	if (in_crowd(c))
		leave_crowd(c);
	c->holders++;
	set_timer(c);
}

void tcp_release(uint64_t conn)
{
	struct connection *c;

	HASH_FIND(hh, connections, &conn, sizeof(conn), c);
	if (!c || !is_unproven(c) || --c->holders)
		return;
	if (!join_crowd(c)) {
		c->holders++;		/* it is in no crowd that it could leave */
		close_connection(c, true);
		return;
	}
	set_timer(c);
	while (tcp_stats.unproven > limits.unproven)
		displace_one();
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

void tcp_close(uint64_t conn)
{
	struct connection *c;

	HASH_FIND(hh, connections, &conn, sizeof(conn), c);
	if (c)
		close_connection(c, true);
}

void tcp_reset_set(uint32_t set)
{
	struct set_connections *s;

	while ((s = of_set(set, false)))
		close_connection(s->list, true);
}

void tcp_prune(bool (*gone)(const struct flow *f))
{
	struct connection *c = connections;

	tcp_listen_prune(gone);
	while (c) {
		bool ends = gone(&c->flow);

		if (ends)
			close_connection(c, true);
		/* Whoever hears of it may close any other. */
		c = ends ? connections : c->hh.next;
	}
}

void tcp_exit(void)
{
	struct connection *c, *next;

	HASH_ITER(hh, connections, c, next) {
		c->gone = true;
		clock_stop(&c->timer);
		clock_stop(&c->write_timer);
		unlink_connection(c);
		event_free(c->readable);
		event_free(c->writable);
		close(c->fd);
		free_connection(c);
	}
	tcp_listen_exit();
}
