// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration that is in force: shown with all its keys, it is a file that makes
 * the same of it; and what of another one can come into force at run time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config_file.h"
#include "config_keys.h"
#include "reload_plan.h"

#define BASE								\
	"instance: 1\nuser: nobody\nvisited-network-id: visited.example\n"	\
	"spi: {min: 0x10000000, max: 0x1fffffff}\n"
#define GM(address) "{address: \"" address "\", port-s: 6100, port-c: [6101, 6102, 6103, 6104]}"
#define CORE								\
	"mw-next-hop: [{address: 198.51.100.2}]\nmw-trusted: [198.51.100.2]\n"

static const char least[] = BASE "gm: [" GM("192.0.2.10") "]\nmw: [{address: 198.51.100.1}]\n" CORE;

/* Every key with a value that is not its default, and whatever form a value can have. */
static const char most[] =
	"instance: 7\n"
	"user: nobody\n"
	"control: /run/other/control.sock\n"
	"store: /run/other/store\n"
	"trace: \"/var/log/tr\\u00e4ce \\\"1\\\" \\\\ \\U0001f4de\\t.jsonl\"\n"
	"visited-network-id: \"bes\xc3\xbc" "cht.example\"\n"
	"reg-event: no\n"
	"gm:\n"
	"  - {address: 192.0.2.10, port: 5070, port-s: 6100, port-c: [6101, 6102, 6103, 6104],\n"
	"     local-in: yes, relaxed: yes, key-export: yes, device: gm0, dscp: 40, sec-agree-required: yes,\n"
	"     emergency-unregistered: refuse}\n"
	"  - {address: \"2001:db8::10\", port-s: 6100, port-c: [6101, 6102, 6103, 6104, 6105]}\n"
	"spi: {min: 256, max: 0xffffffff}\n"
	"mw:\n"
	"  - {address: \"2001:db8:1::1\", port: 5062, device: mw0, dscp: 26}\n"
	"  - {address: 198.51.100.1}\n"
	"mw-mtu: 9000\n"
	"mw-next-hop:\n"
	"  - {address: 198.51.100.2, transport: tcp, priority: 1, weight: 2}\n"
	"  - {address: \"2001:DB8:1::2\", port: 5063}\n"
	"  - {uri: \"sip:icscf.example.org\"}\n"
	"  - {uri: \"sip:icscf.example.org:5064;transport=tcp\"}\n"
	"  - {uri: \"sip:[2001:db8:1::3]\"}\n"
	"  - {uri: \"sip:198.51.100.3:5060;transport=udp\"}\n"
	"mw-trusted: [198.51.100.0/24, \"2001:db8:1::/48\", \"2001:db8:2::1\"]\n"
	"mw-domains: [\"*.3gppnetwork.org\", example.org]\n"
	"dns: {servers: [{address: 198.51.100.53}, {address: \"::1\", port: 5353}], device: mw0,\n"
	"      trust: yes}\n"
	"emergency:\n"
	"  next-hop: \"sip:ecscf.example.org:5065;transport=tcp\"\n"
	"  undetected: route\n"
	"  unregistered: route\n"
	"  numbers: [{number: \"112\"}, {number: \"110\", service: sos.police}]\n"
	"sec-agree:\n"
	"  required: no\n"
	"  remember: 5000\n"
	"  alg: [hmac-sha-1-96, \"null\", aes-gmac]\n"
	"  ealg: [aes-cbc, \"null\", aes-gcm, des-ede3-cbc]\n"
	"timers: {scale: 3, reg-await-auth: 100, t1-gm: 1500, t1-mw: 600}\n"
	"limits: {message: 20000, header-lines: 100, line: 5000, commas: 50, semicolons: 200,\n"
	"         temporary-sets: 900, sets: 5000, transactions: 8000, connections: 700,\n"
	"         connection-idle: 33, emergency-calls: 77, ues-without-sec-agree: 66}\n"
	"rates: {source: {per-second: 0, burst: 4}, impi: {per-second: 2, burst: 30},\n"
	"        all: {per-second: 3000, burst: 5000}, emergency: {per-second: 8, burst: 9},\n"
	"        table: 2048, retry-after: 7}\n"
	"log: {level: debug}\n"
	"metrics: {address: \"::1\", port: 9464}\n";

