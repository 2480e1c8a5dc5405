// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Emergency calls (TS 24.229 5.2.10): recognised by the Request-URI alone, as the
 * UE wrote it.  No state.
 */
#include "emergency.h"

#include <ctype.h>

#include "sip_uri.h"

#define BODY(action) \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n" \
	"<ims-3gpp version=\"1\"><alternative-service><type>emergency</type><reason/>" action \
	"</alternative-service></ims-3gpp>\r\n"

/* What follows is a sub-service, a parameter or nothing: "sosx" is another service. */
static bool is_sos(struct str uri)
{
	const struct str sos = STR_LIT("urn:service:sos");

	if (uri.n < sos.n || !str_same_nocase((struct str){ uri.p, sos.n }, sos))
		return false;
	return uri.n == sos.n || (!isalnum((unsigned char)uri.p[sos.n]) && uri.p[sos.n] != '-');
}

static struct str number_of(const struct sip_uri *uri)
{
	if (str_same_nocase(uri->scheme, STR_LIT("tel")))
		return uri->number;
	if (str_same_nocase(uri->scheme, STR_LIT("sip")) ||
	    str_same_nocase(uri->scheme, STR_LIT("sips")))
		return uri->user;
	return STR_NONE;
}

struct str emergency_urn(const struct config_emergency *cfg, struct str uri)
{
	struct str number, urn = STR_NONE;
	struct sip_uri parsed;

	if (is_sos(uri))
		return uri;
	if (!cfg->n_numbers || !sip_uri_parse(uri, &parsed))
		return STR_NONE;
	number = number_of(&parsed);
	for (unsigned int i = 0; number.n && !urn.p && i < cfg->n_numbers; i++)
		if (sip_uri_same_number(number, str_of(cfg->numbers[i].number)))
			urn = str_of(cfg->numbers[i].urn);
	sip_uri_free(&parsed);
	return urn;
}

enum emergency emergency_of(const struct config_emergency *cfg, struct str uri, bool registered,
			    struct str *urn)
{
	*urn = emergency_urn(cfg, uri);
	if (!urn->p)
		return EMERGENCY_NONE;
	if (!cfg->route[0])
		return EMERGENCY_ELSEWHERE;
	/* A UE that has registered for it would only do so again. */
	if (urn->p == uri.p || registered || cfg->route_undetected)
		return EMERGENCY_ROUTE;
	return EMERGENCY_REGISTER;
}

enum emergency emergency_without_registration(const struct config_emergency *cfg)
{
	return cfg->route[0] ? EMERGENCY_REGISTER : EMERGENCY_ELSEWHERE;
}

struct str emergency_body(enum emergency what)
{
	if (what == EMERGENCY_REGISTER)
		return STR_LIT(BODY("<action>emergency-registration</action>"));
	return STR_LIT(BODY(""));
}
