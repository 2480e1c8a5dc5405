/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _MW_H
#define _MW_H

#include "config.h"
#include "flow.h"

/* Our addresses towards the core, and the connections opened from them. */
void mw_init(const struct config *cfg);
void mw_exit(void);

/* Where a peer of that family reaches us; NULL: nowhere. */
const struct addr *mw_address(uint16_t family);

/**
 * mw_flow - the way to a peer of the core
 * @reused: true where it is a connection that was there before
 *
 * Over TCP there is one connection to each peer, which is opened where there is
 * none. 0 or a negative errno.
 */
int mw_flow(const struct addr *peer, bool tcp, struct flow *f, bool *reused);

/* A connection is gone, whoever opened it. */
void mw_closed(const struct flow *f);

#endif
