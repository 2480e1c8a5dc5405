/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CLOCK_H
#define _CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SIP time: milliseconds since the start of the program, running `scale` times
 * as fast as boot time.  All timers of the agent are set in SIP time.
 */
struct clock_timer {
	uint64_t due;
	size_t slot;		/* 1 + place in the heap, 0: not set */
	void (*fire)(struct clock_timer *t);
};

/* @scale: 1 in production; 0 stops the clock, clock_advance() moves it. */
void clock_init(unsigned int scale);
void clock_exit(void);

uint64_t clock_now(void);

/* The same in microseconds, to measure how long something took in SIP time. */
uint64_t clock_now_us(void);

/* Microseconds of real time from any moment on, to measure what is no SIP. */
uint64_t clock_real_us(void);

/* Moves a stopped clock on by @ms, firing what falls due at its own time. */
void clock_advance(uint64_t ms);

/* Converts a span of SIP time to real milliseconds, rounded up. */
uint64_t clock_real_ms(uint64_t ms);

/*
 * A point of SIP time as nanoseconds of boot time, which outlive the program,
 * and back; what was before its start becomes 0.  Years ahead are cut short.
 */
uint64_t clock_to_boot(uint64_t ms);
uint64_t clock_from_boot(uint64_t ns);

/* Sets or moves a timer to @ms from now. */
void clock_set(struct clock_timer *t, uint64_t ms);

/* Like clock_set(), at a point of SIP time. */
void clock_set_at(struct clock_timer *t, uint64_t due);

/* Harmless on a timer that is not set. */
void clock_stop(struct clock_timer *t);

static inline bool clock_is_set(const struct clock_timer *t)
{
	return t->slot != 0;
}

/* SIP milliseconds to the next timer, or UINT64_MAX. */
uint64_t clock_next(void);

/* Fires everything that is due. A timer may set, stop or free any other. */
void clock_run(void);

#endif
