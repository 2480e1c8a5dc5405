// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The store, with a real LMDB: what was committed is there after a SIGKILL,
 * what is damaged or foreign is refused, what cannot be written is not lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "clock.h"
#include "log.h"
#include "store_dir.h"
#include "store_record.h"

#define KIND 'x'

static int begin(void **state)
{
	clock_init(0);
	return make_store_dir(state);
}

static int end(void **state)
{
	store_close();
	assert_true(clock_next() == UINT64_MAX);
	clock_exit();
	return remove_store_dir(state);
}

static void open_for(uint32_t instance)
{
	char err[STORE_ERROR] = "";

	if (store_open(store_path, instance, err))
		fail_msg("%s", err);
}

static void start(void)
{
	char err[STORE_ERROR] = "";

	if (store_begin(err))
		fail_msg("%s", err);
}

static void put_number(unsigned int i, const char *value)
{
	char key[16];

	snprintf(key, sizeof(key), "%08u", i);
	store_put(KIND, str_of(key), str_of(value));
}

static char seen[4096];
static unsigned int n_seen;

static void note(struct str key, struct str value, void *arg)
{
	size_t n = strlen(seen);

	(void)arg;
	n_seen++;
	snprintf(seen + n, sizeof(seen) - n, "%.*s=%.*s ", STR_ARG(key), STR_ARG(value));
}

/* What an earlier life left of our kind. */
static const char *left(void)
{
	seen[0] = '\0';
	n_seen = 0;
	store_each(KIND, note, NULL);
	return seen;
}

static void keep(struct str key, struct str value, void *arg)
{
	(void)arg;
	store_put(KIND, key, value);
}

static void what_is_committed_is_there_again(void **state)
{
	(void)state;
	open_for(1);
	assert_string_equal(left(), "");
	put_number(1, "before the begin");
	start();
	put_number(2, "a");
	put_number(3, "b");
	store_commit();
	put_number(2, "c");
	put_number(2, "d");
	store_del(KIND, STR_LIT("00000003"));
	put_number(4, "");
	store_commit();
	assert_int_equal(store_stats.unsaved, 0);
	put_number(5, "never committed");
	assert_int_equal(store_stats.unsaved, 1);
	store_close();
	assert_int_equal(store_stats.unsaved, 0);
	open_for(1);
	assert_string_equal(left(), "00000001=before the begin 00000002=d 00000004= ");
	/* What is not put again is gone with the next file. */
	store_each(KIND, keep, NULL);
	store_del(KIND, STR_LIT("00000001"));
	start();
	store_close();
	open_for(1);
	assert_string_equal(left(), "00000002=d 00000004= ");
	/* A start that did not come to its end changed nothing. */
	store_close();
	open_for(1);
	assert_string_equal(left(), "00000002=d 00000004= ");
}

static void closed_it_takes_everything(void **state)
{
	(void)state;
	put_number(1, "a");
	store_commit();
	assert_int_equal(store_stats.unsaved, 0);
}

static void nobody_else_can_read_it(void **state)
{
	static const char * const suffixes[] = { "", ".lock" };
	char path[96];
	struct stat st;

	(void)state;
	umask(0);
	open_for(1);
	start();
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", store_path, suffixes[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
}

static void one_process_has_it(void **state)
{
	char path[96], err[STORE_ERROR];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s.lock", store_path);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(store_open(store_path, 1, err), -1);
	assert_non_null(strstr(err, "another gmgated has it"));
	store_close();
	close(fd);
	open_for(1);
}

static void a_directory_that_is_not_there_is_said(void **state)
{
	char err[STORE_ERROR];

	(void)state;
	assert_int_equal(store_open("/nonexistent/store", 1, err), -1);
	assert_non_null(strstr(err, "/nonexistent/store.lock: No such file or directory"));
}

/* --- foreign ones --- */

static void make_one(void)
{
	open_for(1);
	start();
	put_number(1, "a");
	store_commit();
	store_close();
}

static void another_instances_is_refused(void **state)
{
	(void)state;
	make_one();
	open_for(2);
	assert_string_equal(left(), "");
	store_close();
	open_for(1);
	assert_string_equal(left(), "00000001=a ");
}

