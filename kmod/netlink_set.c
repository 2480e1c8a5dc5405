// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the netlink verbs on SA sets.
 *
 * Keys go in, and come out by netlink_key.c alone.  They are wiped from the
 * request once they are in the set: netlink itself does not.
 */
#include <linux/slab.h>

#include "compat.h"
#include "endpoint.h"
#include "event.h"
#include "expiry.h"
#include "net.h"
#include "netlink.h"
#include "netlink-gen.h"
#include "set.h"
#include "table.h"

static int read_key(const struct genl_info *info, int attrtype,
		    unsigned int len, const u8 **key)
{
	const struct nlattr *attr = info->attrs[attrtype];

	*key = attr ? nla_data(attr) : NULL;
	if ((attr ? nla_len(attr) : 0) == len)
		return 0;
	return gmg_nl_bad_attr(info, attrtype,
			       attr ? "key has not the length that the suite needs" :
				      "the suite needs a key that is missing",
			       -EINVAL);
}

static int read_suite(const struct genl_info *info, struct gmg_set_params *p)
{
	p->suite = gmg_suite_find(nla_get_u32(info->attrs[GMGATE_SET_ATTR_ALG]),
				  nla_get_u32(info->attrs[GMGATE_SET_ATTR_EALG]));
	if (!p->suite)
		return gmg_nl_bad_attr(info, GMGATE_SET_ATTR_ALG,
				       "this kernel cannot do alg with ealg",
				       -EOPNOTSUPP);
	return read_key(info, GMGATE_SET_ATTR_IK_ESP, p->suite->ik_len,
			&p->ik) ?:
	       read_key(info, GMGATE_SET_ATTR_CK_ESP, p->suite->ck_len,
			&p->ck) ?:
	       read_key(info, GMGATE_SET_ATTR_SALT, p->suite->salt_len,
			&p->salt);
}

static __be16 port(const struct genl_info *info, int attrtype)
{
	return htons(nla_get_u16(info->attrs[attrtype]));
}

static __be32 spi(const struct genl_info *info, int attrtype)
{
	return htonl(nla_get_u32(info->attrs[attrtype]));
}

/* Far enough for every registration, near enough never to overflow ktime. */
static u64 lifetime(const struct genl_info *info)
{
	return min_t(u64, nla_get_u64(info->attrs[GMGATE_SET_ATTR_EXPIRES_MS]),
		     (u64)U32_MAX * MSEC_PER_SEC);
}

static int read_set(struct genl_info *info, struct gmg_set_params *p)
{
	static const int mandatory[] = {
		GMGATE_SET_ATTR_ENDPOINT, GMGATE_SET_ATTR_EXPIRES_MS,
		GMGATE_SET_ATTR_UE_ADDR, GMGATE_SET_ATTR_PORT_UC,
		GMGATE_SET_ATTR_PORT_US, GMGATE_SET_ATTR_PORT_PC,
		GMGATE_SET_ATTR_SPI_UC, GMGATE_SET_ATTR_SPI_US,
		GMGATE_SET_ATTR_SPI_PC, GMGATE_SET_ATTR_SPI_PS,
		GMGATE_SET_ATTR_ALG, GMGATE_SET_ATTR_EALG, 0
	};
	int err;

	err = gmg_nl_missing(info, mandatory) ?:
	      gmg_nl_addr(info, GMGATE_SET_ATTR_UE_ADDR, &p->ue) ?:
	      read_suite(info, p);
	if (err)
		return err;
	p->endpoint = nla_get_u32(info->attrs[GMGATE_SET_ATTR_ENDPOINT]);
	if (info->attrs[GMGATE_SET_ATTR_INSTANCE])
		p->instance =
			nla_get_u32(info->attrs[GMGATE_SET_ATTR_INSTANCE]);
	if (info->attrs[GMGATE_SET_ATTR_COOKIE])
		p->cookie = nla_get_u64(info->attrs[GMGATE_SET_ATTR_COOKIE]);
	p->state = GMGATE_SET_STATE_TEMPORARY;
	if (info->attrs[GMGATE_SET_ATTR_STATE])
		p->state = nla_get_u32(info->attrs[GMGATE_SET_ATTR_STATE]);
	p->expires_ms = lifetime(info);
	p->port_uc = port(info, GMGATE_SET_ATTR_PORT_UC);
	p->port_us = port(info, GMGATE_SET_ATTR_PORT_US);
	p->port_pc = port(info, GMGATE_SET_ATTR_PORT_PC);
	p->spi_uc = spi(info, GMGATE_SET_ATTR_SPI_UC);
	p->spi_us = spi(info, GMGATE_SET_ATTR_SPI_US);
	p->spi_pc = spi(info, GMGATE_SET_ATTR_SPI_PC);
	p->spi_ps = spi(info, GMGATE_SET_ATTR_SPI_PS);
	if (info->attrs[GMGATE_SET_ATTR_SEQ_OUT])
		p->seq_out = nla_get_u32(info->attrs[GMGATE_SET_ATTR_SEQ_OUT]);
	return 0;
}

