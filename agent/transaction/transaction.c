// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the client and the server side of transactions have in common.
 */
#include "transaction.h"

#include <string.h>

#include "hash.h"
#include "random.h"
#include "transaction_private.h"

struct transaction_config transaction_config;
struct transaction_stats transaction_stats;

void transaction_init(const struct transaction_config *cfg)
{
	transaction_config = *cfg;
	memset(&transaction_stats, 0, sizeof(transaction_stats));
}

void transaction_reload(uint64_t t1_gm, uint64_t t1_mw, unsigned int unproven)
{
	transaction_config.t1_gm = t1_gm;
	transaction_config.t1_mw = t1_mw;
	transaction_config.unproven = unproven;
}

void transaction_exit(void)
{
	transaction_server_exit();
	transaction_client_exit();
}

uint64_t transaction_t1(const struct flow *f)
{
	return f->side == FLOW_MW ? transaction_config.t1_mw : transaction_config.t1_gm;
}

uint64_t transaction_t2(const struct flow *f)
{
	return 8 * transaction_t1(f);
}

/* 5 s on the network side and 17 s towards the UE, with the T1 of the tables. */
uint64_t transaction_t4(const struct flow *f)
{
	return f->side == FLOW_MW ? 10 * transaction_config.t1_mw
				  : 17 * transaction_config.t1_gm / 2;
}

uint64_t transaction_64t1_gm(void)
{
	return 64 * transaction_config.t1_gm;
}

uint64_t transaction_64t1(const struct flow *f)
{
	return 64 * transaction_t1(f);
}

void transaction_branch(char branch[TRANSACTION_BRANCH])
{
	strcpy(branch, "z9hG4bK");
	random_hex(branch + 7, 32);
}

void transaction_branch_again(char branch[TRANSACTION_BRANCH], const struct sip_msg *request,
			      const struct flow *from, struct str secret)
{
	static const uint8_t no_key[HASH_KEY];
	uint8_t key[HASH_KEY], hash[HASH_KEYED];
	struct octets text = { 0 };

	octets_put(&text, request->via.branch);
	octets_puts(&text, "\n");
	octets_put(&text, request->via.host);
	octets_puts(&text, ":");
	octets_number(&text, request->via.port);
	octets_puts(&text, "\n");
	octets_put(&text, request->method_name);
	octets_puts(&text, "\n");
	octets_put(&text, request->call_id);
	octets_puts(&text, "\n");
	octets_number(&text, request->cseq);
	octets_puts(&text, "\n");
	octets_number(&text, from->set);
	/* Not the connection: it does not outlive us. */
	if (text.failed) {
		transaction_branch(branch);
	} else {
		/* The secret is of any length; what it hashes to is as good as a key. */
		hash_keyed(no_key, secret.p, secret.n, key);
		hash_keyed(key, text.p, text.n, hash);
		strcpy(branch, "z9hG4bK");
		hex_of(branch + 7, hash, sizeof(hash));
		branch[7 + 32] = '\0';
	}
	octets_free(&text);
	if (transaction_client_has(branch, request->method_name))
		transaction_branch(branch);
}
