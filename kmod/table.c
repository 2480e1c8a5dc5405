// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: hash tables of SA sets. */
#include "table.h"

#include <linux/jhash.h>

#include "endpoint.h"
#include "net.h"
#include "set.h"

/*
 * @where is that of a packet, which fits an endpoint or not, or with @add that
 * of an endpoint, which must not overlap another.
 */
struct spi_key {
	const struct in6_addr *local;
	const struct gmg_scope *where;
	__be32 spi;
	bool add;
};

struct flow_key {
	const struct gmg_endpoint *ep;
	const struct in6_addr *ue;
	__be16 local_port;
	__be16 ue_port;
};

/*
 * Local addresses are few: they are compared, not hashed.  What a peer may
 * choose, SPIs, its address and ports, is, with a random seed.
 */
static u32 spi_hash(__be32 spi, u32 seed)
{
	return jhash_1word((__force u32)spi, seed);
}

static u32 spi_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct spi_key *key = data;

	return spi_hash(key->spi, seed);
}

static u32 spi_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct gmg_pair *pair = data;

	return spi_hash(pair->spi_in, seed);
}

static int spi_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct spi_key *key = arg->key;
	const struct gmg_pair *pair = obj;
	const struct gmg_endpoint *ep;

	if (pair->spi_in != key->spi)
		return 1;
	ep = pair->set->ep;
	if (!ipv6_addr_equal(&ep->addr, key->local))
		return 1;
	if (key->add)
		return !gmg_scope_overlap(&ep->scope, key->where);
	return !gmg_endpoint_open(ep, key->where);
}

static const struct rhashtable_params spi_params = {
	.head_offset = offsetof(struct gmg_pair, spi_node),
	.key_len = sizeof(struct spi_key),
	.hashfn = spi_key_hashfn,
	.obj_hashfn = spi_obj_hashfn,
	.obj_cmpfn = spi_cmpfn,
	.automatic_shrinking = true,
};

/* For IPv4 the last word is all of the address that is not constant. */
static u32 flow_hash(const struct in6_addr *ue, __be16 local_port,
		     __be16 ue_port, u32 seed)
{
	u32 ports = (__force u32)local_port << 16 | (__force u32)ue_port;

	if (!gmg_addr_is_v4(ue))
		seed = jhash_3words((__force u32)ue->s6_addr32[0],
				    (__force u32)ue->s6_addr32[1],
				    (__force u32)ue->s6_addr32[2], seed);
	return jhash_2words((__force u32)ue->s6_addr32[3], ports, seed);
}

static u32 flow_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct flow_key *key = data;

	return flow_hash(key->ue, key->local_port, key->ue_port, seed);
}

static u32 flow_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct gmg_pair *pair = data;

	return flow_hash(&pair->set->ue, pair->local_port, pair->ue_port,
			 seed);
}

static int flow_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct flow_key *key = arg->key;
	const struct gmg_pair *pair = obj;

	return pair->local_port != key->local_port ||
	       pair->ue_port != key->ue_port ||
	       pair->set->ep != key->ep ||
	       !ipv6_addr_equal(&pair->set->ue, key->ue);
}

static const struct rhashtable_params flow_params = {
	.head_offset = offsetof(struct gmg_pair, flow_node),
	.key_len = sizeof(struct flow_key),
	.hashfn = flow_key_hashfn,
	.obj_hashfn = flow_obj_hashfn,
	.obj_cmpfn = flow_cmpfn,
	.automatic_shrinking = true,
};

struct peer_key {
	struct in6_addr ue;
	__be32 spi;
} __packed __aligned(4);

static u32 peer_hash(const struct in6_addr *ue, __be32 spi, u32 seed)
{
	return jhash_2words(ipv6_addr_hash(ue), (__force u32)spi, seed);
}

static u32 peer_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct peer_key *key = data;

	return peer_hash(&key->ue, key->spi, seed);
}

