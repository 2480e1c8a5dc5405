// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packets: what one packet costs, out or in, in nanoseconds.
 *
 *	packets out|in|all none|stock|gmgate SIZE SUITE UES FIRST-SEQ
 *
 * SUITE is one of plan.h's.  Meant for a guest whose clock counts instructions
 * (QEMU -icount shift=0): there a nanosecond is one instruction, whatever else
 * the machine does.  Each packet is of a UE drawn at random from the UES that
 * are installed.
 *
 *   out: UDP datagrams of SIZE octets from one unconnected socket, as a SIP
 *        server sends them, through a device that drops them.
 *   in:  packets written to a tun device, which the kernel takes all the way to
 *        the socket, and recv(); ESP is made here with OpenSSL.
 *   all: as in, one packet of every UE, and nothing is measured.  A kernel may
 *        treat an SA that was heard of differently from one that never was.
 *
 * Prints the median over batches, of which there are 20 or $BATCHES.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "plan.h"

#define BATCH	50
#define MAX	2048
#define TUN	"tun0"

static struct {
	enum who who;
	enum plan_suite suite;
	unsigned int size, ues, batches;
	uint32_t seq;
} opt;

static void die(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* A UE at random; the same ones in each run (xorshift32). */
static uint32_t some_ue(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % opt.ues;
}

static struct sockaddr_in address(uint32_t addr, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(addr) };
}

static int bound_socket(uint16_t port)
{
	struct sockaddr_in sin = address(PLAN_PCSCF, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;
	struct timeval patience = { .tv_sec = 2 };

	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)))
		die("bind");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(uint64_t *per_packet)
{
	qsort(per_packet, opt.batches, sizeof(*per_packet), compare);
	printf("%llu\n", (unsigned long long)per_packet[opt.batches / 2]);
}

static void bench_out(uint64_t *per_packet)
{
	int fd = bound_socket(plan_port_ps(opt.who) + 1);
	static struct sockaddr_in to[BATCH];
	static char data[MAX];
	unsigned int b, i;

	for (b = 0; b < opt.batches; b++) {
		uint64_t start;

		for (i = 0; i < BATCH; i++)
			to[i] = address(PLAN_UE + some_ue(), PLAN_PORT_US);
		start = now();
		for (i = 0; i < BATCH; i++)
			if (sendto(fd, data, opt.size, 0, (void *)&to[i], sizeof(to[i])) < 0)
				die("sendto");
		per_packet[b] = (now() - start) / BATCH;
	}
}

static uint16_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (; len > 1; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	if (len)
		sum += p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t ip_header(unsigned char *out, uint32_t ue, uint8_t proto, size_t payload)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .tot_len = htons(sizeof(ip) + payload),
		.ttl = 64, .protocol = proto,
		.saddr = htonl(PLAN_UE + ue), .daddr = htonl(PLAN_PCSCF),
	};

	ip.check = htons(~sum16(&ip, sizeof(ip), 0));
	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t udp_datagram(unsigned char *out, uint32_t ue)
{
	struct udphdr udp = {
		.source = htons(PLAN_PORT_UC), .dest = htons(plan_port_ps(opt.who)),
		.len = htons(sizeof(udp) + opt.size),
	};
	struct { uint32_t s, d; uint16_t proto, len; } pseudo = {
		htonl(PLAN_UE + ue), htonl(PLAN_PCSCF), htons(IPPROTO_UDP), udp.len,
	};

	memset(out + sizeof(udp), 'x', opt.size);
	memcpy(out, &udp, sizeof(udp));
	udp.check = htons(~sum16(out, sizeof(udp) + opt.size,
				 sum16(&pseudo, sizeof(pseudo), 0)));
	memcpy(out, &udp, sizeof(udp));
	return sizeof(udp) + opt.size;
}

/* What ESP's header is followed by: IV, text, ICV.  @out is behind that header. */
static size_t seal_gcm(unsigned char *out, const unsigned char *text, size_t n, uint32_t seq)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned char nonce[12] = PLAN_SALT;
	int len;

	memset(out, 0, 8);
	memcpy(out + 4, &seq, sizeof(seq));
	memcpy(nonce + 4, out, 8);
	EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, (const unsigned char *)PLAN_CK, nonce);
	EVP_EncryptUpdate(c, NULL, &len, out - 8, 8);
	EVP_EncryptUpdate(c, out + 8, &len, text, n);
	EVP_EncryptFinal_ex(c, out + 8 + n, &len);
	EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, 16, out + 8 + n);
	EVP_CIPHER_CTX_free(c);
	return 8 + n + 16;
}

