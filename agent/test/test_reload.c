// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A reload of the whole agent but its kernel half, with real files and, on loopback,
 * real sockets: what comes into force is felt there, and what is refused is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admission.h"
#include "clock.h"
#include "config_keys.h"
#include "control_world.h"
#include "dns.h"
#include "fake_kernel.h"
#include "kernel.h"
#include "loop.h"
#include "nexthop.h"
#include "policy.h"
#include "proof.h"
#include "proxy.h"
#include "registrar.h"
#include "reload.h"
#include "sip.h"
#include "spi.h"
#include "trace.h"
#include "transaction.h"
#include "transport.h"
#include "udp.h"

/* --- the kernel half --- */

static struct set_endpoint endpoints[CONFIG_MAX_GM];
static unsigned int declared, withdrawn;
static bool no_suites;
struct kernel_stats kernel_stats;

int kernel_declare_one(const struct config *cfg, unsigned int gm, char *err)
{
	(void)err;
	endpoints[gm] = (struct set_endpoint){ .id = gm + 1, .local = cfg->gm[gm].unprotected,
					       .port_c = cfg->gm[gm].port_c };
	declared++;
	return 0;
}

void kernel_withdraw(const struct config *cfg, unsigned int gm)
{
	(void)cfg;
	assert_int_equal(endpoints[gm].id, gm + 1);
	memset(&endpoints[gm], 0, sizeof(endpoints[gm]));
	withdrawn++;
}

void kernel_reconcile(void)
{
}

int kernel_check_suites(struct config *cfg, char *err)
{
	(void)cfg;
	snprintf(err, CONFIG_ERROR, "no suites here");
	return no_suites ? -1 : 0;
}

/* What it does is test_kernel.c's. */
void kernel_reload(const struct config *config)
{
	(void)config;
}

uint32_t kernel_module_version(void)
{
	return 0;
}

const struct set_endpoint *kernel_endpoints(void)
{
	return endpoints;
}

/* --- the file --- */

static char file[] = "/tmp/test_reload-XXXXXX", trace[] = "/tmp/test_reload-trace-XXXXXX";
static unsigned int port;

/* What differs from one test to the next. */
struct facts {
	const char *gm;		/* more of it */
	const char *more;
	const char *trusted;	/* NULL: 127.0.0.3 */
};

static void write_file(const struct facts *f)
{
	FILE *out = fopen(file, "w");

	fprintf(out, "instance: 1\nuser: nobody\nvisited-network-id: visited.example\n"
		"gm:\n  - {address: 127.0.0.1, port: %u, port-s: %u, port-c: [%u, %u, %u, %u]}\n"
		"%sspi: {min: 0x10000000, max: 0x1fffffff}\nmw: [{address: 127.0.0.2, port: %u}]\n"
		"mw-next-hop: [{uri: \"sip:core.example\"}]\nmw-trusted: [%s]\n"
		"dns: {servers: [{address: 127.0.0.9}]}\ntrace: %s\n%s\n", port,
		port + 1, port + 2, port + 3, port + 4, port + 5, f->gm ? f->gm : "", port,
		f->trusted ? f->trusted : "127.0.0.3", trace, f->more ? f->more : "");
	fclose(out);
}

/* --- the agent --- */

static struct config cfg;
static unsigned int n_seen;
static size_t n_octets;

static void receive(const struct flow *f, char *data, size_t n)
{
	(void)f;
	(void)data;
	n_seen++;
	n_octets = n;
}

static void closed(const struct flow *f)
{
	(void)f;
}

static bool bindable(unsigned int p)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(p) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool ok;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ok = !bind(fd, (struct sockaddr *)&in, sizeof(in));
	close(fd);
	return ok;
}

static void start_parts(void)
{
	const struct transaction_config transactions = {
		.t1_gm = cfg.t1_gm, .t1_mw = cfg.t1_mw, .unproven = 10, .send = transport_send,
	};
	const struct registrar_config registrar = { .reg_await_auth = 240000, .drain = 128000 };
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = endpoints, .max_sets = 1000,
		.max_temporary = 100, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct dns_config dns = {
		.servers = cfg.dns.servers, .n_servers = cfg.dns.n_servers, .device = "",
		.changed = nexthop_dns_changed,
	};

	fake_kernel_reset();
	parser_init();
	spi_init(cfg.spi_min, cfg.spi_max, 128000);
	set_init(&sets);
	registrar_init(&registrar);
	transaction_init(&transactions);
	nexthop_init(&cfg);
	assert_int_equal(dns_init(&dns), 0);
	assert_true(admission_init(&cfg) && policy_init(&cfg) && proxy_init(&cfg));
	sip_init(&cfg);
}

