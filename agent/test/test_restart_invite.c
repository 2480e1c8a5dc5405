// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVITEs under way in the store: how many and how large, and records that are
 * none, or of a moment that is hard to meet.
 */
#include "restart_ringing.h"
#include "store_invite.h"

static unsigned int invites_stored(void)
{
	killed_and_started();
	return restart_stats.invites;
}

/* Beyond 24 KiB it is none; the call itself goes on. */
static void too_large(void **state)
{
	static char body[20000];
	struct flow f = protected_flow(registered_set());
	static char text[24000];

	(void)state;
	for (int large = 0; large < 2; large++) {
		snprintf(body, sizeof(body), "%0*d", large ? 12000 : 5000, 1);
		snprintf(text, sizeof(text), "INVITE sip:002@example.org SIP/2.0\r\n"
			 "Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"
			 "From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
			 "Subject: %s\r\nCall-ID: %d\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
			 large, body, large);
		n_up = 0;
		test_limits = sip_limits_default;
		test_limits.message = test_limits.line = 20000;
		sip_init(&cfg);
		receive_octets(&f, text);
		assert_int_equal(n_up, 1);
		assert_int_equal(status(), 100);
		assert_int_equal(invites_stored(), 1);
	}
	assert_int_equal(restart_stats.refused, 0);
}

static void so_many_of_a_ue(void **state)
{
	char call[16];

	(void)state;
	registered_set();
	for (int i = 0; i < 12; i++) {
		snprintf(call, sizeof(call), "c%d", i);
		ue_says(the_set(), &(struct say){ .call = call });
	}
	assert_int_equal(invites_stored(), 8);
	assert_int_equal(restart_stats.refused, 0);
	end_stored(state);
	begin_stored(state);
	/* Those that were accepted take no room of those that ring. */
	registered_set();
	for (int i = 0; i < 12; i++) {
		snprintf(call, sizeof(call), "c%d", i);
		ue_says(the_set(), &(struct say){ .call = call });
		core_answers_it(&up, "200 OK", "b", CORE_CONTACT);
	}
	ue_says(the_set(), &(struct say){ .call = "more" });
	assert_int_equal(invites_stored(), 9);
	ue_says(the_set(), &(struct say){ .call = "yet more" });
	assert_int_equal(invites_stored(), 10);
	clock_advance(32000);
	assert_int_equal(the_set()->ue->n_accepted, 0);
	assert_int_equal(invites_stored(), 2);
}

static const char came[] =
	"INVITE sip:002@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\nMax-Forwards: 70\r\n"
	"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
	"Call-ID: call1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

static const char left[] =
	"INVITE sip:002@example.org SIP/2.0\r\n"
	"Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKours\r\n"
	"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\n"
	"Record-Route: <sip:0123456789abcdef01234567@192.0.2.1:5060;lr>\r\nMax-Forwards: 69\r\n"
	"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
	"Call-ID: call1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

static char path_token[33];

/* As it lies in the store while the DNS is asked; of the UE that is registered. */
static struct store_invite waiting(void)
{
	struct flow f = protected_flow(the_set());

	snprintf(path_token, sizeof(path_token), "%s", the_set()->ue->token);
	return (struct store_invite){
		.ue = str_of(path_token), .from_ue = true,
		.token = STR_LIT("0123456789abcdef01234567"), .request = str_of(came),
		.reason = STR_LIT(""), .ends = UINT64_C(1) << 62,
		.from = { .set = f.set, .local = f.local, .remote = f.remote },
	};
}

/* And once it has gone to the core. */
static struct store_invite sent(void)
{
	struct store_invite i = waiting();

	i.state = STORE_INVITE_HEARD;
	i.to = (struct store_way){ .tcp = true, .local = mw, .remote = core_flow().remote };
	i.sent = str_of(left);
	i.branch = STR_LIT("z9hG4bKours");
	return i;
}

static void live_with(const struct store_invite *i)
{
	struct octets value = { 0 };

	store_close();
	end_of_life();
	store_invite_write(&value, i);
	forge(STR_LIT("I0123456789abcdef01234567"), octets_str(&value));
	octets_free(&value);
	n_up = 0;
	live();
}