static void another_boots_and_versions_are_refused(void **state)
{
	const struct store_head other = { .boot = { 1 }, .instance = 1 };
	struct octets head = { 0 };

	(void)state;
	make_one();
	store_head_write(&head, &other);
	forge(STR_LIT("H"), octets_str(&head));
	open_for(1);
	assert_string_equal(left(), "");
	store_close();
	head.p[0] = 99;
	forge(STR_LIT("H"), octets_str(&head));
	open_for(1);
	assert_string_equal(left(), "");
	store_close();
	forge(STR_LIT("H"), STR_LIT(""));
	open_for(1);
	assert_string_equal(left(), "");
	octets_free(&head);
}

static void unknown_kinds_are_counted(void **state)
{
	(void)state;
	make_one();
	forge(STR_LIT("y1"), STR_LIT("from the future"));
	open_for(1);
	assert_int_equal(store_unknown("Hx"), 1);
	assert_int_equal(store_unknown("Hxy"), 0);
}

/* --- damaged ones --- */

static char *whole;
static size_t whole_n;

static void load_file(void)
{
	FILE *f = fopen(store_path, "r");
	struct stat st;

	stat(store_path, &st);
	whole_n = st.st_size;
	whole = malloc(whole_n);
	assert_int_equal(fread(whole, 1, whole_n, f), whole_n);
	fclose(f);
}

