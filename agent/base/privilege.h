/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PRIVILEGE_H
#define _PRIVILEGE_H

#include "config.h"

/*
 * What has to be done with all rights: the sysctl that lets an accepted
 * connection have the mark of its SYN, and the directories of the control
 * socket and the store. As many descriptors as there may be. 0, or -1 with @err.
 */
int privilege_prepare(const struct config *cfg, char *err);

/*
 * Becomes the configured user with CAP_NET_ADMIN and nothing else, for good;
 * no core dumps, no ptrace. Sockets are opened after this: the kernel half
 * lets the ports be used by sockets of that user only. 0, or -1 with @err.
 */
int privilege_drop(const struct config *cfg, char *err);

#endif
