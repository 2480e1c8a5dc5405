// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl status - what the agent is doing.
#include <stdio.h>

#include "ctl.h"

static const char help[] =
"Usage: gmctl status\n"
"\n"
"Asks the agent what it is doing.  It has to be running.\n";

int ctl_status(const struct ctl *ctl, int argc, char **argv)
{
	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("status takes no words");
	return ctl_reply(ctl, "status\n");
}
