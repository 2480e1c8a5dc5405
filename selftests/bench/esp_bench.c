// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * esp_bench: what one packet costs, out or in.
 *
 * Meant for a guest whose clock counts instructions (QEMU -icount shift=0):
 * there a nanosecond is one instruction, whatever else the machine does.
 *
 *   out: UDP datagrams from one unconnected socket, as a SIP server sends them,
 *        through a device that drops them.
 *   in:  packets written to a tun device, which the kernel takes all the way to
 *        the socket inside write(); ESP is made here with OpenSSL.
 *
 * Prints one line: the median over batches of nanoseconds per packet.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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

#define BATCH	50
#define MAX	2048

static struct {
	bool in, esp, cbc;
	const char *src, *dst, *tun;
	uint16_t sport, dport;
	uint32_t spi, mark;
	unsigned int size, batches, first_seq;
	unsigned char ik[20], ck[16];
} opt = { .size = 100, .batches = 20, .tun = "tun0", .first_seq = 1 };

static void die(const char *what)
{
	fprintf(stderr, "esp_bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static struct sockaddr_in address(const char *addr, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, addr, &sin.sin_addr) != 1)
		die(addr);
	return sin;
}

static int bound_socket(const char *addr, uint16_t port)
{
	struct sockaddr_in sin = address(addr, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;

	if (fd < 0 || bind(fd, (void *)&sin, sizeof(sin)))
		die("bind");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (opt.mark && setsockopt(fd, SOL_SOCKET, SO_MARK, &opt.mark, sizeof(opt.mark)))
		die("SO_MARK");
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
	struct sockaddr_in to = address(opt.dst, opt.dport);
	int fd = bound_socket(opt.src, opt.sport);
	static char data[MAX];
	unsigned int b, i;

	for (b = 0; b < opt.batches; b++) {
		uint64_t start = now();

		for (i = 0; i < BATCH; i++)
			if (sendto(fd, data, opt.size, 0, (void *)&to, sizeof(to)) < 0)
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

static size_t ip_header(unsigned char *out, uint8_t proto, size_t payload)
{
	struct iphdr ip = {
		.version = 4, .ihl = 5, .tot_len = htons(sizeof(ip) + payload),
		.ttl = 64, .protocol = proto,
		.saddr = address(opt.src, 0).sin_addr.s_addr,
		.daddr = address(opt.dst, 0).sin_addr.s_addr,
	};

	ip.check = htons(~sum16(&ip, sizeof(ip), 0));
	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t udp_datagram(unsigned char *out)
{
	struct udphdr udp = {
		.source = htons(opt.sport), .dest = htons(opt.dport),
		.len = htons(sizeof(udp) + opt.size),
	};
	struct { uint32_t s, d; uint16_t proto, len; } pseudo = {
		address(opt.src, 0).sin_addr.s_addr, address(opt.dst, 0).sin_addr.s_addr,
		htons(IPPROTO_UDP), udp.len,
	};

	memset(out + sizeof(udp), 'x', opt.size);
	memcpy(out, &udp, sizeof(udp));
	udp.check = htons(~sum16(out, sizeof(udp) + opt.size,
				 sum16(&pseudo, sizeof(pseudo), 0)));
	memcpy(out, &udp, sizeof(udp));
	return sizeof(udp) + opt.size;
}

static size_t esp_packet(unsigned char *out, uint32_t seq)
{
	unsigned char text[MAX], icv[20], *p = out;
	unsigned int align = opt.cbc ? 16 : 4, pad, i;
	size_t n = udp_datagram(text);
	uint32_t head[2] = { htonl(opt.spi), htonl(seq) };

	pad = -(n + 2) & (align - 1);
	for (i = 0; i < pad; i++)
		text[n++] = i + 1;
	text[n++] = pad;
	text[n++] = IPPROTO_UDP;

	p += ip_header(p, IPPROTO_ESP, sizeof(head) + (opt.cbc ? 16 : 0) + n + 12);
	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	if (opt.cbc) {
		EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
		int len;

		memset(p, seq, 16);
		EVP_EncryptInit_ex(c, EVP_aes_128_cbc(), NULL, opt.ck, p);
		EVP_CIPHER_CTX_set_padding(c, 0);
		p += 16;
		EVP_EncryptUpdate(c, p, &len, text, n);
		EVP_CIPHER_CTX_free(c);
	} else {
		memcpy(p, text, n);
	}
	p += n;
	HMAC(EVP_sha1(), opt.ik, 20, out + 20, p - out - 20, icv, NULL);
	memcpy(p, icv, 12);
	return p + 12 - out;
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	strncpy(ifr.ifr_name, opt.tun, IFNAMSIZ - 1);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		die("tun");
	return fd;
}

static unsigned int drain(int fd)
{
	static char data[MAX];
	unsigned int n = 0;

	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

static void bench_in(uint64_t *per_packet)
{
	static unsigned char packet[BATCH][MAX];
	int fd = bound_socket(opt.dst, opt.dport), tun = open_tun();
	unsigned int b, i, got;
	size_t len[BATCH];
	uint32_t seq = opt.first_seq;

	for (b = 0; b < opt.batches; b++) {
		uint64_t start;

		for (i = 0; i < BATCH; i++) {
			unsigned char *p = packet[i];

			if (opt.esp) {
				len[i] = esp_packet(p, seq++);
			} else {
				len[i] = udp_datagram(p + 20) + 20;
				ip_header(p, IPPROTO_UDP, len[i] - 20);
			}
		}
		start = now();
		for (i = 0; i < BATCH; i++)
			if (write(tun, packet[i], len[i]) != (ssize_t)len[i])
				die("write");
		per_packet[b] = (now() - start) / BATCH;
		for (got = drain(fd), i = 0; got < BATCH && i < 50; i++) {
			usleep(1000);	/* stock XFRM delivers from a kworker */
			got += drain(fd);
		}
		if (got != BATCH) {
			fprintf(stderr, "esp_bench: %u of %d packets arrived\n", got, BATCH);
			exit(1);
		}
	}
}

static void hex(const char *text, unsigned char *out, size_t len)
{
	for (; len--; text += 2)
		if (sscanf(text, "%2hhx", out++) != 1)
			die("hex");
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "in", 0, 0, 'i' }, { "src", 1, 0, 's' }, { "dst", 1, 0, 'd' },
		{ "sport", 1, 0, 'S' }, { "dport", 1, 0, 'D' }, { "size", 1, 0, 'n' },
		{ "batches", 1, 0, 'b' }, { "mark", 1, 0, 'm' }, { "spi", 1, 0, 'p' },
		{ "ik", 1, 0, 'k' }, { "ck", 1, 0, 'c' }, { "tun", 1, 0, 't' },
		{ "first-seq", 1, 0, 'q' }, { }
	};
	uint64_t *per_packet;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'i': opt.in = true; break;
		case 's': opt.src = optarg; break;
		case 'd': opt.dst = optarg; break;
		case 'S': opt.sport = atoi(optarg); break;
		case 'D': opt.dport = atoi(optarg); break;
		case 'n': opt.size = atoi(optarg); break;
		case 'b': opt.batches = atoi(optarg); break;
		case 'm': opt.mark = strtoul(optarg, NULL, 0); break;
		case 'p': opt.spi = strtoul(optarg, NULL, 0); opt.esp = true; break;
		case 'k': hex(optarg, opt.ik, 20); break;
		case 'c': hex(optarg, opt.ck, 16); opt.cbc = true; break;
		case 't': opt.tun = optarg; break;
		case 'q': opt.first_seq = atoi(optarg); break;
		default: return 2;
		}
	}
	if (!opt.src || !opt.dst || opt.size > 1400 || !opt.batches)
		return 2;
	per_packet = calloc(opt.batches, sizeof(*per_packet));
	if (opt.in)
		bench_in(per_packet);
	else
		bench_out(per_packet);
	report(per_packet);
	return 0;
}
