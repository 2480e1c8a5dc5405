// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attackers (Documentation/attackers.md) that forge, replay or take away, each by name;
 * what they are after goes on as if they were not there. Where the others are
 * tested says Documentation/attackers.md.
 */
#include "attackers.h"
#include "control_world.h"

/* --- a stranger REGISTERs a victim's IMPI --- */

static void stranger_asks_for_a_registered_impi(void **state)
{
	struct set *s = registered_set();
	uint32_t id = s->id;
	struct flow mine = protected_flow(s), his = stranger_flow(1);
	unsigned int passed = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		passed += asks(&his, victim, true);
	/* Rate-limited per IMPI: 503 with Retry-After, and the core is left alone. */
	assert_in_range(passed, 1, 20);
	assert_int_equal(status(), 503);
	assert_non_null(header(down.text, "Retry-After"));
	assert_true(admission_stats.impi > 0);
	/* The victim's set is as it was, in the agent and in the kernel; he has three. */
	assert_true(still_there(id, SET_INUSE));
	assert_ptr_equal(s->ue->in_use, s);
	assert_ptr_equal(s->ue->sets, s);
	assert_null(s->next);
	assert_int_equal(set_count(), 4);
	/* And is served on it, challenged or not. */
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	answer_challenge(last_set());
	core_accepts(600000);
	assert_int_equal(status(), 200);
}

/* His REGISTER without an answer to the challenge ends nothing either. */
static void stranger_cannot_deregister_the_victim(void **state)
{
	struct set *s = registered_set();
	struct flow his = stranger_flow(1);

	(void)state;
	ask(&his, &(struct ask){ .client = offer1, .expires = 0, .branch = ++branch,
				 .response = "0123", .via = "10.66.0.1:5060" });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	core_answers("200 OK", "");
	assert_int_equal(status(), 500);
	assert_true(still_there(s->id, SET_INUSE));
	assert_int_equal(registrar_count(), 1);
}

/* Somebody asks for it all the time; its owner, switched on just now, gets in. */
static void stranger_does_not_lock_the_owner_out(void **state)
{
	struct flow his = stranger_flow(1), mine = clear_flow();

	(void)state;
	for (int second = 0; second < 60; second++) {
		for (int i = 0; i < 10; i++)
			asks(&his, victim, true);
		clock_advance(1000);
	}
	assert_true(asks(&mine, victim, true));
	answer_challenge(last_set());
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(last_set()->state, SET_INUSE);
}

/* --- a registered UE forges --- */

static void ue_forges_an_identity(void **state)
{
	static const char forged[] =
		"P-Asserted-Identity: <sip:002@example.org>\r\n"
		"P-Charging-Vector: icid-value=\"his\"\r\n"
		"P-Charging-Function-Addresses: ccf=192.0.2.66\r\n"
		"P-Visited-Network-ID: elsewhere.example\r\n"
		"P-Served-User: <sip:002@example.org>\r\n"
		"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=1;network-provided\r\n";
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	n_up = 0;
	ask(&f, &(struct ask){ .client = offer2, .impi = "002@example.org", .branch = ++branch });
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
	ask(&f, &(struct ask){ .client = offer2, .extra = forged, .expires = 60,
			       .branch = ++branch });
	assert_int_equal(n_up, 1);
	assert_null(strstr(up.text, "002@example.org"));
	assert_null(strstr(up.text, "\"his\""));
	assert_null(strstr(up.text, "192.0.2.66"));
	assert_null(strstr(up.text, "elsewhere.example"));
	assert_null(strstr(up.text, "network-provided"));
}

static void ue_forges_integrity_protected(void **state)
{
	struct flow f = clear_flow();
	const char *line;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch,
			       .impi = "001@example.org\", integrity-protected=\"yes" });
	line = header(up.text, "Authorization");
	assert_non_null(strstr(line, "integrity-protected=\"no\""));
	assert_null(strstr(line, "integrity-protected=\"yes\""));
}

/* Its REGISTER with the Path token of another UE: it becomes its own. */
static void ue_forges_a_path_token(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s), his = stranger_flow(1);
	char extra[256], token[33];

	(void)state;
	snprintf(token, sizeof(token), "%s", s->ue->token);
	snprintf(extra, sizeof(extra), "Path: <sip:%s@192.0.2.1:5060;lr>\r\n"
		 "Route: <sip:%s@192.0.2.1:5060;lr>\r\n", token, token);
	ask(&his, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch,
				 .impi = "002@example.org", .via = "10.66.0.1:5060",
				 .extra = extra });
	assert_null(strstr(up.text, token));
	assert_null(header(up.text, "Route"));
	/* No answer tells a UE its own token, so that there is none to forge. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Path"), token));
	snprintf(extra, sizeof(extra), "Path: <sip:ibcf.example;lr>\r\n"
		 "Path: <sip:%s@192.0.2.1:5060;lr>\r\n"
		 "Contact: <sip:001@10.45.0.3:8000>;expires=60\r\n", token);
	core_answers("200 OK", extra);
	assert_int_equal(status(), 200);
	assert_string_equal(header(down.text, "Path"), "<sip:10.4.128.21:6100;lr>");
	assert_null(strstr(down.text, token));
}

/* The kernel says which set proved a message; a Via of another is refused. */
static void ue_uses_another_ues_address(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	n_up = 0;
	ask(&f, &(struct ask){ .client = offer2, .via = "10.45.0.9:8000", .branch = ++branch });
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
}

