/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _POLICY_H
#define _POLICY_H

#include "config.h"
#include "octets.h"

/* Who may register without SAs. */

/* False: out of memory. */
bool policy_init(const struct config *cfg);
/* Once more after @cfg has changed: what is remembered stays. @fresh: nothing was. */
bool policy_reload(const struct config *cfg, bool *fresh);
void policy_exit(void);

/**
 * policy_plain - may this IMPI register without sec-agree?
 * @gm: the listener, as in struct flow
 *
 * Where the listener allows it, and never for an IMPI that has registered with
 * SAs: somebody between could have stripped its offers.
 */
bool policy_plain(unsigned int gm, struct str impi);

/* An IMPI has registered with SAs: the core accepted its answer on them. */
void policy_agreed(struct str impi);

#endif
