// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mw from our side.
 *
 * Requests to one peer share one TCP connection, opened by us when it is needed
 * and anew when it has gone; what the peer opens towards us is for its own
 * requests.  There are at most CONNECTIONS; the one opened first makes room.
 */
#include "mw.h"

#include <errno.h>
#include <stdlib.h>

#include "hash.h"
#include "tcp.h"

#define CONNECTIONS 256

struct connection {
	struct addr peer;
	struct flow flow;
	UT_hash_handle hh;	/* by peer, in the order they were opened */
};

static const struct config *config;
static struct connection *connections;

void mw_init(const struct config *cfg)
{
	config = cfg;
}

static void forget(struct connection *c)
{
	HASH_DEL(connections, c);
	free(c);
}

void mw_exit(void)
{
	while (connections)
		forget(connections);
}

const struct addr *mw_address(uint16_t family)
{
	for (unsigned int i = 0; i < config->n_mw; i++)
		if (config->mw[i].family == family)
			return &config->mw[i];
	return NULL;
}

static int connect_to(const struct addr *peer, struct flow *f)
{
	struct connection *c;
	int ret;

	f->local.port = 0;
	ret = tcp_connect(f);
	if (ret)
		return ret;
	c = calloc(1, sizeof(*c));
	if (!c) {
		tcp_close(f->conn);
		return -ENOMEM;
	}
	c->peer = *peer;
	c->flow = *f;
	HASH_ADD(hh, connections, peer, sizeof(c->peer), c);
	if (HASH_COUNT(connections) > CONNECTIONS)
		tcp_close(connections->flow.conn);
	return 0;
}

int mw_flow(const struct addr *peer, bool tcp, struct flow *f, bool *reused)
{
	const struct addr *ours = mw_address(peer->family);
	struct connection *c;

	*reused = false;
	if (!ours)
		return -EAFNOSUPPORT;
	*f = (struct flow){ .side = FLOW_MW, .tcp = tcp, .local = *ours, .remote = *peer };
	if (!tcp)
		return 0;
	HASH_FIND(hh, connections, peer, sizeof(*peer), c);
	if (!c)
		return connect_to(peer, f);
	*f = c->flow;
	*reused = true;
	return 0;
}

void mw_closed(const struct flow *f)
{
	struct connection *c;

	if (f->side != FLOW_MW)
		return;
	HASH_FIND(hh, connections, &f->remote, sizeof(f->remote), c);
	if (c && c->flow.conn == f->conn)
		forget(c);
}
