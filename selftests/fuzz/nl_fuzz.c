// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nl_fuzz: generic netlink messages to the family gmgate, by the million.
 *
 *	socket 0..3 --- namespace 0 ---.
 *	                               +--- gmgate.ko
 *	socket 0..3 --- namespace 1 ---'
 *
 * Messages are made from the YAML spec (nl_table.py): valid ones, ones that are
 * wrong in one thing, and garbage, a datagram of up to 64 at a time, over several
 * sockets, with dumps that are left halfway.  Each message asks for an ACK, so
 * that it is known of each verb how often it was done and how often refused.
 *
 * What must hold: every request is answered; each verb is done often enough for
 * the run to have proved something; at the end, when the endpoints are withdrawn,
 * nothing is left.  That no lock, page or octet is lost is for the kernel's own
 * checkers to say.
 *
 * usage: nl_fuzz [--seed N] [--messages N] [--jobs N] [--faults]
 *	--faults: failslab is on for tasks that ask for it: this one does
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gnl.h"
#include "nl_fuzz.h"

#define BATCH	64
#define SPACES	2
#define SOCKETS	4
#define OPS	32
#define FRESH	300	/* rounds after which a namespace is emptied */

/* Of a verb and one of its ways, do and dump. */
struct tally {
	unsigned long tried[FZ_KINDS], done[FZ_KINDS];
};

struct sums {
	struct tally of[OPS][2];
	unsigned long messages, datagrams, unanswered, overruns, no_memory, events, left_dumps;
};

static struct sums *sums;
static struct {
	uint64_t seed;
	unsigned long messages;
	unsigned int jobs;
	bool faults;
} opt = { .messages = 20000, .jobs = 1 };

struct space {
	int netns, sock[SOCKETS], events;
	struct fz_world world;
};

static struct space spaces[SPACES];
static struct fz_request requests[BATCH];
static bool waiting[BATCH];
static uint32_t first_seq = 1;

static void die(const char *what)
{
	fprintf(stderr, "nl_fuzz: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- sockets ---- */

static int open_socket(int netns)
{
	if (setns(netns, CLONE_NEWNET))
		die("setns");
	return gnl_open();
}

static void open_spaces(void)
{
	unsigned int i;

	for (i = 0; i < SPACES; i++) {
		struct space *s = &spaces[i];

		if (unshare(CLONE_NEWNET))
			die("unshare");
		s->netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (s->netns < 0)
			die("netns");
		s->events = open_socket(s->netns);
		if (!i)
			gnl_resolve(s->events);
		if (setsockopt(s->events, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &gnl_events,
			       sizeof(gnl_events)))
			die("join");
	}
}

/* ---- answers ---- */

static void done(unsigned int i, int err, uint32_t id)
{
	struct fz_request *r = &requests[i];
	struct tally *t;

	if (!waiting[i])
		return;
	waiting[i] = false;
	__atomic_fetch_add(&sums->no_memory, err == ENOMEM, __ATOMIC_RELAXED);
	if (!r->op)
		return;
	t = &sums->of[r->op - fz_ops][r->dump];
	__atomic_fetch_add(&t->tried[r->kind], 1, __ATOMIC_RELAXED);
	if (!err) {
		__atomic_fetch_add(&t->done[r->kind], 1, __ATOMIC_RELAXED);
		fz_world_accepted(r, id);
	} else if (err == ENOENT) {
		fz_world_gone(r);
	}
}

static uint32_t new_id[BATCH];

static void answer(const struct nlmsghdr *h)
{
	unsigned int i = h->nlmsg_seq - first_seq;
	const char *body = (const char *)h + NLMSG_HDRLEN;
	int err = 0;

	if (i >= BATCH)		/* of a dump that was left */
		return;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		if (h->nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
			memcpy(&err, body, sizeof(err));
		done(i, err < 0 ? -err : 0, new_id[i]);
	} else if (h->nlmsg_type == gnl_family && requests[i].op && !requests[i].dump) {
		const struct fz_aset *set = &fz_asets[requests[i].op->aset];
		unsigned int a;

		for (a = 0; a < set->n; a++)
			if (!strcmp(set->attrs[a].name, "id"))
				new_id[i] = gnl_u32(gnl_find(body + GENL_HDRLEN,
							h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN,
							set->attrs[a].number));
	}
}

/* Everything that is there; dumps go on as one reads.  Returns the datagrams. */
static unsigned int drain(int fd, unsigned int most)
{
	static char data[1 << 17];
	unsigned int n = 0;

	while (n < most) {
		ssize_t left = recv(fd, data, sizeof(data), MSG_DONTWAIT);
		const struct nlmsghdr *h = (void *)data;

		if (left < 0 && errno == ENOBUFS) {
			__atomic_fetch_add(&sums->overruns, 1, __ATOMIC_RELAXED);
			continue;
		}
		if (left < 0 && opt.faults && (errno == ENOMEM || errno == EINTR))
			continue;
		if (left < 0)
			break;
		n++;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			answer(h);
	}
	return n;
}

/* failslab, for this task, where the script has turned it on for those that ask. */
static void set_faults(bool on)
{
	static int fd = -1;

	if (!opt.faults)
		return;
	if (fd < 0)
		fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, on ? "1" : "0", 1, 0) != 1)
		die("make-it-fail");
}

