// SPDX-License-Identifier: GPL-2.0-or-later
/* Parameters, addresses, URIs and Via: every part lies within the text. */
#include "fuzz.h"

#include "sip_param.h"
#include "sip_uri.h"
#include "sip_via.h"

static void params(struct str all, char separator)
{
	struct str rest = all, part;
	struct sip_param p;

	while (sip_param_split(&rest, separator, &part))
		MUST(!part.n || str_within(part, all));
	rest = all;
	while (sip_param_next(&rest, separator, &p)) {
		MUST(str_within(p.whole, all) && str_within(p.name, p.whole));
		MUST(!p.value.p || str_within(p.value, p.whole));
	}
	sip_param_find(all, separator, STR_LIT("tag"), &p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	struct sip_addr addr;
	struct sip_uri uri;
	struct sip_via via;

	if (!size)
		return 0;
	params(all, ',');
	params(all, ';');
	sip_param_balanced(all);
	if (sip_addr_split(all, &addr)) {
		MUST(addr.uri.n && str_within(addr.uri, all));
		if (sip_uri_parse(addr.uri, &uri))
			MUST(sip_uri_same(&uri, &uri));
		sip_uri_free(&uri);
	}
	if (sip_via_parse(all, &via)) {
		MUST(via.host.n && str_within(via.host, all) && via.transport.n);
		MUST(!via.rport_param.p || str_within(via.rport_param, all));
		MUST(!via.received_param.p || str_within(via.received_param, all));
		sip_via_is_from(&via, "2001:db8::3");
		sip_via_is_from(&via, "10.45.0.3");
	}
	return 0;
}
