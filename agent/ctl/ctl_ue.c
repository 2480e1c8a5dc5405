// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl ue - the UEs that the agent knows, and of one all there is to know: the
// agent's side, and the counters of the kernel for its sets.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl_agent.h"

static const char help[] =
"Usage: gmctl ue [list] [WHO] [impi IMPI] [impu URI] [address ADDR] [state STATE]\n"
"       gmctl ue show WHO\n"
"\n"
"list has a line for each UE that matches all that is said, show all that is\n"
"known of those that match, with the kernel's counters of their SA sets.\n"
"\n"
"  WHO      an IMPI, an identity or an address\n"
"  STATE    registered, challenged (its first challenge is not answered yet),\n"
"           ending (its SAs are kept for last messages) or new\n"
"\n"
"A text may begin or end with * for whatever stands there; an identity may be\n"
"without its scheme.\n";

struct shown {
	const struct ctl *ctl;
	struct gate *gate;		/* NULL: not asked yet, or it does not answer */
	bool gate_tried;
	unsigned long n;
};

static const char *span_of(const struct ctl_json *j, const char *path, char out[CTL_TEXT])
{
	return ctl_text_span(ctl_json_number(j, path) * 1000, out);
}

/* ---- the list ---- */

/* Until the last of its identities ends, seconds. */
static uint64_t longest(const struct ctl_json *ue)
{
	const struct ctl_json *b = ctl_json_at(ue, "identities");
	uint64_t most = 0, ends;

	for (b = b ? b->child : NULL; b; b = b->next) {
		ends = ctl_json_number(b, "ends");
		if (ends > most)
			most = ends;
	}
	return most;
}

static unsigned int children(const struct ctl_json *j, const char *path)
{
	unsigned int n = 0;

	for (j = ctl_json_at(j, path), j = j ? j->child : NULL; j; j = j->next)
		n++;
	return n;
}

static const char *paint(const struct ctl_json *ue)
{
	return ctl_paint(ctl_json_bool(ue, "registered") ? CTL_GOOD : CTL_WARN);
}

/* Of an agent that is older than we are: all have them. */
static const char *without_sas(const struct ctl_json *ue)
{
	return ctl_json_at(ue, "sec-agree") && !ctl_json_bool(ue, "sec-agree") ?
	       "  no sec-agree" : "";
}

static void print_row(const struct ctl_json *ue, bool first)
{
	char span[CTL_TEXT];

	if (first)
		printf("%s%-50s %-24s %-11s %9s %4s %7s  %s%s\n", ctl_paint(CTL_BOLD), "IMPI",
		       "ADDRESS", "STATE", "SET", "SETS", "DIALOGS", "ENDS IN",
		       ctl_paint(CTL_PLAIN));
	printf("%-50s %-24s %s%-11s%s %9s %4u %7s  %s%s%s\n", ctl_json_text(ue, "impi"),
	       ctl_json_text(ue, "address"), paint(ue), ctl_json_text(ue, "state"),
	       ctl_paint(CTL_PLAIN), ctl_json_text(ue, "in-use"), children(ue, "sets"),
	       ctl_json_text(ue, "dialog-count"),
	       ctl_json_bool(ue, "registered") ? ctl_text_span(longest(ue) * 1000, span) : "-",
	       ctl_json_bool(ue, "emergency") ? "  emergency" : "", without_sas(ue));
}

static int list_one(const char *text, size_t n, const struct ctl_json *ue, void *arg)
{
	struct shown *s = arg;

	if (s->ctl->json) {
		ctl_out_list_item("ues");
		ctl_out_raw(text, n);
	} else {
		print_row(ue, !s->n);
	}
	s->n++;
	return CTL_OK;
}

/* ---- all of one ---- */

/* False: the kernel does not tell; then it was said once. */
static bool kernel_set(struct shown *s, const char *id, struct gate_set *set)
{
	struct gate_error err = { 0 };
	uint32_t number;

	if (!s->gate_tried)
		s->gate = gate_open(&err);
	if (!s->gate && !s->gate_tried)
		fprintf(stderr, "gmctl: no counters of the kernel: %s\n", err.line);
	s->gate_tried = true;
	return s->gate && ctl_parse_id(id, &number) && !gate_set_get(s->gate, number, set, &err);
}

