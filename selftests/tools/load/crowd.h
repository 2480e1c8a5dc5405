/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CROWD_H
#define _CROWD_H

#include <stdint.h>

/* What became of the connections. */
struct crowd_result {
	unsigned long opened;		/* that stood, each of which said one octet at least */
	unsigned long refused;		/* that never did */
	unsigned long closed;		/* that the other side ended */
	unsigned int standing;		/* at the end */
};

/**
 * crowd_run - TCP connections that say one octet a minute, and come again when they are ended
 * @pcscf: network order
 * @port: host order
 * @first: the address of the first, network order; one connection of each address
 * @n: how many at a time
 * @rate: attempts a second at most
 * @seconds: then all are ended
 *
 * The addresses have to be local ones. Return: 0, or -errno when there is no room for so many.
 */
int crowd_run(uint32_t pcscf, uint16_t port, uint32_t first, unsigned int n, double rate,
	      double seconds, struct crowd_result *r);

#endif
