// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl pco encode - an element from words, or from what decode printed as JSON.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_json.h"
#include "ctl_pco.h"
#include "pco_value.h"

static int too_long(enum pco_form form)
{
	return ctl_error("%s has at most %zu octets", pco_form_name(form), pco_longest(form));
}

/* "0x000c": one to four digits, so that a long word is not cut to another id. */
static bool parse_number(const char *text, size_t n, unsigned long most, unsigned long *out)
{
	char copy[12], *end;

	if (!n || n >= sizeof(copy) || *text < '0' || *text > '9')
		return false;
	memcpy(copy, text, n);
	copy[n] = 0;
	*out = strtoul(copy, &end, 0);
	return !*end && *out <= most;
}

/* One container of the command line: "name", "name=value", "0x1234=hex". */
static int put_word(struct pco_writer *w, const char *word)
{
	size_t n = strcspn(word, "=");
	const char *value = word[n] ? word + n + 1 : NULL;
	const struct pco_name *name = pco_name_by_word(word, n);
	struct octets contents = { 0 };
	unsigned long id;
	int status = 0;

	if (name) {
		id = name->id;
		if (!pco_value_parse(name, w->from, value, &contents))
			status = ctl_bad_usage("%s from %s takes %s", name->word,
					       ctl_pco_side(w->from), pco_value_what(name, w->from));
	} else if (!parse_number(word, n, 0xffff, &id)) {
		status = ctl_bad_usage("no container %.*s; see gmctl pco list", (int)n, word);
	} else if (!pco_value_unhex(value ? value : "", &contents)) {
		status = ctl_bad_usage("0x%04lx: its contents are no hexadecimal digits", id);
	}
	if (!status && !pco_put(w, id, octets_str(&contents)))
		status = ctl_bad_usage("0x%04lx: %zu octets are more than its length can say", id,
				       contents.n);
	octets_free(&contents);
	return status;
}

static int encode_words(const struct ctl_pco_words *words, int argc, char **argv,
			struct octets *out)
{
	struct pco_writer w;
	int status;

	pco_begin(&w, out, words->form ? words->form : PCO_NAS, words->from, PCO_PPP_FOR_IP, 0);
	for (int i = 0; i < argc; i++) {
		status = put_word(&w, argv[i]);
		if (status)
			return status;
	}
	return pco_end(&w) ? 0 : too_long(w.form);
}

/* ---- from JSON ---- */

static const char *member(const struct ctl_json *j, const char *key)
{
	const struct ctl_json *m = ctl_json_member(j, key);

	return m && m->type == CTL_JSON_SCALAR ? m->text : "";
}

static bool octet_of(const struct ctl_json *j, const char *key, uint8_t *out)
{
	const char *text = member(j, key);
	unsigned long v;

	if (!parse_number(text, strlen(text), 255, &v))
		return false;
	*out = v;
	return true;
}

static int put_unit(struct pco_writer *w, const struct ctl_json *unit)
{
	const char *id_text = member(unit, "id");
	const struct ctl_json *hex = ctl_json_member(unit, "contents");
	struct octets contents = { 0 };
	unsigned long id;
	bool ok;

	ok = parse_number(id_text, strlen(id_text), 0xffff, &id) && hex &&
	     hex->type == CTL_JSON_SCALAR && pco_value_unhex(hex->text, &contents) &&
	     pco_put(w, id, octets_str(&contents));
	octets_free(&contents);
	return ok ? 0 : ctl_bad_usage("encode: a unit needs an id and its contents");
}

static int encode_document(const struct ctl_json *j, struct octets *out)
{
	const struct ctl_json *units = ctl_json_member(j, "units"), *unit;
	uint8_t protocol, instance = 0;
	struct pco_writer w;
	enum pco_form form;
	enum pco_from from;
	int status;

	if (j->type != CTL_JSON_OBJECT || !units || units->type != CTL_JSON_ARRAY ||
	    !pco_form_parse(member(j, "form"), &form) || form == PCO_AUTO ||
	    !ctl_pco_parse_side(member(j, "from"), &from) ||
	    !octet_of(j, "protocol", &protocol))
		return ctl_bad_usage("encode: this is not what gmctl -j pco decode prints");
	if (*member(j, "error"))
		return ctl_bad_usage("encode: this is of a broken element: %s", member(j, "error"));
	if (ctl_json_member(j, "instance") && !octet_of(j, "instance", &instance))
		return ctl_bad_usage("encode: instance is not an octet");
	pco_begin(&w, out, form, from, protocol, instance);
	for (unit = units->child; unit; unit = unit->next) {
		status = put_unit(&w, unit);
		if (status)
			return status;
	}
	if (!pco_end(&w))
		return too_long(form);
	if (!pco_value_unhex(member(j, "trailing"), out))
		return ctl_bad_usage("encode: trailing has no hexadecimal digits");
	return 0;
}

static int encode_stdin(struct octets *out)
{
	struct octets text = { 0 };
	struct ctl_json *j;
	int status = CTL_FAILED;

	if (ctl_pco_stdin(&text)) {
		j = ctl_json_parse(text.p ? text.p : "", text.n);
		status = j ? encode_document(j, out) :
			 ctl_bad_usage("encode: standard input is not JSON");
		ctl_json_free(j);
	}
	octets_free(&text);
	return status;
}

static int print(bool json, struct octets *element)
{
	struct octets hex = { 0 };
	int status = CTL_OK;

	pco_value_hex(octets_str(element), &hex);
	octets_put(&hex, (struct str){ "", 1 });
	if (element->failed || hex.failed) {
		status = ctl_error("out of memory");
	} else if (json) {
		ctl_out_open(NULL, '{');
		ctl_out_text("hex", hex.p);
		ctl_out_number("octets", element->n);
		ctl_out_close('}');
	} else {
		puts(hex.p);
	}
	octets_free(&hex);
	return status;
}

int ctl_pco_encode(const struct ctl *ctl, int argc, char **argv)
{
	struct octets element = { 0 };
	struct ctl_pco_words words;
	int at = 1, status;

	if (ctl_pco_words(&words, ctl, argc, argv, &at))
		return CTL_USAGE;
	if (at == argc)
		status = ctl_bad_usage("encode: say what is in it; see gmctl pco -h");
	else if (!strcmp(argv[at], "-"))
		status = at + 1 < argc ? ctl_bad_usage("encode: nothing goes with -") :
			 encode_stdin(&element);
	else
		status = encode_words(&words, argc - at, argv + at, &element);
	if (!status)
		status = print(words.json, &element);
	octets_free(&element);
	return status;
}
