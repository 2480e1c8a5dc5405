// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * HMAC-SHA-256, whose algorithms are looked up once.
 */
#include "mac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static EVP_MAC_CTX *ready(void)
{
	static EVP_MAC_CTX *context;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *algorithm;

	if (context)
		return context;
	algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
	context = EVP_MAC_CTX_new(algorithm);
	EVP_MAC_free(algorithm);
	if (context && !EVP_MAC_CTX_set_params(context, params)) {
		EVP_MAC_CTX_free(context);
		context = NULL;
	}
	return context;
}

bool mac_sha256(struct str key, struct str octets, uint8_t mac[MAC_SHA256])
{
	EVP_MAC_CTX *context = ready();
	size_t n = 0;

	return context && EVP_MAC_init(context, (const uint8_t *)key.p, key.n, NULL) &&
	       EVP_MAC_update(context, (const uint8_t *)octets.p, octets.n) &&
	       EVP_MAC_final(context, mac, &n, MAC_SHA256) && n == MAC_SHA256;
}
