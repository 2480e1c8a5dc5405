// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: keys that may be read out, see export.h. */
#include "export.h"

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>

#include "endpoint.h"
#include "net.h"
#include "set.h"

static bool key_export;

/* Namespaces; not the kernel's list of them, whose lock is inside rtnl. */
static LIST_HEAD(nets);
static DEFINE_MUTEX(nets_lock);

/**
 * gmg_export_allowed - is the module's switch on?
 */
bool gmg_export_allowed(void)
{
	return READ_ONCE(key_export);
}

/**
 * gmg_export_keep - copy the keys of a set that is being installed
 * @set: set; its endpoint is known
 * @p: keys, of the lengths of the suite
 *
 * Does nothing unless both switches are on.  Without memory the set has no copy,
 * and works as well.
 *
 * Context: process, gmg_net.lock.
 */
void gmg_export_keep(struct gmg_set *set, const struct gmg_set_params *p)
{
	struct gmg_export *copy;

	if (!gmg_export_allowed() || !set->ep->key_export)
		return;
	copy = kzalloc(sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return;
	if (p->ik)
		memcpy(copy->ik, p->ik, p->suite->ik_len);
	if (p->ck)
		memcpy(copy->ck, p->ck, p->suite->ck_len);
	if (p->salt)
		memcpy(copy->salt, p->salt, p->suite->salt_len);
	set->exported = copy;
}

/**
 * gmg_export_drop - wipe the copy of a set's keys, if there is one
 * @set: set
 *
 * Context: process; gmg_net.lock, or nobody else has the set any more.
 */
void gmg_export_drop(struct gmg_set *set)
{
	kfree_sensitive(set->exported);
	set->exported = NULL;
}

static void wipe(struct gmg_endpoint *ep)
{
	struct gmg_set *set;

	list_for_each_entry(set, &ep->sets, ep_node) {
		gmg_export_drop(set);
		cond_resched();	/* there may be a million */
	}
}

/**
 * gmg_export_switch - the endpoint's switch
 * @gn: namespace
 * @ep: endpoint of @gn
 * @on: may the keys of sets that come from now on be read out?  If not, there
 *	are no copies when this returns
 *
 * Context: process, gmg_net.lock.
 */
void gmg_export_switch(struct gmg_net *gn, struct gmg_endpoint *ep, bool on)
{
	lockdep_assert_held(&gn->lock);
	if (ep->key_export == on)
		return;
	ep->key_export = on;
	if (!on)
		wipe(ep);
	pr_notice_ratelimited("gmgate: endpoint %u: key-export is %s%s\n",
			      ep->id, on ? "on" : "off",
			      on && !gmg_export_allowed() ?
			      ", the module's key_export is not" : "");
}

static void wipe_all(void)
{
	struct gmg_endpoint *ep;
	struct gmg_net *gn;

	mutex_lock(&nets_lock);
	list_for_each_entry(gn, &nets, export_node) {
		mutex_lock(&gn->lock);
		list_for_each_entry(ep, &gn->endpoints, list)
			wipe(ep);
		mutex_unlock(&gn->lock);
	}
	mutex_unlock(&nets_lock);
}

/**
 * gmg_export_join - a namespace that has sets from now on
 * @gn: namespace
 *
 * Context: process.
 */
void gmg_export_join(struct gmg_net *gn)
{
	mutex_lock(&nets_lock);
	list_add(&gn->export_node, &nets);
	mutex_unlock(&nets_lock);
}

/**
 * gmg_export_leave - undo gmg_export_join()
 * @gn: namespace, without endpoints
 *
 * Context: process.
 */
void gmg_export_leave(struct gmg_net *gn)
{
	mutex_lock(&nets_lock);
	list_del(&gn->export_node);
	mutex_unlock(&nets_lock);
}

/*
 * Who installs a set looks at the parameter under gmg_net.lock: either sees it
 * off, or is done before wipe_all() has that lock.  The kernel has one writer at
 * a time here.
 */
static int key_export_set(const char *text, const struct kernel_param *kp)
{
	bool on = true;		/* "key_export" alone, as with any bool */
	int err = text ? kstrtobool(text, &on) : 0;

	if (err || on == key_export)
		return err;
	WRITE_ONCE(key_export, on);
	if (!on)
		wipe_all();
	pr_notice("gmgate: key_export is %s\n", on ?
		  "on: keys of endpoints with the flag key-export can be read out" :
		  "off: no key can be read out");
	return 0;
}

static const struct kernel_param_ops key_export_ops = {
	.flags	= KERNEL_PARAM_OPS_FL_NOARG,
	.set	= key_export_set,
	.get	= param_get_bool,
};

module_param_cb(key_export, &key_export_ops, &key_export, 0644);
MODULE_PARM_DESC(key_export,
		 "let key-get read out keys of endpoints with the flag key-export (default: off)");
