/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_YAML_ERROR_H
#define _CONFIG_YAML_ERROR_H

#include <cyaml/cyaml.h>
#include <stdbool.h>

/* What is wrong with the form of gmgate.yaml, for who wrote it. */

#define CONFIG_DEPTH 8

/* What libcyaml said: its first complaint and the place, the innermost step first. */
struct config_complaint {
	char text[256];
	char steps[CONFIG_DEPTH][80];
	unsigned int n_steps;
	unsigned int line;
	bool at_field, at_entry;	/* what the first step is */
};

/* The log_fn of a cyaml_config_t whose log_ctx is a struct config_complaint. */
void config_yaml_complain(cyaml_log_t level, void *complaint, const char *fmt, va_list args);

/**
 * config_yaml_report - "FILE:LINE: KEY: what is wrong, and what may stand there"
 * @schema: of the whole file; what is allowed is read from it
 * @err: CONFIG_ERROR octets
 */
void config_yaml_report(const char *file, const struct config_complaint *c,
			const cyaml_schema_value_t *schema, cyaml_err_t why, char *err);

#endif
