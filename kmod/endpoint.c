// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: protected endpoints. */
#include "endpoint.h"

#include <linux/hash.h>
#include <linux/module.h>
#include <linux/netlink.h>

#include "gate.h"
#include "net.h"
#include "set.h"
#include "tap.h"

static atomic_t last_id = ATOMIC_INIT(0);

/* Addresses and ports here are the operator's: no need for a seed. */
static struct hlist_head *bucket(struct gmg_net *gn,
				 const struct in6_addr *addr, __be16 port)
{
	u32 key = (__force u32)addr->s6_addr32[3] ^ (__force u32)port;

	return &gn->local[hash_32(key, GMG_LOCAL_BITS)];
}

/**
 * gmg_endpoint_local - the endpoint that protects an address and port
 * @gn: namespace
 * @addr: local address of a packet
 * @port: local port of a packet
 * @where: where the packet is
 *
 * Context: RCU.
 * Return: the endpoint that fits best; it may be one that refuses packets of
 * this device, see gmg_endpoint_open(); or NULL.
 */
struct gmg_endpoint *gmg_endpoint_local(struct gmg_net *gn,
					const struct in6_addr *addr,
					__be16 port,
					const struct gmg_scope *where)
{
	enum gmg_fit best = GMG_FIT_NONE, fit;
	struct gmg_endpoint *ep = NULL;
	struct gmg_local *l;

	hlist_for_each_entry_rcu(l, bucket(gn, addr, port), node) {
		if (l->port != port || !ipv6_addr_equal(&l->ep->addr, addr))
			continue;
		fit = gmg_scope_fit(&l->ep->scope, where);
		if (fit <= best)
			continue;
		best = fit;
		ep = l->ep;
	}
	return ep;
}

/**
 * gmg_endpoint_addr - an endpoint at an address, whatever the port
 * @gn: namespace
 * @addr: local address of a packet
 * @spi: one of its range, or 0 where that does not matter
 * @where: where the packet is
 *
 * Linear in the number of endpoints; for packets whose ports cannot be read
 * and for ESP that no set has.
 *
 * Context: RCU.  Return: an endpoint or NULL.
 */
struct gmg_endpoint *gmg_endpoint_addr(struct gmg_net *gn,
				       const struct in6_addr *addr, u32 spi,
				       const struct gmg_scope *where)
{
	struct gmg_endpoint *ep;

	list_for_each_entry_rcu(ep, &gn->endpoints, list) {
		if (spi && (spi < ep->spi_min || spi > ep->spi_max))
			continue;
		if (ipv6_addr_equal(&ep->addr, addr) &&
		    gmg_scope_fit(&ep->scope, where))
			return ep;
	}
	return NULL;
}

/**
 * gmg_endpoint_by_id - an endpoint by its id
 * @gn: namespace
 * @id: endpoint id
 *
 * Context: gmg_net.lock.  Return: the endpoint or NULL.
 */
struct gmg_endpoint *gmg_endpoint_by_id(struct gmg_net *gn, u32 id)
{
	struct gmg_endpoint *ep;

	list_for_each_entry_rcu(ep, &gn->endpoints, list,
				lockdep_is_held(&gn->lock))
		if (ep->id == id)
			return ep;
	return NULL;
}

/**
 * gmg_endpoint_has_port_c - is this one of the endpoint's client ports?
 * @ep: endpoint
 * @port: port
 */
bool gmg_endpoint_has_port_c(const struct gmg_endpoint *ep, __be16 port)
{
	unsigned int i;

	for (i = 1; i < ep->nr_ports; i++)
		if (ep->ports[i].port == port)
			return true;
	return false;
}

static bool port_in_use(struct gmg_net *gn, __be16 port)
{
	struct gmg_endpoint *ep;
	unsigned int i;

	list_for_each_entry(ep, &gn->endpoints, list)
		for (i = 0; i < ep->nr_ports; i++)
			if (ep->ports[i].port == port)
				return true;
	return false;
}

/* Packets whose ports cannot be read are compared with each endpoint. */
static bool too_many(const struct gmg_net *gn)
{
	const struct gmg_endpoint *ep;
	unsigned int n = 0;

	list_for_each_entry(ep, &gn->endpoints, list)
		n++;
	return n >= GMG_MAX_ENDPOINTS;
}

/* The first endpoint of a namespace brings the hooks and the tap. */
static int open_gate(struct gmg_net *gn, const struct gmg_endpoint *ep,
		     struct netlink_ext_ack *extack)
{
	int err;

	if (!gn->ports) {
		gn->ports = bitmap_zalloc(65536, GFP_KERNEL);
		if (!gn->ports)
			return -ENOMEM;
	}
	if (!gmg_addr_is_v4(&ep->addr)) {
		err = gmg_gate_defrag(gn);
		if (err) {
			NL_SET_ERR_MSG(extack,
				       "cannot have IPv6 fragments reassembled");
			return err;
		}
	}
	if (gn->hooked)
		return 0;
	err = gmg_gate_hook(gn);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot register netfilter hooks");
		return err;
	}
	err = gmg_tap_open(gn);
	if (err) {
		NL_SET_ERR_MSG(extack, "cannot make the capture device");
		gmg_gate_unhook(gn);
	}
	return err;
}

