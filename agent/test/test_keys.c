// SPDX-License-Identifier: GPL-2.0-or-later
/* Suites and key expansion, with the worked example of test set 1. */
#include "proof.h"
#include "keys.h"

static struct keys_aka example(void)
{
	struct keys_aka aka;

	assert_true(str_hex(STR_LIT("b40ba9a3c58b2a05bbf0d987b21bf8cb"), aka.ck, 16));
	assert_true(str_hex(STR_LIT("f769bcd751044604127672711c6d3441"), aka.ik, 16));
	return aka;
}

static void assert_hex(const uint8_t *p, size_t n, const char *hex)
{
	uint8_t want[32];

	assert_int_equal(n * 2, strlen(hex));
	assert_true(str_hex(str_of(hex), want, n));
	if (n)
		assert_memory_equal(p, want, n);
}

static void test_expand(void **state)
{
	static const char ik[] = "f769bcd751044604127672711c6d3441";
	static const char ik20[] = "f769bcd751044604127672711c6d344100000000";
	static const char ck[] = "b40ba9a3c58b2a05bbf0d987b21bf8cb";
	static const char des[] = "b50ba8a2c48a2a04baf1d986b31af8cbb50ba8a2c48a2a04";
	static const struct {
		const char *suite, *ik, *ck, *salt;
	} cases[] = {
		{ "hmac-md5-96/null", ik, "", "" },
		{ "hmac-md5-96/aes-cbc", ik, ck, "" },
		{ "hmac-md5-96/des-ede3-cbc", ik, des, "" },
		{ "hmac-sha-1-96/null", ik20, "", "" },
		{ "hmac-sha-1-96/aes-cbc", ik20, ck, "" },
		{ "hmac-sha-1-96/des-ede3-cbc", ik20, des, "" },
		{ "aes-gmac/null", ik, "", "dbc2b1c2" },
		{ "null/aes-gcm", "", ck, "89273db6" },
	};
	struct keys_aka aka = example();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keys_esp esp;
		struct suite suite;

		assert_true(suite_parse(str_of(cases[i].suite), &suite));
		assert_true(keys_expand(suite, &aka, &esp));
		assert_hex(esp.ik, esp.ik_len, cases[i].ik);
		assert_hex(esp.ck, esp.ck_len, cases[i].ck);
		assert_hex(esp.salt, esp.salt_len, cases[i].salt);
	}
}

static void test_des_parity(void **state)
{
	struct suite suite = { GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_DES_EDE3_CBC };
	struct keys_aka aka;
	struct keys_esp esp;

	(void)state;
	for (int i = 0; i < 16; i++)
		aka.ck[i] = (uint8_t)(i * 17 + 3);
	memset(aka.ik, 1, sizeof(aka.ik));
	assert_true(keys_expand(suite, &aka, &esp));
	for (int i = 0; i < 24; i++) {
		assert_int_equal(__builtin_popcount(esp.ck[i]) % 2, 1);
		assert_int_equal(esp.ck[i] & 0xfe, aka.ck[i % 16] & 0xfe);
	}
}

static void test_refuses_pairs(void **state)
{
	struct keys_aka aka = example();
	struct keys_esp esp, zero = { 0 };

	(void)state;
	for (uint32_t alg = 0; alg <= GMGATE_ALG_MAX + 1; alg++) {
		for (uint32_t ealg = 0; ealg <= GMGATE_EALG_MAX + 1; ealg++) {
			struct suite s = { alg, ealg };
			bool hmac = alg == GMGATE_ALG_HMAC_MD5_96 ||
				    alg == GMGATE_ALG_HMAC_SHA_1_96;
			bool want = (hmac && ealg && ealg <= GMGATE_EALG_DES_EDE3_CBC) ||
				    (alg == GMGATE_ALG_AES_GMAC && ealg == GMGATE_EALG_NULL) ||
				    (alg == GMGATE_ALG_NULL && ealg == GMGATE_EALG_AES_GCM);

			assert_int_equal(suite_valid(s), want);
			assert_int_equal(keys_expand(s, &aka, &esp), want);
			if (!want)
				assert_memory_equal(&esp, &zero, sizeof(esp));
		}
	}
}

static void test_wipe(void **state)
{
	struct keys_aka aka = example(), no_aka = { 0 };
	struct suite suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC };
	struct keys_esp esp, no_esp;

	(void)state;
	memset(&no_esp, 0, sizeof(no_esp));
	assert_true(keys_expand(suite, &aka, &esp));
	keys_aka_wipe(&aka);
	keys_esp_wipe(&esp);
	assert_memory_equal(&aka, &no_aka, sizeof(aka));
	assert_memory_equal(&esp, &no_esp, sizeof(esp));
}

static void test_names(void **state)
{
	struct suite s;
	char name[SUITE_NAME];

	(void)state;
	assert_true(suite_parse(STR_LIT("HMAC-SHA-1-96/AES-CBC"), &s));
	assert_int_equal(s.alg, GMGATE_ALG_HMAC_SHA_1_96);
	assert_int_equal(s.ealg, GMGATE_EALG_AES_CBC);
	assert_string_equal(suite_name(s, name), "hmac-sha-1-96/aes-cbc");
	assert_false(suite_parse(STR_LIT("hmac-sha-1-96"), &s));
	assert_false(suite_parse(STR_LIT("hmac-sha-1-96/"), &s));
	assert_false(suite_parse(STR_LIT("hmac-sha-256-128/null"), &s));
	assert_false(suite_parse(STR_LIT("null/null"), &s));
	assert_false(suite_parse(STR_LIT(""), &s));
	assert_int_equal(suite_alg(STR_LIT("unspec")), 0);
	assert_string_equal(suite_alg_name(99), "unknown");
	assert_string_equal(suite_ealg_name(0), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_expand, "TS 33.203 Annex I: keys and salts, test set 1"),
		PROOF(test_des_parity, "TS 33.203 Annex I: CK1 CK2 CK1 with odd parity"),
		PROOF(test_refuses_pairs, "TS 33.203 Annex H: null only with aes-gcm, aes-gmac only with null"),
		PROOF(test_wipe, "field note 'key hygiene': keys are wiped"),
		PROOF(test_names, "TS 33.203 Annex H: names without regard to case"),
	};

	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
