/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TCP_QUEUE_H
#define _TCP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* Octets of one direction of a connection, the oldest first. Starts from {0}. */
struct tcp_queue {
	char *p;
	size_t n, room;
};

/* There is room for @more octets after those there are. False: out of memory. */
bool tcp_queue_room(struct tcp_queue *q, size_t more);

bool tcp_queue_put(struct tcp_queue *q, const char *data, size_t n);

/* The first @n are done with; they are overwritten, since they may have held keys. */
void tcp_queue_drop(struct tcp_queue *q, size_t n);

/* Writes what @fd takes. Return: octets written or a negative errno. */
long tcp_queue_flush(struct tcp_queue *q, int fd);

void tcp_queue_free(struct tcp_queue *q);

#endif
