// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The way of a core's request to a UE. What does not fit a datagram goes by TCP inside its
 * SAs, and where that does not stand, over the UE's own connection or in fragments after
 * all. Without SAs nothing connects to anybody: it goes over the connection that the UE has
 * registered on, or where it was, in datagrams.
 */
#include <errno.h>

#include "plain.h"
#include "relay.h"

/* RFC 3261 18.1.1: from here on a request goes by a transport with congestion control. */
#define LONGEST_DATAGRAM 1300

/* After one that did not do. */
static bool next_way(struct relay *r)
{
	if (r->way == TRANSPORT_UDP)
		return false;
	r->way = r->way == TRANSPORT_OUR_TCP ? TRANSPORT_THEIR_TCP : TRANSPORT_UDP;
	return true;
}

bool relay_down_plain(const struct relay *r, struct flow *to)
{
	const struct flow *at = plain_place(r->party.ue);

	if (!at)
		return false;
	*to = *at;
	if (to->tcp)
		return transport_stands(to);
	/* An answer goes there; a request to the port that it listens on, as it says. */
	if (!r->from_ue)
		to->remote.port = proxy_route_port(r->request, &to->remote, to->remote.port);
	return true;
}

/* 0 or a negative errno. */
static int find_way_down(struct relay *r)
{
	if (r->party.ue && r->party.ue->plain)
		return relay_down_plain(r, &r->to) ? 0 : -ENOTCONN;
	if (r->party.caller) {
		caller_way(r->party.caller, r->request, &r->to);
		return 0;
	}
	if (!r->party.ue->in_use)
		return -ENOKEY;
	return transport_to_ue(r->party.ue->in_use, r->way, &r->to);
}

int relay_down_now(struct relay *r)
{
	int ret;

	do {
		ret = find_way_down(r);
	} while (ret && next_way(r));
	return ret;
}

static bool send_once(struct relay *r, const struct relay_place *place, struct octets *out)
{
	char branch[TRANSACTION_BRANCH];

	if (find_way_down(r))
		return false;
	relay_branch(r, branch);
	out->n = 0;
	if (!relay_write(r, place, branch, out))
		return false;
	if (r->party.ue && !r->party.ue->plain && !r->to.tcp && !r->tcp_tried && out->n > LONGEST_DATAGRAM) {
		r->way = TRANSPORT_OUR_TCP;
		r->tcp_tried = true;
		return send_once(r, place, out);
	}
	return relay_start(r, branch, out);
}

bool relay_down(struct relay *r)
{
	struct octets out = { 0 };
	struct relay_place place;
	bool sent;

	sent = relay_place_of(r, &place) && send_once(r, &place, &out);
	octets_free(&out);
	return sent || relay_down_again(r);
}

bool relay_down_again(struct relay *r)
{
	struct octets out = { 0 };
	struct relay_place place;
	bool sent = false;

	if (!relay_place_of(r, &place) || !r->party.ue || r->party.ue->plain)
		return false;
	while (!sent && next_way(r))
		sent = send_once(r, &place, &out);
	octets_free(&out);
	return sent;
}