/* --- replays --- */

/*
 * An address moves from one UE to the next. What the first one sent, sent again
 * by the second under its own key, finds none of the first one's answers.
 */
static void request_of_one_ue_under_anothers_key(void **state)
{
	struct set *s = registered_set(), *t;
	struct flow f = protected_flow(s), g, fresh = clear_flow();
	struct ask a = { .client = offer2, .expires = 600000, .branch = ++branch };
	uint32_t first = s->id;

	(void)state;
	ask(&f, &a);
	core_answers("200 OK", "Contact: <sip:001@10.45.0.3:8000>;expires=600000\r\n"
		     "P-Associated-URI: <tel:0598765>\r\n");
	assert_int_equal(status(), 200);
	ask(&fresh, &(struct ask){ .client = offer1, .impi = "002@example.org", .expires = 60,
				   .branch = ++branch });
	core_challenges(GOOD_KEYS);
	t = last_set();
	g = protected_flow(t);
	ask(&g, &(struct ask){ .client = offer1, .verify = t->server, .impi = "002@example.org",
			       .expires = 60, .response = "01", .branch = ++branch });
	core_accepts(60);
	assert_int_equal(status(), 200);
	assert_int_not_equal(t->id, first);
	memset(&down, 0, sizeof(down));
	n_down = 0;
	ask(&g, &a);
	/* Not taken for a repetition: judged by itself, and it has another IMPI. */
	assert_int_equal(status(), 403);
	assert_int_equal(down.to.set, t->id);
	assert_null(strstr(down.text, "0598765"));
}

/* The first REGISTER of a victim, recorded and sent again by somebody else. */
static void replayed_register(void **state)
{
	struct flow mine = clear_flow(), his = stranger_flow(1);
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&mine, &a);
	core_challenges(GOOD_KEYS);
	n_down = 0;
	ask(&his, &a);
	/* His is another transaction: the victim's 401 does not go to him. */
	assert_int_equal(n_down, 0);
	core_challenges(GOOD_KEYS);
	assert_string_equal(addr_text(&down.to.remote), "10.66.0.1:5060");
}

/* A Security-Verify of the last run does not do for this one. */
static void replayed_agreement(void **state)
{
	struct set *s = challenged_set();
	char server[512];

	(void)state;
	snprintf(server, sizeof(server), "%s", s->server);
	s = challenged_set();
	n_up = 0;
	{
		struct flow f = protected_flow(s);

		ask(&f, &(struct ask){ .client = s->client, .verify = server, .expires = 60,
				       .response = "01", .branch = ++branch });
	}
	assert_int_equal(status(), 494);
	assert_int_equal(n_up, 0);
}

/* --- a spoofed neighbour of the core --- */

static void spoofed_core(void **state)
{
	struct flow f = clear_flow(), core = core_flow(), other = core_flow();
	char forged[2048];
	const char *lines = "From: <sip:001@example.org>;tag=1\r\nTo: <sip:001@example.org>;tag=x\r\n"
			    "Call-ID: call\r\nCSeq: 1 REGISTER\r\n"
			    "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"a\"" GOOD_KEYS
			    "\r\nContent-Length: 0\r\n\r\n";
	const char *via;

	(void)state;
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
	n_down = 0;
	/* A branch that was guessed: it has 128 random bits. */
	snprintf(forged, sizeof(forged), "SIP/2.0 401 Unauthorized\r\n"
		 "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK00000000000000000000000000000000\r\n"
		 "Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKue%u\r\n%s", branch, lines);
	receive_octets(&core, forged);
	/* The right branch, from another peer. */
	via = header(up.text, "Via");
	assert_true(strlen(strstr(via, "branch=z9hG4bK")) >= strlen("branch=z9hG4bK") + 32);
	addr_parse(&other.remote, "192.0.2.99", 5060);
	snprintf(forged, sizeof(forged), "SIP/2.0 401 Unauthorized\r\nVia: %s\r\n"
		 "Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKue%u\r\n%s", via, branch, lines);
	receive_octets(&other, forged);
	/* And from the UE's side. */
	receive_octets(&f, forged);
	assert_int_equal(n_down, 0);
	assert_int_equal(fake_kernel.adds, 0);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
}

