// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UEs without sec-agree over the end of the program: they have no sets in the kernel, all
 * that is left of them is in the store.
 */
#include "plain_world.h"
#include "restart_path.h"

static int begin_plain(void **state)
{
	int ret = begin_stored(state);

	let_them_in();
	return ret;
}

static void it_is_there_and_calls(void **state)
{
	struct flow f = clear_flow(), other = f;
	struct say bye = in_call("BYE", "b", 2);
	char token[33];

	(void)state;
	strcpy(token, plain_registers(&f, NULL, 600)->token);
	assert_int_equal(down.unsaved, 0);
	say(&f, &(struct say){ .extra = "Contact: <sip:001@10.45.0.3:8000>\r\n" });
	core_replies("200 OK", "b", "Contact: <sip:002@192.0.2.99>\r\n");
	for (unsigned int i = 0; i < 3; i++) {
		killed_and_started();
		assert_int_equal(restart_stats.ues, 1);
		assert_int_equal(restart_stats.dialogs, 1);
		assert_int_equal(restart_stats.refused, 0);
		assert_non_null(plain_at(&f));
		assert_string_equal(plain_at(&f)->token, token);
		assert_int_equal(plain_count(), 1);
		core_calls(plain_at(&f), "sip:001@10.45.0.3:8000");
		assert_non_null(strstr(down.text, "INVITE "));
		assert_string_equal(addr_text(&down.to.remote), "10.45.0.3:8000");
		other.remote.port = 9;
		assert_stranger(&other);
		/* It has never shown that it can do with SAs. */
		assert_true(policy_plain(0, STR_LIT("001@example.org")));
	}
	n_up = 0;
	say(&f, &bye);
	assert_int_equal(n_up, 1);
	assert_string_equal(header(up.text, "To"), "<sip:002@example.org>;tag=b");
	core_replies("200 OK", NULL, "");
	assert_int_equal(status(), 200);
	/* It ends as it would have. */
	clock_advance(601 * 1000);
	clock_advance(DRAIN + 1000);
	killed_and_started();
	assert_int_equal(restart_stats.ues, 0);
}

/* Its connection died with the program: it is not reached before it comes back. */
static void it_comes_back_over_tcp(void **state)
{
	struct flow f = over_tcp(clear_flow(), 7);
	struct ue *ue;

	(void)state;
	plain_registers(&f, NULL, 600);
	killed_and_started();
	n_held_connections = 0;		/* of the life before */
	assert_int_equal(restart_stats.ues, 1);
	assert_null(plain_at(&f));
	assert_int_equal(plain_count_of(0), 1);
	ue = registrar_first();
	n_down = 0;
	core_calls(ue, "sip:001@10.45.0.3:8000;transport=tcp");
	assert_int_equal(n_down, 0);
	assert_int_equal(sent_status(&up), 480);
	f.conn = 8;
	f.remote.port = 50001;
	assert_stranger(&f);
	assert_ptr_equal(plain_registers(&f, NULL, 600), ue);
	core_calls(ue, "sip:001@10.45.0.3:8000;transport=tcp");
	assert_int_equal(down.to.conn, 8);
}

static void not_where_they_are_not_allowed_any_more(void **state)
{
	struct flow f = clear_flow();

	(void)state;
	plain_registers(&f, NULL, 600);
	cfg.gm[0].secagree_required = true;
	killed_and_started();
	assert_int_equal(restart_stats.ues, 0);
	assert_int_equal(restart_stats.refused, 1);
	assert_null(registrar_first());
	assert_stranger(&f);
}

/* One that has registered both ways is two records, and stays so. */
static void beside_one_with_sas(void **state)
{
	struct flow f = clear_flow();
	struct set *s = registered_set();
	uint32_t id = s->id;

	(void)state;
	policy_exit();
	assert_true(policy_init(&cfg));
	plain_registers(&f, NULL, 600);
	killed_and_started();
	assert_int_equal(restart_stats.ues, 2);
	assert_int_equal(plain_count(), 1);
	assert_non_null(set_find(id)->ue->bindings);
	assert_ptr_not_equal(set_find(id)->ue, plain_at(&f));
}

#define TP(f) cmocka_unit_test_setup_teardown(f, begin_plain, end_stored)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TP(it_is_there_and_calls), TP(it_comes_back_over_tcp),
		TP(not_where_they_are_not_allowed_any_more), TP(beside_one_with_sas),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
