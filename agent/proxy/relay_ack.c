// SPDX-License-Identifier: GPL-2.0-or-later
/* The ACK of a 2xx: it has no transaction, and no relay outlives it (RFC 3261 16.11, 17). */
#include "relay.h"

#include "octets.h"

static int find_way(struct relay *r, const struct relay_place *place)
{
	return r->from_ue ? relay_up_now(r, place, &r->to) : relay_down_now(r);
}

void relay_ack(const struct flow *from, struct sip_msg *msg, const struct relay_place *place)
{
	struct relay r = {
		.from = *from, .request = msg, .party = place->party, .inside = true,
		.from_ue = from->side != FLOW_MW,
		.way = proxy_uri_wants_tcp(msg->uri) ? TRANSPORT_OUR_TCP : TRANSPORT_UDP,
	};
	char branch[TRANSACTION_BRANCH];
	struct octets out = { 0 };
	int ret = find_way(&r, place);

	transaction_branch(branch);
	if (!ret && relay_write(&r, place, branch, &out))
		transport_send(&r.to, out.p, out.n);
	octets_free(&out);
}
