// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IP addresses with ports.  Plain values, copied; nothing owned.
 */
#include "addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "octets.h"

bool addr_parse(struct addr *a, const char *text, uint16_t port)
{
	memset(a, 0, sizeof(*a));
	a->port = port;
	if (inet_pton(AF_INET, text, a->ip) == 1)
		a->family = AF_INET;
	else if (inet_pton(AF_INET6, text, a->ip) == 1)
		a->family = AF_INET6;
	return a->family != 0;
}

bool addr_from_sockaddr(struct addr *a, const struct sockaddr *sa)
{
	memset(a, 0, sizeof(*a));
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		a->family = AF_INET;
		a->port = ntohs(in->sin_port);
		memcpy(a->ip, &in->sin_addr, 4);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		a->port = ntohs(in6->sin6_port);
		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
			a->family = AF_INET;
			memcpy(a->ip, in6->sin6_addr.s6_addr + 12, 4);
		} else {
			a->family = AF_INET6;
			memcpy(a->ip, &in6->sin6_addr, 16);
		}
		return true;
	}
	return false;
}

socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == AF_INET6) {
		struct sockaddr_in6 *in6 = (void *)ss;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(a->port);
		memcpy(&in6->sin6_addr, a->ip, 16);
		return sizeof(*in6);
	}

	struct sockaddr_in *in = (void *)ss;

	in->sin_family = AF_INET;
	in->sin_port = htons(a->port);
	memcpy(&in->sin_addr, a->ip, 4);
	return sizeof(*in);
}

struct addr addr_source(const struct addr *a)
{
	struct addr source = *a;

	source.port = 0;
	if (source.family == AF_INET6)
		memset(source.ip + 8, 0, 8);
	return source;
}

bool addr_same_ip(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && !memcmp(a->ip, b->ip, sizeof(a->ip));
}

bool addr_same(const struct addr *a, const struct addr *b)
{
	return addr_same_ip(a, b) && a->port == b->port;
}

bool addr_prefix_parse(struct addr_prefix *p, const char *text)
{
	const char *slash = strchr(text, '/');
	char ip[INET6_ADDRSTRLEN];
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	unsigned int most;

	memset(p, 0, sizeof(*p));
	if (n >= sizeof(ip))
		return false;
	memcpy(ip, text, n);
	ip[n] = '\0';
	if (!addr_parse(&p->addr, ip, 0))
		return false;
	most = addr_ip_len(&p->addr) * 8;
	p->length = most;
	if (!slash)
		return true;
	p->length = 0;
	for (slash++, n = 0; slash[n] >= '0' && slash[n] <= '9' && n < 3; n++)
		p->length = p->length * 10 + (slash[n] - '0');
	return n && !slash[n] && p->length <= most;
}

bool addr_prefix_has(const struct addr_prefix *p, const struct addr *a)
{
	unsigned int whole = p->length / 8, rest = p->length % 8;
	uint8_t mask = 0xff << (8 - rest);

	if (a->family != p->addr.family || memcmp(a->ip, p->addr.ip, whole))
		return false;
	return !rest || !((a->ip[whole] ^ p->addr.ip[whole]) & mask);
}

static char *next_buffer(void)
{
	static char buffers[4][ADDR_TEXT];
	static unsigned int turn;

	return buffers[turn++ % 4];
}

static char *put(char *p, struct str s)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

/* What stands in every message: not by inet_ntop(), which takes ten times as long for it. */
static char *put_ipv4(char *p, const uint8_t ip[4])
{
	char room[NUMBER_ROOM];

	for (unsigned int i = 0; i < 4; i++) {
		if (i)
			*p++ = '.';
		p = put(p, number_text(room, ip[i]));
	}
	return p;
}

static char *put_host(char *p, const struct addr *a)
{
	if (a->family == AF_INET)
		return put_ipv4(p, a->ip);
	if (a->family == AF_INET6) {
		*p++ = '[';
		inet_ntop(AF_INET6, a->ip, p, INET6_ADDRSTRLEN);
		p += strlen(p);
		*p++ = ']';
		return p;
	}
	*p++ = '?';
	return p;
}

const char *addr_host(const struct addr *a)
{
	char *out = next_buffer();

	*put_host(out, a) = '\0';
	return out;
}

const char *addr_text(const struct addr *a)
{
	char *out = next_buffer(), *p = put_host(out, a), room[NUMBER_ROOM];

	*p++ = ':';
	*put(p, number_text(room, a->port)) = '\0';
	return out;
}
