// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Real messages through parser, editor and the proxy's edits: what they do not
 * mean to change is octet for octet the same.
 *
 *   test_messages             the messages of $GMGATE_SHARED/data/sip-real
 *   test_messages DIRECTORY   any *.sip files, one verdict a file (make messages)
 */
#include <dirent.h>
#include <stdio.h>

#include "proof.h"
#include "samples.h"
#include "sip_msg.h"
#include "verdict.h"

static int is_sip(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".sip") == 0;
}

static bool read_file(const char *directory, const char *name, struct octets *o)
{
	char path[1024], piece[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "rb");
	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		octets_put(o, (struct str){ piece, n });
	fclose(f);
	return !o->failed;
}

static const char * const words[] = {
	[VERDICT_KEPT] = "kept", [VERDICT_REFUSED] = "refused", [VERDICT_CHANGED] = "CHANGED",
};

/* Counts by verdict; -1: no such directory. */
static int judge(const char *directory, bool print, unsigned int counts[3])
{
	struct dirent **names;
	int n = scandir(directory, &names, is_sip, alphasort);

	for (int i = 0; i < n; i++) {
		struct octets o = { 0 };
		char why[256] = "cannot be read";
		enum verdict v = VERDICT_CHANGED;

		if (read_file(directory, names[i]->d_name, &o))
			v = verdict_of(octets_str(&o), why);
		counts[v]++;
		if (print)
			printf("%-8s %s%s%s\n", words[v], names[i]->d_name, *why ? ": " : "", why);
		else if (v == VERDICT_CHANGED)
			print_message("%s: %s\n", names[i]->d_name, why);
		octets_free(&o);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n;
}

/* Field note 24 among them: a NOTIFY is as the core has written it. */
static void test_real(void **state)
{
	static const char * const places[] = { "../shared", "../../shared", "../../../shared" };
	const char *shared = getenv("GMGATE_SHARED");
	unsigned int counts[3] = { 0 };
	char directory[512];
	int n = -1;

	(void)state;
	for (size_t i = 0; i < 3 && n <= 0; i++) {
		snprintf(directory, sizeof(directory), "%s/data/sip-real",
			 shared ? shared : places[i]);
		n = judge(directory, false, counts);
	}
	if (n <= 0) {
		print_message("SKIP: no real messages in %s (set GMGATE_SHARED)\n", directory);
		skip();
	}
	print_message("%u kept, %u refused\n", counts[VERDICT_KEPT], counts[VERDICT_REFUSED]);
	assert_int_equal(counts[VERDICT_CHANGED], 0);
	assert_true(counts[VERDICT_REFUSED] <= 2);
	assert_true(counts[VERDICT_KEPT] >= 100);
}

/* The judge itself: it does see what changes. */
static void test_judge(void **state)
{
	static const struct {
		const char *from, *to;
		bool kept;
	} rows[] = {
		{ "Expires: 600000", "Expires:600000", false },
		{ "CSeq: 2", "CSeq: 3", false },
		{ "User-Agent: sample\r\n", "", false },
		{ "REGISTER sip:", "REGISTER sip:x@", false },
		{ "Via: SIP", "Via:  SIP", true },
		{ "User-Agent: sample\r\n", "User-Agent: sample\r\n", true },
	};
	struct sip_msg *before = sip_msg_new(STR_LIT(SAMPLE_REGISTER_2), &sip_limits_default, NULL);
	char text[sizeof(SAMPLE_REGISTER_2) + 64], why[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = strstr(SAMPLE_REGISTER_2, rows[i].from);
		struct sip_msg *after;

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - SAMPLE_REGISTER_2),
			 SAMPLE_REGISTER_2, rows[i].to, at + strlen(rows[i].from));
		after = sip_msg_new(str_of(text), &sip_limits_default, NULL);
		assert_non_null(after);
		assert_int_equal(verdict_is_kept(before, after, 1 << SIP_HEADER_VIA, why),
				 rows[i].kept);
		sip_msg_free(after);
	}
	sip_msg_free(before);
	assert_int_equal(verdict_of(STR_LIT(SAMPLE_REGISTER_2), why), VERDICT_KEPT);
	assert_int_equal(verdict_of(STR_LIT(SAMPLE_401), why), VERDICT_KEPT);
	assert_int_equal(verdict_of(STR_LIT("INVITE\r\n\r\n"), why), VERDICT_REFUSED);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		PROOF(test_real, "real messages keep what no edit is about"),
		PROOF(test_judge, "the judge of that sees every change"),
	};
	unsigned int counts[3] = { 0 };

	if (argc < 2)
		return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
	if (judge(argv[1], true, counts) < 0) {
		fprintf(stderr, "%s: no such directory\n", argv[1]);
		return 2;
	}
	printf("%u kept, %u refused, %u changed\n", counts[VERDICT_KEPT], counts[VERDICT_REFUSED],
	       counts[VERDICT_CHANGED]);
	return counts[VERDICT_CHANGED] || !(counts[VERDICT_KEPT] + counts[VERDICT_REFUSED]);
}
