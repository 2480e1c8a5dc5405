// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ueload - up to 100,000 phones in one process: SIP over UDP, AKA and ESP of its own, as raw
 * packets over a tun device, so that no kernel but gmgate's has their SAs.
 *
 *   ueload TUN PCSCF-ADDRESS PORT DOMAIN cbc|null [answers-on-uc]
 *
 * With the last word answers are taken on the SA of port_uc, too, where Kamailio sends them.
 *
 * UE n has the address 10.64.0.0 + n + 1 and the identity n@DOMAIN.  Lines of standard
 * input, each answered by a line of JSON when all of it has ended:
 *
 *   register FIRST COUNT RATE    both rounds, for a new set of SAs; RATE a second, 0: at once,
 *                                -RATE: so many on average, at random as customers are (Poisson)
 *   refresh | reregister         on the SAs, without a challenge, and with one
 *   subscribe                    to the own registration state: 200, and a NOTIFY answered
 *   message                      to itself: up, and down again
 *
 *   mix FIRST COUNT RATE TOTAL   the last four in turn, by those of the UEs that have nothing to do
 *
 *   dump FIRST COUNT 0           [n, port_uc, spi_us, spi_ps] of each that has SAs
 *
 *   storm                        register, all at once, as after an outage: a UE that gets 503
 *                                waits for Retry-After, scaled down to a tenth, and goes on
 *
 * Open loop: the next begins when it is its time, whatever became of the last.  A request
 * is repeated after 2 s, 4 s, .. and given up after 30 s.  What comes from the network side is
 * answered.  One thread; a UE does one thing at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "aka.h"
#include "esp.h"
#include "text.h"

#define MOST 100000
#define CLEAR_PORT 5060
#define FIRST_REPEAT 2000000u
#define PATIENCE 30000000u
#define STORM_PATIENCE 95000000u
#define RETRY_US 100000u		/* of a second of Retry-After: a tenth */
#define TICK_US 100000u

enum job { IDLE, REGISTER, REFRESH, REREGISTER, SUBSCRIBE, MESSAGE, STORM, MIX };
static const char *const jobs[] = {
	"", "register", "refresh", "reregister", "subscribe", "message", "storm", "mix",
};

/* One set of SAs; the ports of both sides, the SPIs by who receives. */
struct sas {
	struct esp_keys keys;
	uint16_t uc, us, pc, ps;
	uint32_t spi_uc, spi_us, spi_pc, spi_ps;
	uint32_t seq_c, seq_s;		/* of what we send from uc and from us */
	bool there;
};

struct ue {
	struct sas now, next;		/* next: of a 401, not answered by a 200 yet */
	uint32_t generation;
	uint32_t cseq;
	enum job job;
	bool answered_challenge, notified;
	uint32_t awaited;		/* CSeq of what is on its way */
	uint64_t began, repeat_at, interval;
	uint64_t again_at;		/* after a 503, 0: not */
	char *last;			/* the packet's text, to be repeated */
	size_t last_n;
	bool last_clear, last_next;
	char verify[640];
	struct ue *prev_busy, *next_busy;
};

static struct ue *ues;
static struct ue *busy;
static int tun;
static uint32_t pcscf;
static uint16_t pcscf_port;
static const char *domain, *ealg;
static bool answers_on_uc;
static uint32_t life;			/* no branch is that of another run */
static struct text_result result;

static uint32_t address_of(const struct ue *u)
{
	return htonl(0x0a400001u + (uint32_t)(u - ues));
}

static const char *address_text(const struct ue *u)
{
	struct in_addr a = { address_of(u) };

	return inet_ntoa(a);
}

/* ---- sending ---- */

static void send_packet(struct ue *u, struct sas *s, bool from_server, const char *data, size_t n)
{
	static uint8_t packet[8192];
	size_t size;

	if (n + ESP_ROOM > sizeof(packet))
		return;
	if (!s)
		size = esp_packet(packet, NULL, address_of(u), pcscf, CLEAR_PORT, pcscf_port, 0, 0, data, n);
	else if (from_server)
		size = esp_packet(packet, &s->keys, address_of(u), pcscf, s->us, s->pc, s->spi_pc,
				  ++s->seq_s, data, n);
	else
		size = esp_packet(packet, &s->keys, address_of(u), pcscf, s->uc, s->ps, s->spi_ps,
				  ++s->seq_c, data, n);
	if (write(tun, packet, size) < 0 && errno != EAGAIN && errno != ENOBUFS)
		fprintf(stderr, "ueload: tun: %s\n", strerror(errno));
}

