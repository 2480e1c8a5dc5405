/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_H
#define _TCP_H

#include <stddef.h>

#include "flow.h"
#include "sip_gate.h"

struct tcp_ops {
	/* May this peer connect? It is closed when not. */
	bool (*admit)(const struct flow *f);
	/* One message; @data is the receiver's to change until it returns. */
	void (*receive)(const struct flow *f, char *data, size_t n);
	/* The connection is gone, for whatever reason but tcp_exit(). */
	void (*closed)(const struct flow *f);
};

struct tcp_limits {
	struct sip_limits sip;
	unsigned int unproven;		/* connections without SA set, all together */
	uint64_t idle;			/* ms such a connection may be silent */
};

struct tcp_stats {
	unsigned long accepted;
	unsigned long no_set;		/* accepted on a protected port without set id */
	unsigned long refused;		/* not admitted */
	unsigned long displaced;	/* closed to make room for newcomers */
	unsigned long idle;		/* closed for silence or a message that never ended */
	unsigned long malformed;	/* closed for framing errors */
	unsigned long overflow;		/* closed, since the peer does not read: too much */
	unsigned long stuck;		/* likewise: for too long */
	unsigned long paused;		/* not read from until it had read its answers */
	unsigned int open;
	unsigned int unproven;		/* without SA set, but for those that are held */
	unsigned int queues;		/* connections whose peer has not read all */
	size_t queued;			/* octets that wait for them */
};
extern struct tcp_stats tcp_stats;

/* Once more: other limits, for what comes from then on. */
void tcp_init(const struct tcp_ops *ops, const struct tcp_limits *limits);
void tcp_exit(void);

/* Connections that come in carry @like's side and gm. 0 or negative errno. */
int tcp_listen(const struct flow *like);

/**
 * tcp_connect - open a connection
 * @f: local address (port 0: any), remote, side and set, which marks it;
 *     conn and the local port are filled in
 *
 * What is sent before it stands is kept; when it does not stand within 5 s it
 * is closed. Return: 0 or a negative errno.
 */
int tcp_connect(struct flow *f);

/* On connection f->conn, and no other: -ENOTCONN when it is gone. */
int tcp_send(const struct flow *f, const char *data, size_t n);

/* Does that connection stand, or may it yet? */
bool tcp_stands(uint64_t conn);

/**
 * tcp_hold - a connection without SA set carries something that must not end with it
 *
 * It does not idle, and makes no room for others, until tcp_release() was called as often;
 * the caller bounds how many there are. One that is gone is no matter.
 */
void tcp_hold(uint64_t conn);
void tcp_release(uint64_t conn);

/*
 * The youngest connection of a set on that local port: port_pc for those we
 * opened, port_ps for the UE's. False: there is none.
 */
bool tcp_find(uint32_t set, uint16_t local_port, struct flow *f);
/* Resets a connection; one that is gone already is no matter. */
void tcp_close(uint64_t conn);

/* Closes the listeners and resets the connections that @gone is true for. */
void tcp_prune(bool (*gone)(const struct flow *f));

/*
 * Resets every connection of a set. To be called before the set is deleted:
 * the RST leaves through it.
 */
void tcp_reset_set(uint32_t set);

#endif