static u32 peer_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct gmg_pair *pair = data;

	return peer_hash(&pair->set->ue, pair->spi_out, seed);
}

static int peer_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct peer_key *key = arg->key;
	const struct gmg_pair *pair = obj;

	return pair->spi_out != key->spi ||
	       !ipv6_addr_equal(&pair->set->ue, &key->ue);
}

static const struct rhashtable_params peer_params = {
	.head_offset = offsetof(struct gmg_pair, peer_node),
	.key_len = sizeof(struct peer_key),
	.hashfn = peer_key_hashfn,
	.obj_hashfn = peer_obj_hashfn,
	.obj_cmpfn = peer_cmpfn,
	.automatic_shrinking = true,
};

static const struct rhashtable_params id_params = {
	.head_offset = offsetof(struct gmg_set, id_node),
	.key_offset = offsetof(struct gmg_set, id),
	.key_len = sizeof(u32),
	.automatic_shrinking = true,
};

/**
 * gmg_table_init - make empty tables
 * @gn: namespace
 *
 * Return: 0 or a negative errno, and then nothing is held.
 */
int gmg_table_init(struct gmg_net *gn)
{
	int err;

	err = rhashtable_init(&gn->by_spi, &spi_params);
	if (err)
		return err;
	err = rhltable_init(&gn->by_flow, &flow_params);
	if (err)
		goto err_spi;
	err = rhltable_init(&gn->by_peer, &peer_params);
	if (err)
		goto err_flow;
	err = rhashtable_init(&gn->by_id, &id_params);
	if (err)
		goto err_peer;
	return 0;

err_peer:
	rhltable_destroy(&gn->by_peer);
err_flow:
	rhltable_destroy(&gn->by_flow);
err_spi:
	rhashtable_destroy(&gn->by_spi);
	return err;
}

/**
 * gmg_table_exit - undo gmg_table_init(); the tables must be empty
 * @gn: namespace
 */
void gmg_table_exit(struct gmg_net *gn)
{
	WARN_ON(atomic_read(&gn->by_spi.nelems));
	WARN_ON(atomic_read(&gn->by_id.nelems));
	rhashtable_destroy(&gn->by_id);
	rhltable_destroy(&gn->by_peer);
	rhltable_destroy(&gn->by_flow);
	rhashtable_destroy(&gn->by_spi);
}

static int add_pair(struct gmg_net *gn, struct gmg_pair *pair)
{
	const struct gmg_endpoint *ep = pair->set->ep;
	struct flow_key flow = {
		.ep = ep,
		.ue = &pair->set->ue,
		.local_port = pair->local_port,
		.ue_port = pair->ue_port,
	};
	struct spi_key spi = {
		.local = &ep->addr,
		.where = &ep->scope,
		.spi = pair->spi_in,
		.add = true,
	};
	struct peer_key peer = {
		.ue = pair->set->ue,
		.spi = pair->spi_out,
	};
	int err;

	err = rhltable_insert_key(&gn->by_flow, &flow, &pair->flow_node,
				  flow_params);
	if (err)
		return err;
	err = rhltable_insert_key(&gn->by_peer, &peer, &pair->peer_node,
				  peer_params);
	if (err)
		goto err_flow;
	err = rhashtable_lookup_insert_key(&gn->by_spi, &spi, &pair->spi_node,
					   spi_params);
	if (err)
		goto err_peer;
	return 0;

err_peer:
	rhltable_remove(&gn->by_peer, &pair->peer_node, peer_params);
err_flow:
	rhltable_remove(&gn->by_flow, &pair->flow_node, flow_params);
	return err;
}

static void del_pair(struct gmg_net *gn, struct gmg_pair *pair)
{
	rhashtable_remove_fast(&gn->by_spi, &pair->spi_node, spi_params);
	rhltable_remove(&gn->by_peer, &pair->peer_node, peer_params);
	rhltable_remove(&gn->by_flow, &pair->flow_node, flow_params);
}