static void send_last(struct ue *u)
{
	send_packet(u, u->last_clear ? NULL : u->last_next ? &u->next : &u->now, false, u->last,
		    u->last_n);
}

/* A request that is repeated until it is answered. */
static void ask(struct ue *u, bool clear, bool next, const char *text, size_t n)
{
	free(u->last);
	u->last = malloc(n);
	if (!u->last)
		abort();
	memcpy(u->last, text, n);
	u->last_n = n;
	u->last_clear = clear;
	u->last_next = next;
	u->awaited = u->cseq;
	u->interval = FIRST_REPEAT;
	u->repeat_at = text_now_us() + u->interval;
	send_last(u);
}

static size_t head(struct ue *u, const char *method, const char *uri, uint16_t port, char *out,
		   size_t room)
{
	unsigned int n = (unsigned int)(u - ues);

	u->cseq++;
	return (size_t)snprintf(out, room,
		"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:%u;branch=z9hG4bK%x-%x-%x;rport\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:%u@%s>;tag=%x\r\nTo: <sip:%u@%s>\r\n"
		"Call-ID: %s-%u-%x-%x\r\nCSeq: %u %s\r\n", method, uri, address_text(u), port, life, n,
		u->cseq, n, domain, n, n, domain, method, n, life, method[0] == 'R' ? 0 : u->cseq, u->cseq, method);
}

static uint32_t spi_of(const struct ue *u, uint32_t generation, uint32_t which)
{
	return 0x40000000u + (uint32_t)(u - ues) * 64 + generation % 16 * 2 + which;
}

/*
 * REGISTER: in clear, on the SAs, or with RES on those to come. @challenge: the core is asked
 * for one, on SAs.
 */
static void send_register(struct ue *u, bool on_next, const char *response, const char *nonce,
			  bool challenge)
{
	uint32_t g = on_next ? u->generation : u->generation + 1;
	uint16_t uc = (uint16_t)(30000 + g % 16), us = 40000;
	char text[6144], uri[80];
	size_t n;

	snprintf(uri, sizeof(uri), "sip:%s", domain);
	n = head(u, "REGISTER", uri, on_next || u->now.there ? us : CLEAR_PORT, text, sizeof(text));
	n += (size_t)snprintf(text + n, sizeof(text) - n,
		"Contact: <sip:%u@%s:%u>;expires=600000;+sip.instance=\"<urn:gsma:imei:35622410-%06u-0>\"\r\n"
		"Authorization: Digest username=\"%u@%s\",realm=\"%s\",uri=\"%s\",nonce=\"%s\","
		"response=\"%s\",algorithm=AKAv1-MD5\r\n"
		"Supported: path,sec-agree\r\nRequire: sec-agree\r\nProxy-Require: sec-agree\r\n"
		"Security-Client: ipsec-3gpp;alg=hmac-sha-1-96;ealg=%s;prot=esp;mod=trans;"
		"spi-c=%u;spi-s=%u;port-c=%u;port-s=%u\r\n%s%s"
		"P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=0010100010000010b\r\n"
		"User-Agent: ueload\r\nContent-Length: 0\r\n\r\n",
		(unsigned int)(u - ues), address_text(u), us, (unsigned int)(u - ues),
		(unsigned int)(u - ues), domain, domain, uri, nonce, response, ealg,
		spi_of(u, g, 0), spi_of(u, g, 1), uc, us,
		on_next || u->now.there ? u->verify : "", challenge ? "X-Load: challenge\r\n" : "");
	ask(u, !on_next && !u->now.there, on_next, text, n);
}

