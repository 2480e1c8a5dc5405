// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The attackers of design 4.9 that send SIP, each by name; what they are after
 * must go on as if they were not there. Others are in test_attackers_octets.c,
 * test_tcp.c, selftests/kernel and selftests/ims/e2e_attackers.sh.
 */
#include "admission.h"
#include "control_reply.h"
#include "path.h"

static int begin_limited(void **state)
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

static int end_limited(void **state)
{
	admission_exit();
	return end(state);
}

static struct flow stranger_flow(unsigned int n)
{
	struct flow f = clear_flow();
	char text[32];

	snprintf(text, sizeof(text), "10.66.%u.%u", n >> 8 & 255, n & 255);
	addr_parse(&f.remote, text, 5060);
	return f;
}

static const char *victim = "001@example.org";

/* REGISTER in clear from @f, and what the core says to it, if it hears of it. */
static bool asks(const struct flow *f, const char *impi, bool challenge)
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

static bool still_there(uint32_t id, enum set_state state)
{
	struct set *s = set_find(id);

	return s && s->state == state && fake_kernel.sets[id].there;
}

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

/* --- TEMP floods --- */

static void temp_flood_displaces_the_flooder(void **state)
{
	struct set *s = registered_set(), *waiting;
	uint32_t established = s->id, temp, reauth;
	struct flow mine = protected_flow(s), his = stranger_flow(1), third = stranger_flow(2);
	char impi[32], offer[160];

	(void)state;
	/* One more in the middle of its registration, and one of its re-authentication. */
	assert_true(asks(&third, "003@example.org", true));
	waiting = last_set();
	temp = waiting->id;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	reauth = last_set()->id;
	for (int i = 0; i < 1000; i++) {
		snprintf(impi, sizeof(impi), "%04d@example.org", 1000 + i);
		snprintf(offer, sizeof(offer), "ipsec-3gpp; alg=hmac-sha-1-96; ealg=aes-cbc; "
			 "spi-c=1111; spi-s=1112; port-c=8001; port-s=%d", 9000 + i);
		ask(&his, &(struct ask){ .client = offer, .expires = 600000, .branch = ++branch,
					 .impi = impi, .via = "10.66.0.1:5060" });
		core_challenges(GOOD_KEYS);
		clock_advance(50);
	}
	assert_true(fake_kernel.adds > 500);
	assert_int_equal(set_count_temporary(), 101);
	assert_true(still_there(established, SET_INUSE));
	assert_true(still_there(temp, SET_TEMP));
	assert_true(still_there(reauth, SET_TEMP));
	clock_advance(240000);
	assert_int_equal(set_count(), 1);
}

/* From everywhere: newcomers still get in, established sets stay. */
static void temp_flood_from_everywhere(void **state)
{
	struct set *s = registered_set();
	uint32_t established = s->id, reauth;
	struct flow mine = protected_flow(s);
	char impi[32];

	(void)state;
	ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	reauth = last_set()->id;
	for (int i = 0; i < 1000; i++) {
		struct flow his = stranger_flow(i);

		snprintf(impi, sizeof(impi), "%04d@example.org", 1000 + i);
		assert_true(asks(&his, impi, true));
		assert_int_equal(status(), 401);
	}
	assert_int_equal(set_count_temporary(), 101);
	assert_true(still_there(established, SET_INUSE));
	assert_true(still_there(reauth, SET_TEMP));
}

/* Behind the victim's own address, or with it forged. */
static void temp_flood_from_the_victims_address(void **state)
{
	struct set *s = registered_set();
	struct flow mine = protected_flow(s), forged = clear_flow();
	uint32_t reauth[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
		core_challenges(GOOD_KEYS);
		reauth[i] = last_set()->id;
	}
	for (int i = 0; i < 5; i++) {
		asks(&forged, victim, true);
		assert_int_equal(status(), 503);
	}
	for (int i = 0; i < 3; i++)
		assert_true(still_there(reauth[i], SET_TEMP));
	answer_challenge(set_find(reauth[2]));
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(set_find(reauth[2])->state, SET_NEW);
}

