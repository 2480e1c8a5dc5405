// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Elements of protocol configuration options, their units, and the lengths of
 * both.  What a unit means is in pco_names.c and pco_value.c.
 */
#include "pco.h"

#include <stdarg.h>
#include <stdio.h>

#include "pco_names.h"

#define SPARE_BITS 0x78		/* of the configuration protocol octet */

static const struct {
	const char *name;
	uint8_t type;
	uint8_t length_octets;	/* 0: the value stands alone */
	bool instance;		/* one more octet before the value */
	size_t longest;
} forms[PCO_FORMS] = {
	[PCO_AUTO]	= { "auto", 0, 0, false, 0 },
	[PCO_VALUE]	= { "value", 0, 0, false, 65535 },
	/* 253 octets with its head (TS 24.008 10.5.6.3) */
	[PCO_NAS]	= { "pco", 0x27, 1, false, 251 },
	[PCO_NAS_EPCO]	= { "epco", 0x7b, 2, false, 65535 },
	[PCO_GTP1]	= { "gtpv1-pco", 132, 2, false, 251 },
	[PCO_GTP2]	= { "gtpv2-pco", 78, 2, true, 251 },
	[PCO_GTP2_APCO]	= { "gtpv2-apco", 163, 2, true, 251 },
	[PCO_GTP2_EPCO]	= { "gtpv2-epco", 197, 2, true, 65535 },
};

const char *pco_form_name(enum pco_form form)
{
	return forms[form].name;
}

bool pco_form_parse(const char *name, enum pco_form *form)
{
	for (unsigned int i = 0; i < PCO_FORMS; i++)
		if (!strcmp(forms[i].name, name)) {
			*form = i;
			return true;
		}
	return false;
}

size_t pco_longest(enum pco_form form)
{
	return forms[form].longest;
}

static int fail(struct pco_error *err, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct pco_error *err, size_t at, const char *fmt, ...)
{
	va_list ap;

	err->at = at;
	va_start(ap, fmt);
	vsnprintf(err->what, sizeof(err->what), fmt, ap);
	va_end(ap);
	return -1;
}

static uint8_t octet(struct str s, size_t at)
{
	return (uint8_t)s.p[at];
}

static size_t number(struct str s, size_t at, unsigned int octets)
{
	size_t n = 0;

	while (octets--)
		n = n << 8 | octet(s, at++);
	return n;
}

/*
 * A configuration protocol octet has spare bits of 0, which keeps it apart from
 * the types of GTPv2-C. GTPv1-C's is like it, and is never guessed.
 */
static enum pco_form form_of(uint8_t first)
{
	for (unsigned int i = PCO_NAS; i < PCO_FORMS; i++)
		if (first == forms[i].type && i != PCO_GTP1)
			return i;
	return (first & 0x80) && !(first & SPARE_BITS) ? PCO_VALUE : PCO_AUTO;
}

static int read_head(struct pco *p, struct pco_error *err)
{
	unsigned int length_octets = forms[p->form].length_octets;
	size_t head = length_octets ? 1 + length_octets + forms[p->form].instance : 0, n, left;

	p->end = p->octets.n;
	p->at = head;
	if (!length_octets)
		return 0;
	if (octet(p->octets, 0) != forms[p->form].type)
		return fail(err, 0, "0x%02x is not the type of %s, which is 0x%02x",
			    octet(p->octets, 0), forms[p->form].name, forms[p->form].type);
	if (p->octets.n < head)
		return fail(err, p->octets.n, "cut off in the head of %s, which has %zu octets",
			    forms[p->form].name, head);
	n = number(p->octets, 1, length_octets);
	left = p->octets.n - head;
	if (n > left)
		return fail(err, 1, "the length says %zu octets, but %zu follow", n, left);
	if (forms[p->form].instance)
		p->instance = octet(p->octets, head - 1);
	p->end = head + n;
	return 0;
}

bool pco_open(struct pco *p, struct str octets, enum pco_form form, enum pco_from from,
	      struct pco_error *err)
{
	*p = (struct pco){ .form = form, .from = from, .octets = octets };
	if (!octets.n) {
		fail(err, 0, "there are no octets");
		return false;
	}
	if (form == PCO_AUTO)
		p->form = form_of(octet(octets, 0));
	if (p->form == PCO_AUTO) {
		fail(err, 0, "0x%02x begins neither an element nor a value", octet(octets, 0));
		return false;
	}
	if (read_head(p, err))
		return false;
	if (p->at == p->end) {
		fail(err, p->at, "there is no configuration protocol octet");
		return false;
	}
	p->protocol = octet(octets, p->at++);
	return true;
}

