/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: devices and VRFs: where a packet is, and where an endpoint counts.
 *
 * Sockets are looked up per routing domain: a VRF is one, and all devices
 * outside of VRFs together are another.  Two domains may have the same address
 * and the same ports without a relation between them.  So an endpoint is for
 * one of
 *
 *	every device	no ifindex: whatever has its address
 *	a VRF		ifindex of the VRF: its slaves and the VRF itself
 *	a device	the device alone; but the sockets behind the address are
 *			those of its whole domain, so what uses address and
 *			port by another device of the domain is refused as well
 *
 * How a packet fits, best first: its device, its VRF, every device.
 *
 * A packet's device is the one it came in by or leaves by.  A VRF shows
 * itself as the device of what its slaves receive, and the slave beside it
 * (inet_sdif()).
 */
#ifndef _GMG_SCOPE_H
#define _GMG_SCOPE_H

#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/ip.h>
#include <net/l3mdev.h>

/**
 * struct gmg_scope - where a packet is, or an endpoint counts
 * @ifindex: the device; of an endpoint also 0: every device
 * @vrf: the VRF it is part of, or is; 0: none
 */
struct gmg_scope {
	int ifindex;
	int vrf;
};

enum gmg_fit {
	GMG_FIT_NONE,		/* another routing domain */
	GMG_FIT_CLOSED,		/* same domain, other device: nothing passes */
	GMG_FIT_ANY,
	GMG_FIT_VRF,
	GMG_FIT_DEVICE,
};

static inline enum gmg_fit gmg_scope_fit(const struct gmg_scope *ep,
					 const struct gmg_scope *packet)
{
	if (!ep->ifindex)
		return GMG_FIT_ANY;
	if (ep->ifindex == packet->ifindex)
		return GMG_FIT_DEVICE;
	if (ep->ifindex == packet->vrf)
		return GMG_FIT_VRF;
	return ep->vrf == packet->vrf ? GMG_FIT_CLOSED : GMG_FIT_NONE;
}

/* Could a packet fit both of these endpoints? */
static inline bool gmg_scope_overlap(const struct gmg_scope *a,
				     const struct gmg_scope *b)
{
	return !a->ifindex || !b->ifindex || a->ifindex == b->ifindex ||
	       a->ifindex == b->vrf || b->ifindex == a->vrf;
}

/* Context: RCU or rtnl. */
static inline struct gmg_scope gmg_scope_of(const struct net_device *dev)
{
	struct gmg_scope s = { .ifindex = dev->ifindex };

	if (netif_is_l3_master(dev))
		s.vrf = dev->ifindex;
	else if (unlikely(netif_is_l3_slave(dev)))
		s.vrf = l3mdev_master_ifindex_rcu(dev);
	return s;
}

/* of a packet that is received; Context: RCU, before TCP has its cb */
static inline struct gmg_scope gmg_scope_in(const struct sk_buff *skb, bool v6)
{
	struct gmg_scope s = gmg_scope_of(skb->dev);
	int slave;

	if (unlikely(s.vrf == s.ifindex)) {
		slave = v6 ? inet6_sdif(skb) : inet_sdif(skb);
		if (slave)
			s.ifindex = slave;
	}
	return s;
}

#endif /* _GMG_SCOPE_H */
