// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The order of a reload: check, plan, open what is new, hand out the values, close what
 * is gone.  All before the values are handed out can be undone, and is.
 *
 * Most modules look at the configuration when they need it, and find the new one in the
 * place of the old.  Those that keep something derived from it have a _reload().
 */
#include "reload.h"

#include <stdio.h>
#include <string.h>

#include "admission.h"
#include "caller.h"
#include "control_reload.h"
#include "dns.h"
#include "json.h"
#include "kernel.h"
#include "log.h"
#include "nexthop.h"
#include "plain.h"
#include "policy.h"
#include "proxy.h"
#include "registrar.h"
#include "reload_plan.h"
#include "sip.h"
#include "spi.h"
#include "trace.h"
#include "transaction.h"
#include "transport.h"
#include "trust.h"

static struct config *running;
static const char *file;
static struct octets needs_restart;		/* elements of a JSON list */
static unsigned long reloads, refused;

static void put_name(const char *key, void *arg)
{
	json_text(arg, NULL, key);
}

/* --- what can fail --- */

static bool open_new(const struct reload_plan *plan, char *err)
{
	int ret;

	for (unsigned int i = 0; i < CONFIG_MAX_GM; i++)
		if (plan->open_gm & 1u << i &&
		    (kernel_declare_one(running, i, err) || transport_open_gm(i, err)))
			return false;
	for (unsigned int i = 0; i < CONFIG_MAX_MW; i++)
		if (plan->open_mw & 1u << i && transport_open_mw(i, err))
			return false;
	/* Always: the file may have been moved away, to begin another. */
	ret = trace_open(running->trace);
	if (ret) {
		snprintf(err, CONFIG_ERROR, "cannot write %s (trace): %s", running->trace,
			 strerror(-ret));
		return false;
	}
	return true;
}

static void undo(const struct config *before, const struct reload_plan *plan)
{
	*running = *before;
	transport_prune();
	for (unsigned int i = 0; i < CONFIG_MAX_GM; i++)
		if (plan->open_gm & 1u << i && kernel_endpoints()[i].id)
			kernel_withdraw(running, i);
}

/* --- what cannot, but for want of memory --- */

static void lack_of_memory(const char *key)
{
	log_error("out of memory: %s is as it was before the reload", key);
}

static void reload_dns(const struct config *before)
{
	const struct dns_config dns = {
		.servers = running->dns.servers,
		.n_servers = running->dns.n_servers,
		.device = running->dns.device,
		.changed = nexthop_dns_changed,
	};
	bool other = config_differs(before, running, "dns.servers") ||
		     config_differs(before, running, "dns.device");

	if (other || !running->dns.trust)
		trust_unlearn();
	if (other && dns_reload(&dns))
		lack_of_memory("dns");
}

/* UEs that are registered have proved that they can do with SAs. */
static void reload_policy(void)
{
	bool fresh;

	if (!policy_reload(running, &fresh))
		lack_of_memory("sec-agree.required");
	else if (fresh)
		for (const struct ue *ue = registrar_first(); ue; ue = ue->hh.next)
			if (ue->bindings && !ue->plain)
				policy_agreed(str_of(ue->impi));
}

static void hand_out(const struct config *before)
{
	uint64_t drain = 64 * running->t1_gm;

	transaction_reload(running->t1_gm, running->t1_mw, running->limits.transactions);
	registrar_reload(running->reg_await_auth, drain);
	spi_init(running->spi_min, running->spi_max, drain);
	set_reload(running->limits.temporary_sets);
	kernel_reload(running);
	transport_reload();
	sip_init(running);
	reload_policy();
	plain_reload();
	if (!proxy_reload(running))
		lack_of_memory("the list of our addresses");
	if (config_differs(before, running, "rates") && !admission_reload(running))
		lack_of_memory("rates");
	reload_dns(before);
	nexthop_reload(running);
	/* Not what gmctl log has said meanwhile. */
	if (config_differs(before, running, "log.level"))
		log_threshold = running->log_level;
}

static void close_old(const struct reload_plan *plan)
{
	transport_prune();
	for (unsigned int i = 0; i < CONFIG_MAX_GM; i++)
		if (plan->close_gm & 1u << i)
			kernel_withdraw(running, i);
}

/* --- all of it --- */

/* Also one with SAs only counts: its Path is at the core. */
static unsigned int ues(void)
{
	return registrar_first() ? 1 : 0;
}

static bool apply(struct config *next, struct octets *kept, struct config *before, char *err)
{
	struct reload_plan plan = {
		.kept = put_name, .arg = kept,
		.sets = set_count_of, .callers = caller_count_of, .plain = plain_count_of, .ues = ues,
	};

	if (config_load(next, file, err) || kernel_check_suites(next, err) ||
	    reload_plan(running, next, &plan, err))
		return false;
	*before = *running;
	*running = *next;
	if (!open_new(&plan, err)) {
		undo(before, &plan);
		return false;
	}
	/* An address that was ours in an earlier life may still have sets. */
	if (plan.open_gm)
		kernel_reconcile();
	hand_out(before);
	close_old(&plan);
	return true;
}

static bool refuse(struct octets *report, struct octets *kept, const char *err)
{
	refused++;
	octets_free(kept);
	log_error("reload refused, nothing has changed: %s", err);
	json_open(report, NULL, '{');
	json_utf8(report, "error", err);
	json_close(report, '}');
	return false;
}

static void report_list(struct octets *report, const char *name, const struct octets *list)
{
	json_open(report, name, '[');
	octets_put(report, octets_str(list));
	json_close(report, ']');
}

bool reload_now(struct octets *report)
{
	static struct config next, before;	/* some ten KiB each */
	struct octets changed = { 0 }, kept = { 0 };
	char err[CONFIG_ERROR] = "";

	if (!apply(&next, &kept, &before, err))
		return refuse(report, &kept, err);
	reloads++;
	config_diff(&before, running, put_name, &changed);
	octets_free(&needs_restart);
	needs_restart = kept;
	log_info("reloaded %s; changed: %.*s", file, STR_ARG(octets_str(&changed)));
	if (kept.n)
		log_warning("needs a restart, as before until then: %.*s",
			    STR_ARG(octets_str(&kept)));
	json_open(report, NULL, '{');
	report_list(report, "changed", &changed);
	report_list(report, "needs-restart", &needs_restart);
	json_close(report, '}');
	octets_free(&changed);
	return true;
}

/* For gmctl status: how often, and what a restart would change. */
static void show(struct octets *o)
{
	json_open(o, "config", '{');
	json_utf8(o, "file", file);
	json_number(o, "reloads", reloads);
	json_number(o, "refused", refused);
	report_list(o, "needs-restart", &needs_restart);
	json_close(o, '}');
}

void reload_init(struct config *cfg, const char *path)
{
	const struct control_reload control = { .now = reload_now, .show = show };

	running = cfg;
	file = path;
	octets_free(&needs_restart);
	reloads = refused = 0;
	control_reload_is(&control);
}
