/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the anti-replay window (RFC 4303 3.4.3).
 *
 * Pure: no kernel services, so that host tests compile it as it is.  The
 * caller serialises check and advance with the SA's lock.
 */
#ifndef _GMG_REPLAY_H
#define _GMG_REPLAY_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "kshim.h"
#endif

#define GMG_REPLAY_MAX	64

/**
 * struct gmg_replay - what an inbound SA has received
 * @map: bit n set: number @top - n was received
 * @top: highest number received, 0 before the first
 */
struct gmg_replay {
	u64 map;
	u32 top;
};

/**
 * gmg_replay_check - may a packet with this number be accepted?
 * @r: state of the SA
 * @seq: number in the packet; 0 is never valid, senders start at 1
 * @window: numbers below the highest that are still accepted, at most
 *	GMG_REPLAY_MAX
 *
 * Return: true if the number is new and inside or above the window.
 */
static inline bool gmg_replay_check(const struct gmg_replay *r, u32 seq,
				    u32 window)
{
	u32 age;

	if (!seq)
		return false;
	if (seq > r->top)
		return true;
	age = r->top - seq;
	return age < window && !(r->map >> age & 1);
}

/**
 * gmg_replay_advance - record an authenticated packet
 * @r: state of the SA
 * @seq: number that gmg_replay_check() accepted, under the same lock
 */
static inline void gmg_replay_advance(struct gmg_replay *r, u32 seq)
{
	if (seq > r->top) {
		u32 jump = seq - r->top;

		r->map = jump < GMG_REPLAY_MAX ? r->map << jump | 1 : 1;
		r->top = seq;
	} else {
		r->map |= 1ULL << (r->top - seq);
	}
}

#endif /* _GMG_REPLAY_H */
