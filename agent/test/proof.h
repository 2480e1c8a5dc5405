/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROOF_H
#define _PROOF_H

/* What every cmocka test here needs; tests carry the rule they prove as name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "octets.h"

#define PROOF(function, rule) { (rule), (function), NULL, NULL, NULL }

static inline void assert_str(struct str s, const char *text)
{
	if (s.n == strlen(text) && (!s.n || memcmp(s.p, text, s.n) == 0))
		return;
	fail_msg("got '%.*s', want '%s'", STR_ARG(s), text);
}

static inline void assert_octets(const struct octets *o, const char *text)
{
	assert_false(o->failed);
	assert_str(octets_str(o), text);
}

#endif