/**
 * gmg_table_add - insert all of a set, or nothing
 * @gn: namespace
 * @set: not live yet: readers that find a part of it leave it alone
 *
 * Return: 0; -EEXIST if an inbound SPI is in use at this place; another
 * negative errno.  On error a reader may still hold the set for a grace
 * period.
 */
int gmg_table_add(struct gmg_net *gn, struct gmg_set *set)
{
	int err;

	lockdep_assert_held(&gn->lock);
	err = add_pair(gn, &set->pair[GMG_SERVER]);
	if (err)
		return err;
	err = add_pair(gn, &set->pair[GMG_CLIENT]);
	if (err)
		goto err_server;
	err = rhashtable_insert_fast(&gn->by_id, &set->id_node, id_params);
	if (err)
		goto err_client;
	return 0;

err_client:
	del_pair(gn, &set->pair[GMG_CLIENT]);
err_server:
	del_pair(gn, &set->pair[GMG_SERVER]);
	return err;
}

/**
 * gmg_table_del - take all of a set out
 * @gn: namespace
 * @set: in the tables
 */
void gmg_table_del(struct gmg_net *gn, struct gmg_set *set)
{
	lockdep_assert_held(&gn->lock);
	rhashtable_remove_fast(&gn->by_id, &set->id_node, id_params);
	del_pair(gn, &set->pair[GMG_CLIENT]);
	del_pair(gn, &set->pair[GMG_SERVER]);
}

/**
 * gmg_table_by_spi - the pair that an inbound SPI belongs to
 * @gn: namespace
 * @spi: in the ESP header
 * @local: destination address
 * @where: where the packet is
 *
 * Context: RCU.  Return: the pair, its set perhaps not live, or NULL.
 */
struct gmg_pair *gmg_table_by_spi(struct gmg_net *gn, __be32 spi,
				  const struct in6_addr *local,
				  const struct gmg_scope *where)
{
	struct spi_key key = { .local = local, .where = where, .spi = spi };

	return rhashtable_lookup(&gn->by_spi, &key, spi_params);
}

/**
 * gmg_table_by_flow - the pairs on a flow
 * @gn: namespace
 * @ep: endpoint of the P-CSCF
 * @ue: address of the UE
 * @local_port: port_ps or port_pc
 * @ue_port: port_uc or port_us
 *
 * Context: RCU.  Return: head for rhl_for_each_entry_rcu(), or NULL.
 */
struct rhlist_head *gmg_table_by_flow(struct gmg_net *gn,
				      const struct gmg_endpoint *ep,
				      const struct in6_addr *ue,
				      __be16 local_port, __be16 ue_port)
{
	struct flow_key key = {
		.ep = ep,
		.ue = ue,
		.local_port = local_port,
		.ue_port = ue_port,
	};

	return rhltable_lookup(&gn->by_flow, &key, flow_params);
}

/**
 * gmg_table_by_peer - the pairs that send to a UE with an SPI
 * @gn: namespace
 * @ue: address of the UE
 * @spi: of the outbound SA
 *
 * Context: RCU.  Return: head for rhl_for_each_entry_rcu(), or NULL.
 */
struct rhlist_head *gmg_table_by_peer(struct gmg_net *gn,
				      const struct in6_addr *ue, __be32 spi)
{
	struct peer_key key = { .ue = *ue, .spi = spi };

	return rhltable_lookup(&gn->by_peer, &key, peer_params);
}

/**
 * gmg_table_by_id - a set by its id
 * @gn: namespace
 * @id: set id
 *
 * Context: RCU or gmg_net.lock.  Return: the set, perhaps not live, or NULL.
 */
struct gmg_set *gmg_table_by_id(struct gmg_net *gn, u32 id)
{
	return rhashtable_lookup_fast(&gn->by_id, &id, id_params);
}
