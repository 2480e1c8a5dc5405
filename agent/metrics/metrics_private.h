/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _METRICS_PRIVATE_H
#define _METRICS_PRIVATE_H

#include "counters.h"
#include "metrics.h"

/* Between metrics*.c only. */

/* One sample, or one of each counter of a group. */
struct metric_row {
	const char *value[EXPOSITION_LABELS];	/* of the labels */
	const char *counter;		/* "group/name", or "group/": the first label that has
					 * no value here is the name of each */
	const char *less[3];		/* counters that are part of it, and have rows of their own */
};

extern const struct config *metrics_config;

/* What is no row of a counter: for the table. */
void collect_info(struct exposition *e);
void collect_clock_scale(struct exposition *e);
void collect_registrations(struct exposition *e);
void collect_ues(struct exposition *e);
void collect_register_challenge(struct exposition *e);
void collect_register_accept(struct exposition *e);
void collect_register_whole(struct exposition *e);
void collect_register_core(struct exposition *e);
void collect_sets(struct exposition *e);
void collect_set_install(struct exposition *e);
void collect_spis(struct exposition *e);
void collect_spi_limit(struct exposition *e);
void collect_calls(struct exposition *e);
void collect_call_ringing(struct exposition *e);
void collect_call_answered(struct exposition *e);
void collect_pools(struct exposition *e);
void collect_pool_limits(struct exposition *e);
void collect_udp_octets(struct exposition *e);
void collect_udp_drops(struct exposition *e);
void collect_tcp_queues(struct exposition *e);
void collect_tcp_octets(struct exposition *e);
void collect_nexthops(struct exposition *e);
void collect_avoided(struct exposition *e);
void collect_store_size(struct exposition *e);
void collect_store_records(struct exposition *e);
void collect_loop_lag(struct exposition *e);
void collect_scrapes(struct exposition *e);
void collect_scrapes_ended(struct exposition *e);
/* Of the kernel half: */
void collect_kernel_up(struct exposition *e);
void collect_esp_packets(struct exposition *e);
void collect_esp_octets(struct exposition *e);
void collect_esp_crossed(struct exposition *e);
void collect_pmtu(struct exposition *e);
void collect_mss(struct exposition *e);
void collect_drops(struct exposition *e);
/* Of the process: */
void collect_cpu(struct exposition *e);
void collect_resident(struct exposition *e);
void collect_virtual(struct exposition *e);
void collect_fds(struct exposition *e);
void collect_max_fds(struct exposition *e);
void collect_start(struct exposition *e);

#endif
