// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The REGISTER path from wire to wire: what should happen, and what happens
 * when the core or the kernel does not do its part (pcscf-sip 1 and 2).
 */
#include "path.h"

/* --- the main job --- */

static void first_register_goes_up_as_it_should(void **state)
{
	struct flow f = clear_flow();
	const char *via;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000,
			       .extra = "Supported: path,sec-agree\r\n"
					"Route: <sip:10.4.128.21:5060;lr>\r\n"
					"P-Asserted-Identity: <sip:forged@example.org>\r\n" });
	assert_int_equal(n_up, 1);
	assert_int_equal(n_down, 0);
	assert_string_equal(addr_text(&up.to.remote), "192.0.2.2:5060");
	assert_null(header(up.text, "Security-Client"));
	assert_null(header(up.text, "Proxy-Require"));
	assert_null(header(up.text, "Route"));
	assert_null(header(up.text, "P-Asserted-Identity"));
	assert_string_equal(header(up.text, "Require"), "path");
	assert_string_equal(header(up.text, "Max-Forwards"), "69");
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	assert_non_null(strstr(header(up.text, "P-Visited-Network-ID"), "visited.example"));
	assert_non_null(header(up.text, "P-Charging-Vector"));
	assert_non_null(strstr(header(up.text, "Path"), "@192.0.2.1:5060;lr>"));
	via = header(up.text, "Via");
	assert_memory_equal(via, "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK", 41);
	assert_non_null(strstr(up.text, "received=10.45.0.3"));
	/* Nothing is in the kernel for somebody who only asked. */
	assert_int_equal(fake_kernel.adds, 0);
}

/* Field notes 11, 54 and 57: not before the kernel has all four SAs, and in the standard's words. */
static void the_401_leaves_after_its_set_is_there(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	assert_int_equal(down.kernel_sets, 1);
	assert_int_equal(down.to.side, FLOW_GM);
	assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:5060");
	assert_string_equal(header(down.text, "Security-Server"), s->server);
	assert_null(strstr(down.text, "ck="));
	assert_null(strstr(down.text, "ik="));
	assert_null(strstr(down.text, CK));
	assert_null(strstr(down.text, "192.0.2.1"));
	assert_non_null(strstr(header(down.text, "WWW-Authenticate"), "nonce=\"abcd\""));
	assert_int_equal(fake_kernel.sets[s->id].ck[0], 0xb4);
	assert_int_equal(fake_kernel.sets[s->id].ik[0], 0xf7);
	assert_int_equal(s->port_uc, 8001);
	assert_int_equal(s->spi_us, 1112);
}

static void the_whole_registration(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	assert_null(header(up.text, "Security-Verify"));
	assert_null(header(up.text, "Security-Client"));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	/* Promoted before the 200 OK left; it left port_pc -> port_us on the set. */
	assert_int_equal(down.kernel_state, GMGATE_SET_STATE_ESTABLISHED);
	assert_int_equal(down.to.side, FLOW_GM_PROTECTED);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.local.port, s->port_pc);
	assert_int_equal(down.to.remote.port, 8000);
	assert_null(header(down.text, "P-Charging-Vector"));
	assert_int_equal(s->state, SET_INUSE);
	assert_string_equal(s->ue->service_route, "<sip:orig@192.0.2.2;lr>");
	assert_string_equal(s->ue->bindings->contact, "sip:001@10.45.0.3:8000");
	assert_true(s->ends == clock_now() + 600030000);
}

/*
 * RFC 3327 5.3, TS 24.229 5.1.3.1: by the last entry of its Path a UE knows whose a 380 is.
 * Ours has no token, and is there when the UE knows the header, or the core has sent it.
 */
