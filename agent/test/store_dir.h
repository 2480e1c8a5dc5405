/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _STORE_DIR_H
#define _STORE_DIR_H

/* A store in a directory of its own: what test_store.c and test_restart.c share. */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "proof.h"
#include "store.h"

static char store_dir[64], store_path[80];

static __attribute__((unused)) int make_store_dir(void **state)
{
	(void)state;
	/* As in life, on a tmpfs where there is one. */
	snprintf(store_dir, sizeof(store_dir), "%s/test_store-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(store_dir))
		return -1;
	snprintf(store_path, sizeof(store_path), "%s/store", store_dir);
	return 0;
}

static __attribute__((unused)) int remove_store_dir(void **state)
{
	static const char * const suffixes[] = { "", ".new", ".lock" };
	char path[96];

	(void)state;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", store_path, suffixes[i]);
		unlink(path);
	}
	return rmdir(store_dir);
}

/* Writes one record behind the store's back. @key with its kind in front. */
static __attribute__((unused)) void forge(struct str key, struct str value)
{
	MDB_val k = { key.n, (char *)key.p }, v = { value.n, (char *)value.p };
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, store_path, MDB_NOSUBDIR | MDB_NOLOCK, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

#endif
