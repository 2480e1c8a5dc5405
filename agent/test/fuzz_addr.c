// SPDX-License-Identifier: GPL-2.0-or-later
/* An address that was read is written so that it is read as the same one. */
#include "fuzz.h"

#include "addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[ADDR_TEXT * 2], host[ADDR_TEXT];
	struct sockaddr_storage ss;
	struct addr a, b;
	size_t n;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!addr_parse(&a, text, 5060))
		return 0;
	MUST(a.family == AF_INET || a.family == AF_INET6);
	snprintf(host, sizeof(host), "%s", addr_host(&a));
	n = strlen(host);
	if (a.family == AF_INET6) {
		MUST(host[0] == '[' && host[n - 1] == ']');
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	MUST(addr_parse(&b, host, 5060) && addr_same(&a, &b) && addr_same_ip(&b, &a));
	/* A mapped address becomes what it maps. */
	MUST(addr_to_sockaddr(&a, &ss) <= sizeof(ss));
	MUST(addr_from_sockaddr(&b, (struct sockaddr *)&ss) && b.port == a.port);
	MUST(b.family == AF_INET || addr_same(&a, &b));
	MUST(strlen(addr_text(&a)) < ADDR_TEXT);
	return 0;
}
