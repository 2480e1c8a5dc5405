/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: an IP address of either family in one form.
 *
 * IPv4 is kept as the mapped IPv6 address ::ffff:a.b.c.d, so that tables have
 * one key.  A mapped address never comes from an IPv6 packet: both
 * gmg_addr_from_bytes() and the endpoint refuse it there.
 */
#ifndef _GMG_ADDR_H
#define _GMG_ADDR_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ipv6.h>

static inline struct in6_addr gmg_addr_v4(__be32 addr)
{
	struct in6_addr a;

	ipv6_addr_set_v4mapped(addr, &a);
	return a;
}

static inline bool gmg_addr_is_v4(const struct in6_addr *a)
{
	return ipv6_addr_v4mapped(a);
}

/* octets on the wire and in netlink: 4 or 16 */
static inline unsigned int gmg_addr_len(const struct in6_addr *a)
{
	return gmg_addr_is_v4(a) ? sizeof(__be32) : sizeof(*a);
}

static inline const void *gmg_addr_bytes(const struct in6_addr *a)
{
	return gmg_addr_is_v4(a) ? &a->s6_addr32[3] : &a->s6_addr32[0];
}

/* Return: false unless @len octets are a unicast address. */
static inline bool gmg_addr_from_bytes(struct in6_addr *a, const void *bytes,
				       unsigned int len)
{
	if (len == sizeof(__be32)) {
		__be32 v4;

		memcpy(&v4, bytes, sizeof(v4));
		*a = gmg_addr_v4(v4);
		return v4 && !ipv4_is_multicast(v4) && !ipv4_is_lbcast(v4);
	}
	if (len != sizeof(*a))
		return false;
	memcpy(a, bytes, sizeof(*a));
	return !ipv6_addr_any(a) && !ipv6_addr_is_multicast(a) &&
	       !ipv6_addr_v4mapped(a);
}

#endif /* _GMG_ADDR_H */
