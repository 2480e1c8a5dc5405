/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _ATTACKERS_H
#define _ATTACKERS_H

/* Strangers on path.h's wires, with rates: what test_attackers_*.c share. */
#include "admission.h"
#include "path.h"

HELPER int begin_limited(void **state)
{
	begin(state);
	cfg.rates.source = (struct config_rate){ 20, 100 };
	cfg.rates.impi = (struct config_rate){ 1, 20 };
	cfg.rates.all = (struct config_rate){ 2000, 4000 };
	cfg.rates.table = 1024;
	cfg.rates.retry_after = 30;
	memset(&admission_stats, 0, sizeof(admission_stats));
	assert_true(admission_init(&cfg));
	return 0;
}

HELPER int end_limited(void **state)
{
	admission_exit();
	return end(state);
}

HELPER struct flow stranger_flow(unsigned int n)
{
	struct flow f = clear_flow();
	char text[32];

	snprintf(text, sizeof(text), "10.66.%u.%u", n >> 8 & 255, n & 255);
	addr_parse(&f.remote, text, 5060);
	return f;
}

static const char victim[] = "001@example.org";

/* REGISTER in clear from @f, and what the core says to it, if it hears of it. */
HELPER bool asks(const struct flow *f, const char *impi, bool challenge)
{
	unsigned int before = n_up;

	ask(f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch,
			      .impi = impi, .via = addr_text(&f->remote) });
	if (n_up == before)
		return false;
	if (challenge)
		core_challenges(GOOD_KEYS);
	return true;
}

HELPER bool still_there(uint32_t id, enum set_state state)
{
	struct set *s = set_find(id);

	return s && s->state == state && fake_kernel.sets[id].there;
}

#define A(f) cmocka_unit_test_setup_teardown(f, begin_limited, end_limited)

#endif
