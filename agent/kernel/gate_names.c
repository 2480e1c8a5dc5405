// SPDX-License-Identifier: GPL-2.0-or-later
//
// gate_names - names of the kernel's numbers, from the tables made of the
// YAML spec.  Constant data, usable from anywhere.
#include "gate_names.h"

#include <stddef.h>
#include <string.h>

#include "gate_names-gen.h"

static const struct gate_name *const lists[] = {
	[GATE_NAMES_ALG]	= gate_alg_names,
	[GATE_NAMES_EALG]	= gate_ealg_names,
	[GATE_NAMES_SET_STATE]	= gate_set_state_names,
	[GATE_NAMES_SA_DIR]	= gate_sa_dir_names,
	[GATE_NAMES_EVENT]	= gate_event_names,
	[GATE_NAMES_COUNTER]	= gate_counter_names,
	[GATE_NAMES_DROP]	= gate_drop_names,
	[GATE_NAMES_ENDPOINT_FLAGS] = gate_endpoint_flags_names,
	[GATE_NAMES_CMD]	= gate_cmd_names,
};

static const char *name_of(const struct gate_name *n, uint32_t value)
{
	for (; n->name; n++)
		if (n->value == value)
			return n->name;
	return NULL;
}

const struct gate_name *gate_names_list(enum gate_names_of which)
{
	return lists[which];
}

const char *gate_names_text(enum gate_names_of which, uint32_t value)
{
	const char *name = name_of(lists[which], value);

	return name ? name : "?";
}

bool gate_names_value(enum gate_names_of which, const char *name, uint32_t *value)
{
	const struct gate_name *n;

	for (n = lists[which]; n->name; n++)
		if (!strcmp(n->name, name)) {
			*value = n->value;
			return true;
		}
	return false;
}

const char *gate_names_attr(uint32_t cmd, uint32_t type)
{
	if (cmd >= sizeof(gate_cmd_attr_names) / sizeof(gate_cmd_attr_names[0]) ||
	    !gate_cmd_attr_names[cmd])
		return NULL;
	return name_of(gate_cmd_attr_names[cmd], type);
}
