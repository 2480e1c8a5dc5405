// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_lines.h"

#include <errno.h>
#include <stdlib.h>

#include "capture_comment.h"
#include "capture_stream.h"
#include "json.h"
#include "sip_peek.h"

struct lines {
	FILE *out;
	const struct capture_packet *packet;	/* that is being read */
	struct capture_told *told;
	bool failed;
};

static void put_line(struct lines *l, struct octets *o)
{
	json_close(o, '}');
	octets_puts(o, "\n");
	l->failed |= o->failed || fwrite(o->p, 1, o->n, l->out) != o->n;
	octets_free(o);
}

static void put_time(const struct lines *l, struct octets *o)
{
	json_open(o, NULL, '{');
	octets_printf(o, "\"time\":%llu.%06u", (unsigned long long)(l->packet->us / 1000000),
		      (unsigned int)(l->packet->us % 1000000));
}

static const char *side_of(const struct capture_comment *c)
{
	static const char * const sides[] = {
		[CAPTURE_GM] = "gm", [CAPTURE_GM_PROTECTED] = "gm-protected", [CAPTURE_MW] = "mw",
	};

	return c ? sides[c->side] : "elsewhere";
}

/* @c: NULL: captured elsewhere. */
static void put_message(struct lines *l, const struct capture_piece *p, struct str message,
			const struct capture_comment *c)
{
	bool in = !c || c->in;
	struct octets o = { 0 };

	put_time(l, &o);
	json_text(&o, "direction", in ? "in" : "out");
	json_text(&o, "side", side_of(c));
	json_text(&o, "transport", p->tcp ? "tcp" : "udp");
	json_text(&o, "local", addr_text(in ? &p->to : &p->from));
	json_text(&o, "remote", addr_text(in ? &p->from : &p->to));
	if (c)
		json_number(&o, "set", c->set);
	if (c && c->sa.n) {
		json_string(&o, "sa", c->sa);
		json_number(&o, "spi", c->spi);
		json_string(&o, "state", c->state);
	}
	if (c && c->impi.n)
		json_string(&o, "impi", c->impi);
	json_number(&o, "octets", message.n);
	json_string(&o, "start", sip_peek_start(message));
	sip_peek_put(&o, "cseq", message, SIP_HEADER_CSEQ);
	sip_peek_put(&o, "call-id", message, SIP_HEADER_CALL_ID);
	put_line(l, &o);
	l->told->messages++;
}

/* What is no line of gmctl trace somebody has written into his capture. */
static void put_note(struct lines *l, const struct addr *peer, struct str line)
{
	struct capture_note note;
	struct octets o = { 0 };
	bool is_note = capture_note_read(&note, line);

	put_time(l, &o);
	if (is_note)
		json_string(&o, "event", note.event);
	else
		json_text(&o, "event", "comment");
	json_text(&o, "who", addr_text(peer));
	if (is_note && note.rule.n) {
		json_string(&o, "rule", note.rule);
		json_string(&o, "clause", note.clause);
	}
	json_string(&o, "text", is_note ? note.text : line);
	put_line(l, &o);
}

static struct str next_line(struct str *rest)
{
	const char *end = memchr(rest->p, '\n', rest->n);
	struct str line = { rest->p, end ? (size_t)(end - rest->p) : rest->n };

	*rest = str_from(*rest, end ? line.n + 1 : line.n);
	return str_trim(line);
}

/* With what its packet's comment says of it. */
static void on_message(const struct capture_piece *p, struct str message, void *arg)
{
	struct lines *l = arg;
	struct str rest = octets_str(&l->packet->comment), line = { "", 0 };
	struct capture_comment c;
	bool ours;

	if (rest.n)
		line = next_line(&rest);
	ours = capture_comment_read(&c, line);
	put_message(l, p, message, ours ? &c : NULL);
	if (ours)
		line.n = 0;
	for (;;) {
		if (line.n)
			put_note(l, ours && !c.in ? &p->to : &p->from, line);
		if (!rest.n)
			break;
		line = next_line(&rest);
	}
}

/* Some send empty lines in front. */
static void on_datagram(struct lines *l, const struct capture_piece *p)
{
	struct str message = p->octets;

	while (message.n && (message.p[0] == '\r' || message.p[0] == '\n'))
		message = str_from(message, 1);
	if (sip_peek_is_sip(message))
		on_message(p, message, l);
}

static void on_packet(struct lines *l, struct capture_streams *streams)
{
	struct capture_piece piece;
	enum capture_kind kind = capture_decode(l->packet, &piece);

	l->told->packets++;
	l->told->kinds[kind]++;
	if (kind == CAPTURE_MESSAGE)
		on_message(&piece, piece.octets, l);
	else if (kind == CAPTURE_DATAGRAM)
		on_datagram(l, &piece);
	else if (kind == CAPTURE_SEGMENT)
		capture_streams_take(streams, &piece, on_message, l);
	else if (kind == CAPTURE_LINK)
		l->told->link = l->packet->link;
	l->failed |= streams->failed;
}

int capture_lines(FILE *in, FILE *out, struct capture_told *told)
{
	struct capture_streams *streams = calloc(1, sizeof(*streams));
	struct capture_packet packet;
	struct lines l = { .out = out, .packet = &packet, .told = told };
	struct capture c;
	int more = 1;

	*told = (struct capture_told){ .packets = 0 };
	if (!streams)
		return -ENOMEM;
	errno = 0;
	if (!capture_open(&c, in)) {
		strcpy(told->error, c.error);
		free(streams);
		return 0;
	}
	while (!l.failed && (more = capture_next(&c, &packet)) > 0)
		on_packet(&l, streams);
	if (more < 0)
		strcpy(told->error, c.error);
	told->lost = streams->lost;
	capture_close(&c);
	capture_streams_free(streams);
	free(streams);
	return !l.failed ? 0 : errno ? -errno : -ENOMEM;
}
