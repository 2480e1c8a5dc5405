// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a service manager hears: readiness once, and that the loop turns, for as long
 * as it does; nothing where there is no manager.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "loop.h"
#include "notify.h"
#include "proof.h"

static char path[] = "/tmp/test_notify-XXXXXX";
static int manager;

static int begin(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = 20 };

	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
	unlink(path);
	strcpy(sun.sun_path, path);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(manager, (struct sockaddr *)&sun, sizeof(sun)))
		return -1;
	setsockopt(manager, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	setenv("NOTIFY_SOCKET", path, 1);
	return loop_init();
}

static int end(void **state)
{
	(void)state;
	notify_stopping();
	loop_exit();
	close(manager);
	return unlink(path);
}

/* The next message; "": there is none. */
static const char *heard(int flags)
{
	static char text[256];
	ssize_t n = recv(manager, text, sizeof(text) - 1, flags);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void ready_and_stopping(void **state)
{
	(void)state;
	notify_ready("%u addresses", 3);
	assert_string_equal(heard(0), "READY=1\nSTATUS=3 addresses");
	notify_stopping();
	assert_string_equal(heard(0), "STOPPING=1");
	assert_string_equal(heard(MSG_DONTWAIT), "");
}

static void the_watchdog_is_fed_while_the_loop_turns(void **state)
{
	(void)state;
	setenv("WATCHDOG_USEC", "30000", 1);
	notify_ready("on");
	heard(0);
	/* Without the loop nobody feeds it. */
	usleep(50000);
	assert_string_equal(heard(MSG_DONTWAIT), "");
	for (int i = 0; i < 3; i++) {
		event_base_loop(loop_base(), EVLOOP_ONCE);
		assert_string_equal(heard(0), "WATCHDOG=1");
	}
}

static void nobody_waits_for_it(void **state)
{
	(void)state;
	notify_ready("on");
	heard(0);
	event_base_loop(loop_base(), EVLOOP_NONBLOCK);
	assert_string_equal(heard(MSG_DONTWAIT), "");
}

static void there_is_no_manager(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready("on");
	notify_stopping();
	assert_string_equal(heard(MSG_DONTWAIT), "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(ready_and_stopping),
		T(the_watchdog_is_fed_while_the_loop_turns),
		T(nobody_waits_for_it),
		T(there_is_no_manager),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
