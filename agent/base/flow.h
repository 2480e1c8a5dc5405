/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FLOW_H
#define _FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"

enum flow_side {
	FLOW_GM,		/* unprotected port of Gm */
	FLOW_GM_PROTECTED,	/* port_ps or a port_pc */
	FLOW_MW,		/* the core */
};

/*
 * Where a message came from and where an answer goes; a value, copied freely.
 * On Gm the set id is the identity of the sender: the kernel put it there,
 * no port number ever stands for it.
 */
struct flow {
	enum flow_side side;
	bool tcp;
	uint8_t gm;		/* index into config.gm */
	uint32_t set;		/* SA set of the UE, 0: none */
	uint64_t conn;		/* TCP: the connection, never used twice; else 0 */
	uint32_t waited;	/* ms between its arrival at the host and us, of a datagram; else 0 */
	struct addr local, remote;
};

#endif
