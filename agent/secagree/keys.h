/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _KEYS_H
#define _KEYS_H

#include "suite.h"

#define KEYS_AKA 16	/* octets of CK and of IK */
#define KEYS_SALT 4

/* CK and IK of one AKA run, as the 401 of the core brought them. */
struct keys_aka {
	uint8_t ck[KEYS_AKA];
	uint8_t ik[KEYS_AKA];
};

/* What the kernel is given for a set. Lengths of 0: there is none. */
struct keys_esp {
	uint8_t ik[GMGATE_MAX_KEY];
	size_t ik_len;
	uint8_t ck[GMGATE_MAX_KEY];
	size_t ck_len;
	uint8_t salt[KEYS_SALT];
	size_t salt_len;
};

/**
 * keys_expand - CK and IK to the keys of a suite (TS 33.203 Annex I)
 *
 * The caller wipes both with keys_aka_wipe() and keys_esp_wipe() as soon as
 * the kernel has acknowledged the set.
 *
 * Return: false for a suite that is none, @esp is then all 0.
 */
bool keys_expand(struct suite suite, const struct keys_aka *aka, struct keys_esp *esp);

/* Overwrite in a way the compiler does not leave out. */
void keys_aka_wipe(struct keys_aka *aka);
void keys_esp_wipe(struct keys_esp *esp);

#endif
