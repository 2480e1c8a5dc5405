/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few kernel names that the pure headers of kmod/ use, for the host.
 */
#ifndef _KSHIM_H
#define _KSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#endif
