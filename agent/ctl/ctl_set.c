// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl set - the SA sets the kernel holds.  Adding them is in ctl_set_add.c.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "gate_names.h"

static const char help[] =
"Usage: gmctl set list [endpoint ID] [ue ADDR] [instance N]\n"
"       gmctl set show ID [instance N]\n"
"       gmctl set add endpoint ID ue ADDR port-uc N port-us N port-pc N spi-uc N\n"
"              spi-us N spi-pc N spi-ps N alg NAME ealg NAME expires SECONDS\n"
"              [state temporary|established] [cookie N] [instance N] < KEYS\n"
"       gmctl set load < LINES\n"
"       gmctl set change ID [state established] [expires SECONDS] [cookie N]\n"
"              [instance N]\n"
"       gmctl set del ID ... | endpoint ID [instance N]\n"
"\n"
"add installs the four SAs of a UE, all or none, and prints the id of the set.\n"
"The keys come on standard input, never on the command line, as lines of\n"
"  ck HEX       and  ik HEX      the keys of AKA, expanded for the suite, or\n"
"  ik-esp HEX   and  ck-esp HEX  the keys of the suite as they are\n"
"load takes the words of add and the keys from lines, one set each, and prints\n"
"one id for each; it stops at the first refusal.\n"
"expires is the back-stop lifetime from now.  Keys are never shown.\n"
"With an instance the kernel refuses what is not of that agent.\n";

static void print_sa_json(const struct gate_set *s)
{
	const struct gate_name *d;

	ctl_out_open("sas", '{');
	for (d = gate_names_list(GATE_NAMES_SA_DIR); d->name; d++) {
		ctl_out_open(d->name, '{');
		ctl_out_number("spi", s->sa[d->value].spi);
		ctl_out_number("seq", s->sa[d->value].seq);
		ctl_out_number("packets", s->sa[d->value].packets);
		ctl_out_number("bytes", s->sa[d->value].bytes);
		ctl_out_close('}');
	}
	ctl_out_close('}');
	ctl_out_open("drops", '{');
	for (d = gate_names_list(GATE_NAMES_DROP); d->name; d++)
		if (s->drops[d->value])
			ctl_out_number(d->name, s->drops[d->value]);
	ctl_out_close('}');
}

void ctl_set_json(const struct gate_set *s)
{
	ctl_out_open(NULL, '{');
	ctl_out_number("id", s->id);
	ctl_out_number("endpoint", s->endpoint);
	ctl_out_number("instance", s->instance);
	ctl_out_hex("cookie", s->cookie);
	ctl_out_text("state", gate_names_text(GATE_NAMES_SET_STATE, s->state));
	ctl_out_number("expires-ms", s->expires_ms);
	if (s->heard)
		ctl_out_number("idle-ms", s->idle_ms);
	else
		ctl_out_null("idle-ms");
	ctl_out_addr("addr", &s->addr);
	ctl_out_addr("ue", &s->ue);
	ctl_out_number("port-uc", s->port_uc);
	ctl_out_number("port-us", s->port_us);
	ctl_out_number("port-pc", s->port_pc);
	ctl_out_number("port-ps", s->port_ps);
	ctl_out_number("spi-uc", s->spi_uc);
	ctl_out_number("spi-us", s->spi_us);
	ctl_out_number("spi-pc", s->spi_pc);
	ctl_out_number("spi-ps", s->spi_ps);
	ctl_out_text("alg", gate_names_text(GATE_NAMES_ALG, s->suite.alg));
	ctl_out_text("ealg", gate_names_text(GATE_NAMES_EALG, s->suite.ealg));
	print_sa_json(s);
	ctl_out_close('}');
}

static void print_head(const struct gate_set *s)
{
	char ue[CTL_TEXT], suite[CTL_TEXT], span[CTL_TEXT];

	printf("set %u  %s  %s  %s  endpoint %u  expires in %s\n", s->id,
	       gate_names_text(GATE_NAMES_SET_STATE, s->state), ctl_text_addr(&s->ue, ue),
	       ctl_text_suite(s->suite, suite), s->endpoint, ctl_text_span(s->expires_ms, span));
}

