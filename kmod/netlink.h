/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gmgate: the generic netlink family. */
#ifndef _GMG_NETLINK_H
#define _GMG_NETLINK_H

#include <net/genetlink.h>

struct gmg_net;
struct gmg_set;
struct in6_addr;

extern struct genl_family gmg_nl_family;

int gmg_nl_init(void);
void gmg_nl_exit(void);

/* shared by the files that implement the verbs */
int gmg_nl_addr(const struct genl_info *info, int attrtype,
		struct in6_addr *addr);
int gmg_nl_missing(struct genl_info *info, const int *attrs);
int gmg_nl_bad_attr(const struct genl_info *info, int attrtype,
		    const char *why, int err);
struct sk_buff *gmg_nl_reply(struct genl_info *info, u8 cmd, size_t room,
			     void **hdr);
struct gmg_set *gmg_nl_set(struct gmg_net *gn, const struct genl_info *info);
int gmg_nl_put_spis(struct sk_buff *msg, const struct gmg_set *set);

#endif /* _GMG_NETLINK_H */
