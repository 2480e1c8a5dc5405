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

#define HASH_KEY 16
#define HASH_KEYED 16

/**
 * hash_keyed - SipHash-2-4 of 128 bits, which nobody without the key can tell or foresee
 * @key: HASH_KEY octets
 * @data: @n octets
 * @out: HASH_KEYED octets
 */
void hash_keyed(const uint8_t key[HASH_KEY], const void *data, size_t n, uint8_t out[HASH_KEYED]);

#define HASH_FUNCTION(keyptr, keylen, hashv)                                    \
	do {                                                                    \
		(hashv) = (unsigned int)hash_octets((keyptr), (keylen));        \
	} while (0)
#include <uthash.h>
#include <utlist.h>

#endif
