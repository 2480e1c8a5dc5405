// SPDX-License-Identifier: GPL-2.0-or-later
//
// gmctl: when what goes on by itself ends. The file is part of gmctl and not of the
// library, so it is included here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../ctl/ctl_until.c"

int ctl_bad_usage(const char *fmt, ...)
{
	(void)fmt;
	return CTL_USAGE;
}

bool ctl_parse_u64(const char *text, void *to)
{
	*(uint64_t *)to = strtoull(text, NULL, 10);
	return true;
}

bool ctl_parse_seconds(const char *text, void *to)
{
	*(uint64_t *)to = strtoull(text, NULL, 10) * 1000;
	return true;
}

static void by_count_or_time(void **state)
{
	const struct ctl_until forever = { 0 }, two = { .count = 2 }, second = { .ms = 1000 };

	(void)state;
	assert_false(ctl_until_over(&forever, UINT64_MAX, UINT64_MAX));
	assert_false(ctl_until_over(&two, 1, 0));
	assert_true(ctl_until_over(&two, 2, 0));
	assert_false(ctl_until_over(&second, 9, 999));
	assert_true(ctl_until_over(&second, 0, 1000));
}

/* What a child of ours ends with that does this; signals as a shell leaves them. */
static int status_of(int (*does)(void))
{
	int status;
	pid_t child = fork();

	if (!child) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		alarm(20);		/* one that waits for ever */
		_exit(does());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* A signal that comes before the wait must not be waited out. */
static int interrupted(int number)
{
	const struct ctl_until forever = { 0 };
	struct pollfd p = { .fd = -1, .revents = POLLIN };

	ctl_until_interrupted();
	raise(number);
	if (ctl_until_poll(&p, 1, -1) != -1 || errno != EINTR || p.revents)
		return 10;
	if (!ctl_until_over(&forever, 0, 0))
		return 11;
	return ctl_until_sleep(60000) ? 12 : 0;
}

static int by_int(void)
{
	return interrupted(SIGINT);
}

static int by_term(void)
{
	return interrupted(SIGTERM);
}

/* Within the wait: sent by a child, after some time. */
static int while_it_waits(void)
{
	pid_t parent = getpid();
	struct pollfd p = { .fd = -1 };

	ctl_until_interrupted();
	if (!fork()) {
		usleep(100000);
		kill(parent, SIGINT);
		_exit(0);
	}
	return ctl_until_poll(&p, 1, -1) == -1 && errno == EINTR ? 0 : 10;
}

static int twice(void)
{
	ctl_until_interrupted();
	raise(SIGINT);
	raise(SIGINT);
	return 0;
}

static void by_a_signal(void **state)
{
	(void)state;
	assert_int_equal(status_of(by_int), 0);
	assert_int_equal(status_of(by_term), 0);
	assert_int_equal(status_of(while_it_waits), 0);
}

static void the_second_one_kills(void **state)
{
	int status = status_of(twice);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

static void a_wait_ends_in_time(void **state)
{
	struct pollfd p = { .fd = -1 };
	uint64_t began = ctl_now_ms();

	(void)state;
	assert_int_equal(ctl_until_poll(&p, 1, 30), 0);
	assert_true(ctl_until_sleep(30));
	assert_in_range(ctl_now_ms() - began, 59, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_count_or_time),
		cmocka_unit_test(by_a_signal),
		cmocka_unit_test(the_second_one_kills),
		cmocka_unit_test(a_wait_ends_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
