// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Those who call for help without a registration, and how many of them there may be.
 *
 * Two crowds: attempts, which make room for each other, and calls, which do not. The
 * connection that a caller was heard on is kept from idling and from those who make room
 * among the connections of strangers.
 */
#include "caller.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "proxy_route.h"
#include "transport.h"

#define DEFAULT_PORT 5060

struct caller_stats caller_stats;

static const struct config *config;
static struct crowd attempts, calls;
static unsigned int on_gm[CONFIG_MAX_GM];

void caller_init(const struct config *cfg)
{
	config = cfg;
	caller_stats = (struct caller_stats){ 0 };
}

enum config_unregistered caller_policy(const struct flow *f)
{
	return config->gm[f->gm].unregistered;
}

static struct caller *of_entry(struct crowd_entry *e)
{
	return (void *)((char *)e - offsetof(struct caller, crowd));
}

static void count(void)
{
	caller_stats.attempts = attempts.n;
	caller_stats.calls = calls.n;
}

int caller_victim(const struct flow *from, struct caller **victim)
{
	unsigned int own = crowd_count(&attempts, &from->remote) +
			   crowd_count(&calls, &from->remote);
	struct crowd_entry *e;

	if (own >= CALLER_PER_SOURCE)
		e = crowd_oldest(&attempts, &from->remote);
	else if (attempts.n + calls.n >= config->limits.emergency_calls)
		e = crowd_victim(&attempts);
	else
		return 0;
	if (!e)
		return -EBUSY;
	*victim = of_entry(e);
	return -EAGAIN;
}

static void leave(struct caller *c)
{
	if (!c->displaced)
		crowd_remove(c->proven ? &calls : &attempts, &c->crowd);
	count();
}

void caller_displace(struct caller *c)
{
	leave(c);
	c->displaced = true;
	caller_stats.displaced++;
}

static struct caller *create(const struct flow *flow, bool proven)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->flow = *flow;
	c->proven = proven;
	if (!crowd_add(proven ? &calls : &attempts, &c->crowd, &flow->remote)) {
		free(c);
		return NULL;
	}
	count();
	on_gm[flow->gm]++;
	c->held = 1;
	transport_hold(&c->flow);
	return c;
}

struct caller *caller_new(const struct flow *from, const struct sip_msg *invite)
{
	struct flow way;

	return answer_route(from, invite, &way) ? create(&way, false) : NULL;
}

struct caller *caller_restore(const struct addr *local, const struct addr *remote, bool proven)
{
	struct flow f = { .side = FLOW_GM, .remote = *remote };
	struct caller *none;

	for (unsigned int i = 0; i < config->n_gm; i++) {
		if (config->gm[i].unregistered != CONFIG_UNREGISTERED_ROUTE ||
		    !addr_same_ip(&config->gm[i].unprotected, local))
			continue;
		f.gm = (uint8_t)i;
		f.local = config->gm[i].unprotected;
		return caller_victim(&f, &none) ? NULL : create(&f, proven);
	}
	return NULL;
}

unsigned int caller_count_of(uint8_t gm)
{
	return on_gm[gm];
}

void caller_hold(struct caller *c)
{
	c->held++;
}

void caller_release(struct caller *c)
{
	if (--c->held)
		return;
	leave(c);
	on_gm[c->flow.gm]--;
	transport_release(&c->flow);
	free(c);
}

bool caller_is(const struct caller *c, const struct flow *f)
{
	return f->side == FLOW_GM && f->gm == c->flow.gm &&
	       addr_same_ip(&f->remote, &c->flow.remote) &&
	       addr_same_ip(&f->local, &c->flow.local);
}

/* From now on it makes no room. Without the memory for that it stays an attempt. */
static void prove(struct caller *c)
{
	if (c->proven || c->displaced)
		return;
	crowd_remove(&attempts, &c->crowd);
	c->proven = crowd_add(&calls, &c->crowd, &c->flow.remote);
	if (!c->proven)
		c->displaced = !crowd_add(&attempts, &c->crowd, &c->flow.remote);
	count();
}

void caller_heard(struct caller *c, const struct flow *from, const struct sip_msg *request)
{
	struct flow way;

	if (answer_route(from, request, &way)) {
		transport_hold(&way);
		transport_release(&c->flow);
		c->flow = way;
	}
	prove(c);
}

void caller_way(const struct caller *c, const struct sip_msg *request, struct flow *to)
{
	*to = c->flow;
	if (to->tcp && transport_stands(to))
		return;
	if (to->tcp) {
		to->tcp = false;
		to->conn = 0;
		to->local = config->gm[to->gm].unprotected;
		to->remote.port = DEFAULT_PORT;
	}
	to->remote.port = proxy_route_port(request, &to->remote, to->remote.port);
}

void caller_place(const struct caller *c, struct addr *local, struct addr *remote)
{
	*local = config->gm[c->flow.gm].unprotected;
	*remote = c->flow.remote;
	if (c->flow.tcp)
		remote->port = DEFAULT_PORT;
}

bool caller_is_known(const struct flow *f)
{
	return crowd_count(&calls, &f->remote) > 0;
}
