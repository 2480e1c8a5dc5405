// SPDX-License-Identifier: GPL-2.0-or-later
//
// gate_msg - attributes of the gmgate family to structs and back.  Pure
// functions on one message; nothing is kept.
#include "gate_msg.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

/* What each attribute has to be at least; the kernel may grow new ones. */
static struct nla_policy suite_policy[GMGATE_SUITE_ATTR_MAX + 1] = {
	[GMGATE_SUITE_ATTR_ALG]		= { .type = NLA_U32 },
	[GMGATE_SUITE_ATTR_EALG]	= { .type = NLA_U32 },
};

static struct nla_policy caps_policy[GMGATE_CAPS_ATTR_MAX + 1] = {
	[GMGATE_CAPS_ATTR_VERSION]	= { .type = NLA_U32 },
	[GMGATE_CAPS_ATTR_SUITE]	= { .type = NLA_NESTED },
	[GMGATE_CAPS_ATTR_MAX_SETS]	= { .type = NLA_U32 },
	[GMGATE_CAPS_ATTR_MAX_TEMPORARY] = { .type = NLA_U32 },
};

static struct nla_policy endpoint_policy[GMGATE_ENDPOINT_ATTR_MAX + 1] = {
	[GMGATE_ENDPOINT_ATTR_ID]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_INSTANCE]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_UID]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_PORT_S]	= { .type = NLA_U16 },
	[GMGATE_ENDPOINT_ATTR_PORT_C]	= { .type = NLA_U16 },
	[GMGATE_ENDPOINT_ATTR_SPI_MIN]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_SPI_MAX]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_MARK_MASK] = { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_FLAGS]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_MAX_SETS]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY] = { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_SETS]	= { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_TEMPORARY] = { .type = NLA_U32 },
	[GMGATE_ENDPOINT_ATTR_IFINDEX]	= { .type = NLA_U32 },
};

static struct nla_policy sa_policy[GMGATE_SA_ATTR_MAX + 1] = {
	[GMGATE_SA_ATTR_DIR]		= { .type = NLA_U32 },
	[GMGATE_SA_ATTR_SPI]		= { .type = NLA_U32 },
	[GMGATE_SA_ATTR_SEQ]		= { .type = NLA_U32 },
	[GMGATE_SA_ATTR_PACKETS]	= { .type = NLA_U64 },
	[GMGATE_SA_ATTR_BYTES]		= { .type = NLA_U64 },
};

static struct nla_policy set_policy[GMGATE_SET_ATTR_MAX + 1] = {
	[GMGATE_SET_ATTR_ID]		= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_ENDPOINT]	= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_COOKIE]	= { .type = NLA_U64 },
	[GMGATE_SET_ATTR_STATE]		= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_EXPIRES_MS]	= { .type = NLA_U64 },
	[GMGATE_SET_ATTR_PORT_UC]	= { .type = NLA_U16 },
	[GMGATE_SET_ATTR_PORT_US]	= { .type = NLA_U16 },
	[GMGATE_SET_ATTR_PORT_PC]	= { .type = NLA_U16 },
	[GMGATE_SET_ATTR_PORT_PS]	= { .type = NLA_U16 },
	[GMGATE_SET_ATTR_SPI_UC]	= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_SPI_US]	= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_SPI_PC]	= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_SPI_PS]	= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_ALG]		= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_EALG]		= { .type = NLA_U32 },
	[GMGATE_SET_ATTR_SA]		= { .type = NLA_NESTED },
	[GMGATE_SET_ATTR_DROPS]		= { .type = NLA_NESTED },
	[GMGATE_SET_ATTR_IDLE_MS]	= { .type = NLA_U64 },
	[GMGATE_SET_ATTR_INSTANCE]	= { .type = NLA_U32 },
};

static struct nla_policy drops_policy[GMGATE_DROPS_ATTR_MAX + 1] = {
	[GMGATE_DROPS_ATTR_REASON]	= { .type = NLA_U32 },
	[GMGATE_DROPS_ATTR_COUNT]	= { .type = NLA_U64 },
};

