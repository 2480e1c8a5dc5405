/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RELOAD_H
#define _RELOAD_H

#include <stdbool.h>

#include "config.h"
#include "octets.h"

/* A new gmgate.yaml while UEs are served. */

/*
 * @running: changed in its place, where everybody has it; @file: read anew each time.
 * gmctl may ask for it from then on.
 */
void reload_init(struct config *running, const char *file);

/**
 * reload_now - read the file and let it come into force
 * @report: {"changed": [..], "needs-restart": [..]}, or {"error": ".."}
 *
 * From the loop, not while a message is being handled.  The file is checked as a whole
 * first.  One that is bad, or cannot come into force, changes nothing.  Keys that
 * need a restart keep their values, are named, and the others come into force.
 *
 * Return: false when nothing was changed, for the reason in @report and the log.
 */
bool reload_now(struct octets *report);

#endif
