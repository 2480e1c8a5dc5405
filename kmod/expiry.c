// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: back-stop lifetimes.
 *
 * Sets are ordered by their end in a tree, and one delayed work per namespace
 * sleeps until the first: no timer per set, nothing to do while none is due.
 */
#include "expiry.h"

#include <linux/gmgate.h>
#include <linux/ktime.h>

#include "event.h"
#include "net.h"
#include "set.h"

static bool sooner(struct rb_node *a, const struct rb_node *b)
{
	return ktime_before(rb_entry(a, struct gmg_set, expiry_node)->expires,
			    rb_entry(b, struct gmg_set, expiry_node)->expires);
}

static struct gmg_set *soonest(struct gmg_net *gn)
{
	struct rb_node *first = rb_first_cached(&gn->expiry);

	return first ? rb_entry(first, struct gmg_set, expiry_node) : NULL;
}

/* In steps of an hour at most: delays are in jiffies and may not overflow. */
static void sleep_until(struct gmg_net *gn, ktime_t when)
{
	s64 ms = ktime_ms_delta(when, ktime_get_boottime());

	mod_delayed_work(gmg_wq, &gn->expiry_work,
			 msecs_to_jiffies(clamp_t(s64, ms, 0,
						  3600 * MSEC_PER_SEC)) + 1);
}

/**
 * gmg_expiry_add - watch over a set's lifetime
 * @gn: namespace
 * @set: its @expires is set
 *
 * Context: process, gmg_net.lock.
 */
void gmg_expiry_add(struct gmg_net *gn, struct gmg_set *set)
{
	lockdep_assert_held(&gn->lock);
	if (rb_add_cached(&set->expiry_node, &gn->expiry, sooner))
		sleep_until(gn, set->expires);
}

/**
 * gmg_expiry_del - undo gmg_expiry_add()
 * @gn: namespace
 * @set: set
 *
 * Context: process, gmg_net.lock.
 */
void gmg_expiry_del(struct gmg_net *gn, struct gmg_set *set)
{
	lockdep_assert_held(&gn->lock);
	if (RB_EMPTY_NODE(&set->expiry_node))
		return;
	rb_erase_cached(&set->expiry_node, &gn->expiry);
	RB_CLEAR_NODE(&set->expiry_node);
}

/**
 * gmg_expiry_change - give a set another lifetime
 * @gn: namespace
 * @set: set
 * @ms: from now, in milliseconds of boot time
 *
 * Context: process, gmg_net.lock.
 */
void gmg_expiry_change(struct gmg_net *gn, struct gmg_set *set, u64 ms)
{
	gmg_expiry_del(gn, set);
	WRITE_ONCE(set->expires, ktime_add_ms(ktime_get_boottime(), ms));
	gmg_expiry_add(gn, set);
}

/**
 * gmg_expiry_run - remove what is due
 * @work: gmg_net.expiry_work
 */
void gmg_expiry_run(struct work_struct *work)
{
	struct gmg_net *gn = container_of(to_delayed_work(work),
					  struct gmg_net, expiry_work);
	unsigned int budget = 256;
	struct gmg_set *set;

	mutex_lock(&gn->lock);
	while ((set = soonest(gn))) {
		if (ktime_after(set->expires, ktime_get_boottime()) ||
		    !budget--) {
			sleep_until(gn, set->expires);
			break;
		}
		gmg_event_set(gn, set, GMGATE_EVENT_EXPIRED, 0);
		gmg_set_remove(gn, set);
	}
	mutex_unlock(&gn->lock);
}
