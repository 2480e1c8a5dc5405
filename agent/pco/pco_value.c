// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The contents of a unit as words, and back.
 */
#include "pco_value.h"

#include <arpa/inet.h>
#include <stdio.h>

static uint8_t octet(struct str s, size_t at)
{
	return (uint8_t)s.p[at];
}

static enum pco_kind kind_of(uint16_t id, enum pco_from from)
{
	const struct pco_name *name = pco_name_of(id);

	return name ? name->sides[from].kind : PCO_OPAQUE;
}

const char *pco_verdict_text(enum pco_verdict verdict)
{
	static const char *const texts[PCO_VERDICTS] = {
		[PCO_UNKNOWN] = "not known here",
		[PCO_OPERATORS] = "operator specific",
		[PCO_NOT_THIS_WAY] = "reserved in this direction",
		[PCO_WRONG_LENGTH] = "wrong length, to be ignored",
		[PCO_ZERO] = "zero, so none",
	};

	return texts[verdict];
}

static bool has_length(enum pco_kind kind, size_t n)
{
	switch (kind) {
	case PCO_EMPTY:
		return n == 0;
	case PCO_IPV4:
		return n == 4;
	case PCO_IPV6:
		return n == 16;
	case PCO_U8:
		return n == 1;
	case PCO_U16:
		return n == 2;
	case PCO_SNSSAI:
		/* SST, perhaps SD, then the PLMN */
		return n == 4 || n == 7;
	case PCO_AMBR:
		return n == 6;
	case PCO_PPP:
		return n > 0;
	default:
		return true;
	}
}

static bool is_zero(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i])
			return false;
	return true;
}

enum pco_verdict pco_verdict(const struct pco_unit *unit, enum pco_from from)
{
	const struct pco_name *name = pco_name_of(unit->id);
	enum pco_kind kind = kind_of(unit->id, from);

	if (!name)
		return pco_is_operators(unit->id) ? PCO_OPERATORS : PCO_UNKNOWN;
	if (kind == PCO_RESERVED)
		return PCO_NOT_THIS_WAY;
	if (!has_length(kind, unit->contents.n))
		return PCO_WRONG_LENGTH;
	if ((kind == PCO_IPV4 || kind == PCO_IPV6) && is_zero(unit->contents))
		return PCO_ZERO;
	return PCO_GOOD;
}

/* ---- to words ---- */

void pco_value_hex(struct str contents, struct octets *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < contents.n; i++) {
		char two[2] = { digits[octet(contents, i) >> 4], digits[octet(contents, i) & 15] };

		octets_put(out, (struct str){ two, 2 });
	}
}

static void put_address(struct octets *out, int family, struct str s)
{
	char text[INET6_ADDRSTRLEN];

	octets_puts(out, inet_ntop(family, s.p, text, sizeof(text)));
}

static void put_u8(struct octets *out, const struct pco_name *name, enum pco_from from, uint8_t v)
{
	if (v < PCO_VALUES && name->sides[from].values[v])
		octets_puts(out, name->sides[from].values[v]);
	else
		octets_printf(out, "%u", v);
}

static void put_text(struct octets *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i] >= 0x20 && s.p[i] < 0x7f ? s.p[i] : '?';

		octets_put(out, (struct str){ &c, 1 });
	}
}

static void put_plmn(struct octets *out, struct str s)
{
	octets_printf(out, "%x%x%x-%x%x", octet(s, 0) & 15, octet(s, 0) >> 4, octet(s, 1) & 15,
		      octet(s, 2) & 15, octet(s, 2) >> 4);
	if (octet(s, 1) >> 4 < 15)
		octets_printf(out, "%x", octet(s, 1) >> 4);
}

static void put_snssai(struct octets *out, struct str s)
{
	octets_printf(out, "sst %u, ", octet(s, 0));
	if (s.n == 7)
		octets_printf(out, "sd %02x%02x%02x, ", octet(s, 1), octet(s, 2), octet(s, 3));
	octets_puts(out, "plmn ");
	put_plmn(out, str_from(s, s.n - 3));
}

/* Unit and count (TS 24.501 9.11.4.14): 1, 4, 16, 64, 256 kbit/s, Mbit/s and so on. */
static unsigned long long kbit(struct str s)
{
	unsigned long long rate = octet(s, 1) << 8 | octet(s, 2);
	unsigned int unit = octet(s, 0);

	if (!unit)
		return 0;
	unit = unit > 25 ? 24 : unit - 1;
	rate <<= 2 * (unit % 5);
	for (unsigned int i = 0; i < unit / 5; i++)
		rate *= 1000;
	return rate;
}

