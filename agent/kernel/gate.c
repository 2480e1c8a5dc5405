// SPDX-License-Identifier: GPL-2.0-or-later
//
// gate - requests to the kernel half, one function each.
//
// Ownership: a struct gate has two sockets, one for requests and one for
// events, so that an event never stands between a request and its answer.
// Threading: one thread at a time; see gate.h.
#include "gate.h"

#include <errno.h>
#include <netlink/attr.h>
#include <stdlib.h>
#include <string.h>

#include "gate_msg.h"
#include "gate_nl.h"

#define EVENTS_AT_ONCE 256

struct gate {
	struct gate_nl *requests;
	struct gate_nl *events;
	gate_event_fn *event_fn;
	void *event_arg;
	uint32_t instance;	/* that requests about sets name, or 0 */
};

struct gate *gate_open(struct gate_error *err)
{
	struct gate *g = calloc(1, sizeof(*g));

	if (!g) {
		gate_nl_error(err, 0, ENOMEM, NULL, NULL);
		return NULL;
	}
	if (gate_nl_open(&g->requests, err)) {
		free(g);
		return NULL;
	}
	return g;
}

void gate_close(struct gate *g)
{
	if (!g)
		return;
	gate_nl_close(g->events);
	gate_nl_close(g->requests);
	free(g);
}

void gate_as(struct gate *g, uint32_t instance)
{
	g->instance = instance;
}

/* A request about sets, or NULL. */
static struct nl_msg *set_request(struct gate *g, uint8_t cmd, int flags)
{
	struct nl_msg *m = gate_nl_request(g->requests, cmd, flags);

	if (m && g->instance && nla_put_u32(m, GMGATE_SET_ATTR_INSTANCE, g->instance)) {
		gate_nl_free(m);
		return NULL;
	}
	return m;
}

/* ---- requests with at most one object in the answer ---- */

/* Reads the answer's message into the caller's struct. */
struct one {
	int (*read)(struct nlmsghdr *h, struct one *o);
	union {
		struct gate_caps *caps;
		struct gate_endpoint *endpoint;
		struct gate_set *set;
		struct gate_stats *stats;
		struct gate_keys *keys;
		uint32_t *id;
	};
	bool got;
};

static int read_caps(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_caps(h, o->caps);
}

static int read_endpoint(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_endpoint(h, o->endpoint);
}

static int read_set(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_set(h, o->set);
}

static int read_stats(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_stats(h, o->stats);
}

static int read_keys(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_keys(h, o->keys);
}

static int read_endpoint_id(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_endpoint_id(h, o->id);
}

static int read_set_id(struct nlmsghdr *h, struct one *o)
{
	return gate_msg_get_set_id(h, o->id);
}

static int take_one(struct nlmsghdr *h, void *arg)
{
	struct one *o = arg;

	o->got = true;
	return o->read(h, o);
}

/*
 * Sends @msg, whose attributes were put with result @put, and reads the one
 * object it asks for; @o NULL: none.
 */
static int talk_one(struct gate *g, uint8_t cmd, struct nl_msg *msg, int put, struct one *o,
		    struct gate_error *err)
{
	int e;

	if (!msg)
		return gate_nl_error(err, cmd, ENOMEM, NULL, NULL);
	if (put) {
		gate_nl_free(msg);
		return gate_nl_error(err, cmd, -put, NULL, "the request does not fit");
	}
	if (err)
		memset(err, 0, sizeof(*err));
	e = gate_nl_talk(g->requests, msg, o ? take_one : NULL, NULL, o, err);
	if (e == -EPROTO || (!e && o && !o->got))
		return gate_nl_error(err, cmd, EPROTO, NULL, "the kernel's answer makes no sense");
	return e;
}

int gate_caps_get(struct gate *g, struct gate_caps *caps, struct gate_error *err)
{
	struct one o = { .read = read_caps, .caps = caps };
	struct nl_msg *m = gate_nl_request(g->requests, GMGATE_CMD_CAPS_GET, 0);

	return talk_one(g, GMGATE_CMD_CAPS_GET, m, 0, &o, err);
}

int gate_endpoint_add(struct gate *g, const struct gate_endpoint *e, uint32_t *id,
		      struct gate_error *err)
{
	struct one o = { .read = read_endpoint_id, .id = id };
	struct nl_msg *m = gate_nl_request(g->requests, GMGATE_CMD_ENDPOINT_NEW, 0);

	return talk_one(g, GMGATE_CMD_ENDPOINT_NEW, m, m ? gate_msg_put_endpoint(m, e) : 0,
			&o, err);
}

