// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the client and the server side of transactions have in common.
 */
#include "transaction.h"

#include <string.h>

#include "random.h"
#include "transaction_private.h"

struct transaction_config transaction_config;
struct transaction_stats transaction_stats;

void transaction_init(const struct transaction_config *cfg)
{
	transaction_config = *cfg;
	memset(&transaction_stats, 0, sizeof(transaction_stats));
}

void transaction_exit(void)
{
	transaction_server_exit();
	transaction_client_exit();
}

uint64_t transaction_64t1_gm(void)
{
	return 64 * transaction_config.t1_gm;
}

void transaction_branch(char branch[TRANSACTION_BRANCH])
{
	strcpy(branch, "z9hG4bK");
	random_hex(branch + 7, 32);
}
