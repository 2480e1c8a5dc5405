// SPDX-License-Identifier: GPL-2.0-or-later
/* A stream cut in pieces of any size has the same messages as in one piece. */
#include "fuzz.h"

#include "sip_frame.h"

#define FRAMES 64

struct result {
	size_t at[FRAMES], n[FRAMES];
	unsigned int count, pings;
	bool error;
};

static void feed(struct str all, size_t step, struct result *r)
{
	struct sip_frame frame = { 0 };
	size_t at = 0, have = 0;

	*r = (struct result){ 0 };
	while (have < all.n && !r->error) {
		enum sip_frame_result result;

		have = step < all.n - have ? have + step : all.n;
		do {
			result = sip_frame_next(&frame, (struct str){ all.p + at, have - at },
						&sip_limits_default);
			MUST(frame.skip + frame.length <= have - at);
			r->pings += frame.pings;
			if (result == SIP_FRAME_MESSAGE && r->count < FRAMES) {
				r->at[r->count] = at + frame.skip;
				r->n[r->count++] = frame.length;
			}
			r->error = result == SIP_FRAME_ERROR;
			at += frame.skip + frame.length;
		} while (result == SIP_FRAME_MESSAGE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	struct result whole, pieces;

	feed(all, size ? size : 1, &whole);
	for (size_t step = 1; step < 8; step += 3) {
		feed(all, step, &pieces);
		MUST(pieces.count == whole.count && pieces.error == whole.error);
		MUST(pieces.pings == whole.pings);
		MUST(memcmp(pieces.at, whole.at, sizeof(whole.at)) == 0);
		MUST(memcmp(pieces.n, whole.n, sizeof(whole.n)) == 0);
	}
	return 0;
}
