// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The model of which SA set sends a packet, and kmod/select.h against it.
 *
 * The model is a small P-CSCF that remembers all that happened: sets are
 * installed, packets verify on them, they are promoted, expire, are deleted.
 * It answers from that history.  The kernel remembers less (a flag here, a
 * state there), and must give the same answer after every history of four
 * steps over three sets, for every packet that can be asked for.
 *
 * The rules, in the model's words:
 *  - a packet may use only a set whose port pair it has;
 *  - a mark names the set, TEMP or established, and no other will do;
 *  - without a mark the flow's last verified set sends: only who holds the
 *    keys can have made that packet.  It proves the set, so it counts for both
 *    of its flows: a UE's UDP requests come on one, their answers leave on the
 *    other.  A flow remembers one such set; when it is gone, or none has
 *    verified yet, the youngest established set sends;
 *  - a TEMP set on which nothing was verified sends only when it is named;
 *  - a set whose lifetime ended sends nothing.
 * UDP and TCP are alike to the choice, for one SA carries both.
 *
 * Crossed pairs (uc-pc, us-ps), with the relaxed binding, are another matter:
 *  - only connections that the UE opened are answered: TCP, which came in
 *    there on that set, and no SYN of ours;
 *  - only with the set's mark, which an accepted connection has;
 *  - each port of ours has its SA, whatever port it sends to: that of the pair
 *    whose P-CSCF port is the source.
 */
#include "cases.h"
#include "../../kmod/select.h"

#define N_SETS	3
#define N_STEPS	4
#define N_PORTS	2	/* port pairs of a kind to choose from */

enum { SERVER, CLIENT, KINDS };			/* uc-ps and us-pc */
/* CROSS_*: a segment from uc to pc, a segment from us to ps, both verified */
enum { VERIFY, PROMOTE, EXPIRE, DELETE, VERBS, CROSS_SERVER = VERBS, CROSS_CLIENT, ALL_VERBS };
enum { UDP, SYN, SEGMENT, PACKETS };
enum { NO_SET = -1, BAD_MARK = -2, EXPIRED = -3, NO_SET_OR_EXPIRED = -4 };

struct set {
	unsigned int port[KINDS];
	bool established, expired, deleted;
	bool current_one[KINDS];	/* the kernel's memory, set.h */
	bool crossed[KINDS];		/* likewise */
};

struct world {
	struct set set[N_SETS];		/* in the order of installation */
	int last[KINDS][N_PORTS];	/* the model's memory, -1: nobody yet */
	unsigned int segments[N_SETS][KINDS];	/* that came in, by the UE's port */
};

static u32 id_of(int set)
{
	return 100 + 7 * set;
}

static void verified(struct world *w, unsigned int n)
{
	struct set *s = &w->set[n];
	unsigned int kind, i;

	for (kind = 0; kind < KINDS; kind++) {
		w->last[kind][s->port[kind]] = n;
		for (i = 0; i < N_SETS; i++)
			if (w->set[i].port[kind] == s->port[kind])
				w->set[i].current_one[kind] = i == n;
	}
}

/* What happens, for the model and for the kernel's flags. */
static void happen(struct world *w, unsigned int verb, unsigned int n)
{
	struct set *s = &w->set[n];
	unsigned int kind;

	if (s->deleted)
		return;
	switch (verb) {
	case CROSS_SERVER:
	case CROSS_CLIENT:
		if (s->expired)
			return;
		kind = verb == CROSS_SERVER ? SERVER : CLIENT;
		w->segments[n][kind]++;
		s->crossed[kind] = true;
		verified(w, n);
		break;
	case VERIFY:
		if (!s->expired)	/* else dropped before it counts */
			verified(w, n);
		break;
	case PROMOTE:
		s->established = true;
		break;
	case EXPIRE:
		s->expired = true;
		break;
	case DELETE:
		s->deleted = true;
		break;
	}
}

static int model_marked(const struct world *w, unsigned int kind, unsigned int port, u32 mark)
{
	int i;

	for (i = 0; i < N_SETS; i++)
		if (id_of(i) == mark && !w->set[i].deleted && w->set[i].port[kind] == port)
			return w->set[i].expired ? EXPIRED : i;
	return BAD_MARK;
}

