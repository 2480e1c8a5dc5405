/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_PRIVATE_H
#define _CONFIG_PRIVATE_H

#include "config.h"
#include "config_yaml.h"

/* Between the files of this folder only. */

/* Where the values come from and where a complaint goes. */
struct reading {
	const char *file;
	char *err;
};

/* Says what is wrong with the value at @path, and in which line. Return: -1. */
__attribute__((format(printf, 3, 4)))
int config_wrong(struct reading *r, const char *path, const char *fmt, ...);

static inline uint32_t config_or(const uint32_t *value, uint32_t fallback)
{
	return value ? *value : fallback;
}

/* LOG_LEVEL_ERROR to LOG_LEVEL_DEBUG */

int config_read_suites(struct reading *r, struct config *cfg, const struct yaml_config *y);

#endif
