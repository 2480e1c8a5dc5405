/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_JSON_H
#define _CTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A JSON document of the agent as a tree.  Texts are made printable: the
 * agent's answers have names in them that a UE chose, and a terminal obeys
 * control characters.
 */
enum ctl_json_type {
	CTL_JSON_OBJECT,
	CTL_JSON_ARRAY,
	CTL_JSON_SCALAR,	/* texts, numbers, true, false, null */
};

struct ctl_json {
	enum ctl_json_type type;
	char *key;		/* NULL in an array */
	char *text;		/* of a scalar */
	const char *raw;	/* as it stands in the document, which has to be there still */
	size_t raw_n;
	struct ctl_json *child;	/* first member of an object or array */
	struct ctl_json *next;
};

/* NULL: not one whole JSON document, or out of memory. */
struct ctl_json *ctl_json_parse(const char *text, size_t n);
void ctl_json_free(struct ctl_json *j);

const struct ctl_json *ctl_json_member(const struct ctl_json *object, const char *key);

/* Along names with dots between them, such as "store.failed"; NULL: not there. */
const struct ctl_json *ctl_json_at(const struct ctl_json *object, const char *path);

/* What stands there: "" and 0 where nothing does, or something else. */
const char *ctl_json_text(const struct ctl_json *object, const char *path);
uint64_t ctl_json_number(const struct ctl_json *object, const char *path);
bool ctl_json_bool(const struct ctl_json *object, const char *path);

#endif
