/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every unit test of this folder includes, in the order cmocka wants. */
#ifndef _CASES_H
#define _CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kshim.h"

/* xorshift64: the same numbers on every machine. */
static inline u64 cases_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