/* A request of up to two numbers. */
static struct nl_msg *numbers(struct gate *g, uint8_t cmd, int attr, uint32_t value,
			      int attr2, uint32_t value2)
{
	struct nl_msg *m = gate_nl_request(g->requests, cmd, 0);

	if (m && (nla_put_u32(m, attr, value) ||
		  (attr2 && nla_put_u32(m, attr2, value2)))) {
		gate_nl_free(m);
		return NULL;
	}
	return m;
}

int gate_endpoint_del(struct gate *g, uint32_t id, uint32_t instance, struct gate_error *err)
{
	struct nl_msg *m = numbers(g, GMGATE_CMD_ENDPOINT_DEL, GMGATE_ENDPOINT_ATTR_ID, id,
				   GMGATE_ENDPOINT_ATTR_INSTANCE, instance);

	return talk_one(g, GMGATE_CMD_ENDPOINT_DEL, m, 0, NULL, err);
}

int gate_endpoint_change(struct gate *g, uint32_t id, uint32_t instance, uint32_t flags,
			 struct gate_error *err)
{
	struct nl_msg *m = numbers(g, GMGATE_CMD_ENDPOINT_CHANGE, GMGATE_ENDPOINT_ATTR_ID, id,
				   GMGATE_ENDPOINT_ATTR_INSTANCE, instance);

	return talk_one(g, GMGATE_CMD_ENDPOINT_CHANGE, m,
			m && nla_put_u32(m, GMGATE_ENDPOINT_ATTR_FLAGS, flags) ? -EMSGSIZE : 0,
			NULL, err);
}

int gate_endpoint_get(struct gate *g, uint32_t id, struct gate_endpoint *e,
		      struct gate_error *err)
{
	struct one o = { .read = read_endpoint, .endpoint = e };
	struct nl_msg *m = numbers(g, GMGATE_CMD_ENDPOINT_GET, GMGATE_ENDPOINT_ATTR_ID, id,
				   0, 0);

	return talk_one(g, GMGATE_CMD_ENDPOINT_GET, m, 0, &o, err);
}

int gate_set_add(struct gate *g, const struct gate_set_new *n, uint32_t *id,
		 struct gate_error *err)
{
	struct one o = { .read = read_set_id, .id = id };
	struct nl_msg *m = set_request(g, GMGATE_CMD_SET_NEW, 0);

	return talk_one(g, GMGATE_CMD_SET_NEW, m, m ? gate_msg_put_set(m, n) : 0, &o, err);
}

int gate_set_change(struct gate *g, uint32_t id, const struct gate_change *c,
		    struct gate_error *err)
{
	struct nl_msg *m = set_request(g, GMGATE_CMD_SET_CHANGE, 0);

	return talk_one(g, GMGATE_CMD_SET_CHANGE, m, m ? gate_msg_put_change(m, id, c) : 0,
			NULL, err);
}

/* A request about the sets that one attribute names. */
static struct nl_msg *set_named(struct gate *g, uint8_t cmd, int attr, uint32_t value)
{
	struct nl_msg *m = set_request(g, cmd, 0);

	if (m && nla_put_u32(m, attr, value)) {
		gate_nl_free(m);
		return NULL;
	}
	return m;
}

int gate_set_del(struct gate *g, uint32_t id, struct gate_error *err)
{
	struct nl_msg *m = set_named(g, GMGATE_CMD_SET_DEL, GMGATE_SET_ATTR_ID, id);

	return talk_one(g, GMGATE_CMD_SET_DEL, m, 0, NULL, err);
}

int gate_set_flush(struct gate *g, uint32_t endpoint, struct gate_error *err)
{
	struct nl_msg *m = set_named(g, GMGATE_CMD_SET_DEL, GMGATE_SET_ATTR_ENDPOINT, endpoint);

	return talk_one(g, GMGATE_CMD_SET_DEL, m, 0, NULL, err);
}

int gate_set_get(struct gate *g, uint32_t id, struct gate_set *s, struct gate_error *err)
{
	struct one o = { .read = read_set, .set = s };
	struct nl_msg *m = set_named(g, GMGATE_CMD_SET_GET, GMGATE_SET_ATTR_ID, id);

	return talk_one(g, GMGATE_CMD_SET_GET, m, 0, &o, err);
}

int gate_key_get(struct gate *g, uint32_t id, struct gate_keys *k, struct gate_error *err)
{
	struct one o = { .read = read_keys, .keys = k };
	struct nl_msg *m = set_named(g, GMGATE_CMD_KEY_GET, GMGATE_SET_ATTR_ID, id);
	int e = talk_one(g, GMGATE_CMD_KEY_GET, m, 0, &o, err);

	gate_nl_wipe(g->requests);
	return e;
}

int gate_stats_get(struct gate *g, struct gate_stats *s, struct gate_error *err)
{
	struct one o = { .read = read_stats, .stats = s };
	struct nl_msg *m = gate_nl_request(g->requests, GMGATE_CMD_STATS_GET, 0);

	return talk_one(g, GMGATE_CMD_STATS_GET, m, 0, &o, err);
}

