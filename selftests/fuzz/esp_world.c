// SPDX-License-Identifier: GPL-2.0-or-later
/* esp_fuzz: the namespace, its sockets, the SA sets and the counters. */
#include "esp_fuzz.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gnl.h"

#define TUN	"gm0"
#define TAP	"gmtap0"

struct world world = { .listener = -1, .tap = -1 };

static const char *const pcscf_text[FAMILIES] = { "10.4.128.21", "2001:db8:4:128::21" };

static struct ip_addr address(const char *text)
{
	struct ip_addr a = { .len = strchr(text, ':') ? 16 : 4 };

	if (inet_pton(a.len == 4 ? AF_INET : AF_INET6, text, a.at) != 1)
		errx(1, "%s: no address", text);
	return a;
}

static int bound(const struct ip_addr *a, int type, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int fd, size = 16 << 20, one = 1;

	fd = socket(a->len == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	memcpy(&v4.sin_addr, a->at, 4);
	memcpy(&v6.sin6_addr, a->at, 16);
	if (a->len == 4 ? bind(fd, (void *)&v4, sizeof(v4)) : bind(fd, (void *)&v6, sizeof(v6)))
		err(1, "bind to port %u", port);
	if (type == SOCK_STREAM && listen(fd, 16))
		err(1, "listen");
	return fd;
}

static void open_tun(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int size = sizeof(struct virtio_net_hdr);

	world.tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	strcpy(ifr.ifr_name, TUN);
	if (world.tun < 0 || ioctl(world.tun, TUNSETIFF, &ifr) ||
	    ioctl(world.tun, TUNSETVNETHDRSZ, &size))
		err(1, "tun");
}

/* The header's hdr_len says how much of a packet is to lie in one piece. */
bool tun_write(struct dice *d, const uint8_t *packet, size_t len)
{
	static uint8_t out[sizeof(struct virtio_net_hdr) + 65536];
	struct virtio_net_hdr h = {
		.hdr_len = dice_one_in(d, 2) ? 0 : 1 + dice_below(d, len),
	};

	memcpy(out, &h, sizeof(h));
	memcpy(out + sizeof(h), packet, len);
	if (write(world.tun, out, sizeof(h) + len) == (ssize_t)(sizeof(h) + len))
		return true;
	/* The device refuses what has no IP version. */
	if (errno != EINVAL && !(world.faults && (errno == ENOMEM || errno == ENOBUFS)))
		err(1, "write of %zu octets to the device", len);
	return false;
}

size_t tun_read(uint8_t *packet, size_t size)
{
	static uint8_t in[sizeof(struct virtio_net_hdr) + 65536];
	ssize_t n = read(world.tun, in, sizeof(in)) - sizeof(struct virtio_net_hdr);

	if (n <= 0)
		return 0;
	if ((size_t)n > size)
		n = size;
	memcpy(packet, in + sizeof(struct virtio_net_hdr), n);
	return n;
}

/* Somebody who looks on makes the kernel share the packets. */
static int look_at(const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));

	if (fd < 0 || bind(fd, (void *)&at, sizeof(at)))
		err(1, "packet socket on %s", dev);
	return fd;
}

static void look_or_not(struct dice *d, int *fd, const char *dev)
{
	if (!dice_one_in(d, 4))
		return;
	if (*fd >= 0) {
		close(*fd);
		*fd = -1;
	} else {
		*fd = look_at(dev);
	}
}

static void take_id(const uint8_t *attrs, size_t len, void *arg)
{
	_Static_assert((int)GMGATE_ENDPOINT_ATTR_ID != 0, "0 is none");
	uint32_t *type_then_id = arg;

	*type_then_id = gnl_u32(gnl_find(attrs, len, *type_then_id));
}

static uint32_t ask_for_id(struct gnl_request *r, uint16_t type, const char *what)
{
	uint32_t id = type;
	int e = gnl_talk(world.nl, r, take_id, &id);

	if (e)
		errx(1, "%s: %s", what, strerror(-e));
	return id;
}

