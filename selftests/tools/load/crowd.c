// SPDX-License-Identifier: GPL-2.0-or-later
#include "crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "text.h"

#define MINUTE_US 60000000u
#define EVENTS 256

struct member {
	int fd;				/* -1: it is to come again */
	bool stands;
	uint64_t said;			/* us, when it said something last */
};

static struct crowd_result *result;
static struct member *members;
static int poller;

static void leave(struct member *m)
{
	close(m->fd);			/* which takes it out of the poller, too */
	m->fd = -1;
	if (m->stands)
		result->closed++;
	else
		result->refused++;
	m->stands = false;
}

static void say(struct member *m)
{
	m->said = text_now_us();
	if (send(m->fd, "R", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		leave(m);
}

static void come(struct member *m, uint32_t from, const struct sockaddr_in *to)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_addr.s_addr = from };
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = m };

	m->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (m->fd < 0)
		abort();
	if (bind(m->fd, (struct sockaddr *)&here, sizeof(here)) ||
	    (connect(m->fd, (const struct sockaddr *)to, sizeof(*to)) && errno != EINPROGRESS) ||
	    epoll_ctl(poller, EPOLL_CTL_ADD, m->fd, &e))
		leave(m);
}

static void happened(struct member *m, uint32_t what)
{
	char octets[512];

	if (m->fd < 0)
		return;
	if (what & (EPOLLERR | EPOLLHUP)) {
		leave(m);
	} else if (!m->stands && (what & EPOLLOUT)) {
		m->stands = true;
		result->opened++;
		say(m);
	} else if ((what & EPOLLIN) && recv(m->fd, octets, sizeof(octets), MSG_DONTWAIT) == 0) {
		leave(m);
	}
}

static void look(int ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(poller, events, EVENTS, ms);

	for (int i = 0; i < n; i++)
		happened(events[i].data.ptr, events[i].events);
}

static void go_home(unsigned int n)
{
	struct linger now = { .l_onoff = 1 };

	for (unsigned int i = 0; i < n; i++) {
		if (members[i].fd < 0)
			continue;
		result->standing += members[i].stands;
		setsockopt(members[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(members[i].fd);
	}
}

int crowd_run(uint32_t pcscf, uint16_t port, uint32_t first, unsigned int n, double rate,
	      double seconds, struct crowd_result *r)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = pcscf, .sin_port = htons(port),
	};
	struct rlimit room = { n + 64, n + 64 };
	uint64_t began = text_now_us(), now = began, tried = 0;

	if (setrlimit(RLIMIT_NOFILE, &room))
		return -errno;
	memset(r, 0, sizeof(*r));
	result = r;
	members = calloc(n, sizeof(*members));
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (!members || poller < 0)
		abort();
	for (unsigned int i = 0; i < n; i++)
		members[i].fd = -1;
	for (unsigned int at = 0; (double)(now - began) < seconds * 1e6; now = text_now_us()) {
		for (int i = 0; i < EVENTS && (double)(now - began) * rate >= 1e6 * (double)tried; i++) {
			struct member *m = &members[at];

			if (m->fd < 0)
				come(m, htonl(ntohl(first) + at), &to);
			else if (m->stands && now - m->said > MINUTE_US)
				say(m);
			tried++;
			at = (at + 1) % n;
		}
		look((double)(now - began) * rate >= 1e6 * (double)tried ? 0 : 1);
	}
	go_home(n);
	close(poller);
	free(members);
	return 0;
}
