/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RESTART_DIALOG_H
#define _RESTART_DIALOG_H

#include "octets.h"

/* Dialogs on their way to the store and back; restart.c's part for calls. */

/* From here on each change of a dialog is stored before it returns. */
void restart_watch_dialogs(void);

enum restart_dialog {
	RESTART_DIALOG_THERE,
	RESTART_DIALOG_OVER,		/* whose it is, is not there any more */
	RESTART_DIALOG_REFUSED,
};

/* A record of an earlier life; @why it is refused. */
enum restart_dialog restart_dialog(struct str token, struct str value, const char **why);

#endif
