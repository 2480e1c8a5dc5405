// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the S-CSCF says of a UE's registrations by the event package "reg"
 * (TS 24.229 5.2.3, 5.2.5.2), applied to its bindings.
 *
 * A document is about an identity, a binding about a contact: a registration
 * in it counts for a binding whose contact it has, and, when the identity is
 * gone altogether, for all.
 */
#include "identities.h"
#include "log.h"
#include "notice.h"
#include "reginfo.h"
#include "registrar_private.h"
#include "sip_uri.h"

struct verdict {
	enum { SAYS_NOTHING, SAYS_ACTIVE, SAYS_TERMINATED } what;
	const struct reginfo_contact *contact;	/* that decided */
};

/*
 * A contact that was replaced by an equal one is there twice, once terminated:
 * active counts.
 */
static struct verdict judge(const struct reginfo_registration *r, const struct binding *b)
{
	struct verdict v = { SAYS_NOTHING, NULL };

	if (r->state == REGINFO_TERMINATED)
		return (struct verdict){ SAYS_TERMINATED, NULL };
	for (const struct reginfo_contact *c = r->contacts; c; c = c->next) {
		if (!b->contact || !sip_uri_same_text(str_of(b->contact), str_of(c->uri)))
			continue;
		if (c->active)
			return (struct verdict){ SAYS_ACTIVE, c };
		v = (struct verdict){ SAYS_TERMINATED, c };
	}
	return v;
}

/* An identity more that the UE may use, with the default one still first. */
static void add_identity(struct ue *ue, struct binding *b, const char *aor)
{
	struct octets list = { 0 }, more = { 0 };

	if (identities_has(str_of(b->associated), str_of(aor)))
		return;
	octets_printf(&more, "<%s>", aor);
	identities_join(&list, str_of(b->associated));
	identities_join(&list, octets_str(&more));
	if (!list.failed && !more.failed) {
		registrar_keep(&b->associated, octets_str(&list));
		log_info("%s at %s: %s is registered, too (reg event)", ue->impi,
			 addr_host(&ue->addr), aor);
	}
	octets_free(&list);
	octets_free(&more);
}

/* One less; with the last of them the binding goes. */
static void remove_identity(struct ue *ue, struct binding *b, const char *aor,
			    const struct reginfo_contact *c)
{
	struct octets list = { 0 };
	bool last;

	if (!identities_has(str_of(b->associated), str_of(aor)))
		return;
	identities_without(&list, str_of(b->associated), str_of(aor));
	last = !list.n || list.failed;
	log_info("%s at %s: the core has ended the registration of %s (%s)%s", ue->impi,
		 addr_host(&ue->addr), aor, c ? reginfo_event_name(c->event) : "terminated",
		 last ? ", nothing of it is left" : "");
	if (last && ue->bindings == b && !b->next)
		notice_of(NOTICE_DEREGISTERED, ue->impi, 0, "by the core");
	if (last)
		registrar_free_binding(ue, b);
	else
		registrar_keep(&b->associated, octets_str(&list));
	octets_free(&list);
}

/* TS 24.229 5.2.3: the registration ends earlier; so does nothing else. */
static void shorten(struct ue *ue, struct binding *b, const struct reginfo_contact *c)
{
	uint64_t ends = clock_now() + (uint64_t)c->expires * 1000;

	if (c->event != REGINFO_SHORTENED || !c->has_expires || ends >= b->ends)
		return;
	log_info("%s at %s: the core shortens its registration to %u s", ue->impi,
		 addr_host(&ue->addr), c->expires);
	b->ends = ends;
}

static void apply(struct ue *ue, const struct reginfo_registration *r)
{
	for (struct binding *b = ue->bindings, *next; b; b = next) {
		struct verdict v;

		next = b->next;
		/* Its contact may be the same but for "sos"; it ends by itself. */
		if (b->emergency)
			continue;
		v = judge(r, b);
		if (v.what == SAYS_TERMINATED) {
			remove_identity(ue, b, r->aor, v.contact);
		} else if (v.what == SAYS_ACTIVE) {
			add_identity(ue, b, r->aor);
			shorten(ue, b, v.contact);
		}
	}
}

void registrar_event(struct ue *ue, const struct reginfo *info)
{
	for (const struct reginfo_registration *r = info->registrations; r; r = r->next)
		apply(ue, r);
	registrar_rebound(ue);
}
