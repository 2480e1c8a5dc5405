// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Edits of a message: kept in the order of the octets they change and written
 * out in one pass. The original is never touched. Texts of all edits share one
 * growing buffer, so that an edit costs no allocation of its own.
 */
#include "sip_edit.h"

#include <stdio.h>
#include <stdlib.h>

#include "sip_param.h"

static bool grow(struct sip_msg *msg)
{
	unsigned int size = msg->size_edits ? 2 * msg->size_edits : 24;
	struct sip_edit *edits;

	if (msg->n_edits < msg->size_edits)
		return true;
	edits = realloc(msg->edits, size * sizeof(*edits));
	if (!edits)
		return false;
	msg->edits = edits;
	msg->size_edits = size;
	return true;
}

/* At one place: insertions first, in the order made; then what takes away. */
static bool goes_before(const struct sip_edit *a, const struct sip_edit *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	return !a->del && b->del;
}

/* @part is of the original; its text has been appended to msg->texts from @text on. */
static void add_edit(struct sip_msg *msg, struct str part, size_t text)
{
	struct sip_edit edit = { .del = part.n, .text = text, .len = msg->texts.n - text };
	unsigned int i;

	if (!str_within(part, msg->head) || msg->texts.failed || !grow(msg)) {
		msg->failed = true;
		return;
	}
	edit.at = (size_t)(part.p - msg->octets.p);
	for (i = msg->n_edits; i > 0 && goes_before(&edit, &msg->edits[i - 1]); i--)
		msg->edits[i] = msg->edits[i - 1];
	msg->edits[i] = edit;
	msg->n_edits++;
}

static void add_line(struct sip_msg *msg, const char *at, enum sip_header id, struct str value)
{
	size_t text = msg->texts.n;

	octets_puts(&msg->texts, sip_header_name(id));
	octets_puts(&msg->texts, ": ");
	octets_put(&msg->texts, value);
	octets_puts(&msg->texts, "\r\n");
	add_edit(msg, (struct str){ at, 0 }, text);
}

void sip_msg_remove_line(struct sip_msg *msg, const struct sip_line *line)
{
	add_edit(msg, line->whole, msg->texts.n);
}

void sip_msg_remove_all(struct sip_msg *msg, enum sip_header id)
{
	const struct sip_line *line = NULL;

	while ((line = sip_msg_line(msg, id, line)))
		sip_msg_remove_line(msg, line);
}

void sip_msg_replace(struct sip_msg *msg, struct str part, struct str with)
{
	size_t text = msg->texts.n;

	octets_put(&msg->texts, with);
	add_edit(msg, part, text);
}

void sip_msg_put_before(struct sip_msg *msg, struct str part, struct str text)
{
	sip_msg_replace(msg, (struct str){ part.p, 0 }, text);
}

void sip_msg_put_after(struct sip_msg *msg, struct str part, struct str text)
{
	sip_msg_replace(msg, (struct str){ part.p + part.n, 0 }, text);
}

void sip_msg_add_top(struct sip_msg *msg, enum sip_header id, struct str value)
{
	add_line(msg, msg->start_line.p + msg->start_line.n + 2, id, value);
}

void sip_msg_add_end(struct sip_msg *msg, enum sip_header id, struct str value)
{
	add_line(msg, msg->head.p + msg->head.n - 2, id, value);
}

void sip_msg_add_first(struct sip_msg *msg, enum sip_header id, struct str value)
{
	const struct sip_line *line = sip_msg_line(msg, id, NULL);

	if (line)
		add_line(msg, line->whole.p, id, value);
	else
		sip_msg_add_end(msg, id, value);
}

void sip_msg_set(struct sip_msg *msg, enum sip_header id, struct str value)
{
	sip_msg_add_first(msg, id, value);
	sip_msg_remove_all(msg, id);
}

static struct str between(const char *from, const char *to)
{
	return (struct str){ from, (size_t)(to - from) };
}

/*
 * Removed values take the comma before them with them, or the one behind while
 * nothing before them stays; so neighbouring cuts never overlap.
 */
static void cut_values(struct sip_msg *msg, const struct sip_line *line,
		       bool (*drop)(struct str, const void *), const void *arg)
{
	struct str rest = line->value, value, last = STR_NONE;
	bool keeps = false, pending = false;

	while (sip_param_split(&rest, ',', &value)) {
		if (!value.n)
			continue;
		if (pending && !keeps)
			sip_msg_replace(msg, between(last.p, value.p), STR_NONE);
		pending = drop(value, arg);
		if (pending && keeps)
			sip_msg_replace(msg, between(last.p + last.n, value.p + value.n), STR_NONE);
		else if (!pending)
			keeps = true;
		last = value;
	}
}

