// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration: what a good file means, and that a bad one is refused
 * with its line and key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "config.h"

static const char good[] =
	"instance: 1\n"							/* 1 */
	"user: root\n"
	"visited-network-id: visited.example\n"
	"gm:\n"
	"  - address: 10.4.128.21\n"					/* 5 */
	"    port: 5060\n"
	"    port-s: 6100\n"
	"    port-c: [6101, 6102, 6103, 6104]\n"
	"  - address: \"2001:db8:4:128::21\"\n"
	"    port-s: 6100\n"						/* 10 */
	"    port-c: [6101, 6102, 6103, 6104]\n"
	"    local-in: true\n"
	"spi: {min: 0x10000000, max: 0x1fffffff}\n"
	"mw:\n"
	"  - address: 192.0.2.1\n"					/* 15 */
	"mw-next-hop: [{address: 192.0.2.2, port: 5070, transport: tcp}]\n"
	"mw-trusted: [192.0.2.2]\n"
	"sec-agree:\n"
	"  required: false\n"
	"  suites: [hmac-md5-96/null, hmac-sha-1-96/aes-cbc]\n"		/* 20 */
	"timers: {scale: 10, reg-await-auth: 60}\n"
	"limits: {message: 8192, semicolons: 100}\n"
	"log: {level: warning}\n"
	"rates: {source: {per-second: 5, burst: 50}, retry-after: 9}\n";

static char path[] = "/tmp/test_config-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	close(fd);
	return fd < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int load(struct config *cfg, const char *text, char *err)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
	return config_load(cfg, path, err);
}

static void reads_all(void **state)
{
	char err[CONFIG_ERROR];
	struct config cfg;

	(void)state;
	assert_int_equal(load(&cfg, good, err), 0);
	assert_int_equal(cfg.instance, 1);
	assert_int_equal(cfg.uid, 0);
	assert_int_equal(cfg.n_gm, 2);
	assert_string_equal(addr_text(&cfg.gm[0].unprotected), "10.4.128.21:5060");
	assert_string_equal(addr_text(&cfg.gm[1].unprotected), "[2001:db8:4:128::21]:5060");
	assert_int_equal(cfg.gm[1].n_port_c, 4);
	assert_int_equal(cfg.gm[1].port_c[3], 6104);
	assert_false(cfg.gm[0].local_in);
	assert_true(cfg.gm[1].local_in);
	assert_false(cfg.gm[0].relaxed);
	assert_int_equal(cfg.spi_min, 0x10000000);
	assert_int_equal(cfg.n_next_hops, 1);
	assert_string_equal(cfg.next_hops[0].where.host, "192.0.2.2");
	assert_int_equal(cfg.next_hops[0].where.port, 5070);
	assert_int_equal(cfg.next_hops[0].where.transport, RESOLVE_TCP);
	assert_int_equal(cfg.next_hops[0].priority, 0);
	assert_int_equal(cfg.next_hops[0].weight, 1);
	assert_false(cfg.gm[0].secagree_required);
	assert_int_equal(cfg.n_suites, 2);
	assert_int_equal(cfg.suites[0].alg, GMGATE_ALG_HMAC_MD5_96);
	assert_int_equal(cfg.scale, 10);
	assert_int_equal(cfg.reg_await_auth, 60000);
	assert_int_equal(cfg.limits.message, 8192);
	assert_int_equal(cfg.limits.semicolons, 100);
	assert_int_equal(cfg.rates.source.per_second, 5);
	assert_int_equal(cfg.rates.source.burst, 50);
	assert_int_equal(cfg.rates.retry_after, 9);
	assert_int_equal(cfg.rates.impi.per_second, 1);
	assert_int_equal(cfg.rates.all.burst, 4000);
	assert_int_equal(cfg.log_level, LOG_LEVEL_WARNING);
	/* Defaults: TS 24.229 table 7.7.1. */
	assert_int_equal(cfg.t1_gm, 2000);
	assert_int_equal(cfg.t1_mw, 500);
	assert_string_equal(cfg.control, "/run/gmgate/control.sock");
	assert_string_equal(cfg.trace, "");
	assert_string_equal(cfg.store, "/run/gmgate/store-1");
}

