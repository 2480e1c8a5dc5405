/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRANSPORT_H
#define _TRANSPORT_H

#include <stddef.h>

#include "config.h"
#include "flow.h"
#include "set.h"
#include "sip_gate.h"

struct transport_ops {
	/* One message; @data is the receiver's to change until it returns. */
	void (*receive)(const struct flow *f, char *data, size_t n);
	/* A connection is gone. */
	void (*closed)(const struct flow *f);
};

/**
 * transport_open - open every socket of the configuration
 * @err: CONFIG_ERROR octets
 *
 * Return: 0, or -1 with @err filled.
 */
int transport_open(const struct config *cfg, const struct transport_ops *ops, char *err);
void transport_close(void);

/* Sends and traces. On TCP the connection has to stand. 0 or negative errno. */
int transport_send(const struct flow *f, const char *data, size_t n);

/* The way to the core; over TCP it opens the connection when there is none. */
int transport_next_hop(struct flow *f);

/* How to reach a UE on one of its sets (TS 33.203 7.1). */
enum transport_way {
	TRANSPORT_UDP,		/* port_pc to port_us */
	TRANSPORT_OUR_TCP,	/* a connection port_pc to port_us; opened when there is none */
	TRANSPORT_THEIR_TCP,	/* one that the UE has opened, port_uc to port_ps */
};

/* The set is @f's mark or its connection's. 0 or a negative errno: there is no such way. */
int transport_to_ue(const struct set *s, enum transport_way way, struct flow *f);

/* Is there still a way to where answers on @f go? */
bool transport_stands(const struct flow *f);

/* Where the core reaches us: the Mw address of the next hop's family. */
const struct addr *transport_mw_address(void);

bool transport_is_trusted(const struct addr *peer);

void transport_limits(const struct config *cfg, struct sip_limits *limits);

struct transport_stats {
	unsigned long untrusted;	/* to the core side, not from a trusted peer */
	unsigned long foreign_set;	/* a set id that is not of this address, or unknown */
};
extern struct transport_stats transport_stats;

#endif
