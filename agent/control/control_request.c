// SPDX-License-Identifier: GPL-2.0-or-later
#include "control_request.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "octets.h"

/* %XX in place. False: it is not well formed, or an octet 0. */
static bool unescape(char *text)
{
	char *to = text;
	uint8_t octet;

	for (const char *p = text; *p; p++) {
		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		if (!p[1] || !p[2] || !str_hex((struct str){ p + 1, 2 }, &octet, 1) || !octet)
			return false;
		*to++ = (char)octet;
		p += 2;
	}
	*to = 0;
	return true;
}

static bool is_name(const char *text)
{
	return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz-")] == 0;
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static bool add_word(struct control_request *r, char *word)
{
	char *value = strchr(word, '=');

	if (r->n == CONTROL_WORDS)
		return false;
	if (value)
		*value++ = 0;
	else
		value = word + strlen(word);
	if (!is_name(word) || !unescape(value) || control_request_word(r, word))
		return false;
	r->words[r->n].name = word;
	r->words[r->n++].value = value;
	return true;
}

bool control_request_read(struct control_request *r, char *line, const char **why)
{
	char *rest = line, *word;

	memset(r, 0, sizeof(*r));
	if (!is_printable(line)) {
		*why = "a request is a line of printable ASCII";
		return false;
	}
	r->verb = strsep(&rest, " ");
	if (!is_name(r->verb)) {
		*why = "a request begins with a verb";
		return false;
	}
	while ((word = strsep(&rest, " ")))
		if (!add_word(r, word)) {
			*why = "a word of the request cannot be read, or is there twice";
			return false;
		}
	return true;
}

const char *control_request_word(const struct control_request *r, const char *name)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (!strcmp(r->words[i].name, name))
			return r->words[i].value;
	return NULL;
}

static bool is_among(const char *names, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = names; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == n && !memcmp(p, name, n))
			return true;
	return false;
}

bool control_request_has_only(const struct control_request *r, const char *names)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (!is_among(names, r->words[i].name))
			return false;
	return true;
}
