// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the Gm interface of a P-CSCF (3GPP TS 33.203): start and end.
 */
#include <linux/bitmap.h>
#include <linux/module.h>

#include "endpoint.h"
#include "expiry.h"
#include "export.h"
#include "input.h"
#include "net.h"
#include "netlink.h"
#include "set.h"
#include "stock.h"
#include "suite.h"
#include "table.h"

unsigned int gmg_net_id __read_mostly;
struct workqueue_struct *gmg_wq;

static int __net_init net_init(struct net *net)
{
	struct gmg_net *gn = gmg_net(net);
	unsigned int i;
	int err;

	gn->net = net;
	mutex_init(&gn->lock);
	spin_lock_init(&gn->current_lock);
	INIT_LIST_HEAD(&gn->endpoints);
	for (i = 0; i < ARRAY_SIZE(gn->local); i++)
		INIT_HLIST_HEAD(&gn->local[i]);
	gn->expiry = RB_ROOT_CACHED;
	INIT_DELAYED_WORK(&gn->expiry_work, gmg_expiry_run);
	init_llist_head(&gn->dead);
	INIT_WORK(&gn->reaper, gmg_set_reap);
	ratelimit_state_init(&gn->icv_limit, HZ, 20);
	ratelimit_state_init(&gn->spi_limit, HZ, 20);
	ratelimit_set_flags(&gn->icv_limit, RATELIMIT_MSG_ON_RELEASE);
	ratelimit_set_flags(&gn->spi_limit, RATELIMIT_MSG_ON_RELEASE);

	gn->stats = alloc_percpu(struct gmg_stats);
	if (!gn->stats)
		return -ENOMEM;
	err = gmg_table_init(gn);
	if (err) {
		free_percpu(gn->stats);
		return err;
	}
	gmg_export_join(gn);
	return 0;
}

/* Packets may still come until the grace period between this and net_exit. */
static void __net_exit net_pre_exit(struct net *net)
{
	struct gmg_net *gn = gmg_net(net);
	struct gmg_endpoint *ep, *next;

	mutex_lock(&gn->lock);
	list_for_each_entry_safe(ep, next, &gn->endpoints, list)
		gmg_endpoint_del(gn, ep);
	mutex_unlock(&gn->lock);
}

static void __net_exit net_exit(struct net *net)
{
	struct gmg_net *gn = gmg_net(net);

	gmg_export_leave(gn);
	cancel_delayed_work_sync(&gn->expiry_work);
	flush_work(&gn->reaper);
	gmg_table_exit(gn);
	bitmap_free(gn->ports);
	free_percpu(gn->stats);
}

static struct pernet_operations net_ops = {
	.init		= net_init,
	.pre_exit	= net_pre_exit,
	.exit		= net_exit,
	.id		= &gmg_net_id,
	.size		= sizeof(struct gmg_net),
};

static int __init gmgate_init(void)
{
	int err;

	err = gmg_suite_init();
	if (err)
		return err;
	err = gmg_set_cache_init();
	if (err)
		goto err_suite;
	err = -ENOMEM;
	gmg_wq = alloc_workqueue("gmgate", WQ_UNBOUND, 0);
	if (!gmg_wq)
		goto err_cache;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_wq;
	err = gmg_input_init();
	if (err)
		goto err_net;
	gmg_stock_init();
	err = gmg_nl_init();
	if (err)
		goto err_stock;
	return 0;

err_stock:
	gmg_stock_exit();
	gmg_input_exit();
err_net:
	unregister_pernet_subsys(&net_ops);
err_wq:
	destroy_workqueue(gmg_wq);
err_cache:
	gmg_set_cache_exit();
err_suite:
	gmg_suite_exit();
	return err;
}

static void __exit gmgate_exit(void)
{
	gmg_nl_exit();
	gmg_stock_exit();
	gmg_input_exit();
	unregister_pernet_subsys(&net_ops);
	destroy_workqueue(gmg_wq);
	rcu_barrier();
	gmg_set_cache_exit();
	gmg_suite_exit();
}

module_init(gmgate_init);
module_exit(gmgate_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("IPsec of the Gm interface of a P-CSCF (3GPP TS 33.203)");
MODULE_ALIAS_GENL_FAMILY("gmgate");
