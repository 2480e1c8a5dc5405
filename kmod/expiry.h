/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: back-stop lifetimes.  The agent owns the lifetime of a set (TS 33.203
 * 7.4); this is what ends it when no agent does.
 */
#ifndef _GMG_EXPIRY_H
#define _GMG_EXPIRY_H

#include <linux/types.h>

struct gmg_net;
struct gmg_set;
struct work_struct;

void gmg_expiry_add(struct gmg_net *gn, struct gmg_set *set);
void gmg_expiry_del(struct gmg_net *gn, struct gmg_set *set);
void gmg_expiry_change(struct gmg_net *gn, struct gmg_set *set, u64 ms);
void gmg_expiry_run(struct work_struct *work);

#endif /* _GMG_EXPIRY_H */
