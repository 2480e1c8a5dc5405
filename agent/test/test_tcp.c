// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP on loopback, with real sockets and the real loop: framing, caps, idle
 * limits, resets. The peer is a plain socket of the same process.
 */
#include "tcp_world.h"

static void whole_and_in_pieces(void **state)
{
	char piece[2] = "", buf[64];
	int fd = peer();

	(void)state;
	say(fd, message);
	assert_int_equal(seen.received, 1);
	assert_string_equal(seen.text, message);
	assert_true(seen.flow.tcp);
	assert_int_not_equal(seen.flow.conn, 0);
	for (const char *p = message; *p; p++) {
		piece[0] = *p;
		say(fd, piece);
	}
	assert_int_equal(seen.received, 2);
	assert_string_equal(seen.text, message);
	/* Two at once, after a keep-alive that is answered (RFC 5626). */
	say(fd, "\r\n\r\n");
	assert_int_equal(look(fd, buf, sizeof(buf)), 2);
	assert_string_equal(buf, "\r\n");
	say(fd, "OPTIONS sip:a SIP/2.0\r\nl: 0\r\n\r\nOPTIONS sip:b SIP/2.0\r\nl: 0\r\n\r\n");
	assert_int_equal(seen.received, 4);
	assert_non_null(strstr(seen.text, "sip:b"));
	close(fd);
	turn();
	assert_int_equal(seen.closed, 1);
}

static void answers_on_the_connection_only(void **state)
{
	char buf[64];
	int fd = peer();
	struct flow f;

	(void)state;
	say(fd, message);
	f = seen.flow;
	assert_int_equal(tcp_send(&f, "hello", 5), 0);
	assert_int_equal(look(fd, buf, sizeof(buf)), 5);
	close(fd);
	turn();
	assert_int_equal(tcp_send(&f, "hello", 5), -ENOTCONN);
	/* The number is not used again. */
	fd = peer();
	assert_int_equal(tcp_send(&f, "hello", 5), -ENOTCONN);
	close(fd);
}

static void garbage_closes(void **state)
{
	static const char * const bad[] = {
		"OPTIONS sip:a SIP/2.0\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 1\r\n\r\n",
		"OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999\r\n\r\n",
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int fd = peer();

		say(fd, bad[i]);
		assert_int_equal(look(fd, buf, sizeof(buf)), -1);
		close(fd);
	}
	assert_int_equal(tcp_stats.malformed, 4);
	assert_int_equal(seen.received, 0);
}

/* Newcomers displace the most silent. */
static void newcomers_displace_the_silent(void **state)
{
	char buf[64];
	int fd[6];

	(void)state;
	for (int i = 0; i < 4; i++)
		fd[i] = peer();
	say(fd[0], message);
	fd[4] = peer();
	assert_int_equal(look(fd[1], buf, sizeof(buf)), -1);
	assert_int_equal(look(fd[0], buf, sizeof(buf)), -2);
	fd[5] = peer();
	assert_int_equal(look(fd[2], buf, sizeof(buf)), -1);
	assert_int_equal(tcp_stats.unproven, 4);
	assert_int_equal(tcp_stats.displaced, 2);
	for (int i = 0; i < 6; i++)
		close(fd[i]);
	turn();
}

/* Who opens connections without end displaces his own. */
static void a_flood_displaces_its_own(void **state)
{
	int quiet = peer_at("127.0.0.2"), fd[20];
	char buf[64];

	(void)state;
	for (int i = 0; i < 20; i++)
		fd[i] = peer();
	assert_int_equal(look(quiet, buf, sizeof(buf)), -2);
	assert_int_equal(look(fd[16], buf, sizeof(buf)), -1);
	assert_int_equal(look(fd[17], buf, sizeof(buf)), -2);
	say(quiet, message);
	assert_int_equal(seen.received, 1);
	close(quiet);
	for (int i = 0; i < 20; i++)
		close(fd[i]);
	turn();
}

