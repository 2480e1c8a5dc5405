/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FAKE_KERNEL_H
#define _FAKE_KERNEL_H

#include "set.h"

/*
 * The kernel half as the registrar sees it: keeps what it is given, without
 * ESP.  Wipes nothing, so that tests can look at the keys that came.
 */
#define FAKE_SETS 4096
#define FAKE_PORT_S 6100	/* of every endpoint */

struct fake_set {
	bool there;
	struct gate_set_new new;
	uint8_t ik[GMGATE_MAX_KEY], ck[GMGATE_MAX_KEY];
	unsigned int resets;		/* connections closed before deletion */
};

/* Shared with child processes, which it outlives. */
struct fake_gate {
	struct fake_set sets[FAKE_SETS];	/* by id; from FAKE_SETS on they are used again */
	uint32_t last_id;
	unsigned int n;			/* there now */
	int fail_add, fail_change, fail_list;	/* negative errno for the next calls */
	unsigned int fail_times;
	unsigned int adds, dels;
	/* Called before and after everything that changes it; may be NULL. */
	void (*step)(void);
};

#define fake_kernel (*fake_kernel_memory)
extern struct fake_gate *fake_kernel_memory;

void fake_kernel_reset(void);
struct set_kernel fake_kernel_ops(void);

#endif
