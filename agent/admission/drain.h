/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _DRAIN_H
#define _DRAIN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Before work on this host: no new registrations.  A REGISTER without SA gets
 * 503 with Retry-After, so that its UE tries another P-CSCF (TS 24.229
 * 5.1.1.2); what comes on a set, refreshes as well, is served, and so is an
 * emergency registration. It is not remembered over a restart.
 */

/* @retry_after: seconds from 1; UEs are told this up to twice as much. */
void drain_begin(uint32_t retry_after);
void drain_end(void);

bool drain_is_on(void);
/* Seconds since it began; 0 when it is not on. */
uint64_t drain_for(void);
/* Seconds for the next UE. */
uint32_t drain_retry_after(void);

#endif
