// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture_stream.h"

#include "sip_peek.h"

/* More than gmgate itself takes: a capture may be of others. */
static const struct sip_limits limits = { .message = 1u << 16 };

static void forget(struct capture_stream *c)
{
	octets_free(&c->octets);
	*c = (struct capture_stream){ .next = 0 };
}

static struct capture_stream *find(struct capture_streams *s, const struct capture_piece *p)
{
	for (unsigned int i = 0; i < CAPTURE_STREAMS; i++)
		if (s->all[i].from.family && addr_same(&s->all[i].from, &p->from) &&
		    addr_same(&s->all[i].to, &p->to))
			return &s->all[i];
	return NULL;
}

/* The one that was not used for longest makes room. */
static struct capture_stream *add(struct capture_streams *s, const struct capture_piece *p)
{
	struct capture_stream *c = &s->all[0];

	for (unsigned int i = 0; i < CAPTURE_STREAMS; i++)
		if (s->all[i].used < c->used)
			c = &s->all[i];
	s->lost += c->octets.n > 0;
	forget(c);
	c->from = p->from;
	c->to = p->to;
	c->next = p->seq;
	return c;
}

/* What is there is of no use any more: something is missing, or it is no SIP. */
static void lose(struct capture_streams *s, struct capture_stream *c)
{
	s->lost++;
	octets_free(&c->octets);
	c->octets = (struct octets){ 0 };
	c->frame = (struct sip_frame){ 0 };
}

static void hand_out(struct capture_streams *s, struct capture_stream *c,
		     const struct capture_piece *p, capture_message_fn *fn, void *arg)
{
	enum sip_frame_result found;
	size_t at = 0;

	do {
		struct str rest = str_from(octets_str(&c->octets), at);

		found = sip_frame_next(&c->frame, rest, &limits);
		if (found == SIP_FRAME_ERROR) {
			lose(s, c);
			return;
		}
		at += c->frame.skip;
		if (found == SIP_FRAME_MESSAGE) {
			fn(p, (struct str){ c->octets.p + at, c->frame.length }, arg);
			at += c->frame.length;
		}
	} while (found == SIP_FRAME_MESSAGE);
	c->octets.n -= at;
	if (c->octets.n && at)
		memmove(c->octets.p, c->octets.p + at, c->octets.n);
}

/* Those of its octets that are new and in order; p == NULL: none. */
static struct str new_octets(struct capture_streams *s, struct capture_stream *c,
			     const struct capture_piece *p)
{
	int64_t ahead = (int32_t)(p->seq - c->next);

	if (ahead > 0) {
		lose(s, c);
		if (sip_peek_is_sip(p->octets))
			return p->octets;
		forget(c);	/* it goes on in the midst of something */
		return STR_NONE;
	}
	/* Sent once more, as a whole or in part. */
	return (uint64_t)-ahead < p->octets.n ? str_from(p->octets, (size_t)-ahead) : STR_NONE;
}

static void take(struct capture_streams *s, const struct capture_piece *p,
		 capture_message_fn *fn, void *arg)
{
	struct capture_stream *c = find(s, p);
	struct str octets;

	if (!c && !sip_peek_is_sip(p->octets))
		return;
	if (!c)
		c = add(s, p);
	c->used = ++s->now;
	octets = new_octets(s, c, p);
	if (!octets.p)
		return;
	octets_put(&c->octets, octets);
	c->next = p->seq + p->whole;
	if (c->octets.failed) {
		s->failed = true;
		forget(c);
		return;
	}
	hand_out(s, c, p, fn, arg);
	/* What was not captured of the segment is missing behind it. */
	if (p->cut && c->octets.n)
		lose(s, c);
}

void capture_streams_take(struct capture_streams *s, const struct capture_piece *p,
			  capture_message_fn *fn, void *arg)
{
	struct capture_stream *c = p->begins || p->ends ? find(s, p) : NULL;

	if (p->begins && c)
		forget(c);
	if (p->octets.n)
		take(s, p, fn, arg);
	c = p->ends ? find(s, p) : NULL;
	if (c)
		forget(c);
}

void capture_streams_free(struct capture_streams *s)
{
	for (unsigned int i = 0; i < CAPTURE_STREAMS; i++)
		octets_free(&s->all[i].octets);
}
