// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration: the suites that UEs may be given, the best first. */
#include <stdio.h>

#include "config_private.h"

/*
 * All that TS 33.203 Annex H has or had (field note 4), the best first; less
 * what the kernel lacks.
 */
static const char * const default_suites[] = {
	"null/aes-gcm", "hmac-sha-1-96/aes-cbc", "aes-gmac/null", "hmac-sha-1-96/null",
	"hmac-md5-96/aes-cbc", "hmac-sha-1-96/des-ede3-cbc", "hmac-md5-96/des-ede3-cbc",
	"hmac-md5-96/null",
};

/* The same as a text, for who has written another. */
static const char *all_suites(void)
{
	static char text[256];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(default_suites) / sizeof(default_suites[0]); i++)
		n += snprintf(text + n, sizeof(text) - n, "%s%s", n ? ", " : "", default_suites[i]);
	return text;
}

static int read_suite_list(struct reading *r, struct config *cfg, const char * const *texts,
			   unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		char path[48];

		snprintf(path, sizeof(path), "sec-agree.suites.%u", i);
		if (!suite_parse(str_of(texts[i]), &cfg->suites[i]))
			return config_wrong(r, path, "\"%.30s\" is not a suite; there are: %s",
					    texts[i], all_suites());
	}
	cfg->n_suites = n;
	return 0;
}

/*
 * Every pair of the two lists that TS 33.203 Annex H allows, integrity deciding
 * before encryption.
 */
static int read_algorithms(struct reading *r, struct config *cfg, const struct yaml_sec_agree *sa)
{
	char path[48];

	for (unsigned int i = 0; i < sa->alg_count * sa->ealg_count; i++) {
		const char *alg = sa->alg[i / sa->ealg_count], *ealg = sa->ealg[i % sa->ealg_count];
		const struct suite s = { suite_alg(str_of(alg)), suite_ealg(str_of(ealg)) };

		snprintf(path, sizeof(path), "sec-agree.alg.%u", i / sa->ealg_count);
		if (!s.alg)
			return config_wrong(r, path, "\"%s\" is not an integrity algorithm; there "
					    "are: hmac-sha-1-96, hmac-md5-96, aes-gmac, null", alg);
		snprintf(path, sizeof(path), "sec-agree.ealg.%u", i % sa->ealg_count);
		if (!s.ealg)
			return config_wrong(r, path, "\"%s\" is not an encryption algorithm; there "
					    "are: aes-cbc, des-ede3-cbc, aes-gcm, null", ealg);
		if (!suite_valid(s))
			continue;
		if (cfg->n_suites == CONFIG_MAX_SUITES)
			return config_wrong(r, "sec-agree.alg", "more than %d pairs",
					    CONFIG_MAX_SUITES);
		cfg->suites[cfg->n_suites++] = s;
	}
	return cfg->n_suites ? 0 : config_wrong(r, "sec-agree.alg", "no pair with ealg is allowed "
						"(TS 33.203 Annex H)");
}

int config_read_suites(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	static const struct yaml_sec_agree none;
	const struct yaml_sec_agree *sa = y->sec_agree ? y->sec_agree : &none;

	cfg->remembered_impis = config_or(sa->remember, 1000000);
	if (!cfg->remembered_impis || cfg->remembered_impis > 100000000)
		return config_wrong(r, "sec-agree.remember", "must be 1 to 100000000");
	if (!sa->alg_count != !sa->ealg_count)
		return config_wrong(r, "sec-agree", "alg and ealg come together");
	if (sa->alg_count && sa->suites_count)
		return config_wrong(r, "sec-agree.suites", "either suites, or alg and ealg");
	if (sa->alg_count)
		return read_algorithms(r, cfg, sa);
	if (sa->suites_count)
		return read_suite_list(r, cfg, (const char * const *)sa->suites, sa->suites_count);
	cfg->default_suites = true;
	return read_suite_list(r, cfg, default_suites,
			       sizeof(default_suites) / sizeof(default_suites[0]));
}
