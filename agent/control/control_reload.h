/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_RELOAD_H
#define _CONTROL_RELOAD_H

#include "octets.h"

/*
 * Who reads the configuration anew, and has something to say of it in the status; until
 * then nobody.
 */
struct control_reload {
	bool (*now)(struct octets *report);
	void (*show)(struct octets *o);
};
void control_reload_is(const struct control_reload *r);

/* Its part of the status. */
void control_reload_show(struct octets *o);

#endif
