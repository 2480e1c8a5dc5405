/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_YAML_H
#define _CONFIG_YAML_H

#include <stdint.h>

/*
 * gmgate.yaml as it was written.  A pointer that is NULL means that the key
 * is absent.
 */
struct yaml_gm {
	char *address;
	uint16_t *port;
	uint16_t port_s;
	uint16_t *port_c;
	unsigned int port_c_count;
	int *local_in;
	int *relaxed;
	int *key_export;
	int *secagree_required;
	char *emergency_unregistered;
	char *device;
	uint8_t *dscp;
};

struct yaml_rate {
	uint32_t per_second, burst;
};

struct yaml_mw {
	char *address;
	uint16_t *port;
	char *device;
	uint8_t *dscp;
};

struct yaml_next_hop {
	char *address;
	uint16_t *port;
	char *transport;
	char *uri;
	uint16_t *priority, *weight;
};

struct yaml_dns {
	struct yaml_dns_server {
		char *address;
		uint16_t *port;
	} *servers;
	unsigned int servers_count;
	char *device;
	int *trust;
};

struct yaml_emergency {
	char *next_hop;
	char *undetected;
	char *unregistered;
	struct yaml_emergency_number {
		char *number;
		char *service;
	} *numbers;
	unsigned int numbers_count;
};

struct yaml_config {
	uint32_t instance;
	char *user;
	char *control;
	char *store;
	char *trace;
	char *visited_network_id;
	int *reg_event;
	struct yaml_gm *gm;
	unsigned int gm_count;
	struct yaml_spi {
		uint32_t min, max;
	} spi;
	struct yaml_mw *mw;
	unsigned int mw_count;
	uint32_t *mw_mtu;
	struct yaml_next_hop *mw_next_hop;
	unsigned int mw_next_hop_count;
	char **mw_trusted;
	unsigned int mw_trusted_count;
	char **mw_domains;
	unsigned int mw_domains_count;
	struct yaml_dns *dns;
	struct yaml_emergency *emergency;
	struct yaml_sec_agree {
		int *required;
		uint32_t *remember;
		char **suites;
		unsigned int suites_count;
		char **alg;
		unsigned int alg_count;
		char **ealg;
		unsigned int ealg_count;
	} *sec_agree;
	struct yaml_timers {
		uint32_t *scale;
		uint32_t *reg_await_auth;
		uint32_t *t1_gm;
		uint32_t *t1_mw;
	} *timers;
	struct yaml_limits {
		uint32_t *message, *header_lines, *line, *commas, *semicolons;
		uint32_t *temporary_sets, *sets, *transactions, *connections;
		uint32_t *connection_idle, *emergency_calls, *plain_ues;
	} *limits;
	struct yaml_rates {
		struct yaml_rate *source, *impi, *all, *emergency;
		uint32_t *table, *retry_after;
	} *rates;
	struct yaml_metrics {
		char *address;
		uint16_t port;
	} *metrics;
	struct yaml_log {
		char *level;
	} *log;
};

/*
 * Return: what the file says, to be freed by config_yaml_free(), or NULL with
 * "FILE:LINE: ..." in @err.
 */
struct yaml_config *config_yaml_load(const char *file, char *err);
void config_yaml_free(struct yaml_config *y);

/**
 * config_yaml_line - the line on which a value stands
 * @path: keys and indexes, such as "gm.0.port-s"; what is missing at its end
 *        is ignored
 *
 * Return: the line counted from 1, the one where the file stops to be YAML, or 0.
 */
unsigned int config_yaml_line(const char *file, const char *path);

#endif