/* Who comes all at once takes turns with everything else. */
static void a_crowd_takes_turns(void **state)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&listening.local, &ss);
	int fd[10];

	(void)state;
	for (int i = 0; i < 10; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		assert_int_equal(connect(fd[i], (struct sockaddr *)&ss, n), 0);
	}
	event_base_loop(loop_base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(tcp_stats.accepted, 4);
	turn();
	assert_int_equal(tcp_stats.accepted, 10);
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	turn();
}

/* The number that the next descriptor has. */
static int next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

/* The last descriptors are not for strangers, who make room for each other before. */
static void strangers_leave_descriptors(void **state)
{
	int fd[6];
	char buf[64];

	(void)state;
	/* Two of a connection: they get two of them. */
	allow_descriptors(next_descriptor() + 4 + 64);
	for (int i = 0; i < 6; i++)
		fd[i] = peer();
	allow_descriptors(-1);
	assert_int_equal(tcp_stats.accepted, 6);
	assert_int_equal(tcp_stats.displaced, 6 - tcp_stats.unproven);
	assert_in_range(tcp_stats.unproven, 1, 3);
	assert_int_equal(look(fd[0], buf, sizeof(buf)), -1);
	for (int i = 0; i < 6; i++)
		close(fd[i]);
	turn();
}

/* Where there is none left, the loop does not turn for nothing, and who waits comes in later. */
static void without_descriptors_nobody_is_accepted(void **state)
{
	int fd[2] = { peer(), -1 };
	struct timeval soon = { .tv_usec = 100000 };
	uint64_t conn;

	(void)state;
	say(fd[0], message);
	conn = seen.flow.conn;
	tcp_hold(conn);				/* it makes no room */
	allow_descriptors(next_descriptor() + 1);
	fd[1] = peer();
	assert_int_equal(tcp_stats.accepted, 1);
	/* Nothing is ready, so that it waits until its time is up. */
	event_base_loopexit(loop_base(), &soon);
	event_base_loop(loop_base(), EVLOOP_ONCE);
	assert_true(event_base_got_exit(loop_base()));
	allow_descriptors(-1);
	turn();
	assert_int_equal(tcp_stats.accepted, 1);
	clock_advance(100);
	turn();
	assert_int_equal(tcp_stats.accepted, 2);
	tcp_release(conn);
	close(fd[0]);
	close(fd[1]);
	turn();
}

static void idle_ends(void **state)
{
	char buf[64];
	int fd = peer();

	(void)state;
	clock_advance(59999);
	say(fd, message);
	clock_advance(59999);
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	clock_advance(1);
	assert_int_equal(look(fd, buf, sizeof(buf)), -1);
	assert_int_equal(tcp_stats.idle, 1);
	close(fd);
}

/* A connection that carries an emergency call neither idles nor makes room. */
static void held_ones_stay(void **state)
{
	int fd = peer(), others[6];
	char buf[64];
	uint64_t conn;

	(void)state;
	say(fd, message);
	conn = seen.flow.conn;
	tcp_hold(conn);
	tcp_hold(conn);
	tcp_hold(conn + 77);			/* there is none */
	assert_int_equal(tcp_stats.unproven, 0);
	clock_advance(600000);
	for (int i = 0; i < 6; i++)
		others[i] = peer();
	assert_int_equal(tcp_stats.unproven, 4);
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	assert_int_equal(look(others[0], buf, sizeof(buf)), -1);
	/* A message that does not end is one all the same. */
	say(fd, "a");
	clock_advance(32000);
	assert_int_equal(look(fd, buf, sizeof(buf)), -1);
	tcp_release(conn);
	tcp_release(conn);
	/* Released, it is one of them again. */
	clock_advance(60000);
	close(fd);
	fd = peer();
	say(fd, message);
	conn = seen.flow.conn;
	tcp_hold(conn);
	tcp_hold(conn);
	tcp_release(conn);
	clock_advance(60000);
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	tcp_release(conn);
	assert_int_equal(tcp_stats.unproven, 1);
	clock_advance(60000);
	assert_int_equal(look(fd, buf, sizeof(buf)), -1);
	/* The cap holds for what comes back. */
	for (int i = 0; i < 6; i++)
		close(others[i]);
	close(fd);
	turn();
	fd = peer();
	say(fd, message);
	conn = seen.flow.conn;
	tcp_hold(conn);
	for (int i = 0; i < 4; i++)
		others[i] = peer();
	tcp_release(conn);
	assert_int_equal(tcp_stats.unproven, 4);
	close(fd);
	for (int i = 0; i < 4; i++)
		close(others[i]);
	turn();
}