static void print_sets(struct shown *s, const struct ctl_json *ue)
{
	const struct ctl_json *j = ctl_json_at(ue, "sets");
	const char *in_use = ctl_json_text(ue, "in-use");
	struct gate_set set;
	char span[CTL_TEXT];

	for (j = j ? j->child : NULL; j; j = j->next) {
		const char *id = ctl_json_text(j, "id");

		printf("  set %s  %s%s%s  %s  ends in %s%s\n", id,
		       ctl_paint(strcmp(id, in_use) ? CTL_FAINT : CTL_GOOD),
		       ctl_json_text(j, "state"), ctl_paint(CTL_PLAIN), ctl_json_text(j, "suite"),
		       span_of(j, "ends", span), strcmp(id, in_use) ? "" : "  in use");
		if (kernel_set(s, id, &set)) {
			if (set.heard)
				printf("    last heard %s ago\n", ctl_text_span(set.idle_ms, span));
			ctl_set_sas(&set, "    ");
		} else {
			printf("    port-uc %s port-us %s port-pc %s port-ps %s"
			       "  spi-uc %s spi-us %s spi-pc %s spi-ps %s\n",
			       ctl_json_text(j, "port-uc"), ctl_json_text(j, "port-us"),
			       ctl_json_text(j, "port-pc"), ctl_json_text(j, "port-ps"),
			       ctl_json_text(j, "spi-uc"), ctl_json_text(j, "spi-us"),
			       ctl_json_text(j, "spi-pc"), ctl_json_text(j, "spi-ps"));
		}
	}
}

static void print_identities(const struct ctl_json *ue)
{
	const struct ctl_json *b = ctl_json_at(ue, "identities");
	char span[CTL_TEXT];

	for (b = b ? b->child : NULL; b; b = b->next)
		printf("  identity %s  ends in %s%s\n    contact %s\n", ctl_json_text(b, "aor"),
		       span_of(b, "ends", span),
		       ctl_json_bool(b, "emergency") ? "  emergency" : "",
		       ctl_json_text(b, "contact"));
	if (*ctl_json_text(ue, "associated"))
		printf("  associated %s\n", ctl_json_text(ue, "associated"));
	if (*ctl_json_text(ue, "service-route"))
		printf("  service-route %s\n", ctl_json_text(ue, "service-route"));
}

static void print_subscription(const struct ctl_json *ue)
{
	char span[CTL_TEXT];

	printf("  reg-event %s", ctl_json_text(ue, "reg-event.state"));
	if (*ctl_json_text(ue, "reg-event.identity"))
		printf("  of %s  ends in %s", ctl_json_text(ue, "reg-event.identity"),
		       span_of(ue, "reg-event.ends", span));
	putchar('\n');
}

static void print_dialogs(const struct ctl_json *ue)
{
	const struct ctl_json *d = ctl_json_at(ue, "dialogs"), *leg;
	char span[CTL_TEXT];

	for (d = d ? d->child : NULL; d; d = d->next) {
		printf("  dialog %s from the %s  call-id %s  idle %s%s\n",
		       ctl_json_text(d, "method"), ctl_json_text(d, "from"),
		       ctl_json_text(d, "call-id"), span_of(d, "idle", span),
		       ctl_json_bool(d, "open") ? "  not answered yet" : "");
		leg = ctl_json_at(d, "legs");
		for (leg = leg ? leg->child : NULL; leg; leg = leg->next)
			printf("    leg tag %s%s\n", ctl_json_text(leg, "tag"),
			       ctl_json_bool(leg, "confirmed") ? "  up" : "  early");
	}
}

static void print_whole(struct shown *s, const struct ctl_json *ue)
{
	printf("%s%s%s at %s  %s%s%s%s%s\n", ctl_paint(CTL_BOLD), ctl_json_text(ue, "impi"),
	       ctl_paint(CTL_PLAIN), ctl_json_text(ue, "address"), paint(ue),
	       ctl_json_text(ue, "state"), ctl_paint(CTL_PLAIN),
	       ctl_json_bool(ue, "emergency") ? "  emergency" : "", without_sas(ue));
	if (*ctl_json_text(ue, "place.remote"))
		printf("  in clear, %s from %s\n", ctl_json_text(ue, "place.transport"),
		       ctl_json_text(ue, "place.remote"));
	print_identities(ue);
	print_subscription(ue);
	print_sets(s, ue);
	print_dialogs(ue);
}

