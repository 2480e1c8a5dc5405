// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message from a stranger through the proxy's edits, and what is read of its
 * routes and identities. What must hold: it is one message afterwards, with
 * ours on top, nothing of the agreement in what the core gets, and no identity
 * that is not in the list; a route is compared as it was written.
 */
#include "fuzz.h"

#include "proxy_edit.h"
#include "proxy_identity.h"
#include "proxy_route.h"
#include "secagree.h"
#include "sip_follow.h"
#include "sip_param.h"

static const struct sip_source source = { .host = "10.45.0.3", .port = 5100 };

/* Edits may add a little beyond the caps of what we received. */
static const struct sip_limits wide = {
	.message = 131072, .header_lines = 300, .line = 65536, .commas = 1024, .semicolons = 4096,
};

static const struct addr own_list[] = {
	{ .ip = { 10, 4, 128, 21 }, .family = AF_INET, .port = 6100 },
	{ .ip = { 192, 0, 2, 1 }, .family = AF_INET, .port = 5060 },
};
static const struct proxy_own own = { own_list, 2 };

static const char associated[] = "\"A\" <sip:a@b>, <tel:+1>";

static struct sip_msg *write_again(struct sip_msg *msg, struct octets *out)
{
	struct sip_msg *after;

	MUST(sip_msg_write(msg, out));
	sip_msg_restore(msg);
	after = sip_msg_new(octets_str(out), &wide, NULL);
	MUST(after);
	return after;
}

static unsigned int count(const struct sip_msg *msg, enum sip_header id)
{
	struct sip_values at = { 0 };
	struct str value;
	unsigned int n = 0;

	while (sip_msg_next_value(msg, id, &at, &value))
		n++;
	return n;
}

static void routes(const struct sip_msg *msg, struct proxy_routes *r)
{
	struct octets joined = { 0 }, reversed = { 0 };

	if (!proxy_routes_read(msg, &own, r)) {
		*r = (struct proxy_routes){ 0 };
		return;
	}
	MUST(r->own <= 2 && !r->own == !r->end);
	MUST(strlen(r->token) < PROXY_TOKEN);
	proxy_join(msg, SIP_HEADER_ROUTE, r->own, &joined);
	MUST(proxy_routes_are(msg, r, octets_str(&joined)));
	octets_puts(&joined, joined.n ? ", <sip:more.example;lr>" : "<sip:more.example;lr>");
	MUST(!proxy_routes_are(msg, r, octets_str(&joined)));
	octets_free(&joined);
	proxy_routes_of_answer(msg, &own, &reversed);
	octets_free(&reversed);
}

static void identity(const struct sip_msg *msg)
{
	struct octets out = { 0 };

	MUST(proxy_identity(msg, STR_LIT(associated), STR_NONE, &out));
	MUST(str_same(octets_str(&out), STR_LIT("\"A\" <sip:a@b>")) ||
	     str_same(octets_str(&out), STR_LIT("<tel:+1>")));
	out.n = 0;
	MUST(!proxy_identity(msg, STR_NONE, STR_NONE, &out));
	octets_free(&out);
}

static void request_up(struct sip_msg *msg, const struct proxy_request_edit *edit)
{
	const struct proxy_up_edit up = {
		.route = STR_LIT("<sip:orig@192.0.2.2;lr>"),
		.identity = STR_LIT("<sip:a@b>"), .charging = STR_LIT("icid-value=1"),
	};
	struct octets out = { 0 };
	struct sip_fault fault;
	struct sip_msg *after;

	proxy_edit_up(msg, edit, &up);
	after = write_again(msg, &out);
	MUST(sip_msg_check(after, false, &fault));
	MUST(str_same(after->via.branch, STR_LIT("z9hG4bKours")));
	MUST(!secagree_required(after));
	MUST(!sip_msg_line(after, SIP_HEADER_SECURITY_VERIFY, NULL));
	MUST(!sip_msg_line(after, SIP_HEADER_P_PREFERRED_IDENTITY, NULL));
	MUST(!sip_msg_line(after, SIP_HEADER_PATH, NULL));
	MUST(str_same(sip_msg_value(after, SIP_HEADER_ROUTE), up.route));
	MUST(count(after, SIP_HEADER_ROUTE) == 1);
	MUST(count(after, SIP_HEADER_RECORD_ROUTE) == 2);
	MUST(str_same(sip_msg_value(after, SIP_HEADER_P_ASSERTED_IDENTITY), up.identity));
	MUST(str_same(sip_msg_value(after, SIP_HEADER_P_CHARGING_VECTOR), up.charging));
	sip_msg_free(after);
	octets_free(&out);
}

