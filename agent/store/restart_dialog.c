// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The dialogs of UEs and callers to the store and, at the next start, back.
 *
 * The unit is the dialog with all of its legs; one that nobody has answered yet
 * is not stored, since nothing can follow in it.  Deleted is a record when its
 * dialog ends, so that the store holds no more than memory does.  A record
 * whose UE is not taken over, or whose caller would not be let in any more, goes
 * with it.
 */
#include "restart_dialog.h"

#include "caller.h"
#include "dialog.h"
#include "log.h"
#include "store.h"
#include "store_dialog.h"

/*
 * Octets of one: sixteen routes of ten proxies fit.  Above, it lasts as long as
 * the program: a store on a tmpfs is not filled by strange Record-Routes.
 */
#define LARGEST 32768

_Static_assert(STORE_LEGS == DIALOG_LEGS, "all legs are stored");
_Static_assert(STORE_DIALOG_TOKEN == DIALOG_TOKEN - 1, "tokens are stored as they are");

/* To the store; UINT64_MAX stays what it is: never. */
static uint64_t to_boot(uint64_t ms)
{
	return ms == UINT64_MAX ? UINT64_MAX : clock_to_boot(ms);
}

static void describe(const struct dialog *d, struct store_dialog *r)
{
	*r = (struct store_dialog){
		.token = str_of(d->token), .from_ue = d->from_ue,
		.method = d->method, .call_id = str_of(d->call_id), .tag = str_of(d->tag),
		.charging = str_of(d->charging), .recorded = str_of(d->recorded),
		.used = clock_to_boot(d->used),
	};
	if (d->party.ue) {
		r->ue = str_of(d->party.ue->token);
	} else {
		caller_place(d->party.caller, &r->listener, &r->caller);
	}
	for (const struct dialog_leg *leg = d->legs; leg; leg = leg->next)
		r->legs[r->n_legs++] = (struct store_leg){
			.tag = str_of(leg->tag), .route = str_of(leg->route),
			.confirmed = leg->confirmed, .ends = to_boot(leg->ends),
		};
}

static void ended(const struct dialog *d)
{
	store_del(STORE_DIALOG, str_of(d->token));
	store_commit();
}

static void changed(const struct dialog *d)
{
	struct octets value = { 0 };
	struct store_dialog r;

	if (!d->legs) {
		ended(d);
		return;
	}
	describe(d, &r);
	store_dialog_write(&value, &r);
	if (value.failed || value.n > LARGEST) {
		log_limited(LOG_LEVEL_WARNING,
			    "%s: a dialog is too large to be stored, a restart would end it",
			    d->party.ue ? d->party.ue->impi : addr_text(&r.caller));
		store_del(STORE_DIALOG, r.token);
	} else {
		store_put(STORE_DIALOG, r.token, octets_str(&value));
	}
	store_commit();
	octets_free(&value);
}

void restart_watch_dialogs(void)
{
	dialog_watch(&(struct dialog_watch){ .changed = changed, .ended = ended });
}

static bool was_accepted(const struct store_dialog *r)
{
	for (unsigned int i = 0; i < r->n_legs; i++)
		if (r->legs[i].confirmed)
			return true;
	return false;
}

/* Whose it is, held; false: not there any more. */
static bool find_party(const struct store_dialog *r, struct party *party)
{
	*party = (struct party){ 0 };
	if (r->caller.family) {
		party->caller = caller_restore(&r->listener, &r->caller, was_accepted(r));
		return party->caller;
	}
	party->ue = registrar_by_token(r->ue);
	if (party->ue)
		party_hold(party);
	return party->ue;
}

enum restart_dialog restart_dialog(struct str token, struct str value, const char **why)
{
	struct store_dialog r;
	struct party party;
	bool there;

	*why = store_dialog_read(token, value, &r);
	if (*why)
		return RESTART_DIALOG_REFUSED;
	if (!find_party(&r, &party))
		return RESTART_DIALOG_OVER;
	r.used = clock_from_boot(r.used);
	for (unsigned int i = 0; i < r.n_legs; i++)
		if (r.legs[i].ends != UINT64_MAX)
			r.legs[i].ends = clock_from_boot(r.legs[i].ends);
	there = dialog_restore(&party, &r);
	party_release(&party);
	if (there)
		return RESTART_DIALOG_THERE;
	*why = "its UE has too many, or no memory is left";
	return RESTART_DIALOG_REFUSED;
}
