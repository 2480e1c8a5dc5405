// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registrations, re-registrations and de-registrations one after the other,
 * through everything but sockets, with strangers in between: what is there
 * afterwards, in octets, is what was there before. Under ASan and LeakSanitizer;
 * SOAK is the number of rounds (`make soak`: 10000).
 *
 * The clock is SIP time: each round lives through reg-await-auth (240 s), 64*T1
 * (128 s) and a registration of 600,000 s, to the millisecond.
 */
#include <malloc.h>

#include "admission.h"
#include "path.h"
#include "sip_uri.h"

/* Of <sanitizer/allocator_interface.h>, which not every gcc package has. */
size_t __sanitizer_get_current_allocated_bytes(void);

#define LIFE_S 600000u
#define WARM 50

/* Octets in use on the heap, but for what is kept of a bounded number of URIs. */
static size_t in_use(void)
{
	sip_uri_forget();
#ifdef __SANITIZE_ADDRESS__
	return __sanitizer_get_current_allocated_bytes();
#else
	return mallinfo2().uordblks;
#endif
}

static unsigned int rounds(void)
{
	const char *text = getenv("SOAK");

	return text ? strtoul(text, NULL, 10) : 300;
}

static struct flow flow_of(const struct set *s, bool tcp)
{
	struct flow f = protected_flow(s);

	f.tcp = tcp;
	f.conn = tcp ? 1000 + s->id : 0;
	return f;
}

static void expect(unsigned int code, const char *what, unsigned int round)
{
	if (status() != code)
		fail_msg("round %u, %s: %s", round, what, down.text);
}

/* The answer to a challenge that is accepted, on its set. */
static void authenticate(const struct set *s, bool tcp, unsigned int round)
{
	struct flow f = flow_of(s, tcp);

	ask(&f, &(struct ask){ .client = s->client, .verify = s->server, .expires = LIFE_S,
			       .response = "0123", .branch = ++branch });
	core_accepts(LIFE_S);
	expect(200, "200 OK", round);
}

/* Sets that began unprotected and never proved anything end at 240 s. */
static void stranger(unsigned int round)
{
	struct flow f = clear_flow();
	unsigned int sets = set_count();
	char impi[32];

	f.remote.ip[3] = 77;
	snprintf(impi, sizeof(impi), "%u@stranger.example", round);
	ask(&f, &(struct ask){ .client = offer1, .expires = 60, .impi = impi, .branch = ++branch,
			       .via = "10.45.0.77:5060" });
	core_challenges(GOOD_KEYS);
	expect(401, "a stranger", round);
	assert_int_equal(set_count(), sets + 1);
	clock_advance(240000 - 1);
	assert_int_equal(set_count(), sets + 1);
	clock_advance(1);
	assert_int_equal(set_count(), sets);
}

/* One that does without SAs: registered, refreshed, and gone in one of two ways. */
static void without_sas(unsigned int round)
{
	struct flow f = clear_flow();
	char impi[32];

	f.remote.ip[3] = 88;
	f.tcp = round % 2;
	f.conn = f.tcp ? 500000 + round : 0;
	snprintf(impi, sizeof(impi), "%u@plain.example", round);
	for (unsigned int i = 0; i < 2; i++) {
		ask(&f, &(struct ask){ .impi = impi, .expires = 600, .branch = ++branch,
				       .no_tags = true });
		core_challenges("");
		expect(401, "without SAs", round);
		ask(&f, &(struct ask){ .impi = impi, .expires = 600, .branch = ++branch,
				       .response = "01", .no_tags = true });
		core_accepts(600);
		expect(200, "without SAs", round);
		assert_int_equal(plain_count(), 1);
	}
	if (round / 2 % 2) {
		ask(&f, &(struct ask){ .impi = impi, .branch = ++branch, .response = "01",
				       .no_tags = true });
		core_answers("200 OK", "");
		expect(200, "de-registration without SAs", round);
	} else {
		clock_advance(600 * 1000);
	}
	clock_advance(DRAIN - 1);
	assert_int_equal(plain_count(), 1);
	clock_advance(1);
	assert_int_equal(plain_count(), 0);
}

