/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_SOCKET_H
#define _TCP_SOCKET_H

#include "flow.h"

/*
 * A socket bound to @f's local address, ready to listen or to connect; that of
 * a set is marked with it. 0 and the descriptor, or a negative errno.
 */
int tcp_socket(const struct flow *f, int *fd);

/* A message does not wait for another. */
void tcp_socket_hurry(int fd);

#endif