/* ---- one datagram ---- */

static enum fz_kind kind_of(struct dice *d)
{
	uint32_t n = dice_below(d, 20);

	return n < 11 ? FZ_VALID : n < 18 ? FZ_NEAR : FZ_GARBAGE;
}

static void leave_dump(struct dice *d, struct space *s, unsigned int which)
{
	__atomic_fetch_add(&sums->left_dumps, 1, __ATOMIC_RELAXED);
	drain(s->sock[which], dice_below(d, 3));
	if (dice_one_in(d, 2)) {
		close(s->sock[which]);
		s->sock[which] = open_socket(s->netns);
	}
	memset(waiting, 0, sizeof(waiting));
}

static unsigned int batch(struct dice *d, struct space *s)
{
	static uint8_t out[BATCH * FZ_MESSAGE];
	unsigned int which = dice_below(d, SOCKETS), n = 1 + dice_below(d, BATCH), i;
	bool cut_short = false;
	size_t len = 0;

	fz_world = &s->world;
	first_seq += BATCH;
	memset(waiting, 0, sizeof(waiting));
	memset(new_id, 0, sizeof(new_id));
	for (i = 0; i < n; i++) {
		const struct nlmsghdr *h = (void *)(out + len);

		len += fz_make(d, kind_of(d), gnl_family, first_seq + i, i == n - 1, out + len,
			       &requests[i]);
		/* A wrong length may have the message not looked at. */
		waiting[i] = (h->nlmsg_flags & NLM_F_REQUEST) && h->nlmsg_type == gnl_family;
		cut_short |= i == n - 1 && NLMSG_ALIGN(h->nlmsg_len) != out + len - (uint8_t *)h;
	}
	set_faults(true);
	if (send(s->sock[which], out, len, 0) < 0 &&
	    !(opt.faults && (errno == ENOMEM || errno == ENOBUFS)))
		die("send");
	__atomic_fetch_add(&sums->messages, n, __ATOMIC_RELAXED);
	__atomic_fetch_add(&sums->datagrams, 1, __ATOMIC_RELAXED);
	if (dice_one_in(d, 16)) {
		set_faults(false);
		leave_dump(d, s, which);
		return n;
	}
	drain(s->sock[which], -1);
	set_faults(false);
	for (i = 0; i < n - cut_short; i++)
		if (waiting[i])
			__atomic_fetch_add(&sums->unanswered, 1, __ATOMIC_RELAXED);
	return n;
}

static void listen_to_events(struct space *s)
{
	static char data[65536];

	for (;;) {
		if (recv(s->events, data, sizeof(data), MSG_DONTWAIT) < 0) {
			if (errno == ENOBUFS)
				continue;
			return;
		}
		__atomic_fetch_add(&sums->events, 1, __ATOMIC_RELAXED);
	}
}

struct found {
	const struct fz_op *del;
	unsigned int n;
	struct { uint32_t id, instance; } all[1024];
};

static void take_endpoint(const uint8_t *attrs, size_t len, void *arg)
{
	struct found *f = arg;

	if (f->n == sizeof(f->all) / sizeof(f->all[0]))
		return;
	f->all[f->n].id = gnl_u32(gnl_find(attrs, len, f->del->doit[0]));
	f->all[f->n++].instance = gnl_u32(gnl_find(attrs, len, f->del->doit[1]));
}

