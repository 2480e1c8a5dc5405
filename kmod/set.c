// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: SA sets: installing, removing, freeing. */
#include "set.h"

#include <linux/ktime.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "endpoint.h"
#include "event.h"
#include "expiry.h"
#include "export.h"
#include "net.h"
#include "select.h"
#include "stock.h"
#include "table.h"

#define MAX_SETS_PER_FLOW	16

static struct kmem_cache *cache;

/*
 * Ids are for the whole machine, so that a mark means one thing everywhere.
 * They begin anew when the module is loaded anew, or they would outgrow a
 * narrow mark: what a socket still has as its mark from before is refused
 * unless its flow is the new set's.
 */
static atomic_t last_id;
static atomic64_t births;

/**
 * gmg_set_cache_init - prepare for sets
 *
 * Return: 0 or -ENOMEM.
 */
int gmg_set_cache_init(void)
{
	cache = kmem_cache_create("gmgate_set", sizeof(struct gmg_set), 0,
				  SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT, NULL);
	return cache ? 0 : -ENOMEM;
}

/**
 * gmg_set_cache_exit - undo gmg_set_cache_init(); complains of leaked sets
 */
void gmg_set_cache_exit(void)
{
	kmem_cache_destroy(cache);
}

static void set_free(struct gmg_set *set)
{
	gmg_keys_wipe(&set->keys);
	gmg_export_drop(set);
	kmem_cache_free(cache, set);
}

static void init_pair(struct gmg_set *set, unsigned int which,
		      __be16 local_port, __be16 ue_port, __be32 spi_in,
		      __be32 spi_out)
{
	struct gmg_pair *pair = &set->pair[which];

	pair->set = set;
	pair->local_port = local_port;
	pair->ue_port = ue_port;
	pair->spi_in = spi_in;
	pair->spi_out = spi_out;
	spin_lock_init(&pair->lock);
	atomic64_set(&pair->seq, set->seq_start);
}

static struct gmg_set *set_alloc(const struct gmg_set_params *p,
				 struct netlink_ext_ack *extack)
{
	struct gmg_set *set = kmem_cache_zalloc(cache, GFP_KERNEL);
	int err;

	if (!set)
		return ERR_PTR(-ENOMEM);
	err = gmg_keys_set(&set->keys, p->suite, p->ik, p->ck, p->salt);
	if (err) {
		NL_SET_ERR_MSG(extack, "the cipher refused the key");
		kmem_cache_free(cache, set);
		return ERR_PTR(err);
	}
	set->ue = p->ue;
	set->state = p->state;
	set->cookie = p->cookie;
	set->seq_start = p->seq_out;
	set->expires = ktime_add_ms(ktime_get_boottime(), p->expires_ms);
	RB_CLEAR_NODE(&set->expiry_node);
	return set;
}

static int refuse(struct netlink_ext_ack *extack, const char *why, int err)
{
	if (extack)
		extack->_msg = why;
	return err;
}

/*
 * All four SAs share one key, so their SPIs tell their IVs apart; and what
 * goes up must never be valid on its way down (TS 33.203 7.1).
 */
static int check_spis(const struct gmg_set_params *p,
		      const struct gmg_endpoint *ep,
		      struct netlink_ext_ack *extack)
{
	u32 pc = be32_to_cpu(p->spi_pc), ps = be32_to_cpu(p->spi_ps);

	if (pc < ep->spi_min || pc > ep->spi_max ||
	    ps < ep->spi_min || ps > ep->spi_max)
		return refuse(extack, "spi-pc or spi-ps outside the endpoint's range",
			      -ERANGE);
	if (p->spi_pc == p->spi_ps || p->spi_uc == p->spi_us ||
	    p->spi_pc == p->spi_uc || p->spi_pc == p->spi_us ||
	    p->spi_ps == p->spi_uc || p->spi_ps == p->spi_us)
		return refuse(extack, "the four SPIs of a set must differ",
			      -EINVAL);
	return 0;
}

