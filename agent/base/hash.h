/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _HASH_H
#define _HASH_H

/*
 * uthash with a seeded hash (SipHash-1-3).  Keys are what strangers send, so
 * that they must not be able to choose them for one bucket.  Include this
 * instead of <uthash.h>.
 */
#include <stddef.h>
#include <stdint.h>

uint64_t hash_octets(const void *data, size_t n);

#define HASH_FUNCTION(keyptr, keylen, hashv)                                    \
	do {                                                                    \
		(hashv) = (unsigned int)hash_octets((keyptr), (keylen));        \
	} while (0)
#include <uthash.h>
#include <utlist.h>

#endif
