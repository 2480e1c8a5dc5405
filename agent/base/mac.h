/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _MAC_H
#define _MAC_H

#include <stdbool.h>
#include <stdint.h>

#include "octets.h"

#define MAC_SHA256 32

/**
 * mac_sha256 - HMAC-SHA-256 of libcrypto (RFC 2104)
 * @key: borrowed. Not CK or IK: the library keeps what it makes of it until the next one
 * @octets: what it is over
 * @mac: result
 *
 * One context for all: libcrypto looks its algorithms up by name, which takes longer than the
 * hash of something short. Not reentrant.
 *
 * Return: false without memory.
 */
bool mac_sha256(struct str key, struct str octets, uint8_t mac[MAC_SHA256]);

#endif
