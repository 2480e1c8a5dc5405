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
	/* A datagram to the core came back as an ICMP error, with these octets of it. */
	void (*bounced)(const struct flow *f, struct str quoted);
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

/*
 * For a reload, after the configuration has changed in its place: opens the sockets of
 * an address it has now (by place), closes those of addresses it does not have any
 * more, and takes the new limits. 0, or -1 with @err; then some may be open.
 */
int transport_open_gm(unsigned int gm, char *err);
int transport_open_mw(unsigned int mw, char *err);
void transport_prune(void);
void transport_reload(void);

/* Sends and traces. On TCP the connection has to stand. 0 or negative errno. */
int transport_send(const struct flow *f, const char *data, size_t n);

/* How to reach a UE on one of its sets (TS 33.203 7.1). */
enum transport_way {
	TRANSPORT_UDP,		/* port_pc to port_us */
	TRANSPORT_OUR_TCP,	/* a connection port_pc to port_us; opened when there is none */
	TRANSPORT_THEIR_TCP,	/* one that the UE has opened, port_uc to port_ps */
};

/* The set is @f's mark or its connection's. 0 or a negative errno: there is no such way. */
int transport_to_ue(const struct set *s, enum transport_way way, struct flow *f);

/* A connection to a peer of the core, a new one where there is none. */
int transport_to_core(const struct addr *peer, struct flow *f);

/* Is there still a way to where answers on @f go? */
bool transport_stands(const struct flow *f);

/*
 * The connection of a flow without SA set carries an emergency call: it does not idle and
 * makes no room for others until it is released. Datagrams have none.
 */
void transport_hold(const struct flow *f);
void transport_release(const struct flow *f);

void transport_limits(const struct config *cfg, struct sip_limits *limits);

struct transport_stats {
	unsigned long untrusted;	/* to the core side, not from a trusted peer */
	unsigned long foreign_set;	/* a set id that is not of this address, or unknown */
};
extern struct transport_stats transport_stats;

#endif
