// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UEs registered without sec-agree: TS 24.229 5.2.6.3 and 5.2.6.4 for those, where a
 * listener allows it; and who is none of them.
 */
#include "plain_world.h"

#define HERE "sip:001@10.45.0.3:8000"

static int begin_plain(void **state)
{
	begin(state);
	let_them_in();
	return 0;
}

#define P(f) cmocka_unit_test_setup_teardown(f, begin_plain, end)

/* --- calls --- */

static void it_calls(void **state)
{
	struct flow f = clear_flow();
	struct say ack = in_call("ACK", "b", 1), bye = in_call("BYE", "b", 2);

	(void)state;
	plain_registers(&f, NULL, 600);
	say(&f, &(struct say){ .extra = "P-Asserted-Identity: <sip:boss@example.org>\r\n"
					"Contact: <" HERE ">\r\n",
			       .route = "Route: <sip:10.4.128.21:5060;lr>, "
					"<sip:orig@192.0.2.2;lr>\r\n" });
	assert_int_equal(up.to.side, FLOW_MW);
	assert_string_equal(header(up.text, "Route"), "<sip:orig@192.0.2.2;lr>");
	assert_string_equal(header(up.text, "P-Asserted-Identity"), "<sip:001@example.org>");
	assert_null(strstr(up.text, "boss"));
	assert_non_null(strstr(lines_of(&up, "Record-Route"), "<sip:10.4.128.21:5060;lr>"));
	assert_null(strstr(up.text, ":6100"));
	assert_int_equal(status(), 100);
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	assert_int_equal(status(), 200);
	assert_int_equal(down.to.side, FLOW_GM);
	ack.route = bye.route = "Route: <sip:10.4.128.21:5060;lr>, <sip:192.0.2.1;lr>\r\n";
	say(&f, &ack);
	assert_non_null(strstr(up.text, "ACK "));
	say(&f, &bye);
	assert_non_null(strstr(up.text, "BYE "));
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
}

static void it_is_called(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue = plain_registers(&f, NULL, 600);
	struct sent invite;

	(void)state;
	core_calls(ue, HERE);
	assert_int_equal(down.to.side, FLOW_GM);
	assert_int_equal(down.to.remote.port, 8000);	/* where its Contact says it listens */
	assert_non_null(strstr(lines_of(&down, "Record-Route"), "<sip:10.4.128.21:5060;lr>"));
	assert_non_null(strstr(lines_of(&down, "Via"), "10.4.128.21:5060"));
	invite = down;
	f.remote.port = 8000;		/* and an answer may come from there */
	reply(&invite, &f, "180 Ringing", "p", "");
	assert_int_equal(sent_status(&up), 180);
	reply(&invite, &f, "200 OK", "p", "Contact: <" HERE ">\r\n");
	assert_int_equal(sent_status(&up), 200);
}

static void behind_a_nat(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue;

	(void)state;
	f.remote.port = 41234;
	ue = plain_registers(&f, NULL, 600);
	core_calls(ue, "sip:001@192.168.1.7:5060");
	assert_true(addr_same(&down.to.remote, &f.remote));
}

static void nobody_else_calls(void **state)
{
	struct flow f = clear_flow(), other = f;

	(void)state;
	assert_stranger(&f);			/* not yet */
	plain_asks(&f, NULL, NULL, 600);
	assert_stranger(&f);			/* asked */
	core_challenges("");
	assert_stranger(&f);			/* challenged */
	plain_asks(&f, NULL, "0123", 600);
	assert_stranger(&f);			/* under way */
	core_answers("403 Forbidden", "");
	assert_stranger(&f);			/* refused */
	plain_registers(&f, NULL, 600);
	other.remote.port++;
	assert_stranger(&other);
	other = f;
	addr_parse(&other.remote, "10.45.0.4", 5060);
	assert_stranger(&other);
	assert_stranger(&(struct flow){ .side = FLOW_GM, .tcp = true, .conn = 5, .local = f.local,
					.remote = f.remote });
	other = f;
	other.gm = 1;
	cfg.gm[1] = cfg.gm[0];
	cfg.n_gm = 2;
	assert_stranger(&other);
	cfg.n_gm = 1;
}

static void not_where_sec_agree_is_required(void **state)
{
	struct flow f = clear_flow();
	unsigned int before = n_up;

	(void)state;
	cfg.gm[0].secagree_required = true;
	plain_asks(&f, NULL, NULL, 600);
	assert_int_equal(status(), 421);
	plain_asks(&f, NULL, "0123", 600);
	assert_int_equal(status(), 421);
	assert_int_equal(n_up, before);
	assert_stranger(&f);
	assert_null(registrar_first());
}