/* Without an endpoint nothing of us is left in the namespace's way. */
static void close_gate(struct gmg_net *gn)
{
	if (!list_empty(&gn->endpoints))
		return;
	if (gn->hooked) {
		gmg_gate_unhook(gn);
		gmg_tap_close(gn);
	}
	gmg_gate_undefrag(gn);
}

/* Does another endpoint have one of the ports, for a packet that fits both? */
static bool is_taken(struct gmg_net *gn, const struct gmg_endpoint *ep,
		     const struct gmg_endpoint *but)
{
	const struct gmg_local *l;
	unsigned int i;

	for (i = 0; i < ep->nr_ports; i++) {
		__be16 port = ep->ports[i].port;

		hlist_for_each_entry(l, bucket(gn, &ep->addr, port), node)
			if (l->ep != but && l->port == port &&
			    ipv6_addr_equal(&l->ep->addr, &ep->addr) &&
			    gmg_scope_overlap(&l->ep->scope, &ep->scope))
				return true;
	}
	return false;
}

/* Completes the scope. */
static int find_device(struct gmg_net *gn, struct gmg_endpoint *ep)
{
	const struct net_device *dev;

	if (!ep->scope.ifindex)
		return 0;
	rcu_read_lock();
	dev = dev_get_by_index_rcu(gn->net, ep->scope.ifindex);
	if (dev)
		ep->scope = gmg_scope_of(dev);
	rcu_read_unlock();
	return dev ? 0 : -ENODEV;
}

/**
 * gmg_endpoint_add - declare an endpoint
 * @gn: namespace
 * @ep: made by the caller with kzalloc(), all but id, lists and counts filled
 *	in, of the scope the ifindex; owned by the namespace on success, the
 *	caller's on error
 * @old: the endpoint whose place it takes, or NULL; withdrawn on success.
 *	What both protect is protected all the time
 * @extack: gets the reason of a refusal
 *
 * Context: process, gmg_net.lock.  Return: 0 or a negative errno.
 */
int gmg_endpoint_add(struct gmg_net *gn, struct gmg_endpoint *ep,
		     struct gmg_endpoint *old, struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	lockdep_assert_held(&gn->lock);
	err = find_device(gn, ep);
	if (err) {
		NL_SET_ERR_MSG(extack, "no device has this ifindex");
		return err;
	}
	if (is_taken(gn, ep, old)) {
		NL_SET_ERR_MSG(extack, "address and port are protected already");
		return -EEXIST;
	}
	if (too_many(gn)) {
		NL_SET_ERR_MSG(extack, "the namespace has as many endpoints as it may");
		return -ENOSPC;
	}
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	err = open_gate(gn, ep, extack);
	if (err) {
		close_gate(gn);
		module_put(THIS_MODULE);
		return err;
	}

	ep->id = atomic_inc_return(&last_id);
	INIT_LIST_HEAD(&ep->sets);
	ep->stock_inside = true;
	for (i = 0; i < ep->nr_ports; i++) {
		struct gmg_local *l = &ep->ports[i];

		l->ep = ep;
		hlist_add_head_rcu(&l->node, bucket(gn, &ep->addr, l->port));
		set_bit(ntohs(l->port), gn->ports);
	}
	list_add_tail_rcu(&ep->list, &gn->endpoints);
	if (old) {
		/*
		 * Who was among the ports of a bucket before has gone past the
		 * new one and must yet meet the old one.
		 */
		synchronize_net();
		gmg_endpoint_del(gn, old);
	}
	return 0;
}

/**
 * gmg_endpoint_del - withdraw an endpoint and remove its sets
 * @gn: namespace
 * @ep: endpoint of @gn
 *
 * Context: process, gmg_net.lock, may sleep.
 */
void gmg_endpoint_del(struct gmg_net *gn, struct gmg_endpoint *ep)
{
	struct gmg_set *set, *next;
	unsigned int i;

	lockdep_assert_held(&gn->lock);
	list_for_each_entry_safe(set, next, &ep->sets, ep_node) {
		gmg_set_remove(gn, set);
		cond_resched();	/* there may be a million */
	}

	list_del_rcu(&ep->list);
	for (i = 0; i < ep->nr_ports; i++) {
		__be16 port = ep->ports[i].port;

		hlist_del_rcu(&ep->ports[i].node);
		if (!port_in_use(gn, port))
			clear_bit(ntohs(port), gn->ports);
	}
	kfree_rcu(ep, rcu);
	close_gate(gn);
	if (gn->hooked)
		gmg_gate_drop_queued(gn);
	module_put(THIS_MODULE);
}
