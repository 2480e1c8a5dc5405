/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CALLER_WORLD_H
#define _CALLER_WORLD_H

/* Who calls for help without a registration, and an E-CSCF, on proxy_world.h. */
#include "proxy_world.h"

#define ECSCF "<sip:192.0.2.77:5070;lr>"
#define ANONYMOUS "\"Anonymous\" <sip:anonymous@anonymous.invalid>"

HELPER void let_them_call(void)
{
	strcpy(cfg.emergency.route, ECSCF);
	cfg.gm[0].unregistered = CONFIG_UNREGISTERED_ROUTE;
	cfg.emergency.n_numbers = 1;
	strcpy(cfg.emergency.numbers[0].number, "110");
	strcpy(cfg.emergency.numbers[0].urn, "urn:service:sos.police");
}

/* The unprotected port, heard from @address. */
HELPER struct flow caller_at(const char *address, uint16_t port)
{
	struct flow f = clear_flow();

	addr_parse(&f.remote, address, port);
	return f;
}

HELPER struct flow over_tcp(struct flow f, uint64_t conn)
{
	f.tcp = true;
	f.conn = conn;
	return f;
}

/* With the Via of a phone at that place; what is not said as for an emergency call. */
HELPER void caller_says(const struct flow *f, struct say what)
{
	static unsigned int serial;
	char via[160];

	snprintf(via, sizeof(via), "SIP/2.0/%s %s;branch=z9hG4bKc%u;rport", f->tcp ? "TCP" : "UDP",
		 addr_text(&f->remote), ++serial);
	if (!what.via)
		what.via = via;
	what.uri = OR(what.uri, "urn:service:sos");
	what.from = OR(what.from, ANONYMOUS ";tag=a");
	what.to = OR(what.to, "<urn:service:sos>");
	say(f, &what);
}

HELPER void ecscf_replies(const char *status, const char *tag, const char *extra)
{
	core_replies(status, tag, extra);
}

/* Its call is answered, and it has heard so; the token of the dialog is static. */
HELPER const char *caller_calls(const struct flow *f, const char *call)
{
	static char token[DIALOG_TOKEN];
	unsigned int before = n_up;

	caller_says(f, (struct say){ .call = call });
	assert_int_equal(n_up, before + 1);
	strcpy(token, dialog_token(&up));
	ecscf_replies("200 OK", "e", "Contact: <sip:psap@192.0.2.80>\r\n");
	assert_int_equal(status(), 200);
	caller_says(f, (struct say){ .method = "ACK", .to = "<urn:service:sos>;tag=e",
				     .call = call });
	return token;
}

/* Within that call. */
HELPER void caller_in_call(const struct flow *f, const char *method, const char *call,
			   unsigned int cseq)
{
	caller_says(f, (struct say){ .method = method, .to = "<urn:service:sos>;tag=e",
				     .uri = "sip:psap@192.0.2.80", .call = call, .cseq = cseq });
}

/* And the other side, to the Contact that the caller gave. */
HELPER void ecscf_in_call(const char *method, const char *contact, const char *token,
			  const char *call, unsigned int cseq)
{
	char route[160];
	struct flow f = core_flow();

	addr_parse(&f.remote, "192.0.2.77", 5070);
	snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>, "
		 "<sip:10.4.128.21:5060;lr>\r\n", token);
	say(&f, &(struct say){ .method = method, .uri = contact, .from = "<urn:service:sos>;tag=e",
			       .to = ANONYMOUS ";tag=a", .route = route, .call = call,
			       .cseq = cseq });
}

#endif
