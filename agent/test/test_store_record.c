// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records of the store: what is written is read, and nothing else is.
 */
#include "proof.h"
#include "store_record.h"

static const struct str token = STR_LIT("0123456789abcdef0123456789abcdef");

static struct store_ue sample(void)
{
	struct store_ue ue = {
		.token = token, .impi = STR_LIT("001@example.org"),
		.service_route = STR_LIT("<sip:orig@192.0.2.2;lr>"), .emergency = true,
		.in_use = 8, .n_bindings = 2, .n_sets = 2,
	};
	const struct store_set s = {
		.id = 7, .cookie = UINT64_MAX, .state = SET_TEMP,
		.port_uc = 1, .port_us = 65535, .port_pc = 6101, .port_ps = 6100,
		.spi_uc = 256, .spi_us = UINT32_MAX, .spi_pc = 3, .spi_ps = 4,
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.origin = 8, .ends = 1, .client = STR_LIT("ipsec-3gpp"), .server = STR_LIT(""),
	};

	addr_parse(&ue.addr, "2001:db8::3", 0);
	ue.bindings[0] = (struct store_binding){ STR_LIT("sip:a@example.org"),
						 STR_LIT("sip:a@[2001:db8::3]"),
						 STR_LIT("<sip:a@example.org>, <tel:+1>"), 5, true };
	ue.bindings[1] = (struct store_binding){ STR_LIT("tel:+1"), STR_NONE, STR_NONE, 0, false };
	ue.sets[0] = s;
	ue.sets[1] = s;
	ue.sets[1].id = 8;
	ue.sets[1].state = SET_OLD;
	addr_parse(&ue.sets[0].local, "2001:db8::1", 0);
	ue.sets[1].local = ue.sets[0].local;
	return ue;
}

/* In memory of exactly its size, so that the sanitizer sees every octet too many. */
static const char *read_exactly(struct str value, struct store_ue *out, char **memory)
{
	*memory = malloc(value.n ? value.n : 1);
	if (value.n)
		memcpy(*memory, value.p, value.n);
	return store_ue_read(token, (struct str){ *memory, value.n }, out);
}

static void a_ue_comes_back_as_it_was(void **state)
{
	struct octets first = { 0 }, second = { 0 };
	struct store_ue ue = sample(), back;
	char *memory;

	(void)state;
	store_ue_write(&first, &ue);
	assert_null(read_exactly(octets_str(&first), &back, &memory));
	assert_true(str_same(back.impi, ue.impi) && str_same(back.token, token));
	assert_memory_equal(&back.addr, &ue.addr, sizeof(ue.addr));
	assert_int_equal(back.in_use, 8);
	assert_int_equal(back.n_sets, 2);
	assert_int_equal(back.sets[0].state, SET_TEMP);
	assert_int_equal(back.sets[1].state, SET_OLD);
	assert_true(back.sets[0].cookie == UINT64_MAX);
	assert_int_equal(back.sets[0].port_us, 65535);
	assert_int_equal(back.sets[0].spi_us, UINT32_MAX);
	assert_non_null(back.sets[0].server.p);
	assert_int_equal(back.n_bindings, 2);
	assert_true(back.bindings[0].emergency);
	assert_null(back.bindings[1].contact.p);
	assert_true(back.emergency);
	assert_str(back.bindings[0].associated, "<sip:a@example.org>, <tel:+1>");
	assert_null(back.bindings[1].associated.p);
	store_ue_write(&second, &back);
	assert_true(str_same(octets_str(&first), octets_str(&second)));
	free(memory);
	octets_free(&first);
	octets_free(&second);
}

static struct store_ue plain_sample(void)
{
	struct store_ue ue = sample();

	ue.n_sets = ue.in_use = 0;
	ue.emergency = false;
	ue.plain = true;
	ue.place = (struct flow){ .tcp = true, .local = ue.addr, .remote = ue.addr };
	ue.place.local.port = 5060;
	ue.place.remote.port = 40001;
	return ue;
}

