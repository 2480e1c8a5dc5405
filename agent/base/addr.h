/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ADDR_H
#define _ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * An IP address and a port, without padding or a zone, so that it can be
 * compared and hashed as octets.  Octets past the address are 0.
 */
struct addr {
	uint8_t ip[16];		/* network order, the first addr_ip_len() count */
	uint16_t family;	/* AF_INET or AF_INET6, 0: none */
	uint16_t port;		/* host order */
};

/* "[2001:db8::1]:5060" and its terminating 0 */
#define ADDR_TEXT 56

/* @text: a literal address without brackets or port. False: it is none. */
bool addr_parse(struct addr *a, const char *text, uint16_t port);

/* A v4-mapped v6 address becomes the v4 address it maps. */
bool addr_from_sockaddr(struct addr *a, const struct sockaddr *sa);
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);

static inline unsigned int addr_ip_len(const struct addr *a)
{
	return a->family == AF_INET6 ? 16 : 4;
}

/*
 * Who a sender without SA set is to quotas: an IPv4 address, or the /64 that an
 * IPv6 host has to itself and may choose addresses in. Without port.
 */
struct addr addr_source(const struct addr *a);

bool addr_same_ip(const struct addr *a, const struct addr *b);
bool addr_same(const struct addr *a, const struct addr *b);

/* A network; an address alone is one of its full length. */
struct addr_prefix {
	struct addr addr;	/* port 0 */
	unsigned int length;
};

/* "192.0.2.0/24", "2001:db8::/32" or an address. False: neither. */
bool addr_prefix_parse(struct addr_prefix *p, const char *text);
bool addr_prefix_has(const struct addr_prefix *p, const struct addr *a);

/* With port and brackets; into one of four static buffers. */
const char *addr_text(const struct addr *a);

/* The address alone, with brackets where SIP wants them; as addr_text(). */
const char *addr_host(const struct addr *a);

#endif
