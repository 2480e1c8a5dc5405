// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmctl ue and gmctl deregister at the agent's side: who matches, what is told,
 * and that a long walk survives what happens meanwhile.
 */
#include "registrar_world.h"

#include "control_world.h"

static const struct config cfg;
static struct octets out;

static const char *answer(const char *line)
{
	octets_free(&out);
	memset(&out, 0, sizeof(out));
	told(&cfg, line, &out);
	return out.p;
}

static unsigned int times(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static bool finds(const char *line, unsigned int n)
{
	char end[32];

	snprintf(end, sizeof(end), "{\"end\":%u}\n", n);
	return strstr(answer(line), end) && times(out.p, "\"impi\"") == n;
}

static struct set *register_one(const char *who, const char *where, const char *aor)
{
	struct registrar_accepted a = { .contact = STR_LIT("sip:a@10.45.0.9:8000"),
					.expires = EXPIRES };
	struct addr addr;
	struct set *s;

	addr_parse(&addr, where, 0);
	s = challenge_of(who, &addr, 8001, 8000, 0);
	assert_non_null(s);
	a.aor = str_of(aor);
	a.associated = STR_LIT("<sip:other@example.org>, <tel:+4930123>");
	assert_int_equal(registrar_accepted(s, &a), 0);
	return s;
}

static int forget(void **state)
{
	octets_free(&out);
	memset(&out, 0, sizeof(out));
	return end(state);
}

static void ues_are_found_by_what_they_have(void **state)
{
	(void)state;
	register_one("001@example.org", "10.45.0.3", "sip:alice@example.org");
	register_one("002@example.org", "2001:db8::3", "sip:bob@example.org");
	challenge_of("003@example.org", &home, 8011, 8010, 0);
	assert_true(finds("ue", 3));
	assert_true(finds("ue who=001@example.org", 1));
	assert_true(finds("ue who=10.45.0.3", 2));
	assert_true(finds("ue address=2001:DB8:0::3", 1));
	assert_true(finds("ue who=sip:bob@example.org", 1));
	assert_true(finds("ue impu=bob@example.org", 1));
	assert_true(finds("ue impu=+4930123", 2));
	assert_true(finds("ue impi=00*", 3));
	assert_true(finds("ue impi=*2@example.org", 1));
	assert_true(finds("ue state=challenged", 1));
	assert_true(finds("ue state=registered impi=001*", 1));
	assert_true(finds("ue state=ending", 0));
	assert_true(finds("ue who=nobody", 0));
	assert_non_null(strstr(answer("ue address=nowhere"), "{\"error\":"));
	assert_non_null(strstr(answer("ue state=dead"), "{\"error\":"));
	assert_non_null(strstr(answer("ue colour=red"), "{\"error\":"));
}

static void all_of_a_ue_is_told_but_its_token(void **state)
{
	struct set *s = register_one("001@example.org", "10.45.0.3", "sip:alice@example.org");
	char ends[32];

	(void)state;
	answer("ue whole who=001@example.org");
	assert_non_null(strstr(out.p, "\"state\":\"registered\""));
	assert_non_null(strstr(out.p, "\"aor\":\"sip:alice@example.org\""));
	assert_non_null(strstr(out.p, "\"suite\":\"hmac-sha-1-96/aes-cbc\""));
	assert_non_null(strstr(out.p, "\"port-us\":8000"));
	assert_non_null(strstr(out.p, "\"dialogs\":[]"));
	snprintf(ends, sizeof(ends), "\"ends\":%u,\"emergency\":false", EXPIRES);
	assert_non_null(strstr(out.p, ends));
	assert_null(strstr(out.p, s->ue->token));
	assert_null(strstr(answer("ue who=001@example.org"), "\"dialogs\""));
}

static void hostile_names_stay_inside_their_quotes(void **state)
{
	struct set *s = challenge_of("a\"}\x1b[31m\n\x80@x", &home, 8001, 8000, 0);

	(void)state;
	assert_non_null(s);
	answer("ue");
	assert_non_null(strstr(out.p, "\"a\\\"}\\u001b[31m\\u000a\\u0080@x\""));
	assert_int_equal(times(out.p, "\n"), 2);
}

/* --- a long walk --- */

#define MANY 3000

static struct ue *crowd[MANY];

static void fill(void)
{
	char who[32];

	for (unsigned int i = 0; i < MANY; i++) {
		snprintf(who, sizeof(who), "%05u@example.org", i);
		crowd[i] = registrar_ue(str_of(who), &home);
		assert_non_null(crowd[i]);
	}
}

static void empty(unsigned int from)
{
	for (unsigned int i = from; i < MANY; i++)
		if (crowd[i])
			registrar_release(crowd[i]);
}

static void long_answers_come_in_pieces(void **state)
{
	(void)state;
	fill();
	octets_free(&out);
	memset(&out, 0, sizeof(out));
	/* At most 256 looked at, and about 32 KiB, a piece. */
	assert_true(told(&cfg, "ue", &out) > MANY / 256);
	assert_int_equal(times(out.p, "\"impi\""), MANY);
	octets_free(&out);
	memset(&out, 0, sizeof(out));
	/* Also where nothing matches. */
	assert_true(told(&cfg, "ue who=nobody", &out) > MANY / 256);
	empty(0);
}

static void walk_outlives_what_it_walks_over(void **state)
{
	struct control_answer a = { .config = &cfg };
	unsigned int seen = 0, piece;
	char line[] = "ue";
	bool more = true;

	(void)state;
	fill();
	control_answer(&a, line);
	while (more) {
		more = a.more(&a);
		octets_put(&a.out, STR_LIT("\0"));
		piece = times(a.out.p, "\"impi\"");
		octets_free(&a.out);
		memset(&a.out, 0, sizeof(a.out));
		seen += piece;
		/* Those just seen go, and the next hundred, which it stands before. */
		for (unsigned int i = 0; i < seen + 100 && i < MANY; i++)
			if (crowd[i]) {
				registrar_release(crowd[i]);
				crowd[i] = NULL;
			}
	}
	a.end(&a);
	assert_true(seen > 300 && seen < MANY);
	empty(0);
	assert_null(registrar_first());
}

static void walk_that_is_given_up_lets_go(void **state)
{
	struct control_answer a = { .config = &cfg };
	char line[] = "ue";

	(void)state;
	fill();
	control_answer(&a, line);
	a.more(&a);
	a.end(&a);
	octets_free(&a.out);
	empty(0);
	assert_null(registrar_first());
}

/* --- the operator ends registrations --- */

static void registration_is_ended(void **state)
{
	struct set *s = register_one("001@example.org", "10.45.0.3", "sip:alice@example.org");
	uint32_t id = s->id, other;

	(void)state;
	other = register_one("002@example.org", "10.45.0.4", "sip:bob@example.org")->id;
	challenge_of("001@example.org", &s->ue->addr, 8021, 8000, id);
	assert_non_null(strstr(answer("deregister who=001@example.org"), "\"ended\":true"));
	assert_non_null(strstr(out.p, "{\"end\":1}"));
	/* Its bindings are gone, the challenge with its set; its SAs drain. */
	assert_int_equal(registrar_count(), 1);
	assert_null(s->ue->bindings);
	assert_ptr_equal(s->ue->sets, s);
	assert_null(s->next);
	assert_true(in_kernel(id)->there);
	clock_advance(DRAIN);
	assert_false(in_kernel(id)->there);
	/* The other one has noticed nothing. */
	assert_true(in_kernel(other)->there);
	assert_true(set_find(other)->ends > DRAIN * 2);
}

static void registration_is_ended_at_once(void **state)
{
	uint32_t id = register_one("001@example.org", "10.45.0.3", "sip:a@example.org")->id;

	(void)state;
	assert_non_null(strstr(answer("deregister address=10.45.0.3 now"), "{\"end\":1}"));
	assert_false(in_kernel(id)->there);
	assert_null(registrar_first());
	assert_non_null(strstr(answer("deregister who=*"), "{\"end\":0}"));
}

static void nobody_is_ended_by_mistake(void **state)
{
	(void)state;
	register_one("001@example.org", "10.45.0.3", "sip:a@example.org");
	assert_non_null(strstr(answer("deregister"), "{\"error\":"));
	assert_non_null(strstr(answer("deregister now"), "{\"error\":"));
	assert_non_null(strstr(answer("deregister impi="), "{\"end\":0}"));
	assert_non_null(strstr(answer("deregister state=registered"), "{\"error\":"));
	assert_int_equal(registrar_count(), 1);
}

static void emergency_registration_is_spared(void **state)
{
	struct registrar_accepted a = {
		.aor = STR_LIT("sip:a@example.org"), .contact = STR_LIT("sip:a@10.45.0.3:8000"),
		.expires = EXPIRES, .emergency = true,
	};
	struct ue *ue = registrar_emergency_ue(str_of(impi), &home);
	struct set *s = challenge_with(ue, 8001, 8000, 0);

	(void)state;
	assert_int_equal(registrar_accepted(s, &a), 0);
	assert_non_null(strstr(answer("deregister who=*"), "\"emergency\":true,\"ended\":false"));
	assert_int_equal(registrar_count(), 1);
	assert_non_null(strstr(answer("deregister who=* emergency"), "\"ended\":true"));
	assert_int_equal(registrar_count(), 0);
}

#define U(f) cmocka_unit_test_setup_teardown(f, begin, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		U(ues_are_found_by_what_they_have),
		U(all_of_a_ue_is_told_but_its_token),
		U(hostile_names_stay_inside_their_quotes),
		U(long_answers_come_in_pieces),
		U(walk_outlives_what_it_walks_over),
		U(walk_that_is_given_up_lets_go),
		U(registration_is_ended),
		U(registration_is_ended_at_once),
		U(nobody_is_ended_by_mistake),
		U(emergency_registration_is_spared),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
