/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_KEYS_H
#define _CONFIG_KEYS_H

#include "config.h"
#include "octets.h"

/* The keys of a configuration one by one: to show, to compare, to keep. */

/**
 * config_show - all keys with their values, the defaults filled in, as JSON
 *
 * It is YAML as well: config_load() makes the same of it.  Only that suites nobody
 * had configured are configured then (default_suites).
 */
void config_show(const struct config *cfg, struct octets *o);

/**
 * config_check - does a configuration hold that was put together from others?
 * @err: CONFIG_ERROR octets, "KEY: what is wrong"
 *
 * Return: 0, or -1 with @err filled.
 */
int config_check(const struct config *cfg, char *err);

/* Has @key, or one below it, another value in the other configuration? */
bool config_differs(const struct config *a, const struct config *b, const char *key);

typedef void config_key_fn(const char *key, void *arg);

/* Each key that has another value in the other configuration. */
void config_diff(const struct config *a, const struct config *b, config_key_fn *fn, void *arg);

/* Gives those keys of @next that cannot change at run time the value they have in @now. */
void config_keep(const struct config *now, struct config *next, config_key_fn *kept, void *arg);

#endif
