/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_SOCKET_H
#define _TCP_SOCKET_H

#include "flow.h"

/*
 * A socket at f->local (port 0: any), on the device, with the DSCP, the mark and the
 * options of its side; neither listening nor connected. 0 or a negative errno.
 */
int tcp_socket_open(const struct flow *f, int *fd);

/* For a connection: what is sent does not wait for more. */
void tcp_socket_at_once(int fd);

#endif
