// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Protocol configuration options: what is read can be written again, octet by
 * octet; what is said about it is plain text, and what is refused is named with an
 * octet that exists. Two octets before the element: form and side.
 */
#include "fuzz.h"

#include "pco_value.h"

static void plain(const struct octets *text)
{
	MUST(!text->failed);
	for (size_t i = 0; i < text->n; i++)
		MUST(text->p[i] >= 0x20 && text->p[i] < 0x7f);
}

/* Words for plain values are those that say it. */
static void there_and_back(const struct pco_unit *unit, enum pco_from from, struct octets *text)
{
	const struct pco_name *name = pco_name_of(unit->id);
	enum pco_kind kind = name ? name->sides[from].kind : PCO_OPAQUE;
	enum pco_verdict verdict = pco_verdict(unit, from);
	struct octets contents = { 0 };

	if (!name || (verdict != PCO_GOOD && verdict != PCO_ZERO))
		return;
	if (kind != PCO_EMPTY && kind != PCO_IPV4 && kind != PCO_IPV6 && kind != PCO_U8 &&
	    kind != PCO_U16 && kind != PCO_OPAQUE)
		return;
	octets_put(text, (struct str){ "", 1 });
	MUST(pco_value_parse(name, from, kind == PCO_EMPTY ? NULL : text->p, &contents));
	MUST(str_same(octets_str(&contents), unit->contents));
	octets_free(&contents);
}

static void look(const struct pco *p, const struct pco_unit *unit)
{
	struct octets text = { 0 };
	struct addr a;

	MUST(!unit->contents.n || str_within(unit->contents, p->octets));
	MUST(unit->at + 3 <= p->at && p->at <= p->end && p->end <= p->octets.n);
	pco_value_text(unit, p->from, &text);
	plain(&text);
	if (pco_value_pcscf(unit, p->from, &a)) {
		MUST(unit->contents.n == addr_ip_len(&a) && p->from == PCO_FROM_NETWORK);
		MUST(!memcmp(a.ip, unit->contents.p, unit->contents.n));
	}
	there_and_back(unit, p->from, &text);
	octets_free(&text);
}

static void element(struct str s, enum pco_form form, enum pco_from from)
{
	struct pco_error err = { .at = SIZE_MAX };
	struct octets again = { 0 };
	struct pco_writer w;
	struct pco_unit unit;
	struct pco p;
	int more;

	if (!pco_open(&p, s, form, from, &err)) {
		MUST(err.at <= s.n && err.what[0]);
		return;
	}
	pco_begin(&w, &again, p.form, from, p.protocol, p.instance);
	while ((more = pco_next(&p, &unit, &err)) > 0) {
		look(&p, &unit);
		MUST(pco_put(&w, unit.id, unit.contents));
	}
	if (more < 0) {
		MUST(err.at <= p.end && err.what[0]);
	} else if (pco_end(&w)) {
		octets_put(&again, pco_trailing(&p));
		MUST(str_same(octets_str(&again), s));
	} else {
		MUST(p.end > pco_longest(p.form));
	}
	octets_free(&again);
}

static void digits(struct str s)
{
	struct octets text = { 0 }, got = { 0 }, hex = { 0 };

	octets_put(&text, s);
	octets_put(&text, (struct str){ "", 1 });
	if (pco_value_unhex(text.p, &got)) {
		pco_value_hex(octets_str(&got), &hex);
		MUST(str_same_nocase(octets_str(&hex), str_of(text.p)));
	}
	octets_free(&text);
	octets_free(&got);
	octets_free(&hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };

	digits(s);
	if (size < 2)
		return 0;
	s = str_from(s, 2);
	element(s, data[0] % PCO_FORMS, data[1] % 2);
	element(s, PCO_AUTO, pco_from_guess(s, PCO_AUTO));
	return 0;
}
