// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sockets of Gm and Mw, and the two rules that hold whatever a message
 * says: the core side listens to trusted peers only, and on a protected port a
 * message belongs to a set we know, from the address of its UE
 * (gm-security 6 check 3).
 */
#include "transport.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admission.h"
#include "log.h"
#include "mw.h"
#include "set.h"
#include "tcp.h"
#include "trace.h"
#include "trust.h"
#include "udp.h"
#include "wire.h"

struct transport_stats transport_stats;

static struct transport_ops ops;
static const struct config *config;

static bool admit(const struct flow *f)
{
	const struct set *s;

	if (f->side == FLOW_MW && !trust_has(&f->remote)) {
		transport_stats.untrusted++;
		log_refusal(addr_text(&f->remote), RULE_UNTRUSTED, "not a trusted peer of the core");
		return false;
	}
	if (f->side != FLOW_GM_PROTECTED)
		return true;
	s = set_find(f->set);
	if (s && s->gm == f->gm && addr_same_ip(&s->ue_addr, &f->remote))
		return true;
	transport_stats.foreign_set++;
	log_refusal(addr_text(&f->remote), RULE_FOREIGN_SET, "set %u is %s", f->set,
		    s ? "of another address" : "not known");
	return false;
}

static bool admit_connection(const struct flow *f)
{
	return admit(f) && (f->side != FLOW_GM || admission_connection(&f->remote));
}

static void receive(const struct flow *f, char *data, size_t n)
{
	if (admit(f))
		ops.receive(f, data, n);
}

static void closed(const struct flow *f)
{
	mw_closed(f);
	ops.closed(f);
}

int transport_send(const struct flow *f, const char *data, size_t n)
{
	int ret;

	trace_message(f, true, (struct str){ data, n });
	ret = f->tcp ? tcp_send(f, data, n) : udp_send(f, data, n);
	if (ret)
		log_limited(LOG_LEVEL_WARNING, "cannot send to %s, set %u: %s",
			    addr_text(&f->remote), f->set,
			    ret == -ENOKEY ? "its set has ended" : strerror(-ret));
	return ret;
}

int transport_to_ue(const struct set *s, enum transport_way way, struct flow *f)
{
	*f = set_flow_to_ue(s);
	if (way == TRANSPORT_UDP)
		return 0;
	if (way == TRANSPORT_THEIR_TCP)
		return tcp_find(s->id, s->port_ps, f) ? 0 : -ENOTCONN;
	return tcp_find(s->id, s->port_pc, f) ? 0 : tcp_connect(f);
}

int transport_to_core(const struct addr *peer, struct flow *f)
{
	bool reused;

	return mw_flow(peer, true, f, &reused);
}

bool transport_stands(const struct flow *f)
{
	if (f->side == FLOW_GM_PROTECTED && !set_find(f->set))
		return false;
	return !f->tcp || tcp_stands(f->conn);
}

void transport_hold(const struct flow *f)
{
	if (f->tcp)
		tcp_hold(f->conn);
}

void transport_release(const struct flow *f)
{
	if (f->tcp)
		tcp_release(f->conn);
}

/* What the three mean that a configuration can be at fault for. */
static const char *why_not(int e)
{
	switch (e) {
	case EADDRNOTAVAIL:
		return "no interface here has this address";
	case EADDRINUSE:
		return "another program has this port (ss -lnptu)";
	case ENODEV:
		return "there is no such device";
	default:
		return strerror(e);
	}
}

static int open_one(const struct flow *like, char *err)
{
	int ret = udp_open(like);

	if (!ret)
		ret = tcp_listen(like);
	if (ret)
		snprintf(err, CONFIG_ERROR, "cannot listen on %s: %s", addr_text(&like->local),
			 why_not(-ret));
	return ret;
}

int transport_open_gm(unsigned int index, char *err)
{
	const struct config_gm *gm = &config->gm[index];
	struct flow like = { .side = FLOW_GM, .gm = index, .local = gm->unprotected };

	if (open_one(&like, err))
		return -1;
	like.side = FLOW_GM_PROTECTED;
	like.local.port = gm->port_s;
	if (open_one(&like, err))
		return -1;
	for (unsigned int i = 0; i < gm->n_port_c; i++) {
		like.local.port = gm->port_c[i];
		if (open_one(&like, err))
			return -1;
	}
	return 0;
}

int transport_open_mw(unsigned int index, char *err)
{
	const struct flow like = { .side = FLOW_MW, .local = config->mw[index] };

	return open_one(&like, err) ? -1 : 0;
}

static bool is_gone(const struct flow *f)
{
	if (f->side != FLOW_MW)
		return f->gm >= config->n_gm ||
		       !addr_same_ip(&config->gm[f->gm].unprotected, &f->local);
	/* Connections of ours have a port of their own. */
	for (unsigned int i = 0; i < config->n_mw; i++)
		if (f->conn ? addr_same_ip(&config->mw[i], &f->local)
			    : addr_same(&config->mw[i], &f->local))
			return false;
	return true;
}

void transport_prune(void)
{
	udp_prune(is_gone);
	tcp_prune(is_gone);
}

void transport_limits(const struct config *cfg, struct sip_limits *limits)
{
	*limits = sip_limits_default;
	limits->message = cfg->limits.message;
	limits->header_lines = cfg->limits.header_lines;
	limits->line = cfg->limits.line;
	limits->commas = cfg->limits.commas;
	limits->semicolons = cfg->limits.semicolons;
}

static void init_tcp(void)
{
	const struct tcp_ops tcp_ops = { .admit = admit_connection, .receive = receive, .closed = closed };
	struct tcp_limits limits = {
		.unproven = config->limits.connections,
		.idle = config->limits.connection_idle * (uint64_t)1000,
	};

	transport_limits(config, &limits.sip);
	tcp_init(&tcp_ops, &limits);
}

void transport_reload(void)
{
	init_tcp();
	udp_reload(config->limits.message);
}

int transport_open(const struct config *cfg, const struct transport_ops *o, char *err)
{
	ops = *o;
	config = cfg;
	wire_init(cfg);
	trust_init(cfg);
	mw_init(cfg);
	init_tcp();
	udp_init(receive, cfg->limits.message);
	udp_on_bounce(o->bounced);
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		if (transport_open_gm(i, err))
			return -1;
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		if (transport_open_mw(i, err))
			return -1;
	return 0;
}

void transport_close(void)
{
	tcp_exit();
	udp_exit();
	mw_exit();
	trust_exit();
}
