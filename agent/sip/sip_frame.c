// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Finding messages in a stream (RFC 3261 7.5, 18.3): libosip2 has no framing.
 * A stream whose framing is in doubt cannot be put right again, so every doubt
 * is an error and the connection is closed. No memory of its own.
 */
#include "sip_frame.h"

/* Takes what can be taken of CR LF in front of a message, counts CRLFCRLF. */
static void skip_newlines(struct sip_frame *frame, struct str *octets)
{
	while (octets->n >= 2 && octets->p[0] == '\r' && octets->p[1] == '\n') {
		*octets = str_from(*octets, 2);
		frame->skip += 2;
		frame->newlines += 2;
		if (frame->newlines % 4 == 0)
			frame->pings++;
	}
}

static bool is_content_length(struct str line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct str name;

	if (!colon)
		return false;
	name = str_trim((struct str){ line.p, (size_t)(colon - line.p) });
	return str_same_nocase(name, STR_LIT("Content-Length")) ||
	       str_same_nocase(name, STR_LIT("l"));
}

/* The header line at *@at with what is folded into it. */
static struct str next_line(struct str head, size_t *at)
{
	size_t start = *at, end = start;

	do {
		const char *lf = memchr(head.p + end, '\n', head.n - end);

		end = lf ? (size_t)(lf - head.p) + 1 : head.n;
	} while (end < head.n && (head.p[end] == ' ' || head.p[end] == '\t'));
	*at = end;
	return (struct str){ head.p + start, end - start };
}

static bool read_content_length(struct str head, uint32_t max, uint32_t *length)
{
	unsigned int found = 0;

	for (size_t at = 0; at < head.n; ) {
		struct str line = next_line(head, &at);
		const char *colon;

		if (!is_content_length(line))
			continue;
		colon = memchr(line.p, ':', line.n);
		if (!str_number(str_trim(str_from(line, (size_t)(colon - line.p) + 1)), max,
				length))
			return false;
		found++;
	}
	return found == 1;
}

static enum sip_frame_result error(struct sip_frame *frame, enum sip_gate_result why)
{
	frame->error = why;
	return SIP_FRAME_ERROR;
}

/* Looks for the end of the head and, with it, sets frame->whole. */
static enum sip_frame_result find_head(struct sip_frame *frame, struct str octets,
				       const struct sip_limits *limits)
{
	size_t from = frame->seen > 3 ? frame->seen - 3 : 0;
	const char *end = memmem(octets.p + from, octets.n - from, "\r\n\r\n", 4);
	uint32_t body = 0;
	size_t head;

	if (!end) {
		frame->seen = octets.n;
		return octets.n > limits->message ? error(frame, SIP_GATE_MESSAGE_SIZE) :
						    SIP_FRAME_MORE;
	}
	head = (size_t)(end - octets.p) + 4;
	if (!read_content_length((struct str){ octets.p, head }, UINT32_MAX, &body))
		return error(frame, SIP_GATE_LENGTH);
	if (head > limits->message || body > limits->message - head)
		return error(frame, SIP_GATE_MESSAGE_SIZE);
	frame->whole = head + body;
	return SIP_FRAME_MESSAGE;
}

enum sip_frame_result sip_frame_next(struct sip_frame *frame, struct str octets,
				     const struct sip_limits *limits)
{
	frame->skip = 0;
	frame->length = 0;
	frame->pings = 0;
	if (!frame->seen && !frame->whole)
		skip_newlines(frame, &octets);
	if (!octets.n || (!frame->seen && octets.n == 1 && octets.p[0] == '\r'))
		return SIP_FRAME_MORE;
	/* Not even a method: something else than SIP, such as a TLS hello. */
	if (octets.p[0] <= ' ' || octets.p[0] == 127)
		return error(frame, SIP_GATE_START_LINE);
	frame->newlines = 0;

	if (!frame->whole) {
		enum sip_frame_result result = find_head(frame, octets, limits);

		if (result != SIP_FRAME_MESSAGE)
			return result;
	}
	if (octets.n < frame->whole)
		return SIP_FRAME_MORE;
	frame->length = frame->whole;
	frame->whole = 0;
	frame->seen = 0;
	return SIP_FRAME_MESSAGE;
}