static void send_other(struct ue *u, const char *method, const char *lines)
{
	char text[6144], uri[96];
	size_t n;

	snprintf(uri, sizeof(uri), "sip:%u@%s", (unsigned int)(u - ues), domain);
	n = head(u, method, uri, u->now.us, text, sizeof(text));
	n += (size_t)snprintf(text + n, sizeof(text) - n,
		"Contact: <sip:%u@%s:%u>\r\nP-Preferred-Identity: <%s>\r\n%s%s\r\n",
		(unsigned int)(u - ues), address_text(u), u->now.us, uri, u->verify, lines);
	ask(u, false, false, text, n);
}

/* ---- what is under way ---- */

static void begin(struct ue *u, enum job job)
{
	if (u->job != IDLE || (job != REGISTER && job != STORM && !u->now.there)) {
		result.failed++;
		return;
	}
	u->job = job;
	u->answered_challenge = u->notified = false;
	u->began = text_now_us();
	u->prev_busy = NULL;
	u->next_busy = busy;
	if (busy)
		busy->prev_busy = u;
	busy = u;
	switch (job) {
	case REGISTER:
	case STORM:
		u->now.there = false;
		/* fall through */
	case REFRESH:
	case REREGISTER:
		send_register(u, false, "", "", job == REREGISTER);
		break;
	case SUBSCRIBE:
		send_other(u, "SUBSCRIBE", "Event: reg\r\nExpires: 600000\r\n"
			   "Accept: application/reginfo+xml\r\nContent-Length: 0\r\n");
		break;
	default:
		send_other(u, "MESSAGE", "Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nhello");
	}
}

static void end(struct ue *u, unsigned int *what)
{
	if (u->job == IDLE)
		return;
	if (what == &result.ok)
		text_went_well(&result, u->began);
	++*what;
	u->job = IDLE;
	u->repeat_at = u->again_at = 0;
	if (u->prev_busy)
		u->prev_busy->next_busy = u->next_busy;
	else
		busy = u->next_busy;
	if (u->next_busy)
		u->next_busy->prev_busy = u->prev_busy;
}

static void look_at_timers(void)
{
	uint64_t now = text_now_us();

	for (struct ue *u = busy, *next; u; u = next) {
		next = u->next_busy;
		if (u->again_at && u->again_at <= now) {
			u->again_at = 0;
			send_register(u, false, "", "", false);
		} else if (now - u->began > (u->job == STORM ? STORM_PATIENCE : PATIENCE)) {
			end(u, &result.lost);
		} else if (u->repeat_at && u->repeat_at <= now) {
			u->interval *= 2;
			u->repeat_at = now + u->interval;
			result.repeated++;
			send_last(u);
		}
	}
}

/* ---- what comes ---- */

static void challenged(struct ue *u, const char *msg)
{
	char nonce[64], response[33], impi[64], uri[80], server[512];
	struct aka_vector v;
	struct sas *s = &u->next;

	if (u->answered_challenge || !text_quoted(msg, "nonce=\"", nonce, sizeof(nonce)) ||
	    !aka_read_nonce(nonce, &v) || !aka_answer((uint32_t)(u - ues), &v) ||
	    !*text_copy(msg, "Security-Server", server, sizeof(server))) {
		end(u, &result.failed);
		return;
	}
	u->generation++;
	*s = (struct sas){
		.uc = (uint16_t)(30000 + u->generation % 16), .us = 40000,
		.pc = (uint16_t)text_number(server, "port-c="),
		.ps = (uint16_t)text_number(server, "port-s="),
		.spi_pc = (uint32_t)text_number(server, "spi-c="),
		.spi_ps = (uint32_t)text_number(server, "spi-s="),
		.spi_uc = spi_of(u, u->generation, 0), .spi_us = spi_of(u, u->generation, 1),
		.there = true,
	};
	memcpy(s->keys.ck, v.ck, 16);
	memcpy(s->keys.ik, v.ik, 16);
	s->keys.encrypted = !strcmp(ealg, "aes-cbc");
	snprintf(u->verify, sizeof(u->verify), "Security-Verify: %s\r\n", server);
	u->answered_challenge = true;
	snprintf(impi, sizeof(impi), "%u@%s", (unsigned int)(u - ues), domain);
	snprintf(uri, sizeof(uri), "sip:%s", domain);
	aka_response(&v, impi, domain, nonce, uri, response);
	send_register(u, true, response, nonce, false);
}

