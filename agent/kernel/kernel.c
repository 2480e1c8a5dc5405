// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The agent's use of the gate: which endpoints it declares, and what it does
 * about the kernel's events. Sets of an earlier life: restart.c.
 *
 * Requests are synchronous, some tens of microseconds each.  Events are hints:
 * when some were lost, or when in doubt, the kernel's list of sets is compared
 * with ours.
 */
#include "kernel.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "registrar.h"
#include "tcp.h"

struct kernel_stats kernel_stats;

static uint32_t module_version;

uint32_t kernel_module_version(void)
{
	return module_version;
}

static struct gate *gate;
static struct event *readable;
static struct set_endpoint endpoints[CONFIG_MAX_GM];
static unsigned int n_endpoints;
static bool exports[CONFIG_MAX_GM];	/* key-export, as the kernel has it */

static const char *text(const struct gate_error *e, int ret)
{
	return e->line[0] ? e->line : strerror(-ret);
}

/* --- sets --- */

static int add(void *ctx, const struct gate_set_new *n, uint32_t *id, struct gate_error *err)
{
	return gate_set_add(ctx, n, id, err);
}

static int change(void *ctx, uint32_t id, const struct gate_change *c, struct gate_error *err)
{
	return gate_set_change(ctx, id, c, err);
}

static int del(void *ctx, uint32_t id, struct gate_error *err)
{
	return gate_set_del(ctx, id, err);
}

static int list(void *ctx, uint32_t endpoint, gate_set_fn *fn, void *arg,
		struct gate_error *err)
{
	const struct gate_filter filter = { .endpoint = endpoint };

	return gate_set_list(ctx, &filter, fn, arg, err);
}

static void reset_connections(void *ctx, uint32_t id)
{
	(void)ctx;
	tcp_reset_set(id);
}

struct set_kernel kernel_sets(void)
{
	return (struct set_kernel){
		.add = add,
		.change = change,
		.del = del,
		.list = list,
		.reset_connections = reset_connections,
		.ctx = gate,
	};
}

const struct set_endpoint *kernel_endpoints(void)
{
	return endpoints;
}

/* --- counters --- */

#define COUNTERS_US 1000000

const struct gate_stats *kernel_counters(void)
{
	static struct gate_stats stats;
	static uint64_t asked;
	static bool fine;
	uint64_t now = clock_real_us();

	if (!gate)
		return NULL;
	/* A kernel that does not answer is not asked more often either. */
	if (!asked || now - asked >= COUNTERS_US) {
		asked = now;
		memset(&stats, 0, sizeof(stats));
		fine = !gate_stats_get(gate, &stats, NULL);
	}
	return fine ? &stats : NULL;
}

/* --- events --- */

struct ids {
	uint32_t *id;
	unsigned int n, room;
};