static void wipe_key(const struct genl_info *info, int attrtype)
{
	struct nlattr *attr = info->attrs[attrtype];

	if (attr)
		memzero_explicit(nla_data(attr), nla_len(attr));
}

int gmg_nl_set_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_set_params p = { };
	struct sk_buff *msg;
	void *hdr;
	int err;
	u32 id;

	/*
	 * First what can fail for want of memory: the answer cannot then.  And
	 * not a page of it, which many a kernel clears before it gives it away.
	 */
	msg = gmg_nl_reply(info, GMGATE_CMD_SET_NEW,
			   nla_total_size(sizeof(u32)), &hdr);
	if (!msg)
		err = -ENOMEM;
	else
		err = read_set(info, &p) ?:
		      gmg_set_add(gn, &p, &id, info->extack);
	wipe_key(info, GMGATE_SET_ATTR_IK_ESP);
	wipe_key(info, GMGATE_SET_ATTR_CK_ESP);
	wipe_key(info, GMGATE_SET_ATTR_SALT);
	if (!err)
		err = nla_put_u32(msg, GMGATE_SET_ATTR_ID, id);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* A request that names an instance is for that instance's endpoints only. */
static int check_owner(const struct genl_info *info,
		       const struct gmg_endpoint *ep)
{
	const struct nlattr *attr = info->attrs[GMGATE_SET_ATTR_INSTANCE];

	if (!attr || nla_get_u32(attr) == ep->instance)
		return 0;
	return gmg_nl_bad_attr(info, GMGATE_SET_ATTR_INSTANCE,
			       "the endpoint belongs to another instance",
			       -EPERM);
}

/**
 * gmg_nl_set - the set that a request names
 * @gn: namespace
 * @info: request that has an id
 *
 * Context: gmg_net.lock.  Return: the set, or an ERR_PTR() with extack set.
 */
struct gmg_set *gmg_nl_set(struct gmg_net *gn, const struct genl_info *info)
{
	u32 id = nla_get_u32(info->attrs[GMGATE_SET_ATTR_ID]);
	struct gmg_set *set = gmg_table_by_id(gn, id);
	int err;

	if (set)
		err = check_owner(info, set->ep);
	else
		err = gmg_nl_bad_attr(info, GMGATE_SET_ATTR_ID, "no such set",
				      -ENOENT);
	return err ? ERR_PTR(err) : set;
}

static void change_state(struct gmg_set *set, u32 state)
{
	struct gmg_endpoint *ep = set->ep;

	if (set->state == state)
		return;
	if (state == GMGATE_SET_STATE_TEMPORARY)
		ep->nr_temporary++;
	else
		ep->nr_temporary--;
	WRITE_ONCE(set->state, state);
}

int gmg_nl_set_change_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int mandatory[] = { GMGATE_SET_ATTR_ID, 0 };
	struct nlattr *cookie = info->attrs[GMGATE_SET_ATTR_COOKIE];
	struct nlattr *state = info->attrs[GMGATE_SET_ATTR_STATE];
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_set *set;
	int err;

	err = gmg_nl_missing(info, mandatory);
	if (err)
		return err;
	mutex_lock(&gn->lock);
	set = gmg_nl_set(gn, info);
	if (IS_ERR(set)) {
		err = PTR_ERR(set);
	} else if (state && nla_get_u32(state) < set->state) {
		err = gmg_nl_bad_attr(info, GMGATE_SET_ATTR_STATE,
				      "an established set stays so", -EINVAL);
	} else {
		if (state)
			change_state(set, nla_get_u32(state));
		if (info->attrs[GMGATE_SET_ATTR_EXPIRES_MS])
			gmg_expiry_change(gn, set, lifetime(info));
		if (cookie)
			WRITE_ONCE(set->cookie, nla_get_u64(cookie));
	}
	mutex_unlock(&gn->lock);
	return err;
}

