// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl ue - the UEs that the agent knows.
#include <stdio.h>

#include "ctl.h"

static const char help[] =
"Usage: gmctl ue\n"
"\n"
"Asks the agent for the UEs that are registered, or about to be.\n";

int ctl_ue(const struct ctl *ctl, int argc, char **argv)
{
	if (ctl_wants_help(argc, argv)) {
		fputs(help, stdout);
		return CTL_OK;
	}
	if (argc > 1)
		return ctl_bad_usage("ue takes no words");
	return ctl_reply(ctl, "ue\n");
}
