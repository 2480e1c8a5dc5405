// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A REGISTER's way to the core: written for each target it is sent to, with a
 * branch of its own (RFC 3263 4.3), until one answers or none is left
 * (TS 24.229 5.2.2.1).
 */
#include <stdio.h>

#include "answer.h"
#include "log.h"
#include "mw.h"
#include "random.h"
#include "register_edit.h"
#include "register_private.h"

static void ready(void *arg)
{
	struct reg *r = arg;
	struct flow to;
	enum nexthop_result result;

	if (register_is_lost(r)) {
		transaction_server_drop(r->server);
		register_free(r);
		return;
	}
	result = nexthop_next(r->way, &to);
	register_uplink_go(r, result, &to);
}

bool register_uplink_new(struct reg *r)
{
	const struct nexthop_wish wish = {
		.uri = r->request->uri,
		.entry = true,
		.affinity = r->impi,
		.ready = ready,
		.arg = r,
	};

	r->way = nexthop_new(&wish);
	return r->way != NULL;
}

static bool write_for(const struct reg *r, const struct flow *to, const char *branch,
		      struct octets *out)
{
	char host[ADDR_TEXT], icid[33], ours[ADDR_TEXT], orig_ioi[320];
	struct sip_source source = answer_source(&r->from, host);
	const struct addr *mw = mw_address(to->remote.family);
	const struct register_uplink facts = {
		.source = &source,
		.integrity_protected = r->integrity,
		.path_token = r->ue->token,
		.mw_host = ours,
		.mw_port = mw->port,
		.mw_transport = to->tcp ? "TCP" : "UDP",
		.branch = branch,
		.visited_network = register_config->visited_network_id,
		.icid = icid,
		.orig_ioi = orig_ioi,
	};
	bool fine;

	snprintf(ours, sizeof(ours), "%s", addr_host(mw));
	snprintf(orig_ioi, sizeof(orig_ioi), "Type 1%s", register_config->visited_network_id);
	random_hex(icid, sizeof(icid) - 1);
	register_edit_uplink(r->request, &facts);
	out->n = 0;
	fine = sip_msg_write(r->request, out);
	sip_msg_restore(r->request);
	return fine;
}

static bool send_to(struct reg *r, struct flow *to)
{
	const struct client_owner owner = {
		.answered = register_answered, .failed = register_failed, .arg = r,
	};
	char branch[TRANSACTION_BRANCH];
	struct octets out = { 0 };
	bool fine;

	/* That of the life before, for the first target; each other has one of its own. */
	if (r->from.set && !r->sent)
		transaction_branch_again(branch, r->request, &r->from, str_of(r->ue->token));
	else
		transaction_branch(branch);
	r->sent = true;
	r->asked = clock_now_us();
	fine = write_for(r, to, branch, &out);
	if (fine && nexthop_is_long(r->way, out.n, to))
		fine = write_for(r, to, branch, &out);
	if (fine)
		r->client = transaction_client_new(to, branch, r->request->method_name,
						   octets_str(&out), &owner);
	octets_free(&out);
	return r->client != NULL;
}

void register_uplink_go(struct reg *r, enum nexthop_result result, const struct flow *to)
{
	char line[40];
	struct flow flow;

	switch (result) {
	case NEXTHOP_WAIT:
		break;
	case NEXTHOP_TARGET:
		flow = *to;
		if (!send_to(r, &flow))
			register_finish(r, 500, "Server Internal Error", "");
		break;
	case NEXTHOP_PAUSED:
		snprintf(line, sizeof(line), "Retry-After: %u\r\n", nexthop_retry_after(r->way));
		register_finish(r, 503, "Service Unavailable", line);
		break;
	case NEXTHOP_NONE:
		register_stats.timeouts++;
		log_failure(answer_who(&r->from, r->impi), RULE_CORE_SILENT,
			    "%s; answering 504", nexthop_has_none(r->way) ?
			    "no entry point of the core has an address that can be used" :
			    "no entry point of the core can be reached");
		register_finish(r, 504, "Server Time-out", "");
		break;
	}
}

bool register_uplink_again(struct reg *r)
{
	struct flow to;
	enum nexthop_result result = nexthop_next(r->way, &to);

	if (result == NEXTHOP_NONE)
		return false;
	log_info("%s: its REGISTER goes to another entry point of the core",
		 answer_who(&r->from, r->impi));
	register_uplink_go(r, result, &to);
	return true;
}
