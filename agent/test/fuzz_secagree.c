// SPDX-License-Identifier: GPL-2.0-or-later
/* Security-* lists: what is chosen is usable, comparing is consistent. */
#include "fuzz.h"

#include "secagree.h"

static const struct suite policy[] = {
	{ GMGATE_ALG_HMAC_MD5_96, GMGATE_EALG_NULL },
	{ GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
};

static void choose(const struct secagree_list *list)
{
	struct octets why = { 0 };
	const struct secagree_entry *e = secagree_choose(list, policy, 2, &why);

	MUST(!why.failed && (e != NULL) == !why.n);
	if (e) {
		MUST(!e->unusable && suite_valid(e->suite));
		MUST(e->spi_c > 255 && e->spi_s > 255 && e->spi_c != e->spi_s);
		MUST(e->port_c && e->port_s && e->port_c != e->port_s && e->q <= 1000);
	}
	octets_free(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size }, a = all, b = { all.p + size, 0 };
	const char *cut = size ? memchr(data, '|', size) : NULL;
	struct secagree_list list;

	if (cut) {
		a.n = (size_t)(cut - all.p);
		b = str_from(all, a.n + 1);
	}
	if (secagree_parse(a, &list))
		choose(&list);
	MUST(secagree_same_offer(a, a) && secagree_verify(b, b));
	MUST(secagree_same_offer(a, b) == secagree_same_offer(b, a));
	MUST(!secagree_same_offer(a, b) || secagree_verify(a, b));
	return 0;
}
