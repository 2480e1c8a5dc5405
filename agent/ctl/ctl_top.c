// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl top - how much happens a second: a screen that renews itself on a
// terminal, else a line each time.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl_rates.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl top [-i SECONDS] [-n COUNT] [-t SECONDS]\n"
"\n"
"Registrations, messages, packets and drops a second: a screen that renews itself\n"
"on a terminal, else a line each time, with -j a document each.\n"
"\n"
"  -i SECONDS  between two looks (1)\n"
"  -n COUNT    ends after so many\n"
"  -t SECONDS  ends after so long\n";

struct shown {
	const char *name;
	uint64_t tenths;
};

#define SHOWN 11

static void rates_of(const struct ctl_rates *from, const struct ctl_rates *to,
		     struct shown out[SHOWN])
{
	const uint64_t *a = from->gate.counter, *b = to->gate.counter;
	uint64_t ms = to->at_ms - from->at_ms;
	const struct {
		const char *name;
		uint64_t from, to;
	} all[SHOWN] = {
		{ "registrations", from->registrations, to->registrations },
		{ "registers", from->registers, to->registers },
		{ "challenges", from->challenges, to->challenges },
		{ "messages", from->messages, to->messages },
		{ "requests-ue", from->requests_ue, to->requests_ue },
		{ "requests-core", from->requests_core, to->requests_core },
		{ "refusals", from->refused, to->refused },
		{ "in-packets", a[GMGATE_COUNTER_IN_PACKETS], b[GMGATE_COUNTER_IN_PACKETS] },
		{ "out-packets", a[GMGATE_COUNTER_OUT_PACKETS], b[GMGATE_COUNTER_OUT_PACKETS] },
		{ "in-bytes", a[GMGATE_COUNTER_IN_BYTES], b[GMGATE_COUNTER_IN_BYTES] },
		{ "drops", ctl_rates_drops(from), ctl_rates_drops(to) },
	};

	for (unsigned int i = 0; i < SHOWN; i++)
		out[i] = (struct shown){ all[i].name,
					 ctl_rates_tenths(all[i].from, all[i].to, ms) };
}

static void print_json(const struct ctl_rates *to, const struct shown *r)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	ctl_out_open(NULL, '{');
	ctl_out_number("time-ms", (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
	ctl_out_bool("agent", to->agent);
	ctl_out_bool("kernel", to->kernel);
	ctl_out_number("ues", to->ues);
	ctl_out_number("sets", to->sets);
	ctl_out_number("calls", to->calls);
	ctl_out_open("per-second", '{');
	for (unsigned int i = 0; i < SHOWN; i++)
		ctl_out_tenths(r[i].name, r[i].tenths);
	ctl_out_close('}');
	ctl_out_close('}');
}

static const char *clock_text(char out[16])
{
	time_t now = time(NULL);
	struct tm tm;

	strftime(out, 16, "%H:%M:%S", localtime_r(&now, &tm));
	return out;
}

static void print_line(const struct ctl_rates *to, const struct shown *r)
{
	char when[16];

	printf("%s ues %" PRIu64 " sets %" PRIu64 " calls %" PRIu64, clock_text(when), to->ues,
	       to->sets, to->calls);
	for (unsigned int i = 0; i < SHOWN; i++)
		printf(" %s/s %" PRIu64 ".%" PRIu64, r[i].name, r[i].tenths / 10, r[i].tenths % 10);
	putchar('\n');
}

/* What was dropped since the last look, with its reason. */
static void print_drops(const struct ctl_rates *from, const struct ctl_rates *to)
{
	const struct gate_name *n = gate_names_list(GATE_NAMES_DROP);

	for (; n->name; n++)
		if (to->gate.drop[n->value] > from->gate.drop[n->value])
			printf("  %s%-24s%s %8" PRIu64 "  %s\n", ctl_paint(CTL_BAD), n->name,
			       ctl_paint(CTL_PLAIN),
			       to->gate.drop[n->value] - from->gate.drop[n->value], n->doc);
}

static void print_screen(const struct ctl_rates *from, const struct ctl_rates *to,
			 const struct shown *r)
{
	char when[16];

	printf("\033[H\033[J%sgmgate%s  %s  %s%s%" PRIu64 " UEs, %" PRIu64 " sets, %" PRIu64
	       " calls\n\n", ctl_paint(CTL_BOLD), ctl_paint(CTL_PLAIN), clock_text(when),
	       to->agent ? "" : "(no agent) ", to->kernel ? "" : "(no kernel) ", to->ues, to->sets,
	       to->calls);
	for (unsigned int i = 0; i < SHOWN; i++)
		printf("  %-24s %10" PRIu64 ".%" PRIu64 " /s\n", r[i].name, r[i].tenths / 10,
		       r[i].tenths % 10);
	puts("");
	print_drops(from, to);
}

/* False: neither answers. */
static bool look(const struct ctl *ctl, struct gate *g, struct ctl_rates *r)
{
	bool kernel, agent;

	memset(r, 0, sizeof(*r));
	kernel = ctl_rates_of_kernel(r, g);
	agent = ctl_rates_of_agent(r, ctl);
	r->at_ms = ctl_now_ms();
	return kernel || agent;
}

static int show_all(const struct ctl *ctl, struct gate *g, const struct ctl_until *u)
{
	bool screen = !ctl->json && isatty(STDOUT_FILENO);
	uint64_t began = ctl_now_ms(), n = 0;
	struct shown rates[SHOWN];
	struct ctl_rates from, to;

	if (!look(ctl, g, &from))
		return ctl_error("neither the module nor an agent answers");
	ctl_until_interrupted();
	while (!ctl_until_over(u, n, ctl_now_ms() - began)) {
		if (!ctl_until_sleep(u->interval_ms))
			break;
		if (!look(ctl, g, &to))
			return ctl_error("neither the module nor an agent answers");
		rates_of(&from, &to, rates);
		if (ctl->json)
			print_json(&to, rates);
		else if (screen)
			print_screen(&from, &to, rates);
		else
			print_line(&to, rates);
		if (fflush(stdout))
			return CTL_FAILED;
		from = to;
		n++;
	}
	return CTL_OK;
}

int ctl_top(const struct ctl *ctl, int argc, char **argv)
{
	struct ctl_until u = { .interval_ms = 1000 };
	struct gate_error err;
	struct gate *g;
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (ctl_until_read(&u, "i", &argc, argv))
		return CTL_USAGE;
	if (argc > 1)
		return ctl_bad_usage("no such word: %s", argv[1]);
	g = gate_open(&err);
	if (!g)
		fprintf(stderr, "gmctl: without the kernel: %s\n", err.line);
	status = show_all(ctl, g, &u);
	gate_close(g);
	return status;
}
