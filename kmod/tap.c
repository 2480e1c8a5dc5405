// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the tap.
 *
 * A device without hardware and without addresses.  Packets are given to the
 * sockets that capture on it and nowhere else; while there is none, all it
 * costs is the question.  What came in ESP is received on it, what leaves in
 * ESP is sent, so that "tcpdump -Q" and Wireshark tell them apart.
 */
#include "tap.h"

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "compat.h"
#include "net.h"

/* Nothing may be sent into the tap. */
static netdev_tx_t tap_xmit(struct sk_buff *skb, struct net_device *dev)
{
	DEV_STATS_INC(dev, tx_dropped);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops tap_ops = {
	.ndo_start_xmit = tap_xmit,
};

/*
 * What was received on the tap ends here, after those who capture have seen it:
 * it goes to no protocol.
 */
static rx_handler_result_t tap_rx(struct sk_buff **pskb)
{
	consume_skb(*pskb);
	return RX_HANDLER_CONSUMED;
}

/*
 * An MTU of 0 keeps IPv4 and IPv6 from configuring the device: no router
 * solicitations or group reports in the capture.
 */
static void tap_setup(struct net_device *dev)
{
	dev->netdev_ops = &tap_ops;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP | IFF_POINTOPOINT;
	dev->mtu = 0;
	dev->min_mtu = 0;
	dev->max_mtu = 0;
	dev->needs_free_netdev = true;
	dev->priv_flags |= IFF_NO_QUEUE;
	gmg_compat_netns_immutable(dev);
}

/**
 * gmg_tap_open - make the device gmtap0 of a namespace and bring it up
 * @gn: namespace
 *
 * Context: process, gmg_net.lock; takes rtnl.  Return: 0 or a negative errno.
 */
int gmg_tap_open(struct gmg_net *gn)
{
	struct net_device *dev;
	int err;

	dev = alloc_netdev(0, "gmtap%d", NET_NAME_ENUM, tap_setup);
	if (!dev)
		return -ENOMEM;
	dev_net_set(dev, gn->net);
	rtnl_lock();
	err = register_netdevice(dev);
	if (err) {
		rtnl_unlock();
		free_netdev(dev);
		return err;
	}
	/* For as long as the device lives: nothing may get past it. */
	err = netdev_rx_handler_register(dev, tap_rx, NULL) ?:
	      dev_open(dev, NULL);
	if (err)
		unregister_netdevice(dev);
	else
		rcu_assign_pointer(gn->tap, dev);
	rtnl_unlock();
	return err;
}

/**
 * gmg_tap_close - undo gmg_tap_open()
 * @gn: namespace
 *
 * Context: process, gmg_net.lock; takes rtnl.
 */
void gmg_tap_close(struct gmg_net *gn)
{
	struct net_device *dev;

	dev = rcu_dereference_protected(gn->tap, lockdep_is_held(&gn->lock));
	if (!dev)
		return;
	RCU_INIT_POINTER(gn->tap, NULL);
	unregister_netdev(dev);	/* waits for readers of gn->tap */
}

static struct net_device *listening(struct gmg_net *gn)
{
	struct net_device *dev = rcu_dereference(gn->tap);

	return dev && gmg_compat_nit_active(dev) ? dev : NULL;
}

/* A copy for the tap, data at the IP header, and nothing else of ours on it. */
static struct sk_buff *copy_for(struct net_device *dev,
				const struct sk_buff *skb)
{
	/* The receiver of the packet may write, and a clone would forbid it. */
	struct sk_buff *copy = skb_copy(skb, GFP_ATOMIC);

	if (!copy)
		return NULL;
	__skb_push(copy, -skb_network_offset(copy));
	skb_scrub_packet(copy, false);
	skb_reset_mac_header(copy);
	copy->mac_len = 0;
	copy->dev = dev;
	copy->protocol = ip_hdr(copy)->version == 4 ? htons(ETH_P_IP) :
						      htons(ETH_P_IPV6);
	return copy;
}

/**
 * gmg_tap_in - show a packet that came in ESP
 * @gn: namespace
 * @skb: decrypted and stripped, data at the payload; not changed
 *
 * Context: softirq, RCU.
 */
void gmg_tap_in(struct gmg_net *gn, struct sk_buff *skb)
{
	struct net_device *dev = listening(gn);
	struct sk_buff *copy;

	if (!dev)
		return;
	copy = copy_for(dev, skb);
	if (copy)
		netif_receive_skb(copy);
}

/**
 * gmg_tap_out - show a packet that is about to leave in ESP
 * @gn: namespace
 * @skb: data at the IP header, checksums complete; not changed
 *
 * Context: process or softirq, RCU.
 */
void gmg_tap_out(struct gmg_net *gn, struct sk_buff *skb)
{
	struct net_device *dev = listening(gn);
	struct sk_buff *copy;

	if (!dev)
		return;
	copy = copy_for(dev, skb);
	if (!copy)
		return;
	/* Packet sockets take locks that they also take in softirq. */
	local_bh_disable();
	dev_queue_xmit_nit(copy, dev);
	local_bh_enable();
	consume_skb(copy);
}
