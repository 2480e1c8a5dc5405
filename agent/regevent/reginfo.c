// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reads application/reginfo+xml with libxml2's SAX interface: no tree is built,
 * so that memory is what the result has, and the first thing that is wrong
 * ends it. The core sends these documents, but what is in them comes from
 * phones, too: bounds hold for all of it.
 */
#include "reginfo.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <utlist.h>

#define NAMESPACE "urn:ietf:params:xml:ns:reginfo"

/* The elements that mean something, each inside of the one before it. */
enum level { LEVEL_NONE, LEVEL_REGINFO, LEVEL_REGISTRATION, LEVEL_CONTACT, LEVEL_URI };

static const char * const level_names[] = {
	[LEVEL_REGINFO] = "reginfo",
	[LEVEL_REGISTRATION] = "registration",
	[LEVEL_CONTACT] = "contact",
	[LEVEL_URI] = "uri",
};

static const char * const event_names[] = {
	[REGINFO_OTHER] = "other",
	[REGINFO_REGISTERED] = "registered",
	[REGINFO_CREATED] = "created",
	[REGINFO_REFRESHED] = "refreshed",
	[REGINFO_SHORTENED] = "shortened",
	[REGINFO_EXPIRED] = "expired",
	[REGINFO_DEACTIVATED] = "deactivated",
	[REGINFO_PROBATION] = "probation",
	[REGINFO_UNREGISTERED] = "unregistered",
	[REGINFO_REJECTED] = "rejected",
};

/* A document while it is read; the innermost elements are the last of their lists. */
struct reading {
	xmlParserCtxtPtr parser;
	struct reginfo *info;
	struct reginfo_registration *registration;
	struct reginfo_contact *contact;
	unsigned int depth;		/* of all elements */
	enum level level;		/* of those that count; depth is more inside of others */
	unsigned int n_registrations, n_contacts;
	char uri[REGINFO_MAX_URI + 1];
	size_t uri_n;
	const char *why;
};

struct attributes {
	const xmlChar **p;		/* name, prefix, namespace, value, its end */
	int n;
};

const char *reginfo_event_name(enum reginfo_event event)
{
	return event_names[event];
}

/* The first complaint is the one that is told; nothing is read after it. */
static void refuse(struct reading *r, const char *why)
{
	if (!r->why)
		r->why = why;
	xmlStopParser(r->parser);
}

static struct str attribute(const struct attributes *a, const char *name)
{
	for (int i = 0; i < a->n; i++) {
		const xmlChar **at = a->p + (ptrdiff_t)5 * i;

		if (!at[1] && !strcmp((const char *)at[0], name))
			return (struct str){ (const char *)at[3], (size_t)(at[4] - at[3]) };
	}
	return STR_NONE;
}

/* It may end up in a header, in "<>". */
static bool is_clean_uri(struct str uri)
{
	if (!uri.n || uri.n > REGINFO_MAX_URI)
		return false;
	for (size_t i = 0; i < uri.n; i++)
		if (uri.p[i] <= ' ' || uri.p[i] >= 0x7f || strchr("<>\"\\", uri.p[i]))
			return false;
	return true;
}

static void begin_reginfo(struct reading *r, const struct attributes *a)
{
	struct str state = attribute(a, "state");

	if (!str_number(attribute(a, "version"), UINT32_MAX, &r->info->version))
		refuse(r, "version is not a number of 32 bits");
	else if (str_same(state, STR_LIT("full")))
		r->info->full = true;
	else if (!str_same(state, STR_LIT("partial")))
		refuse(r, "state of reginfo is neither full nor partial");
}

static bool read_state(struct str text, enum reginfo_state *state)
{
	if (str_same(text, STR_LIT("active")))
		*state = REGINFO_ACTIVE;
	else if (str_same(text, STR_LIT("terminated")))
		*state = REGINFO_TERMINATED;
	else if (str_same(text, STR_LIT("init")))
		*state = REGINFO_INIT;
	else
		return false;
	return true;
}

static void begin_registration(struct reading *r, const struct attributes *a)
{
	struct str aor = attribute(a, "aor");
	struct reginfo_registration *g;
	enum reginfo_state state;

	if (++r->n_registrations > REGINFO_MAX_REGISTRATIONS) {
		refuse(r, "too many registrations");
	} else if (!is_clean_uri(aor)) {
		refuse(r, "aor is not a URI");
	} else if (!read_state(attribute(a, "state"), &state)) {
		refuse(r, "state of a registration is unknown");
	} else {
		g = calloc(1, sizeof(*g));
		if (g)
			g->aor = strndup(aor.p, aor.n);
		if (!g || !g->aor) {
			free(g);
			refuse(r, "out of memory");
			return;
		}
		g->state = state;
		DL_APPEND(r->info->registrations, g);
		r->registration = g;
	}
}

static enum reginfo_event find_event(struct str text)
{
	for (size_t i = 1; i < sizeof(event_names) / sizeof(event_names[0]); i++)
		if (str_same(text, str_of(event_names[i])))
			return (enum reginfo_event)i;
	return REGINFO_OTHER;
}