static void declare(struct dice *d, unsigned int family)
{
	uint32_t flags = (family ? GMGATE_ENDPOINT_FLAGS_RELAXED : 0) |
			 (dice_one_in(d, 2) ? GMGATE_ENDPOINT_FLAGS_LOCAL_IN : 0);
	const struct ip_addr *a = &world.pcscf[family];
	struct gnl_request r;

	gnl_begin(&r, GMGATE_CMD_ENDPOINT_NEW, 0);
	gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_INSTANCE, 1);
	gnl_put(&r, GMGATE_ENDPOINT_ATTR_ADDR, a->at, a->len);
	gnl_put_u16(&r, GMGATE_ENDPOINT_ATTR_PORT_S, PORT_PS);
	gnl_put_u16(&r, GMGATE_ENDPOINT_ATTR_PORT_C, PORT_PC);
	gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_SPI_MIN, SPI_MIN);
	gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_SPI_MAX, SPI_MAX);
	gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_FLAGS, flags);
	world.endpoint[family] = ask_for_id(&r, GMGATE_ENDPOINT_ATTR_ID, "endpoint-new");
}

void set_install(struct dice *d, struct ue_set *s)
{
	const struct fz_suite *suite = s->keys.suite;
	struct gnl_request r;
	unsigned int i;

	dice_fill(d, s->keys.ik, sizeof(s->keys.ik));
	dice_fill(d, s->keys.ck, sizeof(s->keys.ck));
	dice_fill(d, s->keys.salt, sizeof(s->keys.salt));
	for (i = 0; i < 2; i++)
		s->pair[i] = (struct ue_pair){
			.spi = dice_between(d, SPI_MIN, SPI_MAX), .next = 1,
			.ue_port = 20000 + 2 * dice_below(d, 10000) + i,
			.local_port = i ? PORT_PC : PORT_PS,
		};
	gnl_begin(&r, GMGATE_CMD_SET_NEW, 0);
	gnl_put_u32(&r, GMGATE_SET_ATTR_ENDPOINT, world.endpoint[s->family]);
	gnl_put_u32(&r, GMGATE_SET_ATTR_STATE, GMGATE_SET_STATE_ESTABLISHED);
	gnl_put_u64(&r, GMGATE_SET_ATTR_EXPIRES_MS, 3600000);
	gnl_put(&r, GMGATE_SET_ATTR_UE_ADDR, s->ue.at, s->ue.len);
	gnl_put_u16(&r, GMGATE_SET_ATTR_PORT_UC, s->pair[0].ue_port);
	gnl_put_u16(&r, GMGATE_SET_ATTR_PORT_US, s->pair[1].ue_port);
	gnl_put_u16(&r, GMGATE_SET_ATTR_PORT_PC, PORT_PC);
	gnl_put_u32(&r, GMGATE_SET_ATTR_SPI_UC, 0x20000000 + s->pair[0].spi);
	gnl_put_u32(&r, GMGATE_SET_ATTR_SPI_US, 0x20000000 + s->pair[1].spi);
	gnl_put_u32(&r, GMGATE_SET_ATTR_SPI_PS, s->pair[0].spi);
	gnl_put_u32(&r, GMGATE_SET_ATTR_SPI_PC, s->pair[1].spi);
	gnl_put_u32(&r, GMGATE_SET_ATTR_ALG, suite->alg);
	gnl_put_u32(&r, GMGATE_SET_ATTR_EALG, suite->ealg);
	if (suite->ik)
		gnl_put(&r, GMGATE_SET_ATTR_IK_ESP, s->keys.ik, suite->ik);
	if (suite->ck)
		gnl_put(&r, GMGATE_SET_ATTR_CK_ESP, s->keys.ck, suite->ck);
	if (suite->salt)
		gnl_put(&r, GMGATE_SET_ATTR_SALT, s->keys.salt, suite->salt);
	s->id = ask_for_id(&r, GMGATE_SET_ATTR_ID, "set-new");
}

void set_replace(struct dice *d, struct ue_set *s)
{
	struct gnl_request r;

	gnl_begin(&r, GMGATE_CMD_SET_DEL, 0);
	gnl_put_u32(&r, GMGATE_SET_ATTR_ID, s->id);
	if (gnl_talk(world.nl, &r, NULL, NULL))
		errx(1, "set-del %u", s->id);
	set_install(d, s);
	look_or_not(d, &world.listener, TUN);
	look_or_not(d, &world.tap, TAP);
}

