// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store: LMDB in one file, which only this process has open (PATH.lock).
 *
 * A start never writes to the file of the earlier life: a new one is made
 * beside it and takes its place once it is whole.  So a start that is killed
 * can be repeated, and a damaged file does no damage.
 *
 * A commit is a few writes to memory (tmpfs), without fsync: what a SIGKILL
 * leaves is in the page cache, and what the end of the kernel takes away is
 * worth nothing without its SAs.  Not MDB_WRITEMAP: with it a commit takes a
 * tenth of the instructions, but a SIGKILL between two of them, those that write
 * the ID of the transaction and its root into the map, leaves the root of an
 * older one (LMDB 0.9.24 as gcc has it, tried at each instruction of a commit).
 * A write() is done or not.  And a full tmpfs is an error of write(), not a SIGBUS.
 */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <lmdb.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "log.h"
#include "store_read.h"
#include "store_record.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define MAP_FIRST (16ul << 20)
#define RETRY_MS 1000
#define LONGEST_PATH 512
/* Of LMDB; its own are 511. */
#define LONGEST_KEY 64

/* What waits for the next commit. */
struct pending {
	bool del;
	struct str value;
	UT_hash_handle hh;
	size_t key_n;
	char key[LONGEST_KEY];		/* with its kind in front */
	char octets[];
};

struct store_stats store_stats;

static struct {
	bool open, begun;
	char path[LONGEST_PATH];
	int lock;
	struct store_head head;
	struct store_items old;
	struct pending *pending;
	struct clock_timer retry;
	MDB_env *env;
	MDB_dbi dbi;
	size_t map;
	bool failing;
} store = { .lock = -1 };

/* --- what waits --- */

static void forget(struct pending *p)
{
	HASH_DEL(store.pending, p);
	store_stats.unsaved--;
	free(p);
}

static void forget_all(void)
{
	struct pending *p, *next;

	HASH_ITER(hh, store.pending, p, next)
		forget(p);
}

static void put(uint8_t type, struct str key, struct str value, bool del)
{
	struct pending *p, *before;

	if (!store.open)
		return;
	p = calloc(1, sizeof(*p) + value.n);
	if (!p || key.n >= LONGEST_KEY) {
		log_error("out of memory: a record of kind %c is not stored", type);
		free(p);
		return;
	}
	p->del = del;
	p->key[0] = (char)type;
	if (key.n)
		memcpy(p->key + 1, key.p, key.n);
	p->key_n = key.n + 1;
	if (value.n)
		memcpy(p->octets, value.p, value.n);
	p->value = (struct str){ p->octets, value.n };
	HASH_FIND(hh, store.pending, p->key, p->key_n, before);
	if (before)
		forget(before);
	HASH_ADD(hh, store.pending, key, p->key_n, p);
	store_stats.unsaved++;
}

void store_put(uint8_t type, struct str key, struct str value)
{
	put(type, key, value, false);
}

void store_del(uint8_t type, struct str key)
{
	put(type, key, STR_NONE, true);
}

/* --- LMDB --- */

static int write_one(MDB_txn *txn, const struct pending *p)
{
	MDB_val key = { p->key_n, (char *)p->key };
	MDB_val value = { p->value.n, (char *)p->value.p };
	int ret;

	if (!p->del)
		return mdb_put(txn, store.dbi, &key, &value, 0);
	ret = mdb_del(txn, store.dbi, &key, NULL);
	return ret == MDB_NOTFOUND ? 0 : ret;
}

static int write_pending(void)
{
	struct pending *p, *next;
	MDB_txn *txn;
	int ret = mdb_txn_begin(store.env, NULL, 0, &txn);

	if (ret)
		return ret;
	HASH_ITER(hh, store.pending, p, next) {
		ret = write_one(txn, p);
		if (ret)
			break;
	}
	if (!ret)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return ret;
}

/* The map is address space; what the file may take is tmpfs's to say. */
static int write_with_room(void)
{
	int ret;

	while ((ret = write_pending()) == MDB_MAP_FULL) {
		ret = mdb_env_set_mapsize(store.env, store.map * 2);
		if (ret)
			return ret;
		store.map *= 2;
	}
	return ret;
}

