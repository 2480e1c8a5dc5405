// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Octets on their way out of or into a connection. What is freed or moved away
 * from is overwritten: the core's 401 comes this way, with ck and ik.
 */
#include "tcp_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SMALLEST 4096

bool tcp_queue_room(struct tcp_queue *q, size_t more)
{
	size_t size = q->room ? q->room : SMALLEST;
	char *bigger;

	while (size < q->n + more)
		size *= 2;
	if (size == q->room)
		return true;
	/* Not realloc(): it may leave a copy behind. */
	bigger = malloc(size);
	if (!bigger)
		return false;
	if (q->p) {
		memcpy(bigger, q->p, q->n);
		explicit_bzero(q->p, q->room);
		free(q->p);
	}
	q->p = bigger;
	q->room = size;
	return true;
}

bool tcp_queue_put(struct tcp_queue *q, const char *data, size_t n)
{
	if (!tcp_queue_room(q, n))
		return false;
	memcpy(q->p + q->n, data, n);
	q->n += n;
	return true;
}

void tcp_queue_drop(struct tcp_queue *q, size_t n)
{
	if (!n)
		return;
	q->n -= n;
	memmove(q->p, q->p + n, q->n);
	explicit_bzero(q->p + q->n, n);
}

long tcp_queue_flush(struct tcp_queue *q, int fd)
{
	ssize_t n = send(fd, q->p, q->n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	tcp_queue_drop(q, n);
	return n;
}

void tcp_queue_free(struct tcp_queue *q)
{
	if (q->p)
		explicit_bzero(q->p, q->room);
	free(q->p);
	*q = (struct tcp_queue){ 0 };
}
