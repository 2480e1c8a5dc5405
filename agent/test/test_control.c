// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The control socket itself, from outside: requests and answers over it, who is
 * slow, who floods it and who watches.
 */
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "drain.h"
#include "loop.h"
#include "notice.h"
#include "registrar_world.h"
#include "version.h"

/* Of <sanitizer/allocator_interface.h>, which not every gcc package has. */
size_t __sanitizer_get_current_allocated_bytes(void);

static struct config cfg;
static char directory[] = "/tmp/gmgate-control-XXXXXX";

static int open_control(void **state)
{
	char err[CONFIG_ERROR];

	begin(state);
	assert_int_equal(loop_init(), 0);
	snprintf(cfg.control, sizeof(cfg.control), "%s/socket", directory);
	if (control_open(&cfg, err))
		fail_msg("%s", err);
	return 0;
}

static int close_control(void **state)
{
	control_close();
	loop_exit();
	drain_end();
	assert_false(notice_wanted());
	assert_int_not_equal(access(cfg.control, F_OK), 0);
	return end(state);
}

/* One turn of the agent's loop. */
static void turn(void)
{
	event_base_loop(loop_base(), EVLOOP_NONBLOCK);
}

/* --- the other side --- */

static int connected(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", cfg.control);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	turn();
	return fd;
}

static void say(int fd, const char *text, size_t n)
{
	assert_int_equal(send(fd, text, n, MSG_NOSIGNAL), n);
	turn();
}

static int asked(const char *line)
{
	int fd = connected();

	say(fd, line, strlen(line));
	return fd;
}

static bool too_late(time_t since)
{
	return time(NULL) - since > 60;
}

/* What is there by now; false: it has ended. */
static bool take(int fd, struct octets *out)
{
	char piece[4096];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof(piece), MSG_DONTWAIT)) > 0)
		octets_put(out, (struct str){ piece, (size_t)n });
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Everything up to the end, as a text. */
static const char *rest(int fd)
{
	static struct octets out;
	time_t began = time(NULL);

	octets_free(&out);
	memset(&out, 0, sizeof(out));
	while (take(fd, &out)) {
		if (too_late(began))
			fail_msg("no end after %zu octets", out.n);
		turn();
	}
	close(fd);
	octets_put(&out, STR_LIT("\0"));
	return out.p;
}

static const char *says(const char *line)
{
	return rest(asked(line));
}

static bool is_error(const char *text)
{
	return strncmp(text, "{\"error\":\"", 10) == 0 && strchr(text, '\n') == strrchr(text, '\n');
}

/* A line that has come by now, of a connection that stays open; "" none. */
static const char *next_line(int fd)
{
	static char line[2048];
	size_t n = 0;

	for (unsigned int i = 0; i < 5; i++)
		turn();
	while (n + 1 < sizeof(line) && recv(fd, line + n, 1, MSG_DONTWAIT) == 1)
		if (line[n++] == '\n')
			break;
	line[n] = 0;
	return line;
}

/* --- requests --- */

static void answers_are_lines_of_json(void **state)
{
	(void)state;
	assert_string_equal(says("undrain\n"), "{\"draining\":false,\"draining-for\":0}\n");
	assert_non_null(strstr(says("status\n"), "\"clock-scale\":"));
	assert_non_null(strstr(says("status\n"), "\"version\":\"" GMGATE_VERSION "\""));
	assert_non_null(strstr(says("stats\n"), "\"advice\":"));
	assert_null(strstr(says("stats brief\n"), "\"advice\":"));
	assert_string_equal(says("ue\n"), "{\"end\":0}\n");
}

static void what_is_no_request_is_said(void **state)
{
	(void)state;
	assert_true(is_error(says("\n")));
	assert_true(is_error(says("reboot\n")));
	assert_true(is_error(says("status now\n")));
	assert_true(is_error(says("ue who=%\n")));
	assert_true(is_error(says("\x1b[31m\n")));
	/* The rest of the world is not kept waiting. */
	assert_true(is_error(says("log level=loud\n")));
}

