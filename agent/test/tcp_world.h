/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_WORLD_H
#define _TCP_WORLD_H

/* A listener of tcp.c on loopback, and peers that are plain sockets: for test_tcp.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "proof.h"
#include "tcp.h"
#include "udp.h"

static struct {
	unsigned int received, closed;
	struct flow flow;
	char text[4096];
	bool refuse;
	void (*then)(const struct flow *f);
} seen;

static bool admit(const struct flow *f)
{
	(void)f;
	return !seen.refuse;
}

static void receive(const struct flow *f, char *data, size_t n)
{
	seen.received++;
	seen.flow = *f;
	snprintf(seen.text, sizeof(seen.text), "%.*s", (int)n, data);
	if (seen.then)
		seen.then(f);
}

static void closed(const struct flow *f)
{
	(void)f;
	seen.closed++;
}

static struct flow listening;

/* A port nobody listens on. */
static uint16_t free_port(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, n), 0);
	getsockname(fd, (struct sockaddr *)&in, &n);
	close(fd);
	return ntohs(in.sin_port);
}

static int begin(void **state)
{
	const struct tcp_ops ops = { .admit = admit, .receive = receive, .closed = closed };
	struct tcp_limits limits = { .unproven = 4, .idle = 60000 };

	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(&tcp_stats, 0, sizeof(tcp_stats));
	limits.sip = sip_limits_default;
	limits.sip.message = 4096;
	clock_init(0);
	assert_int_equal(loop_init(), 0);
	tcp_init(&ops, &limits);
	memset(&listening, 0, sizeof(listening));
	addr_parse(&listening.local, "127.0.0.1", free_port());
	return tcp_listen(&listening);
}

/* So many, or -1: as many as there may be. */
static void allow_descriptors(int soft)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = soft < 0 ? limit.rlim_max : (rlim_t)soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static int end(void **state)
{
	(void)state;
	allow_descriptors(-1);
	tcp_exit();
	assert_int_equal(tcp_stats.open, 0);
	assert_int_equal(tcp_stats.unproven, 0);
	assert_true(clock_next() == UINT64_MAX);
	loop_exit();
	clock_exit();
	return 0;
}

static void turn(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(loop_base(), EVLOOP_NONBLOCK);
}

/* From another address of the host than the others. */
static int peer_at(const char *from)
{
	struct sockaddr_storage ss, self;
	struct addr a;
	socklen_t n = addr_to_sockaddr(&listening.local, &ss), self_n;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	addr_parse(&a, from, 0);
	self_n = addr_to_sockaddr(&a, &self);
	assert_int_equal(bind(fd, (struct sockaddr *)&self, self_n), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, n), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	turn();
	return fd;
}

static int peer(void)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&listening.local, &ss);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&ss, n), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	turn();
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	turn();
}

/* What the peer sees: octets, 0 for FIN, -1 for RST, -2 for nothing. */
static int look(int fd, char *buf, size_t room)
{
	ssize_t n = read(fd, buf, room - 1);

	if (n < 0)
		return errno == ECONNRESET ? -1 : -2;
	buf[n] = '\0';
	return n;
}

static const char message[] = "OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc";

#endif