static void other_peoples_dialogs(void **state)
{
	struct flow f = clear_flow(), other = caller_at("10.45.0.9", 5060);
	struct say bye = in_call("BYE", "b", 2);
	struct set *s;

	(void)state;
	plain_registers(&f, NULL, 600);
	plain_registers(&other, "009@example.org", 600);
	say(&f, &(struct say){ 0 });
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	n_up = 0;
	say(&other, &bye);
	assert_int_equal(status(), 403);
	assert_int_equal(n_up, 0);
	/* Nor with SAs from the same address. */
	s = registered_set();
	(void)s;
	assert_null(plain_at(&f));
}

/* --- over TCP --- */

static void over_its_connection(void **state)
{
	struct flow f = over_tcp(clear_flow(), 7), again;
	struct ue *ue;

	(void)state;
	ue = plain_registers(&f, NULL, 600);
	assert_int_equal(n_held_connections, 1);
	say(&f, &(struct say){ .extra = "Contact: <" HERE ";transport=tcp>\r\n" });
	assert_int_equal(status(), 100);
	core_replies("486 Busy Here", "b", "");
	assert_int_equal(down.to.conn, 7);
	core_calls(ue, HERE ";transport=tcp");
	assert_int_equal(down.to.conn, 7);
	assert_non_null(strstr(down.text, "INVITE "));
	assert_stranger(&(struct flow){ .side = FLOW_GM, .tcp = true, .conn = 8, .local = f.local,
					.remote = f.remote });
	/* It registers over another: that is where it is now. */
	again = over_tcp(clear_flow(), 9);
	again.remote.port = 50009;
	assert_ptr_equal(plain_registers(&again, NULL, 600), ue);
	assert_null(plain_at(&f));
	assert_int_equal(n_held_connections, 1);
	core_calls(ue, HERE ";transport=tcp");
	assert_int_equal(down.to.conn, 9);
}

/* Nothing connects to anybody in clear. */
static void its_connection_has_gone(void **state)
{
	struct flow f = over_tcp(clear_flow(), 7);
	struct ue *ue = plain_registers(&f, NULL, 600);

	(void)state;
	stands = false;
	n_down = 0;
	core_calls(ue, HERE ";transport=tcp");
	assert_int_equal(n_down, 0);
	assert_int_equal(sent_status(&up), 480);
	stands = true;
}

/* --- what ends it --- */

static struct ue *in_a_call(const struct flow *f)
{
	struct ue *ue = plain_registers(f, NULL, 600);

	say(f, &(struct say){ .extra = "Contact: <" HERE ">\r\n" });
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	return ue;
}

static void assert_lingers(const struct flow *f, const struct ue *ue)
{
	struct say bye = in_call("BYE", "b", 2);

	assert_null(ue->bindings);
	assert_stranger(f);
	n_up = 0;
	say(f, &bye);			/* what was up can end */
	assert_int_equal(n_up, 1);
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	clock_advance(DRAIN + 1000);
	assert_null(plain_at(f));
	assert_null(registrar_first());
}

static void deregistered(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue = in_a_call(&f);

	(void)state;
	plain_asks(&f, NULL, "0123", 0);
	core_accepts(0);
	assert_int_equal(status(), 200);
	assert_lingers(&f, ue);
}

static void not_refreshed(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue = in_a_call(&f);

	(void)state;
	clock_advance(601 * 1000);
	assert_lingers(&f, ue);
}

static void ended_by_the_operator(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue = in_a_call(&f);

	(void)state;
	registrar_end(ue, false);
	assert_lingers(&f, ue);
	ue = plain_registers(&f, NULL, 600);
	registrar_end(ue, true);
	assert_null(registrar_first());
}

static void refreshed_in_time(void **state)
{
	struct flow f = clear_flow();
	struct ue *ue = plain_registers(&f, NULL, 600);

	(void)state;
	clock_advance(500 * 1000);
	assert_ptr_equal(plain_registers(&f, NULL, 600), ue);
	clock_advance(500 * 1000);
	assert_non_null(ue->bindings);
	/* Once ended, it may come back within the 64*T1. */
	registrar_end(ue, false);
	clock_advance(1000);
	assert_ptr_equal(plain_registers(&f, NULL, 600), ue);
	clock_advance(DRAIN + 1000);
	assert_ptr_equal(plain_at(&f), ue);
}

/* A phone with another SIM, or another phone that got the address. */
static void another_subscriber_from_there(void **state)
{
	struct flow f = clear_flow();
	struct ue *other;

	(void)state;
	plain_registers(&f, NULL, 600);
	other = plain_registers(&f, "009@example.org", 600);
	assert_true(registrar_is_impi(other, STR_LIT("009@example.org")));
	assert_int_equal(plain_count(), 1);
	assert_int_equal(registrar_count_all(), 1);
}

