// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl caps - what the module can do on this kernel.
#include <stdio.h>

#include "ctl.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl caps\n"
"\n"
"Version and limits of the module, and the pairs of algorithms that this kernel\n"
"can do; what is not listed is refused when a set is added.\n";

static void print_json(const struct gate_caps *c)
{
	unsigned int i;

	ctl_out_open(NULL, '{');
	ctl_out_number("version", c->version);
	ctl_out_number("max-sets", c->max_sets);
	ctl_out_number("max-temporary", c->max_temporary);
	ctl_out_open("suites", '[');
	for (i = 0; i < c->n_suites; i++) {
		ctl_out_open(NULL, '{');
		ctl_out_text("alg", gate_names_text(GATE_NAMES_ALG, c->suites[i].alg));
		ctl_out_text("ealg", gate_names_text(GATE_NAMES_EALG, c->suites[i].ealg));
		ctl_out_close('}');
	}
	ctl_out_close(']');
	ctl_out_close('}');
}

static void print_text(const struct gate_caps *c)
{
	char text[CTL_TEXT];
	unsigned int i;

	printf("version        %u\n", c->version);
	printf("max-sets       %u by default, for each endpoint\n", c->max_sets);
	printf("max-temporary  %u by default, for each endpoint\n", c->max_temporary);
	for (i = 0; i < c->n_suites; i++)
		printf("suite          %s\n", ctl_text_suite(c->suites[i], text));
}

int ctl_caps(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	struct gate_caps caps;
	struct gate *g;
	int status = CTL_OK;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("caps takes no words");
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_caps_get(g, &caps, &err))
		status = ctl_gate_error(&err);
	else if (ctl->json)
		print_json(&caps);
	else
		print_text(&caps);
	gate_close(g);
	return status;
}
