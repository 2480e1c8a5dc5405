/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _KERNEL_H
#define _KERNEL_H

#include "config.h"
#include "set.h"

/* The agent's use of the gate: its endpoints, its sets, the kernel's events. */

/* Octets of the error texts of this file, CONFIG_ERROR at least. */
int kernel_open(struct config *cfg, char *err);
void kernel_close(void);

/**
 * kernel_declare - declare the endpoints of the configuration, or adopt them
 *
 * An endpoint of an earlier life of this instance is adopted with its sets when
 * it is as the configuration wants it, or can be made so, and withdrawn with them and declared
 * anew when not; one at an address that is not configured is withdrawn.  Until an agent runs again, sets go on to encrypt and decrypt
 * in the kernel, and its gate drops clear text.
 */
int kernel_declare(const struct config *cfg, char *err);

/* Compares the kernel's sets with ours; what only one side has goes. */
void kernel_reconcile(void);

/* For a reload: one address, by its place in @cfg. */
int kernel_declare_one(const struct config *cfg, unsigned int gm, char *err);
/* After a reload: the key-export of each address that was there before. */
void kernel_reload(const struct config *cfg);
/* Clear text is no longer kept from its ports; it must not have sets. */
void kernel_withdraw(const struct config *cfg, unsigned int gm);

/*
 * Takes the suites that this kernel lacks out of @cfg, or refuses it where they were
 * configured by name. 0, or -1 with @err.
 */
int kernel_check_suites(struct config *cfg, char *err);

/* By flow.gm; valid until kernel_close(). */
const struct set_endpoint *kernel_endpoints(void);

/* For set_init(). */
struct set_kernel kernel_sets(void);

/* Of the module, as it said at the start. */
uint32_t kernel_module_version(void);

/*
 * The kernel half's counters, of the network namespace: asked for when they are
 * older than a second, which takes one exchange with it. NULL: it did not answer.
 */
const struct gate_stats *kernel_counters(void);

struct kernel_stats {
	unsigned long expired, icv_failures, unknown_spi, overflows, strays;
};
extern struct kernel_stats kernel_stats;

#endif
