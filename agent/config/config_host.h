/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_HOST_H
#define _CONFIG_HOST_H

#include <stdio.h>

#include "config.h"

/**
 * config_host_check - what of a good configuration this host does not fit
 * @file: where @cfg was read from
 * @to: gets "FILE:LINE: KEY: warning: what" in a line for each
 *
 * For `gmgated --check`, which may run on another host than the agent will, or before
 * an address is there: nothing of this makes the file a bad one.
 *
 * Return: how many.
 */
unsigned int config_host_check(const struct config *cfg, const char *file, FILE *to);

#endif
