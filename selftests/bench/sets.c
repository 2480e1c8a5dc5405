// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sets: installs, deletes, replaces and lists UEs by the thousand, in gmgate or
 * in stock XFRM, many requests to a sendmsg(), and says what one cost.
 *
 *	sets CONTENDER add SUITE FIRST COUNT ENDPOINT
 *	sets CONTENDER replace SUITE FIRST COUNT ENDPOINT OLD-ID NEW-ID
 *	sets CONTENDER del SUITE FIRST COUNT ID NEXT
 *	sets CONTENDER dump SUITE FIRST COUNT
 *
 * CONTENDER is gmgate or stock, SUITE one of plan.h's.  A UE is one set-new for
 * gmgate, and 4 states and 4 policies for stock.  To replace is what a
 * re-registration does, the old ones in use until the new ones are there: for
 * gmgate set-new, set-change to established, set-del of the old set; for stock
 * what Kamailio's ims_ipsec_pcscf does, NEWSA and NEWPOLICY of four new flows,
 * DELSA and DELPOLICY of the old ones.  The ids of gmgate's sets are given in
 * order: *-ID is the first UE's.  NEXT: UEs of the second generation, or of the
 * first, 1 or 0.  Prints
 *	call=N busy=N first-id=N
 * call: nanoseconds a UE inside this program's calls; busy: nanoseconds a UE
 * that the CPUs together were not idle until they came to rest, so with what the
 * kernel does later, in its workers.  Where the clock counts instructions these
 * are instructions.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/gmgate.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "nl.h"
#include "plan.h"

static struct nl nl;

static struct {
	bool stock;
	enum plan_suite suite;
	uint32_t first, count;
} opt;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Nanoseconds that all CPUs together have been idle, in steps of 10 ms. */
static uint64_t idle(void)
{
	unsigned long long user, nice, system, idle, iowait;
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
			 &iowait) != 5)
		exit(1);
	fclose(f);
	return (idle + iowait) * (1000000000ull / sysconf(_SC_CLK_TCK));
}

/* Nanoseconds that all CPUs together could have been busy for, by now. */
static uint64_t capacity(void)
{
	return now() * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* Nanoseconds that they were, since @room of capacity() and @rest of idle(). */
static uint64_t busy_since(uint64_t room, uint64_t rest)
{
	int64_t busy = (int64_t)(capacity() - room) - (int64_t)(idle() - rest);

	/* The steps: one may have been counted too many. */
	return busy > 0 ? (uint64_t)busy : 0;
}

/* Until workers are done: the CPUs idle for nine tenths of a while. */
static void settle(void)
{
	int calm = 0;

	for (int i = 0; calm < 2 && i < 3000; i++) {
		uint64_t room = capacity(), rest = idle();

		usleep(100000);
		calm = busy_since(room, rest) < (capacity() - room) / 10 ? calm + 1 : 0;
	}
}

static void gmgate_begin(uint16_t family, uint8_t cmd)
{
	struct genlmsghdr head = { .cmd = cmd, .version = GMGATE_FAMILY_VERSION };

	nl_begin(&nl, family, 0, &head, sizeof(head));
}

static void put_suite(void)
{
	static const uint32_t ealg[PLAN_SUITES] = {
		GMGATE_EALG_NULL, GMGATE_EALG_AES_CBC, GMGATE_EALG_AES_GCM
	};
	bool gcm = opt.suite == PLAN_GCM;

	nl_put_u32(&nl, GMGATE_SET_ATTR_ALG, gcm ? GMGATE_ALG_NULL : GMGATE_ALG_HMAC_SHA_1_96);
	nl_put_u32(&nl, GMGATE_SET_ATTR_EALG, ealg[opt.suite]);
	if (!gcm)
		nl_put(&nl, GMGATE_SET_ATTR_IK_ESP, PLAN_IK, 20);
	if (opt.suite != PLAN_NULL)
		nl_put(&nl, GMGATE_SET_ATTR_CK_ESP, PLAN_CK, 16);
	if (gcm)
		nl_put(&nl, GMGATE_SET_ATTR_SALT, PLAN_SALT, 4);
}

static void gmgate_add(uint16_t family, uint32_t endpoint, uint32_t n, bool next)
{
	uint32_t ue = htonl(PLAN_UE + n), shift = next ? PLAN_NEXT : 0;

	gmgate_begin(family, GMGATE_CMD_SET_NEW);
	nl_put_u32(&nl, GMGATE_SET_ATTR_ENDPOINT, endpoint);
	nl_put_u32(&nl, GMGATE_SET_ATTR_STATE, next ? GMGATE_SET_STATE_TEMPORARY :
						      GMGATE_SET_STATE_ESTABLISHED);
	nl_put_u64(&nl, GMGATE_SET_ATTR_EXPIRES_MS, 600000000);
	nl_put(&nl, GMGATE_SET_ATTR_UE_ADDR, &ue, sizeof(ue));
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_UC, PLAN_PORT_UC + next);
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_US, PLAN_PORT_US);
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_PC, plan_port_ps(WHO_GMGATE) + 1 + next);
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_UC, plan_spi(WHO_GMGATE, SPI_UC, n) + shift);
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_US, plan_spi(WHO_GMGATE, SPI_US, n) + shift);
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_PC, plan_spi(WHO_GMGATE, SPI_PC, n) + shift);
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_PS, plan_spi(WHO_GMGATE, SPI_PS, n) + shift);
	put_suite();
}

