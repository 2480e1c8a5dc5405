// SPDX-License-Identifier: GPL-2.0-or-later
/* esp_fuzz: packets towards the P-CSCF. */
#include <netinet/in.h>
#include <string.h>

#include "esp_fuzz.h"

#define IP_ESP	50

static uint8_t text[MAX_PACKET], esp[MAX_PACKET + 64], packet[MAX_PACKET + 512];

/* ---- what is inside ---- */

static size_t data_size(struct dice *d)
{
	if (dice_one_in(d, 40))		/* in pages rather than in one piece */
		return dice_below(d, 8000);
	return dice_below(d, dice_one_in(d, 4) ? 1400 : 200);
}

static size_t data_make(struct dice *d, const char *mark, uint8_t *data)
{
	size_t n = 4 + data_size(d), i;

	for (i = 4; i < n; i++)
		data[i] = 'a' + i % 26;
	memcpy(data, mark, 4);
	return n;
}

/* A UDP datagram or TCP segment with these ports; returns its octets. */
static size_t l4_make(struct dice *d, const struct ip_addr *from, const struct ip_addr *to,
		      uint16_t sport, uint16_t dport, const char *mark, uint8_t *out,
		      uint8_t *proto)
{
	static const uint8_t flags[] = { 0x02, 0x10, 0x18, 0x04, 0x11, 0x00, 0x3f };
	static uint8_t data[MAX_PACKET];
	size_t n = data_make(d, mark, data);

	*proto = dice_one_in(d, 4) ? IPPROTO_TCP : IPPROTO_UDP;
	if (*proto == IPPROTO_UDP)
		return udp_make(out, from, to, sport, dport, data, n);
	return tcp_make(out, from, to, sport, dport, dice_any(d),
			flags[dice_below(d, sizeof(flags))], data,
			dice_one_in(d, 2) ? 0 : n % 1000);
}

/* Spoils text that was good, before it is sealed; returns its octets. */
static size_t spoil_text(struct dice *d, const struct fz_suite *suite, size_t payload,
			 uint8_t proto)
{
	static const uint8_t others[] = { 59, 1, 58, 50, 51, 4, 41, 0, 43, 44, 60, 132, 136, 255 };
	size_t len = esp_trailer(suite, text, payload, proto), i;

	switch (dice_below(d, 9)) {
	case 0:			/* pad length */
		text[len - 2] = text[len - 2] + (dice_one_in(d, 2) ? dice_below(d, 256) : 1);
		break;
	case 1:			/* an octet of the padding, where there is any */
		if (text[len - 2])
			text[len - 3 - dice_below(d, text[len - 2])] ^= 1 << dice_below(d, 8);
		break;
	case 2:
		text[len - 1] = dice_one_in(d, 4) ? dice_any(d) :
				others[dice_below(d, sizeof(others))];
		break;
	case 3:			/* ports: any, swapped, of the other pair */
		if (dice_one_in(d, 3))
			put16(text, dice_any(d));
		else
			put16(text + 2, dice_one_in(d, 2) ? PORT_PS : PORT_PC);
		break;
	case 4:			/* lengths */
		if (proto == IPPROTO_UDP)
			put16(text + 4, dice_one_in(d, 2) ? dice_any(d) :
					get16(text + 4) + dice_below(d, 17) - 8);
		else
			text[12] = dice_any(d);
		break;
	case 5:			/* hardly anything inside */
		len = esp_trailer(suite, text, dice_below(d, 24), proto);
		break;
	case 6:			/* anything, aligned */
		len = (1 + dice_below(d, 40)) * suite->align;
		dice_fill(d, text, len);
		break;
	case 7:
		for (i = 0; i < 4; i++)
			text[dice_below(d, len)] ^= 1 << dice_below(d, 8);
		break;
	case 8:			/* longer padding, right in itself */
		i = suite->align * dice_below(d, 240 / suite->align);
		if (text[len - 2] + i > 255 || len + i > sizeof(text))
			break;
		{
			size_t pad = text[len - 2] + i, at;

			for (at = 0; at < pad; at++)
				text[payload + at] = at + 1;
			text[payload + pad] = pad;
			text[payload + pad + 1] = proto;
			len = payload + pad + 2;
		}
		break;
	}
	return len;
}

