// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where TCP connections come in. One on a protected port belongs to the SA set that
 * carried its SYN, or is closed at once.
 *
 * Each takes a descriptor. Strangers make room for each other before the last ones are
 * taken, which are for DNS, the control socket and connections that the agent opens. Where there is
 * none left all the same, nobody is accepted for a while: the listener would be ready all the time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "loop.h"
#include "tcp.h"
#include "tcp_private.h"
#include "tcp_socket.h"

#define BACKLOG 256
#define SPARE 64
#define PAUSE_MS 100
/*
 * Accepted before the others get their turn: fewer of strangers, as each costs as much as several
 * datagrams, and SAs and the core are to be served beside a crowd that comes again and again.
 */
static const unsigned int burst[] = {
	[FLOW_GM] = 4, [FLOW_GM_PROTECTED] = 64, [FLOW_MW] = 64,
};

struct listener {
	struct flow like;
	int fd;
	struct event *event;
	struct clock_timer again;
	bool told;
	struct listener *next;
};

static struct listener *listeners;

static void on_again(struct clock_timer *t)
{
	struct listener *l = (void *)((char *)t - offsetof(struct listener, again));

	event_add(l->event, NULL);
}

/* Return: whether to try once more. */
static bool not_accepted(struct listener *l, int err)
{
	if (err == EINTR || err == ECONNABORTED || (err == EMFILE && tcp_make_room()))
		return true;
	if (err != EMFILE && err != ENFILE && err != ENOBUFS && err != ENOMEM)
		return false;
	if (!l->told)
		log_error("no connection is accepted on %s: %s", addr_text(&l->like.local),
			  strerror(err));
	l->told = true;
	event_del(l->event);
	clock_set(&l->again, PAUSE_MS);
	return false;
}

static bool is_among_the_last(int fd)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_NOFILE, &limit) && (rlim_t)fd + SPARE >= limit.rlim_cur;
}

static bool accept_one(struct listener *l)
{
	struct sockaddr_storage from, to;
	socklen_t n = sizeof(from), to_n = sizeof(to), mark_n = sizeof(uint32_t);
	struct flow f = l->like;
	int fd;

	fd = accept4(l->fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return not_accepted(l, errno);
	l->told = false;
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
		log_refusal(addr_text(&f.remote), RULE_NO_SET,
			    "connection without SA set on protected port %u", f.local.port);
		close(fd);
		return true;
	}
	tcp_accepted(&f, fd);
	if (is_among_the_last(fd))
		tcp_make_room();
	return true;
}

static void on_acceptable(evutil_socket_t fd, short what, void *arg)
{
	const struct listener *l = arg;

	(void)fd;
	(void)what;
	for (unsigned int i = 0; i < burst[l->like.side] && accept_one(arg); i++)
		;
}

int tcp_listen(const struct flow *like)
{
	struct listener *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return -ENOMEM;
	l->like = *like;
	l->again.fire = on_again;
	ret = tcp_socket_open(like, &l->fd);
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

static void close_listener(struct listener *l)
{
	LL_DELETE(listeners, l);
	clock_stop(&l->again);
	event_free(l->event);
	close(l->fd);
	free(l);
}

void tcp_listen_prune(bool (*gone)(const struct flow *f))
{
	struct listener *l, *after;

	LL_FOREACH_SAFE(listeners, l, after)
		if (gone(&l->like))
			close_listener(l);
}

void tcp_listen_exit(void)
{
	struct listener *l, *after;

	LL_FOREACH_SAFE(listeners, l, after)
		close_listener(l);
}
