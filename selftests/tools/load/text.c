// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *text_header(const char *msg, const char *name, size_t *n)
{
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\r\n%s: ", name);
	at = strstr(msg, line);
	if (!at)
		return NULL;
	at += strlen(line);
	*n = strcspn(at, "\r");
	return at;
}

const char *text_copy(const char *msg, const char *name, char *out, size_t room)
{
	size_t n = 0;
	const char *at = text_header(msg, name, &n);

	snprintf(out, room, "%.*s", (int)n, at ? at : "");
	return out;
}

unsigned long text_number(const char *msg, const char *key)
{
	const char *at = strstr(msg, key);

	return at ? strtoul(at + strlen(key), NULL, 10) : 0;
}

bool text_quoted(const char *msg, const char *key, char *out, size_t room)
{
	const char *at = strstr(msg, key);

	if (!at)
		return false;
	at += strlen(key);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\""), at);
	return *out;
}

static size_t copy_lines(const char *msg, const char *name, char *out, size_t room)
{
	size_t size = strlen(name), n = 0;

	while ((msg = strstr(msg, "\r\n"))) {
		msg += 2;
		if (!strncmp(msg, name, size) && msg[size] == ':')
			n += (size_t)snprintf(out + n, room - n, "%.*s\r\n",
					      (int)strcspn(msg, "\r"), msg);
	}
	return n;
}

size_t text_answer(const char *request, const char *status, const char *tag, const char *lines,
		   char *out, size_t room)
{
	char to[256];
	size_t n = (size_t)snprintf(out, room, "SIP/2.0 %s\r\n", status);

	n += copy_lines(request, "Via", out + n, room - n);
	n += copy_lines(request, "Record-Route", out + n, room - n);
	n += copy_lines(request, "From", out + n, room - n);
	text_copy(request, "To", to, sizeof(to));
	n += (size_t)snprintf(out + n, room - n, "To: %s%s%s\r\n", to,
			      strstr(to, ";tag=") ? "" : ";tag=", strstr(to, ";tag=") ? "" : tag);
	n += copy_lines(request, "Call-ID", out + n, room - n);
	n += copy_lines(request, "CSeq", out + n, room - n);
	n += (size_t)snprintf(out + n, room - n, "%sContent-Length: 0\r\n\r\n", lines);
	return n;
}

uint64_t text_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void text_went_well(struct text_result *r, uint64_t began)
{
	uint64_t now = text_now_us(), slot = (now - r->began) / TEXT_SLOT_US;

	r->us[r->ok] = (uint32_t)(now - began);
	r->slots[slot < TEXT_SLOTS ? slot : TEXT_SLOTS - 1]++;
}

static void print_slots(const struct text_result *r)
{
	unsigned int n = TEXT_SLOTS;

	while (n && !r->slots[n - 1])
		n--;
	for (unsigned int i = 0; i < n; i++)
		printf("%s%u", i ? "," : "", r->slots[i]);
}

void text_print(struct text_result *r)
{
	unsigned int n = r->ok;

	qsort(r->us, n, sizeof(*r->us), by_size);
	printf("{\"what\":\"%s\",\"asked\":%u,\"ok\":%u,\"failed\":%u,\"lost\":%u,\"repeated\":%u,"
	       "\"refused\":%u,"
	       "\"seconds\":%.6f,\"p50_us\":%u,\"p99_us\":%u,\"max_us\":%u,\"slots\":[", r->what, r->asked,
	       r->ok, r->failed, r->lost, r->repeated, r->refused, (double)(r->ended - r->began) / 1e6,
	       n ? r->us[n / 2] : 0, n ? r->us[(size_t)n * 99 / 100] : 0, n ? r->us[n - 1] : 0);
	print_slots(r);
	puts("]}");
	fflush(stdout);
}
