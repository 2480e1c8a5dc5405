// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names of algorithms as Security-Client and the configuration write them
 * (TS 33.203 Annex H), and which pairs there are.
 */
#include "suite.h"

#include <stdio.h>

static const char *const alg_names[] = {
	[GMGATE_ALG_HMAC_MD5_96] = "hmac-md5-96",
	[GMGATE_ALG_HMAC_SHA_1_96] = "hmac-sha-1-96",
	[GMGATE_ALG_AES_GMAC] = "aes-gmac",
	[GMGATE_ALG_NULL] = "null",
};

static const char *const ealg_names[] = {
	[GMGATE_EALG_NULL] = "null",
	[GMGATE_EALG_AES_CBC] = "aes-cbc",
	[GMGATE_EALG_DES_EDE3_CBC] = "des-ede3-cbc",
	[GMGATE_EALG_AES_GCM] = "aes-gcm",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static uint32_t find_name(const char *const *names, size_t n, struct str name)
{
	for (size_t i = 1; i < n; i++)
		if (names[i] && str_same_nocase(name, str_of(names[i])))
			return (uint32_t)i;
	return 0;
}

uint32_t suite_alg(struct str name)
{
	return find_name(alg_names, COUNT(alg_names), name);
}

uint32_t suite_ealg(struct str name)
{
	return find_name(ealg_names, COUNT(ealg_names), name);
}

const char *suite_alg_name(uint32_t alg)
{
	return alg < COUNT(alg_names) && alg_names[alg] ? alg_names[alg] : "unknown";
}

const char *suite_ealg_name(uint32_t ealg)
{
	return ealg < COUNT(ealg_names) && ealg_names[ealg] ? ealg_names[ealg] : "unknown";
}

bool suite_valid(struct suite s)
{
	switch (s.alg) {
	case GMGATE_ALG_HMAC_MD5_96:
	case GMGATE_ALG_HMAC_SHA_1_96:
		return s.ealg == GMGATE_EALG_NULL || s.ealg == GMGATE_EALG_AES_CBC ||
		       s.ealg == GMGATE_EALG_DES_EDE3_CBC;
	case GMGATE_ALG_AES_GMAC:
		return s.ealg == GMGATE_EALG_NULL;
	case GMGATE_ALG_NULL:
		return s.ealg == GMGATE_EALG_AES_GCM;
	default:
		return false;
	}
}

bool suite_parse(struct str text, struct suite *s)
{
	const char *slash = text.n ? memchr(text.p, '/', text.n) : NULL;
	size_t at;

	*s = (struct suite){ 0 };
	if (!slash)
		return false;
	at = (size_t)(slash - text.p);
	s->alg = suite_alg((struct str){ text.p, at });
	s->ealg = suite_ealg(str_from(text, at + 1));
	return suite_valid(*s);
}

const char *suite_name(struct suite s, char name[SUITE_NAME])
{
	snprintf(name, SUITE_NAME, "%s/%s", suite_alg_name(s.alg), suite_ealg_name(s.ealg));
	return name;
}