/* ---- around it ---- */

/* Not beyond 0, to the other end: nothing would be new after that. */
static uint32_t late(const struct ue_pair *p, uint32_t by)
{
	return p->next > by ? p->next - by : 0;
}

static uint32_t number(struct dice *d, struct ue_pair *p)
{
	switch (dice_below(d, 16)) {
	case 0:
		return late(p, dice_below(d, 80));
	case 1:
		return late(p, dice_below(d, 5000));
	case 2:
		p->next += dice_below(d, dice_one_in(d, 8) ? 1 << 20 : 70);
		return p->next++;
	default:
		return p->next++;
	}
}

/* Sequence numbers, IV, ciphertext or ICV changed on the way: never the SPI. */
static void spoil_sealed(struct dice *d, struct esp_case *c)
{
	switch (dice_below(d, 4)) {
	case 0:
		c->len = dice_one_in(d, 4) ? dice_below(d, c->len) : c->len - 1 - dice_below(d, 20) %
			 c->len;
		break;
	case 1:			/* any of the ICV */
		esp[c->len - 1 - dice_below(d, c->set->keys.suite->icv)] ^= 1 << dice_below(d, 8);
		break;
	case 2:
		esp[4 + dice_below(d, c->len - 4)] ^= 1 << dice_below(d, 8);
		break;
	case 3:			/* octets more */
		memset(esp + c->len, 0, 64);
		c->len += 1 + dice_below(d, 64);
		break;
	}
	c->icv_good = false;
}

static const struct ip_addr *another_ue(struct dice *d, const struct ue_set *set)
{
	struct ue_set *other;

	do
		other = set_some(d, dice_one_in(d, 2));
	while (other->family != set->family || other == set);
	return &other->ue;
}

/* ESP on one of the SAs of a set: mostly good, wrong inside, or wrong outside. */
static void esp_case_make(struct dice *d, struct ue_set *set, bool good, struct esp_case *c)
{
	unsigned int wrong = good ? 15 : dice_below(d, 16);
	const struct fz_suite *suite = set->keys.suite;
	struct ue_pair *p;
	uint8_t iv[16], proto;
	size_t payload, extra = 0;

	*c = (struct esp_case){
		.set = set, .pair = dice_below(d, 2), .from = &set->ue, .icv_good = true,
		.esp = esp, .text = text,
	};
	p = &set->pair[c->pair];
	payload = l4_make(d, &set->ue, &set->pcscf, p->ue_port, p->local_port,
			  wrong < 4 ? EVIL : GOOD, text, &proto);
	if (wrong >= 4 && wrong < 10)
		c->text_len = spoil_text(d, suite, payload, proto);
	else
		c->text_len = esp_trailer(suite, text, payload, proto);
	if (wrong == 10 && suite->alg != GMGATE_ALG_NULL && suite->alg != GMGATE_ALG_AES_GMAC)
		extra = 1 + dice_below(d, 40);
	if (wrong == 11)
		c->from = another_ue(d, set);
	dice_fill(d, iv, sizeof(iv));
	c->len = esp_seal(&set->keys, p->spi, good ? p->next++ : number(d, p), iv, text,
			  c->text_len, extra, esp);
	/* A whole block more, rightly authenticated, decrypts to anything. */
	if (extra && extra % suite->align == 0) {
		esp[c->len - 1] ^= 1;
		c->icv_good = false;
	}
	if (wrong < 4)
		spoil_sealed(d, c);
}

static size_t wrap(const struct esp_case *c)
{
	size_t n = ip_make(packet, c->from, &c->set->pcscf, IP_ESP, c->len);

	memcpy(packet + n, c->esp, c->len);
	return n + c->len;
}