/* All endpoints of a namespace, whoever declared them.  Returns how many. */
static unsigned int withdraw_all(struct space *s)
{
	static struct found f;
	struct gnl_request r;
	int fd = open_socket(s->netns);
	unsigned int i;

	f.n = 0;
	f.del = fz_op_named("endpoint-del");
	gnl_begin(&r, fz_op_named("endpoint-get")->cmd, NLM_F_DUMP);
	errno = -gnl_talk(fd, &r, take_endpoint, &f);
	if (errno)
		die("dump");
	for (i = 0; i < f.n; i++) {
		gnl_begin(&r, f.del->cmd, 0);
		gnl_put_u32(&r, f.del->doit[0], f.all[i].id);
		gnl_put_u32(&r, f.del->doit[1], f.all[i].instance);
		errno = -gnl_talk(fd, &r, NULL, NULL);
		if (errno && errno != ENOENT)	/* another job was faster */
			die("withdraw");
	}
	close(fd);
	return f.n;
}

static void job(unsigned int number)
{
	struct dice d = { opt.seed + number };
	unsigned long left = opt.messages / opt.jobs;
	unsigned int rounds = 0, i;

	for (i = 0; i < SPACES * SOCKETS; i++)
		spaces[i / SOCKETS].sock[i % SOCKETS] = open_socket(spaces[i / SOCKETS].netns);
	while (left) {
		struct space *s = &spaces[dice_below(&d, SPACES)];
		unsigned int n = batch(&d, s);

		left -= n < left ? n : left;
		if (!(rounds++ % 16))
			listen_to_events(s);
		/* Those whose ids were lost with a socket, and all others. */
		if (!(rounds % FRESH)) {
			withdraw_all(s);
			memset(&s->world, 0, sizeof(s->world));
		}
	}
}

/* ---- the end ---- */

static bool report(void)
{
	unsigned int i, way, kind;
	bool good = true;

	printf("# %-14s %21s %21s %21s\n", "done/tried", "valid", "nearly", "garbage");
	for (i = 0; i < fz_n_ops; i++)
		for (way = 0; way < 2; way++) {
			const struct tally *t = &sums->of[i][way];
			char name[40];

			if (way && fz_ops[i].n_dumpit < 0)
				continue;
			snprintf(name, sizeof(name), "%s%s", fz_ops[i].name, way ? " dump" : "");
			printf("# %-19s", name);
			for (kind = 0; kind < FZ_KINDS; kind++)
				printf(" %10lu/%-10lu", t->done[kind], t->tried[kind]);
			printf("\n");
			/* A tenth at least of what should be good must be. */
			if (!t->done[FZ_VALID] ||
			    t->done[FZ_VALID] * 10 < t->tried[FZ_VALID]) {
				printf("# too few of %s were done\n", name);
				good = opt.faults && good;
			}
		}
	printf("# %lu messages in %lu datagrams, seed %llu: %lu unanswered, %lu dumps left, "
	       "%lu overruns, %lu events, %lu times no memory\n",
	       sums->messages, sums->datagrams, (unsigned long long)opt.seed, sums->unanswered,
	       sums->left_dumps, sums->overruns, sums->events, sums->no_memory);
	if (sums->unanswered && !sums->overruns && !opt.faults) {
		printf("# every request is to be answered\n");
		good = false;
	}
	if (opt.faults && !sums->no_memory) {
		printf("# memory never ran out\n");
		good = false;
	}
	return good;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", 1, 0, 's' }, { "messages", 1, 0, 'n' }, { "jobs", 1, 0, 'j' },
		{ "faults", 0, 0, 'f' }, { }
	};
	unsigned int i;
	int c, status, bad = 0;

	getrandom(&opt.seed, 4, 0);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 's': opt.seed = strtoull(optarg, NULL, 0); break;
		case 'n': opt.messages = strtoul(optarg, NULL, 0); break;
		case 'j': opt.jobs = strtoul(optarg, NULL, 0); break;
		case 'f': opt.faults = true; break;
		default: return 2;
		}
	}
	sums = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sums == MAP_FAILED || fz_n_ops > OPS || !opt.jobs)
		die("setup");
	printf("# seed %llu\n", (unsigned long long)opt.seed);
	fflush(stdout);
	open_spaces();
	for (i = 0; i < opt.jobs; i++)
		if (!fork()) {
			job(i);
			_exit(0);
		}
	while (wait(&status) > 0)
		bad |= status;
	for (i = 0; i < SPACES; i++)
		printf("# namespace %u: withdrew %u endpoints\n", i, withdraw_all(&spaces[i]));
	return !report() || bad;
}
