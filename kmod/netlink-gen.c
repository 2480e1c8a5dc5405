// SPDX-License-Identifier: GPL-2.0-or-later
// Made by Documentation/netlink/gen.py from the spec beside it (specs/gmgate.yaml). Do not edit.
#include <net/genetlink.h>
#include <net/netlink.h>

#include "netlink-gen.h"

static const struct nla_policy
gmg_nl_endpoint_new_do_policy[GMGATE_ENDPOINT_ATTR_IFINDEX + 1] = {
	[GMGATE_ENDPOINT_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_UID] = { .type = NLA_U32, },
	[GMGATE_ENDPOINT_ATTR_ADDR] = { .type = NLA_BINARY, .len = 16, },
	[GMGATE_ENDPOINT_ATTR_PORT_S] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGATE_ENDPOINT_ATTR_PORT_C] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGATE_ENDPOINT_ATTR_SPI_MIN] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_ENDPOINT_ATTR_SPI_MAX] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_ENDPOINT_ATTR_MARK_MASK] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_FLAGS] = NLA_POLICY_MASK(NLA_U32, GMGATE_ENDPOINT_FLAGS_MASK),
	[GMGATE_ENDPOINT_ATTR_MAX_SETS] = { .type = NLA_U32, },
	[GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY] = { .type = NLA_U32, },
	[GMGATE_ENDPOINT_ATTR_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy
gmg_nl_endpoint_del_do_policy[GMGATE_ENDPOINT_ATTR_INSTANCE + 1] = {
	[GMGATE_ENDPOINT_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

/*
 * do takes id; dump takes instance. struct genl_ops has one policy for both:
 * this is the union, the rest is checked in code.
 */
static const struct nla_policy
gmg_nl_endpoint_get_policy[GMGATE_ENDPOINT_ATTR_INSTANCE + 1] = {
	[GMGATE_ENDPOINT_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy
gmg_nl_set_new_do_policy[GMGATE_SET_ATTR_SEQ_OUT + 1] = {
	[GMGATE_SET_ATTR_ENDPOINT] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_COOKIE] = { .type = NLA_U64, },
	[GMGATE_SET_ATTR_STATE] = NLA_POLICY_MAX(NLA_U32, GMGATE_SET_STATE_MAX),
	[GMGATE_SET_ATTR_EXPIRES_MS] = NLA_POLICY_MIN(NLA_U64, 1),
	[GMGATE_SET_ATTR_UE_ADDR] = { .type = NLA_BINARY, .len = 16, },
	[GMGATE_SET_ATTR_PORT_UC] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGATE_SET_ATTR_PORT_US] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGATE_SET_ATTR_PORT_PC] = NLA_POLICY_MIN(NLA_U16, 1),
	[GMGATE_SET_ATTR_SPI_UC] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_SET_ATTR_SPI_US] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_SET_ATTR_SPI_PC] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_SET_ATTR_SPI_PS] = NLA_POLICY_MIN(NLA_U32, 256),
	[GMGATE_SET_ATTR_ALG] = NLA_POLICY_RANGE(NLA_U32, GMGATE_ALG_HMAC_MD5_96,
				GMGATE_ALG_MAX),
	[GMGATE_SET_ATTR_EALG] = NLA_POLICY_RANGE(NLA_U32, GMGATE_EALG_NULL,
				GMGATE_EALG_MAX),
	[GMGATE_SET_ATTR_IK_ESP] = { .type = NLA_BINARY, .len = GMGATE_MAX_KEY, },
	[GMGATE_SET_ATTR_CK_ESP] = { .type = NLA_BINARY, .len = GMGATE_MAX_KEY, },
	[GMGATE_SET_ATTR_SALT] = { .type = NLA_BINARY, .len = 4, },
	[GMGATE_SET_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_SEQ_OUT] = { .type = NLA_U32, },
};