static int begin(void **state)
{
	const struct transport_ops ops = { .receive = receive, .closed = closed };
	char err[CONFIG_ERROR] = "";

	(void)state;
	for (port = 22000; !bindable(port) || !bindable(port + 1); port += 10)
		;
	strcpy(file + strlen(file) - 6, "XXXXXX");
	close(mkstemp(file));
	strcpy(trace + strlen(trace) - 6, "XXXXXX");
	close(mkstemp(trace));
	write_file(&(struct facts){ 0 });
	clock_init(0);
	assert_int_equal(loop_init(), 0);
	if (config_load(&cfg, file, err))
		fail_msg("%s", err);
	declared = withdrawn = n_seen = 0;
	no_suites = false;
	memset(endpoints, 0, sizeof(endpoints));
	kernel_declare_one(&cfg, 0, err);
	start_parts();
	assert_int_equal(trace_open(cfg.trace), 0);
	if (transport_open(&cfg, &ops, err))
		fail_msg("%s", err);
	reload_init(&cfg, file);
	return 0;
}

static int end(void **state)
{
	(void)state;
	proxy_exit();
	transaction_exit();
	registrar_exit();
	transport_close();
	nexthop_exit();
	dns_exit();
	spi_exit();
	admission_exit();
	policy_exit();
	trace_close();
	loop_exit();
	clock_exit();
	unlink(trace);
	return unlink(file);
}

/* What gmctl gets: it is as @want says. */
static void reload(const char *want)
{
	struct octets report = { 0 };

	told(&cfg, "reload", &report);
	if (!strstr(report.p, want))
		fail_msg("%s: %s", want, report.p);
	octets_free(&report);
}

/* Nothing has changed, not even for a moment that anybody could notice. */
static void refused(const char *why)
{
	struct octets before = { 0 }, after = { 0 };
	unsigned int more = declared - withdrawn;

	config_show(&cfg, &before);
	reload(why);
	config_show(&cfg, &after);
	assert_true(str_same(octets_str(&before), octets_str(&after)));
	assert_int_equal(declared - withdrawn, more);
	octets_free(&before);
	octets_free(&after);
}

/* --- who is heard --- */

