/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CONFIG_H
#define _CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "addr.h"
#include "log.h"
#include "resolve.h"
#include "suite.h"

#define CONFIG_MAX_GM 16
#define CONFIG_MAX_MW 8
#define CONFIG_MAX_NEXT_HOPS 16
#define CONFIG_MAX_TRUSTED 64
#define CONFIG_MAX_DOMAINS 64
#define CONFIG_MAX_DNS 4
/*
 * TEMP, NEW and OLD sets of one UE keep its port_us; each needs a port_pc of its own
 * (TS 33.203 7.4).
 */
#define CONFIG_MIN_PORT_C 4
#define CONFIG_MAX_PORT_C 16
#define CONFIG_MAX_SUITES 16
#define CONFIG_MAX_EMERGENCY_NUMBERS 32

/* What the sockets of an address of ours share. */
struct config_link {
	char device[16];		/* device or VRF, "": any */
	uint8_t dscp;
};

/* An entry point of the core. */
struct config_next_hop {
	struct resolve_query where;	/* by address or by name */
	uint16_t priority, weight;	/* as those of SRV (RFC 2782) */
};

/* What becomes of an emergency call without registration (TS 24.229 5.2.10.2). */
enum config_unregistered {
	CONFIG_UNREGISTERED_REFUSE,		/* 403 */
	CONFIG_UNREGISTERED_ALTERNATIVE,	/* 380: the UE is to register for it */
	CONFIG_UNREGISTERED_ROUTE,		/* to the E-CSCF */
};

struct config_gm {
	struct config_link link;
	struct addr unprotected;	/* family 0: a place that is free (after a reload) */
	uint16_t port_s;
	unsigned int n_port_c;
	uint16_t port_c[CONFIG_MAX_PORT_C];
	bool local_in;
	bool relaxed;			/* crossed port pairs are accepted, too */
	bool key_export;		/* the kernel may give keys away */
	bool secagree_required;		/* no access without SAs */
	enum config_unregistered unregistered;	/* emergency calls */
};

/* 0 a second: no limit. */
struct config_rate {
	unsigned int per_second, burst;
};

/* A number that is an emergency call (TS 24.229 5.2.10). */
struct config_emergency_number {
	char number[16];
	char urn[64];			/* of its service: urn:service:sos.police */
};

struct config_emergency {
	char route[300];		/* to the E-CSCF, "<URI;lr>"; "": none */
	bool route_undetected;		/* what the UE did not detect; otherwise 380 */
	enum config_unregistered unregistered;	/* of listeners that do not say otherwise */
	unsigned int n_numbers;
	struct config_emergency_number numbers[CONFIG_MAX_EMERGENCY_NUMBERS];
};

/*
 * gmgate.yaml, checked and with its defaults filled in.  A new key needs a row in
 * config_keys.c, which shows it and says whether it can change at run time.
 */
struct config {
	uint32_t instance;
	char user[64];
	uid_t uid;
	gid_t gid;
	char control[104];
	char store[256];
	char trace[256];		/* "" : none */
	char visited_network_id[256];
	bool reg_event;			/* subscribe to the registration state of UEs */

	unsigned int n_gm;
	struct config_gm gm[CONFIG_MAX_GM];

	uint32_t spi_min, spi_max;

	unsigned int n_mw;
	struct addr mw[CONFIG_MAX_MW];			/* the preferred family first */
	struct config_link mw_link[CONFIG_MAX_MW];
	unsigned int mw_mtu;
	unsigned int n_next_hops;
	struct config_next_hop next_hops[CONFIG_MAX_NEXT_HOPS];
	unsigned int n_trusted;
	struct addr_prefix trusted[CONFIG_MAX_TRUSTED];
	/* Home networks whose entry points are those DNS names; "*.": and below. */
	unsigned int n_domains;
	char domains[CONFIG_MAX_DOMAINS][DNS_NAME];

	struct {
		unsigned int n_servers;			/* 0: those of the host */
		struct addr servers[CONFIG_MAX_DNS];
		char device[16];
		bool trust;		/* what names of ours resolve to is a trusted peer */
	} dns;

	struct config_emergency emergency;

	bool secagree_required;		/* of addresses that do not say it themselves */
	unsigned int remembered_impis;	/* sec-agree.remember */
	bool default_suites;		/* none were configured */
	unsigned int n_suites;
	struct suite suites[CONFIG_MAX_SUITES];		/* the preferred first */

	unsigned int scale;
	uint64_t reg_await_auth;	/* milliseconds of SIP time, as all here */
	uint64_t t1_gm, t1_mw;

	struct {
		unsigned int message, header_lines, line, commas, semicolons;
		unsigned int temporary_sets, sets;
		unsigned int transactions;	/* of unproven senders */
		unsigned int connections;	/* of unproven senders */
		unsigned int connection_idle;	/* seconds */
		unsigned int emergency_calls;	/* without registration */
		unsigned int plain_ues;		/* registered without sec-agree */
	} limits;

	struct {
		struct config_rate source, impi, all;
		struct config_rate emergency;	/* calls without registration, all together */
		unsigned int table;		/* entries, of sources and of IMPIs */
		unsigned int retry_after;	/* seconds */
	} rates;

	struct addr metrics;		/* where scrapers are served, family 0: nowhere */

	enum log_level log_level;
};

#define CONFIG_ERROR 1024

/**
 * config_load - read and check a configuration file
 * @err: CONFIG_ERROR octets for "FILE:LINE: KEY: what is wrong"
 *
 * Return: 0, or -1 with @err filled.  Nothing in @cfg needs to be freed.
 */
int config_load(struct config *cfg, const char *file, char *err);

#endif
