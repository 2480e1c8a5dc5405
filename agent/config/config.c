// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The configuration: what the values of gmgate.yaml mean, their defaults, and
 * what must hold between them.  Filled at start, and by a reload.
 */
#include "config.h"

#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config_emergency.h"
#include "config_private.h"

#define NO_SIP_PORT "must not be 5060 or 5061 (TS 33.203 7.1)"
#define NO_RIGHT "must be 1024 or more, gmgated keeps no right to bind less"

int config_wrong(struct reading *r, const char *path, const char *fmt, ...)
{
	unsigned int line = config_yaml_line(r->file, path);
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line)
		snprintf(r->err, CONFIG_ERROR, "%s:%u: %s: %s", r->file, line, path, what);
	else
		snprintf(r->err, CONFIG_ERROR, "%s: %s: %s", r->file, path, what);
	return -1;
}

static bool is_unspecified(const struct addr *a)
{
	static const uint8_t none[16];

	return !memcmp(a->ip, none, sizeof(none));
}

static int read_address(struct reading *r, const char *path, const char *text,
			const uint16_t *port, struct addr *a)
{
	char at[128];

	snprintf(at, sizeof(at), "%s.address", path);
	if (!addr_parse(a, text, port ? *port : 5060))
		return config_wrong(r, at, "\"%s\" is not an IPv4 or IPv6 address", text);
	/* The address of an SA comes from here: a wildcard would be none. */
	if (is_unspecified(a))
		return config_wrong(r, at, "the wildcard address cannot be used");
	if (!a->port) {
		snprintf(at, sizeof(at), "%s.port", path);
		return config_wrong(r, at, "must not be 0");
	}
	return 0;
}

/* An address of ours: the sockets are opened when the rights are gone. */
static int read_own_address(struct reading *r, const char *path, const char *text,
			    const uint16_t *port, struct addr *a)
{
	char at[128];

	if (read_address(r, path, text, port, a))
		return -1;
	snprintf(at, sizeof(at), "%s.port", path);
	return a->port < 1024 ? config_wrong(r, at, NO_RIGHT) : 0;
}

/* Whether the device is there is seen at start. */
static int read_link(struct reading *r, const char *path, const char *device,
		     const uint8_t *dscp, struct config_link *link)
{
	char at[128];

	snprintf(link->device, sizeof(link->device), "%s", device ? device : "");
	snprintf(at, sizeof(at), "%s.device", path);
	if (strchr(link->device, '/') || strchr(link->device, ' '))
		return config_wrong(r, at, "\"%s\" is not the name of a device", link->device);
	link->dscp = dscp ? *dscp : 0;
	snprintf(at, sizeof(at), "%s.dscp", path);
	return link->dscp > 63 ? config_wrong(r, at, "must be 0 to 63 (RFC 2474)") : 0;
}

/* No protected port of ours is one where SIP is expected in clear (TS 33.203 7.1). */
static bool is_sip_port(uint16_t port)
{
	return port == 5060 || port == 5061;
}

static int check_ports(struct reading *r, const char *path, const struct config_gm *gm)
{
	char at[128];

	snprintf(at, sizeof(at), "%s.port-s", path);
	if (!gm->port_s)
		return config_wrong(r, at, "must not be 0");
	if (gm->port_s == gm->unprotected.port)
		return config_wrong(r, at, "is the unprotected port, too");
	if (is_sip_port(gm->port_s))
		return config_wrong(r, at, NO_SIP_PORT);
	if (gm->port_s < 1024)
		return config_wrong(r, at, NO_RIGHT);
	for (unsigned int i = 0; i < gm->n_port_c; i++) {
		uint16_t port = gm->port_c[i];

		snprintf(at, sizeof(at), "%s.port-c.%u", path, i);
		if (port < 1024)
			return config_wrong(r, at, NO_RIGHT);
		if (port == gm->unprotected.port)
			return config_wrong(r, at, "is the unprotected port, too");
		if (is_sip_port(port))
			return config_wrong(r, at, NO_SIP_PORT);
		if (port == gm->port_s)
			return config_wrong(r, at, "is port-s, too (TS 33.203 7.1)");
		for (unsigned int j = 0; j < i; j++)
			if (gm->port_c[j] == port)
				return config_wrong(r, at, "%u is named twice", port);
	}
	return 0;
}

