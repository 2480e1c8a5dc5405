// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl pco decode - an element in words or JSON.  What can be read of a broken
// one is shown as well, then where it breaks.
#include <stdio.h>
#include <string.h>

#include "ctl_pco.h"
#include "pco_value.h"

#define MAX_PCSCF 64

/* A document being printed. */
struct page {
	bool json;
	enum pco_from from;
	struct octets text;		/* of one unit at a time */
	unsigned int n_pcscf;
	struct addr pcscf[MAX_PCSCF];
};

static const char *c_string(struct octets *o)
{
	octets_put(o, (struct str){ "", 1 });
	return o->failed ? "" : o->p;
}

static void put_hex(const char *key, struct str s)
{
	struct octets hex = { 0 };

	pco_value_hex(s, &hex);
	ctl_out_text(key, c_string(&hex));
	octets_free(&hex);
}

/* Digits without what people put between them, into octets. */
static int read_hex(struct str text, struct octets *out)
{
	static const char between[] = " \t\r\n:|";
	struct octets digits = { 0 };
	const char *all;
	int status = 0;

	for (size_t i = 0; i < text.n; i++)
		if (!text.p[i] || !strchr(between, text.p[i]))
			octets_put(&digits, (struct str){ text.p + i, 1 });
	all = c_string(&digits);
	if (strlen(all) % 2)
		status = ctl_bad_usage("decode: %zu hexadecimal digits, the last octet is half",
				       strlen(all));
	else if ((text.n && memchr(text.p, 0, text.n)) || !pco_value_unhex(all, out))
		status = ctl_bad_usage("decode: these are not hexadecimal digits");
	octets_free(&digits);
	return status;
}

static int read_octets(int argc, char **argv, struct octets *out)
{
	struct octets text = { 0 };
	int status;

	for (int i = 0; i < argc; i++)
		octets_puts(&text, argv[i]);
	if (!argc && !ctl_pco_stdin(&text))
		status = CTL_FAILED;
	else
		status = read_hex(octets_str(&text), out);
	octets_free(&text);
	return status;
}

static void head_text(const struct pco *p, bool guessed)
{
	printf("form      %s\n", pco_form_name(p->form));
	printf("from      %s%s\n", ctl_pco_side(p->from), guessed ? " (guessed)" : "");
	printf("protocol  0x%02x%s\n\n", p->protocol,
	       p->protocol == PCO_PPP_FOR_IP ? ", PPP for IP" : "");
}

static void head_json(const struct pco *p)
{
	ctl_out_open(NULL, '{');
	ctl_out_text("form", pco_form_name(p->form));
	ctl_out_text("from", ctl_pco_side(p->from));
	ctl_out_number("protocol", p->protocol);
	ctl_out_number("instance", p->instance);
	ctl_out_open("units", '[');
}

static void unit_text(const struct pco_unit *unit, const char *name, const char *value,
		      const char *note)
{
	printf("%5zu  0x%04x  ", unit->at, unit->id);
	if (!*value && !note)
		printf("%s\n", name ? name : "");
	else
		printf("%-28s %s%s%s%s%s\n", name ? name : "", value, *value && note ? "  " : "",
		       note ? "(" : "", note ? note : "", note ? ")" : "");
}

static void unit_json(const struct pco_unit *unit, const char *name, const char *value,
		      const char *note)
{
	char id[8];

	snprintf(id, sizeof(id), "0x%04x", unit->id);
	ctl_out_open(NULL, '{');
	ctl_out_number("offset", unit->at);
	ctl_out_text("id", id);
	if (name)
		ctl_out_text("name", name);
	else
		ctl_out_null("name");
	put_hex("contents", unit->contents);
	ctl_out_text("value", value);
	if (note)
		ctl_out_text("note", note);
	else
		ctl_out_null("note");
	ctl_out_close('}');
}

static void put_unit(struct page *page, const struct pco_unit *unit)
{
	const struct pco_name *name = pco_name_of(unit->id);
	const char *note = pco_verdict_text(pco_verdict(unit, page->from));

	octets_free(&page->text);
	page->text = (struct octets){ 0 };
	pco_value_text(unit, page->from, &page->text);
	(page->json ? unit_json : unit_text)(unit, name ? name->word : NULL,
					     c_string(&page->text), note);
	if (page->n_pcscf < MAX_PCSCF &&
	    pco_value_pcscf(unit, page->from, &page->pcscf[page->n_pcscf]))
		page->n_pcscf++;
}

static void foot_text(const struct page *page, struct str trailing)
{
	char text[CTL_TEXT];

	if (page->n_pcscf) {
		fputs("\nP-CSCF   ", stdout);
		for (unsigned int i = 0; i < page->n_pcscf; i++)
			printf(" %s", ctl_text_addr(&page->pcscf[i], text));
		putchar('\n');
	}
	if (trailing.n)
		printf("\n%zu octets follow the element and are no part of it\n", trailing.n);
}

static void foot_json(const struct page *page, struct str trailing, const struct pco_error *err)
{
	ctl_out_close(']');
	ctl_out_open("p-cscf", '[');
	for (unsigned int i = 0; i < page->n_pcscf; i++)
		ctl_out_addr(NULL, &page->pcscf[i]);
	ctl_out_close(']');
	put_hex("trailing", trailing);
	if (err) {
		ctl_out_text("error", err->what);
		ctl_out_number("offset", err->at);
	}
	ctl_out_close('}');
}

static int wrong(const struct pco_error *err)
{
	return ctl_error("octet %zu: %s", err->at, err->what);
}

static int show(struct page *page, struct pco *p, bool guessed)
{
	struct pco_error err;
	struct pco_unit unit;
	int more;

	if (page->json)
		head_json(p);
	else
		head_text(p, guessed);
	if (p->end - p->at + 1 > pco_longest(p->form))
		ctl_error("warning: longer than the %zu octets that a %s may have",
			  pco_longest(p->form), pco_form_name(p->form));
	while ((more = pco_next(p, &unit, &err)) > 0)
		put_unit(page, &unit);
	/* of a broken element a UE takes nothing */
	if (more < 0)
		page->n_pcscf = 0;
	if (page->json)
		foot_json(page, pco_trailing(p), more < 0 ? &err : NULL);
	else
		foot_text(page, pco_trailing(p));
	octets_free(&page->text);
	return more < 0 ? wrong(&err) : CTL_OK;
}

int ctl_pco_decode(const struct ctl *ctl, int argc, char **argv)
{
	struct octets octets = { 0 };
	struct ctl_pco_words words;
	struct pco_error err;
	struct pco p;
	int at = 1, status;

	if (ctl_pco_words(&words, ctl, argc, argv, &at))
		return CTL_USAGE;
	status = read_octets(argc - at, argv + at, &octets);
	if (!status) {
		struct page page = { .json = words.json, .from = words.from };

		if (words.guess)
			page.from = pco_from_guess(octets_str(&octets), words.form);
		if (pco_open(&p, octets_str(&octets), words.form, page.from, &err))
			status = show(&page, &p, words.guess);
		else
			status = wrong(&err);
	}
	octets_free(&octets);
	return status;
}
