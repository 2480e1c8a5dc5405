/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _DNS_TTL_H
#define _DNS_TTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * dns_ttl - how long a DNS answer may be kept
 * @seconds: the least TTL of its answer section; of an answer that says there
 *	is nothing, what its SOA says (RFC 2308 5)
 *
 * c-ares hands out the TTLs of addresses only. False: it is malformed, or says
 * nothing of it.
 */
bool dns_ttl(const uint8_t *answer, size_t n, uint32_t *seconds);

#endif
