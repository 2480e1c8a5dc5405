// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP on Mw, on loopback: what comes back as an ICMP error, and that it harms
 * nobody else.
 */
#include <arpa/inet.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "proof.h"
#include "udp.h"

static struct {
	unsigned int received, bounced;
	struct flow flow;
	char text[256];
} seen;

static void receive(const struct flow *f, char *data, size_t n)
{
	(void)data;
	(void)n;
	seen.received++;
	seen.flow = *f;
}

static void bounced(const struct flow *f, struct str quoted)
{
	seen.bounced++;
	seen.flow = *f;
	assert_true(quoted.n < sizeof(seen.text));
	memcpy(seen.text, quoted.p, quoted.n);
}

/* A bound socket of a peer; its port in @a. */
static int peer(struct addr *a, const char *address)
{
	struct sockaddr_storage ss;
	socklen_t n;
	int fd;

	addr_parse(a, address, 0);
	fd = socket(a->family, SOCK_DGRAM, 0);
	n = addr_to_sockaddr(a, &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, n), 0);
	n = sizeof(ss);
	getsockname(fd, (struct sockaddr *)&ss, &n);
	addr_from_sockaddr(a, (struct sockaddr *)&ss);
	return fd;
}

static void turn(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(loop_base(), EVLOOP_NONBLOCK);
}

static int begin(void **state)
{
	(void)state;
	memset(&seen, 0, sizeof(seen));
	memset(&udp_stats, 0, sizeof(udp_stats));
	clock_init(0);
	udp_init(receive, 4096);
	udp_on_bounce(bounced);
	return loop_init();
}

static int end(void **state)
{
	(void)state;
	udp_exit();
	loop_exit();
	clock_exit();
	return 0;
}

static void try_it(const char *address, enum flow_side side)
{
	struct flow f = { .side = side };
	struct addr gone, there;
	char buf[16];
	int fd;

	close(peer(&f.local, address));
	close(peer(&gone, address));
	fd = peer(&there, address);
	assert_int_equal(udp_open(&f), 0);
	f.remote = gone;
	assert_int_equal(udp_send(&f, "to nobody", 9), 0);
	/* The error waits in the socket: the next one leaves in spite of it. */
	f.remote = there;
	assert_int_equal(udp_send(&f, "to a peer", 9), 0);
	assert_int_equal(read(fd, buf, sizeof(buf)), 9);
	turn();
	close(fd);
	if (side != FLOW_MW) {
		assert_int_equal(seen.bounced, 0);
		return;
	}
	assert_int_equal(seen.bounced, 1);
	assert_memory_equal(seen.text, "to nobody", 9);
	assert_true(addr_same(&seen.flow.remote, &gone));
	assert_true(addr_same(&seen.flow.local, &f.local));
	assert_int_equal(udp_stats.send_failed, 0);
}

static void port_unreachable_rfc3261_18_4(void **state)
{
	(void)state;
	try_it("127.0.0.1", FLOW_MW);
}

static void port_unreachable_ipv6(void **state)
{
	(void)state;
	try_it("::1", FLOW_MW);
}

static void nobody_is_told_on_gm(void **state)
{
	(void)state;
	try_it("127.0.0.1", FLOW_GM);
}

/* How long a datagram was in the socket before we came to it; and strangers take turns. */
static void waiting_in_the_socket(void **state)
{
	struct flow f = { .side = FLOW_GM };
	struct sockaddr_storage ss;
	struct addr sender;
	socklen_t n;
	int fd;

	(void)state;
	close(peer(&f.local, "127.0.0.1"));
	fd = peer(&sender, "127.0.0.1");
	assert_int_equal(udp_open(&f), 0);
	n = addr_to_sockaddr(&f.local, &ss);
	for (int i = 0; i < 10; i++)
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&ss, n), 1);
	usleep(300000);
	event_base_loop(loop_base(), EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_int_equal(seen.received, 8);
	assert_in_range(seen.flow.waited, 300, 60000);
	turn();
	assert_int_equal(seen.received, 10);
	/* One that is read at once, unless the machine has better to do just then. */
	for (int i = 0; i < 20 && seen.flow.waited >= 300; i++) {
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&ss, n), 1);
		turn();
		assert_int_equal(seen.received, 11 + i);
	}
	assert_in_range(seen.flow.waited, 0, 299);
	close(fd);
}

/* What the kernel drops, since we do not read, is counted: gmctl stats, udp/overrun-clear. */
static void a_full_queue(void **state)
{
	static char big[4000];
	struct flow f = { .side = FLOW_GM };
	struct sockaddr_storage ss;
	struct addr sender;
	socklen_t n;
	int fd;

	(void)state;
	close(peer(&f.local, "127.0.0.1"));
	fd = peer(&sender, "127.0.0.1");
	assert_int_equal(udp_open(&f), 0);
	n = addr_to_sockaddr(&f.local, &ss);
	assert_int_equal(udp_queue(FLOW_GM).drops, 0);
	for (int i = 0; i < 10000; i++)
		sendto(fd, big, sizeof(big), 0, (struct sockaddr *)&ss, n);
	assert_true(udp_queue(FLOW_GM).drops > 0);
	assert_int_equal(udp_queue(FLOW_MW).drops, 0);
	close(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(port_unreachable_rfc3261_18_4),
		T(port_unreachable_ipv6),
		T(nobody_is_told_on_gm),
		T(waiting_in_the_socket),
		T(a_full_queue),
	};

	log_init(LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
