// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gmgate: the netlink verb key-get, the one way by which keys come out.
 *
 * The answer is a socket buffer like any other, which netlink frees when it has
 * been read and does not wipe: it is as small as can be, and who minds runs the
 * kernel with init_on_free=1.
 */
#include "addr.h"
#include "endpoint.h"
#include "event.h"
#include "export.h"
#include "net.h"
#include "netlink.h"
#include "netlink-gen.h"
#include "set.h"

#define ANSWER_SIZE (8 * nla_total_size(sizeof(u32)) +			\
		     2 * nla_total_size(sizeof(struct in6_addr)) +	\
		     2 * nla_total_size(GMGATE_MAX_KEY) +		\
		     nla_total_size(GMG_SALT))

static int check(const struct gmg_set *set, struct netlink_ext_ack *extack)
{
	if (!gmg_export_allowed()) {
		NL_SET_ERR_MSG(extack, "the module's parameter key_export is off");
		return -EACCES;
	}
	if (!set->ep->key_export) {
		NL_SET_ERR_MSG(extack, "the endpoint's flag key-export is off");
		return -EACCES;
	}
	if (!set->exported) {
		NL_SET_ERR_MSG(extack, "the set was installed while key export was off");
		return -ENOKEY;
	}
	return 0;
}

static int put_key(struct sk_buff *msg, int attrtype, unsigned int len,
		   const u8 *key)
{
	return len ? nla_put(msg, attrtype, len, key) : 0;
}

static int put_keys(struct sk_buff *msg, const struct gmg_set *set)
{
	const struct gmg_suite *suite = set->keys.suite;
	const struct gmg_export *keys = set->exported;
	const struct in6_addr *local = &set->ep->addr;

	return nla_put_u32(msg, GMGATE_SET_ATTR_ID, set->id) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_ENDPOINT, set->ep->id) ?:
	       nla_put(msg, GMGATE_SET_ATTR_ADDR, gmg_addr_len(local),
		       gmg_addr_bytes(local)) ?:
	       nla_put(msg, GMGATE_SET_ATTR_UE_ADDR, gmg_addr_len(&set->ue),
		       gmg_addr_bytes(&set->ue)) ?:
	       gmg_nl_put_spis(msg, set) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_ALG, suite->alg) ?:
	       nla_put_u32(msg, GMGATE_SET_ATTR_EALG, suite->ealg) ?:
	       put_key(msg, GMGATE_SET_ATTR_IK_ESP, suite->ik_len, keys->ik) ?:
	       put_key(msg, GMGATE_SET_ATTR_CK_ESP, suite->ck_len, keys->ck) ?:
	       put_key(msg, GMGATE_SET_ATTR_SALT, suite->salt_len, keys->salt);
}

int gmg_nl_key_get_doit(struct sk_buff *skb, struct genl_info *info)
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
	msg = gmg_nl_reply(info, GMGATE_CMD_KEY_GET, ANSWER_SIZE, &hdr);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&gn->lock);
	set = gmg_nl_set(gn, info);
	err = PTR_ERR_OR_ZERO(set) ?: check(set, info->extack) ?:
	      put_keys(msg, set);
	if (!err)
		gmg_event_set(gn, set, GMGATE_EVENT_KEYS_READ, 0);
	mutex_unlock(&gn->lock);
	if (err) {
		memzero_explicit(msg->data, msg->len);
		nlmsg_free(msg);
		return err;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}
