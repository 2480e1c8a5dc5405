// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_file - a file to be drawn: the agent's trace, what gmctl trace -j printed,
// or a capture.
#include <errno.h>
#include <string.h>

#include "capture_lines.h"
#include "ctl_ladder.h"

/* A trace is read more than once, so what comes through a pipe is kept. */
static FILE *kept(FILE *f)
{
	FILE *copy = tmpfile();
	char piece[65536];
	size_t n;

	while (copy && (n = fread(piece, 1, sizeof(piece), f)))
		if (fwrite(piece, 1, n, copy) != n)
			break;
	if (copy && !ferror(copy) && !ferror(f) && !fflush(copy)) {
		rewind(copy);
		return copy;
	}
	if (copy)
		fclose(copy);
	return NULL;
}

static FILE *open_seekable(const char *name)
{
	FILE *f = strcmp(name, "-") ? fopen(name, "re") : stdin, *copy;
	int e;

	if (!f || (f != stdin && !fseek(f, 0, SEEK_SET)))
		return f;
	copy = kept(f);
	e = errno;
	if (f != stdin)
		fclose(f);
	errno = e;
	return copy;
}

static bool is_capture(FILE *f)
{
	char first[4];
	bool is = fread(first, sizeof(first), 1, f) == 1 && capture_is(first);

	clearerr(f);
	rewind(f);
	return is;
}

static void tell_one(const char *name, unsigned long n, const char *what, const char *why)
{
	if (n)
		fprintf(stderr, "gmctl: %s: %lu %s%s %s\n", name, n, what, n == 1 ? "" : "s", why);
}

/* Of a capture what is not drawn; the rest of it (ARP, RTP ...) is no SIP to begin with. */
static void tell(const char *name, const struct capture_told *told)
{
	char link[64];

	tell_one(name, told->kinds[CAPTURE_ESP], "packet",
		 "of ESP not shown: see gmctl trace -w, or gmctl wireshark for their keys");
	tell_one(name, told->kinds[CAPTURE_FRAGMENT], "later fragment",
		 "not shown: of a datagram in fragments the first one is drawn");
	tell_one(name, told->kinds[CAPTURE_CUT], "packet",
		 "not shown: too little was captured, or lengths are wrong");
	snprintf(link, sizeof(link), "not shown: link type %u is not known", told->link);
	tell_one(name, told->kinds[CAPTURE_LINK], "packet", link);
	tell_one(name, told->lost, "gap", "in TCP: messages may be missing there");
}

static FILE *of_capture(const char *name, FILE *in, bool *bad)
{
	FILE *lines = tmpfile();
	struct capture_told told;
	int ret;

	if (!lines) {
		ctl_error("no temporary file: %s", strerror(errno));
		return NULL;
	}
	ret = capture_lines(in, lines, &told);
	if (!ret && fflush(lines))
		ret = -errno;
	if (ret) {
		ctl_error("cannot read %s: %s", name, strerror(-ret));
		fclose(lines);
		return NULL;
	}
	rewind(lines);
	tell(name, &told);
	*bad = *told.error;
	if (*bad)
		ctl_error("%s: %s", name, told.error);
	return lines;
}

FILE *ladder_open(const char *name, bool *bad)
{
	FILE *f = open_seekable(name), *lines;

	*bad = false;
	if (!f) {
		ctl_error("cannot read %s: %s", name, strerror(errno));
		return NULL;
	}
	if (!is_capture(f))
		return f;
	lines = of_capture(name, f, bad);
	fclose(f);
	return lines;
}
