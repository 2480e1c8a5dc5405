/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RELOAD_PLAN_H
#define _RELOAD_PLAN_H

#include "config_keys.h"

/* What of a new configuration can come into force while UEs are served. */
struct reload_plan {
	uint32_t open_gm, close_gm;	/* bits by place in config.gm */
	uint32_t open_mw;		/* by place in the new config.mw */
	config_key_fn *kept;		/* told what keeps its value until a restart */
	void *arg;
	/*
	 * How many SA sets, callers without registration and UEs without sec-agree an address
	 * has; how many UEs there are.
	 */
	unsigned int (*sets)(uint8_t gm);
	unsigned int (*callers)(uint8_t gm);
	unsigned int (*plain)(uint8_t gm);
	unsigned int (*ues)(void);
};

/**
 * reload_plan - make of @next what is to be in force
 * @plan: the functions filled in
 * @err: CONFIG_ERROR octets
 *
 * Each address of Gm keeps its place (flow.gm); one that goes leaves its place free.
 * Return: 0, or -1 with @err: it does not go together with what has to stay.
 */
int reload_plan(const struct config *now, struct config *next, struct reload_plan *plan, char *err);

#endif