static int check_place(const struct gmg_net *gn,
		       const struct gmg_set_params *p,
		       const struct gmg_endpoint *ep,
		       struct netlink_ext_ack *extack)
{
	if (gmg_addr_is_v4(&p->ue) != gmg_addr_is_v4(&ep->addr))
		return refuse(extack, "ue-addr is not of the endpoint's family",
			      -EAFNOSUPPORT);
	if (!gmg_endpoint_has_port_c(ep, p->port_pc))
		return refuse(extack, "port-pc is not a client port of the endpoint",
			      -EINVAL);
	if (p->port_uc == p->port_us)
		return refuse(extack, "port-uc and port-us must differ",
			      -EINVAL);
	if (ep->nr_sets >= ep->max_sets)
		return refuse(extack, "the endpoint has max-sets sets",
			      -ENOSPC);
	if (atomic_read(&gn->by_id.nelems) >= GMG_MAX_SETS)
		return refuse(extack, "the namespace has as many sets as it may",
			      -ENOSPC);
	if (p->state == GMGATE_SET_STATE_TEMPORARY &&
	    ep->nr_temporary >= ep->max_temporary)
		return refuse(extack,
			      "the endpoint has max-temporary temporary sets",
			      -ENOSPC);
	return 0;
}

static int check_flows(struct gmg_net *gn, const struct gmg_set *set,
		       struct netlink_ext_ack *extack)
{
	unsigned int i;

	for (i = 0; i < GMG_PAIRS; i++) {
		const struct gmg_pair *pair = &set->pair[i], *other;
		struct rhlist_head *head, *pos;
		unsigned int n = 0;

		rcu_read_lock();
		head = gmg_table_by_flow(gn, set->ep, &set->ue,
					 pair->local_port, pair->ue_port);
		rhl_for_each_entry_rcu(other, pos, head, flow_node)
			n++;
		rcu_read_unlock();
		if (n >= MAX_SETS_PER_FLOW)
			return refuse(extack, "too many sets on this flow",
				      -ENOSPC);
	}
	return 0;
}

static int choose_id(struct gmg_set *set, struct netlink_ext_ack *extack)
{
	const struct gmg_endpoint *ep = set->ep;

	set->id = atomic_inc_return(&last_id);
	if (set->id && set->id <= ep->mark_mask >> ep->mark_shift)
		return 0;
	return refuse(extack, "set ids that fit the mark are used up",
		      -EOVERFLOW);
}

static int set_insert(struct gmg_net *gn, struct gmg_set *set,
		      const struct gmg_set_params *p,
		      struct netlink_ext_ack *extack)
{
	struct gmg_endpoint *ep = gmg_endpoint_by_id(gn, p->endpoint);
	int err;

	if (!ep)
		return refuse(extack, "no such endpoint", -ENOENT);
	if (p->instance && p->instance != ep->instance)
		return refuse(extack,
			      "the endpoint belongs to another instance",
			      -EPERM);
	set->ep = ep;
	init_pair(set, GMG_SERVER, gmg_endpoint_port_s(ep), p->port_uc,
		  p->spi_ps, p->spi_uc);
	init_pair(set, GMG_CLIENT, p->port_pc, p->port_us, p->spi_pc,
		  p->spi_us);

	err = check_place(gn, p, ep, extack) ?:
	      check_spis(p, ep, extack) ?:
	      check_flows(gn, set, extack) ?:
	      gmg_stock_check(gn, ep, p->spi_pc, p->spi_ps, extack) ?:
	      choose_id(set, extack);
	if (err)
		return err;
	set->born = atomic64_inc_return(&births);

	err = gmg_table_add(gn, set);
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "spi-pc or spi-ps is in use at this address");
	return err;
}

static void bury(struct gmg_net *gn, struct gmg_set *set)
{
	llist_add(&set->dead_node, &gn->dead);
	queue_work(gmg_wq, &gn->reaper);
}

/**
 * gmg_set_add - install the four SAs of a UE, all or none
 * @gn: namespace
 * @p: what netlink asked for; keys are copied
 * @id: set to the id
 * @extack: gets the reason of a refusal
 *
 * Context: process, takes gmg_net.lock.
 * Return: 0; -ENOENT no such endpoint; -EPERM not this instance's; -EEXIST SPI
 * in use; -ENOSPC quota; or another negative errno.
 */
