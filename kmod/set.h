/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the SA set of a UE (TS 33.203 7.1): four SAs from one AKA run.
 *
 *	pair[GMG_SERVER]   UE port_uc <-> port_ps P-CSCF   in spi_ps, out spi_uc
 *	pair[GMG_CLIENT]   UE port_us <-> port_pc P-CSCF   in spi_pc, out spi_us
 *
 * Lifetime: made and inserted in process context under gmg_net.lock; found by
 * readers under rcu_read_lock() only, never reference counted.  Removal
 * clears GMG_SET_LIVE, unhashes, and hands the set to the reaper, which frees
 * it in process context after a grace period (a cipher must not be freed in
 * softirq).  A set never outlives its endpoint by more than that.
 *
 * Locking, per field below: "const" is written before GMG_SET_LIVE is set and
 * never after; "net" is gmg_net.lock; "pair" is the pair's own lock; all else
 * is atomic or READ_ONCE()/WRITE_ONCE().
 */
#ifndef _GMG_SET_H
#define _GMG_SET_H

#include <linux/cache.h>
#include <linux/in6.h>
#include <linux/llist.h>
#include <linux/rbtree.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>

#include <linux/gmgate.h>

#include "replay.h"
#include "suite.h"

struct gmg_endpoint;
struct gmg_export;
struct gmg_net;
struct netlink_ext_ack;

enum { GMG_SERVER, GMG_CLIENT, GMG_PAIRS };

/**
 * struct gmg_pair - the two SAs between one UE port and one P-CSCF port
 * @flow_node: in gmg_net.by_flow, by addresses and ports
 * @spi_node: in gmg_net.by_spi, by @spi_in and the endpoint's address
 * @peer_node: in gmg_net.by_peer, by the UE's address and @spi_out
 * @set: const; the set this is part of
 * @spi_in: const; SPI of the inbound SA
 * @spi_out: const; SPI of the outbound SA
 * @local_port: const; port_ps or port_pc
 * @ue_port: const; port_uc or port_us
 * @current_one: of all sets on the flow, this one verified a packet last, on
 *	either of its pairs; written under gmg_net.current_lock
 * @crossed: TCP has come in from @ue_port to the other pair's P-CSCF port,
 *	which the relaxed binding lets in
 * @lock: softirq-safe; protects @replay, @in_packets
 * @replay: pair; anti-replay window of the inbound SA
 * @in_packets: pair; packets verified and accepted
 * @in_bytes: octets delivered, after decryption, IP header included
 * @seq: last sequence number of the outbound SA; 64 bits so that it shows
 *	when it has passed the 32 that ESP has, and never wraps
 * @out_bytes: octets sent, before encryption, IP header included
 *
 * Three cache lines: what lookups read, what a packet in writes, and what a
 * packet out writes, perhaps on another CPU.
 */
struct gmg_pair {
	struct rhlist_head flow_node;
	struct rhash_head spi_node;
	struct rhlist_head peer_node;
	struct gmg_set *set;
	__be32 spi_in;
	__be32 spi_out;
	__be16 local_port;
	__be16 ue_port;
	bool current_one;
	bool crossed;

	spinlock_t lock ____cacheline_aligned_in_smp;
	struct gmg_replay replay;
	u64 in_packets;
	atomic64_t in_bytes;

	atomic64_t seq ____cacheline_aligned_in_smp;
	atomic64_t out_bytes;
};

/* Bits of gmg_set.flags. */
enum {
	GMG_SET_LIVE,		/* all of it is in the tables */
	GMG_SET_PROVED,		/* its UE sent a packet that verified */
	GMG_SET_SEQ_SOFT,	/* the early warning has been given */
	GMG_SET_SEQ_HARD,	/* the end has been told */
};

/* Reasons counted per set; a wrong source address counts as wrong binding. */
enum { GMG_SET_DROP_ICV, GMG_SET_DROP_REPLAY, GMG_SET_DROP_BINDING,
	GMG_SET_DROPS };

/**
 * struct gmg_set - see the top of this file
 * @pair: the four SAs
 * @ue: const; address of the UE
 * @ep: const; P-CSCF side
 * @keys: const; shared by the four SAs
 * @id: const; never 0, never used twice while the module is loaded
 * @flags: GMG_SET_* bits
 * @state: net; enum gmgate_set_state
 * @expires: net; end of the back-stop lifetime, boot time
 * @born: const; order of installation
 * @verified: boot time of the last verified packet, coarse; 0 before
 * @drops: packets refused, by reason
 * @cookie: net; the agent's
 * @exported: net; copy of the keys that may be read out, or NULL; see export.h
 * @seq_start: const; what the outbound sequence numbers began behind
 * @id_node: in gmg_net.by_id
 * @expiry_node: net; in gmg_net.expiry
 * @ep_node: net; in gmg_endpoint.sets
 * @dead_node: in gmg_net.dead, once removed
 */
struct gmg_set {
	struct gmg_pair pair[GMG_PAIRS];
	struct in6_addr ue;
	struct gmg_endpoint *ep;
	struct gmg_keys keys;
	u32 id;
	u32 state;
	unsigned long flags;
	ktime_t expires;
	u64 born;

	/* Packets in write it; above is what packets out read as well. */
	ktime_t verified ____cacheline_aligned_in_smp;
	atomic_t drops[GMG_SET_DROPS];
	u32 seq_start;
	u64 cookie;
	struct gmg_export *exported;
	struct rhash_head id_node;
	struct rb_node expiry_node;
	struct list_head ep_node;
	struct llist_node dead_node;
};

/*
 * A UE costs this and, for seven entries in tables, 20 pointers at most: all of
 * it shall stay below 1 KiB.  Lock debugging may take more.
 */
#ifndef CONFIG_DEBUG_SPINLOCK
static_assert(sizeof(struct gmg_set) <= 768);
#endif

/**
 * struct gmg_set_params - what set-new says
 *
 * Ports and SPIs in network byte order.  @instance 0: none was named.  The
 * keys are borrowed for the call.
 */
struct gmg_set_params {
	u32 endpoint;
	u32 instance;
	u64 cookie;
	u32 state;
	u64 expires_ms;
	struct in6_addr ue;
	__be16 port_uc, port_us, port_pc;
	__be32 spi_uc, spi_us, spi_pc, spi_ps;
	u32 seq_out;
	const struct gmg_suite *suite;
	const u8 *ik, *ck, *salt;
};

int gmg_set_cache_init(void);
void gmg_set_cache_exit(void);

int gmg_set_add(struct gmg_net *gn, const struct gmg_set_params *p, u32 *id,
		struct netlink_ext_ack *extack);
void gmg_set_remove(struct gmg_net *gn, struct gmg_set *set);
void gmg_set_reap(struct work_struct *work);

bool gmg_set_expired(const struct gmg_set *set);
void gmg_set_verified(struct gmg_net *gn, struct gmg_pair *pair);

#endif /* _GMG_SET_H */