static void print_sa(const struct gate_set *s, const char *indent, uint32_t dir, uint16_t from,
		     uint16_t to)
{
	const struct gate_sa *sa = &s->sa[dir];

	printf("%s%s  %5u > %-5u  spi 0x%08x  seq %u  packets %" PRIu64 "  bytes %" PRIu64 "\n",
	       indent, gate_names_text(GATE_NAMES_SA_DIR, dir), from, to, sa->spi, sa->seq,
	       sa->packets, sa->bytes);
}

void ctl_set_sas(const struct gate_set *s, const char *indent)
{
	const struct gate_name *d;

	print_sa(s, indent, GMGATE_SA_DIR_UC_PS, s->port_uc, s->port_ps);
	print_sa(s, indent, GMGATE_SA_DIR_PS_UC, s->port_ps, s->port_uc);
	print_sa(s, indent, GMGATE_SA_DIR_PC_US, s->port_pc, s->port_us);
	print_sa(s, indent, GMGATE_SA_DIR_US_PC, s->port_us, s->port_pc);
	for (d = gate_names_list(GATE_NAMES_DROP); d->name; d++)
		if (s->drops[d->value])
			printf("%sdropped %" PRIu64 " %s%s%s: %s\n", indent, s->drops[d->value],
			       ctl_paint(CTL_BAD), d->name, ctl_paint(CTL_PLAIN), d->doc);
}

static void print_text(const struct gate_set *s)
{
	char text[CTL_TEXT];

	print_head(s);
	printf("  p-cscf %s  cookie 0x%" PRIx64, ctl_text_addr(&s->addr, text), s->cookie);
	if (s->heard)
		printf("  last heard %s ago\n", ctl_text_span(s->idle_ms, text));
	else
		puts("  never heard");
	ctl_set_sas(s, "  ");
}

static int print_row(const struct gate_set *s, void *arg)
{
	const struct ctl *ctl = arg;

	if (ctl->json) {
		ctl_out_list_item("sets");
		ctl_set_json(s);
		return 0;
	}
	print_head(s);
	printf("  uc %u us %u  pc %u ps %u  in %" PRIu64 "  out %" PRIu64 " packets\n",
	       s->port_uc, s->port_us, s->port_pc, s->port_ps,
	       s->sa[GMGATE_SA_DIR_UC_PS].packets + s->sa[GMGATE_SA_DIR_US_PC].packets,
	       s->sa[GMGATE_SA_DIR_PS_UC].packets + s->sa[GMGATE_SA_DIR_PC_US].packets);
	return 0;
}

static int verb_list(const struct ctl *ctl, int argc, char **argv)
{
	static const struct ctl_field fields[] = {
		{ "endpoint", ctl_parse_id, offsetof(struct gate_filter, endpoint),
		  "an id", CTL_OPTIONAL },
		{ "ue", ctl_parse_addr, offsetof(struct gate_filter, ue),
		  "an IP address", CTL_OPTIONAL },
		{ .name = NULL },
	};
	struct gate_filter filter = { 0 };
	struct gate_error err;
	struct gate *g;
	int status = CTL_OK;

	if (ctl_words_read(fields, &filter, argc - 1, argv + 1, NULL))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_set_list(g, &filter, print_row, (void *)ctl, &err))
		status = ctl_gate_error(&err);
	else if (ctl->json)
		ctl_out_list_end("sets");
	gate_close(g);
	return status;
}

static int verb_show(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	struct gate_set s;
	struct gate *g;
	uint32_t id;
	int status = CTL_OK;

	if (argc != 2 || !ctl_parse_id(argv[1], &id))
		return ctl_bad_usage("set show: say one set's id");
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_set_get(g, id, &s, &err))
		status = ctl_gate_error(&err);
	else if (ctl->json)
		ctl_set_json(&s);
	else
		print_text(&s);
	gate_close(g);
	return status;
}

