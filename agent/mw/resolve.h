/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RESOLVE_H
#define _RESOLVE_H

#include "addr.h"
#include "dns.h"
#include "octets.h"

/*
 * From a SIP URI to the addresses and transports that serve it (RFC 3263 4).
 */
enum resolve_transport {
	RESOLVE_ANY,
	RESOLVE_UDP,
	RESOLVE_TCP,
};

struct resolve_query {
	char host[DNS_NAME];		/* a name, or an address without [] */
	uint16_t port;			/* 0: the URI has none */
	enum resolve_transport transport;
};

struct resolve_target {
	struct addr addr;
	bool tcp;
};

/* Of one query; what comes after is ignored. */
#define RESOLVE_TARGETS 32

/* sip: only; TLS is not used on Mw. False: no such URI, or another transport. */
bool resolve_uri(struct str uri, struct resolve_query *q);

/* A domain name: letters, digits, '-', '_' and single dots. */
bool resolve_is_name(struct str text);

/* The addresses of ours decide which families are asked for, and in which order. */
void resolve_families(const struct addr *ours, unsigned int n);

/* What a resolution has got and in what order it is to be. */
struct resolve_draw {
	uint64_t seed;		/* the same seed, the same order of equals (RFC 2782) */
	uint64_t since;		/* as in dns_ask() */
};

/**
 * resolve - the targets of a query, the one to be tried first at the front
 * @to: room for RESOLVE_TARGETS
 *
 * Return: their number, which may be 0, or -1: the DNS has been asked, ask again
 * when it has answered.
 */
int resolve(const struct resolve_query *q, const struct resolve_draw *draw,
	    struct resolve_target *to);

/*
 * Puts @order[0..n) into the order of RFC 2782: by priority, those of the same by
 * weight and chance. At most 32.
 */
struct resolve_rank {
	uint16_t priority, weight;
	unsigned int index;
};

void resolve_rank(struct resolve_rank *ranks, unsigned int n, uint64_t *seed);

#endif