int gmg_set_add(struct gmg_net *gn, const struct gmg_set_params *p, u32 *id,
		struct netlink_ext_ack *extack)
{
	struct gmg_set *set;
	int err;

	/* Ciphers take their time: before the lock. */
	set = set_alloc(p, extack);
	if (IS_ERR(set))
		return PTR_ERR(set);

	mutex_lock(&gn->lock);
	err = set_insert(gn, set, p, extack);
	if (err) {
		/* A reader may have seen the part that went in. */
		bury(gn, set);
	} else {
		struct gmg_endpoint *ep = set->ep;

		gmg_export_keep(set, p);
		*id = set->id;
		list_add_tail(&set->ep_node, &ep->sets);
		ep->nr_sets++;
		ep->nr_temporary += set->state == GMGATE_SET_STATE_TEMPORARY;
		gmg_expiry_add(gn, set);
		/* Who sees it live sees all of it; pairs with test_bit(). */
		smp_mb__before_atomic();
		set_bit(GMG_SET_LIVE, &set->flags);
	}
	mutex_unlock(&gn->lock);
	return err;
}

/**
 * gmg_set_remove - delete the four SAs of a UE
 * @gn: namespace
 * @set: set of @gn; gone when the caller's lock or RCU section ends
 *
 * Context: process, gmg_net.lock.
 */
void gmg_set_remove(struct gmg_net *gn, struct gmg_set *set)
{
	struct gmg_endpoint *ep = set->ep;

	lockdep_assert_held(&gn->lock);
	/* Who sees it gone sees what was to take its place: look_again(). */
	smp_mb__before_atomic();
	clear_bit(GMG_SET_LIVE, &set->flags);
	gmg_expiry_del(gn, set);
	gmg_table_del(gn, set);
	list_del(&set->ep_node);
	ep->nr_sets--;
	ep->nr_temporary -= set->state == GMGATE_SET_STATE_TEMPORARY;
	bury(gn, set);
}

/**
 * gmg_set_reap - free the sets that were removed
 * @work: gmg_net.reaper
 */
void gmg_set_reap(struct work_struct *work)
{
	struct gmg_net *gn = container_of(work, struct gmg_net, reaper);
	struct llist_node *batch = llist_del_all(&gn->dead);
	struct gmg_set *set, *next;

	if (!batch)
		return;
	synchronize_rcu();
	llist_for_each_entry_safe(set, next, batch, dead_node)
		set_free(set);
}

/**
 * gmg_set_expired - has the back-stop lifetime ended?
 * @set: set
 *
 * The expiry work removes such a set, but packets must not wait for it.
 */
bool gmg_set_expired(const struct gmg_set *set)
{
	return ktime_compare(ktime_get_coarse_boottime(),
			     READ_ONCE(set->expires)) >= 0;
}

/* This set answers unmarked packets on the pair's flow from now on. */
static void take_flow(struct gmg_net *gn, struct gmg_pair *pair)
{
	struct rhlist_head *head, *pos;
	struct gmg_pair *other;

	spin_lock_bh(&gn->current_lock);
	head = gmg_table_by_flow(gn, pair->set->ep, &pair->set->ue,
				 pair->local_port, pair->ue_port);
	rhl_for_each_entry_rcu(other, pos, head, flow_node)
		WRITE_ONCE(other->current_one, other == pair);
	spin_unlock_bh(&gn->current_lock);
}

/**
 * gmg_set_verified - note that a packet of the UE has verified
 * @gn: namespace
 * @pair: pair it came on
 *
 * Context: softirq, RCU.
 */
void gmg_set_verified(struct gmg_net *gn, struct gmg_pair *pair)
{
	struct gmg_set *set = pair->set;
	unsigned int i;

	WRITE_ONCE(set->verified, ktime_get_coarse_boottime());
	for (i = 0; i < GMG_PAIRS; i++)
		if (unlikely(!READ_ONCE(set->pair[i].current_one)))
			take_flow(gn, &set->pair[i]);
	if (unlikely(!test_bit(GMG_SET_PROVED, &set->flags)) &&
	    !test_and_set_bit(GMG_SET_PROVED, &set->flags))
		gmg_event_set(gn, set, GMGATE_EVENT_FIRST_PACKET, 0);
}