static void read_config(struct config *cfg, const char *text)
{
	char err[CONFIG_ERROR] = "";

	if (load_text(cfg, text, err))
		fail_msg("%s: %s", err, text);
}

/* Whatever it was made of, it makes the same of what it shows. */
static void goes_round(const char *text)
{
	struct config first, second;
	struct octets shown = { 0 }, again = { 0 };

	read_config(&first, text);
	config_show(&first, &shown);
	octets_put(&shown, (struct str){ "", 1 });
	read_config(&second, shown.p);
	config_show(&second, &again);
	octets_put(&again, (struct str){ "", 1 });
	assert_string_equal(shown.p, again.p);
	/* And not only in what is shown. */
	second.default_suites = first.default_suites;
	assert_memory_equal(&first, &second, sizeof(first));
	octets_free(&shown);
	octets_free(&again);
}

static void shown_it_is_a_configuration(void **state)
{
	(void)state;
	goes_round(least);
	goes_round(most);
}

static char *file_text(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(f);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

static void the_sample_goes_round(void **state)
{
	char *text = file_text("../Documentation/gmgate.yaml");

	(void)state;
	goes_round(text);
	free(text);
}

/* A key that the sample explains but the table does not have would be found here. */
static void every_key_of_the_sample_is_shown(void **state)
{
	char *text = file_text("../Documentation/gmgate.yaml"), *save = NULL, quoted[64];
	struct octets shown = { 0 };
	unsigned int n = 0;
	struct config cfg;

	(void)state;
	read_config(&cfg, text);
	config_show(&cfg, &shown);
	octets_put(&shown, (struct str){ "", 1 });
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		size_t key;

		l += *l == '#';
		l += strspn(l, " -");
		key = strspn(l, "abcdefghijklmnopqrstuvwxyz0123456789-");
		if (!key || l[key] != ':' || (l[key + 1] && l[key + 1] != ' '))
			continue;
		/* It shows where there is one. */
		if (!strncmp(l, "metrics:", 8))
			continue;
		/* Other ways to say the same. */
		if (!strncmp(l, "alg:", 4) || !strncmp(l, "ealg:", 5) || !strncmp(l, "uri:", 4))
			continue;
		snprintf(quoted, sizeof(quoted), "\"%.*s\":", (int)key, l);
		if (!strstr(shown.p, quoted))
			fail_msg("%s is not shown", quoted);
		n++;
	}
	assert_true(n > 40);
	octets_free(&shown);
	free(text);
}

/* Both differ in every key, so that a key that is not in the table would be found. */
static void count(const char *key, void *arg)
{
	(void)key;
	(*(unsigned int *)arg)++;
}

static void every_key_is_compared(void **state)
{
	static const char * const all[] = {
		"instance", "control", "store", "trace", "visited-network-id", "reg-event", "gm",
		"spi", "mw", "mw-mtu", "mw-next-hop", "mw-trusted", "mw-domains", "dns",
		"emergency", "sec-agree", "timers", "limits", "rates", "log",
	};
	unsigned int n = 0;
	struct config a, b;

	(void)state;
	read_config(&a, least);
	read_config(&b, most);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(config_differs(&a, &b, all[i]));
		assert_false(config_differs(&a, &a, all[i]));
	}
	/* All that the schema has below them, but for the user. */
	config_diff(&a, &b, count, &n);
	assert_int_equal(n, 48);
	n = 0;
	config_diff(&b, &b, count, &n);
	assert_int_equal(n, 0);
	/* A prefix of a name is none of its key. */
	assert_true(config_differs(&a, &b, "mw-mtu"));
	assert_false(config_differs(&a, &b, "mw-m"));
}

static void a_bad_one_is_found(void **state)
{
	char err[CONFIG_ERROR] = "";
	struct config cfg;

	(void)state;
	read_config(&cfg, least);
	assert_int_equal(config_check(&cfg, err), 0);
	cfg.mw[0] = cfg.gm[0].unprotected;
	assert_int_equal(config_check(&cfg, err), -1);
	assert_string_equal(err, "mw.0: is an address of gm, too; where a request came in decides "
			    "what it may do");
}

/* --- what can come into force --- */