static void reads_the_core_side(void **state)
{
	static const char core[] =
		"mw-next-hop:\n"
		"  - {uri: \"sip:icscf.example.org;transport=tcp\", priority: 2, weight: 30}\n"
		"  - {uri: \"sip:[fd00::2]:5070\", priority: 3}\n"
		"mw-trusted: [192.0.2.0/24, \"fd00::/16\"]\n"
		"mw-domains: [ims.example.org, \"*.3gppnetwork.org\"]\n"
		"dns: {servers: [{address: 192.0.2.53}, {address: \"fd00::53\", port: 5353}], "
		"device: mw0, trust: true}\n"
		"sec-agree:\n";
	char err[CONFIG_ERROR] = "", text[sizeof(good) + sizeof(core) + 64];
	const char *hop = strstr(good, "mw-next-hop"), *mw = strstr(good, "  - address: 192.0.2.1");
	struct config cfg;

	(void)state;
	snprintf(text, sizeof(text), "%.*s  - {address: 192.0.2.1, device: mw0, dscp: 24}\n"
		 "  - address: \"fd00::1\"\n%s%s", (int)(mw - good), good, core,
		 strstr(hop, "sec-agree:\n") + strlen("sec-agree:\n"));
	if (load(&cfg, text, err))
		fail_msg("%s", err);
	assert_string_equal(cfg.mw_link[0].device, "mw0");
	assert_int_equal(cfg.mw_link[0].dscp, 24);
	assert_string_equal(cfg.mw_link[1].device, "");
	assert_int_equal(cfg.n_next_hops, 2);
	assert_string_equal(cfg.next_hops[0].where.host, "icscf.example.org");
	assert_int_equal(cfg.next_hops[0].where.transport, RESOLVE_TCP);
	assert_int_equal(cfg.next_hops[0].where.port, 0);
	assert_int_equal(cfg.next_hops[0].priority, 2);
	assert_int_equal(cfg.next_hops[0].weight, 30);
	assert_string_equal(cfg.next_hops[1].where.host, "fd00::2");
	assert_int_equal(cfg.next_hops[1].where.transport, RESOLVE_ANY);
	assert_int_equal(cfg.n_trusted, 2);
	assert_int_equal(cfg.trusted[1].length, 16);
	assert_int_equal(cfg.n_domains, 2);
	assert_string_equal(cfg.domains[1], "*.3gppnetwork.org");
	assert_int_equal(cfg.dns.n_servers, 2);
	assert_string_equal(addr_text(&cfg.dns.servers[0]), "192.0.2.53:53");
	assert_string_equal(addr_text(&cfg.dns.servers[1]), "[fd00::53]:5353");
	assert_true(cfg.dns.trust);
}

static void defaults_are_safe(void **state)
{
	char err[CONFIG_ERROR], text[sizeof(good)];
	struct config cfg;

	(void)state;
	strcpy(text, good);
	*strstr(text, "sec-agree:") = '\0';
	assert_int_equal(load(&cfg, text, err), 0);
	assert_true(cfg.gm[0].secagree_required);
	assert_true(cfg.gm[1].secagree_required);
	assert_true(cfg.default_suites);
	assert_int_equal(cfg.n_suites, 8);
	assert_int_equal(cfg.reg_await_auth, 240000);
	assert_int_equal(cfg.scale, 1);
	assert_false(cfg.dns.trust);
	assert_int_equal(cfg.mw_mtu, 1500);
	assert_true(cfg.reg_event);
}

static void reg_event_is_switched_off(void **state)
{
	char err[CONFIG_ERROR], text[sizeof(good) + 64];
	struct config cfg;

	(void)state;
	snprintf(text, sizeof(text), "reg-event: false\n%s", good);
	assert_int_equal(load(&cfg, text, err), 0);
	assert_false(cfg.reg_event);
	snprintf(text, sizeof(text), "reg-event: maybe\n%s", good);
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, "reg-event"));
}

