/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _RELAY_LIFE_H
#define _RELAY_LIFE_H

#include "registrar.h"
#include "store_invite.h"

/*
 * INVITEs that outlive the program: while one has no final answer its sender
 * does not repeat it, so that nobody but we can go on with it.
 */

/* Told how far an INVITE has come, before anything that depends on it leaves. */
struct relay_watch {
	/* Its times are SIP time, its texts are there for the call only. */
	void (*changed)(const struct store_invite *i);
	/* Its final answer has left, or it goes no further. */
	void (*ended)(struct str key);
};

/* Until relay_exit(), which itself is told to nobody. */
void relay_watch(const struct relay_watch *watch);

/*
 * INVITEs of one UE that are told of at a time, and as many that were accepted not long
 * ago: more than a phone can ring.
 */
#define RELAY_KEPT_PER_UE 8

/**
 * relay_restore - go on with an INVITE of an earlier life
 * @i: its times are SIP time
 *
 * After its UE and its dialog. It has its server and client transactions again;
 * what it still has to send leaves from the loop.
 *
 * Return: false with @why: it makes no sense, or out of memory; without: it is
 * over, since its dialog is.
 */
bool relay_restore(struct ue *ue, const struct store_invite *i, const char **why);

#endif
