// SPDX-License-Identifier: GPL-2.0-or-later
/* What gmgated --check warns of, on this host. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "config_host.h"

static char dir[] = "/tmp/test_config_host-XXXXXX";
static char file[64];

/* What differs from a configuration that fits every host. */
struct facts {
	const char *user, *address, *device, *port_s, *more;
};

static void write_file(const struct facts *f)
{
	FILE *out = fopen(file, "w");

	fprintf(out, "instance: 1\n"
		"user: %s\n"
		"control: %s/control.sock\n"
		"visited-network-id: v\n"
		"gm:\n"					/* 5 */
		"  - address: %s\n"
		"    device: %s\n"
		"    port-s: %s\n"
		"    port-c: [6101, 6102, 6103, 6104]\n"
		"spi: {min: 0x10000000, max: 0x1fffffff}\n"	/* 10 */
		"mw: [{address: 127.0.0.1}]\n"
		"mw-next-hop: [{address: 127.0.0.9}]\n"
		"mw-trusted: [127.0.0.0/8]\n"
		"store: /dev/shm/store\n"
		"%s",
		f->user ? f->user : "root", dir, f->address ? f->address : "\"::1\"",
		f->device ? f->device : "lo", f->port_s ? f->port_s : "6100",
		f->more ? f->more : "");
	fclose(out);
	chmod(file, 0644);
}

/* @want: what is said, behind the name of the file; "": nothing. */
static void warns(const struct facts *f, const char *want)
{
	char err[CONFIG_ERROR] = "", text[2048] = "", line[512];
	struct config cfg;
	unsigned int n;
	FILE *to;

	write_file(f);
	if (config_load(&cfg, file, err))
		fail_msg("%s", err);
	to = fmemopen(text, sizeof(text), "w");
	n = config_host_check(&cfg, file, to);
	fclose(to);
	if (!want[0]) {
		assert_string_equal(text, "");
		assert_int_equal(n, 0);
		return;
	}
	snprintf(line, sizeof(line), "%s:%s\n", file, want);
	if (!strstr(text, line))
		fail_msg("\"%s\" is not in \"%s\"", line, text);
	assert_true(n >= 1);
}

static void nothing_where_all_fits(void **state)
{
	(void)state;
	warns(&(struct facts){ 0 }, "");
}

static void addresses_and_devices(void **state)
{
	(void)state;
	warns(&(struct facts){ .address = "192.0.2.77" },
	      "6: gm.0.address: warning: no interface here has 192.0.2.77");
	warns(&(struct facts){ .device = "nosuch0" }, "7: gm.0.device: warning: there is no device nosuch0 here");
	warns(&(struct facts){ .more = "dns: {device: nosuch0}\n" },
	      "15: dns.device: warning: there is no device nosuch0 here");
}

static void who_may_read_and_write(void **state)
{
	char want[256];

	(void)state;
	chmod(dir, 0755);
	snprintf(want, sizeof(want), "3: control: warning: nobody may not write in %s", dir);
	warns(&(struct facts){ .user = "nobody" }, want);
	chmod(dir, 0700);
	warns(&(struct facts){ .user = "nobody" },
	      "2: user: warning: nobody may not read this file: a reload would fail");
	warns(&(struct facts){ .more = "trace: /nonexistent/trace\n" },
	      "15: trace: warning: there is no directory /nonexistent");
	warns(&(struct facts){ .more = "trace: /dev/shm/trace\n" }, "");
}

static void what_is_for_tests(void **state)
{
	(void)state;
	warns(&(struct facts){ .more = "timers: {scale: 10}\n" },
	      "15: timers.scale: warning: every timer runs 10 times as fast, which is for tests");
}

static void ports_another_may_have(void **state)
{
	unsigned int first = 0, last = 0;
	char port[16], want[200];
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r");

	(void)state;
	if (!f || fscanf(f, "%u %u", &first, &last) != 2)
		skip();
	fclose(f);
	snprintf(port, sizeof(port), "%u", last);
	snprintf(want, sizeof(want), "8: gm.0.port-s: warning: %u is in net.ipv4.ip_local_port_range "
		 "and not in ip_local_reserved_ports: another program may have it first", last);
	warns(&(struct facts){ .port_s = port }, want);
}

/* The last: nothing of this host's network is there any more. */
static void no_route(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		skip();
	warns(&(struct facts){ 0 }, "12: mw-next-hop.0: warning: there is no route to 127.0.0.9 here");
}

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(file, sizeof(file), "%s/gmgate.yaml", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_where_all_fits),
		cmocka_unit_test(addresses_and_devices),
		cmocka_unit_test(who_may_read_and_write),
		cmocka_unit_test(what_is_for_tests),
		cmocka_unit_test(ports_another_may_have),
		cmocka_unit_test(no_route),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
