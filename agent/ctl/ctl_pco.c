// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl pco - protocol configuration options, with which a network tells its
// phones the P-CSCF: take an element apart, or make one.  Needs neither agent
// nor module.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl_pco.h"
#include "pco_value.h"

#define LONGEST_INPUT (1u << 20)

static const char help[] =
"Usage: gmctl pco decode [as FORM] [from SIDE] [HEX ...]\n"
"       gmctl pco encode [as FORM] [from SIDE] CONTAINER ...\n"
"       gmctl pco encode -\n"
"       gmctl pco list\n"
"\n"
"Protocol configuration options (PCO, ePCO; TS 24.008 10.5.6.3).  decode takes an\n"
"element in hexadecimal digits, blanks, colons and bars between them do not\n"
"matter, from standard input when none are given.  encode makes one; with - it\n"
"is what `gmctl -j pco decode` printed, from standard input, and comes out as it\n"
"was.\n"
"\n"
"  FORM       pco (0x27), epco (0x7B), gtpv2-pco, gtpv2-apco, gtpv2-epco, gtpv1-pco,\n"
"             or value, without a head.  decode sees it by the first octet, except\n"
"             for gtpv1-pco; encode makes a pco by default\n"
"  SIDE       ms, for what a phone asks, or network, for what it is answered.\n"
"             decode guesses it; the default of encode is network\n"
"  CONTAINER  NAME, NAME=VALUE or 0xNNNN=HEX, in the order wanted; `gmctl pco list`\n"
"             has the names\n"
"  -j         JSON\n"
"\n"
"gmctl pco encode p-cscf-ipv4=192.0.2.10 p-cscf-ipv6=2001:db8::10 im-cn-signalling\n"
"gmctl pco decode 270b80000c04c000020a000200\n";

static const char *const sides[] = {
	[PCO_FROM_MS] = "ms",
	[PCO_FROM_NETWORK] = "network",
};

const char *ctl_pco_side(enum pco_from from)
{
	return sides[from];
}

bool ctl_pco_parse_side(const char *text, enum pco_from *from)
{
	for (unsigned int i = 0; i < 2; i++)
		if (!strcmp(sides[i], text)) {
			*from = i;
			return true;
		}
	return false;
}

static bool parse_form(const char *text, enum pco_form *form)
{
	return pco_form_parse(text, form) && *form != PCO_AUTO;
}

/* The value of "name value" or "name=value" at argv[*at]; NULL: another word. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
	size_t n = strlen(name);

	if (strncmp(argv[*at], name, n))
		return NULL;
	if (argv[*at][n] == '=')
		return argv[*at] + n + 1;
	if (argv[*at][n])
		return NULL;
	return *at + 1 < argc ? argv[++*at] : "";
}

int ctl_pco_words(struct ctl_pco_words *words, const struct ctl *ctl, int argc, char **argv,
		  int *at)
{
	const char *value;

	*words = (struct ctl_pco_words){ .json = ctl->json, .guess = true,
					 .from = PCO_FROM_NETWORK };
	for (; *at < argc; ++*at) {
		if (!strcmp(argv[*at], "-j") || !strcmp(argv[*at], "--json")) {
			words->json = true;
		} else if ((value = value_of("as", argc, argv, at))) {
			if (!parse_form(value, &words->form))
				return ctl_bad_usage("as: \"%s\" is no form; see gmctl pco -h", value);
		} else if ((value = value_of("from", argc, argv, at))) {
			if (!ctl_pco_parse_side(value, &words->from))
				return ctl_bad_usage("from: \"%s\" is neither ms nor network", value);
			words->guess = false;
		} else {
			break;
		}
	}
	return 0;
}

bool ctl_pco_stdin(struct octets *text)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ctl_error("standard input: %s", strerror(errno));
			return false;
		}
		octets_put(text, (struct str){ buf, n });
		if (text->failed || text->n > LONGEST_INPUT) {
			ctl_error("standard input is longer than any element");
			return false;
		}
	}
	return true;
}

static void list_json(const struct pco_name *name)
{
	char id[8];

	snprintf(id, sizeof(id), "0x%04x", name->id);
	ctl_out_list_item("containers");
	ctl_out_open(NULL, '{');
	ctl_out_text("id", id);
	ctl_out_text("name", name->word);
	for (unsigned int side = 0; side < 2; side++) {
		if (name->sides[side].kind == PCO_RESERVED)
			ctl_out_null(sides[side]);
		else
			ctl_out_text(sides[side], pco_value_what(name, side));
	}
	ctl_out_close('}');
}

static void list_text(const struct pco_name *name)
{
	const char *what[2];

	for (unsigned int side = 0; side < 2; side++)
		what[side] = name->sides[side].kind == PCO_RESERVED ? "(reserved)" :
			     pco_value_what(name, side);
	printf("0x%04x  %-44s %-40s %s\n", name->id, name->word, what[PCO_FROM_MS],
	       what[PCO_FROM_NETWORK]);
}

static int list(const struct ctl *ctl, int argc, char **argv)
{
	const struct pco_name *name;
	struct ctl_pco_words words;
	int at = 1;

	if (ctl_pco_words(&words, ctl, argc, argv, &at))
		return CTL_USAGE;
	if (at < argc)
		return ctl_bad_usage("list takes no words");
	if (!words.json)
		printf("%-6s  %-44s %-40s %s\n", "id", "name", "from ms", "from network");
	for (unsigned int i = 0; (name = pco_name_at(i)); i++)
		(words.json ? list_json : list_text)(name);
	if (words.json)
		ctl_out_list_end("containers");
	return CTL_OK;
}

int ctl_pco(const struct ctl *ctl, int argc, char **argv)
{
	static const struct ctl_verb verbs[] = {
		{ "decode", ctl_pco_decode },
		{ "encode", ctl_pco_encode },
		{ "list", list },
		{ NULL, NULL },
	};

	return ctl_verb_run(verbs, help, ctl, argc, argv);
}
