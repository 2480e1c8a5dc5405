// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whom a registered UE may say to be. No state; one pass for each preferred
 * identity, of which two are looked at: RFC 3325 9.2 has no more.
 */
#include "proxy_identity.h"

#include "sip_param.h"

static bool same_identity(struct str a, struct str b)
{
	struct sip_uri x, y;
	bool same = false;

	if (str_same(a, b))
		return true;
	if (!sip_uri_parse(a, &x))
		return false;
	if (sip_uri_parse(b, &y)) {
		if (x.number.p && y.number.p)
			same = str_same_nocase(x.scheme, y.scheme) &&
			       sip_uri_same_number(x.number, y.number);
		else
			same = sip_uri_same(&x, &y);
		sip_uri_free(&y);
	}
	sip_uri_free(&x);
	return same;
}

static bool next_entry(struct str *list, struct sip_addr *addr)
{
	struct str value;

	while (sip_param_split(list, ',', &value))
		if (sip_addr_split(value, addr) && !addr->star)
			return true;
	return false;
}

static bool find(struct str associated, struct str wanted, struct sip_addr *entry)
{
	while (next_entry(&associated, entry))
		if (same_identity(entry->uri, wanted))
			return true;
	return false;
}

static bool preferred(const struct sip_msg *msg, struct str associated, struct sip_addr *entry)
{
	struct sip_values at = { 0 };
	struct sip_addr wanted;
	struct str value;

	for (int i = 0; i < 2; i++) {
		if (!sip_msg_next_value(msg, SIP_HEADER_P_PREFERRED_IDENTITY, &at, &value))
			return false;
		if (sip_addr_split(value, &wanted) && find(associated, wanted.uri, entry))
			return true;
	}
	return false;
}

bool proxy_identity(const struct sip_msg *msg, struct str associated, struct str registered,
		    struct octets *out)
{
	struct sip_addr entry;

	if (!preferred(msg, associated, &entry) && !next_entry(&associated, &entry)) {
		if (!registered.n)
			return false;
		entry = (struct sip_addr){ .uri = registered };
	}
	if (entry.display.p) {
		octets_put(out, entry.display);
		octets_puts(out, " ");
	}
	octets_puts(out, "<");
	octets_put(out, entry.uri);
	octets_puts(out, ">");
	return !out->failed;
}
