// SPDX-License-Identifier: GPL-2.0-or-later
/* gmgate: the netlink verbs on protected endpoints. */
#include <linux/slab.h>

#include "compat.h"
#include "endpoint.h"
#include "export.h"
#include "net.h"
#include "netlink.h"
#include "netlink-gen.h"

#define KEY_EXPORT	GMGATE_ENDPOINT_FLAGS_KEY_EXPORT

static int add_port(struct gmg_endpoint *ep, u16 port,
		    const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	unsigned int i;

	if (ep->nr_ports == ARRAY_SIZE(ep->ports)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "too many client ports");
		return -E2BIG;
	}
	for (i = 0; i < ep->nr_ports; i++)
		if (ep->ports[i].port == htons(port)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "the protected ports must differ");
			return -EINVAL;
		}
	ep->ports[ep->nr_ports++].port = htons(port);
	return 0;
}

static int read_ports(const struct genl_info *info, struct gmg_endpoint *ep)
{
	struct nlattr *attr = info->attrs[GMGATE_ENDPOINT_ATTR_PORT_S];
	int err, rem;

	err = add_port(ep, nla_get_u16(attr), attr, info->extack);
	if (err)
		return err;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != GMGATE_ENDPOINT_ATTR_PORT_C)
			continue;
		err = add_port(ep, nla_get_u16(attr), attr, info->extack);
		if (err)
			return err;
	}
	return 0;
}

/* The mask must be one run of bits. */
static int read_mark(const struct genl_info *info, struct gmg_endpoint *ep)
{
	u32 mask = U32_MAX;

	if (info->attrs[GMGATE_ENDPOINT_ATTR_MARK_MASK])
		mask = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_MARK_MASK]);
	ep->mark_mask = mask;
	ep->mark_shift = __ffs(mask);
	mask >>= ep->mark_shift;
	if (mask & (mask + 1))
		return gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_MARK_MASK,
				       "mark-mask has a gap", -EINVAL);
	return 0;
}

static int read_spis(const struct genl_info *info, struct gmg_endpoint *ep)
{
	ep->spi_min = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_SPI_MIN]);
	ep->spi_max = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_SPI_MAX]);
	if (ep->spi_max <= ep->spi_min)
		return gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_SPI_MAX,
				       "spi-max must be above spi-min", -EINVAL);
	return 0;
}

static u32 u32_or(const struct genl_info *info, int attrtype, u32 otherwise)
{
	return info->attrs[attrtype] ? nla_get_u32(info->attrs[attrtype]) :
				       otherwise;
}

static bool wants_export(const struct genl_info *info)
{
	return u32_or(info, GMGATE_ENDPOINT_ATTR_FLAGS, 0) & KEY_EXPORT;
}

static int read_endpoint(struct genl_info *info, struct gmg_endpoint *ep)
{
	static const int mandatory[] = {
		GMGATE_ENDPOINT_ATTR_INSTANCE, GMGATE_ENDPOINT_ATTR_ADDR,
		GMGATE_ENDPOINT_ATTR_PORT_S, GMGATE_ENDPOINT_ATTR_PORT_C,
		GMGATE_ENDPOINT_ATTR_SPI_MIN, GMGATE_ENDPOINT_ATTR_SPI_MAX, 0
	};
	int err;

	err = gmg_nl_missing(info, mandatory) ?:
	      gmg_nl_addr(info, GMGATE_ENDPOINT_ATTR_ADDR, &ep->addr) ?:
	      read_ports(info, ep) ?:
	      read_spis(info, ep) ?:
	      read_mark(info, ep);
	if (err)
		return err;

	ep->instance = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_INSTANCE]);
	ep->scope.ifindex = u32_or(info, GMGATE_ENDPOINT_ATTR_IFINDEX, 0);
	if (ep->scope.ifindex < 0)
		return gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_IFINDEX,
				       "no device has this ifindex", -ENODEV);
	ep->flags = u32_or(info, GMGATE_ENDPOINT_ATTR_FLAGS, 0) & ~KEY_EXPORT;
	ep->max_sets = u32_or(info, GMGATE_ENDPOINT_ATTR_MAX_SETS,
			      GMG_MAX_SETS);
	ep->max_temporary = u32_or(info, GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY,
				   GMG_MAX_TEMPORARY);
	ep->uid = make_kuid(current_user_ns(),
			    u32_or(info, GMGATE_ENDPOINT_ATTR_UID, 0));
	if (!uid_valid(ep->uid))
		return gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_UID,
				       "no such user", -EINVAL);
	return 0;
}

