// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of a UE's or a caller's request to the core: to the targets of its first Route, one
 * after the other (RFC 3263 4.3), each with a branch of its own.  Where the
 * Route names what cannot be reached from here, mw-next-hop may know better;
 * that goes for an emergency call too, which still has the E-CSCF as its Route.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "log.h"
#include "relay.h"

static void ready(void *arg)
{
	struct relay *r = arg;

	if (r->cancelled)
		relay_finish(r, 487, "Request Terminated");
	else if (!relay_up(r))
		relay_unreachable(r);
}

bool relay_keep_emergency(struct relay *r, const struct relay_emergency *e)
{
	size_t n = e->route ? strlen(e->route) + 1 : 0;

	if (!n)
		return true;
	r->emergency_texts = malloc(n + e->urn.n + 1);
	if (!r->emergency_texts)
		return false;
	memcpy(r->emergency_texts, e->route, n);
	r->emergency.route = r->emergency_texts;
	if (e->urn.p) {
		memcpy(r->emergency_texts + n, e->urn.p, e->urn.n);
		r->emergency.urn = (struct str){ r->emergency_texts + n, e->urn.n };
	}
	return true;
}

static struct nexthop_wish wish_of(const struct relay *r, const struct relay_place *place)
{
	const char *emergency = place->emergency.route;
	const struct ue *ue = place->party.ue;
	const char *route = place->leg ? place->leg->route : ue ? ue->service_route : NULL;
	struct str first = proxy_route_first(str_of(emergency ? emergency : route));

	return (struct nexthop_wish){
		.uri = first.n ? first : r->request->uri,
		/* Within a dialog that nobody else records, the remote target (12.2.1.1). */
		.entry = r->by_entry || (!first.n && !r->inside),
		.configured = emergency != NULL,
		.affinity = party_impi(&place->party),
	};
}

static bool make_way(struct relay *r, const struct relay_place *place)
{
	struct nexthop_wish wish = wish_of(r, place);

	if (!r->inside && sip_uri_is_sips(wish.uri)) {
		log_failure(answer_who(&r->from, party_impi(&place->party)),
			    RULE_SERVICE_ROUTE_SIPS, "its Service-Route is sips:, and there is no TLS");
		return false;
	}
	wish.ready = ready;
	wish.arg = r;
	r->up = nexthop_new(&wish);
	return r->up != NULL;
}

static bool send_to(struct relay *r, const struct relay_place *place, struct flow *to)
{
	char branch[TRANSACTION_BRANCH];
	struct octets out = { 0 };
	bool fine;

	relay_branch(r, branch);
	r->to = *to;
	fine = relay_write(r, place, branch, &out);
	if (fine && nexthop_is_long(r->up, out.n, &r->to)) {
		out.n = 0;
		fine = relay_write(r, place, branch, &out);
	}
	fine = fine && relay_start(r, branch, &out);
	r->sent_up = r->sent_up || fine;
	octets_free(&out);
	return fine;
}

bool relay_up(struct relay *r)
{
	struct relay_place place;
	struct flow to;

	if (!relay_place_of(r, &place) || (!r->up && !make_way(r, &place)))
		return false;
	switch (nexthop_next(r->up, &to)) {
	case NEXTHOP_TARGET:
		return send_to(r, &place, &to);
	case NEXTHOP_WAIT:
		return true;
	case NEXTHOP_NONE:
	case NEXTHOP_PAUSED:
		break;
	}
	if (r->sent_up || r->by_entry)
		return false;
	nexthop_free(r->up);
	r->up = NULL;
	r->by_entry = true;
	return relay_up(r);
}

int relay_up_now(const struct relay *r, const struct relay_place *place, struct flow *to)
{
	struct nexthop_wish wish = wish_of(r, place);
	int ret = nexthop_now(&wish, to);

	if (!ret || wish.entry)
		return ret;
	wish.entry = true;
	return nexthop_now(&wish, to);
}
