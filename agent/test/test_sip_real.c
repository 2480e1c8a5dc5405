// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every message of $GMGATE_SHARED/data/sip-real: what phones and cores really
 * sent. Skipped, and said so, where the directory is missing.
 */
#include <dirent.h>
#include <stdio.h>

#include "proof.h"
#include "authorization.h"
#include "challenge.h"
#include "register_edit.h"
#include "register_facts.h"
#include "secagree.h"
#include "sip_frame.h"

static char directory[512];
static struct dirent **names;
static int n_names;

static int is_sip(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".sip") == 0;
}

static void find_files(void)
{
	const char *shared = getenv("GMGATE_SHARED");

	/* From the repository, from agent/ or from a build directory in it. */
	static const char *const places[] = { "../shared", "../../shared", "../../../shared" };

	for (size_t i = 0; i < 3 && n_names <= 0; i++) {
		snprintf(directory, sizeof(directory), "%s/data/sip-real",
			 shared ? shared : places[i]);
		n_names = scandir(directory, &names, is_sip, alphasort);
	}
}

static void need_files(void)
{
	if (n_names > 0)
		return;
	print_message("SKIP: no real messages in %s (set GMGATE_SHARED)\n", directory);
	skip();
}

static struct octets read_file(int i)
{
	struct octets o = { 0 };
	char path[800], piece[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, names[i]->d_name);
	f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		octets_put(&o, (struct str){ piece, n });
	fclose(f);
	assert_false(o.failed);
	return o;
}

static struct sip_msg *index_file(int i, const struct octets *o)
{
	enum sip_gate_result result;
	struct sip_msg *msg = sip_msg_new(octets_str(o), &sip_limits_default, &result);

	if (!msg)
		fail_msg("%s: %s", names[i]->d_name, sip_gate_text(result));
	return msg;
}

static void test_identity(void **state)
{
	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i), out = { 0 };
		struct sip_msg *msg = index_file(i, &in);

		assert_true(sip_msg_write(msg, &out));
		if (!str_same(octets_str(&in), octets_str(&out)))
			fail_msg("%s changed", names[i]->d_name);
		sip_msg_free(msg);
		octets_free(&in);
		octets_free(&out);
	}
	print_message("%d messages\n", n_names);
}

/* One was captured without its body, one answer is of a core that sends no Via. */
static bool is_incomplete(const struct sip_msg *msg)
{
	uint32_t length;

	if (!sip_msg_line(msg, SIP_HEADER_VIA, NULL))
		return true;
	return sip_msg_number(msg, SIP_HEADER_CONTENT_LENGTH, &length) && length > msg->body.n;
}

static void test_checks(void **state)
{
	int refused = 0;

	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i);
		struct sip_msg *msg = index_file(i, &in);
		struct sip_fault fault;

		if (is_incomplete(msg)) {
			assert_false(sip_msg_check(msg, false, &fault));
			refused++;
		} else if (!sip_msg_check(msg, false, &fault)) {
			fail_msg("%s: %s", names[i]->d_name, fault.why);
		}
		sip_msg_free(msg);
		octets_free(&in);
	}
	print_message("%d refused, which are incomplete\n", refused);
	assert_true(refused <= 2);
}

/* All messages with a Content-Length as one stream, in pieces. */
static void test_stream(void **state)
{
	struct octets all = { 0 };
	struct sip_frame frame = { 0 };
	size_t at = 0;
	int want = 0, got = 0;

	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i);
		struct sip_msg *msg = index_file(i, &in);
		struct sip_fault fault;

		if (sip_msg_check(msg, true, &fault)) {
			octets_put(&all, octets_str(&in));
			want++;
		}
		sip_msg_free(msg);
		octets_free(&in);
	}
	for (size_t have = 0; have < all.n; ) {
		enum sip_frame_result result;

		have = have + 700 < all.n ? have + 700 : all.n;
		while ((result = sip_frame_next(&frame, (struct str){ all.p + at, have - at },
						&sip_limits_default)) == SIP_FRAME_MESSAGE) {
			at += frame.skip + frame.length;
			got++;
		}
		assert_int_equal(result, SIP_FRAME_MORE);
		at += frame.skip;
	}
	assert_int_equal(got, want);
	assert_int_equal(at, all.n);
	assert_true(want > n_names / 2);
	octets_free(&all);
}

static bool has_line(const struct sip_msg *msg, struct str whole)
{
	for (unsigned int i = 0; i < msg->n_lines; i++)
		if (str_same(msg->lines[i].whole, whole))
			return true;
	return false;
}

/* Lines of @before that are not of @changed are in @after, octet for octet. */
static void assert_kept(const char *name, const struct sip_msg *before,
			const struct sip_msg *after, uint64_t changed)
{
	for (unsigned int i = 0; i < before->n_lines; i++) {
		const struct sip_line *line = &before->lines[i];

		if (!(changed >> line->id & 1) && !has_line(after, line->whole))
			fail_msg("%s: lost '%.*s'", name, STR_ARG(line->whole));
	}
	assert_true(str_same(before->body, after->body));
}

#define BIT(id) ((uint64_t)1 << SIP_HEADER_##id)

static const uint64_t uplink_changes =
	BIT(VIA) | BIT(MAX_FORWARDS) | BIT(ROUTE) | BIT(PATH) | BIT(REQUIRE) | BIT(PROXY_REQUIRE) |
	BIT(AUTHORIZATION) | BIT(PROXY_AUTHORIZATION) | BIT(SECURITY_CLIENT) |
	BIT(SECURITY_VERIFY) | BIT(SECURITY_SERVER) | BIT(P_VISITED_NETWORK_ID) |
	BIT(P_CHARGING_VECTOR) | BIT(P_CHARGING_FUNCTION_ADDRESSES) | BIT(P_ASSERTED_IDENTITY) |
	BIT(P_ASSERTED_SERVICE) | BIT(P_SERVED_USER) | BIT(P_PROFILE_KEY) |
	BIT(P_ACCESS_NETWORK_INFO);