static char kept[1024];
static unsigned int sets_of[CONFIG_MAX_GM], callers_of[CONFIG_MAX_GM], plain_of[CONFIG_MAX_GM];
static unsigned int ues;

static void note(const char *key, void *arg)
{
	(void)arg;
	strcat(strcat(kept, key), "\n");
}

static unsigned int sets(uint8_t gm)
{
	return sets_of[gm];
}

static unsigned int callers(uint8_t gm)
{
	return callers_of[gm];
}

static unsigned int plain_ues(uint8_t gm)
{
	return plain_of[gm];
}

static unsigned int count_ues(void)
{
	return ues;
}

static struct reload_plan plan;

static int make_plan(const struct config *now, struct config *next, char *err)
{
	kept[0] = '\0';
	plan = (struct reload_plan){
		.kept = note, .sets = sets, .callers = callers, .plain = plain_ues,
		.ues = count_ues,
	};
	return reload_plan(now, next, &plan, err);
}

static int start_anew(void **state)
{
	(void)state;
	memset(sets_of, 0, sizeof(sets_of));
	memset(callers_of, 0, sizeof(callers_of));
	memset(plain_of, 0, sizeof(plain_of));
	ues = 0;
	return 0;
}

static void what_needs_a_restart_is_named(void **state)
{
	char err[CONFIG_ERROR] = "";
	struct config now, next;

	(void)state;
	read_config(&now, least);
	read_config(&next, most);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "instance\ncontrol\nstore\nspi.min\nspi.max\nsec-agree.remember\n"
			    "timers.scale\nlimits.sets\nmetrics\n"
			    "gm (192.0.2.10: only sec-agree-required, "
			    "emergency-unregistered and key-export can change)\n");
	assert_int_equal(next.instance, 1);
	assert_string_equal(next.store, now.store);
	assert_int_equal(next.scale, 1);
	assert_int_equal(next.limits.sets, 1000000);
	/* All else is as the file has it. */
	assert_int_equal(next.t1_gm, 1500);
	assert_int_equal(next.limits.message, 20000);
	assert_int_equal(next.n_next_hops, 6);
	assert_int_equal(next.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(next.gm[0].unprotected.port, 5060);
	assert_true(next.gm[0].secagree_required);
	assert_false(next.gm[1].secagree_required);
	assert_int_equal(plan.open_gm, 2);
	assert_int_equal(plan.close_gm, 0);
	assert_int_equal(plan.open_mw, 1);
}

static void nothing_changed_is_nothing(void **state)
{
	char err[CONFIG_ERROR] = "";
	struct config now, next;
	unsigned int n = 0;

	(void)state;
	read_config(&now, most);
	read_config(&next, most);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "");
	assert_false(plan.open_gm || plan.close_gm || plan.open_mw);
	config_diff(&now, &next, count, &n);
	assert_int_equal(n, 0);
}

/* Addresses keep their places, whatever the file does with the order. */
static void addresses_come_and_go(void **state)
{
	static const char three[] = BASE "gm: [" GM("192.0.2.10") ", " GM("192.0.2.11") ", "
				    GM("192.0.2.12") "]\nmw: [{address: 198.51.100.1}]\n" CORE;
	static const char others[] = BASE "gm: [" GM("192.0.2.13") ", " GM("192.0.2.12") ", "
				     GM("192.0.2.10") "]\nmw: [{address: 198.51.100.1}]\n" CORE;
	char err[CONFIG_ERROR] = "";
	struct config now, next;

	(void)state;
	read_config(&now, three);
	read_config(&next, others);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "");
	assert_int_equal(plan.close_gm, 1 << 1);
	assert_int_equal(plan.open_gm, 1 << 3);
	assert_int_equal(next.n_gm, 4);
	assert_string_equal(addr_host(&next.gm[0].unprotected), "192.0.2.10");
	assert_int_equal(next.gm[1].unprotected.family, 0);
	assert_string_equal(addr_host(&next.gm[2].unprotected), "192.0.2.12");
	assert_string_equal(addr_host(&next.gm[3].unprotected), "192.0.2.13");
	/* Back again: the place that is free is not asked for as long as there are others. */
	now = next;
	read_config(&next, three);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_int_equal(plan.close_gm, 1 << 3);
	assert_int_equal(plan.open_gm, 1 << 4);
	/* One that has UEs stays, and is named. */
	read_config(&now, three);
	read_config(&next, others);
	sets_of[1] = 2;
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "gm (192.0.2.11: has 2 SA sets)\n");
	assert_int_equal(plan.close_gm, 0);
	assert_string_equal(addr_host(&next.gm[1].unprotected), "192.0.2.11");
	/* And one over which somebody without a registration calls for help. */
	read_config(&next, others);
	sets_of[1] = 0;
	callers_of[1] = 1;
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "gm (192.0.2.11: has 1 emergency calls)\n");
	assert_int_equal(plan.close_gm, 0);
	/* And one where UEs are registered in clear. */
	read_config(&next, others);
	callers_of[1] = 0;
	plain_of[1] = 3;
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "gm (192.0.2.11: has 3 UEs without sec-agree)\n");
	assert_int_equal(plan.close_gm, 0);
}

