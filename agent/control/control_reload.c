// SPDX-License-Identifier: GPL-2.0-or-later
/* The verbs of the configuration: what is in force, and a new one. */
#include "control_reload.h"

#include "config_keys.h"
#include "control_answer.h"

static struct control_reload reload;

void control_reload_is(const struct control_reload *r)
{
	reload = *r;
}

void control_reload_show(struct octets *o)
{
	if (reload.show)
		reload.show(o);
}

void control_config(struct control_answer *a, const struct control_request *r)
{
	(void)r;
	config_show(a->config, &a->out);
	octets_puts(&a->out, "\n");
}

void control_reload(struct control_answer *a, const struct control_request *r)
{
	(void)r;
	if (!reload.now) {
		control_refuse(a, "there is no file to read");
		return;
	}
	reload.now(&a->out);
	octets_puts(&a->out, "\n");
}