static const uint64_t downlink_changes =
	BIT(VIA) | BIT(PATH) | BIT(SECURITY_SERVER) | BIT(P_CHARGING_VECTOR) |
	BIT(P_CHARGING_FUNCTION_ADDRESSES) | BIT(P_ASSERTED_IDENTITY);

static void edit(struct sip_msg *msg)
{
	static const struct sip_source source = { .host = "10.45.0.3", .port = 5100 };
	const struct register_uplink up = {
		.source = &source, .integrity_protected = "no", .path_token = "T",
		.mw_host = "192.0.2.1", .mw_port = 5060, .mw_transport = "UDP",
		.branch = "z9hG4bKours", .visited_network = "v", .icid = "i",
	};
	const struct register_downlink down = { .security_server = STR_LIT("ipsec-3gpp;q=0.1") };

	if (msg->request)
		register_edit_uplink(msg, &up);
	else
		register_edit_downlink(msg, &down);
}

static void test_edits(void **state)
{
	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i), out = { 0 };
		struct sip_msg *msg = index_file(i, &in), *after;
		struct sip_fault fault;

		if (sip_msg_check(msg, false, &fault)) {
			edit(msg);
			assert_true(sip_msg_write(msg, &out));
			after = index_file(i, &out);
			if (!msg->request || sip_msg_check(after, false, &fault))
				assert_kept(names[i]->d_name, msg, after,
					    msg->request ? uplink_changes : downlink_changes);
			else
				fail_msg("%s, edited: %s", names[i]->d_name, fault.why);
			assert_null(sip_msg_value(after, SIP_HEADER_SECURITY_VERIFY).p);
			assert_false(secagree_required(after));
			sip_msg_free(after);
		}
		sip_msg_free(msg);
		octets_free(&in);
		octets_free(&out);
	}
}

static void test_registrations(void **state)
{
	int requests = 0, answers = 0, cuts = 0;

	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i);
		struct keys_aka keys;
		bool plain = !in.n || !memmem(in.p, in.n, "ck=\"", 4);
		enum challenge_result cut = challenge_cut(in.p, &in.n, &keys, NULL);
		struct sip_msg *msg = index_file(i, &in);
		struct register_request req;
		struct authorization auth;
		struct sip_fault fault;
		uint32_t expires;

		assert_int_equal(cut, plain ? CHALLENGE_NO_KEYS : CHALLENGE_KEYS);
		cuts += !plain;
		if (!sip_msg_check(msg, false, &fault) || msg->method != SIP_METHOD_REGISTER) {
			sip_msg_free(msg);
			octets_free(&in);
			continue;
		}
		if (msg->request) {
			assert_true(register_facts_request(msg, &req, &fault));
			assert_non_null(req.contact[0].uri.p);
			assert_true(req.contact[0].has_expires);
			assert_int_equal(authorization_read(msg, &auth), AUTHORIZATION_OK);
			requests++;
		} else if (msg->status == 200) {
			struct sip_addr addr;

			assert_true(sip_addr_split(sip_msg_value(msg, SIP_HEADER_CONTACT), &addr));
			assert_true(register_facts_expiry(msg, addr.uri, &expires));
			assert_int_equal(expires, 540000);
			answers++;
		}
		sip_msg_free(msg);
		octets_free(&in);
	}
	print_message("%d REGISTER, %d 200 OK, %d with keys\n", requests, answers, cuts);
	assert_true(requests && answers && cuts);
}

static void test_agreements(void **state)
{
	static const enum sip_header ids[] = {
		SIP_HEADER_SECURITY_CLIENT, SIP_HEADER_SECURITY_SERVER, SIP_HEADER_SECURITY_VERIFY,
	};
	int lists = 0;

	(void)state;
	need_files();
	for (int i = 0; i < n_names; i++) {
		struct octets in = read_file(i);
		struct sip_msg *msg = index_file(i, &in);

		for (size_t k = 0; k < 3; k++) {
			struct secagree_list list;
			struct octets text = { 0 };
			int good = 0;

			sip_msg_join(msg, ids[k], &text);
			assert_true(secagree_parse(octets_str(&text), &list));
			for (unsigned int e = 0; e < list.n; e++) {
				const char *why = list.entries[e].unusable;

				/* Networks do use low SPIs; a UE's must not be. */
				good += !why || strstr(why, "below 256");
			}
			if (list.n && !good)
				fail_msg("%s: nothing usable", names[i]->d_name);
			lists += list.n != 0;
			octets_free(&text);
		}
		sip_msg_free(msg);
		octets_free(&in);
	}
	print_message("%d lists\n", lists);
	assert_true(lists > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_identity, "index and splice without edit change nothing"),
		PROOF(test_checks, "libosip2: no real message is refused"),
		PROOF(test_stream, "RFC 3261 18.3: all of them as one stream"),
		PROOF(test_edits, "edits leave every other line as it was"),
		PROOF(test_registrations, "TS 24.229 5.2.2: facts of real registrations"),
		PROOF(test_agreements, "RFC 3329: Security-* of real messages"),
	};
	int failed;

	find_files();
	failed = cmocka_run_group_tests_name("sip_real", tests, NULL, NULL);
	for (int i = 0; i < n_names; i++)
		free(names[i]);
	free(names);
	return failed;
}