static void too_many_addresses_with_those_that_stay(void **state)
{
	char err[CONFIG_ERROR] = "", text[4096], *at = text;
	struct config now, next;

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		at = text + sprintf(text, BASE "gm:\n");
		for (int i = 0; i < CONFIG_MAX_GM; i++)
			at += sprintf(at, "  - {address: 192.0.%d.%d, port-s: 6100, "
				      "port-c: [6101, 6102, 6103, 6104]}\n", turn + 2, i + 1);
		strcpy(at, "mw: [{address: 198.51.100.1}]\n" CORE);
		read_config(turn ? &next : &now, text);
	}
	/* All of them are replaced, in the places of the old. */
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_int_equal(plan.close_gm, 0xffff);
	assert_int_equal(plan.open_gm, 0xffff);
	read_config(&next, text);
	sets_of[3] = 1;
	assert_int_equal(make_plan(&now, &next, err), -1);
	assert_non_null(strstr(err, "at most 16"));
}

static void the_core_side(void **state)
{
	static const char two[] = BASE "gm: [" GM("192.0.2.10") "]\n"
		"mw: [{address: \"2001:db8::1\"}, {address: 198.51.100.1}]\n" CORE;
	static const char moved[] = BASE "gm: [" GM("192.0.2.10") "]\n"
		"mw: [{address: \"2001:db8::1\"}]\n"
		"mw-next-hop: [{address: \"2001:db8::2\"}]\nmw-trusted: [\"2001:db8::2\"]\n";
	static const char other_dscp[] = BASE "gm: [" GM("192.0.2.10") "]\n"
		"mw: [{address: 198.51.100.1, dscp: 8}]\n" CORE;
	char err[CONFIG_ERROR] = "";
	struct config now, next;

	(void)state;
	ues = 1;
	read_config(&now, least);
	read_config(&next, two);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "");
	assert_int_equal(plan.open_mw, 1);
	read_config(&next, other_dscp);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "mw (device and dscp of an address cannot change)\n");
	assert_int_equal(next.mw_link[0].dscp, 0);
	/* The core has our IPv4 address in a Path; and the next hop has no IPv4 then. */
	read_config(&next, moved);
	assert_int_equal(make_plan(&now, &next, err), -1);
	assert_string_equal(err, "with what has to stay until a restart, mw-next-hop.0: mw has no "
			    "address of its family");
	ues = 0;
	read_config(&next, moved);
	assert_int_equal(make_plan(&now, &next, err), 0);
	assert_string_equal(kept, "");
	assert_int_equal(next.n_mw, 1);
	assert_int_equal(plan.open_mw, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown_it_is_a_configuration),
		cmocka_unit_test(the_sample_goes_round),
		cmocka_unit_test(every_key_of_the_sample_is_shown),
		cmocka_unit_test(every_key_is_compared),
		cmocka_unit_test(a_bad_one_is_found),
		cmocka_unit_test_setup(what_needs_a_restart_is_named, start_anew),
		cmocka_unit_test_setup(nothing_changed_is_nothing, start_anew),
		cmocka_unit_test_setup(addresses_come_and_go, start_anew),
		cmocka_unit_test_setup(too_many_addresses_with_those_that_stay, start_anew),
		cmocka_unit_test_setup(the_core_side, start_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
