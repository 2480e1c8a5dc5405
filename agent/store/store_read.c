// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading the store of an earlier life, in a child process.
 *
 * The child sends each record as two lengths, key and value, then an end mark
 * or a complaint.  The parent bounds what it takes by the size of the file and
 * its patience, and wants ascending keys: pages that point in a circle end
 * there.
 */
#include "store_read.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define DIED 100	/* its status, and the signal */
#define END UINT32_MAX
#define COMPLAINT (UINT32_MAX - 1)

struct header {
	uint32_t key_n, value_n;
};

/* --- the child --- */

static void write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			_exit(EXIT_FAILURE);
		at += done;
		n -= done;
	}
}

static void complain(int fd, int error)
{
	const char *text = mdb_strerror(error);
	const struct header h = { COMPLAINT, strlen(text) };

	write_all(fd, &h, sizeof(h));
	write_all(fd, text, h.value_n);
	_exit(EXIT_FAILURE);
}

static void must(int fd, int error)
{
	if (error)
		complain(fd, error);
}

static void walk(const char *path, int fd)
{
	const struct header end = { END, 0 };
	MDB_val key, value;
	MDB_cursor *cursor;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	int ret;

	must(fd, mdb_env_create(&env));
	must(fd, mdb_env_open(env, path, MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK, 0600));
	must(fd, mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
	must(fd, mdb_dbi_open(txn, NULL, 0, &dbi));
	must(fd, mdb_cursor_open(txn, dbi, &cursor));
	while (!(ret = mdb_cursor_get(cursor, &key, &value, MDB_NEXT))) {
		const struct header h = { key.mv_size, value.mv_size };

		write_all(fd, &h, sizeof(h));
		write_all(fd, key.mv_data, h.key_n);
		write_all(fd, value.mv_data, h.value_n);
	}
	must(fd, ret == MDB_NOTFOUND ? 0 : ret);
	write_all(fd, &end, sizeof(end));
	_exit(EXIT_SUCCESS);
}

/* Expected here, and no news for the kernel's log. */
static void on_deadly(int signal)
{
	_exit(DIED + signal);
}

static void child(const char *path, int fd)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	int null = open("/dev/null", O_WRONLY);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signal(deadly[i], on_deadly);
	signal(SIGPIPE, SIG_DFL);
	/* Nor what LMDB says when it aborts for the operator. */
	if (null >= 0)
		dup2(null, STDERR_FILENO);
	walk(path, fd);
}

/* --- the parent --- */

/* A file of ours that nobody else can have written. */
static enum store_read_result check_file(const char *path, off_t *size, char *why)
{
	struct stat st;

	if (lstat(path, &st)) {
		snprintf(why, STORE_WHY, "%s", strerror(errno));
		return errno == ENOENT ? STORE_NONE : STORE_NOT_NOW;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077) {
		snprintf(why, STORE_WHY, "it is not a file of mode 0600 that is ours");
		return STORE_REFUSED;
	}
	*size = st.st_size;
	return STORE_READ;
}

/* Everything the child writes, to its end. False: too much, or too slow. */
static bool drain(int fd, size_t most, struct octets *out)
{
	static char block[65536];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		ssize_t n;

		n = poll(&p, 1, PATIENCE_MS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		octets_put(out, (struct str){ block, n });
		if (out->failed || out->n > most)
			return false;
	}
}

static bool take(struct str *rest, size_t n, struct str *out)
{
	if (n > rest->n)
		return false;
	*out = (struct str){ rest->p, n };
	*rest = str_from(*rest, n);
	return true;
}

static bool ascends(struct str before, struct str key)
{
	size_t n = before.n < key.n ? before.n : key.n;
	int order = n ? memcmp(before.p, key.p, n) : 0;

	return order < 0 || (!order && before.n < key.n);
}

static bool add_item(struct store_items *items, size_t *room, struct str key, struct str value)
{
	if (items->n == *room) {
		size_t more = *room ? 2 * *room : 256;
		struct store_item *bigger = reallocarray(items->item, more, sizeof(*bigger));

		if (!bigger)
			return false;
		items->item = bigger;
		*room = more;
	}
	items->item[items->n++] = (struct store_item){ key, value };
	return true;
}

static enum store_read_result no_memory(char *why)
{
	snprintf(why, STORE_WHY, "out of memory");
	return STORE_NOT_NOW;
}

static enum store_read_result damaged(char *why, struct str complaint)
{
	snprintf(why, STORE_WHY, "it is damaged%s%.*s", complaint.n ? ": " : "",
		 (int)(complaint.n < 100 ? complaint.n : 100), complaint.n ? complaint.p : "");
	return STORE_REFUSED;
}

static enum store_read_result split(struct store_items *items, char *why)
{
	struct str rest = octets_str(&items->octets), text, key, value, before = STR_NONE;
	size_t room = 0;
	struct header h;

	for (;;) {
		if (!take(&rest, sizeof(h), &text))
			return damaged(why, STR_NONE);
		memcpy(&h, text.p, sizeof(h));
		if (h.key_n == END)
			return rest.n ? damaged(why, STR_NONE) : STORE_READ;
		if (h.key_n == COMPLAINT)
			return damaged(why, take(&rest, h.value_n, &text) ? text : STR_NONE);
		if (!take(&rest, h.key_n, &key) || !take(&rest, h.value_n, &value))
			return damaged(why, STR_NONE);
		if (!key.n || (before.p && !ascends(before, key)))
			return damaged(why, STR_LIT("its keys are in no order"));
		before = key;
		if (!add_item(items, &room, key, value))
			return no_memory(why);
	}
}

/* What the child had to say, and how it ended. */
static enum store_read_result judge(struct store_items *items, bool whole, int status, char *why)
{
	char signal[40];

	if (items->octets.failed)
		return no_memory(why);
	if (!whole)
		return damaged(why, STR_LIT("there is no end to it"));
	if (WIFSIGNALED(status)) {
		snprintf(why, STORE_WHY, "who reads it was killed");
		return STORE_NOT_NOW;
	}
	if (WEXITSTATUS(status) > DIED) {
		snprintf(signal, sizeof(signal), "reading it ended in signal %d",
			 WEXITSTATUS(status) - DIED);
		return damaged(why, str_of(signal));
	}
	return split(items, why);
}

static enum store_read_result run(const char *path, size_t size, struct store_items *items,
				  char *why)
{
	int fds[2], status = 0, error;
	bool whole;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC)) {
		snprintf(why, STORE_WHY, "no pipe to who reads it: %s", strerror(errno));
		return STORE_NOT_NOW;
	}
	pid = fork();
	if (!pid) {
		close(fds[0]);
		child(path, fds[1]);
	}
	error = errno;
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		snprintf(why, STORE_WHY, "no process to read it: %s", strerror(error));
		return STORE_NOT_NOW;
	}
	/* A record takes more in the file than its two lengths in the pipe. */
	whole = drain(fds[0], 2 * size + 4096, &items->octets);
	close(fds[0]);
	if (!whole)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return judge(items, whole, status, why);
}

enum store_read_result store_read(const char *path, struct store_items *items, char *why)
{
	enum store_read_result ret;
	off_t size = 0;

	memset(items, 0, sizeof(*items));
	ret = check_file(path, &size, why);
	if (ret == STORE_READ)
		ret = run(path, size, items, why);
	if (ret != STORE_READ)
		store_items_free(items);
	return ret;
}

void store_items_free(struct store_items *items)
{
	octets_free(&items->octets);
	free(items->item);
	memset(items, 0, sizeof(*items));
}