/* Off by default: access without sec-agree has to be allowed by name. */
static bool secagree_required(const struct yaml_config *y)
{
	return !y->sec_agree || !y->sec_agree->required || *y->sec_agree->required;
}

static int read_gm(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->n_gm = y->gm_count;
	cfg->secagree_required = secagree_required(y);
	for (unsigned int i = 0; i < y->gm_count; i++) {
		struct config_gm *gm = &cfg->gm[i];
		char path[32];

		snprintf(path, sizeof(path), "gm.%u", i);
		if (read_own_address(r, path, y->gm[i].address, y->gm[i].port, &gm->unprotected) ||
		    read_link(r, path, y->gm[i].device, y->gm[i].dscp, &gm->link))
			return -1;
		gm->port_s = y->gm[i].port_s;
		gm->n_port_c = y->gm[i].port_c_count;
		memcpy(gm->port_c, y->gm[i].port_c, gm->n_port_c * sizeof(gm->port_c[0]));
		gm->local_in = y->gm[i].local_in && *y->gm[i].local_in;
		gm->relaxed = y->gm[i].relaxed && *y->gm[i].relaxed;
		gm->key_export = y->gm[i].key_export && *y->gm[i].key_export;
		gm->secagree_required = y->gm[i].secagree_required ? *y->gm[i].secagree_required
								   : cfg->secagree_required;
		if (check_ports(r, path, gm))
			return -1;
		for (unsigned int j = 0; j < i; j++)
			if (addr_same_ip(&cfg->gm[j].unprotected, &gm->unprotected))
				return config_wrong(r, path, "an address may have one entry only");
	}
	return 0;
}

static int read_mw(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->n_mw = y->mw_count;
	if (cfg->n_mw > CONFIG_MAX_MW)
		return config_wrong(r, "mw", "at most %d addresses", CONFIG_MAX_MW);
	for (unsigned int i = 0; i < y->mw_count; i++) {
		char path[32];

		snprintf(path, sizeof(path), "mw.%u", i);
		if (read_own_address(r, path, y->mw[i].address, y->mw[i].port, &cfg->mw[i]) ||
		    read_link(r, path, y->mw[i].device, y->mw[i].dscp, &cfg->mw_link[i]))
			return -1;
		for (unsigned int g = 0; g < cfg->n_gm; g++)
			if (addr_same_ip(&cfg->mw[i], &cfg->gm[g].unprotected))
				return config_wrong(r, path,
						    "is an address of gm, too; where a request "
						    "came in decides what it may do");
	}
	return 0;
}

static bool is_trusted(const struct config *cfg, const struct addr *a)
{
	for (unsigned int i = 0; i < cfg->n_trusted; i++)
		if (addr_prefix_has(&cfg->trusted[i], a))
			return true;
	return false;
}

static bool has_family(const struct config *cfg, const struct addr *a)
{
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		if (cfg->mw[i].family == a->family)
			return true;
	return false;
}

/* By address and port, or by a URI, whose name is looked up (RFC 3263). */
static int read_where(struct reading *r, const char *path, const struct yaml_next_hop *y,
		      struct resolve_query *where)
{
	char at[128];
	struct addr a;

	if (!y->address == !y->uri)
		return config_wrong(r, path, "needs either address or uri");
	if (y->uri && (y->port || y->transport))
		return config_wrong(r, path, "port and transport are part of the uri");
	if (y->uri) {
		snprintf(at, sizeof(at), "%s.uri", path);
		if (!resolve_uri(str_of(y->uri), where))
			return config_wrong(r, at, "\"%s\" is not a URI such as sip:core.example;"
					    "transport=tcp", y->uri);
		return 0;
	}
	if (read_address(r, path, y->address, y->port, &a))
		return -1;
	snprintf(at, sizeof(at), "%s.transport", path);
	if (y->transport && strcmp(y->transport, "udp") && strcmp(y->transport, "tcp"))
		return config_wrong(r, at, "must be udp or tcp");
	snprintf(where->host, sizeof(where->host), "%s", y->address);
	where->port = a.port;
	where->transport = y->transport && !strcmp(y->transport, "tcp") ? RESOLVE_TCP
									 : RESOLVE_UDP;
	return 0;
}

/* RFC 3261 18.1.1 counts 200 octets less; what is left has to hold something. */
static int read_mtu(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->mw_mtu = config_or(y->mw_mtu, 1500);
	if (cfg->mw_mtu < 576 || cfg->mw_mtu > 65535)
		return config_wrong(r, "mw-mtu", "must be 576 to 65535");
	return 0;
}