/* Each suite in both families, once exact and once loose. */
static void install_all(struct dice *d)
{
	unsigned int i;

	world.n_sets = fz_n_suites * FAMILIES * 2;
	world.sets = calloc(world.n_sets, sizeof(*world.sets));
	for (i = 0; i < world.n_sets; i++) {
		struct ue_set *s = &world.sets[i];

		s->keys.suite = &fz_suites[i / 4];
		s->family = i & 1;
		s->loose = i & 2;
		s->relaxed = s->family;
		s->pcscf = world.pcscf[s->family];
		s->ue = address(s->family ? "2001:db8:45::" : "10.45.0.0");
		s->ue.at[s->ue.len - 1] = 1 + i / 2;
		set_install(d, s);
	}
}

struct ue_set *set_some(struct dice *d, bool loose)
{
	struct ue_set *s;

	do
		s = &world.sets[dice_below(d, world.n_sets)];
	while (s->loose != loose);
	return s;
}

void world_begin(struct dice *d)
{
	unsigned int i, family;
	int one = 1;

	world.nl = gnl_open();
	gnl_resolve(world.nl);
	open_tun();
	for (i = 0; i < FAMILIES * N_PORTS; i++) {
		uint16_t port = i / FAMILIES ? PORT_PC : PORT_PS;

		world.pcscf[i % FAMILIES] = address(pcscf_text[i % FAMILIES]);
		world.udp[i] = bound(&world.pcscf[i % FAMILIES], SOCK_DGRAM, port);
		world.tcp[i] = bound(&world.pcscf[i % FAMILIES], SOCK_STREAM, port);
	}
	for (family = 0; family < FAMILIES; family++)
		declare(d, family);
	world.raw[0] = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	world.raw[1] = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (world.raw[0] < 0 || world.raw[1] < 0 ||
	    setsockopt(world.raw[1], IPPROTO_IPV6, IPV6_HDRINCL, &one, sizeof(one)))
		err(1, "raw socket");
	install_all(d);
}

void world_end(void)
{
	unsigned int family;

	for (family = 0; family < FAMILIES; family++) {
		struct gnl_request r;

		gnl_begin(&r, GMGATE_CMD_ENDPOINT_DEL, 0);
		gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_ID, world.endpoint[family]);
		gnl_put_u32(&r, GMGATE_ENDPOINT_ATTR_INSTANCE, 1);
		if (gnl_talk(world.nl, &r, NULL, NULL))
			errx(1, "endpoint-del");
	}
}

/* The nests of one type, each a number and a count. */
static void take_counts(const uint8_t *attrs, size_t len, uint16_t type, uint64_t *out,
			unsigned int max)
{
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)attrs;
		size_t n = NLA_ALIGN(a->nla_len), body = a->nla_len - NLA_HDRLEN;
		uint32_t which;

		if ((a->nla_type & NLA_TYPE_MASK) == type) {
			which = gnl_u32(gnl_find(a + 1, body, 1));
			if (which <= max)
				out[which] = gnl_u64(gnl_find(a + 1, body, 2));
		}
		if (n >= len)
			break;
		attrs += n;
		len -= n;
	}
}

static void take_stats(const uint8_t *attrs, size_t len, void *arg)
{
	_Static_assert(GMGATE_COUNTERS_ATTR_COUNTER == 1 && GMGATE_DROPS_ATTR_REASON == 1 &&
		       GMGATE_COUNTERS_ATTR_COUNT == 2 && GMGATE_DROPS_ATTR_COUNT == 2,
		       "number and count");
	struct counters *c = arg;

	take_counts(attrs, len, GMGATE_STATS_ATTR_COUNTER, c->counter, GMGATE_COUNTER_MAX);
	take_counts(attrs, len, GMGATE_STATS_ATTR_DROP, c->drop, GMGATE_DROP_MAX);
}

void counters_read(struct counters *c)
{
	struct gnl_request r;

	memset(c, 0, sizeof(*c));
	gnl_begin(&r, GMGATE_CMD_STATS_GET, 0);
	if (gnl_talk(world.nl, &r, take_stats, c))
		errx(1, "stats-get");
}

/* failslab, for this task, where the script has turned it on for those that ask. */
void faults(bool on)
{
	static int fd = -1;

	if (!world.faults)
		return;
	if (fd < 0)
		fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, on ? "1" : "0", 1, 0) != 1)
		err(1, "make-it-fail");
}