static int verb_change(const struct ctl *ctl, int argc, char **argv)
{
	/* the bits of enum gate_change_what stand in the same order */
	static const struct ctl_field fields[] = {
		{ "state", ctl_parse_state, offsetof(struct gate_change, state),
		  "a state", CTL_OPTIONAL },
		{ "expires", ctl_parse_seconds, offsetof(struct gate_change, expires_ms),
		  "a number of seconds above 0", CTL_OPTIONAL },
		{ "cookie", ctl_parse_u64, offsetof(struct gate_change, cookie),
		  "a number", CTL_OPTIONAL },
		{ .name = NULL },
	};
	struct gate_change change = { 0 };
	struct gate_error err;
	struct gate *g;
	uint32_t id;
	int status = CTL_OK;

	if (argc < 3 || !ctl_parse_id(argv[1], &id))
		return ctl_bad_usage("set change: say the set's id and what changes");
	if (ctl_words_read(fields, &change, argc - 2, argv + 2, &change.what))
		return CTL_USAGE;
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (gate_set_change(g, id, &change, &err))
		status = ctl_gate_error(&err);
	gate_close(g);
	return status;
}

/* Goes on after an id that fails, so that one typo does not keep the others. */
static int del_ids(struct gate *g, int n, char **ids)
{
	struct gate_error err;
	int i, status = CTL_OK;
	uint32_t id;

	for (i = 0; i < n; i++)
		if (ctl_parse_id(ids[i], &id) && gate_set_del(g, id, &err))
			status = ctl_error("set %u: %s", id, err.line);
	return status;
}

static int verb_del(const struct ctl *ctl, int argc, char **argv)
{
	struct gate_error err;
	uint32_t endpoint = 0, id;
	struct gate *g;
	int i, status;

	if (argc == 3 && !strcmp(argv[1], "endpoint")) {
		if (!ctl_parse_id(argv[2], &endpoint))
			return ctl_bad_usage("endpoint: %s is not an id", argv[2]);
	} else {
		if (argc < 2)
			return ctl_bad_usage("set del: say the ids, or endpoint ID");
		for (i = 1; i < argc; i++)
			if (!ctl_parse_id(argv[i], &id))
				return ctl_bad_usage("set del: %s is not an id", argv[i]);
	}
	g = ctl_gate(ctl);
	if (!g)
		return CTL_FAILED;
	if (!endpoint)
		status = del_ids(g, argc - 1, argv + 1);
	else if (gate_set_flush(g, endpoint, &err))
		status = ctl_gate_error(&err);
	else
		status = CTL_OK;
	gate_close(g);
	return status;
}

/*
 * Takes "instance N" out of the words of any verb.  Return: 0, or CTL_USAGE
 * after an error was printed.
 */
static int take_instance(uint32_t *instance, int *argc, char **argv)
{
	static const char word[] = "instance";
	int i, n, used;
	char *value;

	for (i = 2; i < *argc; i++) {
		n = sizeof(word) - 1;
		if (strncmp(argv[i], word, n) || (argv[i][n] && argv[i][n] != '='))
			continue;
		if (*instance)
			return ctl_bad_usage("%s is given twice", word);
		value = argv[i][n] ? argv[i] + n + 1 : argv[i + 1];
		used = argv[i][n] ? 1 : 2;
		if (!value || !ctl_parse_id(value, instance))
			return ctl_bad_usage("%s: say a number from 1", word);
		*argc -= used;
		memmove(argv + i, argv + i + used, (*argc - i + 1) * sizeof(*argv));
		i--;
	}
	return 0;
}

int ctl_set(const struct ctl *ctl, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "list", verb_list },
		{ "show", verb_show },
		{ "add", ctl_set_add },
		{ "load", ctl_set_load },
		{ "change", verb_change },
		{ "del", verb_del },
		{ NULL, NULL },
	};

	struct ctl own = *ctl;

	if (take_instance(&own.instance, &argc, argv))
		return CTL_USAGE;
	return ctl_verb_run(verbs, help, &own, argc, argv);
}
