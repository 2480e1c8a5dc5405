// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl trace - the messages of one UE as they pass on both sides, what was refused of them
// and why; to the terminal and as a capture for Wireshark.
#include "ctl_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture_comment.h"
#include "ctl_ladder.h"
#include "ctl_pcapng.h"

static const char help[] =
"Usage: gmctl trace [-v] [-w FILE] [-n COUNT] [-t SECONDS] [UE]\n"
"\n"
"Prints the SIP of a UE as it passes, towards the phone (Gm) and towards the core (Mw),\n"
"decrypted, each with the SA it was on, and what was refused with its clause. UE is an\n"
"IMPI, an identity or an address, each with * for the rest, registered or not; without it,\n"
"everybody. Goes on until interrupted, or nobody reads.\n"
"\n"
"  -v          the whole messages\n"
"  -w FILE     writes them to FILE too, for Wireshark and gmctl ladder (pcapng, with\n"
"              comments); -: to the standard output and nothing else, as in\n"
"              gmctl trace -w - UE | wireshark -k -i -\n"
"  -n COUNT    ends after so many messages\n"
"  -t SECONDS  ends after so long\n"
"\n"
"\"lost\" says that messages came faster than they could be read. Neither keys nor the tokens\n"
"by which the core names UEs are in it.\n";

struct tracing {
	const struct ctl *ctl;
	bool whole, quiet;		/* quiet: the capture has the standard output */
	FILE *capture;			/* NULL: none */
	bool failed;
	/* A packet waits for what is said about it. */
	struct ctl_pcapng_packet packet;
	char *message;			/* of it; NULL: none waits */
	struct octets comment;
};

/* ---- the capture ---- */

static void flush_packet(struct tracing *t)
{
	if (!t->message)
		return;
	t->packet.comment = octets_str(&t->comment);
	t->failed |= !ctl_pcapng_put(t->capture, &t->packet) || fflush(t->capture);
	free(t->message);
	t->message = NULL;
	octets_free(&t->comment);
	t->comment = (struct octets){ 0 };
}

static void on_idle(void *arg)
{
	flush_packet(arg);
}

/* "192.0.2.1:5060" or "[2001:db8::1]:5060" */
static bool read_place(const char *text, struct addr *a)
{
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	char host[LADDER_NAME];
	uint64_t port;

	if (!colon || !ctl_parse_u64(colon + 1, &port) || port > UINT16_MAX)
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - 2 * bracket, text + bracket);
	return addr_parse(a, host, (uint16_t)port);
}

/* NULL: it is none. */
static char *decode(const char *text, size_t *n)
{
	size_t in = strlen(text);
	char *out = malloc(in + 1);
	int got = out && in < INT32_MAX ? EVP_DecodeBlock((unsigned char *)out,
							  (const unsigned char *)text, (int)in) : -1;

	if (got < 0) {
		free(out);
		return NULL;
	}
	*n = (size_t)got - (in && text[in - 1] == '=') - (in > 1 && text[in - 2] == '=');
	return out;
}

static enum capture_side side_of(const struct ctl_json *j)
{
	return ladder_is_mw(j) ? CAPTURE_MW : ladder_is_protected(j) ? CAPTURE_GM_PROTECTED : CAPTURE_GM;
}

static void begin_comment(struct tracing *t, const struct ctl_json *j)
{
	capture_comment_put(&t->comment, &(struct capture_comment){
		.side = side_of(j), .in = !strcmp(ctl_json_text(j, "direction"), "in"),
		.sa = str_of(ctl_json_text(j, "sa")), .spi = (uint32_t)ctl_json_number(j, "spi"),
		.set = (uint32_t)ctl_json_number(j, "set"), .state = str_of(ctl_json_text(j, "state")),
		.impi = str_of(ctl_json_text(j, "impi")),
	});
}

static uint64_t us_of(const struct ctl_json *j)
{
	const char *text = ctl_json_text(j, "time"), *dot = strchr(text, '.');

	return strtoull(text, NULL, 10) * 1000000 + (dot ? strtoull(dot + 1, NULL, 10) : 0);
}

static void capture(struct tracing *t, const struct ctl_json *j)
{
	bool in = !strcmp(ctl_json_text(j, "direction"), "in");
	struct addr local, remote;
	size_t n;

	flush_packet(t);
	if (!read_place(ctl_json_text(j, "local"), &local) ||
	    !read_place(ctl_json_text(j, "remote"), &remote))
		return;
	t->message = decode(ctl_json_text(j, "message"), &n);
	if (!t->message)
		return;
	t->packet = (struct ctl_pcapng_packet){
		.us = us_of(j), .from = in ? remote : local, .to = in ? local : remote,
		.tcp = !strcmp(ctl_json_text(j, "transport"), "tcp"),
		.message = { t->message, n },
	};
	begin_comment(t, j);
}

