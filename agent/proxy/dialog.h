/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _DIALOG_H
#define _DIALOG_H

#include "clock.h"
#include "flow.h"
#include "hash.h"
#include "party.h"
#include "registrar.h"
#include "sip_msg.h"

/*
 * The dialogs a P-CSCF remembers (TS 24.229 5.2.6): who is party of them, and
 * along which route its requests go. What INVITE, SUBSCRIBE or REFER begins is
 * one struct dialog; each To tag that comes back, of which a fork brings
 * several, is a leg of it.
 */
#define DIALOG_TOKEN 25

struct dialog_leg {
	char *tag;		/* of who was asked */
	char *route;		/* where requests of our UE go, behind our own URIs */
	bool confirmed;
	uint64_t ends;		/* SIP time, UINT64_MAX: with a request or with the UE */
	bool lapses;		/* of an earlier life, whose request may not be there */
	struct dialog_leg *prev, *next;
};

struct dialog {
	char token[DIALOG_TOKEN];	/* user part of our core-facing Record-Route */
	struct party party;		/* in whose list it is */
	bool from_ue;			/* it has sent the request that began it */
	enum sip_method method;		/* of that */
	char *call_id;
	char *tag;			/* of who asked */
	char *charging;			/* P-Charging-Vector of its requests, NULL: none */
	char *recorded;			/* Record-Route it came with; "": none */
	struct dialog_leg *legs;	/* the oldest first */
	unsigned int n_legs;
	bool open;			/* the request that began it has no final answer yet */
	uint64_t used;			/* SIP time of its last request */
	struct clock_timer timer;	/* the first leg to end */
	struct dialog *prev, *next;	/* of its ue, the longest unused first */
	struct dialog *same_prev, *same_next;	/* of the same Call-ID */
	UT_hash_handle hh;		/* by token */
};

/* What a dialog lives on after its BYE or its last NOTIFY: 64*T1. */
void dialog_init(uint64_t linger);

/* Told of what a dialog has become, before anything that depends on it leaves. */
struct dialog_watch {
	void (*changed)(const struct dialog *d);	/* its legs, or their times */
	void (*ended)(const struct dialog *d);		/* it is about to be freed */
};

/* Until dialog_exit(), which itself is told to nobody. */
void dialog_watch(const struct dialog_watch *watch);
void dialog_exit(void);

/**
 * dialog_new - a request that begins a dialog is passed on
 * @charging: value of P-Charging-Vector; none: p == NULL
 * @recorded: its Record-Route as it came, joined
 *
 * Of more than DIALOGS_PER_UE the longest unused goes. It stays open until
 * dialog_settled(). NULL: a Call-ID or tag beyond all measure, or out of memory.
 */
struct dialog *dialog_new(const struct party *party, bool from_ue, const struct sip_msg *request,
			  struct str charging, struct str recorded);

struct store_dialog;

/**
 * dialog_restore - one of an earlier life goes on
 * @r: its times are SIP time
 *
 * Legs that were not confirmed stay for requests under way, but not for ever, as
 * long as nobody says with dialog_reopen() that what began it goes on. False: it
 * is there already, the UE has DIALOGS_PER_UE, or out of memory.
 */
bool dialog_restore(const struct party *party, const struct store_dialog *r);

/**
 * dialog_reopen - the request that began one goes on, after a restart
 *
 * The dialog is the one with @token. Where nobody had answered there is none in
 * the store: it is made again, from the same as in dialog_new(). NULL likewise, or
 * it is of another UE.
 */
struct dialog *dialog_reopen(const struct party *party, bool from_ue, const struct sip_msg *request,
			     struct str token, struct str charging, struct str recorded);

#define DIALOGS_PER_UE 32
#define DIALOG_LEGS 16

struct dialog *dialog_by_token(struct str token);

enum dialog_match {
	DIALOG_FOUND,
	DIALOG_FOREIGN,		/* there is one, of another UE or caller */
	DIALOG_NONE,
};

/* The dialog a request is in that a UE has sent, or, @ue NULL, a caller from @from in clear. */
enum dialog_match dialog_of_request(const struct ue *ue, const struct flow *from,
				    const struct sip_msg *request,
				    struct dialog **dialog, struct dialog_leg **leg);

/* The leg a request is in; NULL: none. @from_ue: who sent it. */
struct dialog_leg *dialog_leg(struct dialog *d, const struct sip_msg *request, bool from_ue);

/*
 * A NOTIFY may be faster than the answer to its SUBSCRIBE (RFC 6665 4.1.2.4):
 * then it makes the leg. NULL: it does not belong there.
 */
struct dialog_leg *dialog_notified(struct dialog *d, const struct sip_msg *notify, bool from_ue,
				   struct str route);

/* The dialog that such a NOTIFY of a UE is for, or NULL. */
struct dialog *dialog_of_notify(const struct ue *ue, const struct sip_msg *notify);

/* A 101..299 to the request that began it. @route: for requests of our UE. */
void dialog_answered(struct dialog *d, const struct sip_msg *answer, struct str route);

/* That request is over: legs that were not confirmed end. It may free the dialog. */
void dialog_settled(struct dialog *d);

/* A request in it is passed on: it was used; a NOTIFY may end it. */
void dialog_used(struct dialog *d, struct dialog_leg *leg, const struct sip_msg *request);

/* The final answer to one. It may end the leg. */
void dialog_request_answered(struct dialog *d, struct dialog_leg *leg,
			     const struct sip_msg *answer);

/* No answer came to a request in it: a BYE ends it all the same (RFC 3261 15.1.1). */
void dialog_request_lost(struct dialog *d, struct dialog_leg *leg,
			 const struct sip_msg *request);

/* For struct registrar_config: all of them end with their UE. */
void dialog_forget_ue(struct ue *ue);

/* The call of a caller ends here and now. Somebody else holds it. */
void dialog_forget_caller(struct caller *c);

struct dialog *dialog_first(void);	/* walk with d->hh.next */
unsigned int dialog_count(void);
/* Of these, what INVITEs began. */
unsigned int dialog_calls(void);

#endif