void sip_msg_remove_values(struct sip_msg *msg, enum sip_header id,
			   bool (*drop)(struct str value, const void *arg), const void *arg)
{
	const struct sip_line *line = NULL;

	while ((line = sip_msg_line(msg, id, line))) {
		struct str rest = line->value, value;
		bool keeps = false, drops = false;

		while (sip_param_split(&rest, ',', &value)) {
			if (!value.n)
				continue;
			if (drop(value, arg))
				drops = true;
			else
				keeps = true;
		}
		if (drops && keeps)
			cut_values(msg, line, drop, arg);
		else if (drops)
			sip_msg_remove_line(msg, line);
	}
}

static bool is_tag(struct str value, const void *arg)
{
	return str_same_nocase(value, *(const struct str *)arg);
}

void sip_msg_remove_tag(struct sip_msg *msg, enum sip_header id, struct str tag)
{
	sip_msg_remove_values(msg, id, is_tag, &tag);
}

void sip_msg_restore(struct sip_msg *msg)
{
	msg->n_edits = 0;
	msg->texts.n = 0;
	msg->texts.failed = false;
	msg->failed = false;
}

bool sip_edit_write(const struct sip_msg *msg, size_t from, size_t to, struct octets *out)
{
	size_t at = from;

	if (msg->failed)
		return false;
	for (unsigned int i = 0; i < msg->n_edits; i++) {
		const struct sip_edit *edit = &msg->edits[i];

		if (edit->at < from || edit->at + edit->del > to)
			continue;
		/* Inside what an earlier edit took away: nothing left to change. */
		if (edit->at < at && edit->at + edit->del <= at)
			continue;
		if (edit->at < at)
			return false;
		octets_put(out, (struct str){ msg->octets.p + at, edit->at - at });
		octets_put(out, (struct str){ msg->texts.p + edit->text, edit->len });
		at = edit->at + edit->del;
	}
	octets_put(out, (struct str){ msg->octets.p + at, to - at });
	return !out->failed;
}

bool sip_msg_write(const struct sip_msg *msg, struct octets *out)
{
	/* What there is and what is new: nearly always enough. */
	octets_reserve(out, msg->octets.n + msg->texts.n);
	return sip_edit_write(msg, 0, msg->head.n + msg->body.n, out);
}

/* ";name=value" in place of the parameter that is there, or after the others. */
static void mark(struct sip_msg *msg, struct str there, struct str end, struct str param)
{
	if (there.p)
		sip_msg_replace(msg, there, (struct str){ param.p + 1, param.n - 1 });
	else
		sip_msg_put_after(msg, end, param);
}

/* An IPv6 address stands without [] in received (RFC 3261 25.1, IPv6address). */
void sip_msg_mark_source(struct sip_msg *msg, const struct sip_source *source)
{
	const struct sip_via *via = &msg->via;
	struct str end = { via->whole.p + via->whole.n, 0 };
	struct octets text = { 0 };

	if (!via->whole.p)
		return;
	octets_join(&text, ";received=", source->host);
	mark(msg, via->received_param, end, octets_str(&text));
	text.n = 0;
	octets_puts(&text, ";rport=");
	octets_number(&text, source->port);
	if (via->rport_param.p || source->force_rport)
		mark(msg, via->rport_param, end, octets_str(&text));
	msg->failed = msg->failed || text.failed;
	octets_free(&text);
}

void sip_msg_remove_via(struct sip_msg *msg)
{
	const struct sip_line *line = sip_msg_line(msg, SIP_HEADER_VIA, NULL);
	struct str rest, first, next;

	if (!line)
		return;
	rest = line->value;
	if (!sip_param_split(&rest, ',', &first))
		return;
	while (sip_param_split(&rest, ',', &next)) {
		if (next.n) {
			sip_msg_replace(msg, between(first.p, next.p), STR_NONE);
			return;
		}
	}
	sip_msg_remove_line(msg, line);
}

#define DEFAULT_HOPS 70		/* RFC 3261 16.6 3. */

void sip_msg_count_hop(struct sip_msg *msg)
{
	const struct sip_line *line = sip_msg_line(msg, SIP_HEADER_MAX_FORWARDS, NULL);
	char room[NUMBER_ROOM];
	uint32_t hops;

	if (!line)
		sip_msg_add_end(msg, SIP_HEADER_MAX_FORWARDS, number_text(room, DEFAULT_HOPS));
	else if (str_number(line->value, 255, &hops) && hops)
		sip_msg_replace(msg, line->value, number_text(room, hops - 1));
}
