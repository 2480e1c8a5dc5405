// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What to do about a connection that has gone.  Keeps nothing.
 *
 * A UE that has lost its connection, and the daemon after a restart, both open
 * another one inside of the same SAs. That of the UE is sure to be read; ours
 * meets phones that ignore it.
 */
#include "reach.h"

#include <errno.h>

#include "transport.h"

bool reach_ue(const struct set *s, bool tcp, struct flow *to)
{
	if (tcp && (!transport_to_ue(s, TRANSPORT_THEIR_TCP, to) ||
		    !transport_to_ue(s, TRANSPORT_OUR_TCP, to)))
		return true;
	return !transport_to_ue(s, TRANSPORT_UDP, to);
}

int reach_again(struct flow *f)
{
	const struct set *s;

	if (transport_stands(f))
		return 0;
	if (f->side == FLOW_MW) {
		struct addr peer = f->remote;

		return transport_to_core(&peer, f);
	}
	s = f->side == FLOW_GM_PROTECTED ? set_find(f->set) : NULL;
	return s && reach_ue(s, f->tcp, f) ? 0 : -ENOTCONN;
}
