/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: which of the SA sets on a flow sends a packet.
 *
 * Sets coexist on one flow (addresses and ports): a TEMP set is installed
 * while the 401 still leaves on the old one, port_us never changes, and a
 * rebooted UE may bring all its ports again.  The packet says which set it
 * means, by its mark, and where it says nothing the set that proved itself
 * last answers:
 *
 *	mark         on the flow                          result
 *	-----------  -----------------------------------  ---------------------
 *	set id X     X                                    X, in any state
 *	set id X     X, but its lifetime ended            drop, out-expired
 *	set id X     no X (gone, or of another flow)      drop, out-mark
 *	none         one whose packet was verified last   that one
 *	none         none verified, some established      the youngest of these
 *	none         only TEMP sets, none verified        drop, out-no-set
 *	none         only sets whose lifetime ended       drop, out-expired
 *	none         no set                               drop, out-no-set
 *
 * "Verified last" counts for both flows of a set, whichever pair the packet
 * came on: over UDP nothing ever comes in on us-pc.
 *
 * The transport does not matter: a set carries UDP and TCP (TS 33.203 7.1).
 * A TEMP set is proved by the first packet that passes its ICV: only the UE
 * that holds the AKA keys can make one.
 *
 * With the relaxed binding a UE may also open connections on crossed pairs of
 * its set's ports, and is answered on them.  TS 33.203 knows no SA for these.
 * What phones are used to is one SA per sender's port, whatever port it sends
 * to, so that is what we take and send:
 *
 *	crossed      SA in (SPI)      answer       SA out (SPI)
 *	-----------  ---------------  -----------  ---------------
 *	uc -> pc     uc-ps (spi_ps)   pc -> uc     pc-us (spi_us)
 *	us -> ps     us-pc (spi_pc)   ps -> us     ps-uc (spi_uc)
 *
 *	mark         packet on crossed ports of a set     result
 *	-----------  -----------------------------------  ---------------------
 *	set id X     TCP, not the first SYN; TCP of X     X, by the source port
 *	             came in crossed from that UE port
 *	set id X     any other: a SYN, UDP, none came     drop, out-mark
 *	none         any                                  drop, out-no-set
 *
 * The mark is asked for since it is what tells a connection that came in: the
 * accepted socket has it from its SYN.  We send no SYN on a crossed pair, so
 * none of our making exists.  UDP has no connections: its answers leave from
 * pc to us as always.  With X expired: out-mark.
 *
 * Pure: no kernel services, so that the host model test compiles it as it is.
 */
#ifndef _GMG_SELECT_H
#define _GMG_SELECT_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "kshim.h"
#endif

/**
 * struct gmg_candidate - a set on the flow, as far as the choice needs it
 * @id: set id, never 0
 * @established: promoted by the agent
 * @current_one: of all sets on the flow, this one verified a packet last
 * @expired: its back-stop lifetime ended
 * @born: order of installation, growing
 */
struct gmg_candidate {
	u32 id;
	bool established;
	bool current_one;
	bool expired;
	u64 born;
};

/* How strongly an unmarked packet is drawn to a set; 0: not at all. */
static inline unsigned int gmg_select_rank(const struct gmg_candidate *c)
{
	if (c->expired)
		return 0;
	return c->current_one ? 2 : c->established ? 1 : 0;
}

/**
 * gmg_select_prefers - does a candidate beat the best one so far?
 * @best: best so far, or NULL
 * @c: candidate
 * @mark: set id in the packet's mark, or 0
 */
static inline bool gmg_select_prefers(const struct gmg_candidate *best,
				      const struct gmg_candidate *c, u32 mark)
{
	unsigned int rank;

	if (mark)
		return c->id == mark && !c->expired;
	rank = gmg_select_rank(c);
	if (!rank || !best)
		return rank;
	if (rank != gmg_select_rank(best))
		return rank > gmg_select_rank(best);
	return c->born > best->born;
}

/**
 * struct gmg_crossed - a packet on crossed ports of the set in its mark
 * @tcp: it is TCP
 * @opens: it is a SYN without ACK
 * @came_in: TCP has come in from the UE's port to ours on that set
 * @expired: the set's back-stop lifetime ended
 */
struct gmg_crossed {
	bool tcp;
	bool opens;
	bool came_in;
	bool expired;
};

/* Relaxed binding: may the packet leave on its set? */
static inline bool gmg_select_crossed(const struct gmg_crossed *c)
{
	return c->tcp && !c->opens && c->came_in && !c->expired;
}

/**
 * struct gmg_select_miss - why nothing was chosen
 * @expired: a set that would have been meant has expired
 * @gone: there was a set that has been removed, or is not whole yet
 */
struct gmg_select_miss {
	bool expired;
	bool gone;
};

/**
 * gmg_select_missed - note a candidate that was not taken
 * @miss: notes so far
 * @c: candidate
 * @mark: set id in the packet's mark, or 0
 */
static inline void gmg_select_missed(struct gmg_select_miss *miss,
				     const struct gmg_candidate *c, u32 mark)
{
	if (c->expired && (!mark || c->id == mark))
		miss->expired = true;
}

#endif /* _GMG_SELECT_H */
