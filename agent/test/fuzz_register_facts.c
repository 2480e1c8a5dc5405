// SPDX-License-Identifier: GPL-2.0-or-later
/* What a 200 OK and a REGISTER say of contacts: "ours|the Contact lines". */
#include "fuzz.h"

#include "register_facts.h"
#include "sip_uri.h"

static const struct sip_limits wide = {
	.message = 65536, .header_lines = 160, .line = 16384, .commas = 1024, .semicolons = 1024,
};

static struct sip_msg *message(struct octets *text, const char *start, struct str contacts)
{
	octets_puts(text, start);
	octets_puts(text, "\r\nVia: SIP/2.0/UDP 10.45.0.3:5100;branch=z9hG4bKa\r\n"
		    "From: <sip:a@home>;tag=1\r\nTo: <sip:a@home>;tag=2\r\n"
		    "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nExpires: 77\r\nContact: ");
	octets_put(text, contacts);
	octets_puts(text, "\r\nContent-Length: 0\r\n\r\n");
	return sip_msg_new(octets_str(text), &wide, NULL);
}

static void answered(struct str contact, struct str contacts)
{
	struct octets text = { 0 };
	struct sip_msg *msg = message(&text, "SIP/2.0 200 OK", contacts);
	uint32_t expires = 0, again = 1;

	if (msg) {
		bool said = register_facts_expiry(msg, contact, &expires);

		MUST(register_facts_expiry(msg, contact, &again) == said);
		MUST(!said || expires == again);
	}
	sip_msg_free(msg);
	octets_free(&text);
}

static void asked(struct str contacts)
{
	struct octets text = { 0 };
	struct sip_msg *msg = message(&text, "REGISTER sip:home SIP/2.0", contacts);
	struct register_request req;
	struct addr a;
	struct sip_fault fault = { 0 };
	struct str all;

	if (msg) {
		all = (struct str){ msg->head.p, msg->head.n };
		if (register_facts_request(msg, &req, &fault)) {
			MUST(!req.aor.n || str_within(req.aor, all));
			MUST(req.n <= REGISTER_CONTACTS && !(req.star && req.n));
			for (unsigned int i = 0; i < req.n; i++)
				MUST(str_within(req.contact[i].uri, all));
			register_facts_sos(&req);
			if (req.n)
				register_facts_address(req.contact[0].uri, &a);
		} else {
			MUST(fault.status);
		}
	}
	sip_msg_free(msg);
	octets_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	const char *cut = size ? memchr(data, '|', size) : NULL;

	asked(all);
	if (cut)
		answered((struct str){ all.p, (size_t)(cut - all.p) },
			 str_from(all, (size_t)(cut - all.p) + 1));
	return 0;
}