static void replace_in(char *text, size_t room, const char *from, const char *to)
{
	const char *at = strstr(good, from);

	assert_non_null(at);
	snprintf(text, room, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
}

/* TS 24.229 5.2.10: nothing is an emergency call that nobody has named so. */
static void reads_emergency(void **state)
{
	static const struct {
		const char *yaml, *why;
	} bad[] = {
		{ "{next-hop: ecscf.example}", "not a URI" },
		{ "{next-hop: \"sip:e.example>,<sip:x\"}", "not a URI" },
		{ "{next-hop: \"tel:112\"}", "not a URI" },
		{ "{next-hop: \"sip:192.0.2.99\"}", "mw-trusted" },
		{ "{next-hop: \"sip:[fd00::2]\"}", "family" },
		{ "{undetected: route}", "needs next-hop" },
		{ "{undetected: no}", "alternative-service or route" },
		{ "{numbers: [{number: \"11x\"}]}", "not a number" },
		{ "{numbers: [{number: \"1234567890123456\"}]}", "not a number" },
		{ "{numbers: [{number: \"112\", service: police}]}", "not a service" },
		{ "{numbers: [{number: \"112\", service: \"sos>\"}]}", "not a service" },
		{ "{numbers: [{service: sos}]}", "number" },
		{ "{anonymous: true}", "no such key" },
	};
	char err[CONFIG_ERROR], text[sizeof(good) + 256];
	struct config cfg;

	(void)state;
	assert_int_equal(load(&cfg, good, err), 0);
	assert_string_equal(cfg.emergency.route, "");
	assert_false(cfg.emergency.route_undetected);
	assert_int_equal(cfg.emergency.n_numbers, 0);
	snprintf(text, sizeof(text), "emergency:\n  next-hop: \"sip:e.example;transport=tcp\"\n"
		 "  undetected: route\n  numbers: [{number: \"112\"}, {number: \"110\", "
		 "service: sos.police}]\n%s", good);
	if (load(&cfg, text, err))
		fail_msg("%s", err);
	assert_string_equal(cfg.emergency.route, "<sip:e.example;transport=tcp;lr>");
	assert_true(cfg.emergency.route_undetected);
	assert_int_equal(cfg.emergency.n_numbers, 2);
	assert_string_equal(cfg.emergency.numbers[0].urn, "urn:service:sos");
	assert_string_equal(cfg.emergency.numbers[1].number, "110");
	assert_string_equal(cfg.emergency.numbers[1].urn, "urn:service:sos.police");
	snprintf(text, sizeof(text), "emergency: {next-hop: \"sip:192.0.2.2;lr\"}\n%s", good);
	assert_int_equal(load(&cfg, text, err), 0);
	assert_string_equal(cfg.emergency.route, "<sip:192.0.2.2;lr>");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "emergency: %s\n%s", bad[i].yaml, good);
		if (!load(&cfg, text, err) || !strstr(err, bad[i].why))
			fail_msg("%s: %s", bad[i].yaml, err);
	}
}