/* ---- lists ---- */

/* What a dump brought, kept until it is known to be whole. */
struct list {
	int (*read)(struct nlmsghdr *h, void *item);
	size_t size;		/* of an item */
	char *items;
	size_t n, room;
};

static int take_item(struct nlmsghdr *h, void *arg)
{
	struct list *l = arg;
	size_t room;
	char *items;
	int e;

	if (l->n == l->room) {
		room = l->room ? 2 * l->room : 16;
		items = reallocarray(l->items, room, l->size);
		if (!items)
			return -ENOMEM;
		l->items = items;
		l->room = room;
	}
	e = l->read(h, l->items + l->n * l->size);
	if (!e)
		l->n++;
	return e;
}

static void forget_items(void *arg)
{
	((struct list *)arg)->n = 0;
}

static int dump(struct gate *g, uint8_t cmd, struct nl_msg *msg, struct list *l,
		struct gate_error *err)
{
	int e;

	if (err)
		memset(err, 0, sizeof(*err));
	e = gate_nl_talk(g->requests, msg, take_item, forget_items, l, err);
	if (e && err && !err->err)	/* from take_item() */
		gate_nl_error(err, cmd, -e, NULL, "cannot read the list");
	return e;
}

static int item_endpoint(struct nlmsghdr *h, void *item)
{
	return gate_msg_get_endpoint(h, item);
}

static int item_set(struct nlmsghdr *h, void *item)
{
	return gate_msg_get_set(h, item);
}

int gate_endpoint_list(struct gate *g, uint32_t instance, gate_endpoint_fn *fn, void *arg,
		       struct gate_error *err)
{
	struct list l = { .read = item_endpoint, .size = sizeof(struct gate_endpoint) };
	struct nl_msg *m = gate_nl_request(g->requests, GMGATE_CMD_ENDPOINT_GET, NLM_F_DUMP);
	size_t i;
	int e;

	if (!m || (instance && nla_put_u32(m, GMGATE_ENDPOINT_ATTR_INSTANCE, instance))) {
		gate_nl_free(m);
		return gate_nl_error(err, GMGATE_CMD_ENDPOINT_GET, ENOMEM, NULL, NULL);
	}
	e = dump(g, GMGATE_CMD_ENDPOINT_GET, m, &l, err);
	for (i = 0; !e && i < l.n; i++)
		e = fn((struct gate_endpoint *)l.items + i, arg);
	free(l.items);
	return e;
}

int gate_set_list(struct gate *g, const struct gate_filter *f, gate_set_fn *fn, void *arg,
		  struct gate_error *err)
{
	struct list l = { .read = item_set, .size = sizeof(struct gate_set) };
	struct nl_msg *m = set_request(g, GMGATE_CMD_SET_GET, NLM_F_DUMP);
	size_t i;
	int e;

	if (!m || gate_msg_put_filter(m, f)) {
		gate_nl_free(m);
		return gate_nl_error(err, GMGATE_CMD_SET_GET, ENOMEM, NULL, NULL);
	}
	e = dump(g, GMGATE_CMD_SET_GET, m, &l, err);
	for (i = 0; !e && i < l.n; i++)
		e = fn((struct gate_set *)l.items + i, arg);
	free(l.items);
	return e;
}

/* ---- events ---- */

int gate_events_open(struct gate *g, gate_event_fn *fn, void *arg, struct gate_error *err)
{
	int e;

	if (g->events)
		return gate_nl_error(err, 0, EALREADY, NULL, "already subscribed");
	e = gate_nl_open(&g->events, err);
	if (e)
		return e;
	e = gate_nl_join(g->events, GMGATE_MCGRP_EVENTS, err);
	if (e) {
		gate_nl_close(g->events);
		g->events = NULL;
		return e;
	}
	g->event_fn = fn;
	g->event_arg = arg;
	return gate_nl_fd(g->events);
}

static int take_event(struct nlmsghdr *h, void *arg)
{
	struct gate *g = arg;
	struct gate_event e;

	/* one that makes no sense is as good as lost */
	g->event_fn(gate_msg_get_event(h, &e) ? NULL : &e, g->event_arg);
	return 0;
}

int gate_events_read(struct gate *g)
{
	int e, n;

	/* a flood has to leave the loop time for SIP; what is left is readable still */
	for (n = 0; n < EVENTS_AT_ONCE; n++) {
		e = gate_nl_heard(g->events, take_event, g);
		if (e == -EAGAIN)
			return 0;
		if (e == -ENOBUFS)
			g->event_fn(NULL, g->event_arg);
		else if (e)
			return e;
	}
	return 0;
}