/* What is written as an address can be looked at before anything is sent there. */
static int check_peer(struct reading *r, const struct config *cfg, const char *path,
		      const char *host)
{
	struct addr a;

	if (!addr_parse(&a, host, 0))
		return 0;
	if (!has_family(cfg, &a))
		return config_wrong(r, path, "mw has no address of its family");
	if (!is_trusted(cfg, &a))
		return config_wrong(r, path, "is not in mw-trusted, its answers would be dropped");
	return 0;
}

/* The core may be on this host, at our address even, but not where we listen. */
static bool is_ours(const struct config *cfg, const struct resolve_query *where)
{
	struct addr a;

	if (!addr_parse(&a, where->host, where->port))
		return false;
	for (unsigned int i = 0; i < cfg->n_mw; i++)
		if (addr_same(&cfg->mw[i], &a))
			return true;
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		if (addr_same(&cfg->gm[i].unprotected, &a))
			return true;
	return false;
}

static int read_next_hops(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	for (unsigned int i = 0; i < y->mw_next_hop_count; i++) {
		struct config_next_hop *hop = &cfg->next_hops[i];
		char path[32];

		snprintf(path, sizeof(path), "mw-next-hop.%u", i);
		if (read_where(r, path, &y->mw_next_hop[i], &hop->where))
			return -1;
		hop->priority = y->mw_next_hop[i].priority ? *y->mw_next_hop[i].priority : 0;
		hop->weight = y->mw_next_hop[i].weight ? *y->mw_next_hop[i].weight : 1;
		if (is_ours(cfg, &hop->where))
			return config_wrong(r, path, "is an address and port of ours, not the core's");
		if (check_peer(r, cfg, path, hop->where.host))
			return -1;
	}
	cfg->n_next_hops = y->mw_next_hop_count;
	for (unsigned int i = 0; i < y->mw_domains_count; i++) {
		const char *name = y->mw_domains[i];
		char path[32];

		snprintf(path, sizeof(path), "mw-domains.%u", i);
		if (!resolve_is_name(str_of(strncmp(name, "*.", 2) ? name : name + 2)))
			return config_wrong(r, path, "\"%s\" is not a domain, or *. and one", name);
		snprintf(cfg->domains[i], sizeof(cfg->domains[i]), "%s", name);
	}
	cfg->n_domains = y->mw_domains_count;
	if (!cfg->n_next_hops && !cfg->n_domains)
		return config_wrong(r, "mw-next-hop", "there is neither a next hop nor mw-domains");
	return 0;
}

static int read_trusted(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->n_trusted = y->mw_trusted_count;
	for (unsigned int i = 0; i < y->mw_trusted_count; i++) {
		char path[32];

		snprintf(path, sizeof(path), "mw-trusted.%u", i);
		if (!addr_prefix_parse(&cfg->trusted[i], y->mw_trusted[i]))
			return config_wrong(r, path,
					    "\"%s\" is not an IPv4 or IPv6 address or prefix",
					    y->mw_trusted[i]);
	}
	return 0;
}

static int read_emergency(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	struct config_emergency_fault fault;
	char host[DNS_NAME] = "";

	if (y->emergency && !config_emergency_read(y->emergency, &cfg->emergency, host, &fault))
		return config_wrong(r, fault.path, "%s", fault.why);
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		if (!config_emergency_listener(y->gm[i].emergency_unregistered, i, &cfg->emergency,
					       &cfg->gm[i].unregistered, &fault))
			return config_wrong(r, fault.path, "%s", fault.why);
	return host[0] ? check_peer(r, cfg, "emergency.next-hop", host) : 0;
}

static int read_dns(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	static const struct yaml_dns none;
	const struct yaml_dns *d = y->dns ? y->dns : &none;

	cfg->dns.n_servers = d->servers_count;
	for (unsigned int i = 0; i < d->servers_count; i++) {
		static const uint16_t port = 53;
		char path[32];

		snprintf(path, sizeof(path), "dns.servers.%u", i);
		if (read_address(r, path, d->servers[i].address,
				 d->servers[i].port ? d->servers[i].port : &port,
				 &cfg->dns.servers[i]))
			return -1;
	}
	snprintf(cfg->dns.device, sizeof(cfg->dns.device), "%s", d->device ? d->device : "");
	cfg->dns.trust = d->trust && *d->trust;
	return 0;
}

