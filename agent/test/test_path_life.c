// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The life of registrations from wire to wire: what phones do besides
 * registering once (gm-security 5, pcscf-sip 6, the field notes).
 */
#include "path.h"

static struct flow flow_of(const struct set *s)
{
	return protected_flow(s);
}

static void ask_on(const struct set *s, const char *offer, unsigned int expires)
{
	struct flow f = flow_of(s);

	ask(&f, &(struct ask){ .client = offer, .expires = expires, .branch = ++branch });
}

/* 401 with a nonce the USIM does not like: AUTS goes in clear, a second 401 follows. */
static void two_401_after_resynchronisation(void **state)
{
	struct set *a = challenged_set(), *b;
	struct flow f = clear_flow();
	uint32_t a_id = a->id;

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .response = "", .expires = 600000,
			       .branch = ++branch });
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"no\""));
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	b = last_set();
	/* Two sets, nothing in common that could mix them up. */
	assert_ptr_not_equal(a, b);
	assert_int_not_equal(a->port_pc, b->port_pc);
	assert_int_not_equal(a->spi_ps, b->spi_ps);
	assert_true(fake_kernel.sets[a_id].there);
	answer_challenge(b);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, b->id);
	assert_false(fake_kernel.sets[a_id].there);
	assert_int_equal(set_count(), 1);
}

/* The same while registered: REGISTER with AUTS goes over the old set, never over a TEMP. */
static void resynchronisation_at_reauthentication(void **state)
{
	struct set *old = registered_set(), *a, *b;
	uint32_t a_id;

	(void)state;
	ask_on(old, offer2, 600000);
	core_challenges(GOOD_KEYS);
	a = last_set();
	a_id = a->id;
	ask_on(old, offer2, 600000);
	core_challenges(GOOD_KEYS);
	b = last_set();
	assert_int_equal(down.to.set, old->id);
	assert_ptr_not_equal(a, b);
	assert_int_equal(b->origin, old->id);
	assert_ptr_equal(old->ue->in_use, old);
	answer_challenge(b);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(b->state, SET_NEW);
	assert_int_equal(old->state, SET_OLD);
	assert_false(fake_kernel.sets[a_id].there);
	assert_int_equal(set_count(), 2);
}

/* TS 33.203 7.3.1.1: RES never comes: TEMP ends after 240 s, the old set is as it was. */
static void no_res_at_reauthentication(void **state)
{
	struct set *old = registered_set();

	(void)state;
	ask_on(old, offer2, 600000);
	core_challenges(GOOD_KEYS);
	clock_advance(240000);
	assert_int_equal(set_count(), 1);
	assert_int_equal(old->state, SET_INUSE);
	assert_int_equal(registrar_count(), 1);
	ask_on(old, offer2, 600000);
	assert_non_null(strstr(header(up.text, "Authorization"), "integrity-protected=\"yes\""));
}

/*
 * A RES that comes when the core has another nonce already, because of a stranger
 * who asked for one: the 401 leaves on the TEMP it came on, which has to be there.
 */
static void a_res_that_is_challenged_again(void **state)
{
	struct set *old = registered_set(), *new, *temp;
	uint32_t id;

	(void)state;
	ask_on(old, offer2, 600000);
	core_challenges(GOOD_KEYS);
	new = last_set();
	answer_challenge(new);
	core_accepts(600000);
	assert_int_equal(old->state, SET_OLD);
	ask_on(new, offer2, 600000);
	core_challenges(GOOD_KEYS);
	temp = last_set();
	id = temp->id;
	answer_challenge(temp);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_int_equal(down.to.set, id);
	assert_true(fake_kernel.sets[id].there);
}

/* The 401s crossed, and the phone answers the first one. */
static void crossed_401_the_first_is_answered(void **state)
{
	struct set *a = challenged_set(), *b = challenged_set();
	uint32_t b_id = b->id;

	(void)state;
	answer_challenge(a);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, a->id);
	assert_false(fake_kernel.sets[b_id].there);
}

static void rebooted_ue_with_the_same_ports(void **state)
{
	struct set *old = registered_set(), *new = challenged_set();
	uint32_t old_id = old->id;

	(void)state;
	assert_int_equal(new->port_uc, old->port_uc);
	assert_int_equal(new->port_us, old->port_us);
	/* Field note 15: what there is stays until the new one is confirmed. */
	assert_true(fake_kernel.sets[old_id].there);
	assert_ptr_equal(new->ue->in_use, old);
	answer_challenge(new);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_false(fake_kernel.sets[old_id].there);
	assert_ptr_equal(new->ue->in_use, new);
	assert_int_equal(set_count(), 1);
	assert_int_equal(registrar_count(), 1);
	/* RFC 3261 10.3: one contact, not two. */
	assert_null(new->ue->bindings->next);
}

