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
#include "ctl_trace.h"

#define USUAL 1000u

static const char help[] =
"Usage: gmctl ladder [-a] [-n COUNT] [-w FILE.svg] [-i CALL-ID] [-t SECONDS]\n"
"                    [FILE] [UE]\n"
"\n"
"Draws who sent what to whom: a UE, gmgate, the nodes of the core; a single line\n"
"is in clear, a double one inside ESP. Each has its CSeq, ports and SA; what was\n"
"refused has its rule and clause. It is read from the agent's trace file, or from the\n"
"agent as it happens (-t).\n"
"\n"
"  FILE        the trace file; by default that of the agent that runs (key trace)\n"
"  UE          an IMPI, or what stands before its @, or an address: only what is of\n"
"              that UE, and its way to the core\n"
"  -i CALL-ID  only that call, or registration\n"
"  -a          without anything but ASCII\n"
"  -n COUNT    the last ones, 1000\n"
"  -t SECONDS  what happens from now on, for so long or until interrupted; no file\n"
"  -w FILE     as a picture, SVG\n";

struct options {
	const char *file, *svg;
	struct ladder_wanted wanted;
	uint64_t most;
	bool ascii;
	struct ctl_until live;		/* 0 ms: out of a file */
};

static bool is_file(const char *word)
{
	struct stat st;

	return strchr(word, '/') || !stat(word, &st);
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

static int read_option(struct options *o, int argc, char **argv, int *i)
{
	const char *option = argv[*i], *count = NULL;
	const char **to = !strcmp(option, "-w") ? &o->svg :
			  !strcmp(option, "-i") ? &o->wanted.call_id :
			  !strcmp(option, "-n") ? &count : NULL;

	if (!strcmp(option, "-t")) {
		const char *seconds;

		if (!take_value(argc, argv, i, &seconds))
			return CTL_USAGE;
		return ctl_parse_seconds(seconds, &o->live.ms) ? CTL_OK :
		       ctl_bad_usage("-t: say seconds");
	}
	if (!strcmp(option, "-a")) {
		o->ascii = true;
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

static int read_words(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-') {
			if (read_option(o, argc, argv, &i))
				return CTL_USAGE;
		} else if (!o->file && !o->wanted.who && is_file(argv[i])) {
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
			  "with -t");
	ctl_json_free(j);
	return file;
}

static void print_json(const struct ladder *l)
{
	static const char * const texts[] = { "direction", "side", "transport", "local", "remote",
		"sa", "impi", "start", "cseq", "call-id", "event", "who", "rule", "clause", "text" };

	ctl_out_list_item("messages");
	for (size_t i = 0; i < l->n; i++) {
		const struct ctl_json *e = ladder_entry(l, i);

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
	ctl_out_list_end("messages");
}

static int write_svg(const struct ladder *l, const char *name)
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

static int draw(const struct ctl *ctl, const struct options *o, const struct ladder *l)
{
	if (l->unreadable)
		fprintf(stderr, "gmctl: %zu lines of the file are no trace\n", l->unreadable);
	if (l->left_out)
		fprintf(stderr, "gmctl: %zu earlier ones are left out, see -n\n", l->left_out);
	if (!l->n && !ctl->json)
		return ctl_error(o->live.ms ? "nothing of that came" : "the file has nothing of that");
	if (o->svg)
		return write_svg(l, o->svg);
	if (ctl->json)
		print_json(l);
	else
		ladder_text(l, o->ascii, stdout);
	return CTL_OK;
}

static int read_and_draw(const struct ctl *ctl, const struct options *o, const char *name)
{
	struct ladder l = { .room = (size_t)o->most };
	FILE *f = fopen(name, "re");
	int status;

	if (!f)
		return ctl_error("cannot read %s: %s", name, strerror(errno));
	status = ladder_read(&l, f, &o->wanted);
	fclose(f);
	status = status ? ctl_error("cannot read %s: %s", name, strerror(-status))
			: draw(ctl, o, &l);
	ladder_free(&l);
	return status;
}

static bool keep_line(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	FILE *f = arg;

	fprintf(f, "%.*s\n", (int)n, text);
	return !ladder_is_note(j);
}

/* Whom it is about the agent decides: it knows more than a file can say. */
static int follow_and_draw(const struct ctl *ctl, struct options *o)
{
	struct ladder l = { .room = (size_t)o->most };
	struct ctl_follow follow = {
		.ctl = ctl, .who = o->wanted.who, .until = o->live, .line = keep_line,
		.arg = tmpfile(),
	};
	int status;

	if (!follow.arg)
		return ctl_error("no temporary file: %s", strerror(errno));
	status = ctl_follow(&follow);
	rewind(follow.arg);
	o->wanted.who = NULL;
	if (!status && ladder_read(&l, follow.arg, &o->wanted))
		status = ctl_error("out of memory");
	else if (!status)
		status = draw(ctl, o, &l);
	fclose(follow.arg);
	ladder_free(&l);
	return status;
}

int ctl_ladder(const struct ctl *ctl, int argc, char **argv)
{
	struct options o = { .most = USUAL };
	char *theirs = NULL;
	int status;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (read_words(&o, argc, argv))
		return CTL_USAGE;
	if (o.live.ms && o.file)
		return ctl_bad_usage("-t: what happens is in no file");
	if (o.live.ms)
		return follow_and_draw(ctl, &o);
	if (!o.file)
		o.file = theirs = file_of_agent(ctl);
	status = o.file ? read_and_draw(ctl, &o, o.file) : CTL_FAILED;
	free(theirs);
	return status;
}
