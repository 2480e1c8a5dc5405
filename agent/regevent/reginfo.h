/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGINFO_H
#define _REGINFO_H

#include "octets.h"

/*
 * The registration state of a user as a NOTIFY of the event package "reg" has
 * it: application/reginfo+xml (RFC 3680 5). Pure: octets in, a list out.
 */

/* Why a contact is in its state (RFC 3680 5.3.1). */
enum reginfo_event {
	REGINFO_OTHER,		/* one we do not know, or none */
	REGINFO_REGISTERED,
	REGINFO_CREATED,
	REGINFO_REFRESHED,
	REGINFO_SHORTENED,
	REGINFO_EXPIRED,
	REGINFO_DEACTIVATED,
	REGINFO_PROBATION,
	REGINFO_UNREGISTERED,
	REGINFO_REJECTED,
};

struct reginfo_contact {
	char *uri;
	bool active;			/* else terminated */
	enum reginfo_event event;
	bool has_expires;
	uint32_t expires;		/* seconds left */
	struct reginfo_contact *prev, *next;
};

enum reginfo_state {
	REGINFO_INIT,
	REGINFO_ACTIVE,
	REGINFO_TERMINATED,
};

struct reginfo_registration {
	char *aor;			/* the public identity */
	enum reginfo_state state;
	struct reginfo_contact *contacts;
	struct reginfo_registration *prev, *next;
};

struct reginfo {
	uint32_t version;
	bool full;			/* else partial: what has changed */
	struct reginfo_registration *registrations;
};

/* Octets of a document, elements in each other, registrations, contacts in all, octets of a URI. */
#define REGINFO_MAX_SIZE 32768
#define REGINFO_MAX_DEPTH 16
#define REGINFO_MAX_REGISTRATIONS 64
#define REGINFO_MAX_CONTACTS 256
#define REGINFO_MAX_URI 512

/**
 * reginfo_parse - read a document
 * @why: what is wrong with it, a constant text
 *
 * Elements of other namespaces are passed over. There are no entities but the
 * five of XML, no DTD (a document with one is refused), no other encoding than
 * UTF-8, and nothing is ever fetched. URIs have no octet that could end a
 * header value or "<>".
 *
 * Return: the document, to be freed with reginfo_free(), or NULL with @why.
 */
struct reginfo *reginfo_parse(struct str document, const char **why);
void reginfo_free(struct reginfo *info);

const char *reginfo_event_name(enum reginfo_event event);

#endif