static struct nla_policy counters_policy[GMGATE_COUNTERS_ATTR_MAX + 1] = {
	[GMGATE_COUNTERS_ATTR_COUNTER]	= { .type = NLA_U32 },
	[GMGATE_COUNTERS_ATTR_COUNT]	= { .type = NLA_U64 },
};

static struct nla_policy note_policy[GMGATE_NOTE_ATTR_MAX + 1] = {
	[GMGATE_NOTE_ATTR_EVENT]	= { .type = NLA_U32 },
	[GMGATE_NOTE_ATTR_SET]		= { .type = NLA_U32 },
	[GMGATE_NOTE_ATTR_ENDPOINT]	= { .type = NLA_U32 },
	[GMGATE_NOTE_ATTR_INSTANCE]	= { .type = NLA_U32 },
	[GMGATE_NOTE_ATTR_COOKIE]	= { .type = NLA_U64 },
	[GMGATE_NOTE_ATTR_SPI]		= { .type = NLA_U32 },
};

/* ---- requests ---- */

static int put_addr(struct nl_msg *m, int type, const struct addr *a)
{
	return nla_put(m, type, addr_ip_len(a), a->ip);
}

/* 0 stands for the kernel's default. */
static int put_u32_unless_0(struct nl_msg *m, int type, uint32_t value)
{
	return value ? nla_put_u32(m, type, value) : 0;
}

static int put_octets(struct nl_msg *m, int type, const uint8_t *p, size_t n)
{
	return n ? nla_put(m, type, n, p) : 0;
}

int gate_msg_put_endpoint(struct nl_msg *m, const struct gate_endpoint *e)
{
	unsigned int i;

	if (put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_ID, e->id) ||
	    nla_put_u32(m, GMGATE_ENDPOINT_ATTR_INSTANCE, e->instance) ||
	    nla_put_u32(m, GMGATE_ENDPOINT_ATTR_UID, e->uid) ||
	    put_addr(m, GMGATE_ENDPOINT_ATTR_ADDR, &e->addr) ||
	    put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_IFINDEX, e->ifindex) ||
	    nla_put_u16(m, GMGATE_ENDPOINT_ATTR_PORT_S, e->port_s) ||
	    nla_put_u32(m, GMGATE_ENDPOINT_ATTR_SPI_MIN, e->spi_min) ||
	    nla_put_u32(m, GMGATE_ENDPOINT_ATTR_SPI_MAX, e->spi_max) ||
	    put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_MARK_MASK, e->mark_mask) ||
	    put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_FLAGS, e->flags) ||
	    put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_MAX_SETS, e->max_sets) ||
	    put_u32_unless_0(m, GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY, e->max_temporary))
		return -EMSGSIZE;
	for (i = 0; i < e->n_port_c; i++)
		if (nla_put_u16(m, GMGATE_ENDPOINT_ATTR_PORT_C, e->port_c[i]))
			return -EMSGSIZE;
	return 0;
}

int gate_msg_put_set(struct nl_msg *m, const struct gate_set_new *n)
{
	if (nla_put_u32(m, GMGATE_SET_ATTR_ENDPOINT, n->endpoint) ||
	    nla_put_u64(m, GMGATE_SET_ATTR_COOKIE, n->cookie) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_STATE, n->state) ||
	    nla_put_u64(m, GMGATE_SET_ATTR_EXPIRES_MS, n->expires_ms) ||
	    put_addr(m, GMGATE_SET_ATTR_UE_ADDR, &n->ue) ||
	    nla_put_u16(m, GMGATE_SET_ATTR_PORT_UC, n->port_uc) ||
	    nla_put_u16(m, GMGATE_SET_ATTR_PORT_US, n->port_us) ||
	    nla_put_u16(m, GMGATE_SET_ATTR_PORT_PC, n->port_pc) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_SPI_UC, n->spi_uc) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_SPI_US, n->spi_us) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_SPI_PC, n->spi_pc) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_SPI_PS, n->spi_ps) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_ALG, n->suite.alg) ||
	    nla_put_u32(m, GMGATE_SET_ATTR_EALG, n->suite.ealg) ||
	    put_octets(m, GMGATE_SET_ATTR_IK_ESP, n->ik_esp, n->ik_len) ||
	    put_octets(m, GMGATE_SET_ATTR_CK_ESP, n->ck_esp, n->ck_len) ||
	    put_octets(m, GMGATE_SET_ATTR_SALT, n->salt, n->salt_len) ||
	    put_u32_unless_0(m, GMGATE_SET_ATTR_SEQ_OUT, n->seq_out))
		return -EMSGSIZE;
	return 0;
}

