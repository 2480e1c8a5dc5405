/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_PEER_H
#define _CONTROL_PEER_H

#include <stdbool.h>
#include <sys/types.h>

/* Who is at the other end of a UNIX socket, as the kernel says. */
struct control_peer {
	uid_t uid;
	pid_t pid;
	bool may;		/* ask: root, our own user, or of our own group */
};

/*
 * The group counts only where it is not root's.  A second check, behind the mode
 * of the socket's file.
 */
void control_peer_of(int fd, struct control_peer *p);

/* Is one of @n groups, or the user, one that may? For control_peer_of(), and tests. */
bool control_peer_may(uid_t uid, const gid_t *groups, unsigned int n, uid_t our_uid,
		      gid_t our_gid);

#endif