static int read_timers(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	static const struct yaml_timers none;
	const struct yaml_timers *t = y->timers ? y->timers : &none;

	cfg->scale = config_or(t->scale, 1);
	if (!cfg->scale || cfg->scale > 1000000)
		return config_wrong(r, "timers.scale", "must be 1 to 1000000");
	/* TS 24.229 tables 7.8.1 and 7.7.1 */
	cfg->reg_await_auth = config_or(t->reg_await_auth, 240) * (uint64_t)1000;
	cfg->t1_gm = config_or(t->t1_gm, 2000);
	cfg->t1_mw = config_or(t->t1_mw, 500);
	if (!cfg->reg_await_auth)
		return config_wrong(r, "timers.reg-await-auth", "must not be 0");
	if (!cfg->t1_gm || cfg->t1_gm > 60000)
		return config_wrong(r, "timers.t1-gm", "must be 1 to 60000 milliseconds");
	if (!cfg->t1_mw || cfg->t1_mw > 60000)
		return config_wrong(r, "timers.t1-mw", "must be 1 to 60000 milliseconds");
	return 0;
}

static int read_limits(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	static const struct yaml_limits none;
	const struct yaml_limits *l = y->limits ? y->limits : &none;
	const struct {
		const char *path;
		const uint32_t *value;
		unsigned int fallback, min, max, *to;
	} rows[] = {
		{ "limits.message", l->message, 16384, 1024, 65535, &cfg->limits.message },
		{ "limits.header-lines", l->header_lines, 128, 16, 10000,
		  &cfg->limits.header_lines },
		{ "limits.line", l->line, 4096, 256, 65535, &cfg->limits.line },
		{ "limits.commas", l->commas, 64, 8, 10000, &cfg->limits.commas },
		{ "limits.semicolons", l->semicolons, 256, 16, 10000, &cfg->limits.semicolons },
		{ "limits.temporary-sets", l->temporary_sets, 1000, 1, 10000000,
		  &cfg->limits.temporary_sets },
		{ "limits.sets", l->sets, 1000000, 1, 100000000, &cfg->limits.sets },
		{ "limits.transactions", l->transactions, 10000, 1, 10000000,
		  &cfg->limits.transactions },
		{ "limits.connections", l->connections, 1000, 1, 1000000,
		  &cfg->limits.connections },
		{ "limits.connection-idle", l->connection_idle, 60, 1, 86400,
		  &cfg->limits.connection_idle },
		{ "limits.emergency-calls", l->emergency_calls, 200, 1, 100000,
		  &cfg->limits.emergency_calls },
		{ "limits.ues-without-sec-agree", l->plain_ues, 10000, 1, 10000000,
		  &cfg->limits.plain_ues },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t v = config_or(rows[i].value, rows[i].fallback);

		if (v < rows[i].min || v > rows[i].max)
			return config_wrong(r, rows[i].path, "must be %u to %u", rows[i].min,
					    rows[i].max);
		*rows[i].to = v;
	}
	return 0;
}

static int read_rate(struct reading *r, const char *path, const struct yaml_rate *y,
		     struct config_rate fallback, struct config_rate *rate)
{
	char at[48];

	*rate = fallback;
	if (!y)
		return 0;
	*rate = (struct config_rate){ y->per_second, y->burst };
	snprintf(at, sizeof(at), "%s.per-second", path);
	if (rate->per_second > 1000000)
		return config_wrong(r, at, "must be 0 (no limit) to 1000000");
	snprintf(at, sizeof(at), "%s.burst", path);
	if (rate->burst < 4 || rate->burst > 1000000)
		return config_wrong(r, at, "must be 4 to 1000000");
	return 0;
}

/*
 * A phone asks once or twice, and again when it hears nothing; the defaults
 * leave room for some tens of them behind one address.
 */
static int read_rates(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	static const struct yaml_rates none;
	const struct yaml_rates *l = y->rates ? y->rates : &none;

	cfg->rates.table = config_or(l->table, 65536);
	if (cfg->rates.table < 1024 || cfg->rates.table > 10000000)
		return config_wrong(r, "rates.table", "must be 1024 to 10000000");
	cfg->rates.retry_after = config_or(l->retry_after, 30);
	if (!cfg->rates.retry_after || cfg->rates.retry_after > 3600)
		return config_wrong(r, "rates.retry-after", "must be 1 to 3600");
	if (read_rate(r, "rates.source", l->source, (struct config_rate){ 20, 100 },
		      &cfg->rates.source) ||
	    read_rate(r, "rates.impi", l->impi, (struct config_rate){ 1, 20 }, &cfg->rates.impi))
		return -1;
	if (read_rate(r, "rates.all", l->all, (struct config_rate){ 2000, 4000 }, &cfg->rates.all))
		return -1;
	return read_rate(r, "rates.emergency", l->emergency, (struct config_rate){ 20, 50 },
			 &cfg->rates.emergency);
}

