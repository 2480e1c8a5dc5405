// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a UE has registered: a binding for each pair of To and Contact, with
 * the identities that were registered with it, implicit ones included
 * (TS 24.229 5.2.2.1, 5.2.5.1). A binding owns its texts.
 */
#include <stdlib.h>

#include "identities.h"
#include "log.h"
#include "register_facts.h"
#include "registrar_private.h"
#include "sip_param.h"
#include "sip_uri.h"
#include "store_record.h"

#define MAX_BINDINGS 16

static unsigned int n_registered, n_emergency;

unsigned int registrar_count(void)
{
	return n_registered;
}

unsigned int registrar_count_emergency(void)
{
	return n_emergency;
}

static void count(const struct ue *ue, int more)
{
	n_registered += more;
	if (ue->emergency)
		n_emergency += more;
}

void registrar_free_binding(struct ue *ue, struct binding *b)
{
	DL_DELETE(ue->bindings, b);
	if (!ue->bindings)
		count(ue, -1);
	free(b->aor);
	free(b->contact);
	free(b->associated);
	free(b);
}

static bool same_contact(const char *ours, struct str contact)
{
	return ours && sip_uri_same_text(str_of(ours), contact);
}

static struct binding *find_binding(struct ue *ue, struct str aor,
				    const struct registrar_contact *c)
{
	for (struct binding *b = ue->bindings; b; b = b->next)
		if (str_same(str_of(b->aor), aor) && b->emergency == c->emergency &&
		    same_contact(b->contact, c->uri))
			return b;
	return NULL;
}

struct binding *registrar_new_binding(struct ue *ue, struct str aor)
{
	struct binding *b = calloc(1, sizeof(*b));
	unsigned int n;

	if (!b)
		return NULL;
	b->aor = strndup(aor.p, aor.n);
	if (!b->aor) {
		free(b);
		return NULL;
	}
	if (!ue->bindings)
		count(ue, 1);
	DL_APPEND(ue->bindings, b);
	DL_COUNT(ue->bindings, b, n);
	if (n > MAX_BINDINGS)
		registrar_free_binding(ue, ue->bindings);
	return ue->bindings->prev;
}

void registrar_keep(char **to, struct str text)
{
	free(*to);
	*to = text.n ? strndup(text.p, text.n) : NULL;
}

/* Is a contact among the Contact values of a 200 OK? */
static bool is_listed(struct str contacts, const char *ours)
{
	struct sip_addr addr;
	struct str value;

	while (sip_param_split(&contacts, ',', &value))
		if (sip_addr_split(value, &addr) && same_contact(ours, addr.uri))
			return true;
	return false;
}

/* The identity of To, or registered implicitly with it. */
static bool is_of(const struct binding *b, struct str aor)
{
	return str_same(str_of(b->aor), aor) || identities_has(str_of(b->associated), aor);
}

/*
 * What the registrar no longer has (RFC 3261 10.3: a 200 OK lists all contacts
 * of the identity), such as a contact that a rebooted UE had before.
 */
static void forget_unlisted(struct ue *ue, const struct registrar_accepted *a,
			    const struct binding *own)
{
	for (struct binding *b = ue->bindings, *next; a->contacts.p && b; b = next) {
		next = b->next;
		if (b != own && is_of(b, a->aor) && b->emergency == a->emergency &&
		    !is_listed(a->contacts, b->contact))
			registrar_free_binding(ue, b);
	}
}

/*
 * A core that sends no P-Associated-URI has accepted the identity of To;
 * where it sends one, To may be barred and is not in it.
 */
static void keep_associated(struct binding *b, const struct registrar_accepted *a)
{
	struct octets list = { 0 };

	if (a->associated.n) {
		identities_join(&list, a->associated);
	} else {
		octets_puts(&list, "<");
		octets_put(&list, a->aor);
		octets_puts(&list, ">");
	}
	registrar_keep(&b->associated, octets_str(&list));
	octets_free(&list);
}

void registrar_collect(struct ue *ue)
{
	struct octets list = { 0 };

	for (struct binding *b = ue->bindings; b; b = b->next)
		identities_join(&list, str_of(b->associated));
	if (!list.failed)
		registrar_keep(&ue->associated, octets_str(&list));
	octets_free(&list);
}

