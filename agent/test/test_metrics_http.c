// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scrapers, good and bad ones, over the loopback: what they get, and that all of
 * them together hold no more than they may.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "loop.h"
#include "metrics_http.h"
#include "nexthop.h"

#define MANY 300
/* VISITORS, and what may be accepted before the oldest are gone. */
#define HELD 40

static struct config cfg;

/* The port is whatever is free. */
static int start(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char err[CONFIG_ERROR] = "";

	(void)state;
	if (bind(fd, (struct sockaddr *)&sin, n) || getsockname(fd, (struct sockaddr *)&sin, &n))
		return -1;
	close(fd);
	cfg.scale = 1;
	addr_parse(&cfg.metrics, "127.0.0.1", ntohs(sin.sin_port));
	clock_init(1);
	nexthop_init(&cfg);
	if (loop_init() || metrics_http_open(&cfg, err)) {
		print_error("%s\n", err);
		return -1;
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	metrics_http_close();
	assert_int_equal(metrics_http_stats.visitors, 0);
	nexthop_exit();
	loop_exit();
	clock_exit();
	return 0;
}

static int visit(void)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&cfg.metrics, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&ss, n))
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static void turn(void)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };

	event_base_loop(loop_base(), EVLOOP_NONBLOCK);
	nanosleep(&ms, NULL);
}

static void say(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	size_t n = strlen(text);

	while (!poll(&p, 1, 0))
		turn();
	assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), n);
}

/* All that comes until the connection ends; closes it. A static buffer. */
static const char *hear(int fd)
{
	static char text[256 << 10];
	size_t n = 0;

	for (uint64_t end = clock_real_us() + 60000000; clock_real_us() < end; turn()) {
		ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, 0);

		if (got > 0)
			n += got;
		else if (!got || errno != EAGAIN)
			break;
	}
	text[n] = '\0';
	close(fd);
	return text;
}

static const char *ask(const char *request)
{
	int fd = visit();

	say(fd, request);
	return hear(fd);
}

#define assert_begins(text, with) assert_memory_equal(text, with, sizeof(with) - 1)

