// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One table of all keys of gmgate.yaml.
 *
 * Two values are the same when they are written the same, so that neither padding nor
 * what a value was derived from counts.
 */
#include "config_keys.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config_emergency.h"
#include "config_private.h"
#include "json.h"

typedef void put_fn(struct octets *o, const char *name, const struct config *cfg);

/* --- values --- */

static void put_ip(struct octets *o, const char *name, const struct addr *a)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(a->family, a->ip, text, sizeof(text));
	json_text(o, name, text);
}

static void put_link(struct octets *o, const struct config_link *link)
{
	json_utf8(o, "device", link->device);
	json_number(o, "dscp", link->dscp);
}

static void put_gm(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		const struct config_gm *gm = &cfg->gm[i];

		if (!gm->unprotected.family)
			continue;
		json_open(o, NULL, '{');
		put_ip(o, "address", &gm->unprotected);
		json_number(o, "port", gm->unprotected.port);
		json_number(o, "port-s", gm->port_s);
		json_open(o, "port-c", '[');
		for (unsigned int p = 0; p < gm->n_port_c; p++)
			json_number(o, NULL, gm->port_c[p]);
		json_close(o, ']');
		json_bool(o, "local-in", gm->local_in);
		json_bool(o, "relaxed", gm->relaxed);
		json_bool(o, "key-export", gm->key_export);
		put_link(o, &gm->link);
		json_bool(o, "sec-agree-required", gm->secagree_required);
		json_text(o, "emergency-unregistered", config_unregistered_name(gm->unregistered));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_mw(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_mw; i++) {
		json_open(o, NULL, '{');
		put_ip(o, "address", &cfg->mw[i]);
		json_number(o, "port", cfg->mw[i].port);
		put_link(o, &cfg->mw_link[i]);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* What only a URI can say is written as one. */
static void put_where(struct octets *o, const struct resolve_query *q)
{
	static const char * const transports[] = {
		[RESOLVE_ANY] = "", [RESOLVE_UDP] = "udp", [RESOLVE_TCP] = "tcp",
	};
	const char *transport = transports[q->transport];
	bool v6 = strchr(q->host, ':') != NULL;
	char uri[DNS_NAME + 40], port[8] = "";
	struct addr a;

	if (q->transport != RESOLVE_ANY && q->port && addr_parse(&a, q->host, 0)) {
		json_text(o, "address", q->host);
		json_number(o, "port", q->port);
		json_text(o, "transport", transport);
		return;
	}
	if (q->port)
		snprintf(port, sizeof(port), ":%u", q->port);
	snprintf(uri, sizeof(uri), "sip:%s%s%s%s%s%s", v6 ? "[" : "", q->host, v6 ? "]" : "",
		 port, *transport ? ";transport=" : "", transport);
	json_text(o, "uri", uri);
}

static void put_next_hops(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_next_hops; i++) {
		json_open(o, NULL, '{');
		put_where(o, &cfg->next_hops[i].where);
		json_number(o, "priority", cfg->next_hops[i].priority);
		json_number(o, "weight", cfg->next_hops[i].weight);
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_trusted(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_trusted; i++) {
		char ip[INET6_ADDRSTRLEN] = "", text[INET6_ADDRSTRLEN + 8];

		inet_ntop(cfg->trusted[i].addr.family, cfg->trusted[i].addr.ip, ip, sizeof(ip));
		snprintf(text, sizeof(text), "%s/%u", ip, cfg->trusted[i].length);
		json_text(o, NULL, text);
	}
	json_close(o, ']');
}

static void put_domains(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_domains; i++)
		json_text(o, NULL, cfg->domains[i]);
	json_close(o, ']');
}

static void put_servers(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->dns.n_servers; i++) {
		json_open(o, NULL, '{');
		put_ip(o, "address", &cfg->dns.servers[i]);
		json_number(o, "port", cfg->dns.servers[i].port);
		json_close(o, '}');
	}
	json_close(o, ']');
}

/* A Route is kept, "<URI>". */
static void put_ecscf(struct octets *o, const char *name, const struct config *cfg)
{
	size_t n = strlen(cfg->emergency.route);
	char uri[sizeof(cfg->emergency.route)] = "";

	if (n > 2)
		snprintf(uri, sizeof(uri), "%.*s", (int)n - 2, cfg->emergency.route + 1);
	json_utf8(o, name, uri);
}

static void put_undetected(struct octets *o, const char *name, const struct config *cfg)
{
	json_text(o, name, cfg->emergency.route_undetected ? "route" : "alternative-service");
}

