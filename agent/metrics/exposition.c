// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two text formats. They differ in the name of a counter's family, which has
 * no _total in OpenMetrics, in what is escaped in HELP, and in how they end.
 */
#include "exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define US_PER_S 1000000

const char *exposition_content_type(enum exposition_format format)
{
	return format == EXPOSITION_OPENMETRICS ?
	       "application/openmetrics-text; version=1.0.0; charset=utf-8" :
	       "text/plain; version=0.0.4; charset=utf-8";
}

/* Whoever names OpenMetrics 1.0.0 can read it; more of the header need not be known. */
enum exposition_format exposition_accepted(const char *accept)
{
	const char *at = accept ? strstr(accept, "application/openmetrics-text") : NULL;
	size_t n = at ? strcspn(at, ",") : 0;

	for (; n; at++, n--)
		if (!strncmp(at, "version=1.0.0", sizeof("version=1.0.0") - 1))
			return EXPOSITION_OPENMETRICS;
	return EXPOSITION_TEXT;
}

void exposition_begin(struct exposition *e, struct octets *out, enum exposition_format format)
{
	*e = (struct exposition){ .out = out, .format = format };
}

void exposition_end(struct exposition *e)
{
	if (e->format == EXPOSITION_OPENMETRICS)
		octets_puts(e->out, "# EOF\n");
}

/* A backslash, a line end and, where @quotes, a double quote get a backslash. */
static void put_escaped(struct octets *o, const char *text, bool quotes)
{
	for (; *text; text++) {
		if (*text == '\\' || (*text == '"' && quotes))
			octets_puts(o, "\\");
		if (*text == '\n')
			octets_puts(o, "\\n");
		else
			octets_put(o, (struct str){ text, 1 });
	}
}

static int family_length(const struct exposition *e)
{
	size_t n = strlen(e->family->name), suffix = sizeof("_total") - 1;

	if (e->format == EXPOSITION_OPENMETRICS && e->family->type == EXPOSITION_COUNTER &&
	    n > suffix)
		n -= suffix;
	return (int)n;
}

void exposition_family(struct exposition *e, const struct exposition_family *family)
{
	static const char * const types[] = {
		[EXPOSITION_COUNTER] = "counter",
		[EXPOSITION_GAUGE] = "gauge",
		[EXPOSITION_HISTOGRAM] = "histogram",
	};
	int n;

	e->family = family;
	n = family_length(e);
	octets_printf(e->out, "# HELP %.*s ", n, family->name);
	put_escaped(e->out, family->help, e->format == EXPOSITION_OPENMETRICS);
	octets_printf(e->out, "\n# TYPE %.*s %s\n", n, family->name, types[family->type]);
}

/* "name{label="value",le="0.5"} "; @le NULL: no bucket. */
static void put_name(struct exposition *e, const char *suffix, const char *const values[],
		     const char *le)
{
	bool open = false;

	octets_printf(e->out, "%s%s", e->family->name, suffix);
	for (unsigned int i = 0; i < EXPOSITION_LABELS && e->family->label[i]; i++) {
		octets_printf(e->out, "%s%s=\"", open ? "," : "{", e->family->label[i]);
		put_escaped(e->out, values[i], true);
		octets_puts(e->out, "\"");
		open = true;
	}
	if (le)
		octets_printf(e->out, "%sle=\"%s\"", open ? "," : "{", le);
	octets_puts(e->out, open || le ? "} " : " ");
}

void exposition_sample(struct exposition *e, const char *const values[EXPOSITION_LABELS],
		       uint64_t value)
{
	put_name(e, "", values, NULL);
	octets_printf(e->out, "%" PRIu64 "\n", value);
}

void exposition_sample_real(struct exposition *e, const char *const values[EXPOSITION_LABELS],
			    double value)
{
	put_name(e, "", values, NULL);
	octets_printf(e->out, "%.17g\n", value);
}

/*
 * Microseconds as seconds without rounding, and with a point always: OpenMetrics
 * wants 1.0, and the same bucket has to have one name in both formats.
 */
static const char *seconds(uint64_t us, char *text, size_t room)
{
	int n = snprintf(text, room, "%" PRIu64 ".%06" PRIu64, us / US_PER_S, us % US_PER_S);

	while (n > 2 && text[n - 1] == '0' && text[n - 2] != '.')
		text[--n] = '\0';
	return text;
}

void exposition_histogram(struct exposition *e, const char *const values[EXPOSITION_LABELS],
			  const struct histogram *h)
{
	uint64_t total = 0;
	char text[40];

	for (unsigned int i = 0; i <= h->n; i++) {
		total += h->count[i];
		put_name(e, "_bucket", values,
			 i < h->n ? seconds(h->bounds[i], text, sizeof(text)) : "+Inf");
		octets_printf(e->out, "%" PRIu64 "\n", total);
	}
	put_name(e, "_sum", values, NULL);
	octets_printf(e->out, "%s\n", seconds(h->sum, text, sizeof(text)));
	put_name(e, "_count", values, NULL);
	octets_printf(e->out, "%" PRIu64 "\n", total);
}