/* ---- rounds ---- */

static void in_esp(struct dice *d, struct expect *e)
{
	struct esp_case c;
	size_t n;

	esp_case_make(d, set_some(d, false), dice_one_in(d, 3), &c);
	n = wrap(&c);
	if (tun_write(d, packet, n))
		oracle_expect(e, &c);
	else
		e->exact = false;
}

struct piece {
	size_t at, len;
	bool last;
};

/* One fragment of the @len octets at @body, which lie behind an IP header. */
static bool send_piece(struct dice *d, const struct ip_addr *from, const struct ip_addr *to,
		       uint8_t proto, const uint8_t *body, const struct piece *f, uint32_t id)
{
	static uint8_t out[MAX_PACKET + 512];
	size_t n;

	if (from->len == 4) {
		n = ip_make(out, from, to, proto, f->len);
		put16(out + 4, id);
		put16(out + 6, f->at / 8 | (f->last ? 0 : 0x2000));
		ip_resum(out);
	} else {
		n = ip_make(out, from, to, 44, 8 + f->len);
		out[n] = proto;
		out[n + 1] = 0;
		put16(out + n + 2, f->at | !f->last);
		put32(out + n + 4, id);
		n += 8;
	}
	memcpy(out + n, body + f->at, f->len);
	return tun_write(d, out, n + f->len);
}

#define MAX_PIECES 24

static unsigned int cut(struct dice *d, size_t len, struct piece *f)
{
	size_t step = (len / 2 / (1 + dice_below(d, 8)) & ~7) + 8, at;
	unsigned int n = 0;

	for (at = 0; at < len; at += f[n++].len) {
		if (n == MAX_PIECES - 1)
			step = MAX_PACKET;
		f[n].at = at;
		f[n].len = len - at > step ? step : len - at;
		f[n].last = at + f[n].len == len;
	}
	return n;
}

static void shuffle(struct dice *d, struct piece *f, unsigned int n)
{
	while (n > 1) {
		unsigned int i = dice_below(d, n--);
		struct piece swap = f[i];

		f[i] = f[n];
		f[n] = swap;
	}
}

static uint32_t next_fragment_id(void)
{
	static uint32_t id;

	return ++id;
}

/* A packet in pieces, in any order; whole, it is as good as it was. */
static void in_fragments(struct dice *d, struct expect *e)
{
	struct piece f[MAX_PIECES];
	unsigned int n, i;
	struct esp_case c;
	bool sent = true;

	esp_case_make(d, set_some(d, false), dice_one_in(d, 2), &c);
	n = cut(d, c.len, f);
	shuffle(d, f, n);
	for (i = next_fragment_id(); n--; )
		sent &= send_piece(d, c.from, &c.set->pcscf, IP_ESP, esp, &f[n], i);
	if (sent)
		oracle_expect(e, &c);
	else
		e->exact = false;
}

static void in_unknown(struct dice *d, struct expect *e)
{
	bool ours = !dice_one_in(d, 4);
	uint32_t spi = ours ? dice_between(d, SPI_MIN, SPI_MAX) : dice_any(d) >> 36;
	struct esp_case c;
	unsigned int i;

	for (i = 0; i < world.n_sets * 2; i++)
		if (world.sets[i / 2].pair[i % 2].spi == spi)
			return;
	esp_case_make(d, set_some(d, false), false, &c);
	put32(esp, spi);
	if (c.len < 8)
		c.len = 8;
	if (tun_write(d, packet, wrap(&c)))
		e->outcome[ours ? GMGATE_DROP_IN_UNKNOWN_SPI : UNCOUNTED]++;
	else
		e->exact = false;
}