static void gmgate_promote(uint16_t family, uint32_t id)
{
	gmgate_begin(family, GMGATE_CMD_SET_CHANGE);
	nl_put_u32(&nl, GMGATE_SET_ATTR_ID, id);
	nl_put_u32(&nl, GMGATE_SET_ATTR_STATE, GMGATE_SET_STATE_ESTABLISHED);
	nl_put_u64(&nl, GMGATE_SET_ATTR_EXPIRES_MS, 600000000);
}

static void gmgate_del(uint16_t family, uint32_t id)
{
	gmgate_begin(family, GMGATE_CMD_SET_DEL);
	nl_put_u32(&nl, GMGATE_SET_ATTR_ID, id);
}

/* One of a UE's four flows, as stock wants it: a state and a policy. */
struct flow {
	uint32_t spi, src, dst;		/* host byte order */
	uint16_t sport, dport;
	uint8_t dir;
};

static struct flow flow(unsigned int which, uint32_t n, bool next)
{
	uint32_t spi = plan_spi(WHO_STOCK, which, n) + (next ? PLAN_NEXT : 0), ue = PLAN_UE + n;
	uint16_t ps = plan_port_ps(WHO_STOCK), pc = ps + 1 + next, uc = PLAN_PORT_UC + next;

	switch (which) {
	case SPI_PS:
		return (struct flow){ spi, ue, PLAN_PCSCF, uc, ps, XFRM_POLICY_IN };
	case SPI_PC:
		return (struct flow){ spi, ue, PLAN_PCSCF, PLAN_PORT_US, pc, XFRM_POLICY_IN };
	case SPI_UC:
		return (struct flow){ spi, PLAN_PCSCF, ue, ps, uc, XFRM_POLICY_OUT };
	default:
		return (struct flow){ spi, PLAN_PCSCF, ue, pc, PLAN_PORT_US, XFRM_POLICY_OUT };
	}
}

static struct xfrm_selector selector(const struct flow *f)
{
	return (struct xfrm_selector){
		.saddr.a4 = htonl(f->src), .daddr.a4 = htonl(f->dst),
		.sport = htons(f->sport), .sport_mask = 0xffff,
		.dport = htons(f->dport), .dport_mask = 0xffff,
		.prefixlen_s = 32, .prefixlen_d = 32, .family = AF_INET, .proto = IPPROTO_UDP,
	};
}