static void what_is_too_much_is_cut_off(void **state)
{
	static char big[300000];
	int fd = connected();
	ssize_t n;

	(void)state;
	memset(big, 'a', sizeof(big));
	/* As much as it takes; it does not take it all. */
	n = send(fd, big, sizeof(big), MSG_DONTWAIT | MSG_NOSIGNAL);
	assert_true(n > 0);
	assert_string_equal(rest(fd), "");
	fd = connected();
	say(fd, "status\0\n", 8);
	assert_string_equal(rest(fd), "");
	/* What follows the first line is none of its business. */
	assert_string_equal(says("undrain\ndrain\nrubbish"),
			    "{\"draining\":false,\"draining-for\":0}\n");
	assert_false(drain_is_on());
}

static void half_closed_asker_gets_its_answer(void **state)
{
	int fd = connected();

	(void)state;
	say(fd, "ue\n", 3);
	shutdown(fd, SHUT_WR);
	assert_string_equal(rest(fd), "{\"end\":0}\n");
}

static void socket_is_for_user_and_group(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat(cfg.control, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
}

static void seventeenth_is_told_to_come_again(void **state)
{
	int fd[16];

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		fd[i] = asked("watch\n");
	for (unsigned int i = 8; i < 16; i++)
		fd[i] = connected();
	/* Who has not asked yet makes room. */
	assert_string_equal(says("ue\n"), "{\"end\":0}\n");
	assert_true(is_error(says("watch\n")));
	for (unsigned int i = 0; i < 16; i++)
		close(fd[i]);
	turn();
	turn();
	assert_false(notice_wanted());
}

/* --- what operators steer --- */

static void drain_begins_and_ends(void **state)
{
	(void)state;
	assert_true(is_error(says("drain retry-after=0\n")));
	assert_true(is_error(says("drain retry-after=x\n")));
	assert_true(is_error(says("drain retry-after=86401\n")));
	assert_false(drain_is_on());
	assert_non_null(strstr(says("drain retry-after=7\n"), "\"draining\":true"));
	assert_in_range(drain_retry_after(), 7, 14);
	clock_advance(5000);
	assert_non_null(strstr(says("status\n"), "\"draining\":true,\"draining-for\":5"));
	assert_non_null(strstr(says("undrain\n"), "\"draining\":false"));
	assert_false(drain_is_on());
}

static void log_level_changes(void **state)
{
	(void)state;
	log_threshold = LOG_LEVEL_ERROR;
	assert_string_equal(says("log\n"), "{\"level\":\"error\"}\n");
	assert_string_equal(says("log level=warning\n"), "{\"level\":\"warning\"}\n");
	assert_int_equal(log_threshold, LOG_LEVEL_WARNING);
	log_threshold = LOG_LEVEL_NONE;
}

/* --- a long answer --- */

#define MANY 100000

static struct ue **crowd;

static void fill(void)
{
	char who[32];

	crowd = calloc(MANY, sizeof(*crowd));
	for (unsigned int i = 0; i < MANY; i++) {
		snprintf(who, sizeof(who), "%06u@example.org", i);
		crowd[i] = registrar_ue(str_of(who), &home);
		assert_non_null(crowd[i]);
	}
}

static void empty(void)
{
	for (unsigned int i = 0; i < MANY; i++)
		registrar_release(crowd[i]);
	free(crowd);
}

static size_t in_use(void)
{
#ifdef __SANITIZE_ADDRESS__
	return __sanitizer_get_current_allocated_bytes();
#else
	return 0;
#endif
}

/* 100,000 UEs to somebody who does not read: some memory, and the loop is free. */
static void slow_reader_costs_little(void **state)
{
	struct octets out = { 0 };
	size_t before;
	time_t began;
	int fd;

	(void)state;
	fill();
	before = in_use();
	fd = asked("ue\n");
	for (unsigned int i = 0; i < 1000; i++)
		turn();
	assert_true(in_use() - before < 512 * 1024);
	/* Somebody else is served meanwhile. */
	assert_string_equal(says("log\n"), "{\"level\":\"none\"}\n");
	began = time(NULL);
	while (take(fd, &out)) {
		assert_false(too_late(began));
		assert_true(in_use() - before < 512 * 1024 + out.size);
		turn();
	}
	close(fd);
	octets_put(&out, STR_LIT("\0"));
	assert_string_equal(strrchr(out.p, '{'), "{\"end\":100000}\n");
	octets_free(&out);
	empty();
}

/* It goes in the middle: nothing is held any more. */
static void reader_that_goes_lets_go(void **state)
{
	int fd;

	(void)state;
	fill();
	fd = asked("ue\n");
	turn();
	close(fd);
	for (unsigned int i = 0; i < 10; i++)
		turn();
	empty();
	assert_null(registrar_first());
}

/* --- watching --- */

static void events_are_told_as_they_happen(void **state)
{
	int all = asked("watch\n"), one = asked("watch who=002@example.org\n");
	struct set *s;

	(void)state;
	assert_non_null(strstr(next_line(all), "\"event\":\"watching\""));
	assert_non_null(strstr(next_line(one), "\"event\":\"watching\""));
	s = registered();
	assert_non_null(strstr(next_line(all), "\"event\":\"set-in-use\""));
	log_refusal("002@example.org at 10.45.0.9", RULE_VERIFY_DIFFERS, "for %s", "a test");
	assert_non_null(strstr(next_line(all), "\"event\":\"refused\",\"who\":\"002@example.org at "
			       "10.45.0.9\",\"rule\":\"verify-differs\",\"clause\":\"TS 33.203 "
			       "7.2\",\"text\":\"for a test\"}"));
	assert_non_null(strstr(next_line(one), "verify-differs"));
	log_failure("x", RULE_NO_KEYS, "none");
	assert_non_null(strstr(next_line(all), "\"event\":\"failed\""));
	registrar_end(s->ue, true);
	assert_non_null(strstr(next_line(all), "\"event\":\"deregistered\""));
	assert_non_null(strstr(next_line(all), "\"event\":\"set-ended\""));
	assert_string_equal(next_line(one), "");
	close(one);
	close(all);
	turn();
	turn();
	assert_false(notice_wanted());
}

/* It is told how much it has missed; nobody keeps it. */
static void slow_watcher_misses_some(void **state)
{
	struct octets out = { 0 };
	unsigned long told = 0, lost = 0;
	int fd = asked("watch\n");
	size_t before = in_use();
	const char *p;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		log_refusal("somebody at 10.45.0.9", RULE_NO_IMPI, "number %u", i);
		turn();
	}
	assert_true(in_use() - before < 1024 * 1024);
	take(fd, &out);
	for (unsigned int i = 0; i < 100; i++) {
		turn();
		take(fd, &out);
	}
	log_refusal("somebody at 10.45.0.9", RULE_NO_IMPI, "the last one");
	turn();
	take(fd, &out);
	octets_put(&out, STR_LIT("\0"));
	for (p = out.p; (p = strstr(p, "\"refused\"")); p++)
		told++;
	for (p = out.p; (p = strstr(p, "\"lost\",\"count\":")); p++)
		lost += strtoul(p + 15, NULL, 10);
	assert_true(lost > 0);
	assert_int_equal(told + lost, 20001);
	assert_non_null(strstr(out.p, "the last one"));
	octets_free(&out);
	close(fd);
	turn();
}

#define C(f) cmocka_unit_test_setup_teardown(f, open_control, close_control)

int main(void)
{
	const struct CMUnitTest tests[] = {
		C(answers_are_lines_of_json),
		C(what_is_no_request_is_said),
		C(what_is_too_much_is_cut_off),
		C(half_closed_asker_gets_its_answer),
		C(socket_is_for_user_and_group),
		C(seventeenth_is_told_to_come_again),
		C(drain_begins_and_ends),
		C(log_level_changes),
		C(slow_reader_costs_little),
		C(reader_that_goes_lets_go),
		C(events_are_told_as_they_happen),
		C(slow_watcher_misses_some),
	};
	int failed;

	log_threshold = LOG_LEVEL_NONE;
	if (!mkdtemp(directory))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(directory);
	return failed;
}
