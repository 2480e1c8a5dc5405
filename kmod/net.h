/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: what a network namespace has.
 *
 * Locking:
 *   @lock		mutex, process context; every change to endpoints,
 *			sets and tables is made under it.  Taken outside rtnl.
 *   @current_lock	spinlock, softirq-safe; pair.current_one of sets that
 *			share a flow.  Inside nothing, holds nothing.
 *   pair.lock		spinlock, softirq-safe; see set.h.  Never together with
 *			@current_lock.
 *   RCU		packets read endpoints, ports, local and the tables
 *			under rcu_read_lock() alone.
 *
 * The hooks are registered while there is an endpoint, and unregistered, with
 * the waiting that takes, when the last one goes.
 */
#ifndef _GMG_NET_H
#define _GMG_NET_H

#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/rbtree.h>
#include <linux/rhashtable-types.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "stats.h"

#define GMG_LOCAL_BITS	6	/* buckets of protected (address, port) pairs */

/**
 * struct gmg_net - gmgate in one network namespace
 * @net: the namespace; this lives inside it
 * @lock: see above
 * @endpoints: RCU list of struct gmg_endpoint
 * @local: RCU hash of struct gmg_local, every protected address and port
 * @ports: bit per port number that some endpoint protects: the cheap question
 *	asked of every packet; NULL before the first endpoint
 * @hooked: the hooks are registered
 * @defragging: this namespace has IPv6 fragments put together for us
 * @by_spi: pairs by inbound SPI, local address and scope
 * @by_flow: pairs by endpoint, UE address and ports, several per key
 * @by_peer: pairs by UE address and outbound SPI, for ICMP errors; several per
 *	key, since a UE chooses its SPIs
 * @by_id: sets by id
 * @current_lock: see above
 * @expiry: sets by end of life, soonest first; under @lock
 * @expiry_work: runs when the soonest is due
 * @dead: sets removed, waiting to be freed
 * @reaper: frees them after a grace period
 * @stats: counters
 * @tap: the capture-only device, or NULL
 * @export_node: in the list of namespaces that export.c has
 * @icv_limit: of the icv-fail event
 * @spi_limit: of the unknown-spi event
 */
struct gmg_net {
	struct net *net;
	struct mutex lock;
	struct list_head endpoints;
	struct hlist_head local[1 << GMG_LOCAL_BITS];
	unsigned long *ports;
	bool hooked;
	bool defragging;

	struct rhashtable by_spi;
	struct rhltable by_flow;
	struct rhltable by_peer;
	struct rhashtable by_id;
	spinlock_t current_lock;

	struct rb_root_cached expiry;
	struct delayed_work expiry_work;
	struct llist_head dead;
	struct work_struct reaper;

	struct gmg_stats __percpu *stats;
	struct net_device __rcu *tap;
	struct list_head export_node;
	struct ratelimit_state icv_limit;
	struct ratelimit_state spi_limit;
};

extern unsigned int gmg_net_id;
extern struct workqueue_struct *gmg_wq;

static inline struct gmg_net *gmg_net(const struct net *net)
{
	return net_generic(net, gmg_net_id);
}

#endif /* _GMG_NET_H */