static int model_unmarked(const struct world *w, unsigned int kind, unsigned int port)
{
	int last = w->last[kind][port], youngest = NO_SET, i;
	bool ended = false, waiting = false;

	if (last >= 0 && !w->set[last].deleted && !w->set[last].expired)
		return last;
	for (i = 0; i < N_SETS; i++) {
		const struct set *s = &w->set[i];

		if (s->deleted || s->port[kind] != port)
			continue;
		if (s->expired)
			ended = true;
		else if (s->established)
			youngest = i;
		else
			waiting = true;
	}
	if (youngest != NO_SET)
		return youngest;
	/* of two good reasons either may be told */
	return ended && waiting ? NO_SET_OR_EXPIRED : ended ? EXPIRED : NO_SET;
}

/* The kernel's choice among the sets of a flow, met in this or that order. */
static int kernel_choice(const struct world *w, unsigned int kind, unsigned int port, u32 mark,
			 bool backwards)
{
	struct gmg_candidate all[N_SETS];
	const struct gmg_candidate *best = NULL;
	struct gmg_select_miss miss = { 0 };
	int i, n, chosen = NO_SET;

	for (i = 0; i < N_SETS; i++) {
		const struct set *s;

		n = backwards ? N_SETS - 1 - i : i;
		s = &w->set[n];
		if (s->deleted || s->port[kind] != port)
			continue;
		all[n] = (struct gmg_candidate){
			.id = id_of(n), .established = s->established,
			.current_one = s->current_one[kind], .expired = s->expired,
			.born = n + 1,
		};
		if (gmg_select_prefers(best, &all[n], mark)) {
			best = &all[n];
			chosen = n;
		} else {
			gmg_select_missed(&miss, &all[n], mark);
		}
	}
	if (best)
		return chosen;
	return miss.expired ? EXPIRED : mark ? BAD_MARK : NO_SET;
}

static void ask(const struct world *w, unsigned int history)
{
	static const u32 marks[] = { 0, 100, 107, 114, 4711 };
	unsigned int kind, port, m, backwards;

	for (kind = 0; kind < KINDS; kind++)
		for (port = 0; port < N_PORTS; port++)
			for (m = 0; m < 5; m++) {
				int want = marks[m] ? model_marked(w, kind, port, marks[m])
						    : model_unmarked(w, kind, port);

				for (backwards = 0; backwards < 2; backwards++) {
					int have = kernel_choice(w, kind, port, marks[m],
								 backwards);

					if (have == want || (want == NO_SET_OR_EXPIRED &&
							     (have == NO_SET || have == EXPIRED)))
						continue;
					fail_msg("history %u, kind %u, port %u, mark %u: "
						 "%d, the model says %d",
						 history, kind, port, marks[m], have, want);
				}
			}
}

/* Who sends from our port of this kind to the UE's port of the other kind? */
static int model_crossed(const struct world *w, unsigned int kind, unsigned int packet, int n)
{
	const struct set *s = &w->set[n];

	if (s->deleted || s->expired || packet != SEGMENT)
		return NO_SET;
	return w->segments[n][!kind] ? n : NO_SET;
}

static int kernel_crossed(const struct world *w, unsigned int kind, unsigned int packet, int n)
{
	const struct gmg_crossed c = {
		.tcp = packet != UDP, .opens = packet == SYN,
		.came_in = w->set[n].crossed[!kind], .expired = w->set[n].expired,
	};

	/* A set that is deleted is not found by its id. */
	return !w->set[n].deleted && gmg_select_crossed(&c) ? n : NO_SET;
}

static void ask_crossed(const struct world *w, unsigned int history)
{
	unsigned int kind, packet;
	int n;

	for (kind = 0; kind < KINDS; kind++)
		for (packet = 0; packet < PACKETS; packet++)
			for (n = 0; n < N_SETS; n++) {
				int want = model_crossed(w, kind, packet, n);
				int have = kernel_crossed(w, kind, packet, n);

				if (have != want)
					fail_msg("history %u, crossed from kind %u, packet %u, "
						 "set %d: %d, the model says %d",
						 history, kind, packet, n, have, want);
			}
}

