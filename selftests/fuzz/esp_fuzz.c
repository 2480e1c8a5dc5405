// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * esp_fuzz: ESP and what is meant to pass for it, by the million, to a P-CSCF, and
 * odd packets out of it.
 *
 *	         the caller's namespace
 *	UEs --- gm0 (tun) --- gmgate.ko --- UDP and TCP sockets on 6100, 6101
 *	esp_fuzz writes       counters       esp_fuzz reads
 *	and reads
 *
 * Packets are made with OpenSSL, for each suite in both families: good ones; ones
 * whose inside is wrong but rightly authenticated; ones with a wrong ICV; with odd
 * outer headers; in fragments; of unknown SPIs; in clear; ICMP errors about them.
 *
 * A round is 64 of one kind.  What must hold after each:
 *	- the counters moved by what esp_oracle.c says, each by its reason, where it
 *	  can say so: all but the odd outer headers;
 *	- the sockets got as many datagrams as it says, none of them marked as one
 *	  that must not be delivered;
 *	- nothing that left on gm0 was from a protected port and not in ESP, or an
 *	  ICMP error that quotes such a thing.
 *
 * usage: esp_fuzz [--seed N] [--packets N] [--faults]
 *	--faults: failslab is on for tasks that ask for it: this one does while it
 *	sends.  Then counters are only bounded by what was sent.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "esp_fuzz.h"
#include "../../kmod/names-gen.h"

#define NAME(ident, text) [ident] = text,
static const char *const drop_names[] = { GMG_DROP_NAMES(NAME) };

#define ROUND	64
#define FEW	30	/* times of an outcome that prove it was reached */

static struct {
	uint64_t seed;
	unsigned long packets;
} opt = { .packets = 20000 };

static const char *const round_names[ROUNDS] = {
	"ESP", "fragments", "unknown SPI", "clear text", "ICMP errors", "odd headers", "out",
};

static struct {
	unsigned long sent[ROUNDS], delivered[ROUNDS], received, left, left_esp,
		rounds_exact;
	uint64_t outcome[OUTCOMES];
} sums;

static unsigned int failures;

static void fail(const char *what)
{
	if (failures++ < 10)
		printf("# after %lu packets: %s\n", sums.sent[ROUND_ESP], what);
}

static const char *outcome_name(unsigned int outcome)
{
	return outcome == DELIVERED ? "delivered" : outcome == UNCOUNTED ? "uncounted" :
	       drop_names[outcome];
}

/* ---- looking ---- */

static void show(const uint8_t *p, size_t len)
{
	size_t i;

	if (failures > 10)
		return;
	printf("#  ");
	for (i = 0; i < len && i < 96; i++)
		printf(" %02x", p[i]);
	printf("\n");
}

static void watch_wire(void)
{
	static uint8_t p[65536];
	size_t n;

	while ((n = tun_read(p, sizeof(p)))) {
		sums.left++;
		sums.left_esp += p[0] >> 4 == 4 ? p[9] == 50 : p[6] == 50;
		if (leaks(p, n)) {
			fail("a packet left in clear");
			show(p, n);
		}
	}
}

static unsigned long drain_sockets(void)
{
	static uint8_t data[65536];
	unsigned long got = 0;
	unsigned int i;
	int fd;

	for (i = 0; i < FAMILIES * N_PORTS; i++) {
		ssize_t n;

		while ((n = recv(world.udp[i], data, sizeof(data), 0)) >= 0 || errno != EAGAIN) {
			if (n < 0)
				continue;	/* an ICMP error */
			got++;
			if (n >= 4 && (!memcmp(data, EVIL, 4) || !memcmp(data, CLEAR, 4))) {
				fail("a socket got what it must not");
				show(data, n);
			}
			if (memmem(data, n, CANARY, sizeof(CANARY) - 1))
				fail("a socket got what left in clear");
		}
		while ((fd = accept4(world.tcp[i], NULL, NULL, SOCK_CLOEXEC)) >= 0)
			close(fd);
	}
	while (world.tap >= 0 && recv(world.tap, data, sizeof(data), 0) >= 0)
		;
	while (world.listener >= 0 && recv(world.listener, data, sizeof(data), 0) >= 0)
		;
	return got;
}

/* ---- rounds ---- */

static bool inbound(unsigned int reason)
{
	return reason < GMGATE_DROP_OUT_NO_SET && reason != GMGATE_DROP_ICMP_OUT;
}

static void compare(enum round_kind kind, const struct expect *e, const struct counters *was,
		    const struct counters *is, unsigned long received)
{
	uint64_t delivered = is->counter[GMGATE_COUNTER_IN_PACKETS] -
			     was->counter[GMGATE_COUNTER_IN_PACKETS];
	uint64_t all = delivered;
	char text[200];
	unsigned int i;

	sums.delivered[kind] += delivered;
	sums.outcome[DELIVERED] += delivered;
	for (i = 1; i <= GMGATE_DROP_MAX; i++) {
		uint64_t moved = is->drop[i] - was->drop[i];

		sums.outcome[i] += moved;
		if (!inbound(i))
			continue;
		all += moved;
		if (!e->exact || moved == e->outcome[i])
			continue;
		snprintf(text, sizeof(text), "%s: %s moved by %llu, should by %llu",
			 round_names[kind], drop_names[i], (unsigned long long)moved,
			 (unsigned long long)e->outcome[i]);
		fail(text);
	}
	if (e->exact) {
		sums.rounds_exact++;
		if (delivered != e->outcome[DELIVERED] || received != e->received) {
			snprintf(text, sizeof(text),
				 "%s: %llu delivered, should be %llu; %lu received, should be %llu",
				 round_names[kind], (unsigned long long)delivered,
				 (unsigned long long)e->outcome[DELIVERED], received,
				 (unsigned long long)e->received);
			fail(text);
		}
	} else if (all > 2 * ROUND * 24) {
		fail("more counted than sent");
	}
}

