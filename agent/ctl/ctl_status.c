// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl status - what the agent is doing, on one screen.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_agent.h"

static const char help[] =
"Usage: gmctl status\n"
"\n"
"What the agent is doing: since when, its addresses, UEs and calls, the core's\n"
"nodes and their health, the store, and how full its pools are.  With -j all\n"
"that it counts, too; gmctl stats says what that means.\n";

/* "2 UEs", "1 call" */
static void count(const char *before, uint64_t n, const char *one, const char *many)
{
	printf("%s%" PRIu64 " %s", before, n, n == 1 ? one : many);
}

static void name(const char *text)
{
	printf("%s%-10s%s", ctl_paint(CTL_BOLD), text, ctl_paint(CTL_PLAIN));
}

static void print_agent(const struct ctl_json *j)
{
	char span[CTL_TEXT];

	name("gmgated");
	printf("%s, instance %s, pid %s, up %s, log level %s", ctl_json_text(j, "version"),
	       ctl_json_text(j, "instance"), ctl_json_text(j, "pid"),
	       ctl_text_span(ctl_json_number(j, "up") * 1000, span),
	       ctl_json_text(j, "log-level"));
	if (ctl_json_number(j, "clock-scale") != 1)
		printf(", SIP clock x%s", ctl_json_text(j, "clock-scale"));
	putchar('\n');
	if (ctl_json_bool(j, "draining")) {
		name("draining");
		printf("%sfor %s: no new registrations%s\n", ctl_paint(CTL_WARN),
		       ctl_text_span(ctl_json_number(j, "draining-for") * 1000, span),
		       ctl_paint(CTL_PLAIN));
	}
	name("kernel");
	printf("Linux %s, gmgate.ko speaks version %s\n", ctl_json_text(j, "machine.linux"),
	       ctl_json_text(j, "machine.module-version"));
}

static void print_addresses(const struct ctl_json *j)
{
	const struct ctl_json *gm = ctl_json_at(j, "gm"), *mw = ctl_json_at(j, "mw"), *p;

	for (gm = gm ? gm->child : NULL; gm; gm = gm->next) {
		name("gm");
		printf("%s port %s, port-s %s, port-c ", ctl_json_text(gm, "address"),
		       ctl_json_text(gm, "port"), ctl_json_text(gm, "port-s"));
		p = ctl_json_at(gm, "port-c");
		for (p = p ? p->child : NULL; p; p = p->next)
			printf("%s%s", p->text ? p->text : "", p->next ? "," : "");
		printf(", endpoint %s\n", ctl_json_text(gm, "endpoint"));
	}
	for (mw = mw ? mw->child : NULL; mw; mw = mw->next) {
		name("mw");
		printf("%s\n", mw->text ? mw->text : "");
	}
}

static void print_ues(const struct ctl_json *j)
{
	name("ues");
	count("", ctl_json_number(j, "ues"), "registered", "registered");
	count(", ", ctl_json_number(j, "sets"), "SA set", "SA sets");
	count(", of these ", ctl_json_number(j, "temporary-sets"), "temporary", "temporary");
	putchar('\n');
	name("calls");
	count("", ctl_json_number(j, "calls"), "call", "calls");
	count(", ", ctl_json_number(j, "proxy.dialogs"), "dialog", "dialogs");
	count(" in all, ", ctl_json_number(j, "proxy.open"), "request", "requests");
	puts(" without an answer");
}

static enum ctl_paint paint_of(const char *state)
{
	return !strcmp(state, "fine") ? CTL_GOOD : !strcmp(state, "doubtful") ? CTL_WARN : CTL_BAD;
}

static void print_core(const struct ctl_json *j)
{
	const struct ctl_json *h = ctl_json_at(j, "next-hops"), *n = ctl_json_at(j, "nodes");

	for (h = h ? h->child : NULL; h; h = h->next) {
		name("next hop");
		printf("%s", ctl_json_text(h, "host"));
		if (ctl_json_number(h, "port"))
			printf(" port %s", ctl_json_text(h, "port"));
		printf(", %s, priority %s, weight %s", ctl_json_text(h, "transport"),
		       ctl_json_text(h, "priority"), ctl_json_text(h, "weight"));
		if (!ctl_json_at(h, "addresses"))
			printf(", the DNS is being asked for it");
		else if (!ctl_json_number(h, "addresses"))
			printf(", %sno address is known for it%s", ctl_paint(CTL_BAD),
			       ctl_paint(CTL_PLAIN));
		putchar('\n');
	}
	for (n = n ? n->child : NULL; n; n = n->next) {
		const char *state = ctl_json_text(n, "state");

		name("node");
		printf("%s %s %s%s%s", ctl_json_text(n, "address"), ctl_json_text(n, "transport"),
		       ctl_paint(paint_of(state)), state, ctl_paint(CTL_PLAIN));
		if (ctl_json_number(n, "left"))
			printf(" for %s s", ctl_json_text(n, "left"));
		putchar('\n');
	}
}

static void print_store(const struct ctl_json *j)
{
	uint64_t failed = ctl_json_number(j, "store.failed");
	uint64_t unsaved = ctl_json_number(j, "store.unsaved");

	name("store");
	printf("%s: %s commits, %s%" PRIu64 " failed, %" PRIu64 " unsaved%s\n",
	       ctl_json_text(j, "store-file"), ctl_json_text(j, "store.commits"),
	       ctl_paint(unsaved ? CTL_BAD : failed ? CTL_WARN : CTL_PLAIN), failed, unsaved,
	       ctl_paint(CTL_PLAIN));
}

static void print_pools(const struct ctl_json *j)
{
	const struct ctl_json *p = ctl_json_at(j, "pools");

	for (p = p ? p->child : NULL; p; p = p->next) {
		uint64_t used = ctl_json_number(p, "used"), limit = ctl_json_number(p, "limit");
		unsigned int percent = limit ? (unsigned int)(used * 100 / limit) : 0;

		name("pool");
		printf("%-16s %8" PRIu64 " of %-8" PRIu64 " %s%3u %%%s\n",
		       ctl_json_text(p, "pool"), used, limit,
		       ctl_paint(percent >= 90 ? CTL_BAD : percent >= 60 ? CTL_WARN : CTL_GOOD),
		       percent, ctl_paint(CTL_PLAIN));
	}
}

static int print(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	const struct ctl *ctl = arg;

	if (ctl->json) {
		ctl_out_raw(text, n);
		return CTL_OK;
	}
	print_agent(j);
	print_addresses(j);
	print_ues(j);
	print_core(j);
	print_store(j);
	print_pools(j);
	return CTL_OK;
}

int ctl_status(const struct ctl *ctl, int argc, char **argv)
{
	struct octets request = { 0 };

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("status takes no words");
	octets_puts(&request, "status");
	return ctl_agent_first(ctl, &request, print, (void *)ctl);
}