/*
 * The endpoint that a request names, for its own instance only, or an
 * ERR_PTR() with extack set.
 */
static struct gmg_endpoint *find_own(struct gmg_net *gn,
				     const struct genl_info *info)
{
	u32 owner = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_INSTANCE]);
	u32 id = nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_ID]);
	struct gmg_endpoint *ep = gmg_endpoint_by_id(gn, id);
	int err = 0;

	if (!ep)
		err = gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_ID,
				      "no such endpoint", -ENOENT);
	else if (ep->instance != owner)
		err = gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_INSTANCE,
				      "the endpoint belongs to another instance",
				      -EPERM);
	return err ? ERR_PTR(err) : ep;
}

int gmg_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint *ep, *old = NULL;
	struct sk_buff *msg;
	void *hdr;
	u32 id;
	int err = -ENOMEM;

	/* First what can fail for want of memory: the answer cannot then. */
	msg = gmg_nl_reply(info, GMGATE_CMD_ENDPOINT_NEW,
			   GENLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return err;
	ep = kzalloc(sizeof(*ep), GFP_KERNEL);
	if (!ep)
		goto err_msg;
	err = read_endpoint(info, ep);
	if (err)
		goto err_free;

	mutex_lock(&gn->lock);
	if (info->attrs[GMGATE_ENDPOINT_ATTR_ID])
		old = find_own(gn, info);
	err = PTR_ERR_OR_ZERO(old) ?:
	      gmg_endpoint_add(gn, ep, old, info->extack);
	id = ep->id;
	if (!err)
		gmg_export_switch(gn, ep, wants_export(info));
	mutex_unlock(&gn->lock);
	if (err)
		goto err_free;
	/* It is not the caller's any more, and the answer has room for the id. */
	nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_ID, id);
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);

err_free:
	kfree(ep);
err_msg:
	nlmsg_free(msg);
	return err;
}

int gmg_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int mandatory[] = {
		GMGATE_ENDPOINT_ATTR_ID, GMGATE_ENDPOINT_ATTR_INSTANCE, 0
	};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint *ep;
	int err;

	err = gmg_nl_missing(info, mandatory);
	if (err)
		return err;
	mutex_lock(&gn->lock);
	ep = find_own(gn, info);
	if (IS_ERR(ep))
		err = PTR_ERR(ep);
	else
		gmg_endpoint_del(gn, ep);
	mutex_unlock(&gn->lock);
	return err;
}

int gmg_nl_endpoint_change_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int mandatory[] = {
		GMGATE_ENDPOINT_ATTR_ID, GMGATE_ENDPOINT_ATTR_INSTANCE,
		GMGATE_ENDPOINT_ATTR_FLAGS, 0
	};
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct gmg_endpoint *ep;
	int err;

	err = gmg_nl_missing(info, mandatory);
	if (err)
		return err;
	mutex_lock(&gn->lock);
	ep = find_own(gn, info);
	if (IS_ERR(ep))
		err = PTR_ERR(ep);
	else if ((nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_FLAGS]) &
		  ~KEY_EXPORT) != ep->flags)
		err = gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_FLAGS,
				      "only key-export can change", -EINVAL);
	else
		gmg_export_switch(gn, ep, wants_export(info));
	mutex_unlock(&gn->lock);
	return err;
}

