// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * esp_fuzz: what must become of an ESP packet, by RFC 4303 3.4 and TS 33.203 7.1,
 * from what its maker knows of it.  The replay window is a list of the numbers
 * that were accepted.
 */
#include <netinet/in.h>
#include <string.h>

#include "esp_fuzz.h"

static bool fresh(const struct ue_pair *p, uint32_t seq)
{
	unsigned int i;

	if (!seq || (seq <= p->top && p->top - seq >= GMGATE_REPLAY_WINDOW))
		return false;
	for (i = 0; i < p->n_seen; i++)
		if (p->seen[i] == seq)
			return false;
	return true;
}

static void accept_number(struct ue_pair *p, uint32_t seq)
{
	unsigned int i, n = 0;

	if (seq > p->top)
		p->top = seq;
	for (i = 0; i < p->n_seen; i++)
		if (p->top - p->seen[i] < GMGATE_REPLAY_WINDOW)
			p->seen[n++] = p->seen[i];
	p->seen[n++] = seq;
	p->n_seen = n;
}

static bool length_fits(const struct fz_suite *s, size_t len)
{
	size_t frame = 8 + s->iv + s->icv;

	return len > frame && (len - frame) % s->align == 0;
}

/* DELIVERED where the ports are those of the SA. */
static unsigned int ports(const struct esp_case *c, const uint8_t *l4)
{
	const struct ue_set *s = c->set;
	uint16_t to = get16(l4 + 2);

	if (get16(l4) != s->pair[c->pair].ue_port)
		return GMGATE_DROP_IN_BINDING;
	if (to == s->pair[c->pair].local_port ||
	    (s->relaxed && to == s->pair[!c->pair].local_port))
		return DELIVERED;
	return GMGATE_DROP_IN_BINDING;
}

static unsigned int inside(struct expect *e, const struct esp_case *c)
{
	size_t pad = c->text[c->text_len - 2], len, i;
	const uint8_t *l4 = c->text;
	uint8_t proto = c->text[c->text_len - 1];
	unsigned int outcome;

	if (pad + 2 > c->text_len)
		return GMGATE_DROP_IN_PADDING;
	len = c->text_len - 2 - pad;
	for (i = 0; i < pad; i++)
		if (l4[len + i] != i + 1)
			return GMGATE_DROP_IN_PADDING;
	if (proto == IPPROTO_UDP) {
		size_t said = len >= 8 ? get16(l4 + 4) : 0;

		if (said < 8 || said > len)
			return GMGATE_DROP_IN_INNER;
		outcome = ports(c, l4);
		if (outcome != DELIVERED)
			return outcome;
		if (get16(l4 + 6) ? !l4_sum(c->from, &c->set->pcscf, proto, l4, said) :
				    c->from->len == 4)
			e->received++;
		return DELIVERED;
	}
	if (proto == IPPROTO_TCP) {
		if (len < 20 || l4[12] >> 4 < 5 || (size_t)(l4[12] >> 4) * 4 > len)
			return GMGATE_DROP_IN_INNER;
		return ports(c, l4);
	}
	return GMGATE_DROP_IN_NEXT_HEADER;
}

static unsigned int outcome(struct expect *e, const struct esp_case *c)
{
	struct ue_pair *p = &c->set->pair[c->pair];
	uint32_t seq;

	if (c->len < 8)
		return UNCOUNTED;	/* too short to have an SPI */
	if (memcmp(c->from->at, c->set->ue.at, c->from->len))
		return GMGATE_DROP_IN_ADDRESS;
	if (!length_fits(c->set->keys.suite, c->len))
		return GMGATE_DROP_IN_LENGTH;
	seq = get32(c->esp + 4);
	if (!fresh(p, seq))
		return GMGATE_DROP_IN_REPLAY;
	if (!c->icv_good)
		return GMGATE_DROP_IN_ICV;
	accept_number(p, seq);
	return inside(e, c);
}

void oracle_expect(struct expect *e, const struct esp_case *c)
{
	if (c->set->loose)
		e->exact = false;
	else
		e->outcome[outcome(e, c)]++;
}