static const struct xfrm_lifetime_cfg forever = {
	XFRM_INF, XFRM_INF, XFRM_INF, XFRM_INF, 0, 0, 0, 0
};

static void put_aead(void)
{
	struct { struct xfrm_algo_aead a; char key[20]; } aead = { .a.alg_key_len = 160,
								   .a.alg_icv_len = 128 };

	strcpy(aead.a.alg_name, "rfc4106(gcm(aes))");
	memcpy(aead.a.alg_key, PLAN_CK, 16);
	memcpy(aead.a.alg_key + 16, PLAN_SALT, 4);
	nl_put(&nl, XFRMA_ALG_AEAD, &aead, sizeof(aead.a) + 20);
}

static void put_algs(void)
{
	bool cbc = opt.suite == PLAN_CBC;
	struct { struct xfrm_algo_auth a; char key[20]; } auth = { .a.alg_key_len = 160,
								   .a.alg_trunc_len = 96 };
	struct { struct xfrm_algo a; char key[16]; } crypt = { .a.alg_key_len = cbc ? 128 : 0 };

	strcpy(auth.a.alg_name, "hmac(sha1)");
	memcpy(auth.a.alg_key, PLAN_IK, 20);
	nl_put(&nl, XFRMA_ALG_AUTH_TRUNC, &auth, sizeof(auth.a) + 20);
	strcpy(crypt.a.alg_name, cbc ? "cbc(aes)" : "ecb(cipher_null)");
	memcpy(crypt.a.alg_key, PLAN_CK, 16);
	nl_put(&nl, XFRMA_ALG_CRYPT, &crypt, sizeof(crypt.a) + (cbc ? 16 : 0));
}

static void stock_add(const struct flow *f)
{
	struct xfrm_usersa_info sa = {
		.sel = selector(f), .id = { .daddr.a4 = htonl(f->dst), .spi = htonl(f->spi),
					    .proto = IPPROTO_ESP },
		.saddr.a4 = htonl(f->src), .lft = forever, .reqid = f->spi, .family = AF_INET,
		.mode = XFRM_MODE_TRANSPORT, .replay_window = 32,
	};
	struct xfrm_userpolicy_info policy = {
		.sel = selector(f), .lft = forever, .dir = f->dir, .action = XFRM_POLICY_ALLOW,
	};
	struct xfrm_user_tmpl tmpl = {
		.id = { .daddr.a4 = htonl(f->dst), .proto = IPPROTO_ESP }, .family = AF_INET,
		.saddr.a4 = htonl(f->src), .reqid = f->spi, .mode = XFRM_MODE_TRANSPORT,
		.aalgos = ~0u, .ealgos = ~0u, .calgos = ~0u,
	};

	nl_begin(&nl, XFRM_MSG_NEWSA, NLM_F_CREATE | NLM_F_EXCL, &sa, sizeof(sa));
	if (opt.suite == PLAN_GCM)
		put_aead();
	else
		put_algs();
	nl_begin(&nl, XFRM_MSG_NEWPOLICY, NLM_F_CREATE | NLM_F_EXCL, &policy, sizeof(policy));
	nl_put(&nl, XFRMA_TMPL, &tmpl, sizeof(tmpl));
}

static void stock_del(const struct flow *f)
{
	struct xfrm_usersa_id sa = { .daddr.a4 = htonl(f->dst), .spi = htonl(f->spi),
				     .family = AF_INET, .proto = IPPROTO_ESP };
	struct xfrm_userpolicy_id policy = { .sel = selector(f), .dir = f->dir };

	nl_begin(&nl, XFRM_MSG_DELPOLICY, 0, &policy, sizeof(policy));
	nl_begin(&nl, XFRM_MSG_DELSA, 0, &sa, sizeof(sa));
}

/* All four flows of a UE, made or deleted. */
static void stock_ue(void (*each)(const struct flow *f), uint32_t n, bool next)
{
	for (unsigned int which = SPI_PS; which <= SPI_US; which++) {
		struct flow f = flow(which, n, next);

		each(&f);
	}
}

