// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table of counters as one document, with words or without.
 */
#include "control_answer.h"
#include "counters.h"
#include "json.h"

struct out {
	struct octets *o;
	bool brief;
};

static void put_counter(const struct counter *c, void *arg)
{
	const struct out *out = arg;
	struct octets *o = out->o;

	json_open(o, NULL, '{');
	json_text(o, "group", c->group);
	json_text(o, "name", c->name);
	json_number(o, "value", c->value);
	json_bool(o, "level", c->level);
	if (!out->brief) {
		json_text(o, "meaning", c->meaning);
		if (c->clause)
			json_text(o, "clause", c->clause);
		if (c->advice)
			json_text(o, "advice", c->advice);
	}
	json_close(o, '}');
}

void control_stats(struct control_answer *a, const struct control_request *r)
{
	struct out out = { .o = &a->out, .brief = control_request_word(r, "brief") };

	json_open(&a->out, NULL, '{');
	json_open(&a->out, "counters", '[');
	counters_each(put_counter, &out);
	json_close(&a->out, ']');
	json_close(&a->out, '}');
	octets_puts(&a->out, "\n");
}