/* One octet a minute, or a second: a message has to end. */
static void a_message_has_to_end(void **state)
{
	char buf[64];
	int fd = peer();

	(void)state;
	for (int i = 0; i < 31; i++) {
		say(fd, "a");
		clock_advance(1000);
	}
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	clock_advance(1000);
	assert_int_equal(look(fd, buf, sizeof(buf)), -1);
	close(fd);
	/* Always in the midst of one, but each ends: fine. */
	fd = peer();
	say(fd, "OPT");
	for (int i = 0; i < 100; i++) {
		say(fd, message + 3);
		say(fd, "OPT");
		clock_advance(1000);
	}
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	assert_int_equal(seen.received, 100);
	close(fd);
	turn();
}

static void not_admitted(void **state)
{
	char buf[64];
	int fd;

	(void)state;
	seen.refuse = true;
	fd = peer();
	assert_true(look(fd, buf, sizeof(buf)) <= 0);
	assert_int_equal(tcp_stats.refused, 1);
	assert_int_equal(tcp_stats.open, 0);
	close(fd);
}

static void close_all(const struct flow *f)
{
	(void)f;
	tcp_reset_set(42);
}

/* Connections of a set are bound to it and end with it, by RST (field note 31). */
static void connections_of_a_set(void **state)
{
	char buf[64];
	struct flow f = { .side = FLOW_GM_PROTECTED }, mine[6];
	int server = socket(AF_INET, SOCK_STREAM, 0), fd[6];
	struct sockaddr_storage ss;
	socklen_t n;

	(void)state;
	addr_parse(&f.local, "127.0.0.1", 0);
	addr_parse(&f.remote, "127.0.0.1", free_port());
	n = addr_to_sockaddr(&f.remote, &ss);
	assert_int_equal(bind(server, (struct sockaddr *)&ss, n), 0);
	assert_int_equal(listen(server, 10), 0);
	f.set = 42;
	for (int i = 0; i < 5; i++) {
		int ret;

		mine[i] = f;
		ret = tcp_connect(&mine[i]);
		if (ret == -EPERM) {
			print_message("SO_MARK is not allowed here\n");
			close(server);
			skip();
		}
		assert_int_equal(ret, 0);
		assert_int_not_equal(mine[i].local.port, 0);
		/* What is sent before it stands is kept. */
		tcp_send(&mine[i], "early", 5);
		fd[i] = accept4(server, NULL, NULL, SOCK_NONBLOCK);
		turn();
		assert_int_equal(look(fd[i], buf, sizeof(buf)), 5);
	}
	/* Four at most: the fifth displaced the first. */
	assert_int_equal(look(fd[0], buf, sizeof(buf)), -1);
	assert_int_equal(look(fd[1], buf, sizeof(buf)), -2);
	assert_false(tcp_stands(mine[0].conn));
	assert_true(tcp_stands(mine[1].conn));
	assert_true(tcp_find(42, mine[3].local.port, &f));
	assert_int_equal(f.conn, mine[3].conn);
	assert_false(tcp_find(42, mine[0].local.port, &f));
	assert_false(tcp_find(43, mine[3].local.port, &f));
	/* Closed by what it carries, while it is read. */
	seen.then = close_all;
	say(fd[2], message);
	for (int i = 1; i < 5; i++)
		assert_int_equal(look(fd[i], buf, sizeof(buf)), -1);
	assert_int_equal(tcp_stats.open, 0);
	assert_int_equal(seen.closed, 5);
	tcp_reset_set(42);
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	close(server);
}

