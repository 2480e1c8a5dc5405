// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl stats - counters and drop reasons of the namespace, with what they
// mean.
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl stats [-z]\n"
"\n"
"Counters of this network namespace and how often each drop reason applied,\n"
"with its meaning.\n"
"\n"
"  -z  without the lines whose count is 0\n";

static void print_json(const char *key, enum gate_names_of which, const uint64_t *count)
{
	const struct gate_name *n = gate_names_list(which);

	ctl_out_open(key, '{');
	for (; n->name; n++)
		if (which != GATE_NAMES_DROP || n->value != GMGATE_DROP_UNSPEC)
			ctl_out_number(n->name, count[n->value]);
	ctl_out_close('}');
}

static void print_text(enum gate_names_of which, const uint64_t *count, bool zeros)
{
	const struct gate_name *n = gate_names_list(which);

	for (; n->name; n++) {
		if (which == GATE_NAMES_DROP && n->value == GMGATE_DROP_UNSPEC)
			continue;
		if (zeros || count[n->value])
			printf("%-20s %10" PRIu64 "  %s\n", n->name, count[n->value], n->doc);
	}
}

int ctl_stats(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	struct gate_stats stats;
	struct gate *g;
	bool zeros = true;
	int status = CTL_OK;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc == 2 && argv[1][0] == '-' && argv[1][1] == 'z' && !argv[1][2])
		zeros = false;
	else if (argc > 1)
		return ctl_bad_usage("no such word: %s", argv[1]);
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_stats_get(g, &stats, &err)) {
		status = ctl_gate_error(&err);
	} else if (ctl->json) {
		ctl_out_open(NULL, '{');
		print_json("counters", GATE_NAMES_COUNTER, stats.counter);
		print_json("drops", GATE_NAMES_DROP, stats.drop);
		ctl_out_close('}');
	} else {
		print_text(GATE_NAMES_COUNTER, stats.counter, zeros);
		print_text(GATE_NAMES_DROP, stats.drop, zeros);
	}
	gate_close(g);
	return status;
}