/* --- downgrade by stripped offers --- */

/* Field note 9: what is missing is said by 421 or 494, not 503. */
static void stripped_offers(void **state)
{
	const struct ask bare = { .expires = 600000, .no_tags = true, .branch = ++branch };
	struct flow f = clear_flow();
	struct set *s;

	(void)state;
	/* Off by default. */
	ask(&f, &bare);
	assert_int_equal(status(), 421);
	/* Where it is allowed, a phone without the agreement gets in ... */
	policy_exit();
	cfg.gm[0].secagree_required = false;
	cfg.remembered_impis = 1000;
	assert_true(policy_init(&cfg));
	n_up = 0;
	ask(&f, &(struct ask){ .expires = 600000, .no_tags = true, .branch = ++branch });
	assert_int_equal(n_up, 1);
	core_answers("401 Unauthorized",
		     "WWW-Authenticate: Digest realm=\"example.org\", nonce=\"abcd\"\r\n");
	assert_int_equal(status(), 401);
	assert_null(header(down.text, "Security-Server"));
	/* ... one whose offer was cut out, but not the tags, does not ... */
	n_up = 0;
	ask(&f, &(struct ask){ .expires = 600000, .branch = ++branch });
	assert_int_equal(status(), 494);
	/* ... nor one that was here with SAs, when everything was cut out. */
	s = registered_set();
	n_up = 0;
	ask(&f, &(struct ask){ .expires = 600000, .no_tags = true, .branch = ++branch });
	assert_int_equal(status(), 421);
	assert_int_equal(n_up, 0);
	registrar_kernel_lost(s->id);
	clock_advance(700000000);
	assert_int_equal(registrar_count(), 0);
	ask(&f, &(struct ask){ .expires = 600000, .no_tags = true, .branch = ++branch });
	assert_int_equal(status(), 421);
	/* Others are not touched by that. */
	ask(&f, &(struct ask){ .expires = 600000, .no_tags = true, .branch = ++branch,
			       .impi = "002@example.org" });
	assert_int_equal(n_up, 1);
}

/* Nobody can have somebody else remembered: it takes a 200 OK on a set. */
static void nobody_is_remembered_for_a_stranger(void **state)
{
	struct flow f = clear_flow(), his = stranger_flow(1);

	(void)state;
	policy_exit();
	cfg.gm[0].secagree_required = false;
	cfg.remembered_impis = 1000;
	assert_true(policy_init(&cfg));
	asks(&his, victim, true);
	n_up = 0;
	ask(&f, &(struct ask){ .expires = 60, .no_tags = true, .branch = ++branch });
	assert_int_equal(n_up, 1);
}

/* alg=null only with aes-gcm, and no encryption only where the policy has it. */
static void weakened_offers(void **state)
{
#define NUMBERS "; spi-c=1111; spi-s=1112; port-c=8001; port-s=8000"
	static const char * const offers[] = {
		"ipsec-3gpp; alg=null; ealg=null" NUMBERS,
		"ipsec-3gpp; alg=null; ealg=aes-cbc" NUMBERS,
		"ipsec-3gpp; alg=null" NUMBERS,
		"ipsec-3gpp; alg=hmac-sha-1-96; ealg=null" NUMBERS,
		"ipsec-3gpp; alg=hmac-sha-1-96" NUMBERS,
		"ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; mod=tun" NUMBERS,
		"ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; prot=ah" NUMBERS,
	};
	struct flow f = clear_flow();

	(void)state;
	cfg.n_suites = 1;		/* hmac-sha-1-96/aes-cbc */
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
		ask(&f, &(struct ask){ .client = offers[i], .expires = 60, .branch = ++branch });
		assert_int_equal(status(), 494);
	}
	assert_int_equal(n_up, 0);
}

/* --- leaks --- */

static void control_socket_tells_no_secret(void **state)
{
	struct set *s = registered_set();
	static const char * const lines[] = { "status", "ue", "ue whole", "stats" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct octets out = { 0 };

		told(&cfg, lines[i], &out);
		assert_non_null(strstr(out.p, strstr(lines[i], "ue") ? victim : "beyond-source"));
		assert_null(strstr(out.p, s->ue->token));
		assert_null(strstr(out.p, CK));
		assert_null(strstr(out.p, IK));
		octets_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(stranger_asks_for_a_registered_impi), A(stranger_cannot_deregister_the_victim),
		A(stranger_does_not_lock_the_owner_out),
		A(ue_forges_an_identity), A(ue_forges_integrity_protected),
		A(ue_forges_a_path_token), A(ue_uses_another_ues_address),
		A(request_of_one_ue_under_anothers_key), A(replayed_register),
		A(replayed_agreement), A(spoofed_core),
		A(stripped_offers), A(nobody_is_remembered_for_a_stranger), A(weakened_offers),
		A(control_socket_tells_no_secret),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
