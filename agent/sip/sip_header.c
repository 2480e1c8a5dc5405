// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of headers and methods. Tables are constant; a name is looked for among
 * those of its length, a compact one by its letter.
 */
#include "sip_header.h"

#include <string.h>

/* In step: name, length, compact name of each. */
#define SIP_HEADER_NAME(id, text, letter) [SIP_HEADER_##id] = (text),
#define SIP_HEADER_LENGTH(id, text, letter) [SIP_HEADER_##id] = sizeof(text) - 1,
#define SIP_HEADER_LETTER(id, text, letter) [SIP_HEADER_##id] = (letter),
static const char * const names[SIP_HEADER_COUNT] = { SIP_HEADERS(SIP_HEADER_NAME) };
static const uint8_t lengths[SIP_HEADER_COUNT] = { SIP_HEADERS(SIP_HEADER_LENGTH) };
static const char letters[SIP_HEADER_COUNT] = { SIP_HEADERS(SIP_HEADER_LETTER) };

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
	return id > SIP_HEADER_OTHER && id < SIP_HEADER_COUNT ? names[id] : "";
}

static enum sip_header find_compact(char letter)
{
	const char *at = memchr(letters + 1, letter | 0x20, SIP_HEADER_COUNT - 1);

	return at ? (enum sip_header)(at - letters) : SIP_HEADER_OTHER;
}

enum sip_header sip_header_find(struct str name)
{
	const uint8_t *at = lengths, *end = lengths + SIP_HEADER_COUNT;

	if (name.n == 1)
		return find_compact(name.p[0]);
	if (!name.n || name.n > UINT8_MAX)
		return SIP_HEADER_OTHER;
	while ((at = memchr(at, (int)name.n, end - at))) {
		if (strncasecmp(names[at - lengths], name.p, name.n) == 0)
			return (enum sip_header)(at - lengths);
		at++;
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
