/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_PRIVATE_H
#define _TCP_PRIVATE_H

#include <stdbool.h>

#include "flow.h"

/* Between tcp.c and tcp_listen.c only. */

/* A connection has come in; takes the descriptor. */
void tcp_accepted(const struct flow *f, int fd);

/* A descriptor is wanted: the stranger's connection that has to go first does. False: there is none. */
bool tcp_make_room(void);

/* Those of addresses that are not ours any more stop to listen. */
void tcp_listen_prune(bool (*gone)(const struct flow *f));

void tcp_listen_exit(void);

#endif