static void request_down(struct sip_msg *msg, const struct proxy_request_edit *edit,
			 const struct proxy_routes *r)
{
	unsigned int before = count(msg, SIP_HEADER_ROUTE);
	struct octets out = { 0 };
	struct sip_fault fault;
	struct sip_msg *after;

	proxy_edit_down(msg, edit);
	after = write_again(msg, &out);
	MUST(sip_msg_check(after, false, &fault));
	MUST(str_same(after->via.branch, STR_LIT("z9hG4bKours")));
	MUST(!sip_msg_line(after, SIP_HEADER_P_CHARGING_VECTOR, NULL));
	MUST(count(after, SIP_HEADER_ROUTE) == before - r->own);
	sip_msg_free(after);
	octets_free(&out);
}

static void follow(const struct sip_msg *msg)
{
	struct octets out = { 0 };
	struct sip_fault fault;
	struct sip_msg *made;

	if (!msg->via.branch.p || !sip_cancel_write(msg, STR_LIT("Reason: x\r\n"), &out)) {
		octets_free(&out);
		return;
	}
	made = sip_msg_new(octets_str(&out), &wide, NULL);
	MUST(made && sip_msg_check(made, false, &fault));
	MUST(made->method == SIP_METHOD_CANCEL && made->cseq == msg->cseq);
	MUST(str_same(made->via.branch, msg->via.branch) && count(made, SIP_HEADER_VIA) == 1);
	sip_msg_free(made);
	octets_free(&out);
}

static void request(struct sip_msg *msg)
{
	struct proxy_request_edit edit = {
		.source = &source, .via_host = "192.0.2.1", .via_port = 5060,
		.via_transport = "UDP", .branch = "z9hG4bKours",
		.record_route = { STR_LIT("<sip:t@192.0.2.1:5060;lr>"),
				  STR_LIT("<sip:10.4.128.21:6100;lr>") },
	};
	struct proxy_routes r;

	routes(msg, &r);
	edit.route_end = r.end;
	identity(msg);
	request_up(msg, &edit);
	request_down(msg, &edit, &r);
	follow(msg);
}

static void answer(struct sip_msg *msg)
{
	const struct proxy_answer_edit edit = {
		.vias = STR_LIT("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKcore"),
		.record_route = STR_LIT("<sip:10.4.128.21:6100;lr>, <sip:t@192.0.2.1;lr>"),
		.charging = STR_LIT("icid-value=1"),
	};
	struct octets out = { 0 }, joined = { 0 };
	struct sip_msg *after;

	proxy_edit_answer_up(msg, &edit);
	after = write_again(msg, &out);
	proxy_join(after, SIP_HEADER_VIA, 0, &joined);
	MUST(str_same(octets_str(&joined), edit.vias));
	joined.n = 0;
	proxy_join(after, SIP_HEADER_RECORD_ROUTE, 0, &joined);
	MUST(str_same(octets_str(&joined), edit.record_route));
	MUST(!sip_msg_line(after, SIP_HEADER_P_ASSERTED_IDENTITY, NULL));
	MUST(!secagree_required(after));
	sip_msg_free(after);
	out.n = 0;
	proxy_edit_answer_down(msg);
	after = write_again(msg, &out);
	MUST(!sip_msg_line(after, SIP_HEADER_P_CHARGING_VECTOR, NULL));
	sip_msg_free(after);
	octets_free(&out);
	octets_free(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_msg *msg = sip_msg_new((struct str){ (const char *)data, size },
					  &sip_limits_default, NULL);
	struct sip_fault fault;

	if (msg && sip_msg_check(msg, false, &fault)) {
		if (msg->request)
			request(msg);
		else
			answer(msg);
	}
	sip_msg_free(msg);
	return 0;
}