static struct binding *bind_one(struct ue *ue, const struct registrar_accepted *a,
				const struct registrar_contact *c)
{
	struct binding *b = find_binding(ue, a->aor, c);

	if (!b)
		b = registrar_new_binding(ue, a->aor);
	if (!b) {
		log_error("out of memory for a registration of %s", ue->impi);
		return NULL;
	}
	registrar_keep(&b->contact, c->uri);
	b->ends = clock_now() + (uint64_t)c->expires * 1000;
	b->emergency = c->emergency;
	keep_associated(b, a);
	return b;
}

static struct registrar_contact first_of(const struct registrar_accepted *a)
{
	return (struct registrar_contact){ a->contact, a->expires, a->emergency };
}

void registrar_bind(struct ue *ue, const struct registrar_accepted *a)
{
	struct registrar_contact first = first_of(a);
	struct binding *b;

	/* The others before: where there are too many bindings the oldest goes. */
	for (unsigned int i = 0; i < a->n_more; i++) {
		if (a->more[i].expires)
			bind_one(ue, a, &a->more[i]);
		else
			registrar_unbind_contact(ue, a->aor, &a->more[i]);
	}
	b = bind_one(ue, a, &first);
	if (!b)
		return;
	/* What is registered in clear for emergencies is the same UE (plain.h). */
	if (!a->emergency || !ue->plain)
		registrar_keep(&ue->service_route, a->service_route);
	forget_unlisted(ue, a, b);
}

bool registrar_unbind_contact(struct ue *ue, struct str aor, const struct registrar_contact *c)
{
	bool any = false;

	for (struct binding *b = ue->bindings, *next; b; b = next) {
		next = b->next;
		if (!is_of(b, aor) || (c->uri.p && (b->emergency != c->emergency ||
						    !same_contact(b->contact, c->uri))))
			continue;
		registrar_free_binding(ue, b);
		any = true;
	}
	return any;
}

void registrar_unbind(struct ue *ue, const struct registrar_accepted *a)
{
	struct registrar_contact first = first_of(a);

	registrar_unbind_contact(ue, a->aor, &first);
	for (unsigned int i = 0; i < a->n_more; i++)
		registrar_unbind_contact(ue, a->aor, &a->more[i]);
	forget_unlisted(ue, a, NULL);
}

/*
 * A UE that has moved, say to another access, takes back the contact it had there:
 * that one is not the UE at this address any more (TS 33.203 7.5, TS 24.229
 * 5.2.5.1).
 */
static void end_elsewhere(const struct ue *ue, struct str aor, const struct registrar_contact *c)
{
	struct ue *there;
	struct addr a;

	if (c->expires || !register_facts_address(c->uri, &a) || addr_same_ip(&a, &ue->addr))
		return;
	there = registrar_find(str_of(ue->impi), &a, registrar_kind(ue));
	if (!there)
		return;
	registrar_hold(there);
	if (registrar_unbind_contact(there, aor, c)) {
		log_info("%s at %s has taken back its registration at %s", ue->impi,
			 addr_host(&ue->addr), addr_host(&a));
		registrar_rebound(there);
	}
	registrar_release(there);
}

void registrar_unbind_elsewhere(const struct ue *ue, const struct registrar_accepted *a)
{
	const struct registrar_contact first = first_of(a);

	end_elsewhere(ue, a->aor, &first);
	for (unsigned int i = 0; i < a->n_more; i++)
		end_elsewhere(ue, a->aor, &a->more[i]);
}

void registrar_restore_bindings(struct ue *ue, const struct store_ue *r)
{
	for (unsigned int i = 0; i < r->n_bindings; i++) {
		const struct store_binding *from = &r->bindings[i];
		struct binding *b = registrar_new_binding(ue, from->aor);

		if (!b)
			continue;
		registrar_keep(&b->contact, from->contact);
		registrar_keep(&b->associated, from->associated);
		b->ends = clock_from_boot(from->ends);
		b->emergency = from->emergency;
	}
	registrar_keep(&ue->service_route, r->service_route);
}