static void the_path_a_ue_gets(void **state)
{
	static const struct {
		const char *supported, *of_core;
		bool told;
	} rows[] = {
		{ "Supported: path\r\n", "", true },
		{ "k: sec-agree, path\r\n", "Path: <sip:x;lr>\r\n", true },
		{ "", "Path: <sip:x;lr>\r\n", true },
		{ "Supported: outbound\r\n", "", false },
	};
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	char lines[256];

	(void)state;
	assert_null(header(down.text, "Path"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch,
				       .extra = rows[i].supported });
		snprintf(lines, sizeof(lines), "%sContact: <sip:001@10.45.0.3:8000>;expires=60\r\n",
			 rows[i].of_core);
		core_answers("200 OK", lines);
		assert_int_equal(status(), 200);
		if (rows[i].told)
			assert_string_equal(header(down.text, "Path"), "<sip:10.4.128.21:6100;lr>");
		else
			assert_null(header(down.text, "Path"));
		assert_null(strstr(down.text, s->ue->token));
	}
	/* Not before it is registered, nor with an error. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch,
			       .extra = "Supported: path\r\n" });
	core_challenges(GOOD_KEYS);
	assert_null(header(down.text, "Path"));
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch,
			       .extra = "Supported: path\r\n" });
	core_answers("403 Forbidden", "Path: <sip:x;lr>\r\n");
	assert_int_equal(status(), 403);
	assert_null(header(down.text, "Path"));
}

static void tcp_answers_on_the_connection(void **state)
{
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	f.tcp = true;
	f.conn = 77;
	f.remote.port = 40000;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_true(down.to.tcp);
	assert_int_equal(down.to.conn, 77);
	s = last_set();
	f = protected_flow(s);
	f.tcp = true;
	f.conn = 78;
	ask(&f, &(struct ask){ .client = offer1, .verify = s->server, .expires = 600000,
			       .response = "01", .branch = ++branch });
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.conn, 78);
}

/* RFC 3261 18.2.2, inside of the set: ours, the UE's own, or a datagram. */
static void the_connection_has_gone(void **state)
{
	static const struct {
		bool ours, theirs;
		uint64_t conn;
		uint16_t port;
	} rows[] = {
		{ true, false, 901, 8000 }, { true, true, 902, 8001 }, { false, false, 0, 8000 },
	};
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	f.tcp = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f.conn = 77 + i;
		stands = true;
		ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
		stands = false;
		our_tcp = rows[i].ours;
		their_tcp = rows[i].theirs;
		core_accepts(600000);
		assert_int_equal(status(), 200);
		assert_int_equal(down.to.set, s->id);
		assert_int_equal(down.to.conn, rows[i].conn);
		assert_int_equal(down.to.remote.port, rows[i].port);
	}
	/* The 401 of a re-authentication, on the set it was asked on. */
	f.conn = 99;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	our_tcp = true;
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.conn, 901);
}

/* The wrong RES of a re-authentication: on the set that the UE has for certain. */
static void a_rejection_without_its_connection(void **state)
{
	struct set *old = registered_set(), *temp;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	temp = last_set();
	f = protected_flow(temp);
	f.tcp = true;
	f.conn = 77;
	ask(&f, &(struct ask){ .client = offer2, .verify = temp->server, .expires = 600000,
			       .response = "bad", .branch = ++branch });
	stands = false;
	our_tcp = true;
	core_answers("403 Forbidden", "");
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.set, old->id);
	assert_int_equal(down.to.conn, 901);
}

/* In clear nothing connects to whoever asked. */
static void the_connection_of_a_stranger_has_gone(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	f.tcp = true;
	f.conn = 77;
	ask(&f, &(struct ask){ .client = offer1, .expires = 600000, .branch = ++branch });
	stands = false;
	our_tcp = their_tcp = true;
	core_challenges(GOOD_KEYS);
	assert_int_equal(down.to.conn, 77);
}

static void retransmissions_are_absorbed(void **state)
{
	struct flow f = clear_flow();
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &a);
	ask(&f, &a);
	assert_int_equal(n_up, 1);
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 1);
	ask(&f, &a);
	assert_int_equal(n_up, 1);
	assert_int_equal(n_down, 2);
	assert_int_equal(status(), 401);
	assert_int_equal(fake_kernel.adds, 1);
	/* The core's repetition changes nothing either. */
	core_challenges(GOOD_KEYS);
	assert_int_equal(n_down, 2);
	assert_int_equal(fake_kernel.adds, 1);
}

static void refresh_without_challenge(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	clock_advance(1000);
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, s->id);
	assert_true(s->ends == clock_now() + 600030000);
	assert_int_equal(set_count(), 1);
}

static void reauthentication_over_the_old_set(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	new = last_set();
	assert_ptr_not_equal(new, old);
	/* The 401 goes on the old one; port_us and port_ps stay, port_pc changes. */
	assert_int_equal(down.to.set, old->id);
	assert_int_not_equal(new->port_pc, old->port_pc);
	answer_challenge(new);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
	core_accepts(600000);
	assert_int_equal(down.to.set, new->id);
	assert_int_equal(new->state, SET_NEW);
	assert_int_equal(old->state, SET_OLD);
	/* On the superseded set: "no". Then the UE speaks on the new one. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	f = protected_flow(new);
	ask(&f, &(struct ask){ .method = "OPTIONS", .branch = ++branch });
	assert_int_equal(new->state, SET_INUSE);
	assert_ptr_equal(new->ue->in_use, new);
}

static void deregistration(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	uint32_t id = s->id;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch });
	core_answers("200 OK", "");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, id);
	assert_int_equal(down.kernel_sets, 1);
	assert_int_equal(registrar_count(), 0);
	clock_advance(DRAIN);
	assert_int_equal(fake_kernel.n, 0);
}

/* --- what the core does wrong --- */

static void a_401_without_good_keys_is_a_500(void **state)
{
	static const char * const keys[] = {
		"", ", ck=\"" CK "\"", ", ik=\"" IK "\"", ", ck=\"b4\", ik=\"" IK "\"",
		", ck=\"" CK "\", ik=\"zz69bcd751044604127672711c6d3441\"",
	};
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_challenges(keys[i]);
		assert_int_equal(status(), 500);
		assert_null(strstr(down.text, "ck="));
		assert_null(strstr(down.text, IK));
		assert_int_equal(fake_kernel.adds, 0);
	}
}

