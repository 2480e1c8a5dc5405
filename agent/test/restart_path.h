/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent with a store, from wire to wire: the UE, the core, the kernel and
 * the store go on over its end, everything else is new.
 */
#ifndef _RESTART_PATH_H
#define _RESTART_PATH_H

#include "path.h"
#include "restart.h"
#include "store_dir.h"

static uint64_t life;

HELPER void live(void)
{
	const struct transaction_config transactions = {
		.t1_gm = 2000, .t1_mw = 500, .unproven = 10, .send = transport_send,
		.party = registrar_party, .reach = reach_again,
	};
	const struct registrar_config registrar = {
		.reg_await_auth = 240000, .drain = DRAIN, .changed = restart_changed,
		.gone = dialog_forget_ue,
	};
	const struct set_config sets = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .max_sets = 1000,
		.max_temporary = 100, .cookie = ++life, .ended = registrar_set_ended,
		.displaced = registrar_set_displaced,
	};
	const struct restart_config restart = {
		.kernel = fake_kernel_ops(), .endpoints = &endpoint, .n_endpoints = 1,
	};
	char err[STORE_ERROR] = "";

	spi_init(0x10000000, 0x1fffffff, DRAIN);
	set_init(&sets);
	registrar_init(&registrar);
	transaction_init(&transactions);
	register_init(&cfg);
	sip_init(&cfg);
	assert_true(proxy_init(&cfg));
	if (store_open(store_path, 1, err) || restart_adopt(&restart, err))
		fail_msg("%s", err);
}

HELPER void end_of_life(void)
{
	register_exit();
	proxy_exit();
	transaction_exit();
	registrar_exit();
	spi_exit();
}

/* As kill -9 would: what is under way is lost without a word. */
HELPER void killed_and_started(void)
{
	store_close();
	end_of_life();
	policy_exit();
	assert_true(policy_init(&cfg));
	live();
}

HELPER int begin_stored(void **state)
{
	if (make_store_dir(state) || begin(state))
		return -1;
	proxy_exit();
	live();
	return 0;
}

HELPER int end_stored(void **state)
{
	store_close();
	return end(state) || remove_store_dir(state);
}

#endif
