// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod/select.h against its own table, read line by line: any sets on a flow, met
 * in any order.  Each candidate is three octets: id, flags, age.
 */
#include "fuzz.h"
#include "kshim.h"
#include "../../kmod/select.h"

#define MOST 16

/* The table's right column: the index of the set, or -1. */
static int table(const struct gmg_candidate *c, unsigned int n, u32 mark, bool *expired)
{
	int best = -1;
	unsigned int i;

	*expired = false;
	for (i = 0; i < n; i++)
		if (c[i].expired && (!mark || c[i].id == mark))
			*expired = true;
	for (i = 0; i < n; i++)
		if (mark && c[i].id == mark && !c[i].expired)
			return i;
	if (mark)
		return -1;
	for (i = 0; i < n; i++)		/* verified last; there is one at most */
		if (c[i].current_one && !c[i].expired)
			return i;
	for (i = 0; i < n; i++)
		if (c[i].established && !c[i].expired &&
		    (best < 0 || c[i].born > c[best].born))
			best = i;
	return best;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gmg_candidate *best = NULL;
	struct gmg_candidate c[MOST];
	struct gmg_select_miss miss = { 0 };
	bool current_one = false, expired;
	unsigned int n = 0, i;
	int want;
	u32 mark;

	if (!size)
		return 0;
	mark = data[0] & 31;
	for (i = 1; i + 2 < size && n < MOST; i += 3) {
		unsigned int j;

		c[n] = (struct gmg_candidate){
			.id = 1 + (data[i] & 31), .established = data[i + 1] & 1,
			.current_one = data[i + 1] & 2 && !current_one,
			.expired = data[i + 1] & 4,
			/* ages differ, in an order of their own */
			.born = data[i + 2] * MOST + n,
		};
		for (j = 0; j < n && c[j].id != c[n].id; j++)
			;
		if (j < n)
			continue;	/* ids are not used twice */
		current_one |= c[n++].current_one;
	}
	for (i = 0; i < n; i++) {
		gmg_select_missed(&miss, &c[i], mark);
		if (gmg_select_prefers(best, &c[i], mark))
			best = &c[i];
	}
	want = table(c, n, mark, &expired);
	MUST(want < 0 ? !best : best == &c[want]);
	MUST(miss.expired == expired);
	return 0;
}
