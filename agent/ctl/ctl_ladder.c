// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl ladder - a registration or a call as a sequence diagram, out of the agent's
// trace file or as it happens.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl_agent.h"
#include "ctl_ladder.h"

#define USUAL 1000u

static const char help[] =
"Usage: gmctl ladder [-a] [-n COUNT] [-w FILE.svg] [-i CALL-ID] [FILE] [UE]\n"
"       gmctl ladder -f|-t SECONDS [-a] [-n COUNT] [-w FILE.svg] [-i CALL-ID] [UE]\n"
"\n"
"Draws who sent what to whom: a UE, gmgate, the nodes of the core; a single line\n"
"is in clear, a double one inside ESP. Each has its CSeq, ports and SA; what was\n"
"refused has its rule and clause. It is read from a file, or from the agent as it\n"
"happens (-f, -t): then each arrow is drawn when its message comes.\n"
"\n"
"  FILE        the agent's trace file, by default that of the agent that runs (key\n"
"              trace); what gmctl trace -j printed; or a capture, pcapng or pcap, of\n"
"              gmctl trace -w, or of tcpdump or Wireshark, where SIP is not inside ESP;\n"
"              - is the standard input\n"
"  UE          an IMPI, or what stands before its @, or an address: only what is of\n"
"              that UE, and its way to the core\n"
"  -i CALL-ID  only that call, or registration\n"
"  -a          without anything but ASCII\n"
"  -n COUNT    the last ones, 1000; of what happens, those in the picture\n"
"  -f          what happens from now on, until interrupted; no file\n"
"  -t SECONDS  the same, for so long or until interrupted\n"
"  -w FILE     as a picture, SVG; of what happens, when it ends\n";

static bool is_file(const char *word)
{
	struct stat st;

	return strchr(word, '/') || !strcmp(word, "-") || !stat(word, &st);
}

/* The value of an option; 0: there is none, which was said. */
static bool take_value(int argc, char **argv, int *i, const char **to)
{
	if (*i + 1 == argc || !argv[*i + 1][0]) {
		ctl_bad_usage("%s: something has to follow", argv[*i]);
		return false;
	}
	*to = argv[++*i];
	return true;
}

static int read_option(struct ladder_options *o, int argc, char **argv, int *i)
{
	const char *option = argv[*i], *count = NULL;
	const char **to = !strcmp(option, "-w") ? &o->svg :
			  !strcmp(option, "-i") ? &o->wanted.call_id :
			  !strcmp(option, "-n") ? &count : NULL;

	if (!strcmp(option, "-t")) {
		const char *seconds;

		if (!take_value(argc, argv, i, &seconds))
			return CTL_USAGE;
		o->live = true;
		return ctl_parse_seconds(seconds, &o->until.ms) ? CTL_OK :
		       ctl_bad_usage("-t: say seconds");
	}
	if (!strcmp(option, "-a") || !strcmp(option, "-f")) {
		*(option[1] == 'a' ? &o->ascii : &o->live) = true;
		return CTL_OK;
	}
	if (!to)
		return ctl_bad_usage("no such option: %s", option);
	if (!take_value(argc, argv, i, to))
		return CTL_USAGE;
	if (count && (!ctl_parse_u64(count, &o->most) || !o->most || o->most > LADDER_MOST))
		return ctl_bad_usage("-n: say a number from 1 to %u", LADDER_MOST);
	return CTL_OK;
}

static int read_words(struct ladder_options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			if (read_option(o, argc, argv, &i))
				return CTL_USAGE;
		} else if (!o->file && is_file(argv[i])) {
			o->file = argv[i];
		} else if (!o->wanted.who) {
			o->wanted.who = argv[i];
		} else {
			return ctl_bad_usage("one UE is enough: %s", argv[i]);
		}
	}
	return CTL_OK;
}

/* The agent's own file. It is freed by the caller; NULL: an error was printed. */
static char *file_of_agent(const struct ctl *ctl)
{
	struct octets request = { 0 };
	struct ctl_json *j;
	char *file = NULL;

	octets_puts(&request, "status");
	j = ctl_agent_one(ctl, &request);
	if (!j)
		return NULL;
	if (*ctl_json_text(j, "trace"))
		file = strdup(ctl_json_text(j, "trace"));
	else
		ctl_error("the agent writes no trace: set the key trace, say a file, or follow it "
			  "with -f");
	ctl_json_free(j);
	return file;
}

void ladder_print_json(const struct ctl_json *e)
{
	static const char * const texts[] = { "direction", "side", "transport", "local", "remote",
		"sa", "impi", "start", "cseq", "call-id", "event", "who", "rule", "clause", "text" };

	ctl_out_list_item("messages");
	ctl_out_open(NULL, '{');
	ctl_out_number("time-ms", ladder_ms(e));
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		if (ctl_json_member(e, texts[k]))
			ctl_out_text(texts[k], ctl_json_text(e, texts[k]));
	if (ctl_json_number(e, "set"))
		ctl_out_number("set", ctl_json_number(e, "set"));
	if (ctl_json_number(e, "spi"))
		ctl_out_number("spi", ctl_json_number(e, "spi"));
	ctl_out_close('}');
}

int ladder_write_svg(const struct ladder *l, const char *name)
{
	FILE *f = fopen(name, "we");
	bool failed;

	if (!f)
		return ctl_error("cannot write %s: %s", name, strerror(errno));
	ladder_svg(l, f);
	failed = ferror(f);
	failed |= fclose(f) != 0;
	return failed ? ctl_error("cannot write %s", name) : CTL_OK;
}

static int draw(const struct ctl *ctl, const struct ladder_options *o, const struct ladder *l)
{
	if (l->unreadable)
		fprintf(stderr, "gmctl: %zu lines of the file are no trace\n", l->unreadable);
	if (l->left_out)
		fprintf(stderr, "gmctl: %zu earlier ones are left out, see -n\n", l->left_out);
	if (!l->n && !ctl->json)
		return ctl_error("the file has nothing of that");
	if (o->svg)
		return ladder_write_svg(l, o->svg);
	if (!ctl->json) {
		ladder_text(l, o->ascii, stdout);
		return CTL_OK;
	}
	for (size_t i = 0; i < l->n; i++)
		ladder_print_json(ladder_entry(l, i));
	ctl_out_list_end("messages");
	return CTL_OK;
}

static int read_and_draw(const struct ctl *ctl, const struct ladder_options *o)
{
	struct ladder l = { .room = (size_t)o->most };
	bool bad;
	FILE *f = ladder_open(o->file, &bad);
	int status;

	if (!f)
		return CTL_FAILED;
	status = ladder_read(&l, f, &o->wanted);
	fclose(f);
	status = status ? ctl_error("cannot read %s: %s", o->file, strerror(-status))
			: draw(ctl, o, &l);
	ladder_free(&l);
	return bad ? CTL_FAILED : status;
}

int ctl_ladder(const struct ctl *ctl, int argc, char **argv)
{
	struct ladder_options o = { .most = USUAL };
	char *theirs = NULL;
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (read_words(&o, argc, argv))
		return CTL_USAGE;
	if (o.live && o.file)
		return ctl_bad_usage("-f and -t: what happens is in no file");
	if (o.live)
		return ladder_live(ctl, &o);
	if (!o.file)
		o.file = theirs = file_of_agent(ctl);
	status = o.file ? read_and_draw(ctl, &o) : CTL_FAILED;
	free(theirs);
	return status;
}