static int commit(void)
{
	int ret = write_with_room();

	if (!ret)
		forget_all();
	return ret;
}

/* Counts how writing went, and sees to it that it is tried again. */
static void note(int ret)
{
	if (ret) {
		store_stats.failed++;
		if (!store.failing)
			log_error("%s: %s; going on without, a restart would lose what is new",
				  store.path, mdb_strerror(ret));
		clock_set(&store.retry, RETRY_MS);
	} else {
		store_stats.commits++;
		if (store.failing)
			log_info("%s can be written again, all is saved", store.path);
		clock_stop(&store.retry);
	}
	store.failing = ret != 0;
}

struct store_size store_size(void)
{
	struct store_size size = { 0 };
	MDB_envinfo info;
	MDB_stat stat;

	if (!store.env || mdb_env_info(store.env, &info) || mdb_env_stat(store.env, &stat))
		return size;
	size.octets = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
	size.records = stat.ms_entries;
	return size;
}

/* --- the earlier life --- */

static bool read_boot_id(uint8_t boot[16])
{
	char text[64] = "", digits[33];
	FILE *f = fopen(BOOT_ID, "r");
	unsigned int n = 0;

	if (!f)
		return false;
	if (!fgets(text, sizeof(text), f))
		text[0] = '\0';
	fclose(f);
	for (const char *p = text; *p && *p != '\n' && n < 32; p++)
		if (*p != '-')
			digits[n++] = *p;
	return str_hex((struct str){ digits, n }, boot, 16);
}

/* Why it is none of ours, or NULL. */
static const char *check_head(const struct store_items *items)
{
	struct store_head h;
	const char *why;

	for (size_t i = 0; i < items->n; i++) {
		const struct store_item *item = &items->item[i];

		if (item->key.n != 1 || item->key.p[0] != STORE_HEAD)
			continue;
		why = store_head_read(item->value, &h);
		if (why)
			return why;
		if (memcmp(h.boot, store.head.boot, sizeof(h.boot)) != 0)
			return "it is of another boot, its SAs are gone";
		if (h.instance != store.head.instance)
			return "it is of another instance";
		return NULL;
	}
	return "it does not say whose it is";
}

/* False, with @why: it could not be read now, which is no reason to forget it. */
static bool read_old(char why[STORE_WHY])
{
	const char *foreign;

	switch (store_read(store.path, &store.old, why)) {
	case STORE_NONE:
		return true;
	case STORE_NOT_NOW:
		return false;
	case STORE_READ:
		foreign = check_head(&store.old);
		if (!foreign)
			return true;
		snprintf(why, STORE_WHY, "%s", foreign);
		store_items_free(&store.old);
		break;
	case STORE_REFUSED:
		break;
	}
	log_warning("%s is refused, starting without registrations: %s", store.path, why);
	return true;
}

void store_each(uint8_t type, store_fn *fn, void *arg)
{
	for (size_t i = 0; i < store.old.n; i++) {
		const struct store_item *item = &store.old.item[i];

		if ((uint8_t)item->key.p[0] == type)
			fn(str_from(item->key, 1), item->value, arg);
	}
}

unsigned int store_unknown(const char *known)
{
	unsigned int n = 0;

	for (size_t i = 0; i < store.old.n; i++)
		n += !strchr(known, store.old.item[i].key.p[0]);
	return n;
}

/* --- its files --- */

static const char *beside(const char *suffix)
{
	static char path[LONGEST_PATH + 8];

	snprintf(path, sizeof(path), "%s%s", store.path, suffix);
	return path;
}

static int fail(char *err, const char *what, const char *path, const char *why)
{
	snprintf(err, STORE_ERROR, "cannot %s %.300s: %s", what, path, why);
	return -1;
}

/* By now we are the user of the configuration, and the directory may be another's. */
static int fail_to_write(char *err, const char *path)
{
	const struct passwd *pw = getpwuid(geteuid());
	char why[160];

	snprintf(why, sizeof(why), "its directory must be writable for %.64s, the user that the "
		 "agent has become", pw ? pw->pw_name : "the user");
	return fail(err, "make", path, why);
}