/* Clear text to a port that is protected, whole, in pieces, behind headers. */
static void in_clear(struct dice *d, struct expect *e)
{
	struct ue_set *set = set_some(d, dice_one_in(d, 2));
	static uint8_t body[MAX_PACKET + 64];
	struct piece f[MAX_PIECES];
	unsigned int reason = GMGATE_DROP_CLEAR_IN, n = 1, i;
	uint8_t proto, behind;
	size_t len, head = 0;
	bool sent = true;

	len = l4_make(d, &set->ue, &set->pcscf, dice_one_in(d, 2) ? set->pair[0].ue_port :
		      dice_any(d), dice_one_in(d, 2) ? PORT_PS : PORT_PC, CLEAR, text, &proto);
	behind = proto;
	if (set->family && dice_one_in(d, 3)) {		/* destination options */
		head = 8 * (1 + dice_below(d, 4));
		memset(body, 0, head);
		body[0] = proto;
		body[1] = head / 8 - 1;
		body[2] = 1;
		body[3] = head - 4;
		behind = 60;
	}
	memcpy(body + head, text, len);
	if (dice_one_in(d, 8)) {
		len = dice_below(d, 8);
		reason = len < 4 ? GMGATE_DROP_CLEAR_IN_UNPARSABLE : reason;
	}
	f[0] = (struct piece){ 0, head + len, true };
	if (dice_one_in(d, 2) && head + len > 16) {
		n = cut(d, head + len, f);
		/* The rest waits for a first one that has all headers (RFC 8200
		 * 4.5); that one comes on as it is.
		 */
		if (set->family && f[0].len < head + 4)
			reason = GMGATE_DROP_CLEAR_IN_UNPARSABLE;
		shuffle(d, f, n);
		for (i = next_fragment_id(); n--; )
			sent &= send_piece(d, &set->ue, &set->pcscf, behind, body, &f[n], i);
	} else {
		size_t at = ip_make(packet, &set->ue, &set->pcscf, behind, head + len);

		memcpy(packet + at, body, head + len);
		sent = tun_write(d, packet, at + head + len);
	}
	if (sent)
		e->outcome[reason]++;
	else
		e->exact = false;
}

/* An ICMP error about a packet that we sent, or never did. */
static void in_icmp(struct dice *d, struct expect *e)
{
	static const uint8_t types[FAMILIES][4] = { { 3, 5, 11, 12 }, { 1, 2, 3, 4 } };
	struct ue_set *set = set_some(d, dice_one_in(d, 2));
	uint8_t body[256] = { 0 }, proto = set->family ? 58 : 1;
	bool is_esp = dice_one_in(d, 3), ours = !is_esp && dice_one_in(d, 2);
	size_t n, at;

	body[0] = types[set->family][dice_below(d, 4)];
	body[1] = dice_below(d, 5);
	put32(body + 4, dice_any(d));
	n = 8 + ip_make(body + 8, &set->pcscf, &set->ue, is_esp ? IP_ESP : dice_one_in(d, 2) ?
			IPPROTO_UDP : IPPROTO_TCP, 600);
	dice_fill(d, body + n, 60);
	put16(body + n, ours ? PORT_PS : 7000 + dice_below(d, 100));
	put16(body + n + 2, set->pair[0].ue_port);
	n += 8 + dice_below(d, 52);
	put16(body + 2, set->family ? l4_sum(&set->ue, &set->pcscf, proto, body, n) :
				      plain_sum(body, n));
	at = ip_make(packet, &set->ue, &set->pcscf, proto, n);
	memcpy(packet + at, body, n);
	if (tun_write(d, packet, at + n))
		e->outcome[ours ? GMGATE_DROP_ICMP_IN : UNCOUNTED]++;
	else
		e->exact = false;
}

