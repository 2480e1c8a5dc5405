/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REGISTRAR_H
#define _REGISTRAR_H

#include "octets.h"
#include "set.h"

/*
 * Who is registered, and which of its SA sets means what (TS 33.203 7.4,
 * gm-security 5).  The unit is the struct ue: one IMPI at one address.
 */

/*
 * What one REGISTER registered: the identity in its To, those registered
 * implicitly with it, and the contact for them. One for each pair of To and
 * Contact.
 */
struct binding {
	char *aor;
	char *contact;
	char *associated;	/* the identities that may be used (identities.h) */
	uint64_t ends;		/* SIP time */
	bool emergency;
	struct binding *prev, *next;
};

struct dialog;

struct ue {
	char *impi;
	struct addr addr;		/* port 0 */
	char token[33];			/* user part of our Path: 128 random bits */
	struct set *sets;		/* the oldest first */
	struct set *in_use;		/* NULL: none yet */
	struct binding *bindings;	/* none: not registered */
	char *service_route;		/* of the last 200 OK, order kept */
	/*
	 * The identities of all bindings (identities.h): the first is the
	 * default one, what is not there is barred or not registered.
	 */
	char *associated;
	bool emergency;			/* see registrar_emergency_ue() */
	struct plain *plain;		/* plain.c's, NULL: it is one with SAs */
	struct subscription *subscription;	/* regevent.c's, NULL: none */
	struct clock_timer timer;	/* the first binding to end */
	struct dialog *dialogs;		/* dialog.c's, the longest unused first */
	unsigned int n_dialogs;
	unsigned int n_invites, n_accepted;	/* relay_life.c's */
	unsigned int held;
	UT_hash_handle hh, hh_token;
	size_t key_n;
	char key[];
};

struct registrar_config {
	uint64_t reg_await_auth;	/* lifetime of a TEMP */
	uint64_t drain;			/* 64*T1 towards the UE */
	/*
	 * A UE has changed, and nothing of it has left yet: the time to store
	 * it. One with neither sets nor bindings is about to be freed. May be
	 * NULL.
	 */
	void (*changed)(const struct ue *ue);
	/* The bindings of a UE have changed; there may be none left. May be NULL. */
	void (*rebound)(struct ue *ue);
	/* A UE is about to be freed; may be NULL. */
	void (*gone)(struct ue *ue);
};

/* registrar_set_ended() and registrar_set_displaced() go into set_init(). */
void registrar_init(const struct registrar_config *cfg);
/* Sets that are there keep their ends. */
void registrar_reload(uint64_t reg_await_auth, uint64_t drain);
void registrar_exit(void);

void registrar_set_ended(struct set *s);
void registrar_set_displaced(struct set *s);

/**
 * registrar_ue - find or make the UE of an IMPI and address
 *
 * Return: the UE, held: it does not go away before registrar_release(), which
 * frees it when it has neither sets nor bindings. NULL: out of memory.
 */
struct ue *registrar_ue(struct str impi, const struct addr *addr);

/*
 * An emergency registration has a contact, and SA sets, of its own (TS 24.229
 * 5.1.6, 5.2.10): it is a UE beside the one of the same IMPI and address, so
 * that neither replaces or ends what the other has. As registrar_ue().
 */
struct ue *registrar_emergency_ue(struct str impi, const struct addr *addr);

/*
 * Without sec-agree (plain.h): likewise a UE beside those, of which the one with SAs is the
 * better one, that it can neither replace nor end. As registrar_ue().
 */
struct ue *registrar_plain_ue(struct str impi, const struct addr *addr);

void registrar_hold(struct ue *ue);
void registrar_release(struct ue *ue);

/* For struct transaction_config: the UE of a flow's set, whichever set it is by now. */
const void *registrar_party(const struct flow *f);

/* By the user part of our Path; NULL: nobody's. Not held. */
struct ue *registrar_by_token(struct str token);
struct store_ue;

