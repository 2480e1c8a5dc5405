// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the table of metrics to text. Most of them are counters that gmctl shows,
 * too, under other names: those of the field, with their unit and labels.
 */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "metrics_private.h"

/* There are some two hundred; what would not fit the test of the table finds. */
#define COUNTERS 512

const struct config *metrics_config;

struct snapshot {
	unsigned int n;
	struct counter c[COUNTERS];
};

void metrics_init(const struct config *cfg)
{
	metrics_config = cfg;
}

static void take(const struct counter *c, void *arg)
{
	struct snapshot *s = arg;

	if (s->n < COUNTERS)
		s->c[s->n++] = *c;
}

/* "group/name" or "group/" */
static bool is(const struct counter *c, const char *wanted)
{
	size_t n = strlen(c->group);

	return !strncmp(wanted, c->group, n) && wanted[n] == '/' &&
	       (!wanted[n + 1] || !strcmp(wanted + n + 1, c->name));
}

static uint64_t value_of(const struct snapshot *s, const char *wanted)
{
	for (unsigned int i = 0; i < s->n; i++)
		if (is(&s->c[i], wanted))
			return s->c[i].value;
	return 0;
}

/* A counter of which another is a part grows first; it is never below it. */
static uint64_t remainder_of(const struct snapshot *s, const struct metric_row *row, uint64_t value)
{
	for (unsigned int i = 0; i < sizeof(row->less) / sizeof(row->less[0]) && row->less[i]; i++) {
		uint64_t part = value_of(s, row->less[i]);

		value = part < value ? value - part : 0;
	}
	return value;
}

static void write_row(struct exposition *e, const struct snapshot *s, const struct metric_row *row)
{
	for (unsigned int i = 0; i < s->n; i++) {
		const char *values[EXPOSITION_LABELS];

		if (!is(&s->c[i], row->counter))
			continue;
		for (unsigned int l = 0; l < EXPOSITION_LABELS; l++)
			values[l] = row->value[l] ? row->value[l] : s->c[i].name;
		exposition_sample(e, values, remainder_of(s, row, s->c[i].value));
	}
}

static bool is_end(const struct metric_row *row)
{
	return !row->counter;
}

void metrics_write(struct octets *out, enum exposition_format format)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct exposition e;

	if (!s) {
		out->failed = true;
		return;
	}
	counters_each(take, s);
	exposition_begin(&e, out, format);
	for (const struct metric *m = metrics_table; m->family.name; m++) {
		exposition_family(&e, &m->family);
		for (const struct metric_row *row = m->rows; row && !is_end(row); row++)
			write_row(&e, s, row);
		if (m->collect)
			m->collect(&e);
	}
	exposition_end(&e);
	free(s);
}

bool metrics_have_counter(const char *group, const char *name)
{
	const struct counter c = { .group = group, .name = name };

	for (const struct metric *m = metrics_table; m->family.name; m++)
		for (const struct metric_row *row = m->rows; row && !is_end(row); row++)
			if (is(&c, row->counter))
				return true;
	return false;
}