static int collect(const struct gate_set *s, void *arg)
{
	struct ids *ids = arg;

	if (ids->n == ids->room) {
		unsigned int room = ids->room ? ids->room * 2 : 256;
		uint32_t *id = realloc(ids->id, room * sizeof(*id));

		if (!id)
			return -ENOMEM;
		ids->id = id;
		ids->room = room;
	}
	ids->id[ids->n++] = s->id;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool has(const struct ids *ids, uint32_t id)
{
	return ids->n && bsearch(&id, ids->id, ids->n, sizeof(*ids->id), by_number);
}

/* The kernel's sets of our endpoints that we do not know. */
static void delete_strays(const struct ids *ids)
{
	struct gate_error err = { 0 };

	for (unsigned int i = 0; i < ids->n; i++) {
		if (set_find(ids->id[i]))
			continue;
		kernel_stats.strays++;
		log_warning("deleting set %u, which nobody knows", ids->id[i]);
		gate_set_del(gate, ids->id[i], &err);
	}
}

/* Ours that the kernel does not have any more. */
static void drop_lost(const struct ids *ids)
{
	struct set *s = set_first(), *next;

	for (; s; s = next) {
		next = s->hh.next;
		if (!has(ids, s->id))
			registrar_kernel_lost(s->id);
	}
}

void kernel_reconcile(void)
{
	struct gate_error err = { 0 };
	struct ids ids = { 0 };
	int ret = 0;

	for (unsigned int i = 0; i < n_endpoints && !ret; i++)
		if (endpoints[i].id)
			ret = list(gate, endpoints[i].id, collect, &ids, &err);
	if (ret) {
		log_error("cannot list the kernel's sets: %s", text(&err, ret));
	} else {
		if (ids.n)
			qsort(ids.id, ids.n, sizeof(*ids.id), by_number);
		delete_strays(&ids);
		drop_lost(&ids);
	}
	free(ids.id);
}

static bool is_ours(uint32_t endpoint)
{
	for (unsigned int i = 0; i < n_endpoints; i++)
		if (endpoint && endpoints[i].id == endpoint)
			return true;
	return false;
}

static const char *set_or_id(uint32_t id)
{
	static char number[32];
	const struct set *s = set_find(id);

	snprintf(number, sizeof(number), "set %u", id);
	return s ? set_text(s) : number;
}

static void on_event(const struct gate_event *e, void *arg)
{
	(void)arg;
	if (!e) {
		kernel_stats.overflows++;
		log_warning("events of the kernel were lost, comparing sets");
		kernel_reconcile();
		return;
	}
	if (!is_ours(e->endpoint))
		return;
	switch (e->event) {
	case GMGATE_EVENT_FIRST_PACKET:
		log_debug("%s: first packet verified", set_or_id(e->set));
		break;
	case GMGATE_EVENT_EXPIRED:
		kernel_stats.expired++;
		registrar_kernel_lost(e->set);
		break;
	case GMGATE_EVENT_DELETED:
		/* Ours, or somebody else's with gmctl. */
		registrar_kernel_lost(e->set);
		break;
	case GMGATE_EVENT_KEYS_READ:
		log_warning("%s: its keys were read out", set_or_id(e->set));
		break;
	case GMGATE_EVENT_SEQ_SOFT:
	case GMGATE_EVENT_SEQ_HARD:
		log_warning("%s: %s of its sequence numbers are used, the UE has to register again",
			    set_or_id(e->set), e->event == GMGATE_EVENT_SEQ_SOFT ? "half" : "all");
		break;
	case GMGATE_EVENT_ICV_FAIL:
		kernel_stats.icv_failures++;
		log_refusal(set_or_id(e->set), RULE_INTEGRITY,
			    "integrity check failed, SPI 0x%08x", e->spi);
		break;
	case GMGATE_EVENT_UNKNOWN_SPI:
		kernel_stats.unknown_spi++;
		log_refusal(addr_host(&e->addr), RULE_UNKNOWN_SPI,
			    "ESP with SPI 0x%08x, which no set has; keys of before a restart?", e->spi);
		break;
	}
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	gate_events_read(gate);
}

/* --- endpoints --- */

static int find_same(const struct gate_endpoint *e, void *arg)
{
	struct gate_endpoint *wanted = arg;

	if (addr_same_ip(&e->addr, &wanted->addr))
		*wanted = *e;
	return 0;
}

static bool has_ports(const struct gate_endpoint *a, const struct gate_endpoint *b)
{
	for (unsigned int i = 0; i < a->n_port_c; i++) {
		bool found = false;

		for (unsigned int j = 0; j < b->n_port_c; j++)
			found |= a->port_c[i] == b->port_c[j];
		if (!found)
			return false;
	}
	return true;
}

#define KEY_EXPORT GMGATE_ENDPOINT_FLAGS_KEY_EXPORT

/* But for key-export, which can be switched. */
static bool is_as_wanted(const struct gate_endpoint *there, const struct gate_endpoint *wanted)
{
	return there->uid == wanted->uid && there->port_s == wanted->port_s &&
	       there->spi_min == wanted->spi_min && there->spi_max == wanted->spi_max &&
	       there->max_sets == wanted->max_sets &&
	       there->max_temporary == wanted->max_temporary &&
	       (there->flags | KEY_EXPORT) == (wanted->flags | KEY_EXPORT) &&
	       there->ifindex == wanted->ifindex &&
	       there->n_port_c == wanted->n_port_c && has_ports(there, wanted);
}

static struct gate_endpoint wanted_endpoint(const struct config *cfg, const struct config_gm *gm)
{
	struct gate_endpoint e = {
		.instance = cfg->instance,
		.uid = cfg->uid,
		.addr = gm->unprotected,
		.port_s = gm->port_s,
		.n_port_c = gm->n_port_c,
		.spi_min = cfg->spi_min, .spi_max = cfg->spi_max,
		.max_sets = cfg->limits.sets,
		/*
		 * limits.temporary-sets is for strangers and ours to keep; those of
		 * registered UEs must find room behind them.
		 */
		.max_temporary = cfg->limits.sets,
		.flags = (gm->local_in ? GMGATE_ENDPOINT_FLAGS_LOCAL_IN : 0) |
			 (gm->relaxed ? GMGATE_ENDPOINT_FLAGS_RELAXED : 0) |
			 (gm->key_export ? KEY_EXPORT : 0),
	};

	e.addr.port = 0;
	if (gm->link.device[0])
		e.ifindex = if_nametoindex(gm->link.device);
	memcpy(e.port_c, gm->port_c, gm->n_port_c * sizeof(e.port_c[0]));
	return e;
}

/*
 * 0: adopted; 1: to be declared, in the place of @wanted's id where there is
 * one; negative errno.
 */
static int adopt(struct gate_endpoint *wanted, uint32_t *id, struct gate_error *err)
{
	struct gate_endpoint there = *wanted;
	int ret;

	there.id = 0;
	ret = gate_endpoint_list(gate, wanted->instance, find_same, &there, err);
	if (ret || !there.id)
		return ret ? ret : 1;
	if (is_as_wanted(&there, wanted)) {
		log_info("adopting endpoint %u at %s with its %u sets", there.id,
			 addr_host(&there.addr), there.sets);
		*id = there.id;
		return there.flags == wanted->flags ? 0 :
		       gate_endpoint_change(gate, there.id, there.instance, wanted->flags, err);
	}
	log_warning("endpoint %u at %s is not as configured, declaring it anew; its %u sets end",
		    there.id, addr_host(&there.addr), there.sets);
	wanted->id = there.id;
	return 1;
}

static void warn_of_export(const struct config_gm *gm)
{
	if (gm->key_export)
		log_warning("gm %s: key-export is on: where the module's parameter key_export is on as well, keys of its SAs can be read out",
			    addr_host(&gm->unprotected));
}

int kernel_declare_one(const struct config *cfg, unsigned int i, char *err)
{
	const struct config_gm *gm = &cfg->gm[i];
	struct gate_endpoint wanted = wanted_endpoint(cfg, gm);
	struct gate_error why = { 0 };
	uint32_t id;
	int ret;

	if (gm->link.device[0] && !wanted.ifindex) {
		snprintf(err, CONFIG_ERROR, "cannot declare %s: there is no device %s",
			 addr_host(&wanted.addr), gm->link.device);
		return -1;
	}
	ret = adopt(&wanted, &id, &why);
	if (ret == 1)
		ret = gate_endpoint_add(gate, &wanted, &id, &why);
	if (ret) {
		snprintf(err, CONFIG_ERROR, "cannot declare %s, port-s %u: %s%s",
			 addr_host(&wanted.addr), wanted.port_s, text(&why, ret),
			 ret == -EEXIST ? "; does another instance have it?" : "");
		return -1;
	}
	endpoints[i] = (struct set_endpoint){
		.id = id,
		.local = wanted.addr,
		.port_s = gm->port_s,
		.port_c = gm->port_c,
		.n_port_c = gm->n_port_c,
	};
	if (n_endpoints <= i)
		n_endpoints = i + 1;
	exports[i] = gm->key_export;
	warn_of_export(gm);
	return 0;
}

void kernel_reload(const struct config *cfg)
{
	struct gate_error why = { 0 };

	for (unsigned int i = 0; i < cfg->n_gm; i++) {
		uint32_t flags = wanted_endpoint(cfg, &cfg->gm[i]).flags;
		int ret;

		if (i >= n_endpoints || !endpoints[i].id || exports[i] == cfg->gm[i].key_export)
			continue;
		ret = gate_endpoint_change(gate, endpoints[i].id, cfg->instance, flags, &why);
		if (ret) {
			log_error("cannot switch key-export of %s: %s",
				  addr_host(&endpoints[i].local), text(&why, ret));
			continue;
		}
		exports[i] = cfg->gm[i].key_export;
		warn_of_export(&cfg->gm[i]);
	}
}

/* Collects the endpoints of ours that the configuration does not have any more. */
struct left_over {
	const struct config *cfg;
	struct ids ids;
};

static int find_left_over(const struct gate_endpoint *e, void *arg)
{
	const struct gate_set as_set = { .id = e->id };
	struct left_over *l = arg;

	for (unsigned int i = 0; i < l->cfg->n_gm; i++)
		if (addr_same_ip(&e->addr, &l->cfg->gm[i].unprotected))
			return 0;
	log_warning("endpoint %u at %s is not configured any more, its %u sets end", e->id,
		    addr_host(&e->addr), e->sets);
	return collect(&as_set, &l->ids);
}

static int withdraw_left_over(const struct config *cfg, char *err)
{
	struct left_over l = { .cfg = cfg };
	struct gate_error why = { 0 };
	int ret = gate_endpoint_list(gate, cfg->instance, find_left_over, &l, &why);

	for (unsigned int i = 0; i < l.ids.n && !ret; i++)
		ret = gate_endpoint_del(gate, l.ids.id[i], cfg->instance, &why);
	free(l.ids.id);
	if (ret)
		snprintf(err, CONFIG_ERROR, "cannot withdraw what is not configured any more: %s",
			 text(&why, ret));
	return ret ? -1 : 0;
}

int kernel_declare(const struct config *cfg, char *err)
{
	if (withdraw_left_over(cfg, err))
		return -1;
	for (unsigned int i = 0; i < cfg->n_gm; i++)
		if (kernel_declare_one(cfg, i, err))
			return -1;
	return 0;
}

void kernel_withdraw(const struct config *cfg, unsigned int i)
{
	struct gate_error why = { 0 };
	int ret = gate_endpoint_del(gate, endpoints[i].id, cfg->instance, &why);

	if (ret)
		log_error("cannot withdraw endpoint %u: %s", endpoints[i].id, text(&why, ret));
	endpoints[i] = (struct set_endpoint){ 0 };
}

/*
 * A configured suite the kernel lacks is said now, not at the first phone (design
 * 3.5); of the default ones it is left out.
 */
int kernel_check_suites(struct config *cfg, char *err)
{
	struct gate_error why = { 0 };
	struct gate_caps caps;
	char name[SUITE_NAME];
	unsigned int n = 0;
	int ret = gate_caps_get(gate, &caps, &why);

	if (ret) {
		snprintf(err, CONFIG_ERROR, "gmgate.ko does not answer: %s", text(&why, ret));
		return -1;
	}
	module_version = caps.version;
	for (unsigned int i = 0; i < cfg->n_suites; i++) {
		bool found = false;

		for (unsigned int j = 0; j < caps.n_suites; j++)
			found |= suite_same(caps.suites[j], cfg->suites[i]);
		if (found) {
			cfg->suites[n++] = cfg->suites[i];
		} else if (cfg->default_suites) {
			log_warning("this kernel cannot do %s", suite_name(cfg->suites[i], name));
		} else {
			snprintf(err, CONFIG_ERROR, "sec-agree.suites: this kernel cannot do %s",
				 suite_name(cfg->suites[i], name));
			return -1;
		}
	}
	cfg->n_suites = n;
	if (n)
		return 0;
	snprintf(err, CONFIG_ERROR, "this kernel can do no suite");
	return -1;
}

int kernel_open(struct config *cfg, char *err)
{
	struct gate_error why = { 0 };
	int fd;

	gate = gate_open(&why);
	if (!gate) {
		snprintf(err, CONFIG_ERROR, "cannot talk to gmgate.ko: %s",
			 text(&why, why.err ? -why.err : -ENOENT));
		return -1;
	}
	gate_as(gate, cfg->instance);
	if (kernel_check_suites(cfg, err))
		return -1;
	fd = gate_events_open(gate, on_event, NULL, &why);
	if (fd < 0) {
		snprintf(err, CONFIG_ERROR, "cannot get the kernel's events: %s", text(&why, fd));
		return -1;
	}
	readable = event_new(loop_base(), fd, EV_READ | EV_PERSIST, on_readable, NULL);
	if (!readable || event_add(readable, NULL)) {
		snprintf(err, CONFIG_ERROR, "out of memory");
		return -1;
	}
	return 0;
}

void kernel_close(void)
{
	if (readable)
		event_free(readable);
	readable = NULL;
	if (gate)
		gate_close(gate);
	gate = NULL;
	n_endpoints = 0;
}