/* Without SAs its place is stored, and nothing else of the flow. */
static void without_sas(void **state)
{
	struct store_ue ue = plain_sample(), back;
	struct octets o = { 0 };
	char *memory;

	(void)state;
	store_ue_write(&o, &ue);
	assert_null(read_exactly(octets_str(&o), &back, &memory));
	assert_true(back.plain && back.place.tcp);
	assert_true(addr_same(&back.place.local, &ue.place.local));
	assert_true(addr_same(&back.place.remote, &ue.place.remote));
	assert_int_equal(back.n_bindings, 2);
	free(memory);
	octets_free(&o);
}

/* Each prefix, and each octet changed to each of some others: refused, or a record. */
static void damage_is_refused_or_harmless(void **state)
{
	static const uint8_t other[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	struct store_ue ue = sample(), back;
	struct octets whole = { 0 };
	unsigned int taken = 0;
	char *memory;

	(void)state;
	store_ue_write(&whole, &ue);
	for (size_t n = 0; n < whole.n; n++) {
		if (!read_exactly((struct str){ whole.p, n }, &back, &memory))
			taken++;
		free(memory);
	}
	/* Those that end where a set or an identity does; the set in use is the last one. */
	assert_int_equal(taken, 0);
	for (size_t at = 0; at < whole.n; at++) {
		for (size_t i = 0; i < sizeof(other); i++) {
			char before = whole.p[at];
			struct octets again = { 0 };

			whole.p[at] = (char)other[i];
			if (!read_exactly(octets_str(&whole), &back, &memory))
				store_ue_write(&again, &back);
			octets_free(&again);
			free(memory);
			whole.p[at] = before;
		}
	}
	octets_free(&whole);
}

/* What is wrong with a UE, and the words for it. */
static void nonsense_is_named(void **state)
{
	struct store_ue back, ue;
	struct octets o = { 0 };

	(void)state;
#define REFUSED(text, spoil) do {						\
		ue = sample();							\
		spoil;								\
		o.n = 0;							\
		store_ue_write(&o, &ue);					\
		assert_string_equal(store_ue_read(token, octets_str(&o), &back), text); \
	} while (0)
	REFUSED("it has no IMPI", ue.impi = STR_LIT(""));
	REFUSED("a text is none", ue.impi = STR_LIT("a\0b"));
	REFUSED("an address is none", ue.addr.port = 5060);
	REFUSED("a set is of another address family", addr_parse(&ue.sets[1].local, "1.2.3.4", 0));
	REFUSED("a set is there twice", ue.sets[0].id = 8);
	REFUSED("the set in use is not there", ue.in_use = 9);
	REFUSED("the set in use is not there", ue.in_use = 7);
	REFUSED("a number is out of bounds", ue.sets[0].id = 0);
	REFUSED("a number is out of bounds", ue.sets[0].port_pc = 0);
	REFUSED("a number is out of bounds", ue.sets[0].spi_us = 0);
	REFUSED("a number is out of bounds", ue.sets[0].ends = UINT64_MAX);
	REFUSED("a suite is none", ue.sets[0].suite.ealg = 99);
	REFUSED("it has sets, and is without", ue = plain_sample(); ue.emergency = true);
	REFUSED("it is somewhere else", ue = plain_sample(); ue.place.remote.ip[3] ^= 1);
	REFUSED("it is somewhere else", ue = plain_sample();
		addr_parse(&ue.place.local, "1.2.3.4", 5060));
	REFUSED("where it is is no address", ue = plain_sample(); ue.place.remote.port = 0);
	REFUSED("it has neither sets nor identities",
		ue.n_sets = 0; ue.n_bindings = 0; ue.in_use = 0);
	/* Of the highest version there will ever be. */
	o.p[0] = (char)0xff;
	assert_string_equal(store_ue_read(token, octets_str(&o), &back),
			    "it is of another version");
	assert_string_equal(store_ue_read(STR_LIT("short"), octets_str(&o), &back),
			    "its token is none");
	octets_free(&o);
}