static void emergency_beside_a_registration(void **state)
{
	struct set *normal = registered_set(), *sos;
	struct flow f = clear_flow();
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s", header(up.text, "Path"));
	ask(&f, &(struct ask){ .client = offer2, .expires = 600, .branch = ++branch, .sos = true });
	/* A Path of its own: what comes along it goes to the emergency contact. */
	assert_string_not_equal(header(up.text, "Path"), path);
	core_challenges(GOOD_KEYS);
	sos = last_set();
	f = protected_flow(sos);
	ask(&f, &(struct ask){ .client = sos->client, .verify = sos->server, .response = "01",
			       .expires = 600, .branch = ++branch, .sos = true });
	core_accepts(600);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, sos->id);
	assert_true(fake_kernel.sets[normal->id].there);
	assert_int_equal(registrar_count(), 2);
	assert_true(sos->ue->bindings->emergency);
	/* Refreshed on its set, without sos said again or a challenge. */
	clock_advance(300000);
	f = protected_flow(sos);
	ask(&f, &(struct ask){ .client = offer2, .expires = 600, .branch = ++branch, .sos = true });
	core_accepts(600);
	assert_true(sos->ends == clock_now() + 630000);
	clock_advance(630000);
	assert_int_equal(set_count(), 1);
	assert_ptr_equal(normal->ue->in_use, normal);
}

/* Field note 46: one phone's REGISTERs cross at the core. */
static void crossing_refresh_and_deregistration(void **state)
{
	struct set *s = registered_set();
	struct sent refresh, deregistration;

	(void)state;
	ask_on(s, offer2, 600000);
	refresh = up;
	ask_on(s, offer2, 0);
	deregistration = up;
	up = deregistration;
	core_answers("200 OK", "");
	assert_int_equal(registrar_count(), 0);
	up = refresh;
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(registrar_count(), 1);
	assert_true(s->ends == clock_now() + 600030000);
	/* The other way round. */
	ask_on(s, offer2, 600000);
	refresh = up;
	ask_on(s, offer2, 0);
	deregistration = up;
	up = refresh;
	core_accepts(600000);
	up = deregistration;
	core_answers("200 OK", "");
	assert_int_equal(registrar_count(), 0);
	clock_advance(DRAIN);
	assert_null(registrar_first());
	assert_int_equal(fake_kernel.n, 0);
}

/* The set ends while the core thinks about the last REGISTER on it. */
static void answer_after_the_set_has_drained(void **state)
{
	struct set *s = registered_set();
	struct sent late;

	(void)state;
	ask_on(s, offer2, 0);
	core_answers("200 OK", "");
	clock_advance(DRAIN - 1000);
	ask_on(s, offer2, 600000);
	late = up;
	clock_advance(1000);
	assert_int_equal(fake_kernel.n, 0);
	n_down = 0;
	up = late;
	core_accepts(600000);
	/* Nothing leaves in clear. */
	assert_int_equal(n_down, 0);
	assert_int_equal(registrar_count(), 0);
}

/* Field note 14: the 200 OK that ends it all, lost once, is sent again protected. */
static void last_200_is_repeated_protected(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);
	const struct ask last = { .client = offer2, .expires = 0, .branch = ++branch };

	(void)state;
	ask(&f, &last);
	core_answers("200 OK", "");
	clock_advance(100000);
	n_down = 0;
	ask(&f, &last);
	assert_int_equal(n_down, 1);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, s->id);
	assert_int_equal(down.to.side, FLOW_GM_PROTECTED);
}

/* Field note 23: a phone that sleeps closes its connection; it stays registered. */
static void closed_connection_ends_nothing(void **state)
{
	struct set *s = registered_set();
	struct flow f = protected_flow(s);

	(void)state;
	f.tcp = true;
	f.conn = 99;
	transaction_connection_closed(&f);
	clock_advance(3600000);
	assert_int_equal(registrar_count(), 1);
	assert_int_equal(set_count(), 1);
}

/* Field note 44: while nothing happens, nothing is sent; neither to the phone nor about it. */
static void nobody_is_pinged(void **state)
{
	struct set *s = registered_set();

	(void)state;
	n_up = n_down = 0;
	/* But for the last minute before the end of the registration. */
	for (int i = 0; i < 599940; i += 60)
		clock_advance(60000);
	assert_int_equal(n_down, 0);
	assert_int_equal(n_up, 0);
	assert_int_equal(registrar_count(), 1);
	assert_ptr_equal(last_set(), s);
	assert_int_equal(s->state, SET_INUSE);
}

/*
 * Field notes 42 and 43: a dual-stack UE registers anew by the other IP version,
 * at the P-CSCF address of that. The old registration has its time.
 */