/* The last two ways a registration can end. */
static void leave(struct set *s, bool tcp, unsigned int round)
{
	struct flow f = flow_of(s, tcp);
	uint64_t start = clock_now();

	if (round % 2) {
		ask(&f, &(struct ask){ .client = offer1, .expires = 0, .branch = ++branch });
		core_answers("200 OK", "");
		expect(200, "de-registration", round);
		assert_int_equal(registrar_count(), 0);
		clock_advance(DRAIN - 1);
		assert_int_equal(fake_kernel.n, 1);
		clock_advance(1);
	} else {
		clock_advance(LIFE_S * 1000ull - 1);
		assert_int_equal(registrar_count(), 1);
		clock_advance(1);
		assert_int_equal(registrar_count(), 0);
		clock_advance(29999);
		assert_int_equal(fake_kernel.n, 1);
		clock_advance(1);
		assert_true(clock_now() == start + LIFE_S * 1000ull + 30000);
	}
	assert_int_equal(fake_kernel.n, 0);
}

static void one_round(unsigned int round)
{
	bool tcp = round / 2 % 2;
	struct set *old, *new;
	struct flow f;

	old = challenged_set();
	authenticate(old, tcp, round);
	stranger(round);
	without_sas(round);
	/* A refresh without challenge, and one with. */
	f = flow_of(old, tcp);
	ask(&f, &(struct ask){ .client = offer2, .expires = LIFE_S, .branch = ++branch });
	core_accepts(LIFE_S);
	expect(200, "refresh", round);
	ask(&f, &(struct ask){ .client = offer2, .expires = LIFE_S, .branch = ++branch });
	core_challenges(GOOD_KEYS);
	expect(401, "re-authentication", round);
	new = last_set();
	authenticate(new, tcp, round);
	assert_int_equal(new->state, SET_NEW);
	registrar_heard(new);
	clock_advance(DRAIN - 1);
	assert_int_equal(set_count(), 2);
	clock_advance(1);
	assert_int_equal(set_count(), 1);
	/* Refused the next time; then it leaves. */
	f = flow_of(new, tcp);
	ask(&f, &(struct ask){ .client = offer1, .expires = LIFE_S, .branch = ++branch });
	core_answers("403 Forbidden", "");
	expect(403, "refusal", round);
	ask(&f, &(struct ask){ .client = offer1, .expires = LIFE_S, .branch = ++branch });
	core_accepts(LIFE_S);
	expect(200, "refresh", round);
	leave(new, tcp, round);
	clock_advance(DRAIN);
	assert_int_equal(set_count(), 0);
	assert_int_equal(transaction_stats.server, 0);
	assert_int_equal(transaction_stats.client, 0);
	assert_int_equal(spi_in_use(), 0);
	assert_null(registrar_first());
}

/* Field note 47: nothing is kept of a registration that is over. */
static void memory_is_constant(void **state)
{
	unsigned int n = rounds();
	size_t before = 0;

	(void)state;
	for (unsigned int i = 0; i < n + WARM; i++) {
		/* Tables have the size they need, and buffers, too. */
		if (i == WARM)
			before = in_use();
		one_round(i);
	}
	print_message("%u rounds, %zu octets before, %zu after\n", n, before, in_use());
	assert_int_equal(in_use(), before);
}

static int begin_limited(void **state)
{
	begin(state);
	cfg.gm[0].secagree_required = false;
	cfg.remembered_impis = 1000;
	policy_exit();
	assert_true(policy_init(&cfg));
	cfg.rates.source = (struct config_rate){ 20, 100 };
	cfg.rates.impi = (struct config_rate){ 1, 20 };
	cfg.rates.all = (struct config_rate){ 2000, 4000 };
	cfg.rates.table = 1024;
	cfg.rates.retry_after = 30;
	return admission_init(&cfg) ? 0 : -1;
}

static int end_limited(void **state)
{
	admission_exit();
	return end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory_is_constant, begin_limited, end_limited),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
