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
#define COLUMNS (TIME + (LADDER_LANES + 1) * (GAP + LADDER_NAME))

/* Below the blank: a piece of a drawing.  From there on: itself. */
enum piece {
	LIFE = 1,
	SINGLE,
	DOUBLE,
	RIGHT,
	LEFT,
	CROSS,
	POINT,
	PIECES
};

static const char * const pieces_ascii[PIECES] = {
	[LIFE] = "|", [SINGLE] = "-", [DOUBLE] = "=", [RIGHT] = ">", [LEFT] = "<", [CROSS] = "x",
	[POINT] = "o",
};

static const char * const pieces_utf8[PIECES] = {
	[LIFE] = "\u2502", [SINGLE] = "\u2500", [DOUBLE] = "\u2550", [RIGHT] = "\u25b6",
	[LEFT] = "\u25c0", [CROSS] = "\u2717", [POINT] = "\u25cf",
};

struct drawing {
	const struct ladder *l;
	const char * const *pieces;
	FILE *to;
	unsigned int at[LADDER_LANES];	/* the column of each lifeline */
	unsigned int wide;		/* of a line, without what is remarked */
	char line[COLUMNS + 1];
};

/* A lane is as far from the one before as their names need: more to the right move none. */
static void begin(struct drawing *d, const struct ladder *l, bool ascii, FILE *to)
{
	unsigned int before = 0, name = 0, gap;

	d->l = l;
	d->pieces = ascii ? pieces_ascii : pieces_utf8;
	d->to = to;
	for (unsigned int i = 0; i < l->n_lanes; i++, before = name) {
		name = (unsigned int)strlen(l->lanes[i].name);
		gap = (before + name) / 2 + 2 > GAP ? (before + name) / 2 + 2 : GAP;
		d->at[i] = i ? d->at[i - 1] + gap : TIME + (name + 2 > GAP ? name + 2 : GAP) / 2;
	}
	d->wide = l->n_lanes ? d->at[l->n_lanes - 1] + (name + 2 > GAP ? name + 2 : GAP) / 2 : TIME;
}

static void blank(struct drawing *d, bool lifelines)
{
	memset(d->line, ' ', COLUMNS);
	d->line[d->wide] = 0;
	for (unsigned int i = 0; lifelines && i < d->l->n_lanes; i++)
		d->line[d->at[i]] = LIFE;
}

static void put_at(struct drawing *d, unsigned int at, const char *text, size_t n)
{
	memcpy(d->line + at, text, n);
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
	size_t n = strlen(text);

	put_at(d, d->at[lane] - (unsigned int)n / 2, text, n);
}

/* Text within a line from @left to @right, as much as there is room for. */
static void put_label(struct drawing *d, const struct ctl_json *e, unsigned int left,
		      unsigned int right)
{
	char label[LADDER_TEXT], text[LADDER_TEXT + 2];
	unsigned int n;

	ladder_label(e, label);
	n = (unsigned int)snprintf(text, sizeof(text), " %s ", label);
	if (n > right - left - 1)
		n = right - left - 1;
	put_at(d, left + 1 + (right - left - 1 - n) / 2, text, n);
}

static void put_arrow(struct drawing *d, const struct ctl_json *e)
{
	unsigned int from, to, left, right;

	ladder_ends(d->l, e, &from, &to);
	left = d->at[from < to ? from : to] + 1;
	/* To itself: it comes back from half the way. */
	right = from == to ? left + GAP / 2 - 2 : d->at[from < to ? to : from] - 1;
	memset(d->line + left, ladder_is_protected(e) ? DOUBLE : SINGLE, right - left + 1);
	if (from < to)
		d->line[right] = RIGHT;
	else
		d->line[left] = LEFT;
	put_label(d, e, left, right);
}

static const char *note_colour(const struct ctl_json *note)
{
	return ctl_paint(ladder_is_bad(note) ? CTL_BAD : CTL_GOOD);
}

static void put_entry(struct drawing *d, const struct ctl_json *e)
{
	char when[CTL_TEXT], remark[LADDER_TEXT];
	bool note = ladder_is_note(e);

	blank(d, true);
	if (!note)
		put_arrow(d, e);
	else if (d->l->lanes[d->l->gate].kind == LADDER_GATE)
		d->line[d->at[d->l->gate]] = ladder_is_bad(e) ? CROSS : POINT;
	ladder_remark(e, remark);
	put_line(d, ctl_text_when(ladder_ms(e), when), note ? note_colour(e) : "", remark);
}

void ladder_text_heads(const struct ladder *l, bool ascii, FILE *to)
{
	struct drawing d;
	bool kinds = false;

	begin(&d, l, ascii, to);
	blank(&d, false);
	for (unsigned int i = 0; i < l->n_lanes; i++) {
		kinds |= *ladder_kind_name(l, i);
		centre(&d, i, ladder_kind_name(l, i));
	}
	if (kinds)
		put_line(&d, "", "", "");
	blank(&d, false);
	for (unsigned int i = 0; i < l->n_lanes; i++)
		centre(&d, i, l->lanes[i].name);
	put_line(&d, "", "", "");
}

void ladder_text_entry(const struct ladder *l, bool ascii, const struct ctl_json *e, FILE *to)
{
	struct drawing d;

	begin(&d, l, ascii, to);
	put_entry(&d, e);
}

void ladder_text(const struct ladder *l, bool ascii, FILE *to)
{
	struct drawing d;

	ladder_text_heads(l, ascii, to);
	begin(&d, l, ascii, to);
	for (size_t i = 0; i < l->n; i++)
		put_entry(&d, ladder_entry(l, i));
}