static void print_whole_json(struct shown *s, const char *text, size_t n, const struct ctl_json *ue)
{
	const struct ctl_json *j = ctl_json_at(ue, "sets");
	struct gate_set set;

	ctl_out_list_item("ues");
	ctl_out_reopen(text, n);
	ctl_out_open("kernel-sets", '[');
	for (j = j ? j->child : NULL; j; j = j->next)
		if (kernel_set(s, ctl_json_text(j, "id"), &set))
			ctl_set_json(&set);
	ctl_out_close(']');
	ctl_out_close('}');
}

static int show_one(const char *text, size_t n, const struct ctl_json *ue, void *arg)
{
	struct shown *s = arg;

	if (s->ctl->json) {
		print_whole_json(s, text, n, ue);
	} else {
		if (s->n)
			putchar('\n');
		print_whole(s, ue);
	}
	s->n++;
	return CTL_OK;
}

/* ---- the command line ---- */

/* What a UE is asked for by. */
struct wanted {
	const char *who, *impi, *impu, *address, *state;
};

static bool parse_text(const char *text, void *out)
{
	*(const char **)out = text;
	return *text;
}

static const struct ctl_field fields[] = {
	{ "impi", parse_text, offsetof(struct wanted, impi), "an IMPI", CTL_OPTIONAL },
	{ "impu", parse_text, offsetof(struct wanted, impu), "an identity", CTL_OPTIONAL },
	{ "address", parse_text, offsetof(struct wanted, address), "an IP address", CTL_OPTIONAL },
	{ "state", parse_text, offsetof(struct wanted, state), "a state", CTL_OPTIONAL },
	{ .name = NULL },
};

static void add_word(struct octets *request, const char *name, const char *value)
{
	if (value)
		ctl_agent_word(request, name, value);
}

static bool is_field(const char *word)
{
	const struct ctl_field *f;
	size_t n = strcspn(word, "=");

	for (f = fields; f->name; f++)
		if (strlen(f->name) == n && !memcmp(f->name, word, n))
			return true;
	return false;
}

int ctl_ue_words(struct octets *request, int argc, char **argv)
{
	struct wanted w = { 0 };

	if (argc && !is_field(argv[0])) {
		w.who = argv[0];
		argc--;
		argv++;
	}
	if (ctl_words_read(fields, &w, argc, argv, NULL))
		return CTL_USAGE;
	add_word(request, "who", w.who);
	add_word(request, "impi", w.impi);
	add_word(request, "impu", w.impu);
	add_word(request, "address", w.address);
	add_word(request, "state", w.state);
	return CTL_OK;
}

static int verb_list(const struct ctl *ctl, int argc, char **argv)
{
	struct shown s = { .ctl = ctl };
	struct octets request = { 0 };
	int status;

	octets_puts(&request, "ue");
	if (ctl_ue_words(&request, argc, argv)) {
		octets_free(&request);
		return CTL_USAGE;
	}
	status = ctl_agent_each(ctl, &request, list_one, &s);
	if (!status && ctl->json)
		ctl_out_list_end("ues");
	return status;
}

static int verb_show(const struct ctl *ctl, int argc, char **argv)
{
	struct shown s = { .ctl = ctl };
	struct octets request = { 0 };
	int status;

	if (!argc)
		return ctl_bad_usage("ue show: say who: an IMPI, an identity or an address");
	octets_puts(&request, "ue whole");
	if (ctl_ue_words(&request, argc, argv)) {
		octets_free(&request);
		return CTL_USAGE;
	}
	status = ctl_agent_each(ctl, &request, show_one, &s);
	gate_close(s.gate);
	if (!status && !s.n)
		return ctl_error("no such UE");
	if (!status && ctl->json)
		ctl_out_list_end("ues");
	return status;
}

int ctl_ue(const struct ctl *ctl, int argc, char **argv)
{
	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "show"))
		return verb_show(ctl, argc - 2, argv + 2);
	if (argc > 1 && !strcmp(argv[1], "list"))
		return verb_list(ctl, argc - 2, argv + 2);
	return verb_list(ctl, argc - 1, argv + 1);
}