static void delete(struct gmg_net *gn, struct gmg_set *set)
{
	gmg_event_set(gn, set, GMGATE_EVENT_DELETED, 0);
	gmg_set_remove(gn, set);
}

static int flush(struct gmg_net *gn, const struct genl_info *info)
{
	struct gmg_set *set, *next;
	struct gmg_endpoint *ep;
	int err;

	ep = gmg_endpoint_by_id(gn,
				nla_get_u32(info->attrs[GMGATE_SET_ATTR_ENDPOINT]));
	if (!ep)
		return gmg_nl_bad_attr(info, GMGATE_SET_ATTR_ENDPOINT,
				       "no such endpoint", -ENOENT);
	err = check_owner(info, ep);
	if (err)
		return err;
	list_for_each_entry_safe(set, next, &ep->sets, ep_node) {
		delete(gn, set);
		cond_resched();	/* there may be a million */
	}
	return 0;
}

int gmg_nl_set_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_set *set;
	int err = 0;

	if (!info->attrs[GMGATE_SET_ATTR_ID] ==
	    !info->attrs[GMGATE_SET_ATTR_ENDPOINT]) {
		NL_SET_ERR_MSG(info->extack, "either id or endpoint, not both");
		return -EINVAL;
	}
	mutex_lock(&gn->lock);
	if (info->attrs[GMGATE_SET_ATTR_ENDPOINT]) {
		err = flush(gn, info);
	} else {
		set = gmg_nl_set(gn, info);
		if (IS_ERR(set))
			err = PTR_ERR(set);
		else
			delete(gn, set);
	}
	mutex_unlock(&gn->lock);
	return err;
}

static int put_sa(struct sk_buff *msg, enum gmgate_sa_dir dir, __be32 spi,
		  u32 seq, u64 packets, u64 bytes)
{
	struct nlattr *nest = nla_nest_start(msg, GMGATE_SET_ATTR_SA);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(msg, GMGATE_SA_ATTR_DIR, dir) ||
	    nla_put_u32(msg, GMGATE_SA_ATTR_SPI, be32_to_cpu(spi)) ||
	    nla_put_u32(msg, GMGATE_SA_ATTR_SEQ, seq) ||
	    nla_put_u64_64bit(msg, GMGATE_SA_ATTR_PACKETS, packets, 0) ||
	    nla_put_u64_64bit(msg, GMGATE_SA_ATTR_BYTES, bytes, 0))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

static int put_pair(struct sk_buff *msg, struct gmg_pair *pair,
		    enum gmgate_sa_dir in, enum gmgate_sa_dir out)
{
	u64 sent = min_t(u64, atomic64_read(&pair->seq), U32_MAX);
	u64 packets;
	u32 top;

	spin_lock_bh(&pair->lock);
	top = pair->replay.top;
	packets = pair->in_packets;
	spin_unlock_bh(&pair->lock);
	return put_sa(msg, in, pair->spi_in, top, packets,
		      atomic64_read(&pair->in_bytes)) ?:
	       put_sa(msg, out, pair->spi_out, sent,
		      sent - pair->set->seq_start,
		      atomic64_read(&pair->out_bytes));
}

static int put_drops(struct sk_buff *msg, const struct gmg_set *set)
{
	static const u32 reasons[GMG_SET_DROPS] = {
		[GMG_SET_DROP_ICV] = GMGATE_DROP_IN_ICV,
		[GMG_SET_DROP_REPLAY] = GMGATE_DROP_IN_REPLAY,
		[GMG_SET_DROP_BINDING] = GMGATE_DROP_IN_BINDING,
	};
	unsigned int i;

	for (i = 0; i < GMG_SET_DROPS; i++) {
		struct nlattr *nest;

		nest = nla_nest_start(msg, GMGATE_SET_ATTR_DROPS);
		if (!nest)
			return -EMSGSIZE;
		if (nla_put_u32(msg, GMGATE_DROPS_ATTR_REASON, reasons[i]) ||
		    nla_put_u64_64bit(msg, GMGATE_DROPS_ATTR_COUNT,
				      (u32)atomic_read(&set->drops[i]), 0))
			return -EMSGSIZE;
		nla_nest_end(msg, nest);
	}
	return 0;
}

static int put_ms(struct sk_buff *msg, int attrtype, ktime_t later,
		  ktime_t sooner)
{
	return nla_put_u64_64bit(msg, attrtype,
				 max_t(s64, ktime_ms_delta(later, sooner), 0),
				 GMGATE_SET_ATTR_PAD);
}

