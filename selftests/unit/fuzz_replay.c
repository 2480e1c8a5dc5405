// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod/replay.h against a list of what was accepted.  Each octet pair is a step:
 * forward, back, or to a number near an edge.
 */
#include "fuzz.h"
#include "kshim.h"
#include "../../kmod/replay.h"

static u32 step(u32 at, uint8_t how, uint8_t far)
{
	switch (how & 7) {
	case 0: return at - far;
	case 1: return at + ((u32)far << 6);
	case 2: return at + ((u32)far << 24);
	case 3: return far;
	case 4: return UINT32_MAX - far;
	case 5: return at - (far & 63);
	default: return at + (far & 3);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static u32 taken[4096];
	struct gmg_replay r = { 0 };
	u32 window = size ? 1 + data[0] % GMG_REPLAY_MAX : 1, at = 0, top = 0, n = 0, i, j;

	for (i = 1; i + 1 < size && n < 4096; i += 2) {
		bool want;

		at = step(at, data[i], data[i + 1]);
		want = at && !(at <= top && top - at >= window);
		for (j = 0; want && j < n; j++)
			want = taken[j] != at;
		MUST(gmg_replay_check(&r, at, window) == want);
		if (!want)
			continue;
		gmg_replay_advance(&r, at);
		taken[n++] = at;
		top = at > top ? at : top;
		MUST(r.top == top && !gmg_replay_check(&r, at, window));
	}
	return 0;
}