/* TS 24.229 5.2.10.2: refused unless it is said otherwise, for all or for one listener. */
static void reads_unregistered(void **state)
{
	static const char e[] = "emergency: {next-hop: \"sip:192.0.2.2\", unregistered: %s}\n";
	static const struct {
		const char *word;
		enum config_unregistered is;
	} words[] = {
		{ "refuse", CONFIG_UNREGISTERED_REFUSE },
		{ "alternative-service", CONFIG_UNREGISTERED_ALTERNATIVE },
		{ "route", CONFIG_UNREGISTERED_ROUTE },
	};
	char err[CONFIG_ERROR], text[sizeof(good) + 256], more[sizeof(good) + 64];
	struct config cfg;

	(void)state;
	assert_int_equal(load(&cfg, good, err), 0);
	assert_int_equal(cfg.gm[0].unregistered, CONFIG_UNREGISTERED_REFUSE);
	assert_int_equal(cfg.limits.emergency_calls, 200);
	assert_int_equal(cfg.rates.emergency.per_second, 20);
	assert_int_equal(cfg.rates.emergency.burst, 50);
	replace_in(more, sizeof(more), "    local-in: true\n",
		   "    emergency-unregistered: alternative-service\n");
	for (size_t i = 0; i < 3; i++) {
		size_t n = snprintf(text, sizeof(text), e, words[i].word);

		snprintf(text + n, sizeof(text) - n, "%s", more);
		if (load(&cfg, text, err))
			fail_msg("%s", err);
		assert_int_equal(cfg.gm[0].unregistered, words[i].is);
		assert_int_equal(cfg.gm[1].unregistered, CONFIG_UNREGISTERED_ALTERNATIVE);
	}
	snprintf(text, sizeof(text), "emergency: {unregistered: route}\n%s", good);
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, ":1: emergency.unregistered: route needs"));
	snprintf(text, sizeof(text), "emergency: {unregistered: yes}\n%s", good);
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, "must be refuse, alternative-service or route"));
	replace_in(text, sizeof(text), "    local-in: true\n", "    emergency-unregistered: route\n");
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, ":12: gm.1.emergency-unregistered: route needs"));
	replace_in(text, sizeof(text), "semicolons: 100", "emergency-calls: 0");
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, "limits.emergency-calls: must be 1 to"));
	replace_in(text, sizeof(text), "rates: {", "rates: {emergency: {per-second: 1, burst: 1}, ");
	assert_int_equal(load(&cfg, text, err), -1);
	assert_non_null(strstr(err, "rates.emergency.burst: must be 4 to"));
}

/* Nowhere, unless the configuration says so; and never where UEs are. */
static void reads_metrics(void **state)
{
	static const struct {
		const char *yaml, *why;
	} bad[] = {
		{ "{address: 127.0.0.1}", "port" },
		{ "{port: 0}", "metrics.port: must not be 0" },
		{ "{port: 70000}", "port" },
		{ "{address: localhost, port: 9464}", "not an IPv4" },
		{ "{address: 0.0.0.0, port: 9464}", "wildcard" },
		{ "{address: \"::\", port: 9464}", "wildcard" },
		{ "{address: 10.4.128.21, port: 9464}", "address of gm" },
		{ "{address: \"2001:db8:4:128::21\", port: 9464}", "address of gm" },
		{ "{port: 9464, path: /}", "no such key" },
	};
	char err[CONFIG_ERROR], text[sizeof(good) + 128];
	struct config cfg;

	(void)state;
	assert_int_equal(load(&cfg, good, err), 0);
	assert_int_equal(cfg.metrics.family, 0);
	snprintf(text, sizeof(text), "metrics: {port: 9464}\n%s", good);
	assert_int_equal(load(&cfg, text, err), 0);
	assert_string_equal(addr_text(&cfg.metrics), "127.0.0.1:9464");
	/* It is bound before the rights go. */
	snprintf(text, sizeof(text), "metrics: {address: \"fd00::1\", port: 100}\n%s", good);
	assert_int_equal(load(&cfg, text, err), 0);
	assert_string_equal(addr_text(&cfg.metrics), "[fd00::1]:100");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "metrics: %s\n%s", bad[i].yaml, good);
		if (!load(&cfg, text, err) || !strstr(err, bad[i].why))
			fail_msg("%s: %s", bad[i].yaml, err);
	}
}

