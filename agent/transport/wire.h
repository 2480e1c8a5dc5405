/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _WIRE_H
#define _WIRE_H

#include "config.h"
#include "flow.h"

/* The device and the DSCP that the configuration has for an address of ours. */
void wire_init(const struct config *cfg);

/*
 * Gives them to a socket of @f that is not bound yet; those a listener accepts have
 * them from it. 0 or a negative errno: -ENODEV when there is no such device.
 */
int wire_apply(int fd, const struct flow *f);

#endif
