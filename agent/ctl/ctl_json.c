// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_json - reads the JSON that the agent answers with.
#include "ctl_json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 16

struct reader {
	const char *p, *end;
	unsigned int depth;
};

static struct ctl_json *read_value(struct reader *r);

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
		r->p++;
}

static bool eat(struct reader *r, char c)
{
	skip_blanks(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static int hex4(const char *p)
{
	int i, c, v = 0;

	for (i = 0; i < 4; i++) {
		c = p[i] | 0x20;
		if (c >= '0' && c <= '9')
			v = v << 4 | (c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* One character of a text after its backslash, as something printable; -1: bad. */
static int read_escape(struct reader *r)
{
	static const char plain[] = "\"\\/";
	int c;

	if (r->p == r->end)
		return -1;
	c = (unsigned char)*r->p++;
	if (c && strchr(plain, c))
		return c;
	if (c && strchr("bfnrt", c))
		return ' ';
	if (c != 'u' || r->end - r->p < 4)
		return -1;
	c = hex4(r->p);
	r->p += 4;
	return c < 0 ? -1 : c < 0x20 || c > 0x7e ? '?' : c;
}

/* The rest of a text whose quote has been read. */
static char *read_text(struct reader *r)
{
	char *out = malloc(r->end - r->p + 1);
	size_t n = 0;
	int c;

	while (out && r->p < r->end) {
		c = (unsigned char)*r->p++;
		if (c == '"') {
			out[n] = 0;
			return out;
		}
		if (c == '\\')
			c = read_escape(r);
		else if (c < 0x20)
			c = -1;
		else if (c > 0x7e)
			c = '?';
		if (c < 0)
			break;
		out[n++] = c;
	}
	free(out);
	return NULL;
}

/* A number, true, false or null, as it stands. */
static char *read_bare(struct reader *r)
{
	const char *start = r->p;

	while (r->p < r->end && *r->p &&
	       strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *r->p))
		r->p++;
	return r->p == start ? NULL : strndup(start, r->p - start);
}

/* The members of an object or array up to @close, into @j. */
static bool read_members(struct reader *r, struct ctl_json *j, char close)
{
	struct ctl_json **tail = &j->child, *v;
	char *key = NULL;

	if (eat(r, close))
		return true;
	do {
		if (j->type == CTL_JSON_OBJECT) {
			key = eat(r, '"') ? read_text(r) : NULL;
			if (!key || !eat(r, ':')) {
				free(key);
				return false;
			}
		}
		v = read_value(r);
		if (!v) {
			free(key);
			return false;
		}
		v->key = key;
		*tail = v;
		tail = &v->next;
	} while (eat(r, ','));
	return eat(r, close);
}

static struct ctl_json *read_value(struct reader *r)
{
	struct ctl_json *j = calloc(1, sizeof(*j));
	bool ok;

	if (!j || r->depth == MAX_DEPTH) {
		free(j);
		return NULL;
	}
	r->depth++;
	skip_blanks(r);
	j->raw = r->p;
	if (eat(r, '{')) {
		j->type = CTL_JSON_OBJECT;
		ok = read_members(r, j, '}');
	} else if (eat(r, '[')) {
		j->type = CTL_JSON_ARRAY;
		ok = read_members(r, j, ']');
	} else {
		j->type = CTL_JSON_SCALAR;
		j->text = eat(r, '"') ? read_text(r) : read_bare(r);
		ok = j->text != NULL;
	}
	r->depth--;
	if (!ok) {
		ctl_json_free(j);
		return NULL;
	}
	j->raw_n = r->p - j->raw;
	return j;
}

struct ctl_json *ctl_json_parse(const char *text, size_t n)
{
	struct reader r = { .p = text, .end = text + n };
	struct ctl_json *j = read_value(&r);

	skip_blanks(&r);
	if (j && r.p != r.end) {
		ctl_json_free(j);
		return NULL;
	}
	return j;
}

void ctl_json_free(struct ctl_json *j)
{
	struct ctl_json *next;

	for (; j; j = next) {
		next = j->next;
		ctl_json_free(j->child);
		free(j->key);
		free(j->text);
		free(j);
	}
}

const struct ctl_json *ctl_json_member(const struct ctl_json *object, const char *key)
{
	const struct ctl_json *m;

	for (m = object->child; m; m = m->next)
		if (m->key && !strcmp(m->key, key))
			return m;
	return NULL;
}

const struct ctl_json *ctl_json_at(const struct ctl_json *object, const char *path)
{
	size_t n;

	for (; object && *path; path += n + (path[n] == '.')) {
		const struct ctl_json *m = object->child;

		n = strcspn(path, ".");
		while (m && (!m->key || strlen(m->key) != n || memcmp(m->key, path, n)))
			m = m->next;
		object = m;
	}
	return object;
}

const char *ctl_json_text(const struct ctl_json *object, const char *path)
{
	const struct ctl_json *j = ctl_json_at(object, path);

	return j && j->text ? j->text : "";
}

uint64_t ctl_json_number(const struct ctl_json *object, const char *path)
{
	return strtoull(ctl_json_text(object, path), NULL, 10);
}

bool ctl_json_bool(const struct ctl_json *object, const char *path)
{
	return !strcmp(ctl_json_text(object, path), "true");
}
