// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmctl trace, the agent's half: which messages of whom it tells, what it leaves out, and
 * that who does not read costs nothing.
 */
#include <openssl/evp.h>

#include "caller_world.h"
#include "control_answer.h"
#include "log.h"
#include "trace.h"

static struct control_answer tracers[8];
static unsigned int n_tracers;
static bool slow;

#define LINES 256
static char *lines[LINES];
static unsigned int n_lines;

/* In place of control.c's. */
bool control_push(struct control_answer *a, struct str octets)
{
	(void)a;
	if (slow || n_lines == LINES)
		return false;
	lines[n_lines++] = strndup(octets.p, octets.n);
	return true;
}

static void forget_lines(void)
{
	while (n_lines)
		free(lines[--n_lines]);
}

static struct control_answer *trace(const char *words)
{
	struct control_answer *a = &tracers[n_tracers++];
	char line[CONTROL_REQUEST];

	memset(a, 0, sizeof(*a));
	snprintf(line, sizeof(line), "trace%s", words);
	control_answer(a, line);
	return a;
}

static int end_tracing(void **state)
{
	while (n_tracers) {
		struct control_answer *a = &tracers[--n_tracers];

		if (a->end)
			a->end(a);
		octets_free(&a->out);
	}
	forget_lines();
	slow = false;
	return end(state);
}

/* How many of the lines have @text; in *@last the last of them. */
static unsigned int told(const char *text, const char **last)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_lines; i++)
		if (strstr(lines[i], text)) {
			if (last)
				*last = lines[i];
			n++;
		}
	return n;
}

/* The octets in a line; static. */
static const char *message_of(const char *line)
{
	static char text[16384];
	const char *at = strstr(line, "\"message\":\"");
	char in[16384];
	int n;

	assert_non_null(at);
	snprintf(in, sizeof(in), "%.*s", (int)strcspn(at + 11, "\""), at + 11);
	n = EVP_DecodeBlock((unsigned char *)text, (unsigned char *)in, (int)strlen(in));
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void a_registration(void **state)
{
	const char *line, *text;
	struct set *s;
	char token[33];

	(void)state;
	trace(" who=001@example.org");
	s = registered_set();
	strcpy(token, s->ue->token);
	assert_int_equal(told("\"start\":\"REGISTER ", NULL), 2);
	assert_int_equal(told("\"side\":\"gm\"", NULL), 1);
	assert_int_equal(told("\"side\":\"gm-protected\"", &line), 1);
	assert_non_null(strstr(line, "\"sa\":\"uc-ps\""));
	assert_non_null(strstr(line, "\"impi\":\"001@example.org\""));
	text = message_of(line);
	assert_memory_equal(text, "REGISTER sip:example.org SIP/2.0\r\nVia: ", 38);
	assert_non_null(strstr(text, "\r\nSecurity-Verify: "));
	/* The core's answers, by their Call-ID; without what they brought for us. */
	assert_int_equal(told("\"side\":\"mw\"", NULL), 2);
	assert_int_equal(told("SIP/2.0 401", &line), 1);
	text = message_of(line);
	assert_null(strstr(text, CK));
	assert_null(strstr(text, IK));
	assert_int_equal(told("\"event\":\"registered\"", NULL), 1);
	/* Nor what the core knows it by, wherever that stands. */
	forget_lines();
	trace_message(&(struct flow){ .side = FLOW_MW, .remote = mw, .local = mw }, true,
		      str_of(up.text));
	assert_non_null(strstr(up.text, token));
	assert_int_equal(told("\"start\":\"REGISTER ", &line), 1);
	text = message_of(line);
	assert_null(strstr(text, token));
	assert_non_null(strstr(text, "Path: <sip:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@192.0.2.1"));
}

/* The silent phone: known by its address alone, or by what it says to be. */
static void refused_and_unknown(void **state)
{
	static const char * const words[] = {
		" who=10.45.0.3", " who=001@example.org", " who=sip:001@*", " who=001*", "",
	};
	struct flow f = clear_flow();
	const char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct control_answer *a = trace(words[i]);

		ask(&f, &(struct ask){ .no_tags = true, .branch = ++branch });
		assert_int_equal(status(), 421);
		assert_int_equal(n_lines, 2);
		assert_non_null(strstr(lines[0], "\"start\":\"REGISTER "));
		assert_int_equal(told("\"event\":\"refused\"", &line), 1);
		assert_non_null(strstr(line, "\"rule\":\"offer-missing\""));
		assert_non_null(strstr(line, "\"clause\":\"RFC 3329 2.3.1\""));
		forget_lines();
		a->end(a);
		octets_free(&a->out);
		n_tracers--;
	}
}