static void answer_came(struct ue *u, const char *msg)
{
	unsigned int status = (unsigned int)strtoul(msg + 8, NULL, 10);

	if (u->job == IDLE || text_number(msg, "\r\nCSeq: ") != u->awaited || status < 200)
		return;
	u->repeat_at = 0;
	if (status == 503 && u->job == STORM) {
		/* It begins anew, as a phone would, and is as patient as one. */
		result.refused++;
		u->answered_challenge = false;
		u->again_at = text_now_us() + text_number(msg, "\r\nRetry-After: ") * RETRY_US + 1;
		u->awaited = 0;
	} else if (status == 401 && u->job != SUBSCRIBE && u->job != MESSAGE) {
		challenged(u, msg);
	} else if (status != 200) {
		if (!result.failed)
			fprintf(stderr, "ueload: UE %u: %.400s\n", (unsigned int)(u - ues), msg);
		end(u, &result.failed);
	} else if (u->job == SUBSCRIBE || u->job == MESSAGE) {
		/* The other half may have come before. */
		u->awaited = 0;
		if (u->notified)
			end(u, &result.ok);
	} else {
		if (u->answered_challenge)
			u->now = u->next;
		end(u, u->job == REFRESH || u->answered_challenge ? &result.ok : &result.failed);
	}
}

static void request_came(struct ue *u, struct sas *s, const char *msg)
{
	char text[4096];
	size_t n = text_answer(msg, "200 OK", "u", "", text, sizeof(text));

	send_packet(u, s, true, text, n);
	if (u->job != (msg[0] == 'N' ? SUBSCRIBE : MESSAGE) || u->notified)
		return;
	u->notified = true;
	if (!u->awaited)
		end(u, &result.ok);
}

/* TS 33.203 7.1: over UDP everything comes to port_us. */
static bool is_for(const struct sas *s, uint32_t spi)
{
	return s->there && (spi == s->spi_us || (answers_on_uc && spi == s->spi_uc));
}

static void packet_came(uint8_t *packet, size_t n)
{
	struct esp_datagram d;
	struct sas *s = NULL;
	struct ue *u;
	uint32_t at;
	char last;

	if (!esp_head(packet, n, &d))
		return;
	at = ntohl(d.dst) - 0x0a400001u;
	if (at >= MOST)
		return;
	u = &ues[at];
	if (d.spi) {
		s = u->next.there && is_for(&u->next, d.spi) ? &u->next : &u->now;
		if (!is_for(s, d.spi) || !esp_open(packet, n, &s->keys, &d)) {
			fprintf(stderr, "ueload: UE %u: ESP that it cannot read, SPI %#x\n", at, d.spi);
			result.failed++;
			return;
		}
	}
	/* There is an octet behind: of padding, or of the buffer. */
	last = d.data[d.n];
	d.data[d.n] = 0;
	if (!strncmp(d.data, "SIP/2.0 ", 8))
		answer_came(u, d.data);
	else if (s)
		request_came(u, s, d.data);
	d.data[d.n] = last;
}

/* ---- the loop ---- */

static void read_packets(void)
{
	static uint8_t packet[65536];
	ssize_t n;

	for (int i = 0; i < 64 && (n = read(tun, packet, sizeof(packet) - 1)) > 0; i++)
		packet_came(packet, (size_t)n);
}

/* The @nth of a mix. False: it is to wait, as all UEs are busy. */
static bool begin_mixed(unsigned int first, unsigned int count, unsigned int nth)
{
	/* Each UE comes to do each. */
	enum job job = REFRESH + (nth + nth / count) % 4;

	for (unsigned int i = 0; i < count; i++) {
		struct ue *u = &ues[first + (nth + i) % count];

		if (u->job == IDLE) {
			begin(u, job);
			return true;
		}
	}
	return false;
}

/*
 * Until a packet has come, or it is @until. The CPU is to sleep meanwhile: where its clock counts
 * instructions a loop that looks at the clock takes a second of it for every second.
 */