/* Field note 32: nobody waits for them. */
static void refused_and_silent_connects(void **state)
{
	struct flow f = { .side = FLOW_MW };

	(void)state;
	addr_parse(&f.local, "127.0.0.1", 0);
	addr_parse(&f.remote, "127.0.0.1", free_port());
	if (tcp_connect(&f) == 0) {
		turn();
		assert_int_equal(seen.closed, 1);
	}
	assert_int_equal(tcp_stats.open, 0);
}

static void a_peer_that_does_not_read(void **state)
{
	static char much[64 << 10];
	int fd = peer(), ret = 0;

	(void)state;
	say(fd, message);
	for (int i = 0; i < 1000 && !ret; i++)
		ret = tcp_send(&seen.flow, much, sizeof(much));
	assert_int_equal(ret, -ENOBUFS);
	assert_int_equal(tcp_stats.overflow, 1);
	assert_int_equal(tcp_stats.open, 0);
	close(fd);
}

/* Answers that nobody reads stop the questions; reading them starts these again. */
static void back_pressure(void **state)
{
	static char answer[8 << 10], buf[64 << 10];
	int fd = peer(), i;
	unsigned int before;

	(void)state;
	memset(answer, 'a', sizeof(answer));
	say(fd, message);
	for (i = 0; i < 10000 && !tcp_stats.paused; i++)
		assert_int_equal(tcp_send(&seen.flow, answer, sizeof(answer)), 0);
	assert_int_equal(tcp_stats.paused, 1);
	before = seen.received;
	say(fd, message);
	assert_int_equal(seen.received, before);
	/* A small window opens in the kernel's time. */
	for (i = 0; i < 1000 && seen.received == before; i++) {
		while (look(fd, buf, sizeof(buf)) > 0)
			;
		usleep(10000);
		turn();
	}
	assert_int_equal(seen.received, before + 1);
	assert_int_equal(tcp_stats.open, 1);
	/* All read: the connection is as good as any. */
	clock_advance(59000);
	assert_int_equal(tcp_stats.stuck, 0);
	close(fd);
	turn();
}

/* Reads nothing, or an octet a minute: gone in 32 s. */
static void a_peer_that_reads_slowly(void **state)
{
	static char answer[512], buf[64];
	struct tcp_stats was = tcp_stats;

	(void)state;
	for (int reads = 0; reads < 2; reads++) {
		int fd = peer(), small = 4096;

		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		say(fd, message);
		for (int i = 0; i < 10000 && tcp_stats.paused == was.paused + reads; i++)
			assert_int_equal(tcp_send(&seen.flow, answer, sizeof(answer)), 0);
		for (int s = 0; s < 32; s++) {
			assert_int_equal(tcp_stats.open, 1);
			if (reads)
				assert_int_equal(read(fd, buf, 1), 1);
			turn();
			clock_advance(1000);
		}
		assert_int_equal(tcp_stats.stuck, was.stuck + reads + 1);
		assert_int_equal(tcp_stats.open, 0);
		close(fd);
	}
}