static void fields_come_once(void **state)
{
	struct store_ue back, ue = sample();
	struct octets o = { 0 };

	(void)state;
	store_ue_write(&o, &ue);
	record_put(&o, 1, STR_LIT("002@example.org"));
	assert_string_equal(store_ue_read(token, octets_str(&o), &back), "a field comes twice");
	octets_free(&o);
}

/* A field that a later version adds costs this one nothing. */
static void unknown_fields_are_skipped(void **state)
{
	struct store_ue back, ue = sample();
	struct octets o = { 0 };

	(void)state;
	store_ue_write(&o, &ue);
	for (int i = 0; i < 2; i++) {
		record_put(&o, 31, STR_LIT("news"));
		record_put(&o, 200, STR_LIT("news"));
	}
	assert_null(store_ue_read(token, octets_str(&o), &back));
	assert_int_equal(back.n_sets, 2);
	octets_free(&o);
}

static void too_many_are_refused(void **state)
{
	struct store_ue back, ue = sample();
	struct octets o = { 0 };

	(void)state;
	ue.n_sets = STORE_SETS;
	for (unsigned int i = 0; i < STORE_SETS; i++) {
		ue.sets[i] = ue.sets[1];
		ue.sets[i].id = 8 + i;
	}
	ue.n_bindings = STORE_BINDINGS;
	for (unsigned int i = 0; i < STORE_BINDINGS; i++)
		ue.bindings[i] = ue.bindings[0];
	store_ue_write(&o, &ue);
	assert_null(store_ue_read(token, octets_str(&o), &back));
	assert_int_equal(back.n_sets, STORE_SETS);
	assert_int_equal(back.n_bindings, STORE_BINDINGS);
	record_put(&o, 6, STR_LIT(""));
	assert_string_equal(store_ue_read(token, octets_str(&o), &back),
			    "there are too many identities");
	o.n = 0;
	store_ue_write(&o, &ue);
	record_put(&o, 7, STR_LIT(""));
	assert_string_equal(store_ue_read(token, octets_str(&o), &back),
			    "there are too many sets");
	octets_free(&o);
}

static void spis_and_heads(void **state)
{
	struct store_head h = { .boot = { 1, 2, 3 }, .instance = 7 }, back;
	struct octets o = { 0 };
	uint64_t free_at;
	uint32_t spi;
	char key[4];

	(void)state;
	store_spi_key(0x12345678, key);
	store_spi_write(&o, 99);
	assert_null(store_spi_read((struct str){ key, 4 }, octets_str(&o), &spi, &free_at));
	assert_int_equal(spi, 0x12345678);
	assert_int_equal(free_at, 99);
	assert_non_null(store_spi_read((struct str){ key, 3 }, octets_str(&o), &spi, &free_at));
	assert_non_null(store_spi_read((struct str){ "\0\0\0", 4 }, octets_str(&o), &spi, &free_at));
	assert_non_null(store_spi_read((struct str){ key, 4 }, (struct str){ o.p, o.n - 1 }, &spi,
				       &free_at));
	o.n = 0;
	store_head_write(&o, &h);
	assert_null(store_head_read(octets_str(&o), &back));
	assert_memory_equal(&h, &back, sizeof(h));
	for (size_t n = 0; n < o.n; n++)
		assert_non_null(store_head_read((struct str){ o.p, n }, &back));
	octets_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ue_comes_back_as_it_was), cmocka_unit_test(without_sas),
		cmocka_unit_test(damage_is_refused_or_harmless),
		cmocka_unit_test(nonsense_is_named), cmocka_unit_test(fields_come_once),
		cmocka_unit_test(unknown_fields_are_skipped),
		cmocka_unit_test(too_many_are_refused), cmocka_unit_test(spis_and_heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
