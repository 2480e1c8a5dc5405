/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _OCTETS_H
#define _OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/*
 * A run of octets that somebody else owns; never terminated by a 0.
 * p == NULL: there is none, which differs from one of no length.
 */
struct str {
	const char *p;
	size_t n;
};

#define STR_NONE ((struct str){ NULL, 0 })
#define STR_LIT(text) ((struct str){ (text), sizeof(text) - 1 })
/* For "%.*s" of printf. */
#define STR_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_of(const char *text)
{
	return (struct str){ text, text ? strlen(text) : 0 };
}

static inline struct str str_from(struct str s, size_t at)
{
	return (struct str){ s.p + at, s.n - at };
}

static inline bool str_same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII letters without regard to case. */
static inline bool str_same_nocase(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

/* True when @part points into @s. */
bool str_within(struct str part, struct str s);

static inline bool is_blank_or_end(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without the blanks, tabs, CR and LF (folded lines) at both ends. */
static inline struct str str_trim(struct str s)
{
	/* The end first: of blanks alone nothing stays, at their beginning. */
	while (s.n && is_blank_or_end(s.p[s.n - 1]))
		s.n--;
	while (s.n && is_blank_or_end(s.p[0]))
		s = str_from(s, 1);
	return s;
}

/* Without one pair of double quotes around it, when it has one. */
struct str str_unquote(struct str s);

/* Decimal digits only, leading zeros allowed, at most @max. */
bool str_number(struct str s, uint32_t max, uint32_t *out);

/* 2 * @n hexadecimal digits of either case. */
bool str_hex(struct str s, uint8_t *out, size_t n);

/* The other way: 2 * @n of the lower case into @out, without a 0. */
void hex_of(char *out, const uint8_t *octets, size_t n);

/* As much of it as there is room for in @out, with a 0 at its end. */
void str_copy(struct str s, char *out, size_t room);

/* @n in decimal, as the last of the 20 at @room; without a 0. */
#define NUMBER_ROOM 20
struct str number_text(char room[NUMBER_ROOM], unsigned long long n);

/*
 * Octets being put together. Start from {0}. When memory runs out, @failed
 * stays set and everything put later is ignored, so that one look at the end
 * is enough.
 */
struct octets {
	char *p;
	size_t n;
	size_t size;
	bool failed;
};

/* Makes room for @n more and a 0 behind them; false: no memory, @failed is set. */
bool octets_reserve(struct octets *o, size_t n);

/* Here, since a message is put together of hundreds of pieces. */
static inline void octets_put(struct octets *o, struct str s)
{
	if (!s.n || ((o->failed || s.n >= o->size - o->n) && !octets_reserve(o, s.n)))
		return;
	memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

static inline void octets_puts(struct octets *o, const char *text)
{
	octets_put(o, str_of(text));
}

void octets_printf(struct octets *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Texts, one after the other. */
#define octets_join(o, ...) octets_put_all(o, (const char *const []){ __VA_ARGS__, NULL })
void octets_put_all(struct octets *o, const char *const *texts);
/* In decimal; what octets_printf() does with "%llu", at a tenth of its cost. */
void octets_number(struct octets *o, unsigned long long n);
void octets_free(struct octets *o);

static inline struct str octets_str(const struct octets *o)
{
	return (struct str){ o->p ? o->p : "", o->n };
}

#endif
