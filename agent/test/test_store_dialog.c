// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Dialogs as records of the store: what is written is read, and nothing else is.
 */
#include "proof.h"
#include "store_dialog.h"

static const struct str token = STR_LIT("0123456789abcdef01234567");

static struct store_dialog sample(void)
{
	return (struct store_dialog){
		.token = token, .ue = STR_LIT("0123456789abcdef0123456789abcdef"),
		.from_ue = true, .method = SIP_METHOD_SUBSCRIBE, .call_id = STR_LIT("c@10.45.0.3"),
		.tag = STR_LIT(""), .charging = STR_LIT("icid-value=\"1\""),
		.recorded = STR_LIT("<sip:a;lr>,\r\n <sip:b;lr>"), .used = 77, .n_legs = 2,
		.legs = {
			{ STR_LIT("x"), STR_LIT("<sip:s@192.0.2.2;lr>"), true, 5000 },
			{ STR_LIT("y"), STR_LIT(""), false, UINT64_MAX },
		},
	};
}

/* In memory of exactly its size, so that the sanitizer sees every octet too many. */
static const char *read_exactly(struct str value, struct store_dialog *out, char **memory)
{
	*memory = malloc(value.n ? value.n : 1);
	if (value.n)
		memcpy(*memory, value.p, value.n);
	return store_dialog_read(token, (struct str){ *memory, value.n }, out);
}

static void a_dialog_comes_back_as_it_was(void **state)
{
	struct store_dialog d = sample(), back;
	struct octets o = { 0 };
	char *memory;

	(void)state;
	store_dialog_write(&o, &d);
	assert_null(read_exactly(octets_str(&o), &back, &memory));
	assert_true(str_same(back.token, token) && str_same(back.ue, d.ue));
	assert_true(back.from_ue);
	assert_int_equal(back.method, SIP_METHOD_SUBSCRIBE);
	assert_str(back.call_id, "c@10.45.0.3");
	assert_true(back.tag.p && !back.tag.n);
	assert_str(back.charging, "icid-value=\"1\"");
	assert_true(str_same(back.recorded, d.recorded));
	assert_int_equal(back.used, 77);
	assert_int_equal(back.n_legs, 2);
	assert_str(back.legs[0].tag, "x");
	assert_str(back.legs[0].route, "<sip:s@192.0.2.2;lr>");
	assert_true(back.legs[0].confirmed);
	assert_int_equal(back.legs[0].ends, 5000);
	assert_str(back.legs[1].tag, "y");
	assert_true(back.legs[1].route.p && !back.legs[1].route.n);
	assert_false(back.legs[1].confirmed);
	assert_true(back.legs[1].ends == UINT64_MAX);
	free(memory);
	octets_free(&o);
}

static void each_kind_of_dialog_comes_back(void **state)
{
	static const enum sip_method methods[] = {
		SIP_METHOD_INVITE, SIP_METHOD_SUBSCRIBE, SIP_METHOD_REFER,
	};
	struct store_dialog d = sample(), back;

	(void)state;
	d.from_ue = false;
	d.charging = STR_NONE;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		struct octets o = { 0 };

		d.method = methods[i];
		store_dialog_write(&o, &d);
		assert_null(store_dialog_read(token, octets_str(&o), &back));
		assert_int_equal(back.method, methods[i]);
		assert_false(back.from_ue);
		assert_null(back.charging.p);
		octets_free(&o);
	}
}

/* Each prefix, and each octet changed to each of some others: refused, or a record. */
static void damage_is_refused_or_harmless(void **state)
{
	static const uint8_t other[] = { 0, 1, 2, '\r', '\n', 0x7f, 0x80, 0xff };
	struct store_dialog d = sample(), back;
	struct octets whole = { 0 };
	unsigned int taken = 0;
	char *memory;

	(void)state;
	store_dialog_write(&whole, &d);
	for (size_t n = 0; n < whole.n; n++) {
		if (!read_exactly((struct str){ whole.p, n }, &back, &memory)) {
			/* It ends where a leg does. */
			assert_int_equal(back.n_legs, 1);
			taken++;
		}
		free(memory);
	}
	assert_int_equal(taken, 1);
	for (size_t at = 0; at < whole.n; at++) {
		for (size_t i = 0; i < sizeof(other); i++) {
			char before = whole.p[at];
			struct octets again = { 0 };

			whole.p[at] = (char)other[i];
			if (!read_exactly(octets_str(&whole), &back, &memory))
				store_dialog_write(&again, &back);
			octets_free(&again);
			free(memory);
			whole.p[at] = before;
		}
	}
	octets_free(&whole);
}

