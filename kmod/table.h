/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gmgate: the tables that packets and netlink look sets up in.
 *
 *	by_spi	(inbound SPI, local address, scope) -> one pair
 *	by_flow	(endpoint, UE address, local port, UE port) -> pairs
 *	by_peer	(UE address, outbound SPI) -> pairs
 *	by_id	set id -> set
 *
 * Hashed with random seeds.  Lookups: under rcu_read_lock() or gmg_net.lock.
 * Changes: under gmg_net.lock.
 */
#ifndef _GMG_TABLE_H
#define _GMG_TABLE_H

#include <linux/in6.h>
#include <linux/rhashtable.h>

struct gmg_endpoint;
struct gmg_net;
struct gmg_pair;
struct gmg_scope;
struct gmg_set;

int gmg_table_init(struct gmg_net *gn);
void gmg_table_exit(struct gmg_net *gn);

int gmg_table_add(struct gmg_net *gn, struct gmg_set *set);
void gmg_table_del(struct gmg_net *gn, struct gmg_set *set);

struct gmg_pair *gmg_table_by_spi(struct gmg_net *gn, __be32 spi,
				  const struct in6_addr *local,
				  const struct gmg_scope *where);
struct rhlist_head *gmg_table_by_flow(struct gmg_net *gn,
				      const struct gmg_endpoint *ep,
				      const struct in6_addr *ue,
				      __be16 local_port, __be16 ue_port);
struct rhlist_head *gmg_table_by_peer(struct gmg_net *gn,
				      const struct in6_addr *ue, __be32 spi);
struct gmg_set *gmg_table_by_id(struct gmg_net *gn, u32 id);

#endif /* _GMG_TABLE_H */
