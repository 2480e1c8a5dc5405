// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic: both directions of a pair of SAs, as fast as it goes, from one CPU.
 *
 *	netns UE  -- good ESP, sequence numbers rising -->  P-CSCF port
 *	netns UE  <-- datagrams, with the mark if any ----  P-CSCF port
 *
 * It takes turns, and takes what comes for its port, so nothing piles up.  One
 * for each CPU makes full traffic; a third process, life_load.py, does to the module
 * what it likes meanwhile.  They share a page, struct control, a file.
 *
 * Without a netns of the P-CSCF ("-") nothing goes down.
 *
 * usage: traffic CONTROL SLOT CPU SECONDS UE-NETNS P-CSCF-NETNS UE-DEVICE P-CSCF-MAC
 *		UE-ADDR UE-PORT P-CSCF-ADDR P-CSCF-PORT SPI-IN IK-ESP CK-ESP|-
 *
 * It ends when told, or after SECONDS at the latest.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX	2048
#define SIZE	600	/* of a datagram's data */
#define ICV	12
#define ERRNOS	8

/* What life_load.py knows as well: twelve words, then the slots. */
struct control {
	uint32_t stop;
	uint32_t hold;		/* do not send down now */
	uint32_t mark;		/* for what goes down; 0: none */
	uint32_t first_seq;
	uint32_t spare[8];
	struct slot {
		uint64_t up, down, got;
		struct { uint32_t number, count; } refused[ERRNOS];
	} slot[];
};

struct end {
	int family;
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at;
	socklen_t len;
	const uint8_t *addr;
	unsigned int addr_len;
	uint16_t port;		/* network byte order */
};

static struct {
	uint32_t spi;
	uint8_t ik[20], ck[16];
	unsigned int ik_len;
	bool cbc;
} sa;

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct end read_end(const char *addr, const char *port)
{
	struct end e = { .port = htons(atoi(port)) };

	if (inet_pton(AF_INET, addr, &e.at.in.sin_addr) == 1) {
		e.family = e.at.in.sin_family = AF_INET;
		e.at.in.sin_port = e.port;
		e.len = sizeof(e.at.in);
		e.addr_len = 4;
	} else if (inet_pton(AF_INET6, addr, &e.at.in6.sin6_addr) == 1) {
		e.family = e.at.in6.sin6_family = AF_INET6;
		e.at.in6.sin6_port = e.port;
		e.len = sizeof(e.at.in6);
		e.addr_len = 16;
	} else {
		die(addr);
	}
	return e;
}

static const void *address(const struct end *e)
{
	return e->family == AF_INET ? (const void *)&e->at.in.sin_addr :
				      (const void *)&e->at.in6.sin6_addr;
}

static unsigned int read_hex(const char *text, uint8_t *out, unsigned int max)
{
	unsigned int n;

	for (n = 0; n < max && text[2 * n]; n++)
		if (sscanf(text + 2 * n, "%2hhx", &out[n]) != 1)
			die("hex");
	return n;
}

static void enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		die(path);
	close(fd);
}

static uint32_t add_words(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; len -= 2, p += 2)
		sum += p[0] << 8 | p[1];
	return len ? sum + (p[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	sum = (sum >> 16) + (sum & 0xffff);
	sum += sum >> 16;
	return htons(~sum);
}

/* The IP header of @payload octets of ESP. */
static size_t put_ip(uint8_t *out, const struct end *from, const struct end *to,
		     size_t payload)
{
	struct ip6_hdr ip6 = { .ip6_vfc = 6 << 4, .ip6_nxt = IPPROTO_ESP, .ip6_hlim = 64 };
	struct iphdr ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_ESP };

	if (from->family == AF_INET6) {
		ip6.ip6_plen = htons(payload);
		memcpy(&ip6.ip6_src, address(from), 16);
		memcpy(&ip6.ip6_dst, address(to), 16);
		memcpy(out, &ip6, sizeof(ip6));
		return sizeof(ip6);
	}
	ip.tot_len = htons(sizeof(ip) + payload);
	memcpy(&ip.saddr, address(from), 4);
	memcpy(&ip.daddr, address(to), 4);
	ip.check = fold(add_words((void *)&ip, sizeof(ip), 0));
	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip);
}

static size_t put_udp(uint8_t *out, const struct end *from, const struct end *to)
{
	size_t len = sizeof(struct udphdr) + SIZE;
	struct udphdr udp = { .source = from->port, .dest = to->port, .len = htons(len) };
	uint32_t sum = IPPROTO_UDP + len;

	memset(out + sizeof(udp), 'u', SIZE);
	memcpy(out, &udp, sizeof(udp));
	sum = add_words(address(from), from->addr_len, sum);
	sum = add_words(address(to), to->addr_len, sum);
	udp.check = fold(add_words(out, len, sum));
	memcpy(out, &udp, sizeof(udp));
	return len;
}

