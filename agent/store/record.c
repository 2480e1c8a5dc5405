// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Versioned fields in octets.  Pure.
 */
#include "record.h"

#include <string.h>

#define HEADER 5	/* tag and length */
#define NUMBER 8

static void put_header(struct octets *o, uint8_t tag, size_t n)
{
	const char header[HEADER] = { tag, n >> 24, n >> 16, n >> 8, n };

	if (n > UINT32_MAX)
		o->failed = true;
	octets_put(o, (struct str){ header, sizeof(header) });
}

void record_begin(struct octets *o, uint8_t version)
{
	octets_put(o, (struct str){ (const char *)&version, 1 });
}

void record_put(struct octets *o, uint8_t tag, struct str value)
{
	put_header(o, tag, value.n);
	octets_put(o, value);
}

void record_put_number(struct octets *o, uint8_t tag, uint64_t value)
{
	char number[NUMBER];

	for (int i = 0; i < NUMBER; i++)
		number[i] = value >> (56 - 8 * i);
	record_put(o, tag, (struct str){ number, sizeof(number) });
}

void record_put_addr(struct octets *o, uint8_t tag, const struct addr *a)
{
	unsigned int n = addr_ip_len(a);
	char octets[18];

	memcpy(octets, a->ip, n);
	octets[n] = a->port >> 8;
	octets[n + 1] = a->port;
	record_put(o, tag, (struct str){ octets, n + 2 });
}

size_t record_open(struct octets *o, uint8_t tag)
{
	put_header(o, tag, 0);
	return o->n;
}

void record_close(struct octets *o, size_t at)
{
	size_t n = o->n - at;

	if (o->failed)
		return;
	for (int i = 0; i < 4; i++)
		o->p[at - 4 + i] = n >> (24 - 8 * i);
}

bool record_version(struct str *rest, uint8_t version)
{
	if (!rest->n || (uint8_t)rest->p[0] != version)
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

enum record_next record_next(struct str *rest, struct record_field *f)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	size_t n;

	if (!rest->n)
		return RECORD_END;
	if (rest->n < HEADER)
		return RECORD_BROKEN;
	n = (size_t)p[1] << 24 | p[2] << 16 | p[3] << 8 | p[4];
	if (n > rest->n - HEADER)
		return RECORD_BROKEN;
	f->tag = p[0];
	f->value = (struct str){ rest->p + HEADER, n };
	*rest = str_from(*rest, HEADER + n);
	return RECORD_FIELD;
}

bool record_number(struct str value, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (value.n != NUMBER)
		return false;
	for (int i = 0; i < NUMBER; i++)
		n = n << 8 | (uint8_t)value.p[i];
	if (n > max)
		return false;
	*out = n;
	return true;
}

bool record_addr(struct str value, struct addr *out)
{
	const uint8_t *p = (const uint8_t *)value.p;

	if (value.n != 4 + 2 && value.n != 16 + 2)
		return false;
	memset(out, 0, sizeof(*out));
	out->family = value.n == 4 + 2 ? AF_INET : AF_INET6;
	memcpy(out->ip, p, value.n - 2);
	out->port = p[value.n - 2] << 8 | p[value.n - 1];
	return true;
}

bool record_text(struct str value, struct str *out)
{
	if (value.n > RECORD_TEXT || (value.n && memchr(value.p, 0, value.n)))
		return false;
	*out = value;
	return true;
}
