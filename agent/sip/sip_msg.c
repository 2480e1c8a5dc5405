// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The index of a message: which line is which header, and where its value is.
 * A message is one block of memory (struct, lines, copy of the octets) and,
 * once it is edited, two more; sip_msg_free() releases all. Not thread-safe.
 */
#include "sip_msg.h"

#include <stdlib.h>

#include "sip_param.h"

/* The line at @at with what is folded into it. */
static struct str take_line(struct str head, size_t at)
{
	size_t end = at;

	do {
		const char *lf = memchr(head.p + end, '\n', head.n - end);

		end = lf ? (size_t)(lf - head.p) + 1 : head.n;
	} while (end < head.n && (head.p[end] == ' ' || head.p[end] == '\t'));
	return (struct str){ head.p + at, end - at };
}

/* The gate has made sure of the name and of the colon. */
static void index_line(struct sip_line *line, struct str whole)
{
	const char *colon = memchr(whole.p, ':', whole.n);
	size_t at = (size_t)(colon - whole.p);

	line->whole = whole;
	line->name = str_trim((struct str){ whole.p, at });
	line->value = str_trim(str_from(whole, at + 1));
	line->id = sip_header_find(line->name);
}

/* The gate has made sure of the blanks. */
static void read_start_line(struct sip_msg *msg)
{
	struct str s = msg->start_line;
	const char *first = memchr(s.p, ' ', s.n), *last;
	size_t at = (size_t)(first - s.p);
	uint32_t status = 0;

	msg->request = !(s.n >= 4 && memcmp(s.p, "SIP/", 4) == 0);
	if (msg->request) {
		last = memrchr(s.p, ' ', s.n);
		msg->method_name = (struct str){ s.p, at };
		msg->method = sip_method_find(msg->method_name);
		msg->uri = (struct str){ first + 1, (size_t)(last - first) - 1 };
		msg->version = str_from(s, (size_t)(last - s.p) + 1);
		return;
	}
	msg->version = (struct str){ s.p, at };
	s = str_from(s, at + 1);
	first = memchr(s.p, ' ', s.n);
	at = first ? (size_t)(first - s.p) : s.n;
	if (at == 3 && str_number((struct str){ s.p, at }, 699, &status) && status >= 100)
		msg->status = status;
	msg->reason = first ? str_from(s, at + 1) : (struct str){ s.p + at, 0 };
}

/* Behind the line before it of the same header, which is asked for far more often. */
static void chain(struct sip_msg *msg, struct sip_line *lines, unsigned int i, uint16_t *last)
{
	enum sip_header id = lines[i].id;
	uint16_t *from = last[id] ? &lines[last[id] - 1].next : &msg->first[id];

	lines[i].next = 0;
	*from = last[id] = (uint16_t)(i + 1);
}

static void index_head(struct sip_msg *msg, struct sip_line *lines, unsigned int n)
{
	uint16_t last[SIP_HEADER_COUNT] = { 0 };
	struct str line = take_line(msg->head, 0);
	size_t at = line.n;

	msg->start_line = (struct str){ line.p, line.n - 2 };
	read_start_line(msg);
	for (unsigned int i = 0; i < n; i++) {
		line = take_line(msg->head, at);
		index_line(&lines[i], line);
		chain(msg, lines, i, last);
		at += line.n;
	}
	msg->lines = lines;
	msg->n_lines = n;
}

struct sip_msg *sip_msg_new(struct str octets, const struct sip_limits *limits,
			    enum sip_gate_result *result)
{
	enum sip_gate_result ignored;
	struct sip_line *lines;
	struct sip_msg *msg;
	struct sip_gate gate;
	char *copy;

	if (!result)
		result = &ignored;
	*result = sip_gate_check(octets, limits, &gate);
	if (*result != SIP_GATE_OK)
		return NULL;
	octets = str_from(octets, gate.skip);

	msg = malloc(sizeof(*msg) + gate.lines * sizeof(*lines) + octets.n);
	if (!msg)
		return NULL;
	*msg = (struct sip_msg){ 0 };
	lines = (struct sip_line *)(msg + 1);
	copy = (char *)(lines + gate.lines);
	memcpy(copy, octets.p, octets.n);
	msg->octets = (struct str){ copy, octets.n };
	msg->head = (struct str){ copy, gate.head };
	msg->body = str_from(msg->octets, gate.head);
	index_head(msg, lines, gate.lines);
	return msg;
}

void sip_msg_free(struct sip_msg *msg)
{
	if (!msg)
		return;
	free(msg->edits);
	octets_free(&msg->texts);
	free(msg);
}

const struct sip_line *sip_msg_line(const struct sip_msg *msg, enum sip_header id,
				    const struct sip_line *after)
{
	uint16_t next = after ? after->next : msg->first[id];

	return next ? &msg->lines[next - 1] : NULL;
}

struct str sip_msg_value(const struct sip_msg *msg, enum sip_header id)
{
	const struct sip_line *line = sip_msg_line(msg, id, NULL);

	return line ? line->value : STR_NONE;
}

bool sip_msg_next_value(const struct sip_msg *msg, enum sip_header id, struct sip_values *at,
			struct str *value)
{
	for (;;) {
		while (sip_param_split(&at->rest, ',', value))
			if (value->n)
				return true;
		if (at->line && at->line == msg->lines + msg->n_lines)
			return false;
		at->line = sip_msg_line(msg, id, at->line);
		if (!at->line) {
			at->line = msg->lines + msg->n_lines;
			return false;
		}
		at->rest = at->line->value;
	}
}

void sip_msg_join(const struct sip_msg *msg, enum sip_header id, struct octets *out)
{
	const struct sip_line *line = NULL;
	bool first = true;

	while ((line = sip_msg_line(msg, id, line))) {
		if (!first)
			octets_puts(out, ", ");
		octets_put(out, line->value);
		first = false;
	}
}

bool sip_msg_has_tag(const struct sip_msg *msg, enum sip_header id, struct str tag)
{
	struct sip_values at = { 0 };
	struct str value;

	while (sip_msg_next_value(msg, id, &at, &value))
		if (str_same_nocase(value, tag))
			return true;
	return false;
}

bool sip_msg_number(const struct sip_msg *msg, enum sip_header id, uint32_t *out)
{
	return str_number(sip_msg_value(msg, id), UINT32_MAX, out);
}
