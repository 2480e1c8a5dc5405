// SPDX-License-Identifier: GPL-2.0-or-later
/* A URI of a UE or of the core: what is looked up is a clean name or address. */
#include "fuzz.h"

#include "resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resolve_query q;
	struct addr a;

	if (!resolve_uri((struct str){ (const char *)data, size }, &q))
		return 0;
	MUST(memchr(q.host, 0, sizeof(q.host)));
	MUST(addr_parse(&a, q.host, 0) || resolve_is_name(str_of(q.host)));
	/* libosip2 takes the %XX out of parameters. */
	MUST(memchr(data, '%', size) || memmem(data, size, q.host, strlen(q.host)));
	MUST(q.transport <= RESOLVE_TCP);
	return 0;
}
