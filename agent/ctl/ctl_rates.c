// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl_rates.h"

#include <string.h>
#include <unistd.h>

bool ctl_rates_of_kernel(struct ctl_rates *r, struct gate *g)
{
	struct gate_error err;

	r->kernel = g && !gate_stats_get(g, &r->gate, &err);
	return r->kernel;
}

/* A counter of the agent, and the sums it belongs to. */
static void take(struct ctl_rates *r, const char *group, const char *name, uint64_t value)
{
	const struct {
		const char *group, *name;	/* NULL: all of the group */
		uint64_t *to;
	} wanted[] = {
		{ "held", "ues", &r->ues },
		{ "held", "sets", &r->sets },
		{ "held", "calls", &r->calls },
		{ "register", "requests", &r->registers },
		{ "register", "challenges", &r->challenges },
		{ "register", "registrations", &r->registrations },
		{ "messages", "received", &r->messages },
		{ "requests-ue", NULL, &r->requests_ue },
		{ "requests-core", NULL, &r->requests_core },
		{ "rule", NULL, &r->refused },
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!strcmp(group, wanted[i].group) &&
		    (!wanted[i].name || !strcmp(name, wanted[i].name)))
			*wanted[i].to += value;
}

bool ctl_rates_of_agent(struct ctl_rates *r, const struct ctl *ctl)
{
	struct octets request = { 0 };
	const struct ctl_json *c;
	struct ctl_json *j;

	if (access(ctl->control, F_OK))
		return false;
	octets_puts(&request, "stats brief");
	j = ctl_agent_one(ctl, &request);
	if (!j)
		return false;
	c = ctl_json_at(j, "counters");
	for (c = c ? c->child : NULL; c; c = c->next)
		take(r, ctl_json_text(c, "group"), ctl_json_text(c, "name"),
		     ctl_json_number(c, "value"));
	ctl_json_free(j);
	r->agent = true;
	return true;
}

uint64_t ctl_rates_tenths(uint64_t from, uint64_t to, uint64_t ms)
{
	/* It began anew in between. */
	if (to < from)
		from = 0;
	return ms ? ((to - from) * 10000 + ms / 2) / ms : 0;
}

uint64_t ctl_rates_drops(const struct ctl_rates *r)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < __GMGATE_DROP_MAX; i++)
		sum += r->gate.drop[i];
	return sum;
}
