/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FAKE_DNS_H
#define _FAKE_DNS_H

#include "addr.h"
#include "dns.h"

/*
 * A DNS server on a loopback port, served by the agent's own loop. What it was
 * not told does not exist (NXDOMAIN, with a SOA).
 */
struct fake_dns {
	struct addr addr;
	unsigned int queries;
	bool silent, refusing;		/* no answer; SERVFAIL */
	uint32_t minimum;		/* of the SOA */
};

extern struct fake_dns fake_dns;

/* After loop_init(). */
void fake_dns_open(void);
void fake_dns_close(void);

void fake_dns_address(const char *name, const char *address, uint32_t ttl);
void fake_dns_srv(const char *name, unsigned int priority, unsigned int weight,
		  unsigned int port, const char *target);
void fake_dns_naptr(const char *name, unsigned int order, unsigned int preference,
		    const char *flags, const char *service, const char *replacement);
void fake_dns_forget(void);

#endif
