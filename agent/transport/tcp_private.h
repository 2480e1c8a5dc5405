/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_PRIVATE_H
#define _TCP_PRIVATE_H

#include "flow.h"

/* Between tcp.c and tcp_listen.c only. */

/* A connection has come in; takes the descriptor. */
void tcp_accepted(const struct flow *f, int fd);

void tcp_listen_exit(void);

#endif
