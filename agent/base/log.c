// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log: one line a record, to stderr.
 *
 * Under journald each line starts with its priority (sd-daemon(3)); else with
 * the level's name.  Octets that came from the network are made harmless here,
 * once, for every caller.  Keys never come this way.  Single thread.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "notice.h"

#define LOG_LINE 1024
#define LOG_REFUSALS 200

enum log_level log_threshold = LOG_LEVEL_INFO;

static int journal;

static const struct {
	const char *name;
	int priority;
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

void log_init(enum log_level threshold)
{
	log_threshold = threshold;
	journal = getenv("JOURNAL_STREAM") != NULL;
}

const char *log_level_name(enum log_level level)
{
	return level == LOG_LEVEL_NONE ? "none" : levels[level].name;
}

bool log_level_find(const char *name, enum log_level *level)
{
	for (unsigned int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++)
		if (!strcmp(levels[i].name, name)) {
			*level = (enum log_level)i;
			return true;
		}
	return false;
}

static void put_line(enum log_level level, char *line)
{
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (journal)
		fprintf(stderr, "<%d>%s\n", levels[level].priority, line);
	else
		fprintf(stderr, "gmgated: %s: %s\n", levels[level].name, line);
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list ap;

	if (level > log_threshold)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_line(level, line);
}

/* True when another line that strangers can cause may be written in this second. */
static int is_allowed(void)
{
	static time_t second;
	static unsigned int written, withheld;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec != second) {
		if (withheld)
			log_warning("%u more lines of this kind were not logged", withheld);
		second = now.tv_sec;
		written = withheld = 0;
	}
	if (written < LOG_REFUSALS) {
		written++;
		return 1;
	}
	withheld++;
	return 0;
}

static void write_rule(enum log_level level, const char *what, const char *who,
		       enum rule rule, const char *fmt, va_list ap)
{
	char why[LOG_LINE / 2];
	bool logged = log_threshold >= level && is_allowed();

	rule_count[rule]++;
	if (!logged && !notice_wanted())
		return;
	vsnprintf(why, sizeof(why), fmt, ap);
	notice_tell(&(struct notice){
		.kind = level == LOG_LEVEL_ERROR ? NOTICE_FAILED : NOTICE_REFUSED,
		.who = who,
		.rule = rule,
		.text = why,
	});
	if (!logged)
		return;
	log_write(level, "%s%s: %s (%s)", what, who, why, rule_texts[rule].clause);
}

void log_refusal(const char *who, enum rule rule, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_rule(LOG_LEVEL_WARNING, "refused ", who, rule, fmt, ap);
	va_end(ap);
}

void log_failure(const char *who, enum rule rule, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_rule(LOG_LEVEL_ERROR, "", who, rule, fmt, ap);
	va_end(ap);
}

void log_write_limited(enum log_level level, const char *fmt, ...)
{
	char line[LOG_LINE];
	va_list ap;

	if (log_threshold < level || !is_allowed())
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	put_line(level, line);
}
