// SPDX-License-Identifier: GPL-2.0-or-later
#include "control_match.h"

#include <stdlib.h>
#include <string.h>

#include "identities.h"
#include "plain.h"

static const char * const states[] = { "registered", "challenged", "ending", "new" };

const char *control_ue_state(const struct ue *ue)
{
	bool challenged = false;

	for (const struct set *s = ue->sets; s; s = s->next)
		challenged |= s->state == SET_TEMP;
	if (ue->bindings)
		return states[0];
	if (challenged)
		return states[1];
	return ue->sets || plain_lingers(ue) ? states[2] : states[3];
}

bool control_text_matches(const char *pattern, struct str text)
{
	struct str p = str_of(pattern);
	bool before = p.n && p.p[0] == '*', after;

	if (before)
		p = str_from(p, 1);
	after = p.n && p.p[p.n - 1] == '*';
	p.n -= after;
	if (!p.n && (before || after))
		return true;
	if (p.n > text.n)
		return false;
	if (!before && !after)
		return str_same_nocase(p, text);
	if (!before)
		return str_same_nocase(p, (struct str){ text.p, p.n });
	if (!after)
		return str_same_nocase(p, str_from(text, text.n - p.n));
	for (size_t i = 0; i + p.n <= text.n; i++)
		if (str_same_nocase(p, (struct str){ text.p + i, p.n }))
			return true;
	return false;
}

bool control_uri_matches(const char *pattern, struct str uri)
{
	const char *colon = memchr(uri.p, ':', uri.n);

	return control_text_matches(pattern, uri) ||
	       (colon && control_text_matches(pattern,
					      str_from(uri, (size_t)(colon + 1 - uri.p))));
}

static bool impu_matches(const char *pattern, const struct ue *ue)
{
	struct str rest, uri;

	for (const struct binding *b = ue->bindings; b; b = b->next) {
		if (control_uri_matches(pattern, str_of(b->aor)))
			return true;
		rest = str_of(b->associated ? b->associated : "");
		while (identities_next(&rest, &uri))
			if (control_uri_matches(pattern, uri))
				return true;
	}
	return false;
}

static bool address_matches(const char *text, const struct ue *ue)
{
	struct addr a;

	return addr_parse(&a, text, 0) && addr_same_ip(&a, &ue->addr);
}

bool control_matches(const struct control_match *m, const struct ue *ue)
{
	if (m->who && !control_text_matches(m->who, str_of(ue->impi)) &&
	    !address_matches(m->who, ue) && !impu_matches(m->who, ue))
		return false;
	if (m->impi && !control_text_matches(m->impi, str_of(ue->impi)))
		return false;
	if (m->has_address && !addr_same_ip(&m->address, &ue->addr))
		return false;
	if (m->state && strcmp(m->state, control_ue_state(ue)))
		return false;
	return !m->impu || impu_matches(m->impu, ue);
}

static bool keep(char **to, const char *text)
{
	if (text)
		*to = strdup(text);
	return !text || *to;
}

/* @why: stays as it is when there was no memory. */
static bool read_rest(struct control_match *m, const struct control_request *r, const char **why)
{
	const char *address = control_request_word(r, "address");
	const char *state = control_request_word(r, "state");

	m->has_address = address != NULL;
	if (address && !addr_parse(&m->address, address, 0)) {
		*why = "address: say an IP address";
		return false;
	}
	for (size_t i = 0; state && i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(states[i], state))
			m->state = states[i];
	if (state && !m->state) {
		*why = "state: registered, challenged, ending or new";
		return false;
	}
	return true;
}

bool control_match_read(struct control_match *m, const struct control_request *r,
			const char **why)
{
	memset(m, 0, sizeof(*m));
	if (keep(&m->who, control_request_word(r, "who")) &&
	    keep(&m->impi, control_request_word(r, "impi")) &&
	    keep(&m->impu, control_request_word(r, "impu")) && read_rest(m, r, why))
		return true;
	control_match_free(m);
	return false;
}

void control_match_free(struct control_match *m)
{
	free(m->who);
	free(m->impi);
	free(m->impu);
}
