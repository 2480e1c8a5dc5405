/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PLAIN_WORLD_H
#define _PLAIN_WORLD_H

/* A UE that registers without sec-agree, on proxy_world.h: what test_plain*.c share. */
#include "caller_world.h"

#include "log.h"

/* The SIP clock runs on its own here. */
HELPER void let_them_in(void)
{
	cfg.gm[0].secagree_required = false;
	policy_exit();
	cfg.remembered_impis = 100;
	assert_true(policy_init(&cfg));
}

HELPER void plain_asks(const struct flow *from, const char *impi, const char *response,
		       unsigned int expires)
{
	ask(from, &(struct ask){ .impi = impi, .response = response, .expires = expires,
				 .no_tags = true, .branch = ++branch });
}

/* Both rounds; the UE of it. */
HELPER struct ue *plain_registers(const struct flow *from, const char *impi, unsigned int expires)
{
	plain_asks(from, impi, NULL, expires);
	core_challenges("");
	assert_int_equal(status(), 401);
	plain_asks(from, impi, "0123", expires);
	core_accepts(expires);
	assert_int_equal(status(), 200);
	return plain_at(from);
}

/* An INVITE of the core that finds it by its Path. */
HELPER void core_calls(const struct ue *ue, const char *uri)
{
	char route[128];

	snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>\r\n", ue->token);
	core_says(&(struct say){ .uri = uri, .route = route, .call = "down",
				 .from = "<sip:002@example.org>;tag=c",
				 .to = "<sip:001@example.org>" });
}

/* 403 at once, and nothing of it went to the core. */
HELPER void assert_stranger(const struct flow *f)
{
	unsigned int before = n_up;

	say(f, &(struct say){ .call = "stranger" });
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, before);
}

HELPER unsigned int sent_status(const struct sent *s)
{
	unsigned int code = 0;

	sscanf(s->text, "SIP/2.0 %u", &code);
	return code;
}

#endif
