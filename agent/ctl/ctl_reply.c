// SPDX-License-Identifier: GPL-2.0-or-later
//
// ctl_reply - a question to the agent and its answer: one line over its UNIX
// socket, one JSON document back, then the end.  With -j the document goes out
// as it came; otherwise it is laid out as lines and tables, whatever is in it.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_json.h"

#define TIMEOUT 5		/* seconds without an octet */
#define MAX_ANSWER (256u << 20)
#define MAX_COLUMNS 16
#define MAX_COLUMN_WIDTH 60
#define CELL 512

static int connect_agent(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = TIMEOUT };
	int fd;

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(un.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (struct sockaddr *)&un, sizeof(un))) {
		int e = errno;

		close(fd);
		errno = e;
		return -1;
	}
	return fd;
}

/* Everything up to the end into memory of the caller's; NULL with errno. */
static char *read_all(int fd, size_t *len)
{
	size_t room = 65536, n = 0;
	char *buf = malloc(room), *more;
	ssize_t got;

	while (buf) {
		got = recv(fd, buf + n, room - n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += got;
		if (n < room)
			continue;
		more = room < MAX_ANSWER ? realloc(buf, room * 2) : NULL;
		if (!more) {
			free(buf);
			errno = EMSGSIZE;
			return NULL;
		}
		buf = more;
		room *= 2;
	}
	if (buf && got < 0) {
		free(buf);
		return NULL;
	}
	*len = n;
	return buf;
}

/* ---- layout ---- */

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

static int print_answer(const struct ctl *ctl, const char *answer, size_t n)
{
	const struct ctl_json *error;
	struct ctl_json *j;
	char text[CELL];
	int status = CTL_OK;

	j = ctl_json_parse(answer, n);
	if (!j)
		return ctl_error("the agent's answer of %zu octets is not JSON", n);
	error = ctl_json_member(j, "error");
	if (error) {
		status = ctl_error("the agent says: %s", cell(error, text));
	} else if (ctl->json) {
		fwrite(answer, 1, n, stdout);
		if (answer[n - 1] != '\n')
			putchar('\n');
	} else {
		print_document(j);
	}
	ctl_json_free(j);
	return status;
}

/* What the agent answers, in memory of the caller's; NULL after an error was printed. */
static char *ask(const struct ctl *ctl, const char *line, size_t *n)
{
	char *answer = NULL;
	int fd;

	fd = connect_agent(ctl->control);
	if (fd < 0) {
		ctl_error("no agent at %s: %s", ctl->control, strerror(errno));
		return NULL;
	}
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0) {
		ctl_error("%s: %s", ctl->control, strerror(errno));
	} else {
		answer = read_all(fd, n);
		if (!answer)
			ctl_error("%s: no answer: %s", ctl->control, strerror(errno));
	}
	close(fd);
	return answer;
}

int ctl_reply(const struct ctl *ctl, const char *line)
{
	size_t n;
	char *answer = ask(ctl, line, &n);
	int status;

	if (!answer)
		return CTL_FAILED;
	status = print_answer(ctl, answer, n);
	free(answer);
	return status;
}

struct ctl_json *ctl_reply_tree(const struct ctl *ctl, const char *line)
{
	size_t n;
	char *answer = ask(ctl, line, &n);
	struct ctl_json *j;

	if (!answer)
		return NULL;
	j = ctl_json_parse(answer, n);
	if (!j)
		ctl_error("the agent's answer of %zu octets is not JSON", n);
	free(answer);
	return j;
}