static void must_be(const char *what, uint32_t is, uint32_t shall)
{
	if (is == shall)
		return;
	fprintf(stderr, "sets: %s: %u instead of %u\n", what, is, shall);
	exit(1);
}

/* @arg: of the command line, behind COUNT. */
static void stock(const char *what, const uint32_t *arg)
{
	uint32_t last = opt.first + opt.count, n;

	if (!strcmp(what, "dump")) {
		struct xfrm_usersa_id head = { 0 };

		must_be("SAs", nl_dump(&nl, XFRM_MSG_GETSA, &head, sizeof(head)), 4 * opt.count);
		return;
	}
	for (n = opt.first; n < last; n++)
		if (!strcmp(what, "del")) {
			stock_ue(stock_del, n, arg[1]);
		} else if (!strcmp(what, "add")) {
			stock_ue(stock_add, n, false);
		} else {
			stock_ue(stock_add, n, true);
			stock_ue(stock_del, n, false);
		}
}

/* Ids are given in order: knowing the first one is enough. */
static void gmgate(const char *what, const uint32_t *arg, uint16_t family)
{
	struct genlmsghdr head = { .cmd = GMGATE_CMD_SET_GET, .version = GMGATE_FAMILY_VERSION };
	uint32_t i;

	if (!strcmp(what, "dump")) {
		must_be("sets", nl_dump(&nl, family, &head, sizeof(head)), opt.count);
		return;
	}
	for (i = 0; i < opt.count; i++)
		if (!strcmp(what, "del")) {
			gmgate_del(family, arg[0] + i);
		} else if (!strcmp(what, "add")) {
			gmgate_add(family, arg[0], opt.first + i, false);
		} else {
			gmgate_add(family, arg[0], opt.first + i, true);
			gmgate_promote(family, arg[2] + i);
			gmgate_del(family, arg[1] + i);
		}
}

static uint32_t first_id(void)
{
	const uint32_t *id = nl_attr(nl.first_reply, GENL_HDRLEN, GMGATE_SET_ATTR_ID);

	return id ? *id : 0;
}

/* The numbers behind SUITE: FIRST and COUNT into @opt, up to three into @arg. */
static bool read_numbers(char **argv, uint32_t *arg)
{
	uint32_t *to[] = { &opt.first, &opt.count, &arg[0], &arg[1], &arg[2] };

	for (unsigned int i = 0; i < 5 && *argv; i++, argv++)
		*to[i] = strtoul(*argv, NULL, 0);
	return !*argv && opt.count && opt.first + opt.count <= PLAN_MAX_UES;
}

int main(int argc, char **argv)
{
	uint64_t start, room, rest, done, busy;
	uint32_t arg[3] = { 0 };
	uint16_t family = 0;

	if (argc < 6)
		return 2;
	opt.stock = !strcmp(argv[1], "stock");
	opt.suite = plan_suite(argv[3]);
	if (opt.suite == PLAN_SUITES || !read_numbers(argv + 4, arg))
		return 2;
	nl_open(&nl, opt.stock ? NETLINK_XFRM : NETLINK_GENERIC);
	if (!opt.stock)
		family = nl_family(&nl, GMGATE_FAMILY_NAME);

	settle();
	rest = idle();
	room = capacity();
	start = now();
	if (opt.stock)
		stock(argv[2], arg);
	else
		gmgate(argv[2], arg, family);
	nl_flush(&nl);
	done = now();
	settle();
	busy = busy_since(room, rest);
	if (!opt.stock && !strcmp(argv[2], "replace"))
		must_be("the first new id", first_id(), arg[2]);
	printf("call=%llu busy=%llu first-id=%u\n",
	       (unsigned long long)(done - start) / opt.count,
	       (unsigned long long)busy / opt.count, first_id());
	return 0;
}
