/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: differences between kernels, here and nowhere else.
 *
 * The code is written for the newest kernel; this file gives older ones the
 * new names.
 */
#ifndef _GMG_COMPAT_H
#define _GMG_COMPAT_H

#include <linux/types.h>
#include <linux/version.h>
#include <crypto/internal/simd.h>
#include <linux/netdevice.h>
#include <net/genetlink.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/tcp.h>
#include <net/udp.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "gmgate needs Linux 6.1 or newer"
#endif

#ifndef CONFIG_64BIT
#error "gmgate needs a 64-bit kernel: its counters are plain 64-bit words"
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/hex.h>
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* What crypto_simd_usable() needs, and which needs types itself. */
#include <asm/simd.h>

/* attributes of the request behind a dump */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
static inline struct nlattr **gmg_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_dumpit_info(cb)->attrs;
}
#else
static inline struct nlattr **gmg_compat_dump_attrs(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs;
}
#endif

/* a device that must not leave its namespace */
static inline void gmg_compat_netns_immutable(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	dev->features |= NETIF_F_NETNS_LOCAL;
#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 114) ||	\
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0) &&	\
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0))
	dev->netns_local = true;
#else
	dev->netns_immutable = true;
#endif
}

/* is anybody capturing on this device? */
static inline bool gmg_compat_nit_active(struct net_device *dev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
	return dev_nit_active(dev);
#else
	return dev_nit_active_rcu(dev);
#endif
}

/*
 * Sockets are looked up in the namespace's table; older kernels want to be told
 * which that is.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
static inline struct udp_table *gmg_compat_udp_table(const struct net *net)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	return &udp_table;
#else
	return net->ipv4.udp_table;
#endif
}

#define __udp4_lib_lookup(net, saddr, sport, daddr, dport, dif, sdif, skb)	\
	__udp4_lib_lookup(net, saddr, sport, daddr, dport, dif, sdif,		\
			  gmg_compat_udp_table(net), skb)
#define __udp6_lib_lookup(net, saddr, sport, daddr, dport, dif, sdif, skb)	\
	__udp6_lib_lookup(net, saddr, sport, daddr, dport, dif, sdif,		\
			  gmg_compat_udp_table(net), skb)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define __inet_lookup(net, ...)	\
	__inet_lookup(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#define __inet6_lookup(net, ...)	\
	__inet6_lookup(net, (net)->ipv4.tcp_death_row.hashinfo, __VA_ARGS__)
#endif

#endif /* _GMG_COMPAT_H */
