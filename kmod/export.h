/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the keys of a set for people who have to read a capture that was made
 * elsewhere.  Off by default, with two switches that must both be on: the
 * module's parameter key_export, which is the host's, and the endpoint's flag
 * key-export, which is the agent's.
 *
 * Ciphers do not give a key back, so a copy is made when a set is installed
 * while both are on.  Each switch that goes off wipes the copies that it allowed.
 * A set that was installed before has none, and never gets one.
 *
 * Locking: copies and the endpoint's switch are under gmg_net.lock.  The list of
 * namespaces that the parameter goes through has a lock of its own, outside it.
 */
#ifndef _GMG_EXPORT_H
#define _GMG_EXPORT_H

#include <linux/types.h>

#include <linux/gmgate.h>

struct gmg_endpoint;
struct gmg_net;
struct gmg_set;
struct gmg_set_params;

/**
 * struct gmg_export - the copy of a set's keys; lengths are the suite's
 * @ik: IK_ESP
 * @ck: CK_ESP
 * @salt: of AES-GCM and AES-GMAC
 */
struct gmg_export {
	u8 ik[GMGATE_MAX_KEY];
	u8 ck[GMGATE_MAX_KEY];
	u8 salt[4];
};

bool gmg_export_allowed(void);
void gmg_export_keep(struct gmg_set *set, const struct gmg_set_params *p);
void gmg_export_drop(struct gmg_set *set);
void gmg_export_switch(struct gmg_net *gn, struct gmg_endpoint *ep, bool on);

void gmg_export_join(struct gmg_net *gn);
void gmg_export_leave(struct gmg_net *gn);

#endif /* _GMG_EXPORT_H */
