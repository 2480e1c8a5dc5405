// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGKILL at any moment.  A child registers UEs, and is killed at a
 * random step: before or after a change of the kernel, before, in the middle of
 * or after a write to the store.  The next life agrees with the kernel and
 * knows everything a UE was told.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "restart_world.h"

#define UES 12
#define ROUNDS 400

/* What a UE knows, since the message has left that says so. */
struct told {
	uint32_t temp;			/* of the last 401 */
	uint32_t set;			/* of the last 200 OK */
	uint32_t heard;			/* that it used for sending last */
	bool registered;
	char call[DIALOG_TOKEN];	/* that was answered, and goes on */
};

static struct shared {
	struct told ue[UES];
	unsigned int busy;		/* 1 + who is being dealt with: between two truths */
	uint64_t now;
	unsigned int steps, kill_at;	/* 0: never */
} *shared;

/* --- the moment --- */

static void step(void)
{
	if (shared->kill_at && ++shared->steps == shared->kill_at)
		raise(SIGKILL);
}

/* LMDB's writes come here first: it is killed before, in the middle or after. */
static bool is_next(void)
{
	return shared && shared->kill_at && shared->steps + 1 == shared->kill_at;
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	if (is_next())
		syscall(SYS_pwrite64, fd, p, n / 2, at);
	if (shared)
		step();
	n = syscall(SYS_pwrite64, fd, p, n, at);
	if (shared)
		step();
	return n;
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
	ssize_t done;

	if (is_next())
		syscall(SYS_write, fd, v[0].iov_base, v[0].iov_len / 2);
	if (shared)
		step();
	done = syscall(SYS_writev, fd, v, n);
	if (shared)
		step();
	return done;
}

/* --- the life that ends --- */

static uint32_t seed;

static unsigned int dice(unsigned int sides)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % sides;
}

static struct set *find_told(uint32_t id)
{
	return id ? set_find(id) : NULL;
}

static const char *name_of(unsigned int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "%03u@example.org", i);
	return name;
}

static struct addr address_of(unsigned int i)
{
	char text[32];
	struct addr a;

	snprintf(text, sizeof(text), "10.45.1.%u", 1 + i / 2);
	addr_parse(&a, text, 5060);
	return a;
}

/* A 401 leaves: in clear, or on the set in use. */
static void challenge_one(unsigned int i, struct told *t, bool again)
{
	struct set *old = again ? find_told(t->set) : NULL;
	struct addr a = address_of(i);
	struct set *s = challenge_of(name_of(i), &a, 8001 + 10 * i, 8000 + 10 * i,
				     old ? old->id : 0);

	if (s)
		t->temp = s->id;
}

static void accept_one(struct told *t)
{
	struct set *s = find_told(t->temp ? t->temp : t->set);

	if (!s || accept_for(s, EXPIRES))
		return;
	t->set = s->id;
	t->temp = 0;
	t->registered = true;
}

static void hear_one(struct told *t)
{
	struct set *s = find_told(t->set);

	if (!s)
		return;
	registrar_heard(s);
	t->heard = s->id;
}

static void deregister_one(struct told *t)
{
	struct set *s = find_told(t->set);

	if (!s || s->state == SET_OLD)
		return;
	deregister(s, "sip:a@example.org");
	memset(t, 0, sizeof(*t));
}

/* The 200 OK to its INVITE leaves. */
static void call_one(unsigned int i, struct told *t)
{
	const struct sip_msg invite = {
		.method = SIP_METHOD_INVITE, .call_id = str_of(name_of(i)),
		.from_tag = STR_LIT("a"),
	};
	const struct sip_msg answer = {
		.method = SIP_METHOD_INVITE, .status = 200, .to_tag = STR_LIT("b"),
	};
	struct set *s = find_told(t->set);
	struct dialog *d = s ? dialog_new(&(struct party){ .ue = s->ue }, true, &invite, STR_NONE, STR_LIT("")) : NULL;

	if (!d)
		return;
	dialog_answered(d, &answer, STR_LIT("<sip:s@192.0.2.2;lr>"));
	dialog_settled(d);
	strcpy(t->call, d->token);
}

static void do_something(void)
{
	unsigned int i = dice(UES);
	struct told *t = &shared->ue[i];

	shared->busy = 1 + i;
	switch (dice(12)) {
	case 0: case 1: case 2:
		challenge_one(i, t, dice(2));
		break;
	case 3: case 4: case 5: case 6:
		accept_one(t);
		break;
	case 7: case 8:
		hear_one(t);
		break;
	case 9:
		deregister_one(t);
		break;
	case 10: case 11:
		call_one(i, t);
		break;
	}
	shared->busy = 0;
	/* Timers touch everybody: time goes in steps that end none of the TEMP's lives. */
	if (!dice(8)) {
		clock_advance(100);
		shared->now += 100;
	}
}

/* It comes here with nothing open, and does not come back. */
static void life_that_ends(void)
{
	fake_kernel.step = step;
	live();
	for (int i = 0; i < 60; i++)
		do_something();
	_exit(EXIT_SUCCESS);
}