int gate_msg_put_change(struct nl_msg *m, uint32_t id, const struct gate_change *c)
{
	if (nla_put_u32(m, GMGATE_SET_ATTR_ID, id) ||
	    (c->what & GATE_CHANGE_STATE &&
	     nla_put_u32(m, GMGATE_SET_ATTR_STATE, c->state)) ||
	    (c->what & GATE_CHANGE_EXPIRES &&
	     nla_put_u64(m, GMGATE_SET_ATTR_EXPIRES_MS, c->expires_ms)) ||
	    (c->what & GATE_CHANGE_COOKIE &&
	     nla_put_u64(m, GMGATE_SET_ATTR_COOKIE, c->cookie)))
		return -EMSGSIZE;
	return 0;
}

int gate_msg_put_filter(struct nl_msg *m, const struct gate_filter *f)
{
	if (!f)
		return 0;
	if (put_u32_unless_0(m, GMGATE_SET_ATTR_ENDPOINT, f->endpoint) ||
	    (f->ue.family && put_addr(m, GMGATE_SET_ATTR_UE_ADDR, &f->ue)))
		return -EMSGSIZE;
	return 0;
}

/* ---- answers ---- */

static uint16_t get_u16(struct nlattr *a)
{
	return a ? nla_get_u16(a) : 0;
}

static uint32_t get_u32(struct nlattr *a)
{
	return a ? nla_get_u32(a) : 0;
}

static uint64_t get_u64(struct nlattr *a)
{
	return a ? nla_get_u64(a) : 0;
}

static bool get_addr(struct nlattr *a, struct addr *out)
{
	memset(out, 0, sizeof(*out));
	if (!a)
		return true;
	if (nla_len(a) != 4 && nla_len(a) != 16)
		return false;
	out->family = nla_len(a) == 4 ? AF_INET : AF_INET6;
	memcpy(out->ip, nla_data(a), nla_len(a));
	return true;
}

static bool parse(struct nlmsghdr *h, struct nlattr **tb, int max, struct nla_policy *policy)
{
	return genlmsg_valid_hdr(h, 0) && !genlmsg_parse(h, 0, tb, max, policy);
}

/* Walks the top-level attributes of one type; those of a repeated attribute. */
#define for_each_of_type(a, left, h, t)					\
	nlmsg_for_each_attr(a, h, GENL_HDRLEN, left)			\
		if (nla_type(a) == (t))

int gate_msg_get_caps(struct nlmsghdr *h, struct gate_caps *c)
{
	struct nlattr *tb[GMGATE_CAPS_ATTR_MAX + 1], *su[GMGATE_SUITE_ATTR_MAX + 1], *a;
	int left;

	memset(c, 0, sizeof(*c));
	if (!parse(h, tb, GMGATE_CAPS_ATTR_MAX, caps_policy) || !tb[GMGATE_CAPS_ATTR_VERSION])
		return -EPROTO;
	c->version = nla_get_u32(tb[GMGATE_CAPS_ATTR_VERSION]);
	c->max_sets = get_u32(tb[GMGATE_CAPS_ATTR_MAX_SETS]);
	c->max_temporary = get_u32(tb[GMGATE_CAPS_ATTR_MAX_TEMPORARY]);
	for_each_of_type(a, left, h, GMGATE_CAPS_ATTR_SUITE) {
		if (c->n_suites == sizeof(c->suites) / sizeof(c->suites[0]))
			break;
		if (nla_parse_nested(su, GMGATE_SUITE_ATTR_MAX, a, suite_policy))
			return -EPROTO;
		c->suites[c->n_suites++] = (struct suite){
			.alg = get_u32(su[GMGATE_SUITE_ATTR_ALG]),
			.ealg = get_u32(su[GMGATE_SUITE_ATTR_EALG]),
		};
	}
	return 0;
}

