// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_out - JSON to standard output as it comes, without building a tree, so
// that a list may be long.  A document is one line.
#include <inttypes.h>
#include <stdio.h>

#include "ctl.h"

static unsigned int depth;
static bool begun;		/* something stands before, so a comma is due */

static void put_quoted(const char *s)
{
	putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20 || *s == 0x7f)
			printf("\\u%04x", (unsigned char)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void put_key(const char *key)
{
	if (begun)
		putchar(',');
	begun = true;
	if (key) {
		put_quoted(key);
		putchar(':');
	}
}

void ctl_out_open(const char *key, char bracket)
{
	put_key(key);
	putchar(bracket);
	begun = false;
	depth++;
}

void ctl_out_close(char bracket)
{
	putchar(bracket);
	begun = true;
	if (!--depth) {
		putchar('\n');
		begun = false;
	}
}

void ctl_out_list_item(const char *key)
{
	if (depth)
		return;
	ctl_out_open(NULL, '{');
	ctl_out_open(key, '[');
}

void ctl_out_list_end(const char *key)
{
	ctl_out_list_item(key);
	ctl_out_close(']');
	ctl_out_close('}');
}

void ctl_out_raw(const char *text, size_t n)
{
	put_key(NULL);
	fwrite(text, 1, n, stdout);
	if (!depth) {
		putchar('\n');
		begun = false;
	}
}

void ctl_out_reopen(const char *text, size_t n)
{
	while (n && text[n - 1] != '}')
		n--;
	put_key(NULL);
	fwrite(text, 1, n ? n - 1 : 0, stdout);
	depth++;
}

void ctl_out_text(const char *key, const char *value)
{
	put_key(key);
	put_quoted(value);
}

void ctl_out_number(const char *key, uint64_t value)
{
	put_key(key);
	printf("%" PRIu64, value);
}

void ctl_out_tenths(const char *key, uint64_t tenths)
{
	put_key(key);
	printf("%" PRIu64 ".%u", tenths / 10, (unsigned int)(tenths % 10));
}

void ctl_out_bool(const char *key, bool value)
{
	put_key(key);
	fputs(value ? "true" : "false", stdout);
}

void ctl_out_null(const char *key)
{
	put_key(key);
	fputs("null", stdout);
}

void ctl_out_addr(const char *key, const struct addr *a)
{
	char text[CTL_TEXT];

	if (a->family)
		ctl_out_text(key, ctl_text_addr(a, text));
	else
		ctl_out_null(key);
}

void ctl_out_hex(const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	ctl_out_text(key, text);
}