/* --- the life after --- */

static void check_records(void)
{
	for (const struct ue *ue = registrar_first(); ue; ue = ue->hh.next) {
		assert_true(ue->sets || ue->bindings);
		if (ue->bindings) {
			assert_string_equal(ue->bindings->aor, "sip:a@example.org");
			assert_string_equal(ue->service_route, "<sip:s@192.0.2.2;lr>");
		}
		for (const struct set *s = ue->sets; s; s = s->next)
			assert_non_null(strstr(s->server, "port-s=6100"));
	}
}

/* Its calls are its own, as they were. */
static void check_call(const struct told *t, const struct ue *ue)
{
	struct dialog *d = dialog_by_token(str_of(t->call));

	assert_non_null(d);
	assert_ptr_equal(d->party.ue, ue);
	assert_true(d->from_ue && d->method == SIP_METHOD_INVITE);
	assert_string_equal(d->tag, "a");
	assert_int_equal(d->n_legs, 1);
	assert_string_equal(d->legs->tag, "b");
	assert_string_equal(d->legs->route, "<sip:s@192.0.2.2;lr>");
	assert_true(d->legs->confirmed && d->legs->ends == UINT64_MAX);
}

/* TEMPs may have made room for others since: three of a UE are the most there are. */
static void check_told(const struct told *t)
{
	struct set *s;

	if (t->temp) {
		s = set_find(t->temp);
		assert_non_null(s);
		assert_int_equal(s->state, SET_TEMP);
	}
	if (!t->registered)
		return;
	s = set_find(t->set);
	assert_non_null(s);
	assert_int_not_equal(s->state, SET_TEMP);
	assert_non_null(s->ue->bindings);
	assert_non_null(s->ue->in_use);
	if (t->heard == t->set)
		assert_ptr_equal(s->ue->in_use, s);
	if (t->call[0])
		check_call(t, s->ue);
}

/* True: it was killed, at step @kill_at; false: it came to its end before. */
static bool run_child(void (*child)(void), unsigned int kill_at)
{
	int status;
	pid_t pid;

	shared->busy = 0;
	shared->steps = 0;
	shared->kill_at = kill_at;
	shared->now = clock_now();
	pid = fork();
	if (!pid)
		child();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : !status);
	shared->kill_at = 0;
	fake_kernel.step = NULL;
	clock_advance(shared->now - clock_now());
	return WIFSIGNALED(status);
}

/* The next life, and whether it is as good as the word of the one before. */
static void live_and_check(void)
{
	live();
	assert_int_equal(restart_stats.refused, 0);
	assert_agreement();
	check_records();
	for (unsigned int i = 0; i < UES; i++)
		if (shared->busy != 1 + i)
			check_told(&shared->ue[i]);
}

/* Every UE can go on: with a refresh where it has a set, else anew. */
static void all_go_on(void)
{
	for (unsigned int i = 0; i < UES; i++) {
		struct addr a = address_of(i);
		struct set *s = find_told(shared->ue[i].registered ? shared->ue[i].set : 0);

		if (!s)
			s = challenge_of(name_of(i), &a, 8001 + 10 * i, 8000 + 10 * i, 0);
		assert_non_null(s);
		assert_int_equal(accept_for(s, EXPIRES), 0);
	}
	assert_int_equal(registrar_count(), UES);
	assert_agreement();
}

static void clean_up(void)
{
	die();
	unlink(store_path);
	fake_kernel_reset();
	memset(shared->ue, 0, sizeof(shared->ue));
}

static void killed_at_random_it_keeps_its_word(void **state)
{
	unsigned int killed = 0;

	(void)state;
	die();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		seed = round;
		killed += run_child(life_that_ends, 1 + dice(350));
		live_and_check();
		all_go_on();
		clean_up();
	}
	/* The others came to their end. */
	assert_in_range(killed, ROUNDS / 2, ROUNDS);
	live();
}

static void start_that_ends(void)
{
	fake_kernel.step = step;
	live();
	_exit(EXIT_SUCCESS);
}

/* A start that is killed, at whichever step, leaves everything to the next one. */
static void killed_at_each_step_of_a_start(void **state)
{
	unsigned int n = 0;
	bool killed;

	(void)state;
	die();
	do {
		seed = 4;
		assert_false(run_child(life_that_ends, 0));
		/* One set too many: the start deletes it. */
		fake_kernel.sets[++fake_kernel.last_id] = fake_kernel.sets[1];
		fake_kernel.sets[fake_kernel.last_id].there = true;
		fake_kernel.n++;
		killed = run_child(start_that_ends, ++n);
		live_and_check();
		clean_up();
	} while (killed);
	assert_in_range(n, 8, 1000);
	live();
}

static int begin_shared(void **state)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	return shared == MAP_FAILED || begin_life(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_at_random_it_keeps_its_word, begin_shared,
						end_life),
		cmocka_unit_test_setup_teardown(killed_at_each_step_of_a_start, begin_shared,
						end_life),
	};

	log_threshold = LOG_LEVEL_NONE;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
