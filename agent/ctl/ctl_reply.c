// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_reply - a short answer of the agent, whatever is in it.  With -j the document
// goes out as it came; otherwise it is laid out as lines and tables.
#include <stdio.h>
#include <string.h>

#include "ctl_agent.h"

#define MAX_COLUMNS 16
#define MAX_COLUMN_WIDTH 60
#define CELL 512

static void print_members(const struct ctl_json *object, const char *prefix, int indent);

/* What stands in one place: a scalar, or a list of them with commas. */
static const char *cell(const struct ctl_json *v, char out[CELL])
{
	size_t n = 0;

	if (!v)
		return "";
	if (v->type == CTL_JSON_SCALAR)
		return v->text;
	if (!v->child)
		return "-";
	out[0] = 0;
	for (v = v->child; v && n < CELL; v = v->next)
		n += snprintf(out + n, CELL - n, "%s%s", v->text ? v->text : "...",
			      v->next ? "," : "");
	return out;
}

static bool is_table(const struct ctl_json *j)
{
	return j->type == CTL_JSON_ARRAY && j->child && j->child->type == CTL_JSON_OBJECT;
}

/* Rows that have tables of their own do not fit into columns. */
static bool has_tables(const struct ctl_json *rows)
{
	const struct ctl_json *row, *m;

	for (row = rows->child; row; row = row->next)
		for (m = row->child; m; m = m->next)
			if (m->type == CTL_JSON_OBJECT || is_table(m))
				return true;
	return false;
}

static void print_blocks(const struct ctl_json *rows, int indent)
{
	const struct ctl_json *row;

	for (row = rows->child; row; row = row->next) {
		print_members(row, "", indent);
		if (row->next)
			putchar('\n');
	}
}

/* Columns are the members of the first row. */
static void print_table(const struct ctl_json *rows, int indent)
{
	const struct ctl_json *columns[MAX_COLUMNS], *m, *row;
	size_t width[MAX_COLUMNS], n = 0, i, w;
	char text[CELL];

	for (m = rows->child->child; m && n < MAX_COLUMNS; m = m->next) {
		width[n] = strlen(m->key);
		columns[n++] = m;
	}
	for (row = rows->child; row; row = row->next)
		for (i = 0; i < n; i++) {
			w = strlen(cell(ctl_json_member(row, columns[i]->key), text));
			if (w > width[i])
				width[i] = w < MAX_COLUMN_WIDTH ? w : MAX_COLUMN_WIDTH;
		}
	printf("%*s", indent, "");
	for (i = 0; i < n; i++)
		printf("%-*s%s", i + 1 < n ? (int)width[i] : 0, columns[i]->key,
		       i + 1 < n ? "  " : "\n");
	for (row = rows->child; row; row = row->next) {
		printf("%*s", indent, "");
		for (i = 0; i < n; i++)
			printf("%-*s%s", i + 1 < n ? (int)width[i] : 0,
			       cell(ctl_json_member(row, columns[i]->key), text),
			       i + 1 < n ? "  " : "\n");
	}
}

static void print_rows(const struct ctl_json *rows, int indent)
{
	if (has_tables(rows))
		print_blocks(rows, indent);
	else
		print_table(rows, indent);
}

/* @prefix: names of the objects around, each with its dot */
static void print_members(const struct ctl_json *object, const char *prefix, int indent)
{
	const struct ctl_json *m;
	char name[256], text[CELL];

	for (m = object->child; m; m = m->next) {
		snprintf(name, sizeof(name), "%s%s", prefix, m->key);
		if (m->type == CTL_JSON_OBJECT) {
			strncat(name, ".", sizeof(name) - strlen(name) - 1);
			print_members(m, name, indent);
		} else if (is_table(m)) {
			printf("%*s%s:\n", indent, "", name);
			print_rows(m, indent + 2);
		} else {
			printf("%*s%-30s %s\n", indent, "", name, cell(m, text));
		}
	}
}

static void print_document(const struct ctl_json *j)
{
	char text[CELL];

	if (j->type == CTL_JSON_OBJECT)
		print_members(j, "", 0);
	else if (is_table(j))
		print_rows(j, 0);
	else
		puts(cell(j, text));
}

static int print_one(const char *text, size_t n, const struct ctl_json *j, void *arg)
{
	const struct ctl *ctl = arg;

	(void)n;
	if (ctl->json)
		puts(text);
	else
		print_document(j);
	return CTL_OK;
}

int ctl_reply(const struct ctl *ctl, struct octets *request)
{
	return ctl_agent_first(ctl, request, print_one, (void *)ctl);
}
