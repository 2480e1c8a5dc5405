// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_ladder_svg - the ladder as a picture: SVG 1.1 without script, style sheet,
// link or anything from elsewhere.
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "ctl_ladder.h"

#define SVG_TIME 110		/* pixels before the first lane */
#define SVG_GAP 230
#define SVG_REMARK 640
#define SVG_ROW 26
#define SVG_TOP 56

#define SVG_CLEAR "#4a5568"
#define SVG_ESP "#1a7f37"
#define SVG_BAD "#b42318"

static unsigned int x_of(unsigned int lane)
{
	return SVG_TIME + SVG_GAP / 2 + lane * SVG_GAP;
}

/* Nothing of a text is markup, and what is not printable ASCII is no XML either. */
static void svg_text(FILE *to, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\'':
			fputs("&#39;", to);
			break;
		default:
			putc(*text >= 0x20 && *text < 0x7f ? *text : '?', to);
		}
	}
}

static void svg_text_at(FILE *to, unsigned int x, unsigned int y, const char *anchor,
		    const char *colour, const char *text)
{
	fprintf(to, "<text x=\"%u\" y=\"%u\" text-anchor=\"%s\" fill=\"%s\">", x, y, anchor, colour);
	svg_text(to, text);
	fputs("</text>\n", to);
}

static void svg_line(FILE *to, unsigned int x1, unsigned int x2, unsigned int y,
		     const char *colour)
{
	fprintf(to, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"%s\"/>\n", x1, y, x2, y,
		colour);
}

static void svg_lanes(const struct ladder *l, unsigned int bottom, FILE *to)
{
	for (unsigned int i = 0; i < l->n_lanes; i++) {
		svg_text_at(to, x_of(i), 20, "middle", "#000", ladder_kind_name(l, i));
		svg_text_at(to, x_of(i), 36, "middle", SVG_CLEAR, l->lanes[i].name);
		fprintf(to, "<line x1=\"%u\" y1=\"44\" x2=\"%u\" y2=\"%u\" stroke=\"#a0aec0\"/>\n",
			x_of(i), x_of(i), bottom);
	}
}

/* From a lane to itself. */
static void svg_to_itself(const struct ctl_json *e, unsigned int x, unsigned int y,
			  const char *colour, FILE *to)
{
	char label[LADDER_TEXT];

	fprintf(to, "<path d=\"M%u %u h60 v8 h-60\" stroke=\"%s\"/>\n", x, y - 4, colour);
	fprintf(to, "<polygon points=\"%u,%u %u,%u %u,%u\" fill=\"%s\"/>\n", x, y + 4, x + 8, y - 1,
		x + 8, y + 9, colour);
	ladder_label(e, label);
	svg_text_at(to, x + 66, y + 4, "start", colour, label);
}

/* Inside ESP it is a double line. */
static void svg_arrow(const struct ladder *l, const struct ctl_json *e, unsigned int y, FILE *to)
{
	bool esp = ladder_is_protected(e);
	const char *colour = esp ? SVG_ESP : SVG_CLEAR;
	unsigned int from, to_lane, x1, x2;
	char label[LADDER_TEXT];
	int back;

	ladder_ends(l, e, &from, &to_lane);
	x1 = x_of(from);
	if (from == to_lane) {
		svg_to_itself(e, x1, y, colour, to);
		return;
	}
	x2 = x_of(to_lane);
	back = x1 < x2 ? -8 : 8;
	if (esp) {
		svg_line(to, x1, (unsigned int)((int)x2 + back / 2), y - 2, colour);
		svg_line(to, x1, (unsigned int)((int)x2 + back / 2), y + 2, colour);
	} else {
		svg_line(to, x1, x2, y, colour);
	}
	fprintf(to, "<polygon points=\"%u,%u %d,%u %d,%u\" fill=\"%s\"/>\n", x2, y,
		(int)x2 + back, y - 5, (int)x2 + back, y + 5, colour);
	ladder_label(e, label);
	svg_text_at(to, (x1 + x2) / 2, y - 5, "middle", colour, label);
}

static void svg_note(const struct ladder *l, const struct ctl_json *e, unsigned int y, FILE *to)
{
	unsigned int x = x_of(l->gate);

	if (l->lanes[l->gate].kind != LADDER_GATE)
		return;
	if (!ladder_is_bad(e)) {
		fprintf(to, "<circle cx=\"%u\" cy=\"%u\" r=\"4\" fill=\"" SVG_ESP "\"/>\n", x, y);
		return;
	}
	fprintf(to, "<path d=\"M%u %u l10 10 m0 -10 l-10 10\" stroke=\"" SVG_BAD "\"/>\n", x - 5, y - 5);
}

static void svg_entry(const struct ladder *l, const struct ctl_json *e, unsigned int y, FILE *to)
{
	unsigned int right = x_of(l->n_lanes - 1) + 20;
	char when[CTL_TEXT], remark[LADDER_TEXT];
	bool note = ladder_is_note(e);

	fputs("<g>\n", to);
	svg_text_at(to, 8, y + 4, "start", SVG_CLEAR, ctl_text_when(ladder_ms(e), when));
	if (note)
		svg_note(l, e, y, to);
	else
		svg_arrow(l, e, y, to);
	ladder_remark(e, remark);
	svg_text_at(to, right, y + 4, "start", !note ? SVG_CLEAR : ladder_is_bad(e) ? SVG_BAD : SVG_ESP,
		    remark);
	fputs("</g>\n", to);
}

void ladder_svg(const struct ladder *l, FILE *to)
{
	unsigned int width = x_of(l->n_lanes - 1) + SVG_REMARK;
	unsigned int bottom = SVG_TOP + (unsigned int)l->n * SVG_ROW + SVG_ROW / 2;

	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
		"viewBox=\"0 0 %u %u\" font-family=\"monospace\" font-size=\"12\" fill=\"none\">\n"
		"<title>SIP through gmgate: a single line is clear, a double one ESP</title>\n"
		"<rect width=\"%u\" height=\"%u\" fill=\"#fff\"/>\n",
		width, bottom + 10, width, bottom + 10, width, bottom + 10);
	svg_lanes(l, bottom, to);
	for (size_t i = 0; i < l->n; i++)
		svg_entry(l, ladder_entry(l, i), SVG_TOP + ((unsigned int)i + 1) * SVG_ROW - SVG_ROW / 4, to);
	fputs("</svg>\n", to);
}