static void begin_contact(struct reading *r, const struct attributes *a)
{
	struct str expires = attribute(a, "expires");
	struct reginfo_contact *c;
	enum reginfo_state state;

	if (++r->n_contacts > REGINFO_MAX_CONTACTS) {
		refuse(r, "too many contacts");
		return;
	}
	if (!read_state(attribute(a, "state"), &state) || state == REGINFO_INIT) {
		refuse(r, "state of a contact is unknown");
		return;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		refuse(r, "out of memory");
		return;
	}
	c->active = state == REGINFO_ACTIVE;
	c->event = find_event(attribute(a, "event"));
	c->has_expires = str_number(expires, UINT32_MAX, &c->expires);
	DL_APPEND(r->registration->contacts, c);
	r->contact = c;
	if (expires.p && !c->has_expires)
		refuse(r, "expires of a contact is not a number of 32 bits");
}

static void begin_uri(struct reading *r)
{
	if (r->contact->uri)
		refuse(r, "a contact with two URIs");
	r->uri_n = 0;
}

static void end_uri(struct reading *r)
{
	struct str uri = str_trim((struct str){ r->uri, r->uri_n });

	if (!is_clean_uri(uri)) {
		refuse(r, "uri is not a URI");
		return;
	}
	r->contact->uri = strndup(uri.p, uri.n);
	if (!r->contact->uri)
		refuse(r, "out of memory");
}

/* A contact without a URI says nothing about anybody. */
static void end_contact(struct reading *r)
{
	if (r->contact->uri)
		return;
	DL_DELETE(r->registration->contacts, r->contact);
	free(r->contact);
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int n_ns, const xmlChar **ns, int n_attributes, int n_defaulted,
		     const xmlChar **attributes)
{
	const struct attributes a = { .p = attributes, .n = n_attributes };
	struct reading *r = ctx;

	(void)prefix, (void)n_ns, (void)ns, (void)n_defaulted;
	if (r->why)
		return;
	if (r->depth == REGINFO_MAX_DEPTH) {
		refuse(r, "elements are nested too deep");
		return;
	}
	/* Inside of what is passed over, or below the last level: passed over. */
	if (r->depth++ != r->level || r->level == LEVEL_URI)
		return;
	if (!uri || strcmp((const char *)uri, NAMESPACE) ||
	    strcmp((const char *)name, level_names[r->level + 1])) {
		if (r->level == LEVEL_NONE)
			refuse(r, "not a reginfo document");
		return;
	}
	switch (++r->level) {
	case LEVEL_REGINFO:
		begin_reginfo(r, &a);
		break;
	case LEVEL_REGISTRATION:
		begin_registration(r, &a);
		break;
	case LEVEL_CONTACT:
		begin_contact(r, &a);
		break;
	case LEVEL_URI:
		begin_uri(r);
		break;
	case LEVEL_NONE:
		break;
	}
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reading *r = ctx;

	(void)name, (void)prefix, (void)uri;
	if (r->why || r->depth-- != r->level)
		return;
	if (r->level == LEVEL_URI)
		end_uri(r);
	else if (r->level == LEVEL_CONTACT)
		end_contact(r);
	r->level--;
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
	struct reading *r = ctx;

	if (r->why || r->level != LEVEL_URI || r->depth != LEVEL_URI)
		return;
	if ((size_t)n > sizeof(r->uri) - r->uri_n) {
		refuse(r, "a URI is too long");
		return;
	}
	memcpy(r->uri + r->uri_n, text, (size_t)n);
	r->uri_n += (size_t)n;
}

/* Where entities and what they lead to would be declared. */
static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
		       const xmlChar *system)
{
	(void)name, (void)external, (void)system;
	refuse(ctx, "a document type declaration");
}

/* Without this libxml2 goes on to the end, DTD and all, without telling anybody. */
static void on_error(void *ctx, xmlErrorPtr error)
{
	if (error->level == XML_ERR_FATAL)
		refuse(ctx, "not well-formed XML");
}

/* What libxml2 would do by itself beyond this is not there: no entities, no DTD, no messages. */
static bool read_document(struct reading *r, struct str document)
{
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_doctype,
		.externalSubset = on_doctype,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.serror = on_error,
	};

	r->parser = xmlCreateMemoryParserCtxt(document.p, (int)document.n);
	if (!r->parser) {
		r->why = "out of memory";
		return false;
	}
	*r->parser->sax = handler;
	r->parser->userData = r;
	xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				     XML_PARSE_IGNORE_ENC);
	xmlSwitchEncoding(r->parser, XML_CHAR_ENCODING_UTF8);
	xmlParseDocument(r->parser);
	if (!r->why && !r->parser->wellFormed)
		r->why = "not well-formed XML";
	/* There is one when entities were declared after all. */
	xmlFreeDoc(r->parser->myDoc);
	xmlFreeParserCtxt(r->parser);
	return !r->why;
}

struct reginfo *reginfo_parse(struct str document, const char **why)
{
	struct reading r = { 0 };

	/* Which libxml2 calls an error of its caller. */
	if (!document.n || document.n > REGINFO_MAX_SIZE) {
		*why = document.n ? "the document is too long" : "the document is empty";
		return NULL;
	}
	r.info = calloc(1, sizeof(*r.info));
	if (!r.info) {
		*why = "out of memory";
		return NULL;
	}
	if (read_document(&r, document))
		return r.info;
	*why = r.why;
	reginfo_free(r.info);
	return NULL;
}

void reginfo_free(struct reginfo *info)
{
	struct reginfo_registration *g, *next_g;
	struct reginfo_contact *c, *next_c;

	if (!info)
		return;
	DL_FOREACH_SAFE(info->registrations, g, next_g) {
		DL_FOREACH_SAFE(g->contacts, c, next_c) {
			free(c->uri);
			free(c);
		}
		free(g->aor);
		free(g);
	}
	free(info);
}