static void kernel_refusal_is_a_500(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	fake_kernel.fail_add = -EINVAL;
	fake_kernel.fail_times = 1;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 500);
	assert_null(header(down.text, "Security-Server"));
	assert_int_equal(fake_kernel.n, 0);
}

static void kernel_quota_is_a_500(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	fake_kernel.fail_add = -ENOSPC;
	fake_kernel.fail_times = 1;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 500);
	assert_int_equal(fake_kernel.n, 0);
}

static void silence_of_the_core_is_a_504(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	/* RFC 4320 4.1: by now the UE repeats it every T2. */
	clock_advance(13999);
	assert_int_equal(n_down, 0);
	clock_advance(1);
	assert_int_equal(status(), 100);
	assert_non_null(strstr(header(down.text, "Via"), "received=10.45.0.3"));
	clock_advance(17999);
	assert_int_equal(n_down, 1);
	clock_advance(1);
	assert_int_equal(status(), 504);
	cfg.n_mw = 0;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	assert_int_equal(n_down, 3);
	assert_int_equal(status(), 504);
}

static void entry_point_that_does_not_serve_is_a_504(void **state)
{
	static const struct {
		const char *from;
		unsigned int to;
	} rows[] = { { "302 Moved", 504 }, { "480 Away", 504 }, { "408 Late", 504 }, { "305 Use Proxy", 305 },
		     { "403 Forbidden", 403 }, { "423 Interval Too Brief", 423 },
		     { "503 Busy", 503 } };
	struct flow f = clear_flow();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_answers(rows[i].from, "");
		assert_int_equal(status(), rows[i].to);
	}
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	n_down = 0;
	core_answers("100 Trying", "");
	assert_int_equal(n_down, 0);
}

/* Nothing may be registered without SAs. */
static void acceptance_without_challenge_is_a_500(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	core_accepts(60);
	assert_int_equal(status(), 500);
	assert_int_equal(registrar_count(), 0);
}

static void wrong_res_leaves_no_set(void **state)
{
	struct set *s = challenged_set();

	(void)state;
	answer_challenge(s);
	core_answers("403 Forbidden", "");
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.set, s->id);
	clock_advance(DRAIN - 1);
	assert_int_equal(fake_kernel.n, 1);
	clock_advance(1);
	assert_int_equal(fake_kernel.n, 0);
}

/* TS 33.203 7.4.2a: where it began protected, the error goes on the old set. */
static void wrong_res_at_reauthentication(void **state)
{
	struct set *old = registered_set(), *new;
	struct flow f = protected_flow(old);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_answers("403 Forbidden", "");
	assert_int_equal(down.to.set, old->id);
	assert_int_equal(down.to.local.port, old->port_pc);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 1);
	assert_ptr_equal(old->ue->in_use, old);
}

static void second_challenge_on_a_temp(void **state)
{
	struct set *a = challenged_set(), *b;
	uint32_t a_id = a->id;

	(void)state;
	answer_challenge(a);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_int_equal(down.to.set, a_id);
	b = last_set();
	answer_challenge(b);
	core_accepts(600000);
	assert_int_equal(b->state, SET_INUSE);
	assert_false(fake_kernel.sets[a_id].there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(first_register_goes_up_as_it_should),
		T(the_401_leaves_after_its_set_is_there), T(the_whole_registration),
		T(the_path_a_ue_gets), T(tcp_answers_on_the_connection), T(the_connection_has_gone),
		T(a_rejection_without_its_connection), T(the_connection_of_a_stranger_has_gone),
		T(retransmissions_are_absorbed),
		T(refresh_without_challenge), T(reauthentication_over_the_old_set),
		T(deregistration), T(a_401_without_good_keys_is_a_500),
		T(kernel_refusal_is_a_500), T(kernel_quota_is_a_500),
		T(silence_of_the_core_is_a_504),
		T(entry_point_that_does_not_serve_is_a_504),
		T(acceptance_without_challenge_is_a_500), T(wrong_res_leaves_no_set),
		T(wrong_res_at_reauthentication), T(second_challenge_on_a_temp),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
