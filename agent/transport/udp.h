/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _UDP_H
#define _UDP_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"
#include "octets.h"

/* @data is the receiver's to change until it returns; @data[n] is 0. */
typedef void udp_receive_fn(const struct flow *f, char *data, size_t n);

/* Counters of what never became a message. */
struct udp_stats {
	unsigned long no_set;		/* protected port, but no set id */
	unsigned long too_long;
	unsigned long wrong_address;	/* not to the address the socket is bound to */
	unsigned long send_failed;
	unsigned long bounced;		/* ICMP errors on Mw */
};
extern struct udp_stats udp_stats;

/* What waits in the kernel for us, and what it dropped when there was too much. */
struct udp_queue {
	uint64_t octets;	/* of memory, which is more than what was sent */
	uint64_t drops;
};

/* Of all sockets of a side. */
struct udp_queue udp_queue(enum flow_side side);

void udp_init(udp_receive_fn *fn, size_t longest);
void udp_exit(void);

/* Longer or shorter datagrams; out of memory it stays as it is. Not from the receiver. */
void udp_reload(size_t longest);

/* Closes the sockets that @gone is true for. */
void udp_prune(bool (*gone)(const struct flow *like));

/*
 * Opens a socket; datagrams that come in carry @like's side and gm, and its
 * local address and port.  Return: 0 or a negative errno.
 */
int udp_open(const struct flow *like);

/*
 * An ICMP error came back for a datagram that went along @f on Mw (RFC 3261 18.4).
 * @quoted: its first octets, as many as the sender of the error put into it.
 */
typedef void udp_bounced_fn(const struct flow *f, struct str quoted);

void udp_on_bounce(udp_bounced_fn *fn);

/* From f->local to f->remote, marked with f->set. Return: 0 or negative errno. */
int udp_send(const struct flow *f, const char *data, size_t n);

#endif