/* The first set has port pair 0 of both kinds; the others any. */
static void world_begin(struct world *w, unsigned int ports)
{
	unsigned int i, kind;

	memset(w, 0, sizeof(*w));
	memset(w->last, 0xff, sizeof(w->last));
	for (i = 1; i < N_SETS; i++)
		for (kind = 0; kind < KINDS; kind++) {
			w->set[i].port[kind] = ports & 1;
			ports >>= 1;
		}
}

static void every_history(unsigned int steps, unsigned int verbs,
			  void (*question)(const struct world *w, unsigned int history))
{
	const unsigned int choices = N_SETS * verbs;
	unsigned int ports, history, histories = 1, step, code;
	struct world w;

	for (step = 0; step < steps; step++)
		histories *= choices;
	for (ports = 0; ports < 16; ports++)
		for (history = 0; history < histories; history++) {
			world_begin(&w, ports);
			for (step = 0, code = history; step < steps; step++) {
				happen(&w, code % choices % verbs, code % choices / verbs);
				code /= choices;
			}
			question(&w, history);
		}
}

static void test_every_history(void **state)
{
	(void)state;
	every_history(N_STEPS, VERBS, ask);
}

/* What came in crossed was verified like any other packet, and no more. */
static void test_every_crossed_history(void **state)
{
	(void)state;
	every_history(N_STEPS - 1, ALL_VERBS, ask);
	every_history(N_STEPS - 1, ALL_VERBS, ask_crossed);
}

/* The stories of TS 33.203 7.4, told one by one so that a reader sees them. */
static int sends(struct world *w, unsigned int kind, u32 mark)
{
	return kernel_choice(w, kind, 0, mark, false);
}

/* A TEMP set is put in while the 401 still leaves on the set in use. */
static void test_challenge_leaves_on_the_old_set(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, 0);
	w.set[2].deleted = true;
	happen(&w, PROMOTE, 0);
	happen(&w, VERIFY, 0);
	assert_int_equal(sends(&w, SERVER, 0), 0);
	assert_int_equal(sends(&w, SERVER, id_of(0)), 0);
	assert_int_equal(sends(&w, SERVER, id_of(1)), 1);
	happen(&w, VERIFY, 1);		/* the RES came on the new one */
	assert_int_equal(sends(&w, SERVER, 0), 1);
	assert_int_equal(sends(&w, SERVER, id_of(0)), 0);
	happen(&w, DELETE, 1);			/* and was refused */
	assert_int_equal(sends(&w, SERVER, 0), 0);
	assert_int_equal(sends(&w, SERVER, id_of(1)), BAD_MARK);
}

/* Whoever has a victim's ports installed cannot draw the victim's traffic. */
static void test_temp_draws_nothing(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, 0);
	assert_int_equal(sends(&w, CLIENT, 0), NO_SET);
	happen(&w, PROMOTE, 0);
	assert_int_equal(sends(&w, CLIENT, 0), 0);
	assert_int_equal(sends(&w, SERVER, 0), 0);
}

/* A phone that opens its connection to the wrong port of ours. */
static void test_crossed_connection(void **state)
{
	struct world w;

	(void)state;
	world_begin(&w, 0);
	assert_int_equal(kernel_crossed(&w, CLIENT, SEGMENT, 0), NO_SET);
	happen(&w, CROSS_SERVER, 0);			/* its SYN, uc to pc */
	assert_int_equal(kernel_crossed(&w, CLIENT, SEGMENT, 0), 0);	/* SYN ACK, pc to uc */
	assert_int_equal(kernel_crossed(&w, SERVER, SEGMENT, 0), NO_SET); /* not ps to us */
	assert_int_equal(kernel_crossed(&w, CLIENT, SYN, 0), NO_SET);
	assert_int_equal(kernel_crossed(&w, CLIENT, UDP, 0), NO_SET);
	assert_int_equal(kernel_crossed(&w, CLIENT, SEGMENT, 1), NO_SET);
	happen(&w, EXPIRE, 0);
	assert_int_equal(kernel_crossed(&w, CLIENT, SEGMENT, 0), NO_SET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_history),
		cmocka_unit_test(test_every_crossed_history),
		cmocka_unit_test(test_challenge_leaves_on_the_old_set),
		cmocka_unit_test(test_temp_draws_nothing),
		cmocka_unit_test(test_crossed_connection),
	};

	return cmocka_run_group_tests_name("select", tests, NULL, NULL);
}
