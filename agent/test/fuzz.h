/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _FUZZ_H
#define _FUZZ_H

/* What the libFuzzer targets share. */

#include <stdio.h>
#include <stdlib.h>

#include "octets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                        \
	do {                                                                   \
		if (!(condition)) {                                            \
			fprintf(stderr, "does not hold: %s\n", #condition);    \
			abort();                                               \
		}                                                              \
	} while (0)

#endif
