// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the host's other IPsec, where its SPIs and ours might clash.
 *
 * We stand before stock XFRM, so that it would never see packets for an SPI
 * that a set of ours has.  A set is refused if stock XFRM uses one of its SPIs at
 * the address; what stock XFRM is given later we can only warn of.
 *
 * Only a walk over all stock states finds those of every mark, and on a host
 * with 100,000 of them that holds stock XFRM's lock for milliseconds.  So the
 * walk also learns whether any stock state is inside the endpoint's range at
 * all.  While none is, which is how the range is meant, nothing needs to be
 * walked again: we are a key manager among others, and are told of new states.
 */
#include "stock.h"

#include <net/xfrm.h>

#include "endpoint.h"
#include "net.h"
#include "set.h"
#include "table.h"

struct clash {
	const struct gmg_endpoint *ep;
	__be32 spi[2];
	bool inside;
};

static struct in6_addr address(const struct xfrm_state *x)
{
	return x->props.family == AF_INET ? gmg_addr_v4(x->id.daddr.a4) :
					    x->id.daddr.in6;
}

static bool is_inside(const struct gmg_endpoint *ep, const struct xfrm_state *x)
{
	struct in6_addr daddr = address(x);
	u32 spi = be32_to_cpu(x->id.spi);

	return x->id.proto == IPPROTO_ESP && spi >= ep->spi_min &&
	       spi <= ep->spi_max && ipv6_addr_equal(&daddr, &ep->addr);
}

static int look(struct xfrm_state *x, int n, void *data)
{
	struct clash *c = data;

	if (!is_inside(c->ep, x))
		return 0;
	c->inside = true;
	return x->id.spi == c->spi[0] || x->id.spi == c->spi[1] ? -EEXIST : 0;
}

/**
 * gmg_stock_check - does stock XFRM use one of these SPIs?
 * @gn: namespace
 * @ep: endpoint, whose address and range count
 * @spi_a: inbound SPI of a new set
 * @spi_b: the other one
 * @extack: gets the reason of a refusal
 *
 * Context: process, gmg_net.lock.  Return: 0, or -EEXIST with extack set.
 */
int gmg_stock_check(struct gmg_net *gn, struct gmg_endpoint *ep, __be32 spi_a,
		    __be32 spi_b, struct netlink_ext_ack *extack)
{
	struct clash c = { .ep = ep, .spi = { spi_a, spi_b } };
	struct xfrm_state_walk walk;
	int err;

	lockdep_assert_held(&gn->lock);
	if (!READ_ONCE(ep->stock_inside))
		return 0;
	WRITE_ONCE(ep->stock_inside, false);
	/*
	 * Before the walk: of a state that the walk is too early for we are
	 * told after this, so that it is not forgotten again.
	 */
	smp_mb();
	xfrm_state_walk_init(&walk, IPPROTO_ESP, NULL);
	err = xfrm_state_walk(gn->net, &walk, look, &c);
	xfrm_state_walk_done(&walk, gn->net);
	if (c.inside)
		WRITE_ONCE(ep->stock_inside, true);
	if (err != -EEXIST)
		return 0;	/* -ENOENT: there is none at all */
	NL_SET_ERR_MSG(extack, "stock XFRM uses spi-pc or spi-ps at this address");
	return err;
}

/* Stock XFRM has a new state, or one has changed. */
static int notify(struct xfrm_state *x, const struct km_event *c)
{
	const struct gmg_scope nowhere = { };	/* stock states know no VRF */
	struct gmg_endpoint *ep;
	struct gmg_pair *pair;
	struct in6_addr daddr;
	struct gmg_net *gn;

	if (c->event != XFRM_MSG_NEWSA && c->event != XFRM_MSG_UPDSA)
		return 0;	/* for a flush there is no @x even */
	gn = gmg_net(xs_net(x));
	rcu_read_lock();
	list_for_each_entry_rcu(ep, &gn->endpoints, list)
		if (is_inside(ep, x))
			WRITE_ONCE(ep->stock_inside, true);
	daddr = address(x);
	pair = x->id.proto == IPPROTO_ESP ?
	       gmg_table_by_spi(gn, x->id.spi, &daddr, &nowhere) : NULL;
	if (pair)
		net_warn_ratelimited("gmgate: stock XFRM was given SPI 0x%08x, which set %u has: its packets go to that\n",
				     be32_to_cpu(x->id.spi), pair->set->id);
	rcu_read_unlock();
	return 0;
}

/* We never bring keys. */
static int acquire(struct xfrm_state *x, struct xfrm_tmpl *t,
		   struct xfrm_policy *pol)
{
	return -EINVAL;
}

static struct xfrm_policy *compile_policy(struct sock *sk, int opt, u8 *data,
					  int len, int *dir)
{
	*dir = -EINVAL;
	return NULL;
}

static struct xfrm_mgr manager = {
	.notify		= notify,
	.acquire	= acquire,
	.compile_policy	= compile_policy,
};

/**
 * gmg_stock_init - be told of stock XFRM's states from now on
 */
void gmg_stock_init(void)
{
	xfrm_register_km(&manager);
}

/**
 * gmg_stock_exit - undo gmg_stock_init()
 */
void gmg_stock_exit(void)
{
	xfrm_unregister_km(&manager);
}
