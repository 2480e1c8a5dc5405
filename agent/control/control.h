/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_H
#define _CONTROL_H

#include "config.h"

/* Serves gmctl on a UNIX socket. 0, or -1 with @err of CONFIG_ERROR octets. */
int control_open(const struct config *cfg, char *err);
void control_close(void);

#endif
