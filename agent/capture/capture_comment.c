// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_comment.h"

#include <stdlib.h>

static const char * const sides[] = {
	[CAPTURE_GM] = "Gm, clear",
	[CAPTURE_GM_PROTECTED] = "Gm, protected",
	[CAPTURE_MW] = "Mw",
};

const char *capture_side_name(enum capture_side side)
{
	return sides[side];
}

static void put(struct octets *o, const char *before, struct str s)
{
	octets_puts(o, before);
	octets_put(o, s);
}

void capture_comment_put(struct octets *o, const struct capture_comment *c)
{
	octets_join(o, sides[c->side], c->in ? ", received" : ", sent");
	if (c->sa.n) {
		put(o, ", SA ", c->sa);
		octets_printf(o, ", SPI 0x%08x, set %u (", c->spi, c->set);
		put(o, "", c->state);
		octets_puts(o, ")");
	}
	if (c->impi.n)
		put(o, ", ", c->impi);
}

/* Takes @text off its beginning. */
static bool take(struct str *s, const char *text)
{
	size_t n = strlen(text);

	if (s->n < n || memcmp(s->p, text, n))
		return false;
	*s = str_from(*s, n);
	return true;
}

/* Takes all before @text, and that. */
static bool take_until(struct str *s, const char *text, struct str *before)
{
	const char *at = s->n ? memmem(s->p, s->n, text, strlen(text)) : NULL;

	if (!at)
		return false;
	*before = (struct str){ s->p, (size_t)(at - s->p) };
	*s = str_from(*s, before->n + strlen(text));
	return true;
}

static bool read_sa(struct capture_comment *c, struct str *line)
{
	struct str spi, set;
	uint8_t octets[4];

	if (!take_until(line, ", SPI 0x", &c->sa) || !take_until(line, ", set ", &spi) ||
	    !take_until(line, " (", &set) || !take_until(line, ")", &c->state))
		return false;
	if (!c->sa.n || spi.n != 8 || !str_hex(spi, octets, 4) ||
	    !str_number(set, UINT32_MAX, &c->set))
		return false;
	c->spi = (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
		 octets[3];
	return true;
}

bool capture_comment_read(struct capture_comment *c, struct str line)
{
	unsigned int i;

	*c = (struct capture_comment){ .sa = { "", 0 }, .state = { "", 0 }, .impi = { "", 0 } };
	for (i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (take(&line, sides[i]))
			break;
	if (i == sizeof(sides) / sizeof(sides[0]))
		return false;
	c->side = i;
	c->in = take(&line, ", received");
	if (!c->in && !take(&line, ", sent"))
		return false;
	if (take(&line, ", SA ") && !read_sa(c, &line))
		return false;
	if (take(&line, ", "))
		c->impi = line;
	else if (line.n)
		return false;
	return true;
}

void capture_note_put(struct octets *o, const struct capture_note *n)
{
	put(o, "", n->event);
	if (n->rule.n) {
		put(o, " ", n->rule);
		put(o, " (", n->clause);
		octets_puts(o, ")");
	}
	put(o, ": ", n->text);
}

/* "refused", "verify-differs" */
static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 'a' || s.p[i] > 'z') && (s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '-')
			return false;
	return s.n;
}

bool capture_note_read(struct capture_note *n, struct str line)
{
	struct str head = line, rest = line;

	*n = (struct capture_note){ .rule = { "", 0 }, .clause = { "", 0 } };
	if (take_until(&head, " ", &n->event) && is_name(n->event) &&
	    take_until(&head, " (", &n->rule) && is_name(n->rule) &&
	    take_until(&head, "): ", &n->clause)) {
		n->text = head;
		return true;
	}
	n->rule = n->clause = (struct str){ "", 0 };
	if (!take_until(&rest, ": ", &n->event) || !is_name(n->event))
		return false;
	n->text = rest;
	return true;
}
