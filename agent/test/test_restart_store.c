// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A restart with a store that is gone, damaged or behind; what is not
 * in it; and the clock that goes on in the next life.
 */
#include "restart_world.h"

static void without_a_store_every_set_is_deleted(void **state)
{
	(void)state;
	registered();
	challenge(0);
	die();
	unlink(store_path);
	live();
	assert_int_equal(restart_stats.strays, 2);
	assert_int_equal(fake_kernel.n, 0);
	assert_null(registrar_first());
}

static void a_damaged_record_costs_its_ue_only(void **state)
{
	uint32_t id = register_at("001@example.org", "10.45.0.3")->id;
	uint32_t other = register_at("002@example.org", "10.45.0.4")->id;
	char key[64];

	(void)state;
	snprintf(key, sizeof(key), "U%s", set_find(id)->ue->token);
	die();
	forge(str_of(key), STR_LIT("\x01rubbish"));
	forge(STR_LIT("S12"), STR_LIT(""));
	forge(STR_LIT("?"), STR_LIT("of another kind"));
	live();
	assert_int_equal(restart_stats.refused, 2);
	assert_null(set_find(id));
	assert_non_null(set_find(other));
	assert_int_equal(registrar_count(), 1);
	assert_agreement();
	/* It is not carried on. */
	live_again();
	assert_int_equal(restart_stats.refused, 0);
}

/* The same UE, or the same set, in two records: one of them, and no half. */
static void doubles_are_refused(void **state)
{
	static struct store_ue ue;
	struct set *s = registered();
	uint32_t id = s->id;
	struct octets value = { 0 };
	char key[64];

	(void)state;
	snprintf(key, sizeof(key), "U%.16s%.16s", "0000000000000000", s->ue->token);
	ue = (struct store_ue){
		.impi = str_of(s->ue->impi), .addr = s->ue->addr, .in_use = id, .n_sets = 1,
	};
	ue.sets[0] = (struct store_set){
		.id = id, .cookie = s->cookie, .state = SET_INUSE, .local = s->local,
		.port_uc = s->port_uc, .port_us = s->port_us,
		.port_pc = s->port_pc, .port_ps = s->port_ps,
		.spi_uc = s->spi_uc, .spi_us = s->spi_us,
		.spi_pc = s->spi_pc, .spi_ps = s->spi_ps, .suite = s->suite,
		.ends = clock_to_boot(s->ends), .client = str_of("c"), .server = str_of("s"),
	};
	store_ue_write(&value, &ue);
	die();
	forge(str_of(key), octets_str(&value));
	octets_free(&value);
	live();
	assert_int_equal(set_count(), 1);
	assert_int_equal(restart_stats.ues, 1);
	assert_int_equal(restart_stats.refused, 1);
	assert_agreement();
}

/* A change that could not be written was never promised to outlive us. */
static void what_is_not_saved_is_deleted_and_not_half_kept(void **state)
{
	uint32_t saved = register_at("001@example.org", "10.45.0.3")->id, unsaved;

	(void)state;
	/* From here on it is lost: as if nothing could be written until the end. */
	store_close();
	unsaved = register_at("002@example.org", "10.45.0.4")->id;
	live_again();
	assert_non_null(set_find(saved));
	assert_null(set_find(unsaved));
	assert_false(in_kernel(unsaved)->there);
	assert_agreement();
}

static void no_key_is_in_the_store(void **state)
{
	static const struct keys_aka keys = { .ck = "ck of sixteen oc", .ik = "ik of sixteen oc" };
	const struct secagree_entry offer = {
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.spi_c = 1111, .spi_s = 2222, .port_c = 8001, .port_s = 8000,
	};
	struct set_facts facts = { .offer = &offer, .client = STR_LIT("c"), .keys = &keys };
	struct ue *ue = registrar_ue(str_of(impi), &home);
	static char file[1 << 20];
	struct set *s;
	size_t n;
	FILE *f;

	(void)state;
	s = registrar_challenged(ue, &facts, &failure, why, sizeof(why));
	registrar_release(ue);
	assert_memory_equal(in_kernel(s->id)->ik, keys.ik, 16);
	assert_int_equal(accept_for(s, EXPIRES), 0);
	f = fopen(store_path, "r");
	n = fread(file, 1, sizeof(file), f);
	fclose(f);
	assert_non_null(memmem(file, n, "001@example.org", 15));
	assert_null(memmem(file, n, keys.ck, 8));
	assert_null(memmem(file, n, keys.ik, 8));
}

/* --- the clock --- */

static void boot_time_and_back(void **state)
{
	(void)state;
	for (unsigned int scale = 1; scale <= 1000000; scale *= 10) {
		uint64_t now, then;

		clock_init(scale);
		now = clock_now();
		for (uint64_t ms = 0; ms < 5000000000000; ms = ms * 3 + 1) {
			then = clock_from_boot(clock_to_boot(ms));
			assert_in_range(then, ms ? ms - 1 : 0, ms);
		}
		/* Another life: what was to end in an hour still ends in an hour. */
		then = clock_to_boot(now + 3600000);
		clock_init(scale);
		assert_in_range(clock_from_boot(then), 0, 3600000);
		assert_true(clock_from_boot(then) + 2000ull * scale > 3600000);
		assert_int_equal(clock_from_boot(1), 0);
		assert_true(clock_from_boot(UINT64_MAX) > 1000000000000);
		assert_true(clock_to_boot(UINT64_MAX) > clock_to_boot(1000000000000));
	}
	clock_init(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TL(without_a_store_every_set_is_deleted),
		TL(a_damaged_record_costs_its_ue_only), TL(doubles_are_refused),
		TL(what_is_not_saved_is_deleted_and_not_half_kept), TL(no_key_is_in_the_store),
		TL(boot_time_and_back),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