int gate_msg_get_endpoint(struct nlmsghdr *h, struct gate_endpoint *e)
{
	struct nlattr *tb[GMGATE_ENDPOINT_ATTR_MAX + 1], *a;
	int left;

	memset(e, 0, sizeof(*e));
	if (!parse(h, tb, GMGATE_ENDPOINT_ATTR_MAX, endpoint_policy) ||
	    !tb[GMGATE_ENDPOINT_ATTR_ID] ||
	    !get_addr(tb[GMGATE_ENDPOINT_ATTR_ADDR], &e->addr))
		return -EPROTO;
	e->id = nla_get_u32(tb[GMGATE_ENDPOINT_ATTR_ID]);
	e->instance = get_u32(tb[GMGATE_ENDPOINT_ATTR_INSTANCE]);
	e->uid = get_u32(tb[GMGATE_ENDPOINT_ATTR_UID]);
	e->ifindex = get_u32(tb[GMGATE_ENDPOINT_ATTR_IFINDEX]);
	e->port_s = get_u16(tb[GMGATE_ENDPOINT_ATTR_PORT_S]);
	e->spi_min = get_u32(tb[GMGATE_ENDPOINT_ATTR_SPI_MIN]);
	e->spi_max = get_u32(tb[GMGATE_ENDPOINT_ATTR_SPI_MAX]);
	e->mark_mask = get_u32(tb[GMGATE_ENDPOINT_ATTR_MARK_MASK]);
	e->flags = get_u32(tb[GMGATE_ENDPOINT_ATTR_FLAGS]);
	e->max_sets = get_u32(tb[GMGATE_ENDPOINT_ATTR_MAX_SETS]);
	e->max_temporary = get_u32(tb[GMGATE_ENDPOINT_ATTR_MAX_TEMPORARY]);
	e->sets = get_u32(tb[GMGATE_ENDPOINT_ATTR_SETS]);
	e->temporary = get_u32(tb[GMGATE_ENDPOINT_ATTR_TEMPORARY]);
	for_each_of_type(a, left, h, GMGATE_ENDPOINT_ATTR_PORT_C) {
		if (nla_len(a) < (int)sizeof(uint16_t))
			return -EPROTO;
		if (e->n_port_c < GMGATE_MAX_PORT_C)
			e->port_c[e->n_port_c++] = nla_get_u16(a);
	}
	return 0;
}

static bool get_sa(struct nlattr *nest, struct gate_sa *sa)
{
	struct nlattr *tb[GMGATE_SA_ATTR_MAX + 1];
	uint32_t dir;

	if (nla_parse_nested(tb, GMGATE_SA_ATTR_MAX, nest, sa_policy) ||
	    !tb[GMGATE_SA_ATTR_DIR])
		return false;
	dir = nla_get_u32(tb[GMGATE_SA_ATTR_DIR]);
	if (dir > GMGATE_SA_DIR_MAX)
		return false;
	sa[dir] = (struct gate_sa){
		.spi = get_u32(tb[GMGATE_SA_ATTR_SPI]),
		.seq = get_u32(tb[GMGATE_SA_ATTR_SEQ]),
		.packets = get_u64(tb[GMGATE_SA_ATTR_PACKETS]),
		.bytes = get_u64(tb[GMGATE_SA_ATTR_BYTES]),
	};
	return true;
}

/* A reason this program does not know is left out. */
static bool get_drop(struct nlattr *nest, uint64_t *drops)
{
	struct nlattr *tb[GMGATE_DROPS_ATTR_MAX + 1];
	uint32_t reason;

	if (nla_parse_nested(tb, GMGATE_DROPS_ATTR_MAX, nest, drops_policy) ||
	    !tb[GMGATE_DROPS_ATTR_REASON])
		return false;
	reason = nla_get_u32(tb[GMGATE_DROPS_ATTR_REASON]);
	if (reason <= GMGATE_DROP_MAX)
		drops[reason] = get_u64(tb[GMGATE_DROPS_ATTR_COUNT]);
	return true;
}

