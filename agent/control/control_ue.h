/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONTROL_UE_H
#define _CONTROL_UE_H

#include "octets.h"
#include "registrar.h"

/*
 * A UE in JSON: control_ue_text.c.  Neither keys (the agent has none) nor the
 * tokens of Path and Record-Route are told.
 */

/* @whole: with its dialogs. @o: empty. */
void control_put_ue(struct octets *o, const struct ue *ue, bool whole);

/* Who it is that was ended, or spared. @o: empty. */
void control_put_ended(struct octets *o, const struct ue *ue, bool ended);

/* Has it an emergency registration? */
bool control_is_emergency(const struct ue *ue);

#endif