/* What is wrong with a dialog, and the words for it. */
static void nonsense_is_named(void **state)
{
	static char longest[STORE_TAG + 1];
	struct store_dialog back, d;
	struct octets o = { 0 };

	(void)state;
	memset(longest, 'a', sizeof(longest));
#define REFUSED(text, spoil) do {						\
		d = sample();							\
		spoil;								\
		o.n = 0;							\
		store_dialog_write(&o, &d);					\
		assert_string_equal(store_dialog_read(token, octets_str(&o), &back), text); \
	} while (0)
	REFUSED("it has no Call-ID", d.call_id = STR_LIT(""));
	REFUSED("a tag is too long", d.call_id = ((struct str){ longest, sizeof(longest) }));
	REFUSED("a tag is too long", d.tag = ((struct str){ longest, sizeof(longest) }));
	REFUSED("a tag is too long", d.legs[1].tag = ((struct str){ longest, sizeof(longest) }));
	REFUSED("a text is none", d.tag = STR_LIT("a\0b"));
	REFUSED("a header would end too early", d.legs[0].route = STR_LIT("<sip:a>\r\nVia: x"));
	REFUSED("a header would end too early", d.recorded = STR_LIT("<sip:a>\r\n"));
	REFUSED("a header would end too early", d.charging = STR_LIT("a\nb"));
	REFUSED("a number is out of bounds", d.used = UINT64_MAX);
	REFUSED("a number is out of bounds", d.legs[0].ends = UINT64_MAX - 1);
	REFUSED("a tag is missing", d.legs[0].tag = STR_LIT(""));
	REFUSED("a tag is there twice", d.legs[1].tag = STR_LIT("x"));
	REFUSED("nobody has answered", d.n_legs = 0);
	d = sample();
	o.n = 0;
	store_dialog_write(&o, &d);
	assert_string_equal(store_dialog_read(STR_LIT("short"), octets_str(&o), &back),
			    "its token is none");
	record_put(&o, 1, STR_LIT("another"));
	assert_string_equal(store_dialog_read(token, octets_str(&o), &back), "a field comes twice");
	/* Of the highest version there will ever be. */
	o.p[0] = (char)0xff;
	assert_string_equal(store_dialog_read(token, octets_str(&o), &back),
			    "it is of another version");
	octets_free(&o);
}

static void too_many_tags_are_refused(void **state)
{
	struct store_dialog d = sample(), back;
	char tags[STORE_LEGS];
	struct octets o = { 0 };

	(void)state;
	d.n_legs = STORE_LEGS;
	for (int i = 0; i < STORE_LEGS; i++) {
		tags[i] = (char)('a' + i);
		d.legs[i] = d.legs[0];
		d.legs[i].tag = (struct str){ &tags[i], 1 };
	}
	store_dialog_write(&o, &d);
	/* A field that a later version adds costs this one nothing. */
	record_put(&o, 31, STR_LIT("news"));
	record_put(&o, 200, STR_LIT("news"));
	assert_null(store_dialog_read(token, octets_str(&o), &back));
	assert_int_equal(back.n_legs, STORE_LEGS);
	record_put(&o, 9, STR_LIT(""));
	assert_string_equal(store_dialog_read(token, octets_str(&o), &back),
			    "there are too many tags");
	octets_free(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dialog_comes_back_as_it_was),
		cmocka_unit_test(each_kind_of_dialog_comes_back),
		cmocka_unit_test(damage_is_refused_or_harmless),
		cmocka_unit_test(nonsense_is_named),
		cmocka_unit_test(too_many_tags_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
