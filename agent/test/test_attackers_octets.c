// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Attackers (Documentation/attackers.md) that send octets: headers whose cost would grow
 * with the square of their length (libosip2 needs 2.3 s for 64 kB of them),
 * and floods that want to fill the log.
 */
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "path.h"

/* The limits can be 10,000 elements of a kind: 64 kB of these are fewer. */
static const struct {
	const char *header, *first, *more;
} kinds[] = {
	{ "Supported", "a", ",abcdef" },
	{ "Allow", "INVITE", ",INVITE" },
	{ "Require", "a", ",abcdef" },
	{ "Proxy-Require", "a", ",abcdef" },
	{ "Security-Client", "ipsec-3gpp", ",ipsec-3gpp" },
	{ "Security-Client", "ipsec-3gpp", ";abc=def" },
	{ "Security-Verify", "ipsec-3gpp", ",ipsec-3gpp;alg=x" },
	{ "Contact", "<sip:a@b>", ",<sip:a@b>" },
	{ "Contact", "<sip:a@b>", ";abc=def" },
	{ "Contact", "<sip:a@b;c=d", ";abc=def" },
	{ "Via", "SIP/2.0/UDP h;branch=z9hG4bKa", ",SIP/2.0/UDP h;branch=z9hG4bKb" },
	{ "Via", "SIP/2.0/UDP h;branch=z9hG4bKa", ";abc=def" },
	{ "Route", "<sip:a;lr>", ",<sip:a;lr>" },
	{ "Path", "<sip:a;lr>", ",<sip:a;lr>" },
	{ "P-Access-Network-Info", "3GPP", ",3GPP;network-provided" },
	{ "Authorization", "Digest username=\"001@example.org\"", ",abc=\"def\"" },
	{ "Unknown", "a", "\r\nUnknown: a" },
	{ "Via", "SIP/2.0/UDP h;branch=z9hG4bKa", "\r\nVia: SIP/2.0/UDP h" },
	{ "Route", "<sip:a;lr>", "\r\nRoute: <sip:a;lr>" },
	{ "Security-Client", "ipsec-3gpp", "\r\nSecurity-Client: ipsec-3gpp" },
	{ "Subject", "a", "\r\n abcd" },
	{ "Subject", "\"", "\\\"" },
	{ "From", "\"a\" <sip:001@example.org>;tag=1", ";abc=def" },
	{ "To", "<sip:001@example.org>", ";abc=def" },
};

/* A REGISTER of about @size octets, with one header repeated until it is so long. */
static char *bloated(size_t kind, size_t size)
{
	const char *end = strchr(kinds[kind].first, '<') && !strchr(kinds[kind].first, '>') ?
			  ">" : "";
	struct octets o = { 0 };

	octets_puts(&o, "REGISTER sip:example.org SIP/2.0\r\n");
	if (strcmp(kinds[kind].header, "Via"))
		octets_puts(&o, "Via: SIP/2.0/UDP 10.45.0.3:5060;branch=z9hG4bKue;rport\r\n");
	if (strcmp(kinds[kind].header, "From"))
		octets_puts(&o, "From: <sip:001@example.org>;tag=1\r\n");
	if (strcmp(kinds[kind].header, "To"))
		octets_puts(&o, "To: <sip:001@example.org>\r\n");
	if (strcmp(kinds[kind].header, "Authorization"))
		octets_puts(&o, "Authorization: Digest username=\"001@example.org\", "
			    "realm=\"x\", nonce=\"\", uri=\"sip:x\", response=\"\"\r\n");
	if (strcmp(kinds[kind].header, "Security-Client"))
		octets_printf(&o, "Security-Client: %s\r\n", offer1);
	octets_printf(&o, "Call-ID: 00000000\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n%s: %s",
		      kinds[kind].header, kinds[kind].first);
	while (o.n + strlen(kinds[kind].more) + 8 < size)
		octets_puts(&o, kinds[kind].more);
	octets_printf(&o, "%s%s\r\n\r\n", end, !strcmp(kinds[kind].more, "\\\"") ? "\"" : "");
	octets_put(&o, STR_LIT("\0"));
	assert_false(o.failed);
	return o.p;
}

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* Seconds one of them costs; the least of some, since others use the machine. */
static double cost(char *text, unsigned int times)
{
	static unsigned int serial;
	char *call_id = strstr(text, "Call-ID: ") + 9;
	struct flow f = clear_flow();
	double least = 1e9;

	for (int try = 0; try < 5; try++) {
		double start = cpu(), took;

		for (unsigned int i = 0; i < times; i++) {
			/* Another one each time, not a repetition. */
			snprintf(call_id, 9, "%08u", ++serial);
			call_id[8] = '\r';
			receive_octets(&f, text);
		}
		took = (cpu() - start) / times;
		least = took < least ? took : least;
	}
	return least;
}