static void write_file(const char *p, size_t n, mode_t mode)
{
	int fd;

	unlink(store_path);
	fd = open(store_path, O_WRONLY | O_CREAT | O_EXCL, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

/* Enough for leaves, branches, long values, and pages that are free again. */
static void make_big_one(void)
{
	static char longer[6000];

	memset(longer, 'l', sizeof(longer) - 1);
	open_for(1);
	start();
	for (unsigned int i = 0; i < 500; i++) {
		put_number(i, i % 50 ? "a value that is not long" : longer);
		if (i % 10 == 0)
			store_commit();
	}
	for (unsigned int i = 0; i < 500; i += 3)
		put_number(i, "b");
	store_commit();
	store_close();
	load_file();
}

static uint32_t seed = 1;

static unsigned int dice(unsigned int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

/* Whatever it holds: it is read or refused, and the next life is a sound one. */
static unsigned int survives(void)
{
	open_for(1);
	left();
	start();
	put_number(1, "sound");
	store_commit();
	assert_int_equal(store_stats.unsaved, 0);
	store_close();
	return n_seen;
}

static void truncated_ones_are_refused(void **state)
{
	unsigned int all;

	(void)state;
	make_big_one();
	write_file(whole, whole_n, 0600);
	all = survives();
	assert_int_equal(all, 500);
	for (unsigned int i = 0; i < 40; i++) {
		write_file(whole, i < 10 ? i * 1000 : dice(whole_n), 0600);
		assert_in_range(survives(), 0, 500);
	}
	write_file("", 0, 0600);
	assert_int_equal(survives(), 0);
	write_file("not at all a data base", 22, 0600);
	assert_int_equal(survives(), 0);
	free(whole);
}

static void damaged_ones_crash_nobody(void **state)
{
	unsigned int refused = 0;
	char *copy;

	(void)state;
	make_big_one();
	copy = malloc(whole_n);
	for (unsigned int i = 0; i < 150; i++) {
		memcpy(copy, whole, whole_n);
		for (unsigned int n = 1 + dice(20); n; n--) {
			size_t page = dice(whole_n / 4096) * 4096;

			/* The head of a page and its pointers do most harm. */
			copy[page + dice(dice(2) ? 64 : 4096)] ^= 1 << dice(8);
		}
		if (i % 10 == 0)
			memset(copy + dice(whole_n / 4096) * 4096, i % 20 ? 0xff : 0, 4096);
		write_file(copy, whole_n, 0600);
		refused += !survives();
	}
	/* The test did do damage. */
	assert_in_range(refused, 30, 150);
	free(copy);
	free(whole);
}

static void files_that_others_can_write_are_refused(void **state)
{
	char path[96];

	(void)state;
	make_one();
	load_file();
	umask(0);
	write_file(whole, whole_n, 0620);
	assert_int_equal(survives(), 0);
	write_file(whole, whole_n, 0600);
	assert_int_equal(survives(), 1);
	/* Nor through a link to one that is fine. */
	write_file(whole, whole_n, 0600);
	snprintf(path, sizeof(path), "%s.other", store_path);
	assert_int_equal(rename(store_path, path), 0);
	assert_int_equal(symlink(path, store_path), 0);
	assert_int_equal(survives(), 0);
	unlink(path);
	free(whole);
}

/* --- no room --- */

static void limit_files(rlim_t most)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = most;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void what_cannot_be_written_waits(void **state)
{
	static char longer[50000];

	(void)state;
	memset(longer, 'l', sizeof(longer) - 1);
	open_for(1);
	start();
	put_number(1, "a");
	store_commit();
	limit_files(32768);
	put_number(2, longer);
	store_commit();
	assert_int_equal(store_stats.failed, 1);
	assert_int_equal(store_stats.unsaved, 1);
	put_number(3, "c");
	put_number(1, "b");
	store_commit();
	assert_int_equal(store_stats.failed, 2);
	assert_int_equal(store_stats.unsaved, 3);
	/* By itself, a second later. */
	clock_advance(1000);
	assert_int_equal(store_stats.failed, 3);
	limit_files(RLIM_INFINITY);
	clock_advance(1000);
	assert_int_equal(store_stats.unsaved, 0);
	assert_true(clock_next() == UINT64_MAX);
	store_close();
	open_for(1);
	left();
	assert_int_equal(n_seen, 3);
	assert_int_equal(strncmp(seen, "00000001=b ", 11), 0);
}

/* Nobody is without service because the store is. */
static void a_start_without_room_goes_on(void **state)
{
	(void)state;
	make_one();
	open_for(1);
	store_each(KIND, keep, NULL);
	limit_files(4096);
	start();
	put_number(2, "b");
	store_commit();
	assert_int_equal(store_stats.unsaved, 3);
	assert_int_equal(store_stats.commits, 0);
	limit_files(RLIM_INFINITY);
	clock_advance(1000);
	assert_int_equal(store_stats.unsaved, 0);
	put_number(3, "c");
	store_commit();
	store_close();
	open_for(1);
	assert_string_equal(left(), "00000001=a 00000002=b 00000003=c ");
}

/* What cannot be read at the moment is not taken for damaged. */
static void a_moment_without_descriptors_costs_nothing(void **state)
{
	struct rlimit limit, few;
	char err[STORE_ERROR];
	int fd;

	(void)state;
	make_one();
	fd = dup(0);
	close(fd);
	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	/* The lock is the last one there is. */
	few.rlim_cur = fd + 1;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(store_open(store_path, 1, err), -1);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_non_null(strstr(err, "no pipe to who reads it"));
	store_close();
	open_for(1);
	assert_string_equal(left(), "00000001=a ");
}

static void it_grows(void **state)
{
	static char longer[100000];

	(void)state;
	memset(longer, 'l', sizeof(longer) - 1);
	open_for(1);
	start();
	/* The first map has 16 MiB. */
	for (unsigned int i = 0; i < 500; i++) {
		put_number(i, longer);
		if (i % 100 == 0)
			store_commit();
	}
	store_commit();
	assert_int_equal(store_stats.failed, 0);
	store_close();
	open_for(1);
	left();
	assert_int_equal(n_seen, 500);
	start();
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_committed_is_there_again), T(closed_it_takes_everything),
		T(nobody_else_can_read_it), T(one_process_has_it),
		T(a_directory_that_is_not_there_is_said), T(another_instances_is_refused),
		T(another_boots_and_versions_are_refused), T(unknown_kinds_are_counted),
		T(truncated_ones_are_refused), T(damaged_ones_crash_nobody),
		T(files_that_others_can_write_are_refused), T(what_cannot_be_written_waits),
		T(a_start_without_room_goes_on),
		T(a_moment_without_descriptors_costs_nothing), T(it_grows),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