/* A datagram of @n octets arrives, or that there is nobody comes back. */
static bool heard(const char *from, const char *to, unsigned int to_port, size_t n)
{
	struct sockaddr_storage ss;
	unsigned int before = n_seen;
	static char octets[60000];
	struct addr a;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len;

	assert_true(addr_parse(&a, from, 0));
	len = addr_to_sockaddr(&a, &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_true(addr_parse(&a, to, to_port));
	len = addr_to_sockaddr(&a, &ss);
	assert_int_equal(connect(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(send(fd, octets, n, 0), n);
	/* On loopback it is there, or an error is, when send() returns. */
	event_base_loop(loop_base(), EVLOOP_NONBLOCK);
	close(fd);
	return n_seen > before;
}

static bool connects(const char *to, unsigned int to_port)
{
	struct sockaddr_storage ss;
	int fd = socket(AF_INET, SOCK_STREAM, 0), ret;
	struct addr a;
	socklen_t len;

	assert_true(addr_parse(&a, to, to_port));
	len = addr_to_sockaddr(&a, &ss);
	ret = connect(fd, (struct sockaddr *)&ss, len);
	close(fd);
	event_base_loop(loop_base(), EVLOOP_NONBLOCK);
	return !ret;
}

/* --- the tests --- */

static void a_file_as_it_was(void **state)
{
	(void)state;
	reload("{\"changed\":[],\"needs-restart\":[]}");
	assert_true(heard("127.0.0.1", "127.0.0.1", port, 100));
}

static void what_is_bad_changes_nothing(void **state)
{
	(void)state;
	write_file(&(struct facts){ .more = "mw-mtu: 5" });
	refused("mw-mtu: must be 576 to 65535");
	write_file(&(struct facts){ .more = "mw-mtu: \"open" });
	refused("not YAML");
	unlink(file);
	refused("No such file");
	write_file(&(struct facts){ .more = "mw-mtu: 1400" });
	no_suites = true;
	refused("no suites here");
	no_suites = false;
	reload("{\"changed\":[\"mw-mtu\"],\"needs-restart\":[]}");
	assert_int_equal(cfg.mw_mtu, 1400);
}

static char *one_more(const char *address)
{
	static char gm[160];

	snprintf(gm, sizeof(gm), "  - {address: %s, port: %u, port-s: %u, port-c: [%u, %u, %u, %u]}\n",
		 address, port, port + 1, port + 2, port + 3, port + 4, port + 5);
	return gm;
}

static void an_address_comes_and_goes(void **state)
{
	(void)state;
	assert_false(heard("127.0.0.1", "127.0.0.12", port, 100));
	write_file(&(struct facts){ .gm = one_more("127.0.0.12") });
	reload("{\"changed\":[\"gm\"],\"needs-restart\":[]}");
	assert_int_equal(declared, 2);
	assert_true(heard("127.0.0.1", "127.0.0.12", port, 100));
	assert_true(connects("127.0.0.12", port));
	assert_true(connects("127.0.0.12", port + 5));
	write_file(&(struct facts){ 0 });
	reload("{\"changed\":[\"gm\"],\"needs-restart\":[]}");
	assert_int_equal(withdrawn, 1);
	assert_false(heard("127.0.0.1", "127.0.0.12", port, 100));
	assert_false(connects("127.0.0.12", port));
	assert_false(connects("127.0.0.12", port + 5));
	/* The other one has noticed nothing. */
	assert_true(heard("127.0.0.1", "127.0.0.1", port, 100));
	assert_true(connects("127.0.0.1", port));
}

/* Of two new ones the first is fine: it is closed again. */
static void an_address_that_is_not_ours_is_undone(void **state)
{
	char gm[400];

	(void)state;
	snprintf(gm, sizeof(gm), "%s", one_more("127.0.0.12"));
	strcat(gm, one_more("192.0.2.77"));
	write_file(&(struct facts){ .gm = gm, .more = "mw-mtu: 1400" });
	refused("cannot listen on 192.0.2.77");
	assert_int_equal(declared, 3);
	assert_false(heard("127.0.0.1", "127.0.0.12", port, 100));
	assert_false(connects("127.0.0.12", port + 1));
	assert_true(heard("127.0.0.1", "127.0.0.1", port, 100));
	/* Once more, now that it is right. */
	write_file(&(struct facts){ .gm = one_more("127.0.0.12") });
	reload("{\"changed\":[\"gm\"],\"needs-restart\":[]}");
	assert_true(heard("127.0.0.1", "127.0.0.12", port, 100));
}

static void who_is_trusted(void **state)
{
	(void)state;
	assert_true(heard("127.0.0.3", "127.0.0.2", port, 100));
	assert_false(heard("127.0.0.4", "127.0.0.2", port, 100));
	write_file(&(struct facts){ .trusted = "127.0.0.4" });
	reload("{\"changed\":[\"mw-trusted\"],\"needs-restart\":[]}");
	assert_false(heard("127.0.0.3", "127.0.0.2", port, 100));
	assert_true(heard("127.0.0.4", "127.0.0.2", port, 100));
}

static void the_longest_message(void **state)
{
	(void)state;
	assert_false(heard("127.0.0.3", "127.0.0.2", port, 20000));
	write_file(&(struct facts){ .more = "limits: {message: 30000}" });
	reload("{\"changed\":[\"limits.message\"],\"needs-restart\":[]}");
	assert_true(heard("127.0.0.3", "127.0.0.2", port, 20000));
	assert_int_equal(n_octets, 20000);
	write_file(&(struct facts){ .more = "limits: {message: 1024}" });
	reload("{\"changed\":[\"limits.message\"],\"needs-restart\":[]}");
	assert_false(heard("127.0.0.3", "127.0.0.2", port, 2000));
}

/* As often as a source may, and then once more with a new rate. */
static void rates(void **state)
{
	struct flow f = { .side = FLOW_GM };

	(void)state;
	addr_parse(&f.remote, "192.0.2.99", 5060);
	for (int i = 0; i < 100; i++)
		assert_int_equal(admission_message(&f, false), ADMISSION_PASS);
	assert_int_not_equal(admission_message(&f, false), ADMISSION_PASS);
	/* What has nothing to do with it does not fill buckets. */
	write_file(&(struct facts){ .more = "mw-mtu: 1400" });
	reload("mw-mtu");
	assert_int_not_equal(admission_message(&f, false), ADMISSION_PASS);
	write_file(&(struct facts){ .more = "rates: {source: {per-second: 1, burst: 5}}" });
	reload("{\"changed\":[\"mw-mtu\",\"rates.source\"],\"needs-restart\":[]}");
	for (int i = 0; i < 5; i++)
		assert_int_equal(admission_message(&f, false), ADMISSION_PASS);
	assert_int_not_equal(admission_message(&f, false), ADMISSION_PASS);
}

static void timers(void **state)
{
	const struct flow mw = { .side = FLOW_MW };

	(void)state;
	write_file(&(struct facts){ .more = "timers: {t1-gm: 1000, t1-mw: 250, scale: 7}" });
	reload("{\"changed\":[\"timers.t1-gm\",\"timers.t1-mw\"],\"needs-restart\":[\"timers.scale\"]}");
	assert_int_equal(transaction_64t1_gm(), 64000);
	assert_int_equal(transaction_64t1(&mw), 16000);
	assert_int_equal(cfg.scale, 1);
}

/* Its file was moved away, by logrotate. */
static void the_trace_is_opened_anew(void **state)
{
	(void)state;
	unlink(trace);
	assert_int_equal(access(trace, F_OK), -1);
	reload("{\"changed\":[],\"needs-restart\":[]}");
	assert_int_equal(access(trace, F_OK), 0);
	write_file(&(struct facts){ .more = "mw-mtu: 1400" });
	unlink(trace);
	assert_int_equal(mkdir(trace, 0700), 0);
	refused("cannot write");
	assert_int_equal(rmdir(trace), 0);
}

/* Asks the servers there are now; who waits for those before asks them again. */
static void other_dns_servers(void **state)
{
	unsigned long queries;

	(void)state;
	assert_null(dns_ask(DNS_A, "a.example", 0));
	assert_int_equal(dns_stats.outstanding, 1);
	queries = dns_stats.queries;
	write_file(&(struct facts){ .more = "log: {level: error}" });
	reload("log.level");
	assert_int_equal(dns_stats.outstanding, 1);
	cfg.dns.servers[0].port = 54;		/* as if it had been another */
	reload("{\"changed\":[\"dns.servers\"],\"needs-restart\":[]}");
	assert_int_equal(dns_stats.outstanding, 0);
	assert_int_equal(dns_stats.cached, 0);
	assert_null(dns_ask(DNS_A, "a.example", 0));
	assert_int_equal(dns_stats.queries, queries + 1);
}

static void the_status_says_it(void **state)
{
	struct octets o = { 0 };

	(void)state;
	write_file(&(struct facts){ .more = "store: /elsewhere" });
	reload("{\"changed\":[],\"needs-restart\":[\"store\"]}");
	write_file(&(struct facts){ .more = "store: [" });
	refused("error");
	told(&cfg, "status", &o);
	assert_non_null(strstr(o.p, "\"reloads\":1,\"refused\":1,\"needs-restart\":[\"store\"]"));
	octets_free(&o);
	write_file(&(struct facts){ 0 });
	reload("{\"changed\":[],\"needs-restart\":[]}");
}

/* What gmctl log has said holds until the file says something else. */
static void log_level(void **state)
{
	(void)state;
	write_file(&(struct facts){ .more = "log: {level: warning}" });
	reload("log.level");
	assert_int_equal(log_threshold, LOG_LEVEL_WARNING);
	log_threshold = LOG_LEVEL_ERROR;
	write_file(&(struct facts){ .more = "log: {level: warning}\nmw-mtu: 1400" });
	reload("{\"changed\":[\"mw-mtu\"],\"needs-restart\":[]}");
	assert_int_equal(log_threshold, LOG_LEVEL_ERROR);
	write_file(&(struct facts){ .more = "log: {level: debug}\nmw-mtu: 1400" });
	reload("log.level");
	assert_int_equal(log_threshold, LOG_LEVEL_DEBUG);
	log_threshold = LOG_LEVEL_INFO;
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_as_it_was),
		T(what_is_bad_changes_nothing),
		T(an_address_comes_and_goes),
		T(an_address_that_is_not_ours_is_undone),
		T(who_is_trusted),
		T(the_longest_message),
		T(rates),
		T(timers),
		T(the_trace_is_opened_anew),
		T(other_dns_servers),
		T(log_level),
		T(the_status_says_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
