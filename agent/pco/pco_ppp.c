// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PPP frames of list 1 in words: code, identifier, and what is in it.  A frame
 * whose lengths lie is shown as far as it can be read.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "pco_value.h"

#define HEAD 4		/* code, identifier, two octets of length */
#define CODES 12

static uint8_t octet(struct str s, size_t at)
{
	return (uint8_t)s.p[at];
}

static const char *code_name(uint16_t protocol, uint8_t code)
{
	static const char *const control[CODES] = {
		NULL, "Configure-Request", "Configure-Ack", "Configure-Nak", "Configure-Reject",
		"Terminate-Request", "Terminate-Ack", "Code-Reject", "Protocol-Reject",
		"Echo-Request", "Echo-Reply", "Discard-Request",
	};
	static const char *const pap[CODES] = {
		NULL, "Authenticate-Request", "Authenticate-Ack", "Authenticate-Nak",
	};
	static const char *const chap[CODES] = {
		NULL, "Challenge", "Response", "Success", "Failure",
	};
	const char *const *names = protocol == PCO_PAP ? pap : protocol == PCO_CHAP ? chap : control;

	return code < CODES ? names[code] : NULL;
}

/* RFC 1332 3.3, RFC 1877 1. */
static const char *ipcp_option(uint8_t type)
{
	switch (type) {
	case 3:
		return "address";
	case 129:
		return "primary-dns";
	case 130:
		return "primary-nbns";
	case 131:
		return "secondary-dns";
	case 132:
		return "secondary-nbns";
	}
	return NULL;
}

static void put_option(uint16_t protocol, uint8_t type, struct str value, struct octets *out)
{
	const char *name = protocol == PCO_IPCP ? ipcp_option(type) : NULL;
	char text[INET_ADDRSTRLEN];

	if (name && value.n == 4) {
		octets_printf(out, " %s %s", name, inet_ntop(AF_INET, value.p, text, sizeof(text)));
		return;
	}
	octets_printf(out, " option %u%s", type, value.n ? " " : "");
	pco_value_hex(value, out);
}

/* Type, length of all of it, value (RFC 1661 6). */
static void put_options(uint16_t protocol, struct str s, struct octets *out)
{
	const char *comma = "";

	while (s.n) {
		size_t n = s.n > 1 ? octet(s, 1) : 0;

		octets_puts(out, comma);
		if (n < 2 || n > s.n) {
			octets_puts(out, " cut off");
			return;
		}
		put_option(protocol, octet(s, 0), (struct str){ s.p + 2, n - 2 }, out);
		s = str_from(s, n);
		comma = ",";
	}
}

static void put_name(struct str s, struct octets *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] > 0x20 && s.p[i] < 0x7f ? s.p[i] : '?';

		octets_put(out, (struct str){ &c, 1 });
	}
}

/* RFC 1334 2.2.1: each with a length octet; the password stays where it is. */
static void put_pap_request(struct str s, struct octets *out)
{
	size_t n = s.n ? octet(s, 0) : 0;

	if (s.n < n + 2) {
		octets_puts(out, " cut off");
		return;
	}
	octets_puts(out, " peer ");
	put_name((struct str){ s.p + 1, n }, out);
	octets_printf(out, ", a password of %u octets", octet(s, n + 1));
}

/* RFC 1994 4.1: the value with a length octet, then a name. */
static void put_chap_value(struct str s, struct octets *out)
{
	size_t n = s.n ? octet(s, 0) : 0;

	if (s.n < n + 1) {
		octets_puts(out, " cut off");
		return;
	}
	octets_printf(out, " %zu octets, name ", n);
	put_name(str_from(s, n + 1), out);
}

static void put_data(uint16_t protocol, uint8_t code, struct str s, struct octets *out)
{
	if ((protocol == PCO_IPCP || protocol == PCO_LCP) && code >= 1 && code <= 4) {
		put_options(protocol, s, out);
	} else if (protocol == PCO_PAP && code == 1) {
		put_pap_request(s, out);
	} else if (protocol == PCO_CHAP && (code == 1 || code == 2)) {
		put_chap_value(s, out);
	} else if (s.n) {
		octets_puts(out, " ");
		pco_value_hex(s, out);
	}
}

void pco_ppp_text(uint16_t protocol, struct str frame, struct octets *out)
{
	const char *name;
	size_t n;

	if (frame.n < HEAD) {
		octets_puts(out, "cut off: ");
		pco_value_hex(frame, out);
		return;
	}
	name = code_name(protocol, octet(frame, 0));
	if (name)
		octets_puts(out, name);
	else
		octets_printf(out, "code %u", octet(frame, 0));
	n = (size_t)octet(frame, 2) << 8 | octet(frame, 3);
	octets_printf(out, " id %u", octet(frame, 1));
	if (n != frame.n)
		octets_printf(out, " (its length says %zu of %zu octets)", n, frame.n);
	if (n > HEAD || n != frame.n)
		octets_puts(out, ":");
	put_data(protocol, octet(frame, 0), str_from(frame, HEAD), out);
}
