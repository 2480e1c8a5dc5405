/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made by Documentation/netlink/gen.py from the spec beside it (specs/gmgate.yaml). Do not edit. */
#ifndef _GMG_NETLINK_GEN_H
#define _GMG_NETLINK_GEN_H

#include <net/genetlink.h>
#include <net/netlink.h>

#include <linux/gmgate.h>

int gmg_nl_caps_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_endpoint_get_start(struct netlink_callback *cb);
int gmg_nl_endpoint_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int gmg_nl_endpoint_get_done(struct netlink_callback *cb);
int gmg_nl_set_new_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_set_change_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_set_del_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_set_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_set_get_start(struct netlink_callback *cb);
int gmg_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int gmg_nl_set_get_done(struct netlink_callback *cb);
int gmg_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_endpoint_change_doit(struct sk_buff *skb, struct genl_info *info);
int gmg_nl_key_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	GMG_NL_MCGRP_EVENTS,
};

extern const struct genl_ops gmg_nl_ops[11];
extern const struct genl_multicast_group gmg_nl_mcgrps[1];

#endif /* _GMG_NETLINK_GEN_H */