static const struct nla_policy
gmg_nl_set_change_do_policy[GMGATE_SET_ATTR_INSTANCE + 1] = {
	[GMGATE_SET_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_COOKIE] = { .type = NLA_U64, },
	[GMGATE_SET_ATTR_STATE] = NLA_POLICY_MAX(NLA_U32, GMGATE_SET_STATE_MAX),
	[GMGATE_SET_ATTR_EXPIRES_MS] = NLA_POLICY_MIN(NLA_U64, 1),
	[GMGATE_SET_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy
gmg_nl_set_del_do_policy[GMGATE_SET_ATTR_INSTANCE + 1] = {
	[GMGATE_SET_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_ENDPOINT] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

/*
 * do takes id, instance; dump takes endpoint, instance, ue-addr. struct
 * genl_ops has one policy for both: this is the union, the rest is checked in
 * code.
 */
static const struct nla_policy
gmg_nl_set_get_policy[GMGATE_SET_ATTR_INSTANCE + 1] = {
	[GMGATE_SET_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_ENDPOINT] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_UE_ADDR] = { .type = NLA_BINARY, .len = 16, },
	[GMGATE_SET_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy
gmg_nl_endpoint_change_do_policy[GMGATE_ENDPOINT_ATTR_FLAGS + 1] = {
	[GMGATE_ENDPOINT_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_ENDPOINT_ATTR_FLAGS] = NLA_POLICY_MASK(NLA_U32, GMGATE_ENDPOINT_FLAGS_MASK),
};

static const struct nla_policy
gmg_nl_key_get_do_policy[GMGATE_SET_ATTR_INSTANCE + 1] = {
	[GMGATE_SET_ATTR_ID] = NLA_POLICY_MIN(NLA_U32, 1),
	[GMGATE_SET_ATTR_INSTANCE] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* An operation without policy refuses every attribute. */
const struct genl_ops gmg_nl_ops[11] = {
	{
		.cmd		= GMGATE_CMD_CAPS_GET,
		.doit		= gmg_nl_caps_get_doit,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_ENDPOINT_NEW,
		.doit		= gmg_nl_endpoint_new_doit,
		.policy		= gmg_nl_endpoint_new_do_policy,
		.maxattr	= GMGATE_ENDPOINT_ATTR_IFINDEX,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_ENDPOINT_DEL,
		.doit		= gmg_nl_endpoint_del_doit,
		.policy		= gmg_nl_endpoint_del_do_policy,
		.maxattr	= GMGATE_ENDPOINT_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_ENDPOINT_GET,
		.doit		= gmg_nl_endpoint_get_doit,
		.start		= gmg_nl_endpoint_get_start,
		.dumpit		= gmg_nl_endpoint_get_dumpit,
		.done		= gmg_nl_endpoint_get_done,
		.policy		= gmg_nl_endpoint_get_policy,
		.maxattr	= GMGATE_ENDPOINT_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_SET_NEW,
		.doit		= gmg_nl_set_new_doit,
		.policy		= gmg_nl_set_new_do_policy,
		.maxattr	= GMGATE_SET_ATTR_SEQ_OUT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_SET_CHANGE,
		.doit		= gmg_nl_set_change_doit,
		.policy		= gmg_nl_set_change_do_policy,
		.maxattr	= GMGATE_SET_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_SET_DEL,
		.doit		= gmg_nl_set_del_doit,
		.policy		= gmg_nl_set_del_do_policy,
		.maxattr	= GMGATE_SET_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_SET_GET,
		.doit		= gmg_nl_set_get_doit,
		.start		= gmg_nl_set_get_start,
		.dumpit		= gmg_nl_set_get_dumpit,
		.done		= gmg_nl_set_get_done,
		.policy		= gmg_nl_set_get_policy,
		.maxattr	= GMGATE_SET_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_STATS_GET,
		.doit		= gmg_nl_stats_get_doit,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_ENDPOINT_CHANGE,
		.doit		= gmg_nl_endpoint_change_doit,
		.policy		= gmg_nl_endpoint_change_do_policy,
		.maxattr	= GMGATE_ENDPOINT_ATTR_FLAGS,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= GMGATE_CMD_KEY_GET,
		.doit		= gmg_nl_key_get_doit,
		.policy		= gmg_nl_key_get_do_policy,
		.maxattr	= GMGATE_SET_ATTR_INSTANCE,
		.flags		= GENL_ADMIN_PERM,
	},
};

const struct genl_multicast_group gmg_nl_mcgrps[1] = {
	[GMG_NL_MCGRP_EVENTS] = {
		.name	= GMGATE_MCGRP_EVENTS,
#ifdef GENL_MCAST_CAP_NET_ADMIN
		.flags	= GENL_MCAST_CAP_NET_ADMIN,
#endif
	},
};