static bool get_counter(struct nlattr *nest, uint64_t *counters)
{
	struct nlattr *tb[GMGATE_COUNTERS_ATTR_MAX + 1];
	uint32_t counter;

	if (nla_parse_nested(tb, GMGATE_COUNTERS_ATTR_MAX, nest, counters_policy) ||
	    !tb[GMGATE_COUNTERS_ATTR_COUNTER])
		return false;
	counter = nla_get_u32(tb[GMGATE_COUNTERS_ATTR_COUNTER]);
	if (counter <= GMGATE_COUNTER_MAX)
		counters[counter] = get_u64(tb[GMGATE_COUNTERS_ATTR_COUNT]);
	return true;
}

int gate_msg_get_set(struct nlmsghdr *h, struct gate_set *s)
{
	struct nlattr *tb[GMGATE_SET_ATTR_MAX + 1], *a;
	int left;

	memset(s, 0, sizeof(*s));
	if (!parse(h, tb, GMGATE_SET_ATTR_MAX, set_policy) || !tb[GMGATE_SET_ATTR_ID] ||
	    !get_addr(tb[GMGATE_SET_ATTR_ADDR], &s->addr) ||
	    !get_addr(tb[GMGATE_SET_ATTR_UE_ADDR], &s->ue))
		return -EPROTO;
	s->id = nla_get_u32(tb[GMGATE_SET_ATTR_ID]);
	s->endpoint = get_u32(tb[GMGATE_SET_ATTR_ENDPOINT]);
	s->instance = get_u32(tb[GMGATE_SET_ATTR_INSTANCE]);
	s->cookie = get_u64(tb[GMGATE_SET_ATTR_COOKIE]);
	s->state = get_u32(tb[GMGATE_SET_ATTR_STATE]);
	s->expires_ms = get_u64(tb[GMGATE_SET_ATTR_EXPIRES_MS]);
	s->port_uc = get_u16(tb[GMGATE_SET_ATTR_PORT_UC]);
	s->port_us = get_u16(tb[GMGATE_SET_ATTR_PORT_US]);
	s->port_pc = get_u16(tb[GMGATE_SET_ATTR_PORT_PC]);
	s->port_ps = get_u16(tb[GMGATE_SET_ATTR_PORT_PS]);
	s->spi_uc = get_u32(tb[GMGATE_SET_ATTR_SPI_UC]);
	s->spi_us = get_u32(tb[GMGATE_SET_ATTR_SPI_US]);
	s->spi_pc = get_u32(tb[GMGATE_SET_ATTR_SPI_PC]);
	s->spi_ps = get_u32(tb[GMGATE_SET_ATTR_SPI_PS]);
	s->suite.alg = get_u32(tb[GMGATE_SET_ATTR_ALG]);
	s->suite.ealg = get_u32(tb[GMGATE_SET_ATTR_EALG]);
	s->heard = tb[GMGATE_SET_ATTR_IDLE_MS] != NULL;
	s->idle_ms = get_u64(tb[GMGATE_SET_ATTR_IDLE_MS]);
	for_each_of_type(a, left, h, GMGATE_SET_ATTR_SA)
		if (!get_sa(a, s->sa))
			return -EPROTO;
	for_each_of_type(a, left, h, GMGATE_SET_ATTR_DROPS)
		if (!get_drop(a, s->drops))
			return -EPROTO;
	return 0;
}

static bool get_key(struct nlattr *a, uint8_t *key, size_t room, size_t *len)
{
	*len = a ? nla_len(a) : 0;
	if (*len > room)
		return false;
	if (*len)
		memcpy(key, nla_data(a), *len);
	return true;
}

