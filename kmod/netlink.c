// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the generic netlink family, and its verbs caps-get and stats-get.
 *
 * The tables of verbs and policies are generated, see netlink-gen.c.  Requests
 * of several agents run in parallel; each verb takes gmg_net.lock where it
 * changes something.
 */
#include "netlink.h"

#include <linux/module.h>

#include "addr.h"
#include "endpoint.h"
#include "net.h"
#include "netlink-gen.h"
#include "set.h"
#include "suite.h"

struct genl_family gmg_nl_family __ro_after_init = {
	.name		= GMGATE_FAMILY_NAME,
	.version	= GMGATE_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= gmg_nl_ops,
	.n_ops		= ARRAY_SIZE(gmg_nl_ops),
	.mcgrps		= gmg_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(gmg_nl_mcgrps),
};

/**
 * gmg_nl_addr - read an address attribute
 * @info: request that has it
 * @attrtype: number of the attribute
 * @addr: set to the address
 *
 * Return: 0, or -EINVAL with extack set.
 */
int gmg_nl_addr(const struct genl_info *info, int attrtype,
		struct in6_addr *addr)
{
	const struct nlattr *attr = info->attrs[attrtype];

	if (gmg_addr_from_bytes(addr, nla_data(attr), nla_len(attr)))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, attr,
			    "not a unicast address of 4 or 16 octets");
	return -EINVAL;
}

/**
 * gmg_nl_missing - are all of these attributes there?
 * @info: request
 * @attrs: numbers of attributes, ended by 0
 *
 * Return: 0, or -EINVAL with extack set.
 */
int gmg_nl_missing(struct genl_info *info, const int *attrs)
{
	for (; *attrs; attrs++)
		if (GENL_REQ_ATTR_CHECK(info, *attrs)) {
			NL_SET_ERR_MSG(info->extack,
				       "a mandatory attribute is missing");
			return -EINVAL;
		}
	return 0;
}

/**
 * gmg_nl_bad_attr - refuse a request for one of its attributes
 * @info: request
 * @attrtype: number of the attribute
 * @why: for extack; a string that stays
 * @err: negative errno
 *
 * Return: @err.
 */
int gmg_nl_bad_attr(const struct genl_info *info, int attrtype,
		    const char *why, int err)
{
	if (info->extack)
		info->extack->_msg = why;
	NL_SET_BAD_ATTR(info->extack, info->attrs[attrtype]);
	return err;
}

/**
 * gmg_nl_reply - begin the answer to a request
 * @info: request
 * @cmd: GMGATE_CMD_*
 * @room: octets of attributes there will be at most, GENLMSG_DEFAULT_SIZE: many
 * @hdr: for genlmsg_end()
 *
 * Return: the message, or NULL.
 */
struct sk_buff *gmg_nl_reply(struct genl_info *info, u8 cmd, size_t room,
			     void **hdr)
{
	struct sk_buff *msg = genlmsg_new(room, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put_reply(msg, info, &gmg_nl_family, 0, cmd);
	if (!*hdr) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/**
 * gmg_nl_put_spis - the SPIs of a set's four SAs
 * @msg: answer
 * @set: set
 *
 * Return: 0 or -EMSGSIZE.
 */
int gmg_nl_put_spis(struct sk_buff *msg, const struct gmg_set *set)
{
	const struct gmg_pair *s = &set->pair[GMG_SERVER];
	const struct gmg_pair *c = &set->pair[GMG_CLIENT];

	return nla_put_u32(msg, GMGATE_SET_ATTR_SPI_UC, ntohl(s->spi_out)) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_SPI_US, ntohl(c->spi_out)) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_SPI_PC, ntohl(c->spi_in)) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_SPI_PS, ntohl(s->spi_in));
}

static int put_suite(struct sk_buff *msg, const struct gmg_suite *suite)
{
	struct nlattr *nest = nla_nest_start(msg, GMGATE_CAPS_ATTR_SUITE);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(msg, GMGATE_SUITE_ATTR_ALG, suite->alg) ||
	    nla_put_u32(msg, GMGATE_SUITE_ATTR_EALG, suite->ealg))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int gmg_nl_caps_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct gmg_suite *suite = NULL;
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = gmg_nl_reply(info, GMGATE_CMD_CAPS_GET,
			   GENLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	err = nla_put_u32(msg, GMGATE_CAPS_ATTR_VERSION,
			  GMGATE_FAMILY_VERSION) ?:
	      nla_put_u32(msg, GMGATE_CAPS_ATTR_MAX_SETS, GMG_MAX_SETS) ?:
	      nla_put_u32(msg, GMGATE_CAPS_ATTR_MAX_TEMPORARY,
			  GMG_MAX_TEMPORARY);
	while (!err && (suite = gmg_suite_next(suite)))
		err = put_suite(msg, suite);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static int put_count(struct sk_buff *msg, int nest_type, int which_type,
		     u32 which, int count_type, u64 count)
{
	struct nlattr *nest = nla_nest_start(msg, nest_type);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(msg, which_type, which) ||
	    nla_put_u64_64bit(msg, count_type, count, 0))
		return -EMSGSIZE;
	nla_nest_end(msg, nest);
	return 0;
}

int gmg_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct gmg_net *gn = gmg_net(genl_info_net(info));
	struct sk_buff *msg;
	int err = 0;
	void *hdr;
	u32 i;

	msg = gmg_nl_reply(info, GMGATE_CMD_STATS_GET,
			   GENLMSG_DEFAULT_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	for (i = 0; !err && i <= GMGATE_COUNTER_MAX; i++)
		err = put_count(msg, GMGATE_STATS_ATTR_COUNTER,
				GMGATE_COUNTERS_ATTR_COUNTER, i,
				GMGATE_COUNTERS_ATTR_COUNT,
				gmg_stats_counter(gn, i));
	for (i = GMGATE_DROP_UNSPEC + 1; !err && i <= GMGATE_DROP_MAX; i++)
		err = put_count(msg, GMGATE_STATS_ATTR_DROP,
				GMGATE_DROPS_ATTR_REASON, i,
				GMGATE_DROPS_ATTR_COUNT,
				gmg_stats_drop(gn, i));
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

/**
 * gmg_nl_init - let user space in; everything else is ready
 *
 * Return: 0 or a negative errno.
 */
int __init gmg_nl_init(void)
{
	return genl_register_family(&gmg_nl_family);
}

/**
 * gmg_nl_exit - undo gmg_nl_init()
 */
void gmg_nl_exit(void)
{
	genl_unregister_family(&gmg_nl_family);
}
