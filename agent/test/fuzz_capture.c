// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A capture is anybody's file: whatever it is, its lines are those of a trace, each packet
 * is counted, and what is wrong has its octet.  And comments: what is read out of one is
 * what would be written.
 */
#include "fuzz.h"

#include "capture_comment.h"
#include "capture_lines.h"
#include "ctl_json.h"

static unsigned long lines(char *text, size_t n)
{
	unsigned long messages = 0;
	char *end = text + n;

	while (text < end) {
		char *next = memchr(text, '\n', (size_t)(end - text));
		struct ctl_json *j;

		MUST(next);
		j = ctl_json_parse(text, (size_t)(next - text));
		MUST(j && *ctl_json_text(j, "time"));
		MUST(*ctl_json_text(j, "event") || *ctl_json_text(j, "side"));
		MUST(*ctl_json_text(j, "event") || *ctl_json_text(j, "remote"));
		messages += !*ctl_json_text(j, "event");
		ctl_json_free(j);
		text = next + 1;
	}
	return messages;
}

static void file(const uint8_t *data, size_t size)
{
	FILE *in = fmemopen((void *)data, size, "r"), *out;
	struct capture_told told;
	unsigned long of_kinds = 0;
	char *text = NULL;
	size_t n = 0;

	out = open_memstream(&text, &n);
	MUST(in && out);
	MUST(capture_lines(in, out, &told) == 0);
	fclose(in);
	fclose(out);
	MUST(lines(text, n) == told.messages);
	for (unsigned int i = 0; i < CAPTURE_KINDS; i++)
		of_kinds += told.kinds[i];
	MUST(of_kinds == told.packets);
	MUST(!*told.error || !strncmp(told.error, "octet ", 6));
	free(text);
}

static void comment(struct str s)
{
	struct capture_comment c, again;
	struct capture_note n, note;
	struct octets o = { 0 };

	if (capture_comment_read(&c, s)) {
		capture_comment_put(&o, &c);
		MUST(capture_comment_read(&again, octets_str(&o)));
		MUST(again.side == c.side && again.in == c.in && again.spi == c.spi && again.set == c.set);
		MUST(str_same(again.sa, c.sa) && str_same(again.state, c.state) &&
		     str_same(again.impi, c.impi));
	}
	octets_free(&o);
	o = (struct octets){ 0 };
	if (capture_note_read(&n, s)) {
		capture_note_put(&o, &n);
		MUST(str_same(octets_str(&o), s));
		MUST(capture_note_read(&note, octets_str(&o)) && str_same(note.rule, n.rule));
	}
	octets_free(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	file(data, size);
	comment((struct str){ (const char *)data, size });
	return 0;
}
