// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two rules of the transport, with real sockets on loopback: a message on a
 * protected port belongs to a set of the address it came from (gm-security 6
 * check 3), and the core side listens to trusted peers only. The marks are what
 * the module would have given.
 */
#include <fcntl.h>
#include <unistd.h>

#include "admission.h"
#include "loop.h"
#include "registrar_world.h"
#include "tcp.h"
#include "transport.h"
#include "udp.h"

static struct config cfg;
static struct flow seen;
static unsigned int n_seen;

static void receive(const struct flow *f, char *data, size_t n)
{
	(void)data;
	(void)n;
	seen = *f;
	n_seen++;
}

static void closed(const struct flow *f)
{
	(void)f;
}

static bool bindable(uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ok = !bind(fd, (struct sockaddr *)&in, sizeof(in));
	close(fd);
	return ok;
}

static int open_all(void **state)
{
	const struct transport_ops ops = { .receive = receive, .closed = closed };
	char err[CONFIG_ERROR] = "";
	uint16_t port = 21000;

	begin(state);
	memset(&cfg, 0, sizeof(cfg));
	memset(&transport_stats, 0, sizeof(transport_stats));
	memset(&udp_stats, 0, sizeof(udp_stats));
	memset(&admission_stats, 0, sizeof(admission_stats));
	n_seen = 0;
	while (!bindable(port) || !bindable(port + 1) || !bindable(port + 2))
		port += 10;
	cfg.n_gm = cfg.n_mw = cfg.n_trusted = 1;
	addr_parse(&cfg.gm[0].unprotected, "127.0.0.1", port);
	cfg.gm[0].port_s = port + 1;
	cfg.gm[0].port_c[0] = port + 2;
	cfg.gm[0].n_port_c = 1;
	addr_parse(&cfg.mw[0], "127.0.0.2", port);
	addr_prefix_parse(&cfg.trusted[0], "127.0.0.3");
	cfg.limits.message = 4096;
	cfg.limits.header_lines = cfg.limits.commas = cfg.limits.semicolons = 100;
	cfg.limits.line = 4096;
	cfg.limits.connections = 100;
	cfg.limits.connection_idle = 60;
	cfg.rates.source = (struct config_rate){ 1, 10 };
	cfg.rates.table = 1024;
	cfg.rates.retry_after = 1;
	assert_true(admission_init(&cfg));
	assert_int_equal(loop_init(), 0);
	if (transport_open(&cfg, &ops, err))
		fail_msg("%s", err);
	return 0;
}

static int close_all(void **state)
{
	transport_close();
	loop_exit();
	admission_exit();
	return end(state);
}

static void turn(void)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(loop_base(), EVLOOP_NONBLOCK);
}

/* A socket at @from, marked; -1: marks are not allowed here. */
static int open_at(const char *from, int type, uint32_t mark)
{
	struct sockaddr_storage ss;
	struct addr a;
	int fd = socket(AF_INET, type, 0);
	socklen_t n;

	addr_parse(&a, from, 0);
	n = addr_to_sockaddr(&a, &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, n), 0);
	if (mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* One datagram; was it received? */
static bool says(const char *from, uint32_t mark, const char *to, uint16_t port)
{
	unsigned int before = n_seen;
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t n;
	int fd = open_at(from, SOCK_DGRAM, mark);

	if (fd < 0)
		skip();
	addr_parse(&a, to, port);
	n = addr_to_sockaddr(&a, &ss);
	assert_int_equal(sendto(fd, "hello", 5, 0, (struct sockaddr *)&ss, n), 5);
	turn();
	close(fd);
	return n_seen > before;
}

/* Was a connection taken? */
static bool connects(const char *from, const char *to, uint16_t port)
{
	unsigned int before = tcp_stats.open;
	struct sockaddr_storage ss;
	struct addr a;
	socklen_t n;
	int fd = open_at(from, SOCK_STREAM, 0);
	bool taken;

	addr_parse(&a, to, port);
	n = addr_to_sockaddr(&a, &ss);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, n), 0);
	turn();
	taken = tcp_stats.open > before;
	close(fd);
	turn();
	return taken;
}

static struct set *set_at(const char *where)
{
	struct addr a;

	addr_parse(&a, where, 0);
	return challenge_of("001@example.org", &a, 8001, 8000, 0);
}

/* Field note 16: protected is what a set has proved, whatever its ports. */
static void a_set_belongs_to_an_address(void **state)
{
	struct set *mine = set_at("127.0.0.5"), *his = set_at("127.0.0.6");
	uint16_t port = cfg.gm[0].port_s;
	uint32_t gone;

	(void)state;
	assert_true(says("127.0.0.5", mine->id, "127.0.0.1", port));
	assert_int_equal(seen.side, FLOW_GM_PROTECTED);
	assert_int_equal(seen.set, mine->id);
	/* Another UE's set, and one that is not there. */
	assert_false(says("127.0.0.5", his->id, "127.0.0.1", port));
	assert_false(says("127.0.0.6", mine->id, "127.0.0.1", port));
	assert_false(says("127.0.0.5", 4000000, "127.0.0.1", port));
	assert_int_equal(transport_stats.foreign_set, 3);
	/* None at all. */
	assert_false(says("127.0.0.5", 0, "127.0.0.1", port));
	assert_false(says("127.0.0.5", 0, "127.0.0.1", port + 1));
	assert_int_equal(udp_stats.no_set, 2);
	/* A set that has gone. */
	gone = his->id;
	assert_true(says("127.0.0.6", gone, "127.0.0.1", port));
	registrar_kernel_lost(gone);
	assert_false(says("127.0.0.6", gone, "127.0.0.1", port));
}

static void only_trusted_peers_on_mw(void **state)
{
	(void)state;
	assert_true(says("127.0.0.3", 0, "127.0.0.2", cfg.mw[0].port));
	assert_int_equal(seen.side, FLOW_MW);
	assert_false(says("127.0.0.9", 0, "127.0.0.2", cfg.mw[0].port));
	assert_int_equal(transport_stats.untrusted, 1);
	assert_true(connects("127.0.0.3", "127.0.0.2", cfg.mw[0].port));
	assert_false(connects("127.0.0.9", "127.0.0.2", cfg.mw[0].port));
	assert_int_equal(transport_stats.untrusted, 2);
}

/* Connections of strangers cost a token each; those of others are their own. */
static void connections_have_a_rate(void **state)
{
	unsigned int taken = 0;

	(void)state;
	for (int i = 0; i < 30; i++)
		taken += connects("127.0.0.7", "127.0.0.1", cfg.gm[0].unprotected.port);
	assert_int_equal(taken, 10);
	assert_int_equal(admission_stats.connections, 20);
	assert_true(connects("127.0.0.8", "127.0.0.1", cfg.gm[0].unprotected.port));
	for (int i = 0; i < 30; i++)
		assert_true(connects("127.0.0.3", "127.0.0.2", cfg.mw[0].port));
}

#define S(f) cmocka_unit_test_setup_teardown(f, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		S(a_set_belongs_to_an_address), S(only_trusted_peers_on_mw),
		S(connections_have_a_rate),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