static void put_unregistered(struct octets *o, const char *name, const struct config *cfg)
{
	json_text(o, name, config_unregistered_name(cfg->emergency.unregistered));
}

static void put_numbers(struct octets *o, const char *name, const struct config *cfg)
{
	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->emergency.n_numbers; i++) {
		json_open(o, NULL, '{');
		json_text(o, "number", cfg->emergency.numbers[i].number);
		json_text(o, "service",
			  cfg->emergency.numbers[i].urn + strlen("urn:service:"));
		json_close(o, '}');
	}
	json_close(o, ']');
}

static void put_suites(struct octets *o, const char *name, const struct config *cfg)
{
	char text[SUITE_NAME];

	json_open(o, name, '[');
	for (unsigned int i = 0; i < cfg->n_suites; i++)
		json_text(o, NULL, suite_name(cfg->suites[i], text));
	json_close(o, ']');
}

static void put_log_level(struct octets *o, const char *name, const struct config *cfg)
{
	json_text(o, name, log_level_name(cfg->log_level));
}

/* Where they are served; nothing where they are not. */
static void put_metrics(struct octets *o, const char *name, const struct config *cfg)
{
	if (!cfg->metrics.family)
		return;
	json_open(o, name, '{');
	put_ip(o, "address", &cfg->metrics);
	json_number(o, "port", cfg->metrics.port);
	json_close(o, '}');
}

/* --- the table --- */

struct key {
	const char *name;
	enum { NUMBER, MS, SECONDS, TEXT, FLAG, RATE, OTHER } type;
	size_t at, size;
	put_fn *put;		/* of OTHER */
	bool fixed;		/* cannot change at run time */
};

#define SIZE(member) sizeof(((struct config *)0)->member)
#define KEY(name, type, member) { name, type, offsetof(struct config, member), SIZE(member), NULL, false }
#define FIXED(name, type, member) { name, type, offsetof(struct config, member), SIZE(member), NULL, true }
#define OTHER(name, put) { name, OTHER, 0, 0, put, false }

/*
 * In the order they are shown; those of one mapping stand together.  gm and mw change
 * entry by entry, which is the reload's business.
 *
 * Fixed: who we are and where others find us; what the kernel has of an endpoint for
 * its whole life; tables whose content would be lost.
 */
static const struct key keys[] = {
	FIXED("instance", NUMBER, instance),
	/* With uid and gid. */
	{ "user", TEXT, offsetof(struct config, user),
	  offsetof(struct config, control) - offsetof(struct config, user), NULL, true },
	FIXED("control", TEXT, control),
	FIXED("store", TEXT, store),
	KEY("trace", TEXT, trace),
	KEY("visited-network-id", TEXT, visited_network_id),
	KEY("reg-event", FLAG, reg_event),
	OTHER("gm", put_gm),
	FIXED("spi.min", NUMBER, spi_min),
	FIXED("spi.max", NUMBER, spi_max),
	OTHER("mw", put_mw),
	KEY("mw-mtu", NUMBER, mw_mtu),
	OTHER("mw-next-hop", put_next_hops),
	OTHER("mw-trusted", put_trusted),
	OTHER("mw-domains", put_domains),
	OTHER("dns.servers", put_servers),
	KEY("dns.device", TEXT, dns.device),
	KEY("dns.trust", FLAG, dns.trust),
	OTHER("emergency.next-hop", put_ecscf),
	OTHER("emergency.undetected", put_undetected),
	OTHER("emergency.numbers", put_numbers),
	OTHER("emergency.unregistered", put_unregistered),
	KEY("sec-agree.required", FLAG, secagree_required),
	FIXED("sec-agree.remember", NUMBER, remembered_impis),
	OTHER("sec-agree.suites", put_suites),
	FIXED("timers.scale", NUMBER, scale),
	KEY("timers.reg-await-auth", SECONDS, reg_await_auth),
	KEY("timers.t1-gm", MS, t1_gm),
	KEY("timers.t1-mw", MS, t1_mw),
	KEY("limits.message", NUMBER, limits.message),
	KEY("limits.header-lines", NUMBER, limits.header_lines),
	KEY("limits.line", NUMBER, limits.line),
	KEY("limits.commas", NUMBER, limits.commas),
	KEY("limits.semicolons", NUMBER, limits.semicolons),
	KEY("limits.temporary-sets", NUMBER, limits.temporary_sets),
	FIXED("limits.sets", NUMBER, limits.sets),
	KEY("limits.transactions", NUMBER, limits.transactions),
	KEY("limits.connections", NUMBER, limits.connections),
	KEY("limits.connection-idle", NUMBER, limits.connection_idle),
	KEY("limits.emergency-calls", NUMBER, limits.emergency_calls),
	KEY("limits.ues-without-sec-agree", NUMBER, limits.plain_ues),
	KEY("rates.source", RATE, rates.source),
	KEY("rates.impi", RATE, rates.impi),
	KEY("rates.all", RATE, rates.all),
	KEY("rates.emergency", RATE, rates.emergency),
	KEY("rates.table", NUMBER, rates.table),
	KEY("rates.retry-after", NUMBER, rates.retry_after),
	OTHER("log.level", put_log_level),
	/* Its socket is from before the rights went. */
	{ "metrics", OTHER, offsetof(struct config, metrics), SIZE(metrics), put_metrics, true },
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static void put_rate(struct octets *o, const char *name, const struct config_rate *rate)
{
	json_open(o, name, '{');
	json_number(o, "per-second", rate->per_second);
	json_number(o, "burst", rate->burst);
	json_close(o, '}');
}

static void put_value(struct octets *o, const char *name, const struct key *k,
		      const struct config *cfg)
{
	const void *p = (const char *)cfg + k->at;

	switch (k->type) {
	case NUMBER:
		json_number(o, name, *(const uint32_t *)p);
		break;
	case MS:
		json_number(o, name, *(const uint64_t *)p);
		break;
	case SECONDS:
		json_number(o, name, *(const uint64_t *)p / 1000);
		break;
	case TEXT:
		json_utf8(o, name, p);
		break;
	case FLAG:
		json_bool(o, name, *(const bool *)p);
		break;
	case RATE:
		put_rate(o, name, p);
		break;
	case OTHER:
		k->put(o, name, cfg);
		break;
	}
}

/* Octets of a name that are its mapping, with the dot. */
static size_t mapping_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) + 1 : 0;
}