/* Never where UEs can reach it: it is for who looks after this host. */
static int read_metrics(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	if (!y->metrics)
		return 0;
	if (read_address(r, "metrics", y->metrics->address ? y->metrics->address : "127.0.0.1",
			 &y->metrics->port, &cfg->metrics))
		return -1;
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		if (addr_same_ip(&cfg->metrics, &cfg->gm[i].unprotected))
			return config_wrong(r, "metrics.address",
					    "is an address of gm, where every UE could read it");
	return 0;
}

static int read_log(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->log_level = LOG_LEVEL_INFO;
	if (!y->log || !y->log->level || log_level_find(y->log->level, &cfg->log_level))
		return 0;
	return config_wrong(r, "log.level", "must be error, warning, info or debug");
}

static int read_user(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	const char *user = y->user ? y->user : "gmgate";
	struct passwd *pw = getpwnam(user);

	if (!pw)
		return config_wrong(r, "user", "there is no user \"%s\"", user);
	snprintf(cfg->user, sizeof(cfg->user), "%s", user);
	cfg->uid = pw->pw_uid;
	cfg->gid = pw->pw_gid;
	return 0;
}

/* The visited network id goes into headers: a quoted string without escapes. */
static int read_visited(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	for (const char *p = y->visited_network_id; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '"' || *p == '\\')
			return config_wrong(r, "visited-network-id",
				    "must not have control characters, quotes or backslashes");
	snprintf(cfg->visited_network_id, sizeof(cfg->visited_network_id), "%s",
		 y->visited_network_id);
	return 0;
}

static int read_all(struct reading *r, struct config *cfg, const struct yaml_config *y)
{
	cfg->instance = y->instance;
	if (!cfg->instance)
		return config_wrong(r, "instance", "must be 1 or more");
	snprintf(cfg->control, sizeof(cfg->control), "%s",
		 y->control ? y->control : "/run/gmgate/control.sock");
	if (y->store)
		snprintf(cfg->store, sizeof(cfg->store), "%s", y->store);
	else
		snprintf(cfg->store, sizeof(cfg->store), "/run/gmgate/store-%u", cfg->instance);
	snprintf(cfg->trace, sizeof(cfg->trace), "%s", y->trace ? y->trace : "");
	cfg->reg_event = !y->reg_event || *y->reg_event;
	if (read_user(r, cfg, y) || read_visited(r, cfg, y))
		return -1;
	cfg->spi_min = y->spi.min;
	cfg->spi_max = y->spi.max;
	/* 0 is never sent, 1 to 255 are reserved (RFC 4303 2.1). */
	if (cfg->spi_min < 256)
		return config_wrong(r, "spi.min", "must be 256 or more (RFC 4303 2.1)");
	if (cfg->spi_max <= cfg->spi_min || cfg->spi_max - cfg->spi_min < 1023)
		return config_wrong(r, "spi.max", "the range must have at least 1024 SPIs");
	if (read_gm(r, cfg, y) || read_mw(r, cfg, y) || read_trusted(r, cfg, y))
		return -1;
	if (read_mtu(r, cfg, y) || read_next_hops(r, cfg, y) || read_dns(r, cfg, y))
		return -1;
	if (config_read_suites(r, cfg, y) || read_timers(r, cfg, y) || read_limits(r, cfg, y))
		return -1;
	if (read_rates(r, cfg, y) || read_emergency(r, cfg, y) || read_metrics(r, cfg, y))
		return -1;
	return read_log(r, cfg, y);
}

int config_load(struct config *cfg, const char *file, char *err)
{
	struct reading r = { .file = file, .err = err };
	struct yaml_config *y;
	int ret;

	memset(cfg, 0, sizeof(*cfg));
	y = config_yaml_load(file, err);
	if (!y)
		return -1;
	ret = read_all(&r, cfg, y);
	config_yaml_free(y);
	return ret;
}