/* The lock goes with the process, however it ends. */
static int lock(char *err)
{
	const char *path = beside(".lock");

	store.lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (store.lock < 0 && errno == EACCES)
		return fail_to_write(err, path);
	if (store.lock < 0)
		return fail(err, "make", path, strerror(errno));
	if (flock(store.lock, LOCK_EX | LOCK_NB))
		return fail(err, "lock", path, errno == EWOULDBLOCK ?
			    "another gmgated has it" : strerror(errno));
	return 0;
}

static void check_memory(void)
{
	struct statfs fs;

	if (!fstatfs(store.lock, &fs) && fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
		log_warning("%s is not on a tmpfs: SIP may wait for its disk", store.path);
}

int store_open(const char *path, uint32_t instance, char *err)
{
	char why[STORE_WHY];

	if ((size_t)snprintf(store.path, sizeof(store.path), "%s", path) >= sizeof(store.path))
		return fail(err, "use", path, "its name is too long");
	store.head.instance = instance;
	if (!read_boot_id(store.head.boot))
		return fail(err, "read", BOOT_ID, "it has no boot id");
	if (lock(err))
		return -1;
	check_memory();
	/* A limit that is reached has to be an error of write(), too. */
	signal(SIGXFSZ, SIG_IGN);
	store.open = true;
	store.failing = false;
	store.begun = false;
	memset(&store_stats, 0, sizeof(store_stats));
	return read_old(why) ? 0 : fail(err, "read", store.path, why);
}

/* An empty file that nobody else had a hand in. */
static int make_file(const char *path)
{
	int fd;

	if (unlink(path) && errno != ENOENT)
		return errno;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int open_new(const char *path)
{
	MDB_txn *txn;
	int ret = make_file(path);

	if (ret)
		return ret;
	ret = mdb_env_create(&store.env);
	if (ret) {
		store.env = NULL;
		return ret;
	}
	store.map = MAP_FIRST;
	mdb_env_set_mapsize(store.env, store.map);
	ret = mdb_env_open(store.env, path, MDB_NOSUBDIR | MDB_NOSYNC | MDB_NOLOCK, 0600);
	if (ret)
		return ret;
	ret = mdb_txn_begin(store.env, NULL, 0, &txn);
	if (ret)
		return ret;
	ret = mdb_dbi_open(txn, NULL, 0, &store.dbi);
	if (!ret)
		return mdb_txn_commit(txn);
	mdb_txn_abort(txn);
	return ret;
}

static void close_env(void)
{
	if (store.env)
		mdb_env_close(store.env);
	store.env = NULL;
}

/* The new file, with all that was put, in the place of the old one. */
static int replace(void)
{
	const char *path = beside(".new");
	int ret = open_new(path);

	if (!ret)
		ret = write_with_room();
	if (!ret && rename(path, store.path))
		ret = errno;
	if (!ret) {
		forget_all();
		return 0;
	}
	close_env();
	unlink(path);
	return ret;
}

void store_commit(void)
{
	if (store.begun && store.pending)
		note(store.env ? commit() : replace());
}

static void on_retry(struct clock_timer *t)
{
	(void)t;
	store_commit();
}

int store_begin(char *err)
{
	struct octets head = { 0 };
	int ret;

	store_items_free(&store.old);
	store_head_write(&head, &store.head);
	store_put(STORE_HEAD, STR_NONE, octets_str(&head));
	octets_free(&head);
	store.retry = (struct clock_timer){ .fire = on_retry };
	ret = replace();
	if (ret == ENOSPC) {
		/* What the old one says is in memory; its room is wanted now. */
		log_warning("no room for a second %s, replacing it", store.path);
		unlink(store.path);
		ret = replace();
	}
	if (ret && ret != ENOSPC)
		return fail(err, "write", store.path, mdb_strerror(ret));
	store.begun = true;
	note(ret);
	return 0;
}

void store_close(void)
{
	store.open = store.begun = false;
	clock_stop(&store.retry);
	close_env();
	forget_all();
	store_items_free(&store.old);
	if (store.lock >= 0)
		close(store.lock);
	store.lock = -1;
}
