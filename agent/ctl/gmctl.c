// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl - look at and steer gmgate: the kernel half over generic netlink, the
// agent over its control socket.  Every subcommand has a file of its own.
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const struct {
	const char *name;
	ctl_fn *fn;
	const char *help;
} subcommands[] = {
	{ "status",	ctl_status,	"what the agent is doing" },
	{ "ue",		ctl_ue,		"the UEs that are registered" },
	{ "set",	ctl_set,	"SA sets of the kernel: list, show, add, load, change, del" },
	{ "endpoint",	ctl_endpoint,	"protected endpoints of the kernel: list, add, del" },
	{ "caps",	ctl_caps,	"what the module can do on this kernel" },
	{ "stats",	ctl_stats,	"counters and drop reasons, with their meaning" },
	{ "monitor",	ctl_monitor,	"events of the kernel as they happen" },
	{ "pcscf-discovery", ctl_pcscf_discovery, "how phones find this P-CSCF: SMF, DHCP, DNS" },
	{ "pco",	ctl_pco,	"protocol configuration options: decode, encode" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

int ctl_error(const char *fmt, ...)
{
	va_list ap;

	fputs("gmctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CTL_FAILED;
}

int ctl_bad_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("gmctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CTL_USAGE;
}

int ctl_gate_error(const struct gate_error *err)
{
	return ctl_error("%s", err->line);
}

struct gate *ctl_gate(const struct ctl *ctl)
{
	struct gate_error err;
	struct gate *g = gate_open(&err);

	if (!g)
		ctl_gate_error(&err);
	else
		gate_as(g, ctl->instance);
	return g;
}

bool ctl_wants_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") ||
			    !strcmp(argv[1], "help"));
}

int ctl_verb_run(const struct ctl_verb *verbs, const char *help, const struct ctl *ctl,
		 int argc, char **argv)
{
	const struct ctl_verb *v;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc < 2)
		return ctl_bad_usage("%s: say what to do; see gmctl %s -h", argv[0], argv[0]);
	for (v = verbs; v->name; v++)
		if (!strcmp(v->name, argv[1])) {
			if (ctl_wants_help(argc - 1, argv + 1)) {
				fputs(help, stdout);
				return CTL_OK;
			}
			return v->fn(ctl, argc - 1, argv + 1);
		}
	return ctl_bad_usage("%s: no verb %s; see gmctl %s -h", argv[0], argv[1], argv[0]);
}

static void print_help(FILE *to)
{
	size_t i;

	fputs("Usage: gmctl [-j] [-s SOCKET] SUBCOMMAND ...\n\n", to);
	for (i = 0; i < SUBCOMMANDS; i++)
		fprintf(to, "  %-15s %s\n", subcommands[i].name, subcommands[i].help);
	fputs("\n  -j         JSON\n"
	      "  -s SOCKET  control socket of the agent (" CTL_CONTROL ")\n"
	      "\ngmctl SUBCOMMAND -h tells more; gmctl(8) tells all.\n", to);
}

static int run(const struct ctl *ctl, int argc, char **argv)
{
	size_t i;
	int status;

	for (i = 0; i < SUBCOMMANDS; i++) {
		if (strcmp(subcommands[i].name, argv[0]))
			continue;
		status = subcommands[i].fn(ctl, argc, argv);
		/* a full disk must not look like success */
		if (fflush(stdout) || ferror(stdout))
			return ctl_error("cannot write: %s", strerror(errno));
		return status;
	}
	return ctl_bad_usage("no subcommand %s; see gmctl -h", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct ctl ctl = { .control = CTL_CONTROL };
	int o;

	/* +: what follows the subcommand is the subcommand's */
	while ((o = getopt_long(argc, argv, "+js:h", longs, NULL)) != -1) {
		switch (o) {
		case 'j':
			ctl.json = true;
			break;
		case 's':
			ctl.control = optarg;
			break;
		case 'h':
			print_help(stdout);
			return CTL_OK;
		default:
			print_help(stderr);
			return CTL_USAGE;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return CTL_USAGE;
	}
	return run(&ctl, argc - optind, argv + optind);
}
