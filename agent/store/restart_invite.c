// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITEs under way to the store and, at the next start, back.
 *
 * The unit is one INVITE: as it came, as it left and how far it is. It is written
 * when it has been passed on, when the first 1xx and the 2xx come and when it is
 * cancelled, and deleted when its relay ends.
 */
#include "restart_invite.h"

#include "clock.h"
#include "log.h"
#include "registrar.h"
#include "relay_life.h"
#include "store.h"
#include "store_invite.h"

/* Octets of one: two heads and a session description, all of them unusually long. */
#define LARGEST 24576

static void ended(struct str key)
{
	store_del(STORE_INVITE, key);
	store_commit();
}

static void changed(const struct store_invite *i)
{
	struct store_invite r = *i;
	struct octets value = { 0 };

	r.ends = clock_to_boot(i->ends);
	r.accepted = i->state == STORE_INVITE_ACCEPTED ? clock_to_boot(i->accepted) : 0;
	store_invite_write(&value, &r);
	if (value.failed || value.n > LARGEST) {
		log_limited(LOG_LEVEL_WARNING,
			    "an INVITE is too large to be stored, a restart would lose it");
		store_del(STORE_INVITE, r.key);
	} else {
		store_put(STORE_INVITE, r.key, octets_str(&value));
	}
	store_commit();
	octets_free(&value);
}

void restart_watch_invites(void)
{
	relay_watch(&(struct relay_watch){ .changed = changed, .ended = ended });
}

enum restart_invite restart_invite(struct str key, struct str value, const char **why)
{
	struct store_invite i;
	struct ue *ue;

	*why = store_invite_read(key, value, &i);
	if (*why)
		return RESTART_INVITE_REFUSED;
	ue = registrar_by_token(i.ue);
	if (!ue)
		return RESTART_INVITE_OVER;
	i.ends = clock_from_boot(i.ends);
	i.accepted = clock_from_boot(i.accepted);
	return relay_restore(ue, &i, why) ? RESTART_INVITE_THERE :
	       *why ? RESTART_INVITE_REFUSED : RESTART_INVITE_OVER;
}