static void others_are_not_shown(void **state)
{
	struct flow f = caller_at("10.45.0.9", 5060);
	struct set *s;

	(void)state;
	trace(" who=009@example.org");
	trace(" who=10.45.0.99");
	s = registered_set();
	ue_says(s, &(struct say){ 0 });
	core_replies("486 Busy Here", "b", "");
	assert_int_equal(n_lines, 0);
	/* The other one, who is nobody. */
	say(&f, &(struct say){ .from = "<sip:009@example.org>;tag=a", .call = "other" });
	assert_int_equal(told("\"start\":\"INVITE ", NULL), 1);
	assert_int_equal(told("\"rule\":\"unprotected\"", NULL), 1);
}

/* 10.45.0.30 begins as 10.45.0.3 does, and 001@example.org ends as 1@example.org. */
static void a_part_of_a_name(void **state)
{
	struct flow f = caller_at("10.45.0.30", 5060);

	(void)state;
	trace(" who=10.45.0.3");
	trace(" who=1@example.org");
	trace(" who=001@example");
	ask(&f, &(struct ask){ .no_tags = true, .branch = ++branch });
	assert_int_equal(status(), 421);
	assert_int_equal(n_lines, 0);
	trace(" who=*1@example.o*");
	ask(&f, &(struct ask){ .no_tags = true, .branch = ++branch });
	assert_int_equal(told("\"event\":\"refused\"", NULL), 1);
}

/* What the core has for it, from the first message on; and a call from both sides. */
static void calls(void **state)
{
	struct set *s = registered_set();

	(void)state;
	trace(" who=001@example.org");
	core_invites(s, "");
	assert_int_equal(told("\"side\":\"mw\"", NULL), 1);
	ue_replies(s, "180 Ringing", "p", "");
	assert_int_equal(told("\"side\":\"gm-protected\"", NULL), 1);
	forget_lines();
	ue_says(s, &(struct say){ .call = "up" });
	core_replies("183 Session Progress", "b", "");
	assert_int_equal(n_lines, 2);
	assert_int_equal(told("\"call-id\":\"up\"", NULL), 2);
}

static void who_does_not_read(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	trace("");
	slow = true;
	for (unsigned int i = 0; i < 50; i++)
		ask(&f, &(struct ask){ .no_tags = true, .branch = ++branch });
	slow = false;
	assert_int_equal(n_lines, 0);
	ask(&f, &(struct ask){ .no_tags = true, .branch = ++branch });
	assert_non_null(strstr(lines[0], "\"event\":\"lost\",\"count\":100"));
	assert_int_equal(n_lines, 3);
}

static void not_too_many(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		assert_true(trace("")->live);
	assert_false(trace("")->live);
	octets_put(&tracers[4].out, STR_LIT("\0"));
	assert_non_null(strstr(tracers[4].out.p, "4 trace already"));
}

/* Nobody knows what comes in: whatever it is, it is told or it is not. */
static void damaged_messages(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	log_threshold = LOG_LEVEL_NONE;
	trace(" who=001@example.org");
	mutating = true;
	for (unsigned int i = 0; i < 3000; i++) {
		ask(&f, &(struct ask){ .client = offer1, .branch = ++branch });
		forget_lines();
	}
	mutating = false;
	trace_message(&f, false, STR_LIT(""));
	trace_message(&f, false, STR_LIT("sip:"));
	trace_message(&f, false, STR_LIT("Authorization: username=\"\r\nFrom\r\nTo: <\r\n"));
}

#define TT(f) cmocka_unit_test_setup_teardown(f, begin, end_tracing)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TT(a_registration), TT(refused_and_unknown), TT(others_are_not_shown), TT(a_part_of_a_name),
		TT(calls),
		TT(who_does_not_read), TT(not_too_many), TT(damaged_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