static void the_other_ip_version(void **state)
{
	static struct set_endpoint both[2];
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = both, .max_sets = 1000,
		.max_temporary = 100, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	struct ask a = { .client = offer1, .expires = 600000, .via = "[2001:db8::3]:8000" };
	struct flow f = clear_flow();
	struct set *old, *new;

	(void)state;
	both[0] = both[1] = endpoint;
	both[1].id = 2;
	addr_parse(&both[1].local, "2001:db8:4::21", 0);
	set_init(&sets);
	old = registered_set();
	f.gm = 1;
	addr_parse(&f.local, "2001:db8:4::21", 5060);
	addr_parse(&f.remote, "2001:db8::3", 5060);
	a.branch = ++branch;
	ask(&f, &a);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_string_equal(addr_text(&down.to.remote), "[2001:db8::3]:5060");
	new = last_set();
	assert_int_equal(new->gm, 1);
	assert_int_equal(fake_kernel.sets[new->id].new.endpoint, 2);
	assert_true(addr_same_ip(&new->ue_addr, &f.remote));
	assert_true(addr_same_ip(&new->local, &f.local));
	f.side = FLOW_GM_PROTECTED;
	f.set = new->id;
	f.local.port = new->port_ps;
	f.remote.port = new->port_uc;
	a.verify = new->server;
	a.response = "0123";
	a.branch = ++branch;
	ask(&f, &a);
	core_accepts(600000);
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.set, new->id);
	assert_string_equal(addr_text(&down.to.remote), "[2001:db8::3]:8000");
	/* Another UE, with a Path of its own. */
	assert_ptr_not_equal(new->ue, old->ue);
	assert_string_not_equal(new->ue->token, old->ue->token);
	assert_int_equal(new->state, SET_INUSE);
	assert_int_equal(old->state, SET_INUSE);
	assert_int_equal(registrar_count(), 2);
	/* A refresh by IPv4 is that of the old one. */
	ask_on(old, offer2, 600000);
	core_accepts(600000);
	assert_int_equal(down.to.set, old->id);
}

/* Field note 17: months of refreshes without a challenge, and the set lives. */
static void refreshes_for_months(void **state)
{
	struct set *s = registered_set();

	(void)state;
	for (int i = 0; i < 30; i++) {
		clock_advance(599400000);
		ask_on(s, offer2, 600000);
		core_accepts(600000);
		assert_int_equal(status(), 200);
		assert_true(fake_kernel.sets[s->id].there);
	}
	assert_int_equal(fake_kernel.adds, 1);
}

/* Field note 12: a challenge always makes a set, with SPIs of its own; none changes its keys. */
static void a_challenge_is_a_new_set(void **state)
{
	struct set *s = registered_set();
	uint32_t spi = s->spi_ps;

	(void)state;
	ask_on(s, offer2, 600000);
	core_challenges(GOOD_KEYS);
	assert_int_equal(fake_kernel.adds, 2);
	assert_int_not_equal(last_set()->spi_ps, spi);
	assert_int_not_equal(last_set()->spi_pc, spi);
	assert_int_equal(s->spi_ps, spi);
}

/* The core lists contacts of its own and in its own words. */
static void contacts_of_the_200(void **state)
{
	struct set *s = registered_set();

	(void)state;
	ask_on(s, offer2, 600000);
	core_answers("200 OK", "Contact: <sip:001@10.45.0.3:8000;ob>;expires=600000;q=0.5, "
		     "<sip:001@10.9.9.9:8000>;expires=10\r\n"
		     "P-Associated-URI: <sip:a@example.org>, <tel:+1>\r\n");
	assert_int_equal(status(), 200);
	assert_null(s->ue->bindings->next);
	assert_string_equal(s->ue->associated, "<sip:a@example.org>, <tel:+1>");
	/* Ours is not among them: it is not registered (TS 24.229 5.2.2.1). */
	ask_on(s, offer2, 600000);
	core_answers("200 OK", "Contact: <sip:001@10.9.9.9:8000>;expires=10\r\n");
	assert_int_equal(status(), 200);
	assert_int_equal(registrar_count(), 0);
}

#define NEW_CONTACT "<sip:001@10.45.0.3:9000>"

/*
 * A phone that has another contact registers it and takes the old one back in one
 * REGISTER, in either order: it is registered, and nothing of it ends.
 */
static void a_contact_replaces_another(void **state)
{
	(void)state;
	for (int old_first = 0; old_first < 2; old_first++) {
		struct set *s = registered_set();
		struct flow f = flow_of(s);
		uint64_t ends = s->ends;

		ask(&f, &(struct ask){ .client = offer2, .expires = old_first ? 0 : 600000,
				       .branch = ++branch, .extra = old_first ?
				       "Contact: " NEW_CONTACT ";expires=600000\r\n" :
				       "Contact: " NEW_CONTACT ";expires=0\r\n" });
		core_answers("200 OK", old_first ? "Contact: " NEW_CONTACT ";expires=600000\r\n" :
			     "Contact: <sip:001@10.45.0.3:8000>;expires=600000\r\n");
		assert_int_equal(status(), 200);
		assert_int_equal(registrar_count(), 1);
		assert_null(s->ue->bindings->next);
		assert_string_equal(s->ue->bindings->contact, old_first ?
				    "sip:001@10.45.0.3:9000" : "sip:001@10.45.0.3:8000");
		assert_true(s->ends >= ends);
		end(state);
		begin(state);
	}
}