static size_t encrypt_cbc(unsigned char *out, const unsigned char *text, size_t n, uint32_t seq)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len;

	memset(out, seq, 16);
	EVP_EncryptInit_ex(c, EVP_aes_128_cbc(), NULL, (const unsigned char *)PLAN_CK, out);
	EVP_CIPHER_CTX_set_padding(c, 0);
	EVP_EncryptUpdate(c, out + 16, &len, text, n);
	EVP_CIPHER_CTX_free(c);
	return 16 + n;
}

static size_t seal(unsigned char *out, const unsigned char *text, size_t n, uint32_t seq)
{
	unsigned char icv[20];

	if (opt.suite == PLAN_GCM)
		return seal_gcm(out, text, n, seq);
	if (opt.suite == PLAN_CBC)
		n = encrypt_cbc(out, text, n, seq);
	else
		memcpy(out, text, n);
	HMAC(EVP_sha1(), PLAN_IK, 20, out - 8, 8 + n, icv, NULL);
	memcpy(out + n, icv, 12);
	return n + 12;
}

static size_t esp_packet(unsigned char *out, uint32_t ue, uint32_t seq)
{
	uint32_t head[2] = { htonl(plan_spi(opt.who, SPI_PS, ue)), htonl(seq) };
	unsigned int align = opt.suite == PLAN_CBC ? 16 : 4, pad, i;
	unsigned char text[MAX], *esp = out + sizeof(struct iphdr);
	size_t n = udp_datagram(text, ue);

	pad = -(n + 2) & (align - 1);
	for (i = 0; i < pad; i++)
		text[n++] = i + 1;
	text[n++] = pad;
	text[n++] = IPPROTO_UDP;

	memcpy(esp, head, sizeof(head));
	n = sizeof(head) + seal(esp + sizeof(head), text, n, seq);
	return ip_header(out, ue, IPPROTO_ESP, n) + n;
}

static size_t plain_packet(unsigned char *out, uint32_t ue)
{
	size_t n = udp_datagram(out + 20, ue);

	return ip_header(out, ue, IPPROTO_UDP, n) + n;
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = TUN };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		die("tun");
	return fd;
}

static void write_packet(int tun, const void *packet, size_t len)
{
	if (write(tun, packet, len) != (ssize_t)len)
		die("write");
}

static void read_data(int fd)
{
	static char data[MAX];

	if (recv(fd, data, sizeof(data), 0) != (ssize_t)opt.size)
		die("recv");
}

static void hear_all(void)
{
	int fd = bound_socket(plan_port_ps(opt.who)), tun = open_tun();
	static unsigned char packet[MAX];
	uint32_t ue;

	for (ue = 0; ue < opt.ues; ue++) {
		write_packet(tun, packet, esp_packet(packet, ue, opt.seq));
		read_data(fd);
	}
}

static void bench_in(uint64_t *per_packet)
{
	int fd = bound_socket(plan_port_ps(opt.who)), tun = open_tun();
	uint32_t *seq = calloc(opt.ues, sizeof(*seq));
	static unsigned char packet[BATCH][MAX];
	size_t len[BATCH];
	unsigned int b, i;

	for (b = 0; b < opt.batches; b++) {
		uint64_t start;

		for (i = 0; i < BATCH; i++) {
			uint32_t ue = some_ue();

			len[i] = opt.who == WHO_NONE ? plain_packet(packet[i], ue) :
				 esp_packet(packet[i], ue, opt.seq + seq[ue]++);
		}
		start = now();
		for (i = 0; i < BATCH; i++)
			write_packet(tun, packet[i], len[i]);
		for (i = 0; i < BATCH; i++)	/* stock delivers from a kworker */
			read_data(fd);
		per_packet[b] = (now() - start) / BATCH;
	}
}

int main(int argc, char **argv)
{
	const char *batches = getenv("BATCHES");
	uint64_t *per_packet;

	if (argc != 7)
		return 2;
	opt.who = !strcmp(argv[2], "gmgate") ? WHO_GMGATE :
		  !strcmp(argv[2], "stock") ? WHO_STOCK : WHO_NONE;
	opt.size = strtoul(argv[3], NULL, 0);
	opt.suite = plan_suite(argv[4]);
	opt.ues = strtoul(argv[5], NULL, 0);
	opt.seq = strtoul(argv[6], NULL, 0);
	opt.batches = batches ? strtoul(batches, NULL, 0) : 20;
	if (opt.suite == PLAN_SUITES || !opt.size || opt.size > 1400 || !opt.ues ||
	    opt.ues > PLAN_MAX_UES)
		return 2;
	if (!strcmp(argv[1], "all")) {
		hear_all();
		return 0;
	}
	per_packet = calloc(opt.batches + 1, sizeof(*per_packet));
	if (!strcmp(argv[1], "in"))
		bench_in(per_packet);
	else
		bench_out(per_packet);
	report(per_packet);
	return 0;
}
