// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever a DNS server sends: a TTL or none, and never more than was written. */
#include "fuzz.h"

#include "dns_ttl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t ttl, again;
	uint8_t *more;

	if (!dns_ttl(data, size, &ttl))
		return 0;
	/* RFC 2181 8; more only where no record has one. */
	MUST(ttl <= INT32_MAX && size > 12);
	/* What stands behind the records is of no matter. */
	more = malloc(size + 8);
	MUST(more);
	memcpy(more, data, size);
	memset(more + size, 0xff, 8);
	MUST(dns_ttl(more, size + 8, &again) && again == ttl);
	free(more);
	return 0;
}