static void wait_until(uint64_t until)
{
	struct pollfd p = { .fd = tun, .events = POLLIN };
	uint64_t now = text_now_us(), us = until > now ? until - now : 0;
	struct timespec t = { .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 };

	ppoll(&p, 1, &t, NULL);
}

/* Microseconds from one that begins to the next. */
static double gap(double rate)
{
	if (rate < 0)
		return log(1 - drand48()) * 1e6 / rate;
	return rate > 0 ? 1e6 / rate : 0;
}

/* @asked: of a mix, how many requests; else the same as @count. */
static void run(enum job job, unsigned int first, unsigned int count, double rate,
		unsigned int asked)
{
	uint64_t tick = 0;
	unsigned int begun = 0;
	double due = 0;			/* when the next begins, since the first */

	srand48(1);
	memset(&result, 0, sizeof(result));
	result.what = jobs[job];
	result.asked = asked;
	result.began = text_now_us();
	result.us = calloc(asked + 1, sizeof(*result.us));
	if (!result.us)
		abort();
	while (begun < asked || busy) {
		uint64_t now = text_now_us();
		bool all_busy = false;

		/* A flood of our own is read between. */
		for (int i = 0; i < 64 && begun < asked && (double)(now - result.began) >= due;
		     i++, begun++, due += gap(rate))
			if (job != MIX)
				begin(&ues[first + begun], job);
			else if ((all_busy = !begin_mixed(first, count, begun)))
				break;
		if (now >= tick) {
			look_at_timers();
			tick = now + TICK_US;
		}
		wait_until(begun == asked || all_busy || result.began + due > (double)tick ?
			   tick : result.began + (uint64_t)due + 1);
		read_packets();
	}
	result.ended = text_now_us();
	text_print(&result);
	free(result.us);
}

static void dump(unsigned int first, unsigned int count)
{
	const char *comma = "";

	printf("{\"ues\":[");
	for (unsigned int n = first; n < first + count; n++) {
		const struct sas *s = &ues[n].now;

		if (!s->there)
			continue;
		printf("%s[%u,%u,%u,%u]", comma, n, s->uc, s->spi_us, s->spi_ps);
		comma = ",";
	}
	puts("]}");
	fflush(stdout);
}

/* Between two lines phones still answer. */
static bool next_line(char *line, size_t room)
{
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN }, { .fd = tun, .events = POLLIN },
		};

		poll(p, 2, -1);
		if (p[1].revents)
			read_packets();
		if (p[0].revents)
			return fgets(line, (int)room, stdin);
	}
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
	char line[128], word[32];
	unsigned int first, count, total;
	double rate;
	int words;

	life = (uint32_t)text_now_us() ^ (uint32_t)getpid() << 16;
	setvbuf(stdin, NULL, _IONBF, 0);
	ues = calloc(MOST, sizeof(*ues));
	answers_on_uc = argc == 7 && !strcmp(argv[6], "answers-on-uc");
	if ((argc != 6 && !answers_on_uc) || !ues || inet_pton(AF_INET, argv[2], &pcscf) != 1) {
		fputs("usage: ueload TUN PCSCF-ADDRESS PORT DOMAIN cbc|null [answers-on-uc]\n", stderr);
		return 2;
	}
	pcscf_port = (uint16_t)atoi(argv[3]);
	domain = argv[4];
	ealg = !strcmp(argv[5], "cbc") ? "aes-cbc" : "null";
	tun = open_tun(argv[1]);
	if (tun < 0) {
		perror("ueload: tun");
		return 1;
	}
	puts("{\"ready\":true}");
	fflush(stdout);
	while (next_line(line, sizeof(line))) {
		words = sscanf(line, "%31s %u %u %lf %u", word, &first, &count, &rate, &total);
		if (words < 4 || !count || (uint64_t)first + count > MOST ||
		    (words == 5) != !strcmp(word, "mix")) {
			puts("{\"error\":\"what?\"}");
			fflush(stdout);
			continue;
		}
		if (!strcmp(word, "dump"))
			dump(first, count);
		for (enum job job = REGISTER; job <= MIX; job++)
			if (!strcmp(word, jobs[job]))
				run(job, first, count, rate, job == MIX ? total : count);
	}
	return 0;
}
