/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RESTART_INVITE_H
#define _RESTART_INVITE_H

#include "octets.h"

/* INVITEs under way to the store and back; restart.c's part for calls that ring. */

/* From here on each change of state is stored before it returns. */
void restart_watch_invites(void);

enum restart_invite {
	RESTART_INVITE_THERE,
	RESTART_INVITE_OVER,		/* its UE, or its dialog, is not there any more */
	RESTART_INVITE_REFUSED,
};

/* A record of an earlier life, after its UE and dialog; @why it is refused. */
enum restart_invite restart_invite(struct str key, struct str value, const char **why);

#endif
