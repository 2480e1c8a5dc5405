// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs of octets: comparing, trimming, reading numbers, and putting new ones
 * together. A struct str owns nothing; a struct octets owns its memory.
 */
#include "octets.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool str_within(struct str part, struct str s)
{
	return part.p && s.p && part.p >= s.p && part.n <= s.n &&
	       (size_t)(part.p - s.p) <= s.n - part.n;
}

struct str str_unquote(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return (struct str){ s.p + 1, s.n - 2 };
	return s;
}

bool str_number(struct str s, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(s.p[i] - '0');
		if (value > max)
			return false;
	}
	*out = (uint32_t)value;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool str_hex(struct str s, uint8_t *out, size_t n)
{
	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s.p[2 * i]), low = hex_digit(s.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void hex_of(char *out, const uint8_t *octets, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digits[octets[i] >> 4];
		*out++ = digits[octets[i] & 15];
	}
}

void str_copy(struct str s, char *out, size_t room)
{
	size_t n = s.n < room ? s.n : room - 1;

	memcpy(out, s.p ? s.p : "", n);
	out[n] = '\0';
}

struct str number_text(char room[NUMBER_ROOM], unsigned long long n)
{
	char *p = room + NUMBER_ROOM;

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return (struct str){ p, (size_t)(room + NUMBER_ROOM - p) };
}

bool octets_reserve(struct octets *o, size_t n)
{
	size_t size = o->size ? o->size : 512;
	char *p;

	if (o->failed || n > SIZE_MAX / 2 - o->n - 1) {
		o->failed = true;
		return false;
	}
	while (size < o->n + n + 1)
		size *= 2;
	if (size == o->size)
		return true;
	p = realloc(o->p, size);
	if (!p) {
		o->failed = true;
		return false;
	}
	o->p = p;
	o->size = size;
	return true;
}

void octets_put_all(struct octets *o, const char *const *texts)
{
	for (; *texts; texts++)
		octets_puts(o, *texts);
}

void octets_number(struct octets *o, unsigned long long n)
{
	char room[NUMBER_ROOM];

	octets_put(o, number_text(room, n));
}

void octets_printf(struct octets *o, const char *fmt, ...)
{
	va_list args;
	size_t room;
	int n;

	/* Nearly always there is room and once is enough. */
	if (!o->size)
		octets_reserve(o, 0);
	for (int round = 0; round < 2; round++) {
		room = o->failed ? 0 : o->size - o->n;
		va_start(args, fmt);
		n = vsnprintf(room ? o->p + o->n : NULL, room, fmt, args);
		va_end(args);
		if (n >= 0 && (size_t)n < room) {
			o->n += (size_t)n;
			return;
		}
		if (n < 0 || !octets_reserve(o, (size_t)n)) {
			o->failed = true;
			return;
		}
	}
}

void octets_free(struct octets *o)
{
	free(o->p);
	*o = (struct octets){ 0 };
}
