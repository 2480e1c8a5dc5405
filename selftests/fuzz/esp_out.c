// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * esp_fuzz: packets from the P-CSCF, by sockets and by raw ones with odd headers,
 * and the judge of what leaves: an IP parser of its own.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "esp_fuzz.h"

/* ---- the judge ---- */

static bool has_canary(const uint8_t *p, size_t len)
{
	return memmem(p, len, CANARY, sizeof(CANARY) - 1);
}

static bool is_pcscf(unsigned int family, const uint8_t *addr)
{
	return !memcmp(addr, world.pcscf[family].at, world.pcscf[family].len);
}

static bool protected_port(const uint8_t *port)
{
	return get16(port) == PORT_PS || get16(port) == PORT_PC;
}

/* From or to a protected address and port, in the octets at an IP header. */
static bool protected_l4(unsigned int family, const uint8_t *from, const uint8_t *to,
			 const uint8_t *l4, size_t len, bool quoted)
{
	if (len < 4)
		return is_pcscf(family, from) && !quoted;
	return (is_pcscf(family, from) && protected_port(l4)) ||
	       (quoted && is_pcscf(family, to) && protected_port(l4 + 2));
}

/*
 * Fragments that follow one which was rightly in clear: of a packet from another
 * port.  The kernel makes them behind us; what comes with an ID of its own is not
 * among them.
 */
static uint32_t clear_ids[FAMILIES][64];

static bool follows_clear(unsigned int family, uint32_t id)
{
	return clear_ids[family][id % 64] == id;
}

static bool judge(const uint8_t *p, size_t len, bool quoted);

static bool judge4(const uint8_t *p, size_t len, bool quoted)
{
	size_t head = (p[0] & 15) * 4;
	uint8_t proto = p[9];

	if (len < 20 || head < 20 || head > len)
		return false;
	if (proto == IPPROTO_ICMP && !quoted)
		return len > head + 8 && (p[head] == 3 || p[head] == 4 || p[head] == 5 ||
					  p[head] == 11 || p[head] == 12) &&
		       judge(p + head + 8, len - head - 8, true);
	if (proto != IPPROTO_UDP && proto != IPPROTO_TCP)
		return false;
	if (get16(p + 6) & 0x1fff)	/* without its ports */
		return is_pcscf(0, p + 12) && !quoted && !follows_clear(0, get16(p + 4));
	if (protected_l4(0, p + 12, p + 16, p + head, len - head, quoted))
		return true;
	if (get16(p + 6) & 0x2000 && !quoted)
		clear_ids[0][get16(p + 4) % 64] = get16(p + 4);
	return false;
}

static bool judge6(const uint8_t *p, size_t len, bool quoted)
{
	uint8_t next = p[6];
	uint32_t id = 0;
	size_t at = 40;

	if (len < 40)
		return false;
	while (next == 0 || next == 43 || next == 44 || next == 60 || next == 51) {
		if (at + 8 > len)
			return is_pcscf(1, p + 8) && !quoted;
		if (next == 44 && get16(p + at + 2) & 0xfff8)
			return p[at] != 50 && p[at] != 58 && has_canary(p, len) &&
			       !follows_clear(1, get32(p + at + 4));
		switch (next) {
		case 44:
			next = p[at];
			id = get32(p + at + 4);
			at += 8;
			break;
		case 51:
			next = p[at];
			at += (p[at + 1] + 2) * 4;
			break;
		default:
			next = p[at];
			at += (p[at + 1] + 1) * 8;
			break;
		}
	}
	if (next == IPPROTO_ICMPV6 && !quoted)
		return len > at + 8 && p[at] < 128 && judge(p + at + 8, len - at - 8, true);
	/* No receiver looks for ports in anything else, wherever it may end. */
	if (next != IPPROTO_UDP && next != IPPROTO_TCP)
		return false;
	if (protected_l4(1, p + 8, p + 24, p + at, at < len ? len - at : 0, quoted))
		return true;
	if (id && !quoted)
		clear_ids[1][id % 64] = id;
	return false;
}

static bool judge(const uint8_t *p, size_t len, bool quoted)
{
	if (!len)
		return false;
	return p[0] >> 4 == 4 ? judge4(p, len, quoted) : p[0] >> 4 == 6 ? judge6(p, len, quoted) :
	       false;
}

bool leaks(const uint8_t *packet, size_t len)
{
	return judge(packet, len, false);
}

/* ---- what is sent ---- */

static size_t canary(struct dice *d, uint8_t *data)
{
	size_t n = 8 + dice_below(d, dice_one_in(d, 8) ? 6000 : 300), i;

	for (i = 0; i < n; i++)
		data[i] = CANARY[i % (sizeof(CANARY) - 1)];
	return n;
}

/* Null encryption shows what it carries: not for what is told by its canary. */
static struct ue_set *encrypting(struct dice *d)
{
	struct ue_set *s;

	do
		s = set_some(d, dice_one_in(d, 2));
	while (!s->keys.suite->ck);
	return s;
}

