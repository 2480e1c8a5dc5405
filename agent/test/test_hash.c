// SPDX-License-Identifier: GPL-2.0-or-later
/* SipHash beside that of libcrypto. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "proof.h"
#include "hash.h"

#define LONGEST 300

static void theirs(const uint8_t *key, const uint8_t *data, size_t n, uint8_t out[HASH_KEYED])
{
	size_t size = HASH_KEYED, done = 0;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(algorithm);

	assert_non_null(context);
	assert_true(EVP_MAC_init(context, key, HASH_KEY, params));
	assert_true(EVP_MAC_update(context, data, n));
	assert_true(EVP_MAC_final(context, out, &done, HASH_KEYED));
	assert_int_equal(done, HASH_KEYED);
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(algorithm);
}

static void keyed_is_siphash_2_4(void **state)
{
	uint8_t key[HASH_KEY], data[LONGEST], ours[HASH_KEYED], other[HASH_KEYED];

	(void)state;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(200 + 7 * i);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i + 3 * i + 250);
	for (size_t n = 0; n <= LONGEST; n++) {
		hash_keyed(key, data, n, ours);
		theirs(key, data, n, other);
		assert_memory_equal(ours, other, HASH_KEYED);
	}
}

/* Of tables: the same for the same octets, and each octet and the length count. */
static void octets_count(void **state)
{
	uint8_t data[40] = { 0 };

	(void)state;
	for (size_t n = 1; n <= sizeof(data); n++) {
		uint64_t before = hash_octets(data, n);

		assert_true(before == hash_octets(data, n));
		assert_true(before != hash_octets(data, n - 1));
		for (size_t i = 0; i < n; i++) {
			data[i] ^= 0x80;
			assert_true(before != hash_octets(data, n));
			data[i] ^= 0x80;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keyed_is_siphash_2_4), cmocka_unit_test(octets_count),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
