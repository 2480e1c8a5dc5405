// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The clock of the agent and its timers.
 *
 * TS 24.229's timers last up to 600,000 s.  So that tests can see all of them
 * elapse, every timer is set in SIP time, which runs `scale` times as fast as
 * boot time (suspend counts, since the registrations of a UE go on meanwhile).
 * A stopped clock (scale 0) serves unit tests.
 *
 * Timers are members of what they belong to; the heap holds pointers only.
 * The owner stops a timer before freeing what it is in.  Single thread.
 */
#include "clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct {
	struct clock_timer **heap;
	size_t n, room;
	unsigned int scale;
	uint64_t start_ns;
	uint64_t stopped_at;
} clk;

static uint64_t boot_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void clock_init(unsigned int scale)
{
	clk.scale = scale;
	clk.start_ns = boot_ns();
	clk.stopped_at = 0;
}

void clock_exit(void)
{
	free(clk.heap);
	clk.heap = NULL;
	clk.n = clk.room = 0;
}

uint64_t clock_now(void)
{
	if (!clk.scale)
		return clk.stopped_at;
	return (boot_ns() - clk.start_ns) / 1000 * clk.scale / 1000;
}

uint64_t clock_real_ms(uint64_t ms)
{
	return clk.scale ? (ms + clk.scale - 1) / clk.scale : ms;
}

uint64_t clock_now_us(void)
{
	if (!clk.scale)
		return clk.stopped_at * 1000;
	return (boot_ns() - clk.start_ns) / 1000 * clk.scale;
}

uint64_t clock_real_us(void)
{
	return boot_ns() / 1000;
}

#define NS_PER_MS 1000000
/* So that nothing here overflows: 146 years. */
#define FARTHEST_NS (UINT64_C(1) << 62)

/* A stopped clock shows boot time itself. */
uint64_t clock_to_boot(uint64_t ms)
{
	uint64_t start = clk.scale ? clk.start_ns : 0, scale = clk.scale ? clk.scale : 1;

	if (ms / scale > FARTHEST_NS / NS_PER_MS)
		return start + FARTHEST_NS;
	/* Whole milliseconds first: neither product is larger than the result. */
	return start + ms / scale * NS_PER_MS + ms % scale * NS_PER_MS / scale;
}

uint64_t clock_from_boot(uint64_t ns)
{
	uint64_t start = clk.scale ? clk.start_ns : 0, scale = clk.scale ? clk.scale : 1;

	if (ns <= start)
		return 0;
	ns -= start;
	if (ns > FARTHEST_NS)
		ns = FARTHEST_NS;
	return ns / NS_PER_MS * scale + ns % NS_PER_MS * scale / NS_PER_MS;
}

static void place(size_t i, struct clock_timer *t)
{
	clk.heap[i] = t;
	t->slot = i + 1;
}

static void sift_up(size_t i, struct clock_timer *t)
{
	while (i) {
		size_t up = (i - 1) / 2;

		if (clk.heap[up]->due <= t->due)
			break;
		place(i, clk.heap[up]);
		i = up;
	}
	place(i, t);
}

static void sift_down(size_t i, struct clock_timer *t)
{
	for (;;) {
		size_t down = 2 * i + 1;

		if (down >= clk.n)
			break;
		if (down + 1 < clk.n && clk.heap[down + 1]->due < clk.heap[down]->due)
			down++;
		if (t->due <= clk.heap[down]->due)
			break;
		place(i, clk.heap[down]);
		i = down;
	}
	place(i, t);
}

/* The heap's size is bounded by what the pools' caps allow to exist. */
static void make_room(void)
{
	size_t room = clk.room ? clk.room * 2 : 256;
	struct clock_timer **heap = realloc(clk.heap, room * sizeof(*heap));

	if (!heap) {
		fputs("gmgated: out of memory for timers\n", stderr);
		abort();
	}
	clk.heap = heap;
	clk.room = room;
}

void clock_stop(struct clock_timer *t)
{
	struct clock_timer *last;
	size_t i;

	if (!t->slot)
		return;
	i = t->slot - 1;
	t->slot = 0;
	last = clk.heap[--clk.n];
	if (last == t)
		return;
	if (i && clk.heap[(i - 1) / 2]->due > last->due)
		sift_up(i, last);
	else
		sift_down(i, last);
}

void clock_set_at(struct clock_timer *t, uint64_t due)
{
	clock_stop(t);
	t->due = due;
	if (clk.n == clk.room)
		make_room();
	clk.n++;
	sift_up(clk.n - 1, t);
}

void clock_set(struct clock_timer *t, uint64_t ms)
{
	clock_set_at(t, clock_now() + ms);
}

uint64_t clock_next(void)
{
	uint64_t now;

	if (!clk.n)
		return UINT64_MAX;
	now = clock_now();
	return clk.heap[0]->due > now ? clk.heap[0]->due - now : 0;
}

/* `now` is taken once, so that a timer that sets itself again cannot hold the loop. */
void clock_run(void)
{
	uint64_t now = clock_now();

	while (clk.n && clk.heap[0]->due <= now) {
		struct clock_timer *t = clk.heap[0];

		clock_stop(t);
		t->fire(t);
	}
}

void clock_advance(uint64_t ms)
{
	uint64_t end = clk.stopped_at + ms;

	while (clk.n && clk.heap[0]->due <= end) {
		struct clock_timer *t = clk.heap[0];

		if (t->due > clk.stopped_at)
			clk.stopped_at = t->due;
		clock_stop(t);
		t->fire(t);
	}
	clk.stopped_at = end;
}
