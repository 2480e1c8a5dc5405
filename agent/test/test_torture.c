// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The messages of RFC 4475 and RFC 5118 (torture/NAME.sip) get the reactions
 * that Documentation/torture.md lists, and none is missing in either place.
 */
#include <glob.h>

#include "path.h"
#include "sip_frame.h"

#define LIST "../Documentation/torture.md"

struct row {
	char name[64], reaction[32], stream[32];
};

static struct row rows[128];
static unsigned int n_rows;
static char octets[20000];
static size_t n_octets;

/* The @n-th cell of a table's line, from 1, without blanks and backquotes. */
static void cell(const char *line, int n, char *out, size_t room)
{
	const char *p = line;
	size_t len;

	while (n-- && p)
		p = (p = strchr(p, '|')) ? p + 1 : NULL;
	out[0] = '\0';
	if (!p)
		return;
	p += strspn(p, " `");
	len = strcspn(p, "|");
	while (len && strchr(" `", p[len - 1]))
		len--;
	snprintf(out, room, "%.*s", (int)len, p);
}

static void read_list(void)
{
	FILE *f = fopen(LIST, "r");
	char line[1024];

	assert_non_null(f);
	n_rows = 0;
	while (fgets(line, sizeof(line), f)) {
		struct row *r = &rows[n_rows];

		if (strncmp(line, "| `", 3))
			continue;
		cell(line, 1, r->name, sizeof(r->name));
		cell(line, 4, r->reaction, sizeof(r->reaction));
		cell(line, 5, r->stream, sizeof(r->stream));
		assert_true(++n_rows < 128);
	}
	fclose(f);
}

static void load(const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "test/torture/%s.sip", name);
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing", path);
	n_octets = fread(octets, 1, sizeof(octets) - 512, f);
	fclose(f);
}

static bool is_method(const char *method)
{
	return n_octets > strlen(method) && !memcmp(octets, method, strlen(method));
}

/* What a phone of ours would have in its REGISTER besides. */
static void add_credentials(void)
{
	static const char lines[] =
		"Authorization: Digest username=\"001@example.org\", realm=\"example.org\", "
		"nonce=\"\", uri=\"sip:example.org\", response=\"\"\r\n";
	char *at = (char *)memmem(octets, n_octets, "\r\n", 2) + 2;
	char added[512];
	size_t n;

	n = snprintf(added, sizeof(added), "%sSecurity-Client: %s\r\n",
		     memmem(octets, n_octets, "Authorization:", 14) ? "" : lines, offer1);
	memmove(at + n, at, n_octets - (size_t)(at - octets));
	memcpy(at, added, n);
	n_octets += n;
}

/* From a block of its own, so that ASan sees reads beyond it. */
static void receive_message(const struct flow *f)
{
	char *copy = malloc(n_octets + 1);

	memcpy(copy, octets, n_octets);
	copy[n_octets] = '\0';
	sip_receive(f, copy, n_octets);
	free(copy);
}

static const char *reaction(void)
{
	static char code[16];

	if (n_up)
		return "forwarded";
	if (!n_down)
		return "dropped";
	snprintf(code, sizeof(code), "%u", status());
	return code;
}

static void every_message_is_listed(void **state)
{
	glob_t g;

	(void)state;
	read_list();
	assert_int_equal(glob("test/torture/*.sip", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *name = strrchr(g.gl_pathv[i], '/') + 1;
		bool found = false;

		*strrchr(name, '.') = '\0';
		for (unsigned int r = 0; r < n_rows; r++)
			found |= !strcmp(rows[r].name, name);
		if (!found)
			fail_msg("%s is not in " LIST, name);
	}
	assert_int_equal(g.gl_pathc, n_rows);
	globfree(&g);
}

/* On the port of Gm without SAs: what passes the checks is a REGISTER or a 403. */
static void as_datagrams_of_strangers(void **state)
{
	(void)state;
	read_list();
	for (unsigned int i = 0; i < n_rows; i++) {
		const char *want = rows[i].reaction;
		bool response;
		struct flow f;

		load(rows[i].name);
		response = is_method("SIP/");
		f = response ? core_flow() : clear_flow();
		if (is_method("REGISTER "))
			add_credentials();
		if (!strcmp(want, "passes"))
			want = response ? "dropped" : is_method("ACK ") ? "dropped" : "403";
		n_up = n_down = 0;
		receive_message(&f);
		if (strcmp(reaction(), want))
			fail_msg("%s: %s, not %s", rows[i].name, reaction(), want);
	}
}

/* On an SA: the same checks, and what passes them is up to the rules of SIP. */
static void as_datagrams_of_a_registered_ue(void **state)
{
	struct flow f = protected_flow(registered_set());

	(void)state;
	read_list();
	for (unsigned int i = 0; i < n_rows; i++) {
		const char *want = rows[i].reaction;
		unsigned long refused = sip_stats.malformed + sip_stats.unreadable;

		load(rows[i].name);
		if (is_method("SIP/") || is_method("REGISTER "))
			continue;
		n_up = n_down = 0;
		receive_message(&f);
		refused = sip_stats.malformed + sip_stats.unreadable - refused;
		if (refused != (strcmp(want, "passes") ? 1 : 0))
			fail_msg("%s: %lu refusals", rows[i].name, refused);
		if (refused && strcmp(reaction(), want))
			fail_msg("%s: %s, not %s", rows[i].name, reaction(), want);
	}
	assert_int_equal(set_count(), 1);
}

static void as_streams(void **state)
{
	static const char * const names[] = {
		[SIP_FRAME_MORE] = "waits", [SIP_FRAME_MESSAGE] = "whole",
		[SIP_FRAME_ERROR] = "closed",
	};

	(void)state;
	read_list();
	for (unsigned int i = 0; i < n_rows; i++) {
		struct sip_frame frame = { 0 };
		const char *got;

		load(rows[i].name);
		got = names[sip_frame_next(&frame, (struct str){ octets, n_octets },
					   &sip_limits_default)];
		if (strcmp(got, rows[i].stream))
			fail_msg("%s: %s, not %s", rows[i].name, got, rows[i].stream);
		/* Octet by octet it is the same. */
		frame = (struct sip_frame){ 0 };
		for (size_t n = 1; n <= n_octets; n++) {
			enum sip_frame_result r = sip_frame_next(&frame,
				(struct str){ octets, n }, &sip_limits_default);

			got = names[r];
			if (r != SIP_FRAME_MORE)
				break;
		}
		if (strcmp(got, rows[i].stream))
			fail_msg("%s in pieces: %s, not %s", rows[i].name, got, rows[i].stream);
	}
}

/* What is behind the body by its Content-Length goes no further (RFC 3261 18.3). */
static void the_second_request_of_dblreq_is_not_forwarded(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	load("dblreq");
	add_credentials();
	receive_message(&f);
	assert_int_equal(n_up, 1);
	assert_null(strstr(up.text, "joe@example.com"));
	assert_null(strstr(up.text, "INVITE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_message_is_listed), T(as_datagrams_of_strangers),
		T(as_datagrams_of_a_registered_ue), T(as_streams),
		T(the_second_request_of_dblreq_is_not_forwarded),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
