// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl watch - what happens, a line each: the agent's events, those of the
// kernel, and every second what the kernel has dropped meanwhile.
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl_agent.h"
#include "ctl_rates.h"
#include "gate_names.h"

#define TICK_MS 1000

static const char help[] =
"Usage: gmctl watch [-n COUNT] [-t SECONDS] [kernel|agent] [who TEXT]\n"
"\n"
"Prints a line for each event as it happens: of the agent registrations, SA sets,\n"
"refusals and failures with their clause; of the kernel its events, and every second\n"
"what it has dropped meanwhile. Goes on until interrupted, or nobody reads.\n"
"\"lost\" says that events came faster than they could be read.\n"
"\n"
"  -n COUNT    ends after so many\n"
"  -t SECONDS  ends after so long\n"
"  kernel      only what the kernel tells\n"
"  agent       only what the agent tells\n"
"  who TEXT    of the agent only what is about whoever has TEXT in his IMPI or address\n";

struct watching {
	const struct ctl *ctl;
	struct ctl_until until;
	const char *who;
	uint64_t began, n, tick;	/* ms; events printed; ms of the next look at drops */
	struct gate *gate;		/* NULL: not wanted, or not to be had */
	struct ctl_rates last;
	struct ctl_agent agent;
	bool agent_wanted, agent_there;
};

/* ---- printing ---- */

static void on_kernel(const struct gate_event *e, void *arg)
{
	struct watching *w = arg;

	ctl_event_print(w->ctl, e, "kernel");
	w->n++;
}

static const char *colour(const char *event)
{
	if (!strcmp(event, "refused"))
		return ctl_paint(CTL_WARN);
	if (!strcmp(event, "failed") || !strcmp(event, "lost"))
		return ctl_paint(CTL_BAD);
	return ctl_paint(!strcmp(event, "registered") ? CTL_GOOD : CTL_PLAIN);
}

static void print_agent(const struct ctl_json *j)
{
	const char *event = ctl_json_text(j, "event"), *clause = ctl_json_text(j, "clause");
	const char *text = ctl_json_text(j, "text");
	char when[CTL_TEXT];

	printf("%s agent  %s%s%s", ctl_text_when(ctl_json_number(j, "time-ms"), when),
	       colour(event), event, ctl_paint(CTL_PLAIN));
	if (*ctl_json_text(j, "who"))
		printf(" %s", ctl_json_text(j, "who"));
	if (*ctl_json_text(j, "count"))
		printf(" %s", ctl_json_text(j, "count"));
	if (*text)
		printf(": %s", text);
	if (*clause)
		printf(" (%s)", clause);
	putchar('\n');
}

static void print_agent_json(const char *line, size_t n)
{
	ctl_out_reopen(line, n);
	ctl_out_text("from", "agent");
	ctl_out_close('}');
}

static void print_gone(struct watching *w)
{
	char when[CTL_TEXT];

	if (w->ctl->json) {
		ctl_out_open(NULL, '{');
		ctl_out_number("time-ms", ctl_wall_ms());
		ctl_out_text("event", "agent-gone");
		ctl_out_text("from", "agent");
		ctl_out_close('}');
	} else {
		printf("%s agent  %sagent-gone%s\n", ctl_text_when(ctl_wall_ms(), when),
		       ctl_paint(CTL_BAD), ctl_paint(CTL_PLAIN));
	}
	w->n++;
}

static void print_drop(struct watching *w, const struct gate_name *d, uint64_t count)
{
	char when[CTL_TEXT];

	if (w->ctl->json) {
		ctl_out_open(NULL, '{');
		ctl_out_number("time-ms", ctl_wall_ms());
		ctl_out_text("from", "kernel");
		ctl_out_text("event", "dropped");
		ctl_out_text("reason", d->name);
		ctl_out_number("count", count);
		ctl_out_text("text", d->doc);
		ctl_out_close('}');
	} else {
		printf("%s kernel %sdropped%s %" PRIu64 " %s: %s\n",
		       ctl_text_when(ctl_wall_ms(), when), ctl_paint(CTL_BAD), ctl_paint(CTL_PLAIN),
		       count, d->name, d->doc);
	}
	w->n++;
}

/* ---- the agent ---- */

static void agent_line(struct watching *w, const char *line, size_t n)
{
	struct ctl_json *j = ctl_json_parse(line, n);

	/* "watching" is for us: from then on nothing is missed. */
	if (j && !ctl_agent_is_error(j) && strcmp(ctl_json_text(j, "event"), "watching")) {
		if (w->ctl->json)
			print_agent_json(line, n);
		else
			print_agent(j);
		w->n++;
	}
	ctl_json_free(j);
}

static void agent_lines(struct watching *w)
{
	char *line;
	size_t n;

	while (!ctl_until_over(&w->until, w->n, 0) && (line = ctl_agent_line(&w->agent, &n)))
		agent_line(w, line, n);
}