/* Two at once are two bindings; the SAs outlive the longer one. Both go, and all is over. */
static void two_contacts(void **state)
{
	struct set *s = registered_set();
	struct flow f = flow_of(s);

	(void)state;
	clock_advance(1000000);
	ask(&f, &(struct ask){ .client = offer2, .expires = 60, .branch = ++branch,
			       .extra = "Contact: " NEW_CONTACT ";expires=700000\r\n" });
	core_answers("200 OK", "Contact: <sip:001@10.45.0.3:8000>;expires=60, "
		     NEW_CONTACT ";expires=700000\r\n");
	assert_non_null(s->ue->bindings->next);
	assert_true(s->ends == clock_now() + 700030000);
	clock_advance(60000);
	assert_null(s->ue->bindings->next);
	assert_string_equal(s->ue->bindings->contact, "sip:001@10.45.0.3:9000");
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch,
			       .extra = "Contact: " NEW_CONTACT ";expires=0\r\n" });
	core_answers("200 OK", "");
	assert_int_equal(status(), 200);
	assert_int_equal(registrar_count(), 0);
	assert_true(s->ends == clock_now() + DRAIN);
}

/* What names another address is no contact of this UE, as long as it has one of its own. */
static void a_contact_elsewhere(void **state)
{
	static const char elsewhere[] = "Contact: <sip:001@10.9.9.9:8000>;expires=900000\r\n";
	struct set *s = registered_set();
	struct flow f = flow_of(s);

	(void)state;
	ask(&f, &(struct ask){ .client = offer2, .expires = 600000, .branch = ++branch,
			       .extra = elsewhere });
	core_answers("200 OK", "Contact: <sip:001@10.45.0.3:8000>;expires=600000, "
		     "<sip:001@10.9.9.9:8000>;expires=900000\r\n");
	assert_null(s->ue->bindings->next);
	assert_string_equal(s->ue->bindings->contact, "sip:001@10.45.0.3:8000");
	assert_true(s->ends == clock_now() + 600030000);
	/* Its own one is taken back: that of somebody else keeps nothing alive. */
	ask(&f, &(struct ask){ .client = offer2, .expires = 0, .branch = ++branch,
			       .extra = elsewhere });
	core_answers("200 OK", elsewhere);
	assert_int_equal(registrar_count(), 0);
}

#define P(f, rule) { (rule), (f), begin, end, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(two_401_after_resynchronisation, "two 401s after SQN resynchronisation (field note 5)"),
		P(resynchronisation_at_reauthentication, "TS 33.203 7.3.1.3: AUTS over the old set"),
		P(no_res_at_reauthentication, "TS 33.203 7.3.1.1: no RES: TEMP ends after 240 s"),
		P(a_res_that_is_challenged_again, "a RES that is challenged again, beside OLD and INUSE"),
		P(crossed_401_the_first_is_answered, "crossed 401s: the set with a valid RES wins (field note 5)"),
		P(rebooted_ue_with_the_same_ports, "TS 33.203 7.4: a rebooted UE, same ports (field notes 15, 18)"),
		P(emergency_beside_a_registration, "TS 24.229 5.2.10: emergency beside a registration"),
		P(crossing_refresh_and_deregistration, "REGISTER and de-REGISTER cross (field note 46)"),
		P(answer_after_the_set_has_drained, "an answer after its set has ended leaves nowhere"),
		P(last_200_is_repeated_protected, "TS 24.229 5.2.5.1: the last 200 OK is protected (field note 14)"),
		P(closed_connection_ends_nothing, "a closed connection ends no registration (field note 23)"),
		P(nobody_is_pinged, "nobody is pinged (field note 44)"),
		P(the_other_ip_version, "TS 33.203 7.5: the other IP version (field notes 42, 43)"),
		P(refreshes_for_months, "every 200 OK extends the set (field note 17)"),
		P(a_challenge_is_a_new_set, "a challenge is a new set (field note 12)"),
		P(a_contact_replaces_another, "RFC 3261 10.2: another contact, the old one taken back"),
		P(two_contacts, "RFC 3261 10.2: two contacts"),
		P(a_contact_elsewhere, "TS 24.229 5.2.2.1: a contact of another address"),
		P(contacts_of_the_200, "TS 24.229 5.2.2.1: the UE's own contact counts"),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
