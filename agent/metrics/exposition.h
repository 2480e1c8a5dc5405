/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _EXPOSITION_H
#define _EXPOSITION_H

#include "histogram.h"
#include "octets.h"

/*
 * Metrics as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0.
 *
 *	exposition_begin(&e, out, EXPOSITION_TEXT);
 *	exposition_family(&e, &family);
 *	exposition_sample(&e, values, 12);
 *	...
 *	exposition_end(&e);
 */
enum exposition_format {
	EXPOSITION_TEXT,
	EXPOSITION_OPENMETRICS,
	EXPOSITION_FORMATS
};

enum exposition_type {
	EXPOSITION_COUNTER,	/* its name ends in _total */
	EXPOSITION_GAUGE,
	EXPOSITION_HISTOGRAM,	/* of durations, its name ends in _seconds */
};

#define EXPOSITION_LABELS 2

/* All samples of one name. */
struct exposition_family {
	const char *name;
	enum exposition_type type;
	const char *label[EXPOSITION_LABELS];	/* names; NULL: no more */
	const char *help;
};

struct exposition {
	struct octets *out;
	enum exposition_format format;
	const struct exposition_family *family;
};

/* The value of Content-Type. */
const char *exposition_content_type(enum exposition_format format);

/* What a scraper wants that says so in @accept (NULL: nothing). */
enum exposition_format exposition_accepted(const char *accept);

/* Appends to @out; out->failed says at the end whether there was memory. */
void exposition_begin(struct exposition *e, struct octets *out, enum exposition_format format);
void exposition_end(struct exposition *e);

/* What follows is of this family; it has to live as long. Its samples are not mixed with others. */
void exposition_family(struct exposition *e, const struct exposition_family *family);

/* @values: of its labels, in their order; escaped here. Each set of values once. */
void exposition_sample(struct exposition *e, const char *const values[EXPOSITION_LABELS],
		       uint64_t value);

/* The same for what is no whole number. */
void exposition_sample_real(struct exposition *e, const char *const values[EXPOSITION_LABELS],
			    double value);

/* Of a family of histograms: its buckets, sum and count, microseconds as seconds. */
void exposition_histogram(struct exposition *e, const char *const values[EXPOSITION_LABELS],
			  const struct histogram *h);

#endif
