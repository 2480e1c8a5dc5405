// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A message from a stranger through all that is done to a REGISTER. What must
 * hold: without edits the octets come back; edited, it is still one message,
 * and nothing of the agreement is left in it; a reply is a message.
 */
#include "fuzz.h"

#include "authorization.h"
#include "register_edit.h"
#include "register_facts.h"
#include "secagree.h"

static const struct sip_source source = { .host = "10.45.0.3", .port = 5100, .force_rport = true };

/* Edits may add a little beyond the caps of what we received. */
static const struct sip_limits wide = {
	.message = 65536, .header_lines = 160, .line = 8192, .commas = 128, .semicolons = 512,
};

static struct sip_msg *again(const struct octets *out)
{
	struct sip_msg *msg = sip_msg_new(octets_str(out), &wide, NULL);

	MUST(msg);
	return msg;
}

static void identity(const struct sip_msg *msg)
{
	struct octets out = { 0 };

	MUST(sip_msg_write(msg, &out));
	MUST(str_same(octets_str(&out), (struct str){ msg->head.p, msg->head.n + msg->body.n }));
	octets_free(&out);
}

static void reply(const struct sip_msg *msg)
{
	const struct sip_reply with = {
		.status = 400, .reason = "Bad Request", .to_tag = "t", .source = &source,
		.lines = STR_LIT("Warning: x\r\n"),
	};
	struct octets out = { 0 };

	if (sip_msg_reply(msg, &with, &out))
		sip_msg_free(again(&out));
	octets_free(&out);
}

static void uplink(struct sip_msg *msg)
{
	const struct register_uplink up = {
		.source = &source, .integrity_protected = "no", .path_token = "T",
		.mw_host = "192.0.2.1", .mw_port = 5060, .mw_transport = "UDP",
		.branch = "z9hG4bKours", .visited_network = "v", .icid = "i",
	};
	struct register_request req;
	struct authorization auth;
	struct sip_fault fault;
	struct octets out = { 0 };
	struct sip_msg *after;

	register_facts_request(msg, &req, &fault);
	authorization_read(msg, &auth);
	register_edit_uplink(msg, &up);
	MUST(sip_msg_write(msg, &out));
	after = again(&out);
	MUST(after->n_lines > 0 && !secagree_required(after));
	MUST(!sip_msg_line(after, SIP_HEADER_SECURITY_CLIENT, NULL));
	MUST(!sip_msg_line(after, SIP_HEADER_SECURITY_VERIFY, NULL));
	MUST(!sip_msg_line(after, SIP_HEADER_ROUTE, NULL));
	MUST(sip_msg_check(after, false, &fault));
	MUST(str_same(after->via.branch, STR_LIT("z9hG4bKours")));
	sip_msg_free(after);
	octets_free(&out);
}

static void downlink(struct sip_msg *msg)
{
	const struct register_downlink down = { .security_server = STR_LIT("ipsec-3gpp") };
	struct octets out = { 0 };
	uint32_t expires;

	register_facts_expiry(msg, STR_LIT("sip:a@b"), &expires);
	register_edit_downlink(msg, &down);
	MUST(sip_msg_write(msg, &out));
	sip_msg_free(again(&out));
	octets_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sip_msg *msg = sip_msg_new((struct str){ (const char *)data, size },
					  &sip_limits_default, NULL);
	struct sip_fault fault;
	bool good;

	if (!msg)
		return 0;
	identity(msg);
	good = sip_msg_check(msg, size & 1, &fault);
	MUST(good == !fault.status);
	identity(msg);
	if (msg->request)
		reply(msg);
	if (good && msg->request)
		uplink(msg);
	else if (good)
		downlink(msg);
	sip_msg_free(msg);
	return 0;
}