static void capture_note(struct tracing *t, const struct ctl_json *j)
{
	if (!t->message)
		return;
	octets_puts(&t->comment, "\n");
	ladder_note_put(&t->comment, j);
}

/* ---- the terminal ---- */

/* Its lines, made printable: a UE chose them, and a terminal obeys control characters. */
static void print_message(const struct ctl_json *j)
{
	size_t n;
	char *text = decode(ctl_json_text(j, "message"), &n);

	for (size_t i = 0; text && i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\r')
			continue;
		if (!i || text[i - 1] == '\n')
			fputs("    ", stdout);
		putchar(c == '\n' || (c >= 0x20 && c < 0x7f) ? c : '?');
	}
	if (text && n && text[n - 1] != '\n')
		putchar('\n');
	free(text);
}

static void print_entry(const struct tracing *t, const struct ctl_json *j)
{
	bool in = !strcmp(ctl_json_text(j, "direction"), "in");
	char when[CTL_TEXT], remark[LADDER_TEXT];

	ladder_remark(j, remark);
	printf("%s %s %-13s %-24s %s%s%s\n", ctl_text_when(ladder_ms(j), when), in ? "<" : ">",
	       capture_side_name(side_of(j)), ctl_json_text(j, "remote"), ctl_paint(CTL_BOLD),
	       ctl_json_text(j, "start"), ctl_paint(CTL_PLAIN));
	printf("%16s%s%s%s%s%s\n", "", ctl_paint(CTL_FAINT), remark,
	       *ctl_json_text(j, "impi") ? "  " : "", ctl_json_text(j, "impi"),
	       ctl_paint(CTL_PLAIN));
	if (t->whole)
		print_message(j);
}

static void print_note(const struct ctl_json *j)
{
	char text[LADDER_TEXT];

	ladder_remark(j, text);
	printf("%16s%s%s%s  %s\n", "", ctl_paint(ladder_is_bad(j) ? CTL_BAD : CTL_GOOD), text,
	       ctl_paint(CTL_PLAIN), ctl_json_text(j, "who"));
}

static bool on_line(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	struct tracing *t = arg;
	bool note = ladder_is_note(j);

	if (t->capture && note)
		capture_note(t, j);
	else if (t->capture)
		capture(t, j);
	if (t->quiet)
		return !note;
	if (t->ctl->json)
		ctl_out_raw(text, n);
	else if (note)
		print_note(j);
	else
		print_entry(t, j);
	return !note;
}

/* ---- the command line ---- */

static FILE *open_capture(const char *name)
{
	int fd = !strcmp(name, "-") ? dup(STDOUT_FILENO)
				    : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
					   O_CLOEXEC, 0600);
	struct stat st;
	FILE *f;

	/* A file that was there keeps its mode: what is in it now is for its owner alone. */
	if (fd < 0 || fstat(fd, &st) ||
	    (S_ISREG(st.st_mode) && strcmp(name, "-") && fchmod(fd, 0600)))
		f = NULL;
	else
		f = fdopen(fd, "w");
	if (!f && fd >= 0)
		close(fd);
	return f;
}

static int trace(struct tracing *t, struct ctl_follow *f, const char *file)
{
	int status;

	if (file) {
		t->capture = open_capture(file);
		if (!t->capture || !ctl_pcapng_begin(t->capture))
			return ctl_error("cannot write %s: %s", file, strerror(errno));
		t->quiet = !strcmp(file, "-");
	}
	f->line = on_line;
	f->idle = on_idle;
	f->arg = t;
	status = ctl_follow(f);
	if (t->capture) {
		flush_packet(t);
		t->failed |= fclose(t->capture) != 0;
	}
	return t->failed ? ctl_error("cannot write %s", file) : status;
}

int ctl_trace(const struct ctl *ctl, int argc, char **argv)
{
	struct tracing t = { .ctl = ctl };
	struct ctl_follow f = { .ctl = ctl };
	const char *file = NULL;

	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (ctl_until_read(&f.until, "", &argc, argv))
		return CTL_USAGE;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-v"))
			t.whole = true;
		else if (!strcmp(argv[i], "-w") && i + 1 < argc)
			file = argv[++i];
		else if (argv[i][0] == '-' || f.who)
			return ctl_bad_usage("trace: no such word: %s", argv[i]);
		else
			f.who = argv[i];
	}
	return trace(&t, &f, file);
}