static void send_datagram(struct dice *d)
{
	struct ue_set *s = encrypting(d);
	unsigned int pair = dice_below(d, 2);
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	static uint8_t data[8192];
	union {
		struct cmsghdr h;
		uint8_t room[CMSG_SPACE(4)];
	} control = {
		.h = { CMSG_LEN(4), SOL_SOCKET, SO_MARK },
	};
	struct iovec iov = { data, canary(d, data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	uint32_t mark = dice_one_in(d, 4) ? dice_below(d, s->id + 4) : s->id;
	uint16_t port = dice_one_in(d, 4) ? dice_any(d) : s->pair[pair].ue_port;

	v4.sin_port = v6.sin6_port = htons(port);
	memcpy(&v4.sin_addr, s->ue.at, 4);
	memcpy(&v6.sin6_addr, s->ue.at, 16);
	m.msg_name = s->family ? (void *)&v6 : (void *)&v4;
	m.msg_namelen = s->family ? sizeof(v6) : sizeof(v4);
	if (dice_one_in(d, 2)) {
		memcpy(CMSG_DATA(&control.h), &mark, 4);
		m.msg_control = &control;
		m.msg_controllen = sizeof(control);
	}
	sendmsg(world.udp[pair * FAMILIES + s->family], &m, 0);
}

/* What an IP header of ours may be turned into, by who writes it himself. */
static size_t odd_header4(struct dice *d, uint8_t *p, size_t n)
{
	unsigned int more;

	switch (dice_below(d, 6)) {
	case 0:
		put16(p + 6, dice_any(d));
		break;
	case 1:
		put16(p + 6, dice_one_in(d, 2) ? 0x2000 : 1 + dice_below(d, 20));
		break;
	case 2:
		more = 4 * (1 + dice_below(d, 10));
		memmove(p + 20 + more, p + 20, n - 20);
		memset(p + 20, dice_one_in(d, 2), more);
		p[0] += more / 4;
		return n + more;
	case 3:
		p[dice_below(d, 12)] ^= 1 << dice_below(d, 8);
		break;
	case 4:
		n = 20 + dice_below(d, 12);
		break;
	}
	return n;
}

static size_t odd_header6(struct dice *d, uint8_t *p, size_t n)
{
	static const uint8_t heads[] = { 0, 60, 43, 44, 51 };
	uint8_t head = heads[dice_below(d, sizeof(heads))];
	unsigned int more = head == 44 ? 8 : 8 * (1 + dice_below(d, 3));

	switch (dice_below(d, 5)) {
	case 0:
	case 1:
		memmove(p + 40 + more, p + 40, n - 40);
		memset(p + 40, 0, more);
		p[40] = p[6];
		p[6] = head;
		p[41] = head == 44 ? 0 : head == 51 ? more / 4 - 2 : more / 8 - 1;
		if (head == 44)
			put16(p + 42, dice_one_in(d, 2) ? 1 : dice_any(d));
		else if (head != 43)
			p[42] = 1, p[43] = more - 4;
		if (dice_one_in(d, 6))
			p[40 + dice_below(d, more)] ^= 1 << dice_below(d, 8);
		return n + more;
	case 2:
		p[dice_below(d, 8)] ^= 1 << dice_below(d, 8);
		break;
	case 3:
		n = 40 + dice_below(d, 12);
		break;
	}
	return n;
}

static void send_raw(struct dice *d)
{
	static uint8_t data[8192], l4[8300], out[9000];
	struct ue_set *s = encrypting(d);
	const struct ip_addr *me = &s->pcscf, *to = &s->ue;
	unsigned int pair = dice_below(d, 2), i;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	size_t len = canary(d, data), n;
	uint16_t port = dice_one_in(d, 8) ? 7000 : s->pair[pair].local_port;
	uint8_t proto = dice_one_in(d, 3) ? IPPROTO_TCP : IPPROTO_UDP;

	if (dice_one_in(d, 8))		/* by way of lo */
		to = me;
	if (len > 1300)			/* the device's, unless it is to be split */
		len = 1300;
	len = proto == IPPROTO_UDP ?
	      udp_make(l4, me, to, port, s->pair[pair].ue_port, data, len) :
	      tcp_make(l4, me, to, port, s->pair[pair].ue_port, dice_any(d), 0x18, data, len);
	n = ip_make(out, me, to, proto, len);
	memcpy(out + n, l4, len);
	n += len;
	for (i = dice_below(d, 3); i--; )
		n = s->family ? odd_header6(d, out, n) : odd_header4(d, out, n);
	if (!dice_one_in(d, 8)) {
		if (s->family)
			put16(out + 4, n - 40);
		else
			put16(out + 2, n);
	}
	memcpy(&v4.sin_addr, to->at, 4);
	memcpy(&v6.sin6_addr, to->at, 16);
	if (s->family)
		sendto(world.raw[1], out, n, 0, (void *)&v6, sizeof(v6));
	else
		sendto(world.raw[0], out, n, 0, (void *)&v4, sizeof(v4));
}

void out_packet(struct dice *d)
{
	if (dice_one_in(d, 2))
		send_datagram(d);
	else
		send_raw(d);
}