void config_show(const struct config *cfg, struct octets *o)
{
	size_t in = 0;

	json_open(o, NULL, '{');
	for (size_t i = 0; i < KEYS; i++) {
		size_t n = mapping_of(keys[i].name);
		char mapping[24];

		if (in && (n != in || strncmp(keys[i].name, keys[i - 1].name, in))) {
			json_close(o, '}');
			in = 0;
		}
		if (n && !in) {
			snprintf(mapping, sizeof(mapping), "%.*s", (int)n - 1, keys[i].name);
			json_open(o, mapping, '{');
			in = n;
		}
		put_value(o, keys[i].name + n, &keys[i], cfg);
	}
	if (in)
		json_close(o, '}');
	json_close(o, '}');
}

/* --- */

static bool same(const struct key *k, const struct config *a, const struct config *b)
{
	struct octets x = { 0 }, y = { 0 };
	bool ret;

	put_value(&x, NULL, k, a);
	put_value(&y, NULL, k, b);
	ret = str_same(octets_str(&x), octets_str(&y)) && !x.failed && !y.failed;
	octets_free(&x);
	octets_free(&y);
	return ret;
}

bool config_differs(const struct config *a, const struct config *b, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < KEYS; i++)
		if (!strncmp(keys[i].name, key, n) &&
		    (!keys[i].name[n] || keys[i].name[n] == '.') && !same(&keys[i], a, b))
			return true;
	return false;
}

void config_diff(const struct config *a, const struct config *b, config_key_fn *fn, void *arg)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!same(&keys[i], a, b))
			fn(keys[i].name, arg);
}

void config_keep(const struct config *now, struct config *next, config_key_fn *kept, void *arg)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct key *k = &keys[i];

		if (!k->fixed || same(k, now, next))
			continue;
		kept(k->name, arg);
		memcpy((char *)next + k->at, (const char *)now + k->at, k->size);
	}
}

/* Reads it as a file, so that there is one place that says what holds. */
int config_check(const struct config *cfg, char *err)
{
	static struct config again;
	struct octets text = { 0 };
	char path[64], why[CONFIG_ERROR];
	int fd = memfd_create("gmgate.yaml", MFD_CLOEXEC), ret = -1;
	const char *at;

	config_show(cfg, &text);
	if (fd < 0 || text.failed || write(fd, text.p, text.n) != (ssize_t)text.n) {
		snprintf(err, CONFIG_ERROR, "cannot be checked, no memory");
	} else {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		ret = config_load(&again, path, why);
		if (ret) {
			/* FILE:LINE: means nothing to anybody. */
			at = strstr(why, ": ");
			snprintf(err, CONFIG_ERROR, "%s", at ? at + 2 : why);
		}
	}
	if (fd >= 0)
		close(fd);
	octets_free(&text);
	return ret;
}