int pco_next(struct pco *p, struct pco_unit *unit, struct pco_error *err)
{
	size_t at = p->at, left = p->end - at, n;
	unsigned int length_octets;

	if (!left)
		return 0;
	if (left < 2)
		return fail(err, at, "an identifier is cut off");
	unit->id = number(p->octets, at, 2);
	unit->at = at;
	length_octets = pco_is_wide(unit->id, p->from) ? 2 : 1;
	if (left < 2 + length_octets)
		return fail(err, at + 2, "the length of 0x%04x is cut off", unit->id);
	n = number(p->octets, at + 2, length_octets);
	left -= 2 + length_octets;
	if (n > left)
		return fail(err, at + 2, "0x%04x says it has %zu octets, but %zu are left",
			    unit->id, n, left);
	unit->contents = (struct str){ p->octets.p + at + 2 + length_octets, n };
	p->at = at + 2 + length_octets + n;
	return 1;
}

struct str pco_trailing(const struct pco *p)
{
	return str_from(p->octets, p->end);
}

bool pco_is_wide(uint16_t id, enum pco_from from)
{
	const struct pco_name *name = pco_name_of(id);

	return name && name->sides[from].wide;
}

static bool is_configure_request(const struct pco_unit *unit)
{
	return unit->id == PCO_IPCP && unit->contents.n && unit->contents.p[0] == 1;
}

/* 1: the MS's, 0: the network's, -1: either's. */
static int whose(const struct pco_unit *unit)
{
	const struct pco_name *name = pco_name_of(unit->id);

	if (is_configure_request(unit))
		return 1;
	if (!name || name->sides[PCO_FROM_MS].kind != PCO_EMPTY ||
	    name->sides[PCO_FROM_NETWORK].kind == PCO_EMPTY)
		return -1;
	return !unit->contents.n;
}

enum pco_from pco_from_guess(struct str octets, enum pco_form form)
{
	struct pco_error err;
	struct pco_unit unit;
	struct pco p;

	if (!pco_open(&p, octets, form, PCO_FROM_NETWORK, &err))
		return PCO_FROM_NETWORK;
	while (pco_next(&p, &unit, &err) > 0)
		if (whose(&unit) >= 0)
			return whose(&unit) ? PCO_FROM_MS : PCO_FROM_NETWORK;
	return PCO_FROM_NETWORK;
}

/* ---- writing ---- */

static void put_octet(struct octets *o, uint8_t value)
{
	octets_put(o, (struct str){ (const char *)&value, 1 });
}

static void put_number(struct octets *o, size_t value, unsigned int octets)
{
	while (octets--)
		put_octet(o, value >> 8 * octets);
}

void pco_begin(struct pco_writer *w, struct octets *out, enum pco_form form,
	       enum pco_from from, uint8_t protocol, uint8_t instance)
{
	*w = (struct pco_writer){ .out = out, .form = form, .from = from, .start = out->n };
	if (forms[form].length_octets) {
		put_octet(out, forms[form].type);
		put_number(out, 0, forms[form].length_octets);
		if (forms[form].instance)
			put_octet(out, instance);
	}
	put_octet(out, protocol);
}

bool pco_put(struct pco_writer *w, uint16_t id, struct str contents)
{
	unsigned int length_octets = pco_is_wide(id, w->from) ? 2 : 1;

	if (contents.n > (length_octets == 2 ? 65535 : 255))
		return false;
	put_number(w->out, id, 2);
	put_number(w->out, contents.n, length_octets);
	octets_put(w->out, contents);
	return true;
}

bool pco_end(struct pco_writer *w)
{
	unsigned int length_octets = forms[w->form].length_octets;
	size_t head = length_octets ? 1 + length_octets + forms[w->form].instance : 0, n;

	if (w->out->failed)
		return false;
	n = w->out->n - w->start - head;
	if (n > forms[w->form].longest)
		return false;
	for (unsigned int i = 0; i < length_octets; i++)
		w->out->p[w->start + 1 + i] = (char)(n >> 8 * (length_octets - 1 - i));
	return true;
}