static void a_scraper_is_served(void **state)
{
	const char *text = ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	assert_begins(text, "HTTP/1.1 200 OK\r\n");
	assert_non_null(strstr(text, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(text, "\ngmgate_registrations{type=\"normal\"} 0\n"));
	/* Without a kernel half there are none of its counters, and that is said. */
	assert_non_null(strstr(text, "\ngmgate_kernel_up 0\n"));
	assert_null(strstr(text, "\ngmgate_drops_total{"));
	text = ask("GET /metrics?x=y HTTP/1.0\r\nAccept: application/openmetrics-text;version=1.0.0\r\n\r\n");
	assert_begins(text, "HTTP/1.0 200 OK\r\n");
	assert_non_null(strstr(text, "Content-Type: application/openmetrics-text; version=1.0.0"));
	assert_string_equal(text + strlen(text) - 7, "\n# EOF\n");
}

static void nothing_else_is(void **state)
{
	char *huge = malloc(100000);

	(void)state;
	assert_begins(ask("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 404 ");
	assert_begins(ask("GET /metrics/../../etc/passwd HTTP/1.1\r\n\r\n"), "HTTP/1.1 404 ");
	assert_begins(ask("HEAD /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 405 ");
	assert_begins(ask("DELETE /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 405 ");
	/* A body, a method without a name, no HTTP, a line without end: whatever that is, no 200. */
	assert_null(strstr(ask("POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789"), " 200 "));
	assert_null(strstr(ask("POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"
			       "0\r\n\r\n"), " 200 "));
	assert_null(strstr(ask("BREW /metrics HTTP/1.1\r\n\r\n"), " 200 "));
	assert_null(strstr(ask("REGISTER sip:example.org SIP/2.0\r\n\r\n"), " 200 "));
	memset(huge, 'a', 99999);
	huge[99999] = '\0';
	memcpy(huge, "GET /", 5);
	assert_null(strstr(ask(huge), " 200 "));
	memcpy(huge, "GET /metrics HTTP/1.1\r\nX: ", 26);
	memcpy(huge + 9000, "\r\n\r\n", 5);
	assert_null(strstr(ask(huge), " 200 "));
	free(huge);
}

/* One request a connection, however many are sent along. */
static void what_follows_is_not_looked_at(void **state)
{
	unsigned long before = metrics_http_stats.served;

	(void)state;
	assert_begins(ask("GET /metrics HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n"
			  "GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 OK\r\n");
	assert_int_equal(metrics_http_stats.served, before + 1);
}

/* An octet now and then does not keep a connection. */
static void a_slow_one_is_cut_off(void **state)
{
	unsigned long before = metrics_http_stats.too_long;
	uint64_t next = 0, began = clock_real_us();
	bool ended = false;
	int fd = visit();

	(void)state;
	say(fd, "GET /metrics HTTP/1.1\r\nX: ");
	while (!ended && clock_real_us() < began + 60000000) {
		char octet;

		if (clock_real_us() >= next) {
			next = clock_real_us() + 200000;
			send(fd, "x", 1, MSG_NOSIGNAL);
		}
		turn();
		ended = recv(fd, &octet, 1, 0) >= 0 || errno != EAGAIN;
	}
	close(fd);
	assert_true(ended);
	assert_int_equal(metrics_http_stats.too_long, before + 1);
}

static unsigned int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void wait_until_alone(void)
{
	for (uint64_t end = clock_real_us() + 60000000; clock_real_us() < end; turn())
		if (!metrics_http_stats.visitors)
			break;
	assert_int_equal(metrics_http_stats.visitors, 0);
}

/* Others connect and say nothing: they make room for each other, and one who asks is served. */
static void a_crowd_is_bounded(void **state)
{
	unsigned long before = metrics_http_stats.displaced;
	unsigned int open, most = 0;
	int crowd[MANY];

	(void)state;
	wait_until_alone();
	open = descriptors();
	for (unsigned int i = 0; i < MANY; i++) {
		crowd[i] = visit();
		turn();
		most = metrics_http_stats.visitors > most ? metrics_http_stats.visitors : most;
	}
	assert_true(most <= HELD);
	assert_true(descriptors() <= open + MANY + HELD);
	assert_begins(ask("GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 OK\r\n");
	assert_true(metrics_http_stats.displaced > before);
	for (unsigned int i = 0; i < MANY; i++)
		close(crowd[i]);
	/* Those in the backlog are accepted yet, and found to be over. */
	for (uint64_t end = clock_real_us() + 60000000; clock_real_us() < end; turn())
		if (!metrics_http_stats.visitors && descriptors() == open)
			break;
	assert_int_equal(metrics_http_stats.visitors, 0);
	assert_int_equal(descriptors(), open);
}

/* Who asks as fast as he can gets no more than ACCEPTS each TICK_MS, of one text a second. */
static void a_flood_is_bounded(void **state)
{
	unsigned long before = metrics_http_stats.served, made = metrics_http_stats.made;
	uint64_t began = clock_real_us();
	unsigned int n = 60;

	(void)state;
	for (unsigned int i = 0; i < n; i++)
		assert_begins(ask("GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 200 OK\r\n");
	assert_int_equal(metrics_http_stats.served, before + n);
	assert_true(clock_real_us() - began >= (n / 8 - 1) * UINT64_C(100000));
	assert_true(metrics_http_stats.made - made <= 1 + (clock_real_us() - began) / 1000000);
}

static void the_loop_is_watched(void **state)
{
	uint64_t before = histogram_total(&loop_lag);

	(void)state;
	for (uint64_t end = clock_real_us() + 60000000; clock_real_us() < end; turn())
		if (histogram_total(&loop_lag) > before)
			break;
	assert_true(histogram_total(&loop_lag) > before);
}

static void an_address_that_is_taken(void **state)
{
	char err[CONFIG_ERROR] = "";
	struct config other = cfg;

	(void)state;
	addr_parse(&other.metrics, "192.0.2.77", cfg.metrics.port);
	assert_int_equal(metrics_http_open(&other, err), -1);
	assert_non_null(strstr(err, "cannot serve metrics at 192.0.2.77:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scraper_is_served), cmocka_unit_test(nothing_else_is),
		cmocka_unit_test(what_follows_is_not_looked_at),
		cmocka_unit_test(a_slow_one_is_cut_off), cmocka_unit_test(a_crowd_is_bounded),
		cmocka_unit_test(a_flood_is_bounded), cmocka_unit_test(the_loop_is_watched),
		cmocka_unit_test(an_address_that_is_taken),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