/**
 * registrar_restore - a UE of an earlier life
 * @r: what was stored of it; its sets are those the kernel still has
 * @gm: of each set, the endpoint
 *
 * It gets back its token, bindings, sets and their states; where the set in
 * use is lost, a NEW one takes over. Sets that cannot be adopted are left out:
 * see set_find().
 *
 * Return: false: it is there already, may not be there any more, or out of memory.
 */
bool registrar_restore(const struct store_ue *r, const uint8_t *gm);

const char *registrar_impi(const struct ue *ue);
bool registrar_is_impi(const struct ue *ue, struct str impi);

/* A challenge goes to the UE: what its set is made of (ue and lifetime are set here). */
struct set *registrar_challenged(struct ue *ue, struct set_facts *facts,
				 enum set_failure *failure, char *why, size_t room);

struct registrar_contact {
	struct str uri;
	uint32_t expires;		/* seconds; 0: it was taken back */
	bool emergency;
};

struct registrar_accepted {
	struct str aor, contact;
	uint32_t expires;		/* seconds, not 0 */
	bool emergency;
	/* What else the REGISTER named, none of it for longer than that one. */
	const struct registrar_contact *more;
	unsigned int n_more;
	struct str service_route, associated;
	/*
	 * The Contact values of the 200 OK: what is bound to the same identity
	 * and is not among them has gone. None: nothing is known.
	 */
	struct str contacts;
};

/**
 * registrar_accepted - 200 OK to a REGISTER that came on a set
 *
 * Promotes a TEMP: the first of its UE, or begun unprotected, is in use at
 * once and all others go; begun on an established set it is NEW, the set it
 * began on is kept as OLD. An established set is extended. A contact of the same
 * IMPI at another address that was taken back ends there, as if it had been
 * de-registered there.
 *
 * Return: 0 or the kernel's negative errno; the set is gone then.
 */
int registrar_accepted(struct set *s, const struct registrar_accepted *a);

/**
 * registrar_deregistered - 200 OK with expiry 0
 * @a: identity and contact; no contact: it was "*"
 *
 * The identity goes, with what was registered implicitly with it; what the UE
 * has registered besides stays (TS 24.229 5.2.5.1). With nothing left all sets
 * end in 64*T1.
 */
void registrar_deregistered(struct set *s, const struct registrar_accepted *a);

struct reginfo;

/**
 * registrar_event - what a document of the event package "reg" says
 *
 * Identities that are active with a contact of the UE are registered with it;
 * those that are terminated, or whose contact is, are not any more; a
 * shortened contact ends earlier, its sets do not (TS 24.229 5.2.3, 5.2.5.2).
 * What a document does not name stays, also where it is a full one: cores
 * differ in what they put into it. With nothing left all sets end in 64*T1, so
 * that last messages go out protected.
 *
 * The caller holds @ue.
 */
void registrar_event(struct ue *ue, const struct reginfo *info);

/* Final error, or another challenge, to a REGISTER that came on a TEMP: it may end soon. */
void registrar_rejected(struct set *s);

/* A SIP message came on a set. */
void registrar_heard(struct set *s);

/**
 * registrar_end - end a registration here, whatever UE and core think of it
 * @at_once: its SAs too; else they end in 64*T1, so that what is under way goes out
 *
 * Neither of them is told but by the end of our subscription (registrar_end.c).
 * It may free @ue, unless somebody holds it.
 */
void registrar_end(struct ue *ue, bool at_once);

/* The kernel has deleted a set by itself. */
void registrar_kernel_lost(uint32_t id);

/* The established set on which messages that come on a TEMP or OLD one began; or NULL. */
struct set *registrar_origin(const struct set *s);

/* Registered, and there is a way to it. */
bool registrar_is_served(const struct ue *ue);

/* Was the UE authenticated by the set's own AKA run, and is it the last one? */
bool registrar_is_current(const struct set *s);

struct ue *registrar_first(void);	/* walk with ue->hh.next */
unsigned int registrar_count(void);	/* UEs with bindings */
unsigned int registrar_count_emergency(void);	/* of these, registered for emergencies */
unsigned int registrar_count_all(void);	/* and those without, that have a set or a REGISTER */

#endif
