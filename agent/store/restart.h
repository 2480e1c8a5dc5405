/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RESTART_H
#define _RESTART_H

#include "registrar.h"

/*
 * What the registrar knows, and the dialogs and INVITEs of its UEs, outlive the program:
 * written to the store as they change, taken over by the next start, in
 * agreement with the kernel.
 */

struct restart_config {
	struct set_kernel kernel;
	const struct set_endpoint *endpoints;	/* by flow.gm */
	unsigned int n_endpoints;
};

/* For registrar_config.changed: what has changed is stored when it returns. */
void restart_changed(const struct ue *ue);

/**
 * restart_adopt - go on where the life before was ended
 * @err: STORE_ERROR octets
 *
 * Between store_open() and the first message, when everything but the sockets is
 * there.  Sets that the store and the
 * kernel have, and are the same in both, are taken over with their UE, all
 * others are deleted on the side that has them; the SPIs of those are put into
 * quarantine.  Dialogs are taken over with their UE.
 *
 * Return: 0, or -1 with @err: the kernel does not say which sets it has, or the
 * store cannot be written.
 */
int restart_adopt(const struct restart_config *cfg, char *err);

struct restart_stats {
	unsigned int ues, sets;		/* taken over */
	unsigned int lost;		/* sets the kernel does not have, or others */
	unsigned int strays;		/* sets of the kernel nobody knows, deleted */
	unsigned int refused;		/* records */
	unsigned int dialogs;		/* taken over */
	unsigned int invites;		/* likewise: calls that ring */
};
extern struct restart_stats restart_stats;

#endif