static enum round_kind kind_of(struct dice *d)
{
	static const unsigned int weight[ROUNDS] = { 50, 8, 4, 8, 4, 14, 12 };
	unsigned int n = dice_below(d, 100), kind;

	for (kind = 0; n >= weight[kind]; kind++)
		n -= weight[kind];
	return kind;
}

static void round_of(struct dice *d)
{
	enum round_kind kind = kind_of(d);
	struct expect e = { .exact = !world.faults && kind != ROUND_OUT };
	struct counters was, is;
	unsigned int i;

	counters_read(&was);
	faults(true);
	for (i = 0; i < ROUND; i++)
		if (kind == ROUND_OUT)
			out_packet(d);
		else
			in_packet(d, kind, &e);
	faults(false);
	e.exact &= !world.faults;
	sums.sent[kind] += ROUND;
	watch_wire();
	i = drain_sockets();
	sums.received += i;
	counters_read(&is);
	compare(kind, &e, &was, &is, i);
}

/* A set whose numbers run out, or one now and then, is replaced by a new one. */
static void renew(struct dice *d)
{
	unsigned int i;

	for (i = 0; i < world.n_sets; i++)
		if (world.sets[i].pair[0].next > 0xf0000000 ||
		    world.sets[i].pair[1].next > 0xf0000000 || dice_one_in(d, 1000))
			set_replace(d, &world.sets[i]);
}

static void report(unsigned long sent)
{
	static const unsigned int reached[] = {
		GMGATE_DROP_IN_LENGTH, GMGATE_DROP_IN_UNKNOWN_SPI, GMGATE_DROP_IN_REPLAY,
		GMGATE_DROP_IN_ICV, GMGATE_DROP_IN_PADDING, GMGATE_DROP_IN_NEXT_HEADER,
		GMGATE_DROP_IN_ADDRESS, GMGATE_DROP_IN_BINDING, GMGATE_DROP_IN_INNER,
		GMGATE_DROP_CLEAR_IN, GMGATE_DROP_CLEAR_IN_UNPARSABLE, GMGATE_DROP_ICMP_IN,
		GMGATE_DROP_OUT_NO_SET, GMGATE_DROP_OUT_MARK, GMGATE_DROP_OUT_UNPARSABLE,
		DELIVERED,
	};
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		printf("# %-12s %8lu sent %8lu delivered\n", round_names[i], sums.sent[i],
		       sums.delivered[i]);
	for (i = 1; i < OUTCOMES; i++)
		if (sums.outcome[i])
			printf("# %-20s %8llu\n", outcome_name(i),
			       (unsigned long long)sums.outcome[i]);
	printf("# %lu packets, %lu rounds compared in each counter, %lu datagrams received, "
	       "%lu packets left, %lu of them ESP; seed %llu\n",
	       sent, sums.rounds_exact, sums.received, sums.left, sums.left_esp,
	       (unsigned long long)opt.seed);
	for (i = 0; i < sizeof(reached) / sizeof(reached[0]); i++)
		if (sums.outcome[reached[i]] < (sent < 10000 ? 1 : FEW)) {
			printf("# only %llu times: %s\n",
			       (unsigned long long)sums.outcome[reached[i]],
			       outcome_name(reached[i]));
			failures += !world.faults;
		}
	if (!sums.left_esp)
		fail("no ESP left");
	if (world.faults && (!sums.outcome[GMGATE_DROP_IN_NO_MEMORY] ||
			     !sums.outcome[GMGATE_DROP_OUT_NO_MEMORY]))
		fail("memory did not run out both ways");
	if (!world.faults && sums.outcome[GMGATE_DROP_IN_NO_MEMORY])
		fail("memory ran out");
	if (sums.outcome[GMGATE_DROP_IN_CRYPTO] || sums.outcome[GMGATE_DROP_OUT_CRYPTO])
		fail("a cipher failed, not for want of memory");
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", 1, 0, 's' }, { "packets", 1, 0, 'n' }, { "faults", 0, 0, 'f' }, { }
	};
	unsigned long sent;
	struct dice d;
	int c;

	getrandom(&opt.seed, 4, 0);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 's': opt.seed = strtoull(optarg, NULL, 0); break;
		case 'n': opt.packets = strtoul(optarg, NULL, 0); break;
		case 'f': world.faults = true; break;
		default: return 2;
		}
	}
	printf("# seed %llu\n", (unsigned long long)opt.seed);
	fflush(stdout);
	d.state = opt.seed;
	world_begin(&d);
	for (sent = 0; sent < opt.packets; sent += ROUND) {
		round_of(&d);
		renew(&d);
	}
	report(sent);
	world_end();
	return failures != 0;
}