/* What is there with SAs can only be better. */
static void it_gets_sas(void **state)
{
	struct flow f = clear_flow();
	unsigned int before;

	(void)state;
	plain_registers(&f, NULL, 600);
	registered_set();
	assert_int_equal(plain_count(), 0);
	assert_int_equal(registrar_count_all(), 1);
	assert_stranger(&f);
	before = n_up;
	plain_asks(&f, NULL, "0123", 600);
	assert_int_equal(status(), 421);
	assert_int_equal(n_up, before);
}

/* Somebody in between had begun in clear, when the UE itself agrees on SAs. */
static void sas_meanwhile(void **state)
{
	struct flow f = clear_flow(), s;
	struct sent late;

	(void)state;
	s = f;
	s.remote.port = 9;
	plain_asks(&s, NULL, "0123", 600);
	late = up;
	registered_set();
	up = late;
	core_accepts(600);
	assert_int_equal(status(), 403);
	assert_int_equal(plain_count(), 0);
}

static void a_clear_register_ends_no_sas(void **state)
{
	struct flow f = clear_flow();
	struct set *s = registered_set();
	struct ue *plain;

	(void)state;
	/* The table has forgotten it. */
	policy_exit();
	assert_true(policy_init(&cfg));
	plain = plain_registers(&f, NULL, 600);
	assert_ptr_not_equal(plain, s->ue);
	plain_asks(&f, NULL, "0123", 0);
	core_accepts(0);
	assert_non_null(s->ue->bindings);
	assert_int_equal(s->state, SET_INUSE);
}

static void the_listener_wants_sas_now(void **state)
{
	struct flow f = clear_flow(), t = over_tcp(caller_at("10.45.0.9", 5060), 3);

	(void)state;
	plain_registers(&f, NULL, 600);
	plain_registers(&t, "009@example.org", 600);
	plain_reload();
	assert_int_equal(plain_count_of(0), 2);
	cfg.gm[0].secagree_required = true;
	plain_reload();
	assert_int_equal(plain_count_of(0), 0);
	assert_null(registrar_first());
	assert_stranger(&f);
}

/* --- bounds --- */

static void as_many_as_are_allowed(void **state)
{
	char impi[32];
	struct flow f;

	(void)state;
	cfg.limits.plain_ues = 3;
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(impi, sizeof(impi), "%u@example.org", i);
		f = caller_at("10.45.0.3", 6000 + i);
		plain_registers(&f, impi, 600);
	}
	f = caller_at("10.45.0.3", 7000);
	plain_asks(&f, "new@example.org", NULL, 600);
	assert_int_equal(status(), 503);
	assert_non_null(header(down.text, "Retry-After"));
	assert_int_equal(rule_count[RULE_PLAIN_FULL] > 0, 1);
	/* Who is there stays. */
	f = caller_at("10.45.0.3", 6000);
	assert_non_null(plain_registers(&f, "0@example.org", 600));
}

/* What it has under way makes room for its own, as that of a set does. */
static void it_displaces_itself_only(void **state)
{
	struct flow f = clear_flow(), other = caller_at("10.45.0.9", 5060);
	unsigned int before;
	char call[32];

	(void)state;
	plain_registers(&f, NULL, 600);
	plain_registers(&other, "009@example.org", 600);
	say(&other, &(struct say){ .call = "kept" });
	before = transaction_stats.server;
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(call, sizeof(call), "many%u", i);
		say(&f, &(struct say){ .method = "MESSAGE", .call = call });
	}
	assert_in_range(transaction_stats.server, before, before + 64);
	/* The other's INVITE is there still. */
	say(&other, &(struct say){ .method = "CANCEL", .call = "kept", .branch = NULL });
	assert_int_equal(status(), 481);	/* with another branch */
}

/* --- emergencies --- */

static void help_before_it_registered(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	let_them_call();
	caller_calls(&f, "help");
	plain_registers(&f, NULL, 600);
	n_up = 0;
	caller_in_call(&f, "BYE", "help", 2);
	assert_int_equal(n_up, 1);
	ecscf_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
}

static void help_of_a_registered_one(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	let_them_call();
	cfg.emergency.route_undetected = true;
	plain_registers(&f, NULL, 600);
	say(&f, &(struct say){ .uri = "urn:service:sos", .to = "<urn:service:sos>" });
	assert_non_null(strstr(up.text, "INVITE urn:service:sos"));
	assert_int_equal(caller_stats.attempts + caller_stats.calls, 0);
}

/* --- who it is --- */

