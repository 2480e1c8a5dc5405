// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sets: installs and deletes UEs by the thousand, in gmgate or in stock XFRM,
 * many requests to a sendmsg(), and says what one cost.
 *
 *	sets gmgate|stock add|del FIRST COUNT null|aes-cbc [ENDPOINT|FIRST-ID]
 *
 * A UE is one set-new for gmgate, and 4 states and 4 policies for stock.  Prints
 *	call=N busy=N first-id=N
 * call: nanoseconds a UE inside this program's calls; busy: nanoseconds a UE
 * that the only CPU was not idle until it came to rest, so with what the kernel
 * does later, in its workers.  Where the clock counts instructions these are
 * instructions.
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
static bool cbc;

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* Nanoseconds that the CPU has been idle, in steps of 10 ms. */
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

/* Until workers are done: the CPU idles for nine tenths of a while. */
static void settle(void)
{
	int calm = 0;

	for (int i = 0; calm < 2 && i < 3000; i++) {
		uint64_t t = now(), z = idle();

		usleep(100000);
		calm = idle() - z > (now() - t) * 9 / 10 ? calm + 1 : 0;
	}
}

static void gmgate_add(uint16_t family, uint32_t endpoint, uint32_t n)
{
	struct genlmsghdr head = { .cmd = GMGATE_CMD_SET_NEW, .version = GMGATE_FAMILY_VERSION };
	uint32_t ue = htonl(PLAN_UE + n);

	nl_begin(&nl, family, 0, &head, sizeof(head));
	nl_put_u32(&nl, GMGATE_SET_ATTR_ENDPOINT, endpoint);
	nl_put_u32(&nl, GMGATE_SET_ATTR_STATE, GMGATE_SET_STATE_ESTABLISHED);
	nl_put_u64(&nl, GMGATE_SET_ATTR_EXPIRES_MS, 600000000);
	nl_put(&nl, GMGATE_SET_ATTR_UE_ADDR, &ue, sizeof(ue));
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_UC, PLAN_PORT_UC);
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_US, PLAN_PORT_US);
	nl_put_u16(&nl, GMGATE_SET_ATTR_PORT_PC, plan_port_ps(WHO_GMGATE) + 1);
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_UC, plan_spi(WHO_GMGATE, SPI_UC, n));
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_US, plan_spi(WHO_GMGATE, SPI_US, n));
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_PC, plan_spi(WHO_GMGATE, SPI_PC, n));
	nl_put_u32(&nl, GMGATE_SET_ATTR_SPI_PS, plan_spi(WHO_GMGATE, SPI_PS, n));
	nl_put_u32(&nl, GMGATE_SET_ATTR_ALG, GMGATE_ALG_HMAC_SHA_1_96);
	nl_put_u32(&nl, GMGATE_SET_ATTR_EALG, cbc ? GMGATE_EALG_AES_CBC : GMGATE_EALG_NULL);
	nl_put(&nl, GMGATE_SET_ATTR_IK_ESP, PLAN_IK, 20);
	if (cbc)
		nl_put(&nl, GMGATE_SET_ATTR_CK_ESP, PLAN_CK, 16);
}

static void gmgate_del(uint16_t family, uint32_t id)
{
	struct genlmsghdr head = { .cmd = GMGATE_CMD_SET_DEL, .version = GMGATE_FAMILY_VERSION };

	nl_begin(&nl, family, 0, &head, sizeof(head));
	nl_put_u32(&nl, GMGATE_SET_ATTR_ID, id);
}

/* One of a UE's four flows, as stock wants it: a state and a policy. */
struct flow {
	uint32_t spi, src, dst;		/* host byte order */
	uint16_t sport, dport;
	uint8_t dir;
};

static struct flow flow(unsigned int which, uint32_t n)
{
	uint16_t ps = plan_port_ps(WHO_STOCK), pc = ps + 1;
	uint32_t spi = plan_spi(WHO_STOCK, which, n), ue = PLAN_UE + n;

	switch (which) {
	case SPI_PS:
		return (struct flow){ spi, ue, PLAN_PCSCF, PLAN_PORT_UC, ps, XFRM_POLICY_IN };
	case SPI_PC:
		return (struct flow){ spi, ue, PLAN_PCSCF, PLAN_PORT_US, pc, XFRM_POLICY_IN };
	case SPI_UC:
		return (struct flow){ spi, PLAN_PCSCF, ue, ps, PLAN_PORT_UC, XFRM_POLICY_OUT };
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

static void put_algs(void)
{
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

static void stock(bool add, uint32_t first, uint32_t count)
{
	nl_open(&nl, NETLINK_XFRM);
	for (uint32_t n = first; n < first + count; n++)
		for (unsigned int which = SPI_PS; which <= SPI_US; which++) {
			struct flow f = flow(which, n);

			(add ? stock_add : stock_del)(&f);
		}
	nl_flush(&nl);
}

/* Ids are given in order: knowing the first one is enough. */
static uint32_t gmgate(bool add, uint32_t first, uint32_t count, uint32_t arg)
{
	const uint32_t *id;
	uint16_t family;

	nl_open(&nl, NETLINK_GENERIC);
	family = nl_family(&nl, GMGATE_FAMILY_NAME);
	for (uint32_t n = 0; n < count; n++)
		if (add)
			gmgate_add(family, arg, first + n);
		else
			gmgate_del(family, arg + n);
	nl_flush(&nl);
	id = add ? nl_attr(nl.first_reply, GENL_HDRLEN, GMGATE_SET_ATTR_ID) : NULL;
	return id ? *id : 0;
}

int main(int argc, char **argv)
{
	uint64_t start, rest, done;
	uint32_t first, count, id = 0;
	bool add;

	if (argc < 6)
		return 2;
	add = !strcmp(argv[2], "add");
	first = strtoul(argv[3], NULL, 0);
	count = strtoul(argv[4], NULL, 0);
	cbc = !strcmp(argv[5], "aes-cbc");
	if (!count || first + count > PLAN_MAX_UES)
		return 2;

	settle();
	rest = idle();
	start = now();
	if (!strcmp(argv[1], "stock"))
		stock(add, first, count);
	else
		id = gmgate(add, first, count, argc > 6 ? strtoul(argv[6], NULL, 0) : 1);
	done = now();
	settle();
	printf("call=%llu busy=%llu first-id=%u\n",
	       (unsigned long long)(done - start) / count,
	       (unsigned long long)(now() - start - (idle() - rest)) / count, id);
	return 0;
}
