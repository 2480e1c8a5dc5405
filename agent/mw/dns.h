/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _DNS_H
#define _DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

/*
 * What the DNS says, from a cache or, a little later, from its servers.
 * Nothing here waits.
 */
#define DNS_NAME 256		/* with its terminating 0 */
#define DNS_RECORDS 16		/* of one answer that are looked at */

enum dns_type {			/* RFC 1035 3.2.2, 3596, 2782, 3403 */
	DNS_A = 1,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_NAPTR = 35,
};

struct dns_srv {
	uint16_t priority, weight, port;
	char target[DNS_NAME];
};

struct dns_naptr {
	uint16_t order, preference;
	char flags[4];		/* longer ones are of no use here */
	char service[32];
	char replacement[DNS_NAME];
};

struct dns_answer {
	enum dns_result {
		DNS_FOUND,
		DNS_NOTHING,	/* the DNS says that there is nothing */
		DNS_FAILED,	/* no server answered, or our queue is full */
	} result;
	unsigned int n;
	union {
		const struct addr *addr;	/* port 0 */
		const struct dns_srv *srv;
		const struct dns_naptr *naptr;
	};
};

struct dns_config {
	const struct addr *servers;	/* none: those of /etc/resolv.conf */
	unsigned int n_servers;
	const char *device;		/* "": any */
	/* An answer has come; called from the loop. */
	void (*changed)(void);
};

/* 0, or -1 when the servers cannot be used. After loop_init(). */
int dns_init(const struct dns_config *cfg);
void dns_exit(void);
/*
 * Other servers: what those before said is forgotten, and who waits for them asks
 * again. 0, or -1 and all is as before.
 */
int dns_reload(const struct dns_config *cfg);

/**
 * dns_ask - the records of a name
 * @since: an answer that came at or after this time will do even when its TTL
 *	is over by now (a TTL may be 0)
 *
 * Return: the answer, good until the loop runs again, or NULL while it is on
 * its way. Ask again from changed().
 */
const struct dns_answer *dns_ask(enum dns_type type, const char *name, uint64_t since);

struct dns_stats {
	unsigned long queries, answers, failures, refused, stale;
	unsigned int cached, outstanding;
};
extern struct dns_stats dns_stats;

#endif
