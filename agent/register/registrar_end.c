// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A registration that ends by the operator's will.
 *
 * A P-CSCF cannot de-register a UE: only the UE and the S-CSCF can (TS 24.229
 * 5.2.5), and there is no message by which the P-CSCF could ask either to. So it
 * ends here, as when the S-CSCF had said so (5.2.5.2): the bindings go, our
 * subscription ends with a SUBSCRIBE whose Expires is 0, the SAs in 64*T1. What the
 * core has for the UE from now on gets 480.
 */
#include <stdio.h>

#include "log.h"
#include "notice.h"
#include "plain.h"
#include "registrar_private.h"

void registrar_end(struct ue *ue, bool at_once)
{
	char who[320];

	snprintf(who, sizeof(who), "%s at %s", ue->impi, addr_host(&ue->addr));
	registrar_hold(ue);
	if (ue->bindings)
		notice_of(NOTICE_DEREGISTERED, who, 0, "by the operator");
	while (ue->bindings)
		registrar_free_binding(ue, ue->bindings);
	for (struct set *s = ue->sets, *next; s; s = next) {
		next = s->next;
		/* A challenge that is under way must not register it anew. */
		if (at_once || s->state == SET_TEMP)
			registrar_remove_set(s, true);
	}
	registrar_rebound(ue);
	if (at_once)
		plain_over(ue);
	registrar_release(ue);
	log_info("%s: its registration was ended by the operator%s", who,
		 at_once ? ", and its SAs at once" : "");
}