static int put_times(struct sk_buff *msg, const struct gmg_set *set)
{
	ktime_t verified = READ_ONCE(set->verified);
	ktime_t now = ktime_get_boottime();

	return put_ms(msg, GMGATE_SET_ATTR_EXPIRES_MS,
		      READ_ONCE(set->expires), now) ?:
	       (verified ? put_ms(msg, GMGATE_SET_ATTR_IDLE_MS, now,
				  verified) : 0);
}

static int put_names(struct sk_buff *msg, const struct gmg_set *set)
{
	const struct gmg_pair *s = &set->pair[GMG_SERVER];
	const struct gmg_pair *c = &set->pair[GMG_CLIENT];

	return nla_put_u16(msg, GMGATE_SET_ATTR_PORT_UC, ntohs(s->ue_port)) ?:
	       nla_put_u16(msg, GMGATE_SET_ATTR_PORT_US, ntohs(c->ue_port)) ?:
	       nla_put_u16(msg, GMGATE_SET_ATTR_PORT_PC,
			   ntohs(c->local_port)) ?:
	       nla_put_u16(msg, GMGATE_SET_ATTR_PORT_PS,
			   ntohs(s->local_port)) ?:
	       gmg_nl_put_spis(msg, set);
}

static int put_set(struct sk_buff *msg, struct gmg_set *set)
{
	const struct in6_addr *local = &set->ep->addr;

	return nla_put_u32(msg, GMGATE_SET_ATTR_ID, set->id) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_ENDPOINT, set->ep->id) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_INSTANCE, set->ep->instance) ?:
	       nla_put_u64_64bit(msg, GMGATE_SET_ATTR_COOKIE,
				 READ_ONCE(set->cookie),
				 GMGATE_SET_ATTR_PAD) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_STATE,
			   READ_ONCE(set->state)) ?:
	       nla_put(msg, GMGATE_SET_ATTR_UE_ADDR, gmg_addr_len(&set->ue),
		       gmg_addr_bytes(&set->ue)) ?:
	       nla_put(msg, GMGATE_SET_ATTR_ADDR, gmg_addr_len(local),
		       gmg_addr_bytes(local)) ?:
	       put_names(msg, set) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_ALG, set->keys.suite->alg) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_EALG,
			   set->keys.suite->ealg) ?:
	       put_times(msg, set) ?:
	       put_pair(msg, &set->pair[GMG_SERVER], GMGATE_SA_DIR_UC_PS,
			GMGATE_SA_DIR_PS_UC) ?:
	       put_pair(msg, &set->pair[GMG_CLIENT], GMGATE_SA_DIR_US_PC,
			GMGATE_SA_DIR_PC_US) ?:
	       put_drops(msg, set);
}