/* alg and ealg by themselves: their pairs, as far as Annex H has them. */
static void algorithms_are_independent(void **state)
{
	static const struct suite want[] = {
		{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_NULL },
		{ GMGATE_ALG_NULL, GMGATE_EALG_AES_GCM },
		{ GMGATE_ALG_AES_GMAC, GMGATE_EALG_NULL },
	};
	char text[sizeof(good) + 64], err[CONFIG_ERROR] = "";
	struct config cfg;

	(void)state;
	replace_in(text, sizeof(text), "suites: [hmac-md5-96/null, hmac-sha-1-96/aes-cbc]",
		   "alg: [hmac-sha-1-96, \"null\", aes-gmac]\n"
		   "  ealg: [aes-cbc, \"null\", aes-gcm]");
	if (load(&cfg, text, err))
		fail_msg("%s", err);
	assert_int_equal(cfg.n_suites, 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_true(suite_same(cfg.suites[i], want[i]));
	assert_false(cfg.default_suites);
}

/* Access without sec-agree is a matter of the listener (field note 22). */
static void sec_agree_by_listener(void **state)
{
	char text[sizeof(good) + 64], err[CONFIG_ERROR] = "";
	struct config cfg;

	(void)state;
	replace_in(text, sizeof(text), "local-in: true", "sec-agree-required: true");
	if (load(&cfg, text, err))
		fail_msg("%s", err);
	assert_false(cfg.gm[0].secagree_required);
	assert_true(cfg.gm[1].secagree_required);
}

/* Field note 10: the wildcard is no address of SAs. */
static void refuses_with_line_and_key(void **state)
{
	static const struct {
		const char *from, *to, *where, *what;
	} rows[] = {
		{ "instance: 1", "instance: 0", ":1: instance:", "1 or more" },
		{ "user: root", "user: nobody-here", ":2: user:", "no user" },
		{ "visited-network-id", "visited-network", ":3: visited-network:",
		  "no such key; there are: instance, user, control, store" },
		{ "visited.example", "'a\"b'", ":3: visited-network-id:", "quotes" },
		{ "10.4.128.21", "10.4.128", ":5: gm.0.address:", "not an IPv4" },
		{ "10.4.128.21", "0.0.0.0", ":5: gm.0.address:", "wildcard" },
		{ "port: 5060", "port: 70000", ":6: gm.0.port:",
		  "number from 0 to 65535, not \"70000\"" },
		{ "port: 5060", "port: sip", ":6: gm.0.port:",
		  "number from 0 to 65535, not \"sip\"" },
		{ "port: 5060", "port: 506", ":6: gm.0.port:", "1024" },
		{ "port: 5060", "prt: 5060", ":6: gm.0.prt:",
		  "no such key; there are: address, port, port-s, port-c, local-in, relaxed, key-export" },
		{ "port: 5060", "port: 5060\n    port: 5070", ":6: gm.0.port:", "twice" },
		{ "    port-s: 6100\n    port-c: [6101, 6102, 6103, 6104]\n    local",
		  "    port-c: [6101, 6102, 6103, 6104]\n    local", ":9: gm.1.port-s:",
		  "is missing, it has no default" },
		{ "6103, 6104", "6103, x", ":8: gm.0.port-c.3:", "number from 0 to 65535" },
		{ "[6101, 6102, 6103, 6104]", "[]", ":8: gm.0.port-c:", "list of 4 to 16" },
		{ "[6101, 6102, 6103, 6104]", "6101", ":8: gm.0.port-c:",
		  "list of 4 to 16 entries, not one value" },
		{ "spi: {min: 0x10000000, ", "spi: {", ":13: spi.min:", "missing" },
		{ "spi: {min: 0x10000000, max: 0x1fffffff}", "spi: 5", ":13: spi:", "min, max" },
		{ "log: {level: warning}", "log: {levl: warning}", ":23: log.levl:",
		  "there are: level" },
		{ "log: {level: warning}", "log: {level: [warning]}", ":23: log.level:",
		  "a text of 1 to 255 octets, not a list" },
		{ "port-s: 6100", "port-s: 6101", ":8: gm.0.port-c.0:", "port-s" },
		{ "port-s: 6100", "port-s: 5060", ":7: gm.0.port-s:", "unprotected" },
		{ "port-s: 6100", "port-s: 5061", ":7: gm.0.port-s:", "TS 33.203 7.1" },
		{ "    port-s: 6100\n    port-c: [6101, 6102, 6103, 6104]\n    local",
		  "    port: 5070\n    port-s: 5060\n    port-c: [6101, 6102, 6103, 6104]\n    local",
		  ":11: gm.1.port-s:", "TS 33.203 7.1" },
		{ "6103, 6104", "6103, 5061", ":8: gm.0.port-c.3:", "TS 33.203 7.1" },
		{ "6103, 6104", "6103, 6101", ":8: gm.0.port-c.3:", "twice" },
		{ "6102, 6103, 6104", "6102", ":8: gm.0.port-c:", "list of 4 to 16" },
		{ "2001:db8:4:128::21", "10.4.128.21", ": gm.1:", "one entry" },
		{ "0x10000000", "255", ":13: spi.min:", "256" },
		{ "0x1fffffff", "0x10000010", ":13: spi.max:", "1024" },
		{ "192.0.2.1\n", "10.4.128.21\n", ": mw.0:", "address of gm" },
		{ "transport: tcp", "transport: sctp", ":16: mw-next-hop.0.transport:", "udp or tcp" },
		{ "address: 192.0.2.2", "address: fd00::2", ":16: mw-next-hop.0:", "family" },
		{ "{address: 192.0.2.2, port: 5070", "{address: 192.0.2.1, port: 5060",
		  ":16: mw-next-hop.0:", "of ours" },
		{ "{address: 192.0.2.2, port: 5070", "{address: 10.4.128.21, port: 5060",
		  ":16: mw-next-hop.0:", "of ours" },
		{ "mw-trusted: [192.0.2.2]", "mw-trusted: [192.0.2.8/30]",
		  ":16: mw-next-hop.0:", "mw-trusted" },
		{ "mw-trusted: [192.0.2.2]", "mw-trusted: [192.0.2.0/33]",
		  ":17: mw-trusted.0:", "prefix" },
		{ "{address: 192.0.2.2, port: 5070, transport: tcp}", "{port: 5070}",
		  ":16: mw-next-hop.0:", "either address or uri" },
		{ "{address: 192.0.2.2,", "{uri: \"sip:core\",", ":16: mw-next-hop.0:",
		  "part of the uri" },
		{ "{address: 192.0.2.2, port: 5070, transport: tcp}",
		  "{uri: \"sips:core.example\"}", ":16: mw-next-hop.0.uri:", "not a URI" },
		{ "{address: 192.0.2.2, port: 5070, transport: tcp}", "",
		  ":16: mw-next-hop:", "neither" },
		{ "sec-agree:", "mw-domains: [\"a..b\"]\nsec-agree:", ":18: mw-domains.0:",
		  "not a domain" },
		{ "sec-agree:", "dns: {servers: [{address: a.b}]}\nsec-agree:",
		  ":18: dns.servers.0.address:", "not an IPv4" },
		{ "sec-agree:", "mw-mtu: 500\nsec-agree:", ":18: mw-mtu:", "576 to" },
		{ "local-in: true", "dscp: 64", ":12: gm.1.dscp:", "0 to 63" },
		{ "local-in: true", "device: a/b", ":12: gm.1.device:", "name of a device" },
		{ "local-in: true", "device: much-too-long-a-name", ":12: gm.1.device:",
		  "text of 0 to 15" },
		{ "hmac-md5-96/null", "hmac-sha-1-96/aes-gcm", ":20: sec-agree.suites.0:",
		  "not a suite; there are: null/aes-gcm, hmac-sha-1-96/aes-cbc, " },
		{ "suites: [hmac-md5-96/null, hmac-sha-1-96/aes-cbc]", "alg: [hmac-md5-96]",
		  ":19: sec-agree:", "together" },
		{ "suites: [hmac-md5-96/null, hmac-sha-1-96/aes-cbc]",
		  "alg: [\"null\"]\n  ealg: [aes-cbc]", "sec-agree.alg:", "Annex H" },
		{ "suites: [hmac-md5-96/null, hmac-sha-1-96/aes-cbc]",
		  "alg: [md5]\n  ealg: [aes-cbc]", ":20: sec-agree.alg.0:", "integrity" },
		{ "suites: [hmac-md5-96/null", "alg: [hmac-md5-96]\n  ealg: [aes-cbc]\n"
		  "  suites: [hmac-md5-96/null", "sec-agree.suites:", "either" },
		{ "burst: 50", "burst: 3", ":24: rates.source.burst:", "4 to" },
		{ "per-second: 5", "per-second: 9999999", ":24: rates.source.per-second:", "0 (no" },
		{ "retry-after: 9", "table: 10", ":24: rates.table:", "1024 to" },
		{ "semicolons: 100", "semicolons: 1", ":22: limits.semicolons:", "16 to" },
		{ "local-in: true", "local-in: 2", ":12: gm.1.local-in:",
		  "false or true or no or yes, not \"2\"" },
		{ "required: false", "required: perhaps", ":19: sec-agree.required:",
		  "false or true" },
		{ "scale: 10", "scale: 0", ":21: timers.scale:", "1 to" },
		{ "message: 8192", "message: 100", ":22: limits.message:", "1024 to" },
		{ "level: warning", "level: loud", ":23: log.level:", "must be" },
		{ "mw-trusted: [192.0.2.2]\n", "", ":1: mw-trusted:", "is missing" },
		{ "limits: {message: 8192, semicolons: 100}", "limits: [1]", ":22: limits:",
		  "keys and values: message, header-lines" },
		{ "100}", "100", ":23: this is not YAML: ", "the last key read is limits" },
		{ "gm:\n", "gm\n", ":5: this is not YAML: ", "the last key read is visited-network-id" },
	};
	char text[sizeof(good) + 128], err[CONFIG_ERROR];
	struct config cfg;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(good, rows[i].from);

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, rows[i].to,
			 at + strlen(rows[i].from));
		err[0] = '\0';
		if (!load(&cfg, text, err) || !strstr(err, rows[i].where) ||
		    !strstr(err, rows[i].what))
			fail_msg("%s -> %s: \"%s\"", rows[i].from, rows[i].to, err);
		assert_memory_equal(err, path, strlen(path));
	}
}