static void without_authorization(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	receive(&f, "REGISTER sip:example.org SIP/2.0\r\n"
		    "Via: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bKnone;rport\r\n"
		    "Max-Forwards: 70\r\nFrom: <sip:001@example.org>;tag=1\r\n"
		    "To: <sip:001@example.org>\r\nCall-ID: call\r\nCSeq: 1 REGISTER\r\n"
		    "Contact: <sip:001@10.45.0.3:5060>;expires=600\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(n_up, 1);
	assert_null(header(up.text, "Authorization"));
	core_challenges("");
	assert_int_equal(status(), 401);
	cfg.gm[0].secagree_required = true;
	receive(&f, "REGISTER sip:example.org SIP/2.0\r\n"
		    "Via: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bKnone2;rport\r\n"
		    "Max-Forwards: 70\r\nFrom: <sip:001@example.org>;tag=1\r\n"
		    "To: <sip:001@example.org>\r\nCall-ID: call\r\nCSeq: 1 REGISTER\r\n"
		    "Contact: <sip:001@10.45.0.3:5060>;expires=600\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(status(), 403);
}

/* Where it registers from, in the words for the core (TS 24.229 7.2A.2). */
static void what_the_core_hears_of_its_place(void **state)
{
	struct flow f = clear_flow(), other = f;

	(void)state;
	plain_asks(&f, NULL, NULL, 600);
	assert_null(strstr(header(up.text, "Authorization"), "integrity-protected"));
	core_challenges("");
	plain_asks(&f, NULL, "0123", 600);
	assert_non_null(strstr(header(up.text, "Authorization"),
			       "integrity-protected=\"ip-assoc-pending\""));
	core_accepts(600);
	plain_asks(&f, NULL, "0123", 600);
	assert_non_null(strstr(header(up.text, "Authorization"),
			       "integrity-protected=\"ip-assoc-yes\""));
	core_accepts(600);
	other.remote.port = 9;
	plain_asks(&other, NULL, "0123", 600);
	assert_non_null(strstr(header(up.text, "Authorization"), "ip-assoc-pending"));
	core_answers("403 Forbidden", "");
	plain_asks(&f, "009@example.org", "0123", 600);
	assert_non_null(strstr(header(up.text, "Authorization"), "ip-assoc-pending"));
	core_answers("403 Forbidden", "");
	/* Another's place stays another's, when the core says no. */
	assert_true(registrar_is_impi(plain_at(&f), STR_LIT("001@example.org")));
}

/* ck and ik stay with us, whoever would get them. */
static void keys_are_cut(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	plain_asks(&f, NULL, NULL, 600);
	core_challenges(GOOD_KEYS);
	assert_int_equal(status(), 401);
	assert_null(strstr(down.text, CK));
	assert_null(strstr(down.text, IK));
	assert_int_equal(set_count(), 0);
}

/* Whatever comes, in clear and of the core, from places that are somebody's and nobody's. */
static void damaged_messages(void **state)
{
	struct flow f[3] = { clear_flow(), over_tcp(clear_flow(), 7), caller_at("10.45.0.9", 99) };

	(void)state;
	log_threshold = LOG_LEVEL_NONE;
	mutating = true;
	for (unsigned int i = 0; i < 4000; i++) {
		const struct flow *from = &f[dice(3)];

		plain_asks(from, dice(2) ? NULL : "009@example.org", dice(2) ? "0123" : NULL,
			   dice(4) ? 600 : 0);
		if (dice(3))
			core_accepts(600);
		else
			core_challenges("");
		say(from, &(struct say){ .method = dice(2) ? NULL : "MESSAGE" });
		core_replies(dice(2) ? "200 OK" : "180 Ringing", "b", "Contact: <sip:c@192.0.2.9>\r\n");
		if (plain_at(from))
			core_calls(plain_at(from), HERE);
		clock_advance(dice(20) ? 50 : 700000);
		/* One place is of one UE, and each is there with something. */
		assert_in_range(plain_count(), 0, 3);
	}
	mutating = false;
	clock_advance(600000 + DRAIN + 1000);
	assert_int_equal(plain_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		P(it_calls), P(it_is_called), P(behind_a_nat), P(nobody_else_calls),
		P(not_where_sec_agree_is_required), P(other_peoples_dialogs),
		P(over_its_connection), P(its_connection_has_gone), P(deregistered),
		P(not_refreshed), P(ended_by_the_operator), P(refreshed_in_time),
		P(another_subscriber_from_there), P(it_gets_sas), P(sas_meanwhile),
		P(a_clear_register_ends_no_sas), P(the_listener_wants_sas_now),
		P(as_many_as_are_allowed), P(it_displaces_itself_only),
		P(help_before_it_registered), P(help_of_a_registered_one),
		P(without_authorization), P(what_the_core_hears_of_its_place), P(keys_are_cut),
		P(damaged_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