static bool agent_begin(struct watching *w)
{
	struct octets request = { 0 };

	if (!w->agent_wanted || access(w->ctl->control, F_OK))
		return false;
	octets_puts(&request, "watch");
	if (w->who)
		ctl_agent_word(&request, "who", w->who);
	w->agent_there = !ctl_agent_try(&w->agent, w->ctl, &request);
	return w->agent_there;
}

static void on_agent(struct watching *w)
{
	int more = ctl_agent_take(&w->agent);

	agent_lines(w);
	if (more > 0)
		return;
	ctl_agent_close(&w->agent);
	w->agent_there = false;
	print_gone(w);
}

/* ---- the kernel ---- */

static void look_at_drops(struct watching *w)
{
	const struct gate_name *d = gate_names_list(GATE_NAMES_DROP);
	struct ctl_rates now = { 0 };

	if (!ctl_rates_of_kernel(&now, w->gate))
		return;
	for (; d->name && !ctl_until_over(&w->until, w->n, 0); d++)
		if (now.gate.drop[d->value] > w->last.gate.drop[d->value])
			print_drop(w, d, now.gate.drop[d->value] - w->last.gate.drop[d->value]);
	w->last = now;
}

/* -1: not to be had; then it was said. */
static int kernel_begin(struct watching *w)
{
	struct gate_error err = { 0 };
	int fd = -1;

	w->gate = gate_open(&err);
	if (w->gate)
		fd = gate_events_open(w->gate, on_kernel, w, &err);
	if (fd >= 0 && ctl_rates_of_kernel(&w->last, w->gate))
		return fd;
	fprintf(stderr, "gmctl: without the kernel: %s\n", err.line);
	gate_close(w->gate);
	w->gate = NULL;
	return -1;
}

/* ---- together ---- */

static void on_tick(struct watching *w)
{
	if (ctl_now_ms() < w->tick)
		return;
	w->tick = ctl_now_ms() + TICK_MS;
	look_at_drops(w);
	/* It may have been started again. */
	if (!w->agent_there)
		agent_begin(w);
}

/* Until the next look, or the end. */
static int patience(const struct watching *w)
{
	uint64_t now = ctl_now_ms(), until = w->tick, end = w->began + w->until.ms;

	if (w->until.ms && end < until)
		until = end;
	return until > now ? (int)(until - now) : 0;
}

static int watch(struct watching *w, int kernel)
{
	int e;

	while (!ctl_until_over(&w->until, w->n, ctl_now_ms() - w->began)) {
		struct pollfd p[3] = {
			{ .fd = STDOUT_FILENO },	/* POLLERR: nobody reads it */
			{ .fd = kernel, .events = POLLIN },
			{ .fd = w->agent_there ? w->agent.fd : -1, .events = POLLIN },
		};

		if (ctl_until_poll(p, 3, patience(w)) < 0 && errno != EINTR)
			return ctl_error("poll: %s", strerror(errno));
		if (p[0].revents & (POLLERR | POLLHUP))
			return CTL_OK;
		e = p[1].revents ? gate_events_read(w->gate) : 0;
		if (e)
			return ctl_error("cannot read events: %s", strerror(-e));
		if (p[2].revents)
			on_agent(w);
		on_tick(w);
		if (fflush(stdout))
			return ctl_error("cannot write: %s", strerror(errno));
	}
	return CTL_OK;
}

static int begin(struct watching *w, bool kernel_wanted)
{
	int fd = kernel_wanted ? kernel_begin(w) : -1, status;

	ctl_until_interrupted();
	if (w->agent_wanted && !agent_begin(w))
		fprintf(stderr, "gmctl: without the agent: none at %s\n", w->ctl->control);
	if (fd < 0 && !w->agent_there)
		return CTL_FAILED;
	/* The agent's first line says that it tells from now on. */
	if (w->agent_there)
		status = ctl_agent_wait(&w->agent) < 0 ? ctl_error("the agent is silent") : CTL_OK;
	else
		status = CTL_OK;
	if (status)
		return status;
	fputs("gmctl: listening\n", stderr);
	w->began = ctl_now_ms();
	w->tick = w->began + TICK_MS;
	agent_lines(w);
	return watch(w, fd);
}

/* "kernel", "agent" and "who TEXT". */
static int read_words(struct watching *w, bool *kernel, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "kernel") && *kernel)
			w->agent_wanted = false;
		else if (!strcmp(argv[i], "agent") && w->agent_wanted)
			*kernel = false;
		else if (!strcmp(argv[i], "who") && i + 1 < argc)
			w->who = argv[++i];
		else
			return ctl_bad_usage("no such word: %s", argv[i]);
	}
	return CTL_OK;
}

int ctl_watch(const struct ctl *ctl, int argc, char **argv)
{
	struct watching w = { .ctl = ctl, .agent_wanted = true };
	bool kernel = true;
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (ctl_until_read(&w.until, "", &argc, argv) || read_words(&w, &kernel, argc, argv))
		return CTL_USAGE;
	status = begin(&w, kernel);
	if (w.agent_there)
		ctl_agent_close(&w.agent);
	gate_close(w.gate);
	return status;
}
