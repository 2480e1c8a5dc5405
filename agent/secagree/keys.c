// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CK and IK to ESP keys (TS 33.203 Annex I). Pure; the caller owns and wipes
 * every key. Nothing here prints.
 */
#include "keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define SHA256_OCTETS 32

/* DES keys carry odd parity in the lowest bit of each octet (FIPS 46-3). */
static uint8_t odd_parity(uint8_t octet)
{
	unsigned int bits = 0;

	for (unsigned int i = 1; i < 8; i++)
		bits += (octet >> i) & 1;
	return (uint8_t)((octet & 0xfe) | !(bits & 1));
}

/* CK1 || CK2 || CK1 */
static void expand_des(const struct keys_aka *aka, struct keys_esp *esp)
{
	memcpy(esp->ck, aka->ck, 16);
	memcpy(esp->ck + 16, aka->ck, 8);
	for (size_t i = 0; i < 24; i++)
		esp->ck[i] = odd_parity(esp->ck[i]);
	esp->ck_len = 24;
}

/*
 * Last 4 octets of HMAC-SHA-256(CK || IK, FC || P0 || L0), the key derivation
 * of TS 33.220 Annex B.
 */
static bool derive_salt(const struct keys_aka *aka, uint8_t fc, const char *p0,
			struct keys_esp *esp)
{
	uint8_t key[2 * KEYS_AKA], data[32], mac[SHA256_OCTETS];
	unsigned int mac_len = 0;
	size_t n = strlen(p0);
	bool ok;

	memcpy(key, aka->ck, KEYS_AKA);
	memcpy(key + KEYS_AKA, aka->ik, KEYS_AKA);
	data[0] = fc;
	memcpy(data + 1, p0, n);
	data[n + 1] = 0;
	data[n + 2] = (uint8_t)n;
	ok = HMAC(EVP_sha256(), key, sizeof(key), data, n + 3, mac, &mac_len) &&
	     mac_len == SHA256_OCTETS;
	if (ok) {
		memcpy(esp->salt, mac + SHA256_OCTETS - KEYS_SALT, KEYS_SALT);
		esp->salt_len = KEYS_SALT;
	}
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(mac, sizeof(mac));
	return ok;
}

static bool expand_integrity(uint32_t alg, const struct keys_aka *aka, struct keys_esp *esp)
{
	if (alg == GMGATE_ALG_NULL)
		return true;
	/* hmac-sha-1-96 takes 20 octets: IK and four of 0, which @esp has. */
	memcpy(esp->ik, aka->ik, KEYS_AKA);
	esp->ik_len = alg == GMGATE_ALG_HMAC_SHA_1_96 ? 20 : KEYS_AKA;
	return alg != GMGATE_ALG_AES_GMAC || derive_salt(aka, 0x58, "AES_GMAC_SALT", esp);
}

static bool expand_cipher(uint32_t ealg, const struct keys_aka *aka, struct keys_esp *esp)
{
	switch (ealg) {
	case GMGATE_EALG_NULL:
		return true;
	case GMGATE_EALG_DES_EDE3_CBC:
		expand_des(aka, esp);
		return true;
	default:
		memcpy(esp->ck, aka->ck, KEYS_AKA);
		esp->ck_len = KEYS_AKA;
		return ealg != GMGATE_EALG_AES_GCM || derive_salt(aka, 0x59, "AES_GCM_SALT", esp);
	}
}

bool keys_expand(struct suite suite, const struct keys_aka *aka, struct keys_esp *esp)
{
	memset(esp, 0, sizeof(*esp));
	if (!suite_valid(suite))
		return false;
	if (expand_integrity(suite.alg, aka, esp) && expand_cipher(suite.ealg, aka, esp))
		return true;
	keys_esp_wipe(esp);
	return false;
}

void keys_aka_wipe(struct keys_aka *aka)
{
	OPENSSL_cleanse(aka, sizeof(*aka));
}

void keys_esp_wipe(struct keys_esp *esp)
{
	OPENSSL_cleanse(esp, sizeof(*esp));
}
