/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GATE_NAMES_H
#define _GATE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* One numbered thing of the uapi header: its name and meaning in the spec. */
struct gate_name {
	uint32_t value;
	const char *name;
	const char *doc;	/* "" where the name says it */
};

enum gate_names_of {
	GATE_NAMES_ALG,
	GATE_NAMES_EALG,
	GATE_NAMES_SET_STATE,
	GATE_NAMES_SA_DIR,
	GATE_NAMES_EVENT,
	GATE_NAMES_COUNTER,
	GATE_NAMES_DROP,
	GATE_NAMES_ENDPOINT_FLAGS,
	GATE_NAMES_CMD,
};

/* Ends with an entry whose name is NULL. */
const struct gate_name *gate_names_list(enum gate_names_of which);

/* "?" for a number that only a newer kernel knows. */
const char *gate_names_text(enum gate_names_of which, uint32_t value);

bool gate_names_value(enum gate_names_of which, const char *name, uint32_t *value);

/* The name of an attribute in the messages of a command, or NULL. */
const char *gate_names_attr(uint32_t cmd, uint32_t type);

#endif
