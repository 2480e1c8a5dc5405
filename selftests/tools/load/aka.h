/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _AKA_H
#define _AKA_H

#include <stdbool.h>
#include <stdint.h>

/*
 * IMS AKA with Milenage (TS 35.206) for subscribers that are numbers: the keys of each come
 * out of its number, so that a UE and a core made of this need no list of them.
 */
struct aka_vector {
	uint8_t rand[16], autn[16], res[8], ck[16], ik[16];
};

/* K and OPc of subscriber @n. */
void aka_keys(uint32_t n, uint8_t k[16], uint8_t opc[16]);

/* A fresh challenge for subscriber @n. */
void aka_challenge(uint32_t n, uint64_t sqn, struct aka_vector *v);

/* What the USIM of subscriber @n makes of rand and autn. False: autn is not of its network. */
bool aka_answer(uint32_t n, struct aka_vector *v);

/* base64 of rand and autn, the nonce of a challenge: 44 characters. */
void aka_nonce(const struct aka_vector *v, char nonce[45]);
bool aka_read_nonce(const char *nonce, struct aka_vector *v);

/* The digest of RFC 3310 with the password RES, without qop: 32 characters. */
void aka_response(const struct aka_vector *v, const char *user, const char *realm,
		  const char *nonce, const char *uri, char response[33]);

void aka_hex(const uint8_t *octets, unsigned int n, char *text);

#endif
