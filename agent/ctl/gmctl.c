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
#include "version.h"

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
	const struct ctl_command *c;

	fputs("Usage: gmctl [-j] [-c WHEN] [-s SOCKET] SUBCOMMAND ...\n\n", to);
	for (c = ctl_commands; c->name; c++)
		fprintf(to, "  %-15s %s\n", c->name, c->help);
	fputs("\n  -j         JSON; may also follow the subcommand\n"
	      "  -c WHEN    colour: auto, always or never\n"
	      "  -s SOCKET  control socket of the agent (" CTL_CONTROL ")\n"
	      "\ngmctl SUBCOMMAND -h tells more; gmctl(8) tells all.\n", to);
}

/* -j and -h stand anywhere behind a subcommand. */
static void take_options(struct ctl *ctl, int *argc, char **argv)
{
	int i, n = 1;
	bool help = false;

	for (i = 1; i < *argc; i++) {
		if (!strcmp(argv[i], "-j") || !strcmp(argv[i], "--json"))
			ctl->json = true;
		else if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help"))
			help = true;
		else
			argv[n++] = argv[i];
	}
	if (help) {
		static char word[] = "-h";

		/* there was room for it */
		argv[1] = word;
		n = 2;
	}
	argv[n] = NULL;
	*argc = n;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	const struct ctl_command *c;
	int status;

	take_options(ctl, &argc, argv);
	for (c = ctl_commands; c->name; c++) {
		if (strcmp(c->name, argv[0]))
			continue;
		status = c->fn(ctl, argc, argv);
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
		{ "color", required_argument, NULL, 'c' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct ctl ctl = { .control = CTL_CONTROL };
	const char *colour = "auto";
	int o;

	/* +: what follows the subcommand is the subcommand's */
	while ((o = getopt_long(argc, argv, "+jc:s:hV", longs, NULL)) != -1) {
		switch (o) {
		case 'j':
			ctl.json = true;
			break;
		case 'c':
			colour = optarg;
			break;
		case 's':
			ctl.control = optarg;
			break;
		case 'h':
			print_help(stdout);
			return CTL_OK;
		case 'V':
			puts("gmctl " GMGATE_VERSION);
			return CTL_OK;
		default:
			print_help(stderr);
			return CTL_USAGE;
		}
	}
	if (!ctl_colour_choose(colour))
		return ctl_bad_usage("-c: auto, always or never");
	if (optind == argc) {
		print_help(stderr);
		return CTL_USAGE;
	}
	return run(&ctl, argc - optind, argv + optind);
}
