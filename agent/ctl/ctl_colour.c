// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_colour - colour for a person's eyes: on a terminal, unless NO_COLOR says
// otherwise (no-color.org) or -c does.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

static bool on;

bool ctl_colour_choose(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (!strcmp(when, "always"))
		on = true;
	else if (!strcmp(when, "never"))
		on = false;
	else if (!strcmp(when, "auto"))
		on = isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
	else
		return false;
	return true;
}

const char *ctl_paint(enum ctl_paint p)
{
	static const char * const codes[] = {
		[CTL_PLAIN] = "\033[0m",
		[CTL_BOLD] = "\033[1m",
		[CTL_FAINT] = "\033[2m",
		[CTL_GOOD] = "\033[32m",
		[CTL_WARN] = "\033[33m",
		[CTL_BAD] = "\033[31m",
	};

	return on ? codes[p] : "";
}
