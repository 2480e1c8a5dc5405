// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The facts for the edits of a request that is passed on: our addresses on
 * either side, the route, the identity. Nothing is kept.
 */
#include <stdio.h>

#include "answer.h"
#include "log.h"
#include "mw.h"
#include "plain.h"
#include "proxy_edit.h"
#include "proxy_identity.h"
#include "random.h"
#include "relay.h"

/* Texts that live as long as the edits are made. */
struct texts {
	char source[ADDR_TEXT], via_host[ADDR_TEXT], routes[2][160];
	struct octets identity, charging;
};

static void put_hop(const struct relay *r, const struct addr *gm, const char *branch,
		    struct texts *t, struct sip_source *source, struct proxy_request_edit *edit)
{
	const struct addr *mw = mw_address(r->from_ue ? r->to.remote.family
						      : r->from.remote.family);
	char *core = t->routes[r->from_ue ? 0 : 1], *ue = t->routes[r->from_ue ? 1 : 0];

	*source = answer_source(&r->from, t->source);
	snprintf(t->via_host, sizeof(t->via_host), "%s", addr_host(r->from_ue ? mw : gm));
	*edit = (struct proxy_request_edit){
		.source = source,
		.via_host = t->via_host,
		.via_port = r->from_ue ? mw->port : gm->port,
		.via_transport = r->to.tcp ? "TCP" : "UDP",
		.branch = branch,
	};
	if (!r->records)
		return;
	/* The side of the next hop is on top. */
	snprintf(core, sizeof(t->routes[0]), "<sip:%s@%s:%u;lr>", r->token, addr_host(mw),
		 mw->port);
	snprintf(ue, sizeof(t->routes[0]), "<sip:%s:%u;lr>", addr_host(gm), gm->port);
	edit->record_route[0] = str_of(t->routes[0]);
	edit->record_route[1] = str_of(t->routes[1]);
}

/*
 * TS 24.229 5.2.6.3: Service-Route, or in a dialog what was recorded; 5.2.10.4: the
 * E-CSCF instead.
 */
static struct str wanted_route(const struct relay *r, const struct relay_place *place)
{
	const struct ue *ue = place->party.ue;
	const char *text = place->leg && r->inside ? place->leg->route :
			   ue ? ue->service_route : NULL;

	if (place->emergency.route)
		text = place->emergency.route;
	return str_of(text ? text : "");
}

/* Of a caller without registration nothing is known, and nothing asserted (RFC 3325 5). */
static void put_identity(const struct relay *r, const struct ue *ue, struct texts *t,
			 struct proxy_up_edit *up)
{
	const char *aor = ue && ue->bindings ? ue->bindings->aor : "";

	if (ue && !r->inside && proxy_identity(r->request, str_of(ue->associated), str_of(aor),
					 &t->identity))
		up->identity = octets_str(&t->identity);
}

static void put_charging(const struct relay *r, const struct relay_place *place,
			 struct texts *t, struct proxy_up_edit *up)
{
	char icid[33];

	if (r->request->method == SIP_METHOD_ACK)
		return;
	if (place->dialog && place->dialog->charging) {
		up->charging = str_of(place->dialog->charging);
		return;
	}
	random_hex(icid, sizeof(icid) - 1);
	octets_join(&t->charging, "icid-value=\"", icid, "\"");
	up->charging = octets_str(&t->charging);
}

static void edit_up(const struct relay *r, const struct relay_place *place,
		    const struct proxy_routes *routes, struct texts *t,
		    const struct proxy_request_edit *edit)
{
	struct str route = wanted_route(r, place);
	struct proxy_up_edit up = { 0 };

	if (place->emergency.route) {
		up.route = route;
		if (place->emergency.urn.p)
			sip_msg_replace(r->request, r->request->uri, place->emergency.urn);
	} else if (!proxy_routes_are(r->request, routes, route)) {
		proxy_stats.rerouted++;
		log_info("%s: Route of its %.*s is not the one it was given, replaced",
			 answer_who(&r->from, party_impi(&place->party)),
			 STR_ARG(r->request->method_name));
		up.route = route;
	}
	put_identity(r, place->party.ue, t, &up);
	put_charging(r, place, t, &up);
	proxy_edit_up(r->request, edit, &up);
}

/*
 * Where we await requests of the UE's side: port_ps of the set it came on, or goes out on
 * (5.2.6.3.3), without SAs where the UE or the caller was heard. False: the UE has no set any more.
 */
static bool our_side_of_gm(const struct relay *r, struct addr *gm)
{
	const struct flow *at;
	const struct set *s;

	if (r->party.caller) {
		*gm = r->party.caller->flow.local;
		return true;
	}
	at = plain_place(r->party.ue);
	if (at) {
		*gm = at->local;
		return true;
	}
	s = set_find(r->from_ue ? r->from.set : r->to.set);
	if (!s)
		s = r->party.ue->in_use;
	if (!s)
		return false;
	*gm = s->local;
	gm->port = s->port_ps;
	return true;
}

bool relay_write(const struct relay *r, const struct relay_place *place, const char *branch,
		 struct octets *out)
{
	struct proxy_request_edit edit;
	struct proxy_routes routes;
	struct sip_source source;
	struct texts t = { 0 };
	struct addr gm;
	bool fine;

	if (!our_side_of_gm(r, &gm) || !proxy_routes_read(r->request, &proxy_own, &routes))
		return false;
	put_hop(r, &gm, branch, &t, &source, &edit);
	edit.route_end = routes.end;
	if (r->from_ue)
		edit_up(r, place, &routes, &t, &edit);
	else
		proxy_edit_down(r->request, &edit);
	fine = !t.identity.failed && !t.charging.failed && sip_msg_write(r->request, out);
	sip_msg_restore(r->request);
	octets_free(&t.identity);
	octets_free(&t.charging);
	return fine;
}