static void encrypt(uint8_t *iv, uint8_t *text, size_t len)
{
	static EVP_CIPHER_CTX *c;
	int n;

	if (!c)
		c = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex(c, EVP_aes_128_cbc(), NULL, sa.ck, iv);
	EVP_CIPHER_CTX_set_padding(c, 0);
	if (EVP_EncryptUpdate(c, text, &n, text, len) != 1 || (size_t)n != len)
		die("encrypt");
}

/* RFC 4303 2: header, IV, datagram, padding, trailer, ICV. */
static size_t put_esp(uint8_t *out, const struct end *from, const struct end *to, uint32_t seq)
{
	uint32_t head[2] = { htonl(sa.spi), htonl(seq) };
	unsigned int iv = sa.cbc ? 16 : 0, align = sa.cbc ? 16 : 4, pad = 0;
	uint8_t *text = out + sizeof(head) + iv, icv[EVP_MAX_MD_SIZE];
	size_t n = put_udp(text, from, to);

	while ((n + 2) % align)
		text[n++] = ++pad;
	text[n++] = pad;
	text[n++] = IPPROTO_UDP;
	memcpy(out, head, sizeof(head));
	memset(out + sizeof(head), seq, iv);
	if (sa.cbc)
		encrypt(out + sizeof(head), text, n);
	n += sizeof(head) + iv;
	HMAC(sa.ik_len == 16 ? EVP_md5() : EVP_sha1(), sa.ik, sa.ik_len, out, n, icv, NULL);
	memcpy(out + n, icv, ICV);
	return n + ICV;
}

static size_t put_packet(uint8_t *out, const struct end *from, const struct end *to,
			 uint32_t seq)
{
	size_t head = from->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	size_t payload = put_esp(out + head, from, to, seq);

	return put_ip(out, from, to, payload) + payload;
}

static void note(struct slot *slot, int number)
{
	unsigned int i;

	for (i = 0; i < ERRNOS; i++) {
		if (slot->refused[i].count && slot->refused[i].number != (uint32_t)number)
			continue;
		slot->refused[i].number = number;
		slot->refused[i].count++;
		return;
	}
}

static void send_down(int fd, struct control *control, struct slot *slot,
		      const struct end *to)
{
	static uint8_t data[SIZE];
	static uint32_t have;
	uint32_t mark = __atomic_load_n(&control->mark, __ATOMIC_RELAXED);

	if (mark != have && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		die("SO_MARK");
	have = mark;
	if (sendto(fd, data, sizeof(data), MSG_DONTWAIT, &to->at.sa, to->len) < 0)
		note(slot, errno);
	else
		slot->down++;
	while (recv(fd, data, sizeof(data), MSG_DONTWAIT | MSG_TRUNC) >= 0)
		slot->got++;
}

int main(int argc, char **argv)
{
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_halen = ETH_ALEN };
	struct control *control;
	struct end ue, pcscf;
	struct slot *slot;
	cpu_set_t cpus;
	uint8_t packet[MAX];
	uint32_t seq;
	time_t end;
	int fd, up, down = -1, one = 1;

	if (argc != 16)
		return 2;
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	control = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd < 0 || control == MAP_FAILED)
		die(argv[1]);
	slot = &control->slot[atoi(argv[2])];
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[3]), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("affinity");
	end = time(NULL) + atoi(argv[4]);

	enter(argv[5]);
	up = socket(AF_PACKET, SOCK_DGRAM, 0);
	link.sll_ifindex = if_nametoindex(argv[7]);
	read_hex(argv[8], link.sll_addr, ETH_ALEN);
	ue = read_end(argv[9], argv[10]);
	pcscf = read_end(argv[11], argv[12]);
	link.sll_protocol = htons(ue.family == AF_INET ? ETHERTYPE_IP : ETHERTYPE_IPV6);
	sa.spi = strtoul(argv[13], NULL, 0);
	sa.ik_len = read_hex(argv[14], sa.ik, sizeof(sa.ik));
	sa.cbc = strcmp(argv[15], "-");
	if (sa.cbc)
		read_hex(argv[15], sa.ck, sizeof(sa.ck));

	if (strcmp(argv[6], "-")) {
		enter(argv[6]);
		down = socket(pcscf.family, SOCK_DGRAM, 0);
		setsockopt(down, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (down < 0 || bind(down, &pcscf.at.sa, pcscf.len))
			die("socket");
	}

	for (seq = control->first_seq; !__atomic_load_n(&control->stop, __ATOMIC_RELAXED); seq++) {
		size_t len = put_packet(packet, &ue, &pcscf, seq);

		if (sendto(up, packet, len, 0, (void *)&link, sizeof(link)) < 0)
			note(slot, errno);
		else
			slot->up++;
		if (down >= 0 && !__atomic_load_n(&control->hold, __ATOMIC_RELAXED))
			send_down(down, control, slot, &ue);
		if (!(seq & 63) && time(NULL) > end)
			break;
	}
	return 0;
}