void pco_value_text(const struct pco_unit *unit, enum pco_from from, struct octets *out)
{
	enum pco_kind kind = kind_of(unit->id, from);
	struct str s = unit->contents;

	if (!has_length(kind, s.n))
		kind = PCO_OPAQUE;
	switch (kind) {
	case PCO_EMPTY:
		break;
	case PCO_IPV4:
		put_address(out, AF_INET, s);
		break;
	case PCO_IPV6:
		put_address(out, AF_INET6, s);
		break;
	case PCO_U8:
		put_u8(out, pco_name_of(unit->id), from, octet(s, 0));
		break;
	case PCO_U16:
		octets_printf(out, "%u", octet(s, 0) << 8 | octet(s, 1));
		break;
	case PCO_TEXT:
		put_text(out, s);
		break;
	case PCO_SNSSAI:
		put_snssai(out, s);
		break;
	case PCO_AMBR:
		octets_printf(out, "%llu kbit/s down, %llu kbit/s up", kbit(s),
				     kbit(str_from(s, 3)));
		break;
	case PCO_PPP:
		pco_ppp_text(unit->id, s, out);
		break;
	default:
		pco_value_hex(s, out);
		break;
	}
}

/* ---- from words ---- */

bool pco_value_unhex(const char *text, struct octets *out)
{
	size_t n = strlen(text);
	uint8_t v;

	if (n % 2)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		if (!str_hex((struct str){ text + i, 2 }, &v, 1))
			return false;
		octets_put(out, (struct str){ (const char *)&v, 1 });
	}
	return true;
}

static bool parse_address(int family, const char *text, struct octets *out)
{
	uint8_t ip[16];

	if (inet_pton(family, text, ip) != 1)
		return false;
	octets_put(out, (struct str){ (const char *)ip, family == AF_INET ? 4 : 16 });
	return true;
}

static bool parse_number(const char *text, unsigned int octets, struct octets *out)
{
	char be[2];
	uint32_t v;

	if (!str_number(str_of(text), octets == 1 ? 255 : 65535, &v))
		return false;
	be[0] = (char)(v >> 8);
	be[1] = (char)v;
	octets_put(out, (struct str){ be + 2 - octets, octets });
	return true;
}

static bool parse_u8(const struct pco_name *name, enum pco_from from, const char *text,
		     struct octets *out)
{
	for (unsigned int i = 0; i < PCO_VALUES; i++) {
		const char *value = name->sides[from].values[i];
		char octet_of = (char)i;

		if (value && !strcmp(value, text)) {
			octets_put(out, (struct str){ &octet_of, 1 });
			return true;
		}
	}
	return parse_number(text, 1, out);
}

bool pco_value_parse(const struct pco_name *name, enum pco_from from, const char *text,
		     struct octets *out)
{
	switch (name->sides[from].kind) {
	case PCO_EMPTY:
		return !text;
	case PCO_RESERVED:
		return false;
	default:
		break;
	}
	if (!text)
		return false;
	switch (name->sides[from].kind) {
	case PCO_IPV4:
		return parse_address(AF_INET, text, out);
	case PCO_IPV6:
		return parse_address(AF_INET6, text, out);
	case PCO_U8:
		return parse_u8(name, from, text, out);
	case PCO_U16:
		return parse_number(text, 2, out);
	case PCO_TEXT:
		octets_puts(out, text);
		return true;
	default:
		return pco_value_unhex(text, out);
	}
}

const char *pco_value_what(const struct pco_name *name, enum pco_from from)
{
	switch (name->sides[from].kind) {
	case PCO_RESERVED:
		return "nothing: it is reserved in this direction";
	case PCO_EMPTY:
		return "nothing";
	case PCO_IPV4:
		return "an IPv4 address";
	case PCO_IPV6:
		return "an IPv6 address";
	case PCO_U8:
		return "a number up to 255 or one of its names";
	case PCO_U16:
		return "a number up to 65535";
	case PCO_TEXT:
		return "a text";
	default:
		return "hexadecimal digits, two for an octet";
	}
}

bool pco_value_pcscf(const struct pco_unit *unit, enum pco_from from, struct addr *a)
{
	if (from != PCO_FROM_NETWORK || pco_verdict(unit, from) != PCO_GOOD ||
	    (unit->id != PCO_PCSCF_IPV4 && unit->id != PCO_PCSCF_IPV6))
		return false;
	memset(a, 0, sizeof(*a));
	a->family = unit->id == PCO_PCSCF_IPV4 ? AF_INET : AF_INET6;
	memcpy(a->ip, unit->contents.p, unit->contents.n);
	return true;
}
