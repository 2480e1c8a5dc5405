/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_REPLY_H
#define _CONTROL_REPLY_H

#include "config.h"
#include "octets.h"

/* The JSON document for a request such as "status"; ends with a newline. */
void control_reply(const struct config *cfg, const char *request, struct octets *out);

#endif
