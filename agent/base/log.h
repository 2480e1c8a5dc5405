/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _LOG_H
#define _LOG_H

#include <stdbool.h>

#include "rules.h"

enum log_level {
	LOG_LEVEL_NONE,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

extern enum log_level log_threshold;

/* Reads JOURNAL_STREAM, so that each line carries its priority for journald. */
void log_init(enum log_level threshold);

void log_write(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * log_refusal - count and say that something a UE or a peer sent was refused
 * @who: the UE or peer, with its IMPI and set where known
 * @rule: by which rule; its clause ends the line
 * @fmt: what was wrong, in plain words
 *
 * At most LOG_REFUSALS a second are written, since strangers can cause them;
 * then a line says how many were not. All are counted in rule_count.
 */
void log_refusal(const char *who, enum rule rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * log_failure - say that we or the core could not serve a UE; like
 * log_refusal(), but an error, since somebody has to look after it
 */
void log_failure(const char *who, enum rule rule, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * log_limited - a line that strangers can cause, about something that is no
 * refusal; counts with log_refusal()
 */
void log_write_limited(enum log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "error" .. "debug", as in the configuration. */
const char *log_level_name(enum log_level level);
/* False: no such level. */
bool log_level_find(const char *name, enum log_level *level);

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)

/* Who it is about is put into words only where the line is written. */
#define log_info(...)                                                           \
	do {                                                                    \
		if (log_threshold >= LOG_LEVEL_INFO)                            \
			log_write(LOG_LEVEL_INFO, __VA_ARGS__);                 \
	} while (0)
#define log_debug(...)                                                          \
	do {                                                                    \
		if (log_threshold >= LOG_LEVEL_DEBUG)                           \
			log_write(LOG_LEVEL_DEBUG, __VA_ARGS__);                \
	} while (0)
#define log_limited(level, ...)                                                 \
	do {                                                                    \
		if (log_threshold >= (level))                                   \
			log_write_limited(level, __VA_ARGS__);                  \
	} while (0)

#endif
