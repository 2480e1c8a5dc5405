// SPDX-License-Identifier: GPL-2.0-or-later
#include "drain.h"

#include "clock.h"
#include "random.h"

static uint32_t seconds;		/* 0: off */
static uint64_t since;

void drain_begin(uint32_t retry_after)
{
	if (!seconds)
		since = clock_now();
	seconds = retry_after;
}

void drain_end(void)
{
	seconds = 0;
}

bool drain_is_on(void)
{
	return seconds;
}

uint64_t drain_for(void)
{
	return seconds ? (clock_now() - since) / 1000 : 0;
}

uint32_t drain_retry_after(void)
{
	return random_between(seconds, 2 * seconds);
}
