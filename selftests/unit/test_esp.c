// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kmod/esp.h: the arithmetic of RFC 4303 2 for every payload length, and a
 * trailer reader that is fed everything, in buffers of exactly its length so
 * that AddressSanitizer sees a step outside.
 */
#include "cases.h"
#include "../../kmod/esp.h"

/* Octets that ESP adds to a packet, fewest and most, by suite. */
static const struct {
	struct gmg_esp_shape shape;
	u32 least, most;
} suites[] = {
	{ { 0, 4, 12 }, 22, 25 },	/* hmac-*-96 / null */
	{ { 16, 16, 12 }, 38, 53 },	/* hmac-*-96 / aes-cbc */
	{ { 8, 8, 12 }, 30, 37 },	/* hmac-*-96 / des-ede3-cbc */
	{ { 8, 4, 16 }, 34, 37 },	/* aes-gcm, aes-gmac */
};

#define N_SUITES (sizeof(suites) / sizeof(suites[0]))

static void test_overhead(void **state)
{
	unsigned int i;
	u32 payload;

	(void)state;
	for (i = 0; i < N_SUITES; i++) {
		const struct gmg_esp_shape *s = &suites[i].shape;
		u32 least = UINT32_MAX, most = 0;

		for (payload = 0; payload <= GMG_IP_MAX; payload++) {
			u32 added = gmg_esp_before(s) + gmg_esp_behind(s, payload);
			u32 pad = gmg_esp_pad(s, payload);

			assert_int_equal((payload + pad + 2) % s->align, 0);
			assert_true(pad < s->align);
			assert_true(gmg_esp_length_valid(s, payload + added));
			least = added < least ? added : least;
			most = added > most ? added : most;
		}
		assert_int_equal(least, suites[i].least);
		assert_int_equal(most, suites[i].most);
	}
}

/* Valid are exactly the lengths that some payload gives. */
static void test_lengths(void **state)
{
	static bool given[2048];
	unsigned int i;
	u32 payload, len;

	(void)state;
	for (i = 0; i < N_SUITES; i++) {
		const struct gmg_esp_shape *s = &suites[i].shape;

		memset(given, 0, sizeof(given));
		for (payload = 0; payload < 1900; payload++)
			given[payload + gmg_esp_before(s) + gmg_esp_behind(s, payload)] = true;
		for (len = 0; len < 1900; len++)
			assert_int_equal(gmg_esp_length_valid(s, len), given[len]);
		/* nothing near the end of the number space wraps into validity */
		for (len = UINT32_MAX - 64; len; len++)
			if (gmg_esp_length_valid(s, len))
				assert_int_equal((len - gmg_esp_before(s) - s->icv) % s->align, 0);
	}
}

static void test_trailer_back_and_forth(void **state)
{
	unsigned int i;
	u32 size;

	(void)state;
	for (i = 0; i < N_SUITES; i++)
		for (size = 0; size < 300; size++) {
			u32 pad = gmg_esp_pad(&suites[i].shape, size), payload, n;
			u8 *text = malloc(size + pad + 2), next_header;

			memset(text, 0xa5, size);
			gmg_esp_write_trailer(text + size, pad, 17);
			for (n = 0; n < pad; n++)
				assert_int_equal(text[size + n], n + 1);
			assert_int_equal(text[size + pad], pad);
			assert_true(gmg_esp_read_trailer(text, size + pad + 2, &payload,
							 &next_header));
			assert_int_equal(payload, size);
			assert_int_equal(next_header, 17);
			free(text);
		}
}

/* A wrong octet anywhere in the padding, and every pad length there is. */
static void test_trailer_refuses(void **state)
{
	u32 len, pad, payload, n;
	u8 next_header;

	(void)state;
	for (len = 2; len < 280; len++)
		for (pad = 0; pad < 256; pad++) {
			u8 *text = calloc(1, len);
			bool fits = pad + 2 <= len;

			for (n = 0; fits && n < pad; n++)
				text[len - 2 - pad + n] = n + 1;
			text[len - 2] = pad;
			text[len - 1] = 6;
			assert_int_equal(gmg_esp_read_trailer(text, len, &payload, &next_header),
					 fits);
			if (fits) {
				assert_int_equal(payload, len - 2 - pad);
				assert_int_equal(next_header, 6);
			}
			if (fits && pad) {
				text[len - 2 - pad + (len * 7 + pad) % pad] ^= 0x40;
				assert_false(gmg_esp_read_trailer(text, len, &payload,
								  &next_header));
			}
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overhead),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_trailer_back_and_forth),
		cmocka_unit_test(test_trailer_refuses),
	};

	return cmocka_run_group_tests_name("esp", tests, NULL, NULL);
}