static int put_ports(struct sk_buff *msg, const struct gmg_endpoint *ep)
{
	unsigned int i;
	int err;

	err = nla_put_u16(msg, GMGATE_ENDPOINT_ATTR_PORT_S,
			  ntohs(gmg_endpoint_port_s(ep)));
	for (i = 1; !err && i < ep->nr_ports; i++)
		err = nla_put_u16(msg, GMGATE_ENDPOINT_ATTR_PORT_C,
				  ntohs(ep->ports[i].port));
	return err;
}

static int put_endpoint(struct sk_buff *msg, const struct gmg_endpoint *ep)
{
	return nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_ID, ep->id) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_INSTANCE, ep->instance) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_UID,
			   from_kuid_munged(current_user_ns(), ep->uid)) ?:
	       nla_put(msg, GMGATE_ENDPOINT_ATTR_ADDR, gmg_addr_len(&ep->addr),
		       gmg_addr_bytes(&ep->addr)) ?:
	       (ep->scope.ifindex ?
			nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_IFINDEX,
				    ep->scope.ifindex) : 0) ?:
	       put_ports(msg, ep) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_SPI_MIN, ep->spi_min) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_SPI_MAX, ep->spi_max) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_MARK_MASK,
			   ep->mark_mask) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_FLAGS,
			   ep->flags | (ep->key_export ? KEY_EXPORT : 0)) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_MAX_SETS, ep->max_sets) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY,
			   ep->max_temporary) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_SETS, ep->nr_sets) ?:
	       nla_put_u32(msg, GMGATE_ENDPOINT_ATTR_TEMPORARY,
			   ep->nr_temporary);
}

int gmg_nl_endpoint_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	static const int mandatory[] = { GMGATE_ENDPOINT_ATTR_ID, 0 };
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	const struct gmg_endpoint *ep;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = gmg_nl_missing(info, mandatory);
	if (err)
		return err;
	if (info->attrs[GMGATE_ENDPOINT_ATTR_INSTANCE])
		return gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_INSTANCE,
				       "only for dumps", -EINVAL);
	msg = gmg_nl_reply(info, GMGATE_CMD_ENDPOINT_GET,
			   GENLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	ep = gmg_endpoint_by_id(gn,
				nla_get_u32(info->attrs[GMGATE_ENDPOINT_ATTR_ID]));
	if (ep)
		err = put_endpoint(msg, ep);
	else
		err = gmg_nl_bad_attr(info, GMGATE_ENDPOINT_ATTR_ID,
				      "no such endpoint", -ENOENT);
	mutex_unlock(&gn->lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/* The cursor of a dump is the id that comes next: ids grow along the list. */
int gmg_nl_endpoint_get_start(struct netlink_callback *cb)
{
	cb->args[0] = 1;
	return 0;
}

int gmg_nl_endpoint_get_done(struct netlink_callback *cb)
{
	return 0;
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct gmg_endpoint *ep)
{
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &gmg_nl_family, NLM_F_MULTI,
			  GMGATE_CMD_ENDPOINT_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (put_endpoint(skb, ep)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

int gmg_nl_endpoint_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb)
{
	struct nlattr **attrs = gmg_compat_dump_attrs(cb);
	struct nlattr *want = attrs[GMGATE_ENDPOINT_ATTR_INSTANCE];
	struct gmg_net *gn = gmg_net(sock_net(skb->sk));
	struct nlattr *id = attrs[GMGATE_ENDPOINT_ATTR_ID];
	const struct gmg_endpoint *ep;

	if (id) {
		NL_SET_ERR_MSG_ATTR(cb->extack, id, "id is not for dumps");
		return -EINVAL;
	}
	mutex_lock(&gn->lock);
	list_for_each_entry(ep, &gn->endpoints, list) {
		if (ep->id < cb->args[0])
			continue;
		if (want && ep->instance != nla_get_u32(want))
			continue;
		if (dump_one(skb, cb, ep))
			break;
		cb->args[0] = (long)ep->id + 1;
	}
	mutex_unlock(&gn->lock);
	return skb->len;
}