/* --- floods on the unprotected port --- */

static void flood_of_one_source(void **state)
{
	struct set *s = registered_set();
	struct flow his = stranger_flow(1), other = stranger_flow(2), mine = protected_flow(s);
	unsigned int answers;

	(void)state;
	n_down = 0;
	for (int i = 0; i < 10000; i++)
		receive_octets(&his, "OPTIONS sip:x SIP/2.0\r\n"
			       "Via: SIP/2.0/UDP 10.66.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\n"
			       "To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n");
	answers = n_down;
	/* A burst, some 503, and no more: neither parsed nor answered. */
	assert_in_range(answers, 100, 300);
	assert_int_equal(admission_stats.source, 9900);
	assert_int_equal(admission_stats.dropped, 10000 - answers);
	/* Nobody else feels it, and who has a set is exempt. */
	assert_true(asks(&other, "002@example.org", true));
	assert_int_equal(status(), 401);
	for (int i = 0; i < 200; i++) {
		ask(&mine, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch });
		core_accepts(600000);
		assert_int_equal(status(), 200);
	}
}

/* Many sources together: newcomers that behave have the lower half to themselves. */
static void flood_of_some_sources(void **state)
{
	struct flow his[200], mine;
	unsigned int served = 0;
	char impi[32];

	(void)state;
	for (int i = 0; i < 200; i++)
		his[i] = stranger_flow(i);
	for (int round = 0; round < 600; round++) {
		for (int i = 0; i < 200; i++)
			receive_octets(&his[i], "\r\n\r\n");
		clock_advance(10);
		if (round < 300)
			continue;
		/* One phone that is switched on, each time. */
		mine = stranger_flow(1000 + round);
		snprintf(impi, sizeof(impi), "%04d@example.org", round);
		served += asks(&mine, impi, true);
	}
	assert_int_equal(served, 300);
	assert_true(admission_stats.all > 0);
	assert_true(admission_stats.source > 0);
}

/* What is under way is finished even when too much comes. */
static void flood_does_not_kill_what_is_under_way(void **state)
{
	struct flow f = clear_flow();
	const struct ask a = { .client = offer1, .expires = 600000, .branch = ++branch };

	(void)state;
	ask(&f, &a);
	for (int i = 0; i < 150; i++)
		receive_octets(&f, "\r\n\r\n");
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	n_down = 0;
	ask(&f, &a);
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 401);
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
	core_answers("200 OK", "Path: <sip:token@192.0.2.1:5060;lr>\r\n"
		     "Contact: <sip:001@10.45.0.3:8000>;expires=60\r\n");
	assert_int_equal(status(), 200);
	assert_null(header(down.text, "Path"));
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
	struct octets out = { 0 };

	(void)state;
	control_reply(&cfg, "status", &out);
	control_reply(&cfg, "ue", &out);
	octets_put(&out, STR_LIT("\0"));
	assert_false(out.failed);
	assert_non_null(strstr(out.p, victim));
	assert_non_null(strstr(out.p, "\"beyond-source\""));
	assert_null(strstr(out.p, s->ue->token));
	assert_null(strstr(out.p, CK));
	assert_null(strstr(out.p, IK));
	octets_free(&out);
}

#define A(f) cmocka_unit_test_setup_teardown(f, begin_limited, end_limited)

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(stranger_asks_for_a_registered_impi), A(stranger_cannot_deregister_the_victim),
		A(stranger_does_not_lock_the_owner_out),
		A(temp_flood_displaces_the_flooder), A(temp_flood_from_everywhere),
		A(temp_flood_from_the_victims_address),
		A(flood_of_one_source), A(flood_of_some_sources),
		A(flood_does_not_kill_what_is_under_way),
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
