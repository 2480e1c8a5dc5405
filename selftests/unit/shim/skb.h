/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kmod/parse.c wants of the kernel, for the host: a buffer in pieces, so that
 * a read across the edge of one takes the copying way, and the few header names
 * that are the kernel's own.  The walk over headers is parse.c's.
 */
#ifndef _SHIM_SKB_H
#define _SHIM_SKB_H

#include <asm/byteorder.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "kshim.h"


/* Linear up to @head, the rest behind it; len octets in all. */
struct sk_buff {
	const u8 *data;
	unsigned int len, head;
};

static inline void *skb_header_pointer(const struct sk_buff *skb, int off, int len, void *buf)
{
	if (off < 0 || (unsigned int)off > skb->len || skb->len - off < (unsigned int)len)
		return NULL;
	if ((unsigned int)(off + len) <= skb->head)
		return (void *)(skb->data + off);
	return memcpy(buf, skb->data + off, len);
}

#define NFPROTO_IPV4	2
#define NFPROTO_IPV6	10

#define NEXTHDR_HOP		0
#define NEXTHDR_ROUTING		43
#define NEXTHDR_FRAGMENT	44
#define NEXTHDR_AUTH		51
#define NEXTHDR_NONE		59
#define NEXTHDR_DEST		60
#define IP_OFFSET		0x1fff
#define IP_MF			0x2000
#define IP6_OFFSET		0xfff8
#define IP6_MF			0x0001
#define IPOPT_END		0
#define IPOPT_NOOP		1
#define IPOPT_LSRR		131
#define IPOPT_SSRR		137

struct frag_hdr {
	u8 nexthdr, reserved;
	__be16 frag_off;
	__be32 identification;
};

#define ipv6_optlen(p)	(((p)->hdrlen + 1) << 3)
#define ipv6_authlen(p)	(((p)->hdrlen + 2) << 2)

/* net/ipv6/exthdrs_core.c, ipv6_ext_hdr() */
static inline bool ipv6_ext_hdr(u8 nexthdr)
{
	return nexthdr == NEXTHDR_HOP || nexthdr == NEXTHDR_ROUTING ||
	       nexthdr == NEXTHDR_FRAGMENT || nexthdr == NEXTHDR_AUTH ||
	       nexthdr == NEXTHDR_NONE || nexthdr == NEXTHDR_DEST;
}

static inline void ipv6_addr_set_v4mapped(__be32 addr, struct in6_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->s6_addr[10] = a->s6_addr[11] = 0xff;
	memcpy(a->s6_addr + 12, &addr, 4);
}

static inline bool ipv6_addr_v4mapped(const struct in6_addr *a)
{
	return IN6_IS_ADDR_V4MAPPED(a);
}

static inline bool ipv6_addr_any(const struct in6_addr *a)
{
	return IN6_IS_ADDR_UNSPECIFIED(a);
}

static inline bool ipv6_addr_is_multicast(const struct in6_addr *a)
{
	return IN6_IS_ADDR_MULTICAST(a);
}

static inline bool ipv4_is_multicast(__be32 a)
{
	return (a & __cpu_to_be32(0xf0000000)) == __cpu_to_be32(0xe0000000);
}

static inline bool ipv4_is_lbcast(__be32 a)
{
	return a == 0xffffffff;
}

#endif
