/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _IDENTITIES_H
#define _IDENTITIES_H

#include "octets.h"

/*
 * Lists of public identities, kept as the text of P-Associated-URI (RFC 7315
 * 4.1):  "A" <sip:a@home>, <tel:+1555>  - the first is the default one, one
 * that is barred is not there (TS 24.229 5.2.2.1). Pure.
 */

/* Of one UE, at most; also bounds the work of putting lists together. */
#define IDENTITIES_MAX 64

/*
 * The same identity: scheme, user and host of a sip: or sips: URI, whose
 * parameters do not count; else all of it. Scheme and host without regard to
 * case.
 */
bool identities_same(struct str a, struct str b);

/* The next URI of a list; values that are not readable are passed over. */
bool identities_next(struct str *rest, struct str *uri);

bool identities_has(struct str list, struct str uri);

/* Appends those of @more that are not in @list yet; beyond IDENTITIES_MAX they are left out. */
void identities_join(struct octets *list, struct str more);

/* Appends @list without @uri to @out. */
void identities_without(struct octets *out, struct str list, struct str uri);

#endif
