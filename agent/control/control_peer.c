// SPDX-License-Identifier: GPL-2.0-or-later
#include "control_peer.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59		/* Linux 4.13; absent from older libc headers */
#endif

#define MAX_GROUPS 256

bool control_peer_may(uid_t uid, const gid_t *groups, unsigned int n, uid_t our_uid,
		      gid_t our_gid)
{
	if (uid == 0 || uid == our_uid)
		return true;
	for (unsigned int i = 0; our_gid && i < n; i++)
		if (groups[i] == our_gid)
			return true;
	return false;
}

void control_peer_of(int fd, struct control_peer *p)
{
	gid_t groups[1 + MAX_GROUPS];
	socklen_t n = sizeof(groups) - sizeof(groups[0]);
	struct ucred cred;
	socklen_t cred_n = sizeof(cred);

	memset(p, 0, sizeof(*p));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_n))
		return;
	groups[0] = cred.gid;
	/* More than fit are not looked at: its mode has let it in, this does not. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &n))
		n = 0;
	p->uid = cred.uid;
	p->pid = cred.pid;
	p->may = control_peer_may(cred.uid, groups, 1 + n / sizeof(groups[0]), geteuid(),
				  getegid());
}
