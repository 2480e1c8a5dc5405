// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_text - the ladder on a terminal: a line each, a single arrow what is in
// clear or behind gmgate, a double one what is inside ESP.
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_ladder.h"

#define TIME 14			/* columns before the first lane */
#define GAP 26			/* from lane to lane, at least */
#define COLUMNS (TIME + LADDER_LANES * (GAP + LADDER_NAME))

/* Below the blank: a piece of a drawing.  From there on: itself. */
enum piece {
	LIFE = 1,
	SINGLE,
	DOUBLE,
	RIGHT,
	LEFT,
	CROSS,
	PIECES
};

static const char * const pieces_ascii[PIECES] = {
	[LIFE] = "|", [SINGLE] = "-", [DOUBLE] = "=", [RIGHT] = ">", [LEFT] = "<", [CROSS] = "x",
};

static const char * const pieces_utf8[PIECES] = {
	[LIFE] = "\u2502", [SINGLE] = "\u2500", [DOUBLE] = "\u2550", [RIGHT] = "\u25b6",
	[LEFT] = "\u25c0", [CROSS] = "\u2717",
};

struct drawing {
	const struct ladder *l;
	const char * const *pieces;
	FILE *to;
	unsigned int gap;
	char line[COLUMNS + 1];
};

static unsigned int column(const struct drawing *d, unsigned int lane)
{
	return TIME + d->gap / 2 + lane * d->gap;
}

static void blank(struct drawing *d, bool lifelines)
{
	memset(d->line, ' ', COLUMNS);
	d->line[column(d, d->l->n_lanes - 1) + d->gap / 2] = 0;
	for (unsigned int i = 0; lifelines && i < d->l->n_lanes; i++)
		d->line[column(d, i)] = LIFE;
}

static void put_at(struct drawing *d, unsigned int at, const char *text, size_t most)
{
	size_t n = strlen(text);

	memcpy(d->line + at, text, n < most ? n : most);
}

static void put_line(struct drawing *d, const char *time, const char *colour, const char *remark)
{
	const char *p;
	size_t n = strlen(d->line);

	memcpy(d->line, time, strlen(time));
	while (!*remark && n && d->line[n - 1] == ' ')
		d->line[--n] = 0;
	for (p = d->line; *p; p++) {
		if ((unsigned char)*p < PIECES)
			fputs(d->pieces[(unsigned char)*p], d->to);
		else
			putc(*p, d->to);
	}
	if (*remark)
		fprintf(d->to, " %s%s%s", colour, remark, *colour ? ctl_paint(CTL_PLAIN) : "");
	putc('\n', d->to);
}

static void centre(struct drawing *d, unsigned int lane, const char *text)
{
	put_at(d, column(d, lane) - (unsigned int)strlen(text) / 2, text, d->gap - 1);
}

static void put_names(struct drawing *d)
{
	static const char * const kinds[] = {
		[LADDER_UE] = "UE", [LADDER_GATE] = "gmgate", [LADDER_CORE] = "core",
	};

	blank(d, false);
	for (unsigned int i = 0; i < d->l->n_lanes; i++)
		centre(d, i, kinds[d->l->lanes[i].kind]);
	put_line(d, "", "", "");
	blank(d, false);
	for (unsigned int i = 0; i < d->l->n_lanes; i++)
		centre(d, i, d->l->lanes[i].name);
	put_line(d, "", "", "");
}

static void put_arrow(struct drawing *d, const struct ctl_json *e)
{
	char label[LADDER_TEXT], text[LADDER_TEXT + 2];
	unsigned int from, to, left, right, n;

	ladder_ends(d->l, e, &from, &to);
	left = column(d, from < to ? from : to) + 1;
	right = column(d, from < to ? to : from) - 1;
	memset(d->line + left, ladder_is_protected(e) ? DOUBLE : SINGLE, right - left + 1);
	if (from < to)
		d->line[right] = RIGHT;
	else
		d->line[left] = LEFT;
	ladder_label(e, label);
	n = (unsigned int)snprintf(text, sizeof(text), " %s ", label);
	if (n > right - left - 1)
		n = right - left - 1;
	put_at(d, left + 1 + (right - left - 1 - n) / 2, text, n);
}

static void put_entry(struct drawing *d, const struct ctl_json *e)
{
	char when[CTL_TEXT], remark[LADDER_TEXT];
	bool note = ladder_is_note(e);

	blank(d, true);
	if (note)
		d->line[column(d, d->l->gate)] = CROSS;
	else
		put_arrow(d, e);
	ladder_remark(e, remark);
	put_line(d, ctl_text_when(ladder_ms(e), when), note ? ctl_paint(CTL_BAD) : "", remark);
}

void ladder_text(const struct ladder *l, bool ascii, FILE *to)
{
	struct drawing d = { .l = l, .pieces = ascii ? pieces_ascii : pieces_utf8, .to = to,
			     .gap = GAP };

	for (unsigned int i = 0; i < l->n_lanes; i++) {
		unsigned int wide = (unsigned int)strlen(l->lanes[i].name) + 2;

		if (wide > d.gap)
			d.gap = wide;
	}
	put_names(&d);
	for (size_t i = 0; i < l->n; i++)
		put_entry(&d, ladder_entry(l, i));
}
