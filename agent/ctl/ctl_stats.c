// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl stats - what kernel and agent count, with what it means and what to do.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl_agent.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl stats [-z] [kernel|agent]\n"
"\n"
"Counters of this network namespace and how often each drop reason applied;\n"
"then those of the agent, with how often it refused by each rule and the rule's\n"
"clause. Each with its meaning; drops and refusals that have happened with what\n"
"to do about them. Where no agent answers there are the kernel's alone.\n"
"\n"
"  -z      without the lines whose count is 0\n"
"  kernel  only those of the kernel\n"
"  agent   only those of the agent\n";

struct wanted {
	bool zeros, kernel, agent;
};

static void print_line(const char *name, uint64_t n, const char *doc, enum ctl_paint p)
{
	printf("%-32s %s%12" PRIu64 "%s  %s", name, ctl_paint(n ? p : CTL_PLAIN), n,
	       ctl_paint(CTL_PLAIN), doc);
}

static void print_advice(uint64_t n, const char *advice)
{
	if (n && *advice)
		printf("%47s%sdo: %s%s\n", "", ctl_paint(CTL_WARN), advice, ctl_paint(CTL_PLAIN));
}

/* ---- the kernel's ---- */

static bool is_counted(enum gate_names_of which, const struct gate_name *n)
{
	return which != GATE_NAMES_DROP || n->value != GMGATE_DROP_UNSPEC;
}

static void put_json(const char *key, enum gate_names_of which, const uint64_t *count)
{
	const struct gate_name *n = gate_names_list(which);

	ctl_out_open(key, '{');
	for (; n->name; n++)
		if (is_counted(which, n))
			ctl_out_number(n->name, count[n->value]);
	ctl_out_close('}');
}

static void print_text(const struct wanted *w, enum gate_names_of which, const uint64_t *count)
{
	const struct gate_name *n = gate_names_list(which);
	bool drops = which == GATE_NAMES_DROP;

	for (; n->name; n++) {
		if (!is_counted(which, n) || (!w->zeros && !count[n->value]))
			continue;
		print_line(n->name, count[n->value], n->doc, drops ? CTL_BAD : CTL_PLAIN);
		putchar('\n');
		if (drops)
			print_advice(count[n->value], ctl_advice(n->value));
	}
}

static int kernel_stats(const struct ctl *ctl, const struct wanted *w)
{
	struct gate_error err;
	struct gate_stats stats;
	struct gate *g = ctl_gate(ctl);
	int status = CTL_OK;

	if (!g)
		return CTL_FAILED;
	if (gate_stats_get(g, &stats, &err)) {
		status = ctl_gate_error(&err);
	} else if (ctl->json) {
		ctl_out_open(NULL, '{');
		put_json("counters", GATE_NAMES_COUNTER, stats.counter);
		put_json("drops", GATE_NAMES_DROP, stats.drop);
	} else {
		print_text(w, GATE_NAMES_COUNTER, stats.counter);
		print_text(w, GATE_NAMES_DROP, stats.drop);
	}
	gate_close(g);
	return status;
}

/* ---- the agent's ---- */

static void print_counter(const struct ctl_json *c)
{
	uint64_t n = ctl_json_number(c, "value");
	const char *clause = ctl_json_text(c, "clause"), *advice = ctl_json_text(c, "advice");
	char name[80];

	snprintf(name, sizeof(name), "%s.%s", ctl_json_text(c, "group"), ctl_json_text(c, "name"));
	print_line(name, n, ctl_json_text(c, "meaning"), *advice ? CTL_BAD : CTL_PLAIN);
	printf("%s%s%s\n", *clause ? " (" : "", clause, *clause ? ")" : "");
	print_advice(n, advice);
}

static void put_counter(const struct ctl_json *c)
{
	const struct ctl_json *m;

	ctl_out_open(NULL, '{');
	for (m = c->child; m; m = m->next) {
		if (!strcmp(m->key, "value"))
			ctl_out_number(m->key, ctl_json_number(c, m->key));
		else if (!strcmp(m->key, "level"))
			ctl_out_bool(m->key, ctl_json_bool(c, m->key));
		else if (m->text)
			ctl_out_text(m->key, m->text);
	}
	ctl_out_close('}');
}

static int agent_stats(const struct ctl *ctl, const struct wanted *w)
{
	struct octets request = { 0 };
	const struct ctl_json *c;
	struct ctl_json *j;

	octets_puts(&request, "stats");
	j = ctl_agent_one(ctl, &request);
	if (!j)
		return CTL_FAILED;
	c = ctl_json_at(j, "counters");
	if (ctl->json) {
		if (!w->kernel)
			ctl_out_open(NULL, '{');
		ctl_out_open("agent", '[');
	}
	for (c = c ? c->child : NULL; c; c = c->next) {
		if (ctl->json)
			put_counter(c);
		else if (w->zeros || ctl_json_number(c, "value"))
			print_counter(c);
	}
	if (ctl->json)
		ctl_out_close(']');
	ctl_json_free(j);
	return CTL_OK;
}

static int stats(const struct ctl *ctl, const struct wanted *w)
{
	int status = w->kernel ? kernel_stats(ctl, w) : CTL_OK, of_agent;

	if (status)
		return status;
	/* Without an agent the kernel's are what there is. */
	of_agent = w->agent && (!w->kernel || !access(ctl->control, F_OK)) ?
		   agent_stats(ctl, w) : CTL_OK;
	if (ctl->json && (w->kernel || !of_agent))
		ctl_out_close('}');
	return of_agent;
}

int ctl_stats(const struct ctl *ctl, int argc, char **argv)
{
	struct wanted w = { .zeros = true, .kernel = true, .agent = true };
	int i;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-z"))
			w.zeros = false;
		else if (!strcmp(argv[i], "kernel") && w.kernel)
			w.agent = false;
		else if (!strcmp(argv[i], "agent") && w.agent)
			w.kernel = false;
		else
			return ctl_bad_usage("no such word: %s", argv[i]);
	}
	return stats(ctl, &w);
}
