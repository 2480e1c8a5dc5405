/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: protected endpoints: an address of the P-CSCF and its protected
 * ports, port_ps and several port_pc (TS 33.203 7.1).
 *
 * From its declaration until its withdrawal, whether an agent lives or not,
 * nothing reaches or leaves these ports but through an SA.
 *
 * Scope: an endpoint is for every device, for a VRF or for one device, see
 * scope.h.  A packet belongs to one endpoint: two that a packet could fit,
 * with the same address and a port in common, are refused (EEXIST): one for
 * every device beside any other, the same device twice, a VRF beside one of
 * its slaves.  Where a device joins a VRF later and two fit after all, its own
 * endpoint has the packet.  SPIs are told apart by address and scope likewise.
 *
 * A device that goes takes nothing with it: its endpoint stays, closed, since
 * no packet has that device, and its domain's other devices are refused.  One
 * that comes back with the same index is the same again, as it is to sockets
 * that are bound to it.  A device that changes its VRF leaves the rest of its
 * old domain closed, not that of the new one: declare the endpoint anew.
 *
 * Lifetime: made and withdrawn under gmg_net.lock, read under RCU, freed after
 * a grace period.  Its sets are removed before it, so a reader that found a
 * set may use the set's endpoint until its RCU section ends.  Each endpoint
 * holds a reference on the module.
 */
#ifndef _GMG_ENDPOINT_H
#define _GMG_ENDPOINT_H

#include <linux/uidgid.h>
#include <linux/rcupdate.h>

#include <linux/gmgate.h>

#include "addr.h"
#include "scope.h"

struct gmg_endpoint;
struct gmg_net;
struct netlink_ext_ack;

/**
 * struct gmg_local - a protected address and port
 * @node: in gmg_net.local
 * @ep: what it is part of
 * @port: port_ps or one of port_pc
 */
struct gmg_local {
	struct hlist_node node;
	struct gmg_endpoint *ep;
	__be16 port;
};

/**
 * struct gmg_endpoint - see the top of this file
 * @list: in gmg_net.endpoints
 * @rcu: for freeing
 * @id: chosen here, never used twice
 * @instance: agent that owns it
 * @uid: user whose sockets may use the ports
 * @addr: address
 * @scope: devices it is for; the VRF is that of the declaration
 * @spi_min: lowest SPI of inbound SAs
 * @spi_max: highest SPI of inbound SAs
 * @mark_mask: bits of the packet mark that carry the set id
 * @mark_shift: position of the lowest of them
 * @flags: GMGATE_ENDPOINT_FLAGS_*, but for key-export
 * @key_export: that one; under gmg_net.lock, see export.h
 * @max_sets: sets it may hold
 * @max_temporary: temporary sets among them
 * @nr_sets: sets it holds, under gmg_net.lock
 * @nr_temporary: temporary sets among them, under gmg_net.lock
 * @stock_inside: stock XFRM may have a state at @addr with an SPI of the range;
 *	see stock.c; READ_ONCE()/WRITE_ONCE()
 * @sets: its sets, under gmg_net.lock
 * @nr_ports: used entries of @ports
 * @ports: port_ps first
 *
 * All but what names a lock is constant once the endpoint is declared.
 */
struct gmg_endpoint {
	struct list_head list;
	struct rcu_head rcu;
	u32 id;
	u32 instance;
	kuid_t uid;
	struct in6_addr addr;
	struct gmg_scope scope;
	u32 spi_min;
	u32 spi_max;
	u32 mark_mask;
	u8 mark_shift;
	u32 flags;
	bool key_export;
	u32 max_sets;
	u32 max_temporary;
	u32 nr_sets;
	u32 nr_temporary;
	bool stock_inside;
	struct list_head sets;
	unsigned int nr_ports;
	struct gmg_local ports[1 + GMGATE_MAX_PORT_C];
};

#define GMG_MAX_ENDPOINTS	256	/* of a namespace */
/* of a namespace, and of an endpoint that names no other quota */
#define GMG_MAX_SETS		1048576
#define GMG_MAX_TEMPORARY	16384

int gmg_endpoint_add(struct gmg_net *gn, struct gmg_endpoint *ep,
		     struct gmg_endpoint *old, struct netlink_ext_ack *extack);
void gmg_endpoint_del(struct gmg_net *gn, struct gmg_endpoint *ep);
struct gmg_endpoint *gmg_endpoint_by_id(struct gmg_net *gn, u32 id);

struct gmg_endpoint *gmg_endpoint_local(struct gmg_net *gn,
					const struct in6_addr *addr,
					__be16 port,
					const struct gmg_scope *where);
struct gmg_endpoint *gmg_endpoint_addr(struct gmg_net *gn,
				       const struct in6_addr *addr, u32 spi,
				       const struct gmg_scope *where);
bool gmg_endpoint_has_port_c(const struct gmg_endpoint *ep, __be16 port);

/* may packets of this place use the endpoint, or are they refused? */
static inline bool gmg_endpoint_open(const struct gmg_endpoint *ep,
				     const struct gmg_scope *where)
{
	return gmg_scope_fit(&ep->scope, where) > GMG_FIT_CLOSED;
}

/* the port_ps */
static inline __be16 gmg_endpoint_port_s(const struct gmg_endpoint *ep)
{
	return ep->ports[0].port;
}

/* the set id in a packet mark */
static inline u32 gmg_mark_get(const struct gmg_endpoint *ep, u32 mark)
{
	return (mark & ep->mark_mask) >> ep->mark_shift;
}

/* a packet mark with the set id in it, other bits untouched */
static inline u32 gmg_mark_put(const struct gmg_endpoint *ep, u32 mark, u32 id)
{
	return (mark & ~ep->mark_mask) | id << ep->mark_shift;
}

#endif /* _GMG_ENDPOINT_H */
