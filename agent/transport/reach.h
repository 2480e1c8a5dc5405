/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _REACH_H
#define _REACH_H

#include "flow.h"
#include "set.h"

/*
 * Another way to the same peer, when the connection there was has gone. To a UE
 * it stays inside of its SAs (TS 33.203 7.1); in clear there is none.
 */

/*
 * To the UE of a set: where @tcp, over a connection that the UE has opened since,
 * or one of ours from port_pc to port_us (RFC 3261 18.2.2); else, and when there is
 * none, by UDP. False: there is no way.
 */
bool reach_ue(const struct set *s, bool tcp, struct flow *to);

/* @f stays as it is where it stands. 0 or a negative errno. */
int reach_again(struct flow *f);

#endif
