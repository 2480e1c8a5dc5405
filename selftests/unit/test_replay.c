// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod/replay.h against a model that remembers every number it accepted, in
 * the words of RFC 4303 3.4.3: reject what was received before, reject what
 * is left of the window, take all else.
 */
#include "cases.h"
#include "../../kmod/replay.h"

#define MODEL_MAX 4096

struct model {
	u32 seen[MODEL_MAX];
	unsigned int n;
	u32 top;
};

static bool model_accepts(struct model *m, u32 seq, u32 window)
{
	unsigned int i;

	if (seq == 0)
		return false;
	for (i = 0; i < m->n; i++)
		if (m->seen[i] == seq)
			return false;
	if (seq < m->top && m->top - seq >= window)
		return false;
	assert_true(m->n < MODEL_MAX);
	m->seen[m->n++] = seq;
	if (seq > m->top)
		m->top = seq;
	return true;
}

static bool window_accepts(struct gmg_replay *r, u32 seq, u32 window)
{
	bool good = gmg_replay_check(r, seq, window);

	/* a check changes nothing, however often it is asked */
	assert_int_equal(gmg_replay_check(r, seq, window), good);
	if (good)
		gmg_replay_advance(r, seq);
	return good;
}

static void compare(const u32 *seq, unsigned int n, u32 window)
{
	static struct model m;
	struct gmg_replay r = { 0 };
	unsigned int i;

	m.n = 0;
	m.top = 0;
	for (i = 0; i < n; i++) {
		bool want = model_accepts(&m, seq[i], window);

		if (window_accepts(&r, seq[i], window) != want)
			fail_msg("window %u, packet %u, number %u: wants %d",
				 window, i, seq[i], want);
	}
}

/* Every sequence of six numbers below eight, with every small window. */
static void test_all_short_sequences(void **state)
{
	u32 seq[6], window, code, i;

	(void)state;
	for (window = 1; window <= 8; window++)
		for (code = 0; code < 1u << 18; code++) {
			for (i = 0; i < 6; i++)
				seq[i] = code >> 3 * i & 7;
			compare(seq, 6, window);
		}
}

/* The same shapes at the top of the number space, where a sum would wrap. */
static void test_all_short_sequences_at_the_end(void **state)
{
	u32 seq[5], window, code, i;

	(void)state;
	for (window = 1; window <= 4; window++)
		for (code = 0; code < 1u << 15; code++) {
			for (i = 0; i < 5; i++)
				seq[i] = UINT32_MAX - 5 + (code >> 3 * i & 7);
			compare(seq, 5, window);
		}
}

/* Each age around the edge of the window, after each jump around its size. */
static void test_every_age_after_every_jump(void **state)
{
	static const u32 windows[] = { 32, 64 };
	static const u32 tops[] = { 1, 64, 65, 1000, 0x7fffffff, 0x80000000,
				    UINT32_MAX - 200 };
	unsigned int w, t;
	u32 jump, age;

	(void)state;
	for (w = 0; w < 2; w++)
		for (t = 0; t < sizeof(tops) / sizeof(tops[0]); t++)
			for (jump = 1; jump < 140; jump++)
				for (age = 0; age < 140; age++) {
					u32 top = tops[t] + jump;
					u32 old = age <= top ? top - age : 0;
					u32 seq[] = { tops[t], top, old, old };

					compare(seq, 4, windows[w]);
				}
}

static void test_random_walks(void **state)
{
	static const u32 steps[] = { 0, 1, 1, 1, 2, 5, 31, 32, 33, 63, 64, 65, 500 };
	static u32 seq[2000];
	u64 seed = 0x676d67617465;
	unsigned int round, i;

	(void)state;
	for (round = 0; round < 40; round++) {
		u32 base = cases_random(&seed) >> (round % 8 * 4 + 4);

		for (i = 0; i < 2000; i++) {
			base += steps[cases_random(&seed) % 13];
			seq[i] = base - cases_random(&seed) % 80;
		}
		compare(seq, 2000, round & 1 ? 64 : 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_short_sequences),
		cmocka_unit_test(test_all_short_sequences_at_the_end),
		cmocka_unit_test(test_every_age_after_every_jump),
		cmocka_unit_test(test_random_walks),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