int gmg_nl_set_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int mandatory[] = { GMGATE_SET_ATTR_ID, 0 };
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_set *set;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = gmg_nl_missing(info, mandatory);
	if (err)
		return err;
	if (info->attrs[GMGATE_SET_ATTR_ENDPOINT] ||
	    info->attrs[GMGATE_SET_ATTR_UE_ADDR]) {
		NL_SET_ERR_MSG(info->extack, "endpoint and ue-addr are for dumps");
		return -EINVAL;
	}
	msg = gmg_nl_reply(info, GMGATE_CMD_SET_GET,
			   GENLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	set = gmg_nl_set(gn, info);
	err = PTR_ERR_OR_ZERO(set) ?: put_set(msg, set);
	mutex_unlock(&gn->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/*
 * A dump goes through endpoints and their sets in the order of their ids, which
 * is that of the lists.  The cursor is the last id that was looked at: a set
 * that stays is in the dump, once, whatever comes and goes meanwhile.  What is
 * younger than the dump is not in it, else a slow reader would never be done.
 */
#define CURSOR_ENDPOINT	0
#define CURSOR_SET	1
#define YOUNGEST	2

/* Sets looked at before others get the lock. */
#define DUMP_STRIDE	1024

/* Is a dump about this endpoint? */
static bool is_about(const struct nlattr *want, const struct gmg_endpoint *ep)
{
	return !want || ep->id == nla_get_u32(want);
}

int gmg_nl_set_get_start(struct netlink_callback *cb)
{
	struct nlattr **attrs = gmg_compat_dump_attrs(cb);
	struct nlattr *owner = attrs[GMGATE_SET_ATTR_INSTANCE];
	struct nlattr *want = attrs[GMGATE_SET_ATTR_ENDPOINT];
	struct gmg_net *gn = gmg_net(sock_net(cb->skb->sk));
	const struct gmg_endpoint *ep;
	u32 youngest = 0;
	int err = 0;

	mutex_lock(&gn->lock);
	list_for_each_entry(ep, &gn->endpoints, list) {
		if (want && is_about(want, ep) && owner &&
		    nla_get_u32(owner) != ep->instance)
			err = -EPERM;
		if (!list_empty(&ep->sets))
			youngest = max(youngest,
				       list_last_entry(&ep->sets, struct gmg_set,
						       ep_node)->id);
	}
	mutex_unlock(&gn->lock);
	if (err) {
		NL_SET_ERR_MSG_ATTR(cb->extack, owner,
				    "the endpoint belongs to another instance");
		return err;
	}
	cb->args[CURSOR_ENDPOINT] = 0;
	cb->args[CURSOR_SET] = 0;
	cb->args[YOUNGEST] = youngest;
	return 0;
}

int gmg_nl_set_get_done(struct netlink_callback *cb)
{
	return 0;
}

static bool wanted(const struct gmg_set *set, struct nlattr **attrs)
{
	const struct nlattr *ue = attrs[GMGATE_SET_ATTR_UE_ADDR];

	return !ue || (nla_len(ue) == gmg_addr_len(&set->ue) &&
		       !memcmp(nla_data(ue), gmg_addr_bytes(&set->ue),
			       nla_len(ue)));
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    struct gmg_set *set)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &gmg_nl_family, NLM_F_MULTI, GMGATE_CMD_SET_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (put_set(skb, set)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* The first set of the endpoint behind the cursor; perhaps the list's head. */
static struct gmg_set *behind(struct gmg_net *gn, struct gmg_endpoint *ep,
			      u32 id)
{
	struct gmg_set *set = id ? gmg_table_by_id(gn, id) : NULL;

	if (set && set->ep == ep)
		return list_next_entry(set, ep_node);
	list_for_each_entry(set, &ep->sets, ep_node)
		if (set->id > id)
			break;
	return set;
}

/* 0: the endpoint is through; -EMSGSIZE: @skb is full; -EAGAIN: go on here. */
static int dump_endpoint(struct sk_buff *skb, struct netlink_callback *cb,
			 struct gmg_net *gn, struct gmg_endpoint *ep)
{
	struct nlattr **attrs = gmg_compat_dump_attrs(cb);
	unsigned int looked = 0;
	struct gmg_set *set;

	set = behind(gn, ep, cb->args[CURSOR_SET]);
	list_for_each_entry_from(set, &ep->sets, ep_node) {
		if (set->id > cb->args[YOUNGEST])
			return 0;
		if (looked++ == DUMP_STRIDE)
			return -EAGAIN;
		if (wanted(set, attrs) && dump_one(skb, cb, set))
			return -EMSGSIZE;
		cb->args[CURSOR_SET] = set->id;
	}
	return 0;
}

/* Like dump_endpoint(), for all endpoints that the dump is about. */
static int dump_some(struct sk_buff *skb, struct netlink_callback *cb,
		     struct gmg_net *gn)
{
	struct nlattr **attrs = gmg_compat_dump_attrs(cb);
	struct nlattr *owner = attrs[GMGATE_SET_ATTR_INSTANCE];
	struct gmg_endpoint *ep;
	int err;

	list_for_each_entry(ep, &gn->endpoints, list) {
		if (ep->id < cb->args[CURSOR_ENDPOINT] ||
		    !is_about(attrs[GMGATE_SET_ATTR_ENDPOINT], ep) ||
		    (owner && nla_get_u32(owner) != ep->instance))
			continue;
		if (ep->id > cb->args[CURSOR_ENDPOINT])
			cb->args[CURSOR_SET] = 0;
		cb->args[CURSOR_ENDPOINT] = ep->id;
		err = dump_endpoint(skb, cb, gn, ep);
		if (err)
			return err;
	}
	return 0;
}

int gmg_nl_set_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *id = gmg_compat_dump_attrs(cb)[GMGATE_SET_ATTR_ID];
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	int err;

	if (id) {
		NL_SET_ERR_MSG_ATTR(cb->extack, id, "id is not for dumps");
		return -EINVAL;
	}
	do {
		mutex_lock(&gn->lock);
		err = dump_some(skb, cb, gn);
		mutex_unlock(&gn->lock);
		cond_resched();
	} while (err == -EAGAIN);
	return skb->len ?: err;
}