/* RFC 5626 4.4.1: answered, but a thousand in one go are not a thousand answers. */
static void keepalives_are_answered_and_bounded(void **state)
{
	char buf[4097], pings[4096];
	int fd = peer(), on = 1;

	(void)state;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; i < sizeof(pings); i += 2)
		memcpy(pings + i, "\r\n", 2);
	assert_int_equal(write(fd, pings, 4), 4);
	turn();
	assert_int_equal(look(fd, buf, sizeof(buf)), 2);
	/* Half of one is none. */
	assert_int_equal(write(fd, pings, 2), 2);
	turn();
	assert_int_equal(look(fd, buf, sizeof(buf)), -2);
	assert_int_equal(write(fd, pings, 2), 2);
	turn();
	assert_int_equal(look(fd, buf, sizeof(buf)), 2);
	assert_int_equal(write(fd, pings, sizeof(pings)), sizeof(pings));
	turn();
	assert_int_equal(look(fd, buf, sizeof(buf)), 16);
	assert_int_equal(seen.received, 0);
	/* They keep a connection from being idle. */
	for (int i = 0; i < 5; i++) {
		clock_advance(59000);
		say(fd, "\r\n\r\n");
	}
	assert_int_equal(tcp_stats.open, 1);
	close(fd);
	turn();
}

/* --- UDP, of the same kind --- */

static void udp_both_ways(void **state)
{
	static const char long_text[2000];
	struct flow a = { .side = FLOW_MW }, to;
	struct sockaddr_storage ss;
	char buf[64];
	socklen_t n;
	int fd;

	(void)state;
	udp_init(receive, 1024);
	addr_parse(&a.local, "127.0.0.1", free_port());
	assert_int_equal(udp_open(&a), 0);
	assert_int_equal(udp_open(&a), -EADDRINUSE);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	n = addr_to_sockaddr(&a.local, &ss);
	connect(fd, (struct sockaddr *)&ss, n);
	say(fd, message);
	assert_int_equal(seen.received, 1);
	assert_string_equal(seen.text, message);
	assert_true(addr_same(&seen.flow.local, &a.local));
	to = seen.flow;
	assert_int_equal(udp_send(&to, "hello", 5), 0);
	assert_int_equal(look(fd, buf, sizeof(buf)), 5);
	to.local.port++;
	assert_int_equal(udp_send(&to, "hello", 5), -EADDRNOTAVAIL);
	/* Longer than limits.message. */
	memset(seen.text, 0, sizeof(seen.text));
	assert_int_equal(write(fd, long_text, sizeof(long_text)), sizeof(long_text));
	turn();
	assert_int_equal(seen.received, 1);
	assert_int_equal(udp_stats.too_long, 1);
	close(fd);
	udp_exit();
}

/* A protected port without a mark: dropped here, whatever the kernel did. */
static void udp_without_a_set(void **state)
{
	struct flow a = { .side = FLOW_GM_PROTECTED }, to;
	struct sockaddr_storage ss;
	socklen_t n;
	int fd;

	(void)state;
	udp_init(receive, 1024);
	addr_parse(&a.local, "127.0.0.1", free_port());
	assert_int_equal(udp_open(&a), 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	n = addr_to_sockaddr(&a.local, &ss);
	connect(fd, (struct sockaddr *)&ss, n);
	say(fd, message);
	assert_int_equal(seen.received, 0);
	assert_int_equal(udp_stats.no_set, 1);
	to = a;
	addr_parse(&to.remote, "127.0.0.1", 9);
	assert_int_equal(udp_send(&to, "hello", 5), -ENOKEY);
	close(fd);
	udp_exit();
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole_and_in_pieces), T(answers_on_the_connection_only), T(garbage_closes),
		T(newcomers_displace_the_silent), T(a_flood_displaces_its_own),
		T(a_crowd_takes_turns), T(strangers_leave_descriptors),
		T(without_descriptors_nobody_is_accepted), T(idle_ends), T(held_ones_stay),
		T(a_message_has_to_end),
		T(not_admitted), T(connections_of_a_set), T(refused_and_silent_connects),
		T(a_peer_that_does_not_read), T(back_pressure), T(a_peer_that_reads_slowly),
		T(keepalives_are_answered_and_bounded), T(udp_both_ways), T(udp_without_a_set),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