static void missing_and_empty_files(void **state)
{
	char err[CONFIG_ERROR];
	struct config cfg;

	(void)state;
	assert_int_equal(config_load(&cfg, "/nonexistent/gmgate.yaml", err), -1);
	assert_non_null(strstr(err, "No such file"));
	assert_int_equal(config_load(&cfg, "/tmp", err), -1);
	assert_string_equal(err, "/tmp: Is a directory");
	assert_int_equal(load(&cfg, "", err), -1);
	assert_int_equal(load(&cfg, "# nothing\n", err), -1);
	assert_int_equal(load(&cfg, "- a\n- b\n", err), -1);
}

/* The sample is good, and so it is with every commented line in force. */
static void the_sample(void **state)
{
	static const char sample[] = "../Documentation/gmgate.yaml";
	char err[CONFIG_ERROR] = "", line[256];
	struct config cfg, all;
	FILE *in, *out;

	(void)state;
	if (config_load(&cfg, sample, err))
		fail_msg("%s", err);
	in = fopen(sample, "r");
	out = fopen(path, "w");
	while (fgets(line, sizeof(line), in)) {
		/* "#key" is a default, "# word" is a comment. */
		size_t at = strspn(line, " ");

		if (line[at] == '#' && line[at + 1] != ' ' && line[at + 1] != '\n')
			memmove(line + at, line + at + 1, strlen(line + at));
		else if (!strncmp(line, "#  ", 3))
			memmove(line, line + 1, strlen(line));
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	if (config_load(&all, path, err))
		fail_msg("%s", err);
	assert_string_equal(all.trace, "/var/log/gmgate/trace.jsonl");
	memset(all.trace, 0, sizeof(all.trace));
	assert_memory_equal(&cfg, &all, sizeof(cfg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all),
		cmocka_unit_test(reads_the_core_side),
		cmocka_unit_test(defaults_are_safe),
		cmocka_unit_test(algorithms_are_independent),
		cmocka_unit_test(sec_agree_by_listener),
		cmocka_unit_test(reg_event_is_switched_off),
		cmocka_unit_test(reads_metrics),
		cmocka_unit_test(reads_emergency),
		cmocka_unit_test(reads_unregistered),
		cmocka_unit_test(refuses_with_line_and_key),
		cmocka_unit_test(missing_and_empty_files),
		cmocka_unit_test(the_sample),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