/* IPv4 options, or IPv6 extension headers, put into a packet; returns its octets. */
static size_t stretch(struct dice *d, size_t n)
{
	static const uint8_t heads[] = { 0, 60, 43, 51, 44, 60, 0 };
	size_t at, more;

	if (packet[0] >> 4 == 4) {
		more = 4 * (1 + dice_below(d, 10));
		memmove(packet + 20 + more, packet + 20, n - 20);
		dice_fill(d, packet + 20, more);
		if (dice_one_in(d, 2))
			memset(packet + 20, 1, more);	/* no-operation */
		packet[0] += more / 4;
		put16(packet + 2, n + more);
		return n + more;
	}
	at = dice_below(d, sizeof(heads));
	more = heads[at] == 44 ? 8 : 8 * (1 + dice_below(d, 4));
	memmove(packet + 40 + more, packet + 40, n - 40);
	dice_fill(d, packet + 40, more);
	packet[40] = packet[6];
	packet[6] = heads[at];
	packet[41] = more / 8 - 1;
	if (heads[at] == 51)
		packet[41] = more / 4 - 2;
	if (heads[at] == 44)
		packet[41] = packet[42] = packet[43] = 0;
	else if (dice_one_in(d, 2)) {
		packet[42] = 1;
		packet[43] = more - 4;
		memset(packet + 44, 0, more - 4);
	}
	put16(packet + 4, n + more - 40);
	return n + more;
}

static void pieces_at_random(struct dice *d, const struct esp_case *c)
{
	struct piece f[MAX_PIECES];
	unsigned int n = cut(d, c->len, f), i;
	uint32_t id = next_fragment_id();

	shuffle(d, f, n);
	for (i = 0; i < n; i++) {
		struct piece odd = f[i];

		if (dice_one_in(d, 6))
			continue;		/* lost */
		if (dice_one_in(d, 6) && odd.at >= 8)
			odd.at -= 8;		/* over the one before */
		if (dice_one_in(d, 8))
			odd.len = dice_below(d, odd.len + 1);
		if (dice_one_in(d, 8))
			odd.last = !odd.last;
		send_piece(d, c->from, &c->set->pcscf, IP_ESP, esp, &odd, id);
		if (dice_one_in(d, 6))
			send_piece(d, c->from, &c->set->pcscf, IP_ESP, esp, &odd, id);
	}
}

/* Good or bad inside, and odd outside.  Only sets of which nothing is expected. */
static void in_outer(struct dice *d, struct expect *e)
{
	unsigned int head, flips = 1 + dice_below(d, 3);
	struct esp_case c;
	size_t n, i;

	e->exact = false;
	esp_case_make(d, set_some(d, true), dice_one_in(d, 2), &c);
	/* What follows may mend a packet: cut off what was added, flip a bit back. */
	if (!c.icv_good && c.len > 9)
		esp[9] ^= 0x55;
	if (dice_one_in(d, 4)) {
		pieces_at_random(d, &c);
		return;
	}
	n = wrap(&c);
	head = packet[0] >> 4 == 4 ? 20 : 40;
	for (i = dice_below(d, 3); i--; )
		if (n < sizeof(packet) - 64)
			n = stretch(d, n);
	if (dice_one_in(d, 2))
		while (flips--) {
			i = dice_below(d, dice_one_in(d, 2) ? head : n);
			packet[i] ^= 1 << dice_below(d, 8);
		}
	if (dice_one_in(d, 4))
		n = 1 + dice_below(d, n);
	if (packet[0] >> 4 == 4 && !dice_one_in(d, 8) && n >= (size_t)(packet[0] & 15) * 4)
		ip_resum(packet);
	tun_write(d, packet, n);
}

void in_packet(struct dice *d, enum round_kind kind, struct expect *e)
{
	switch (kind) {
	case ROUND_FRAGMENTS:
		in_fragments(d, e);
		break;
	case ROUND_UNKNOWN:
		in_unknown(d, e);
		break;
	case ROUND_CLEAR:
		in_clear(d, e);
		break;
	case ROUND_ICMP:
		in_icmp(d, e);
		break;
	case ROUND_OUTER:
		in_outer(d, e);
		break;
	default:
		in_esp(d, e);
		break;
	}
}