static void one_that_waited_for_the_dns(void **state)
{
	struct store_invite i;

	(void)state;
	registered_set();
	i = waiting();
	live_with(&i);
	assert_int_equal(restart_stats.invites, 1);
	/* From the loop: there are no sockets yet. */
	assert_int_equal(n_up, 0);
	clock_advance(0);
	assert_int_equal(n_up, 1);
	assert_starts(&up, "INVITE");
	assert_string_equal(dialog_token(&up), "0123456789abcdef01234567");
	invite = up;
	snprintf(token, sizeof(token), "%s", dialog_token(&up));
	core_answers_it(&invite, "200 OK", "b", CORE_CONTACT);
	assert_int_equal(status(), 200);
	passes_up("BYE", 2);
}

/* To the core over TCP: its answer comes along another connection, and so goes ours. */
static void it_went_over_tcp(void **state)
{
	struct flow f = core_flow();
	struct store_invite i;

	(void)state;
	registered_set();
	i = sent();
	snprintf(invite.text, sizeof(invite.text), "%s", left);
	live_with(&i);
	assert_int_equal(restart_stats.invites, 1);
	n_down = 0;
	/* What went over TCP is answered over TCP, and by its peer. */
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	f.tcp = true;
	f.conn = 9;
	f.remote.port = 40001;
	f.remote.ip[3] = 3;
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(n_down, 0);
	f.remote.ip[3] = 2;
	reply(&invite, &f, "180 Ringing", "b", CORE_CONTACT);
	assert_int_equal(status(), 180);
	ue_cancels("");
	assert_starts(&up, "CANCEL");
	assert_int_equal(up.to.conn, 903);
	reply(&invite, &f, "487 Request Terminated", "b", "");
	assert_int_equal(status(), 487);
	assert_starts(&up, "ACK");
	assert_int_equal(up.to.conn, 903);
}

static void makes_no_sense(const struct store_invite *i, unsigned int refused)
{
	live_with(i);
	assert_int_equal(restart_stats.invites, 0);
	assert_int_equal(restart_stats.refused, refused);
	assert_int_equal(restart_stats.ues, 1);
	assert_int_equal(proxy_stats_now().open, 0);
	assert_int_equal(the_set()->ue->n_invites, 0);
	clock_advance(0);
	assert_int_equal(n_up, 0);
	killed_and_started();
	assert_int_equal(restart_stats.refused, 0);
}

static void records_that_make_no_sense(void **state)
{
	static const char message[] =
		"MESSAGE sip:002@example.org SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 10.45.0.3:8000;branch=z9hG4bKring\r\nMax-Forwards: 70\r\n"
		"From: <sip:001@example.org>;tag=a\r\nTo: <sip:002@example.org>\r\n"
		"Call-ID: call1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n";
	struct store_invite i;

	(void)state;
	registered_set();
	i = waiting();
	i.request = STR_LIT("rubbish");
	makes_no_sense(&i, 1);
	i.request = str_of(message);
	makes_no_sense(&i, 1);
	/* What has left is no INVITE of ours. */
	i = sent();
	i.sent = STR_LIT("rubbish");
	makes_no_sense(&i, 1);
	i = sent();
	i.branch = STR_LIT("z9hG4bKother");
	makes_no_sense(&i, 1);
	/* Nobody's any more, or in a call that is over: no error. */
	i = sent();
	i.ue = STR_LIT("00000000000000000000000000000000");
	makes_no_sense(&i, 0);
	i = sent();
	i.inside = true;
	makes_no_sense(&i, 0);
	i = sent();
	i.state = STORE_INVITE_ACCEPTED;
	makes_no_sense(&i, 0);
	/* Of nobody, for nobody. */
	i = sent();
	i.from.set = 0;
	makes_no_sense(&i, 1);
	i = sent();
	i.to.set = i.from.set;
	makes_no_sense(&i, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TS(too_large), TS(so_many_of_a_ue), TS(one_that_waited_for_the_dns),
		TS(it_went_over_tcp), TS(records_that_make_no_sense),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