/* With the limits as wide as the configuration lets them be. */
static void wide_limits(void)
{
	test_limits = sip_limits_default;
	test_limits.message = 65535;
	test_limits.line = 65535;
	test_limits.header_lines = test_limits.commas = test_limits.semicolons = 10000;
	sip_init(&cfg);
}

static void quadratic_headers(void **state)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		double a = 0, b = 0;
		char *small, *large;

		begin(state);
		wide_limits();
		small = bloated(i, 8000);
		large = bloated(i, 64000);
		/*
		 * Eight times the octets; the square would be 64 times the work, every time.
		 * What others do to the caches of this machine passes.
		 */
		for (int round = 0; round < 5 && b >= 24 * a; round++) {
			a = cost(small, 40);
			b = cost(large, 5);
		}
		if (b > 24 * a)
			fail_msg("%s: %.0f us at 8 kB, %.0f us at 64 kB", kinds[i].header,
				 a * 1e6, b * 1e6);
		free(small);
		free(large);
		end(state);
	}
}

/* With the limits by default, the longest of them that pass are cheap, too. */
static void longest_that_pass(void **state)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char *text;
		double took;

		begin(state);
		text = bloated(i, 16000);
		took = cost(text, 20);
		/* A tenth of a second would be far beyond, with all sanitizers on. */
		if (took > 0.02)
			fail_msg("%s: %.0f us", kinds[i].header, took * 1e6);
		free(text);
		end(state);
	}
}

/* Strangers cause log lines, but not as many as they like, and none with control octets. */
static void floods_do_not_fill_the_log(void **state)
{
	char path[] = "/tmp/test_attackers-XXXXXX", line[2048];
	int fd = mkstemp(path), keep = dup(2);
	struct flow f = clear_flow();
	unsigned int lines = 0;
	FILE *log;

	(void)state;
	assert_true(fd >= 0 && keep >= 0);
	fflush(stderr);
	dup2(fd, 2);
	log_threshold = LOG_LEVEL_INFO;
	for (int i = 0; i < 5000; i++) {
		receive_octets(&f, "OPTIONS sip:\033[2J SIP/2.0\r\n\r\n");
		ask(&f, &(struct ask){ .method = "OPTIONS", .impi = "x\ty" });
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_challenges(GOOD_KEYS);
		ask(&f, &(struct ask){ .client = offer1, .expires = 60, .branch = ++branch });
		core_answers("403 Forbidden", "");
	}
	clock_advance(240000);
	log_threshold = LOG_LEVEL_NONE;
	fflush(stderr);
	dup2(keep, 2);
	log = fdopen(fd, "r");
	rewind(log);
	while (fgets(line, sizeof(line), log)) {
		lines++;
		for (char *p = line; *p && *p != '\n'; p++)
			assert_in_range((unsigned char)*p, 0x20, 0x7e);
	}
	/* Of 20000: 200 in a second, and this takes less than twenty. */
	assert_in_range(lines, 1, 4000);
	fclose(log);
	close(keep);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quadratic_headers), cmocka_unit_test(longest_that_pass),
		T(floods_do_not_fill_the_log),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