int gate_msg_get_keys(struct nlmsghdr *h, struct gate_keys *k)
{
	struct nlattr *tb[GMGATE_SET_ATTR_MAX + 1];

	memset(k, 0, sizeof(*k));
	if (!parse(h, tb, GMGATE_SET_ATTR_MAX, set_policy) || !tb[GMGATE_SET_ATTR_ID] ||
	    !get_addr(tb[GMGATE_SET_ATTR_ADDR], &k->addr) ||
	    !get_addr(tb[GMGATE_SET_ATTR_UE_ADDR], &k->ue) ||
	    !get_key(tb[GMGATE_SET_ATTR_IK_ESP], k->ik_esp, sizeof(k->ik_esp), &k->ik_len) ||
	    !get_key(tb[GMGATE_SET_ATTR_CK_ESP], k->ck_esp, sizeof(k->ck_esp), &k->ck_len) ||
	    !get_key(tb[GMGATE_SET_ATTR_SALT], k->salt, sizeof(k->salt), &k->salt_len)) {
		explicit_bzero(k, sizeof(*k));
		return -EPROTO;
	}
	k->id = nla_get_u32(tb[GMGATE_SET_ATTR_ID]);
	k->spi_uc = get_u32(tb[GMGATE_SET_ATTR_SPI_UC]);
	k->spi_us = get_u32(tb[GMGATE_SET_ATTR_SPI_US]);
	k->spi_pc = get_u32(tb[GMGATE_SET_ATTR_SPI_PC]);
	k->spi_ps = get_u32(tb[GMGATE_SET_ATTR_SPI_PS]);
	k->suite.alg = get_u32(tb[GMGATE_SET_ATTR_ALG]);
	k->suite.ealg = get_u32(tb[GMGATE_SET_ATTR_EALG]);
	return 0;
}

int gate_msg_get_stats(struct nlmsghdr *h, struct gate_stats *s)
{
	struct nlattr *a;
	int left;

	memset(s, 0, sizeof(*s));
	if (!genlmsg_valid_hdr(h, 0))
		return -EPROTO;
	for_each_of_type(a, left, h, GMGATE_STATS_ATTR_COUNTER)
		if (!get_counter(a, s->counter))
			return -EPROTO;
	for_each_of_type(a, left, h, GMGATE_STATS_ATTR_DROP)
		if (!get_drop(a, s->drop))
			return -EPROTO;
	return 0;
}

int gate_msg_get_event(struct nlmsghdr *h, struct gate_event *e)
{
	struct nlattr *tb[GMGATE_NOTE_ATTR_MAX + 1];

	memset(e, 0, sizeof(*e));
	if (!parse(h, tb, GMGATE_NOTE_ATTR_MAX, note_policy) ||
	    ((struct genlmsghdr *)nlmsg_data(h))->cmd != GMGATE_CMD_EVENT ||
	    !tb[GMGATE_NOTE_ATTR_EVENT] || !get_addr(tb[GMGATE_NOTE_ATTR_ADDR], &e->addr))
		return -EPROTO;
	e->event = nla_get_u32(tb[GMGATE_NOTE_ATTR_EVENT]);
	e->set = get_u32(tb[GMGATE_NOTE_ATTR_SET]);
	e->endpoint = get_u32(tb[GMGATE_NOTE_ATTR_ENDPOINT]);
	e->instance = get_u32(tb[GMGATE_NOTE_ATTR_INSTANCE]);
	e->cookie = get_u64(tb[GMGATE_NOTE_ATTR_COOKIE]);
	e->spi = get_u32(tb[GMGATE_NOTE_ATTR_SPI]);
	return 0;
}

int gate_msg_get_endpoint_id(struct nlmsghdr *h, uint32_t *id)
{
	struct nlattr *tb[GMGATE_ENDPOINT_ATTR_MAX + 1];

	if (!parse(h, tb, GMGATE_ENDPOINT_ATTR_MAX, endpoint_policy) ||
	    !tb[GMGATE_ENDPOINT_ATTR_ID])
		return -EPROTO;
	*id = nla_get_u32(tb[GMGATE_ENDPOINT_ATTR_ID]);
	return 0;
}

int gate_msg_get_set_id(struct nlmsghdr *h, uint32_t *id)
{
	struct nlattr *tb[GMGATE_SET_ATTR_MAX + 1];

	if (!parse(h, tb, GMGATE_SET_ATTR_MAX, set_policy) || !tb[GMGATE_SET_ATTR_ID])
		return -EPROTO;
	*id = nla_get_u32(tb[GMGATE_SET_ATTR_ID]);
	return 0;
}
