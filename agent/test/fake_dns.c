// SPDX-License-Identifier: GPL-2.0-or-later
#include "fake_dns.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"
#include "proof.h"

#define TTL 60

struct fake_dns fake_dns;

static struct {
	char name[128];
	uint16_t type;
	uint32_t ttl;
	uint8_t data[512];
	size_t n;
} records[128];
static unsigned int n_records;

static int fd = -1;
static struct event *event;

static size_t put(uint8_t *p, uint32_t number, unsigned int octets)
{
	for (unsigned int i = 0; i < octets; i++)
		p[i] = number >> 8 * (octets - 1 - i);
	return octets;
}

static size_t put_text(uint8_t *p, const char *text)
{
	p[0] = strlen(text);
	memcpy(p + 1, text, p[0]);
	return p[0] + 1;
}

static size_t put_name(uint8_t *p, const char *name)
{
	size_t n = 0;

	while (*name && strcmp(name, ".") != 0) {
		size_t label = strcspn(name, ".");

		p[n++] = label;
		memcpy(p + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	p[n++] = 0;
	return n;
}

static uint8_t *add(const char *name, uint16_t type, uint32_t ttl)
{
	assert_true(n_records < sizeof(records) / sizeof(records[0]));
	strcpy(records[n_records].name, name);
	records[n_records].type = type;
	records[n_records].ttl = ttl;
	return records[n_records].data;
}

void fake_dns_address(const char *name, const char *address, uint32_t ttl)
{
	struct addr a;
	uint8_t *p;

	assert_true(addr_parse(&a, address, 0));
	p = add(name, a.family == AF_INET6 ? DNS_AAAA : DNS_A, ttl);
	memcpy(p, a.ip, addr_ip_len(&a));
	records[n_records++].n = addr_ip_len(&a);
}

void fake_dns_srv(const char *name, unsigned int priority, unsigned int weight,
		  unsigned int port, const char *target)
{
	uint8_t *p = add(name, DNS_SRV, TTL);
	size_t n = put(p, priority, 2);

	n += put(p + n, weight, 2);
	n += put(p + n, port, 2);
	records[n_records++].n = n + put_name(p + n, target);
}

void fake_dns_naptr(const char *name, unsigned int order, unsigned int preference,
		    const char *flags, const char *service, const char *replacement)
{
	uint8_t *p = add(name, DNS_NAPTR, TTL);
	size_t n = put(p, order, 2);

	n += put(p + n, preference, 2);
	n += put_text(p + n, flags);
	n += put_text(p + n, service);
	n += put_text(p + n, "");
	records[n_records++].n = n + put_name(p + n, replacement);
}

void fake_dns_forget(void)
{
	n_records = 0;
}

static size_t read_name(const uint8_t *p, char *name)
{
	size_t n = 0;

	*name = '\0';
	while (p[n]) {
		sprintf(name + strlen(name), "%s%.*s", *name ? "." : "", p[n], p + n + 1);
		n += p[n] + 1;
	}
	return n + 1;
}

static size_t put_record(uint8_t *p, uint16_t type, uint32_t ttl, const uint8_t *data, size_t n)
{
	size_t at = put(p, 0xc00c, 2);		/* the name of the question */

	at += put(p + at, type, 2);
	at += put(p + at, 1, 2);
	at += put(p + at, ttl, 4);
	at += put(p + at, n, 2);
	memcpy(p + at, data, n);
	return at + n;
}

static size_t put_soa(uint8_t *p)
{
	uint8_t data[64] = { 0 };

	put(data + 18, fake_dns.minimum, 4);
	return put_record(p, 6, 100000, data, 22);
}

static size_t answer(uint8_t *p)
{
	unsigned int found = 0;
	char name[256];
	size_t n = 12;
	uint16_t type;
	bool exists = false;

	n += read_name(p + n, name);
	type = p[n] << 8 | p[n + 1];
	n += 4;
	for (unsigned int i = 0; i < n_records; i++) {
		if (strcasecmp(records[i].name, name) != 0)
			continue;
		exists = true;
		if (records[i].type != type)
			continue;
		n += put_record(p + n, type, records[i].ttl, records[i].data, records[i].n);
		found++;
	}
	p[2] = 0x84 | (p[2] & 1);
	p[3] = fake_dns.refusing ? 2 : exists ? 0 : 3;
	put(p + 4, 1, 2);
	put(p + 6, fake_dns.refusing ? 0 : found, 2);
	put(p + 8, found ? 0 : 1, 2);
	put(p + 10, 0, 2);
	return found ? n : n + put_soa(p + n);
}

static void on_query(evutil_socket_t s, short what, void *arg)
{
	struct sockaddr_storage from;
	socklen_t from_n = sizeof(from);
	uint8_t p[16384];
	ssize_t n = recvfrom(s, p, 512, MSG_DONTWAIT, (struct sockaddr *)&from, &from_n);

	(void)what;
	(void)arg;
	if (n < 17)
		return;
	fake_dns.queries++;
	if (!fake_dns.silent)
		sendto(s, p, answer(p), 0, (struct sockaddr *)&from, from_n);
}

void fake_dns_open(void)
{
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);

	memset(&fake_dns, 0, sizeof(fake_dns));
	fake_dns.minimum = TTL;
	n_records = 0;
	addr_parse(&fake_dns.addr, "127.0.0.1", 0);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, addr_to_sockaddr(&fake_dns.addr, &ss)),
			 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	addr_from_sockaddr(&fake_dns.addr, (struct sockaddr *)&ss);
	event = event_new(loop_base(), fd, EV_READ | EV_PERSIST, on_query, NULL);
	event_add(event, NULL);
}

void fake_dns_close(void)
{
	event_free(event);
	close(fd);
}
