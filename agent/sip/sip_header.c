// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of headers and methods. Tables are constant; a name is told apart by
 * its length and first letter before it is compared.
 */
#include "sip_header.h"

static const struct {
	const char *name;
	uint8_t n;
	char compact;
} headers[SIP_HEADER_COUNT] = {
#define SIP_HEADER_ROW(id, text, letter) \
	[SIP_HEADER_##id] = { .name = (text), .n = sizeof(text) - 1, .compact = (letter) },
	SIP_HEADERS(SIP_HEADER_ROW)
#undef SIP_HEADER_ROW
};

static const struct str methods[SIP_METHODS] = {
	[SIP_METHOD_OTHER] = { "other", 5 },
	[SIP_METHOD_REGISTER] = { "REGISTER", 8 },
	[SIP_METHOD_INVITE] = { "INVITE", 6 },
	[SIP_METHOD_ACK] = { "ACK", 3 },
	[SIP_METHOD_CANCEL] = { "CANCEL", 6 },
	[SIP_METHOD_BYE] = { "BYE", 3 },
	[SIP_METHOD_OPTIONS] = { "OPTIONS", 7 },
	[SIP_METHOD_SUBSCRIBE] = { "SUBSCRIBE", 9 },
	[SIP_METHOD_NOTIFY] = { "NOTIFY", 6 },
	[SIP_METHOD_MESSAGE] = { "MESSAGE", 7 },
	[SIP_METHOD_PRACK] = { "PRACK", 5 },
	[SIP_METHOD_UPDATE] = { "UPDATE", 6 },
	[SIP_METHOD_REFER] = { "REFER", 5 },
	[SIP_METHOD_PUBLISH] = { "PUBLISH", 7 },
	[SIP_METHOD_INFO] = { "INFO", 4 },
};

const char *sip_header_name(enum sip_header id)
{
	return id > SIP_HEADER_OTHER && id < SIP_HEADER_COUNT ? headers[id].name : "";
}

enum sip_header sip_header_find(struct str name)
{
	char first = name.n ? (char)(name.p[0] | 0x20) : 0;

	for (unsigned int id = 1; id < SIP_HEADER_COUNT; id++) {
		if (name.n == 1 ? headers[id].compact == first :
		    headers[id].n == name.n && (headers[id].name[0] | 0x20) == first &&
		    strncasecmp(headers[id].name, name.p, name.n) == 0)
			return (enum sip_header)id;
	}
	return SIP_HEADER_OTHER;
}

enum sip_method sip_method_find(struct str name)
{
	for (unsigned int i = SIP_METHOD_OTHER + 1; i < SIP_METHODS; i++)
		if (str_same(methods[i], name))
			return (enum sip_method)i;
	return SIP_METHOD_OTHER;
}

const char *sip_method_name(enum sip_method method)
{
	return methods[method].p;
}
