// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgated: the SIP half of gmgate.
 *
 *   gmgated --config FILE     run, in the foreground; SIGHUP reads the file anew
 *   gmgated --check FILE      read the configuration and say what is wrong
 *
 * One process, one loop, no threads.  main() is the order of things; on the
 * way out the endpoints stay declared, so that the gate goes on to drop clear
 * text, and the sets stay in the kernel and their UEs in the store, for the next
 * start.
 */
#include <getopt.h>
#include <osipparser2/osip_parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "caller.h"
#include "clock.h"
#include "config.h"
#include "config_host.h"
#include "control.h"
#include "dialog.h"
#include "dns.h"
#include "kernel.h"
#include "log.h"
#include "plain.h"
#include "loop.h"
#include "metrics_http.h"
#include "nexthop.h"
#include "notify.h"
#include "policy.h"
#include "privilege.h"
#include "proxy.h"
#include "random.h"
#include "reach.h"
#include "regevent.h"
#include "register.h"
#include "registrar.h"
#include "reload.h"
#include "restart.h"
#include "sip.h"
#include "spi.h"
#include "store.h"
#include "trace.h"
#include "transaction.h"
#include "transport.h"
#include "version.h"

#ifndef LIBOSIP2_VERSION
#define LIBOSIP2_VERSION "of unknown version"	/* without the Makefile */
#endif

static struct config config;

static void usage(FILE *to)
{
	fputs("usage: gmgated --config FILE            run\n"
	      "       gmgated --check [--config] FILE  check a configuration\n"
	      "       gmgated --version                print the version\n", to);
}

static void start_registrar(void)
{
	struct set_config sets = {
		.kernel = kernel_sets(),
		.endpoints = kernel_endpoints(),
		.max_sets = config.limits.sets,
		.max_temporary = config.limits.temporary_sets,
		.ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct registrar_config registrar = {
		.reg_await_auth = config.reg_await_auth,
		.drain = 64 * config.t1_gm,
		.gone = dialog_forget_ue,
		.changed = restart_changed,
		.rebound = regevent_rebound,
	};

	random_octets(&sets.cookie, sizeof(sets.cookie));
	spi_init(config.spi_min, config.spi_max, 64 * config.t1_gm);
	set_init(&sets);
	registrar_init(&registrar);
	regevent_init(&config);
	caller_init(&config);
	plain_init(&config);
}

/* Where the life before was ended, before the first message comes in. */
static int go_on(char *err)
{
	const struct restart_config restart = {
		.kernel = kernel_sets(),
		.endpoints = kernel_endpoints(),
		.n_endpoints = config.n_gm,
	};

	return restart_adopt(&restart, err);
}

static bool start_sip(void)
{
	const struct transaction_config transactions = {
		.t1_gm = config.t1_gm,
		.t1_mw = config.t1_mw,
		.unproven = config.limits.transactions,
		.send = transport_send,
		.party = registrar_party,
		.reach = reach_again,
	};

	parser_init();
	transaction_init(&transactions);
	nexthop_init(&config);
	register_init(&config);
	sip_init(&config);
	return proxy_init(&config);
}

static int start_dns(char *err)
{
	const struct dns_config dns = {
		.servers = config.dns.servers,
		.n_servers = config.dns.n_servers,
		.device = config.dns.device,
		.changed = nexthop_dns_changed,
	};

	if (!dns_init(&dns))
		return 0;
	snprintf(err, CONFIG_ERROR, "cannot use the DNS");
	return -1;
}

static int start_trace(char *err)
{
	int ret = trace_open(config.trace);

	if (ret)
		snprintf(err, CONFIG_ERROR, "cannot write %s (trace): %s", config.trace,
			 strerror(-ret));
	return ret;
}

static int start(char *err)
{
	const struct transport_ops ops = {
		.receive = sip_receive,
		.bounced = transaction_client_bounced,
		.closed = transaction_connection_closed,
	};

	if (loop_init()) {
		snprintf(err, CONFIG_ERROR, "cannot make the event loop");
		return -1;
	}
	if (kernel_open(&config, err) || privilege_prepare(&config, err) ||
	    metrics_http_open(&config, err) || privilege_drop(&config, err))
		return -1;
	/* Before the kernel: a second agent of the instance must not touch the first one's. */
	if (store_open(config.store, config.instance, err))
		return -1;
	/* From here on clear text is dropped; before it, nobody listens. */
	if (kernel_declare(&config, err))
		return -1;
	if (start_trace(err))
		return -1;
	if (start_dns(err))
		return -1;
	if (!admission_init(&config) || !policy_init(&config)) {
		snprintf(err, CONFIG_ERROR, "out of memory");
		return -1;
	}
	start_registrar();
	if (!start_sip()) {
		snprintf(err, CONFIG_ERROR, "out of memory");
		return -1;
	}
	if (go_on(err))
		return -1;
	if (transport_open(&config, &ops, err) || control_open(&config, err))
		return -1;
	return 0;
}

static void stop(void)
{
	metrics_http_close();
	control_close();
	register_exit();
	regevent_exit();
	proxy_exit();
	transaction_exit();
	/* What ends from here on goes on in the kernel and in the store. */
	store_close();
	registrar_exit();
	transport_close();
	nexthop_exit();
	dns_exit();
	kernel_close();
	spi_exit();
	admission_exit();
	policy_exit();
	trace_close();
	loop_exit();
	clock_exit();
}

static void on_hangup(void)
{
	struct octets report = { 0 };

	reload_now(&report);
	octets_free(&report);
}

static int run(const char *file)
{
	char err[CONFIG_ERROR] = "";
	int ret;

	reload_init(&config, file);
	ret = start(err);
	if (ret) {
		log_error("%s", err);
	} else {
		log_info("ready: instance %u, %u Gm addresses, built with libosip2 %s, clock x%u",
			 config.instance, config.n_gm, LIBOSIP2_VERSION, config.scale);
		loop_on_hangup(on_hangup);
		notify_ready("%u Gm addresses, %u UEs taken over", config.n_gm,
			     restart_stats.ues);
		loop_run();
		notify_stopping();
	}
	stop();
	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'k' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *file = NULL;
	char err[CONFIG_ERROR];
	bool check = false;
	int c;

	while ((c = getopt_long(argc, argv, "hV", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return EXIT_SUCCESS;
		}
		if (c == 'V') {
			puts("gmgated " GMGATE_VERSION);
			return EXIT_SUCCESS;
		}
		if (c == '?') {
			usage(stderr);
			return EXIT_FAILURE;
		}
		if (c == 'k')
			check = true;
		else
			file = optarg;
	}
	if (check && !file && optind < argc)
		file = argv[optind++];
	if (!file || optind != argc) {
		usage(stderr);
		return EXIT_FAILURE;
	}
	log_init(LOG_LEVEL_INFO);
	if (config_load(&config, file, err)) {
		fprintf(stderr, "%s\n", err);
		return EXIT_FAILURE;
	}
	if (check) {
		unsigned int n = config_host_check(&config, file, stderr);

		printf("%s: fine%s\n", file, n ? ", but see the warnings for this host" : "");
		return EXIT_SUCCESS;
	}
	log_init(config.log_level);
	clock_init(config.scale);
	return run(file);
}
