/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seeded chance: the same seed, the same run. */
#ifndef _DICE_H
#define _DICE_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct dice {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t dice_any(struct dice *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to n - 1 */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
	return n ? (dice_any(d) >> 32) * n >> 32 : 0;
}

/* low to high, both included */
static inline uint64_t dice_between(struct dice *d, uint64_t low, uint64_t high)
{
	uint64_t span = high - low + 1;

	return span ? low + dice_any(d) % span : dice_any(d);
}

static inline bool dice_one_in(struct dice *d, uint32_t n)
{
	return !dice_below(d, n);
}

static inline void dice_fill(struct dice *d, void *p, size_t n)
{
	uint8_t *at = p;

	while (n--)
		*at++ = dice_any(d) >> 32;
}

#endif
