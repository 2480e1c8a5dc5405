// SPDX-License-Identifier: GPL-2.0-or-later
//
// What goes into messages to the kernel and what is read out of its answers,
// without a kernel.
#include <errno.h>
#include <limits.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gate.h"
#include "gate_msg.h"
#include "gate_names.h"
#include "gate_nl.h"

static struct nl_msg *message(uint8_t cmd)
{
	struct nl_msg *m = nlmsg_alloc();

	assert_non_null(m);
	assert_non_null(genlmsg_put(m, 0, 77, 30, 0, 0, cmd, GMGATE_FAMILY_VERSION));
	return m;
}

static struct nlattr *find(struct nl_msg *m, int type)
{
	return nlmsg_find_attr(nlmsg_hdr(m), GENL_HDRLEN, type);
}

static unsigned int count(struct nl_msg *m)
{
	struct nlattr *a;
	unsigned int n = 0;
	int left;

	nlmsg_for_each_attr(a, nlmsg_hdr(m), GENL_HDRLEN, left)
		n++;
	return n;
}

static struct gate_endpoint an_endpoint(void)
{
	struct gate_endpoint e = {
		.instance = 3, .uid = 1000, .port_s = 6100, .port_c = { 6101, 6102, 6103 },
		.n_port_c = 3, .spi_min = 0x10000000, .spi_max = 0x1fffffff,
	};

	assert_true(addr_parse(&e.addr, "10.4.128.21", 0));
	return e;
}

static void endpoint_is_put(void **state)
{
	struct nl_msg *m = message(GMGATE_CMD_ENDPOINT_NEW);
	struct gate_endpoint e = an_endpoint(), back;
	struct nlattr *a;

	(void)state;
	assert_int_equal(gate_msg_put_endpoint(m, &e), 0);
	a = find(m, GMGATE_ENDPOINT_ATTR_ADDR);
	assert_int_equal(nla_len(a), 4);
	assert_memory_equal(nla_data(a), "\x0a\x04\x80\x15", 4);
	assert_int_equal(nla_get_u16(find(m, GMGATE_ENDPOINT_ATTR_PORT_S)), 6100);
	/* what is 0 is the kernel's to choose and must not be there */
	assert_null(find(m, GMGATE_ENDPOINT_ATTR_MARK_MASK));
	assert_null(find(m, GMGATE_ENDPOINT_ATTR_MAX_SETS));
	assert_null(find(m, GMGATE_ENDPOINT_ATTR_ID));
	assert_int_equal(count(m), 6 + 3);

	assert_null(find(m, GMGATE_ENDPOINT_ATTR_IFINDEX));

	/* the same attributes are what a dump brings back */
	nlmsg_free(m);
	m = message(GMGATE_CMD_ENDPOINT_NEW);
	e.id = 9;	/* whose place it takes */
	e.ifindex = 4;
	assert_int_equal(gate_msg_put_endpoint(m, &e), 0);
	assert_int_equal(nla_get_u32(find(m, GMGATE_ENDPOINT_ATTR_IFINDEX)), 4);
	assert_int_equal(gate_msg_get_endpoint(nlmsg_hdr(m), &back), 0);
	assert_memory_equal(&back, &e, sizeof(e));
	nlmsg_free(m);
}

static void endpoint_takes_no_more_ports_than_it_can_hold(void **state)
{
	struct nl_msg *m = message(GMGATE_CMD_ENDPOINT_GET);
	struct gate_endpoint e;
	int i;

	(void)state;
	nla_put_u32(m, GMGATE_ENDPOINT_ATTR_ID, 1);
	for (i = 0; i < GMGATE_MAX_PORT_C + 4; i++)
		nla_put_u16(m, GMGATE_ENDPOINT_ATTR_PORT_C, 100 + i);
	assert_int_equal(gate_msg_get_endpoint(nlmsg_hdr(m), &e), 0);
	assert_int_equal(e.n_port_c, GMGATE_MAX_PORT_C);
	assert_int_equal(e.port_c[GMGATE_MAX_PORT_C - 1], 100 + GMGATE_MAX_PORT_C - 1);
	/* one octet of port is no port */
	nla_put_u8(m, GMGATE_ENDPOINT_ATTR_PORT_C, 1);
	assert_int_equal(gate_msg_get_endpoint(nlmsg_hdr(m), &e), -EPROTO);
	nlmsg_free(m);
}

/* The keys that key-get brings; longer ones than any suite has are refused, and wiped. */
static void keys_are_read(void **state)
{
	static const uint8_t ik[20] = "integrity key, 16++", ck[16] = "cipher key here";
	struct nl_msg *m = message(GMGATE_CMD_KEY_GET);
	struct gate_keys k, none = { 0 };
	uint8_t longer[GMGATE_MAX_KEY + 1] = { 1 };

	(void)state;
	assert_int_equal(gate_msg_get_keys(nlmsg_hdr(m), &k), -EPROTO);
	nla_put_u32(m, GMGATE_SET_ATTR_ID, 7);
	nla_put(m, GMGATE_SET_ATTR_UE_ADDR, 4, "\x0a\x2d\x00\x03");
	nla_put_u32(m, GMGATE_SET_ATTR_SPI_PS, 0x10000002);
	nla_put_u32(m, GMGATE_SET_ATTR_ALG, GMGATE_ALG_HMAC_SHA_1_96);
	nla_put(m, GMGATE_SET_ATTR_IK_ESP, sizeof(ik), ik);
	nla_put(m, GMGATE_SET_ATTR_CK_ESP, sizeof(ck), ck);
	assert_int_equal(gate_msg_get_keys(nlmsg_hdr(m), &k), 0);
	assert_int_equal(k.id, 7);
	assert_int_equal(k.spi_ps, 0x10000002);
	assert_int_equal(k.suite.alg, GMGATE_ALG_HMAC_SHA_1_96);
	assert_int_equal(k.ik_len, sizeof(ik));
	assert_memory_equal(k.ik_esp, ik, sizeof(ik));
	assert_int_equal(k.ck_len, sizeof(ck));
	assert_memory_equal(k.ck_esp, ck, sizeof(ck));
	assert_int_equal(k.salt_len, 0);
	nla_put(m, GMGATE_SET_ATTR_SALT, 5, longer);
	assert_int_equal(gate_msg_get_keys(nlmsg_hdr(m), &k), -EPROTO);
	assert_memory_equal(&k, &none, sizeof(k));
	nlmsg_free(m);
}

static void set_is_put(void **state)
{
	static const uint8_t ik[20] = "integrity key, 16++", ck[16] = "cipher key here";
	struct nl_msg *m = message(GMGATE_CMD_SET_NEW);
	struct gate_set_new n = {
		.endpoint = 9, .cookie = UINT64_C(0x1122334455667788),
		.state = GMGATE_SET_STATE_TEMPORARY, .expires_ms = UINT64_C(600000000),
		.port_uc = 5000, .port_us = 5001, .port_pc = 6101,
		.spi_uc = 1000, .spi_us = 1001, .spi_pc = 0x10000001, .spi_ps = 0x10000002,
		.suite = { GMGATE_ALG_HMAC_SHA_1_96, GMGATE_EALG_AES_CBC },
		.ik_esp = ik, .ik_len = sizeof(ik), .ck_esp = ck, .ck_len = sizeof(ck),
	};
	struct nlattr *a;

	(void)state;
	assert_true(addr_parse(&n.ue, "2001:db8:45::3", 0));
	assert_int_equal(gate_msg_put_set(m, &n), 0);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_ENDPOINT)), 9);
	assert_int_equal(nla_get_u64(find(m, GMGATE_SET_ATTR_COOKIE)), n.cookie);
	assert_int_equal(nla_get_u64(find(m, GMGATE_SET_ATTR_EXPIRES_MS)), n.expires_ms);
	assert_int_equal(nla_len(find(m, GMGATE_SET_ATTR_UE_ADDR)), 16);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_STATE)), 0);
	assert_int_equal(nla_get_u16(find(m, GMGATE_SET_ATTR_PORT_UC)), 5000);
	assert_int_equal(nla_get_u16(find(m, GMGATE_SET_ATTR_PORT_US)), 5001);
	assert_int_equal(nla_get_u16(find(m, GMGATE_SET_ATTR_PORT_PC)), 6101);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_SPI_UC)), 1000);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_SPI_US)), 1001);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_SPI_PC)), 0x10000001);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_SPI_PS)), 0x10000002);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_ALG)), GMGATE_ALG_HMAC_SHA_1_96);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_EALG)), GMGATE_EALG_AES_CBC);
	a = find(m, GMGATE_SET_ATTR_IK_ESP);
	assert_int_equal(nla_len(a), 20);
	assert_memory_equal(nla_data(a), ik, 20);
	a = find(m, GMGATE_SET_ATTR_CK_ESP);
	assert_int_equal(nla_len(a), 16);
	assert_memory_equal(nla_data(a), ck, 16);
	assert_null(find(m, GMGATE_SET_ATTR_SALT));
	assert_null(find(m, GMGATE_SET_ATTR_PORT_PS));
	assert_null(find(m, GMGATE_SET_ATTR_SEQ_OUT));
	nlmsg_free(m);

	/* null encryption has no key, so no attribute either */
	m = message(GMGATE_CMD_SET_NEW);
	n.ck_len = 0;
	n.seq_out = 0xfffffffe;
	assert_int_equal(gate_msg_put_set(m, &n), 0);
	assert_null(find(m, GMGATE_SET_ATTR_CK_ESP));
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_SEQ_OUT)), 0xfffffffe);
	nlmsg_free(m);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct nl_msg *m = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 32);
	struct gate_endpoint e = an_endpoint();

	(void)state;
	assert_non_null(genlmsg_put(m, 0, 77, 30, 0, 0, GMGATE_CMD_ENDPOINT_NEW, 1));
	assert_int_equal(gate_msg_put_endpoint(m, &e), -EMSGSIZE);
	nlmsg_free(m);
}

static void change_has_only_what_changes(void **state)
{
	struct gate_change c = { .what = GATE_CHANGE_STATE, .cookie = 5,
				 .state = GMGATE_SET_STATE_ESTABLISHED };
	struct nl_msg *m = message(GMGATE_CMD_SET_CHANGE);

	(void)state;
	assert_int_equal(gate_msg_put_change(m, 7, &c), 0);
	assert_int_equal(count(m), 2);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_ID)), 7);
	assert_int_equal(nla_get_u32(find(m, GMGATE_SET_ATTR_STATE)), 1);
	nlmsg_free(m);

	m = message(GMGATE_CMD_SET_CHANGE);
	c.what = GATE_CHANGE_EXPIRES | GATE_CHANGE_COOKIE;
	c.expires_ms = 30;
	assert_int_equal(gate_msg_put_change(m, 7, &c), 0);
	assert_int_equal(count(m), 3);
	assert_int_equal(nla_get_u64(find(m, GMGATE_SET_ATTR_EXPIRES_MS)), 30);
	assert_int_equal(nla_get_u64(find(m, GMGATE_SET_ATTR_COOKIE)), 5);
	nlmsg_free(m);
}

static void filter_may_be_none(void **state)
{
	struct gate_filter f = { 0 };
	struct nl_msg *m = message(GMGATE_CMD_SET_GET);

	(void)state;
	assert_int_equal(gate_msg_put_filter(m, NULL), 0);
	assert_int_equal(gate_msg_put_filter(m, &f), 0);
	assert_int_equal(count(m), 0);
	f.endpoint = 2;
	assert_true(addr_parse(&f.ue, "10.45.0.3", 0));
	assert_int_equal(gate_msg_put_filter(m, &f), 0);
	assert_int_equal(count(m), 2);
	nlmsg_free(m);
}

static void put_sa(struct nl_msg *m, uint32_t dir, uint32_t spi, uint64_t packets)
{
	struct nlattr *nest = nla_nest_start(m, GMGATE_SET_ATTR_SA);

	nla_put_u32(m, GMGATE_SA_ATTR_DIR, dir);
	nla_put_u32(m, GMGATE_SA_ATTR_SPI, spi);
	nla_put_u32(m, GMGATE_SA_ATTR_SEQ, 4000000000u);
	nla_put_u64(m, GMGATE_SA_ATTR_PACKETS, packets);
	nla_nest_end(m, nest);
}

static void put_drop(struct nl_msg *m, int type, uint32_t reason, uint64_t n)
{
	struct nlattr *nest = nla_nest_start(m, type);

	nla_put_u32(m, GMGATE_DROPS_ATTR_REASON, reason);
	nla_put_u64(m, GMGATE_DROPS_ATTR_COUNT, n);
	nla_nest_end(m, nest);
}

static void set_is_read(void **state)
{
	struct nl_msg *m = message(GMGATE_CMD_SET_GET);
	struct gate_set s;

	(void)state;
	/* without an id it is not a set */
	nla_put_u32(m, GMGATE_SET_ATTR_ENDPOINT, 2);
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), -EPROTO);
	nla_put_u32(m, GMGATE_SET_ATTR_ID, 12);
	nla_put_u64(m, GMGATE_SET_ATTR_EXPIRES_MS, UINT64_C(5000000000));
	nla_put(m, GMGATE_SET_ATTR_UE_ADDR, 4, "\x0a\x2d\x00\x03");
	put_sa(m, GMGATE_SA_DIR_US_PC, 0x10000001, UINT64_C(1) << 40);
	put_sa(m, GMGATE_SA_DIR_PS_UC, 1000, 3);
	put_drop(m, GMGATE_SET_ATTR_DROPS, GMGATE_DROP_IN_REPLAY, 6);
	/* a newer kernel knows more reasons than we do */
	put_drop(m, GMGATE_SET_ATTR_DROPS, GMGATE_DROP_MAX + 7, 6);
	nla_put_u32(m, GMGATE_SET_ATTR_MAX + 3, 1);
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), 0);
	assert_int_equal(s.id, 12);
	assert_int_equal(s.endpoint, 2);
	assert_true(s.expires_ms == UINT64_C(5000000000));
	assert_int_equal(s.ue.family, AF_INET);
	assert_int_equal(s.addr.family, 0);
	assert_false(s.heard);
	assert_true(s.sa[GMGATE_SA_DIR_US_PC].packets == UINT64_C(1) << 40);
	assert_int_equal(s.sa[GMGATE_SA_DIR_US_PC].seq, 4000000000u);
	assert_int_equal(s.sa[GMGATE_SA_DIR_PS_UC].spi, 1000);
	assert_int_equal(s.sa[GMGATE_SA_DIR_UC_PS].spi, 0);
	assert_true(s.drops[GMGATE_DROP_IN_REPLAY] == 6);
	nla_put_u64(m, GMGATE_SET_ATTR_IDLE_MS, 0);
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), 0);
	assert_true(s.heard);
	nlmsg_free(m);
}

static void nonsense_is_refused(void **state)
{
	struct nl_msg *m;
	struct gate_set s;
	struct gate_event e;
	struct gate_stats st;

	(void)state;
	/* an SA in a direction there is not */
	m = message(GMGATE_CMD_SET_GET);
	nla_put_u32(m, GMGATE_SET_ATTR_ID, 1);
	put_sa(m, GMGATE_SA_DIR_MAX + 1, 1, 1);
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), -EPROTO);
	nlmsg_free(m);
	/* an address of 5 octets */
	m = message(GMGATE_CMD_SET_GET);
	nla_put_u32(m, GMGATE_SET_ATTR_ID, 1);
	nla_put(m, GMGATE_SET_ATTR_UE_ADDR, 5, "12345");
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), -EPROTO);
	nlmsg_free(m);
	/* a number too short for its type */
	m = message(GMGATE_CMD_SET_GET);
	nla_put_u16(m, GMGATE_SET_ATTR_ID, 1);
	assert_int_equal(gate_msg_get_set(nlmsg_hdr(m), &s), -EPROTO);
	/* no event command */
	assert_int_equal(gate_msg_get_event(nlmsg_hdr(m), &e), -EPROTO);
	nlmsg_free(m);
	/* a count of nothing */
	m = message(GMGATE_CMD_STATS_GET);
	nla_nest_end(m, nla_nest_start(m, GMGATE_STATS_ATTR_DROP));
	nla_put(m, GMGATE_STATS_ATTR_DROP, 0, NULL);
	assert_int_equal(gate_msg_get_stats(nlmsg_hdr(m), &st), -EPROTO);
	nlmsg_free(m);
	/* a header without the generic one */
	m = nlmsg_alloc_simple(30, 0);
	assert_int_equal(gate_msg_get_stats(nlmsg_hdr(m), &st), -EPROTO);
	nlmsg_free(m);
}

static void caps_stats_and_events_are_read(void **state)
{
	struct nl_msg *m = message(GMGATE_CMD_CAPS_GET);
	struct gate_caps c;
	struct gate_stats st;
	struct gate_event e;
	struct nlattr *nest;
	int i;

	(void)state;
	nla_put_u32(m, GMGATE_CAPS_ATTR_VERSION, 1);
	for (i = 1; i <= 40; i++) {
		nest = nla_nest_start(m, GMGATE_CAPS_ATTR_SUITE);
		nla_put_u32(m, GMGATE_SUITE_ATTR_ALG, i);
		nla_put_u32(m, GMGATE_SUITE_ATTR_EALG, 2);
		nla_nest_end(m, nest);
	}
	assert_int_equal(gate_msg_get_caps(nlmsg_hdr(m), &c), 0);
	assert_int_equal(c.n_suites, 32);
	assert_int_equal(c.suites[31].alg, 32);
	nlmsg_free(m);

	m = message(GMGATE_CMD_STATS_GET);
	nest = nla_nest_start(m, GMGATE_STATS_ATTR_COUNTER);
	nla_put_u32(m, GMGATE_COUNTERS_ATTR_COUNTER, GMGATE_COUNTER_OUT_BYTES);
	nla_put_u64(m, GMGATE_COUNTERS_ATTR_COUNT, 5);
	nla_nest_end(m, nest);
	put_drop(m, GMGATE_STATS_ATTR_DROP, GMGATE_DROP_MAX, 8);
	assert_int_equal(gate_msg_get_stats(nlmsg_hdr(m), &st), 0);
	assert_true(st.counter[GMGATE_COUNTER_OUT_BYTES] == 5);
	assert_true(st.drop[GMGATE_DROP_MAX] == 8);
	assert_true(st.drop[GMGATE_DROP_IN_ICV] == 0);
	nlmsg_free(m);

	m = message(GMGATE_CMD_EVENT);
	nla_put_u32(m, GMGATE_NOTE_ATTR_EVENT, GMGATE_EVENT_UNKNOWN_SPI);
	nla_put_u32(m, GMGATE_NOTE_ATTR_SPI, 0x10000009);
	nla_put(m, GMGATE_NOTE_ATTR_ADDR, 4, "\x0a\x2d\x00\x03");
	assert_int_equal(gate_msg_get_event(nlmsg_hdr(m), &e), 0);
	assert_int_equal(e.event, GMGATE_EVENT_UNKNOWN_SPI);
	assert_int_equal(e.spi, 0x10000009);
	assert_int_equal(e.addr.family, AF_INET);
	assert_int_equal(e.set, 0);
	nlmsg_free(m);
}

/* An NLMSG_ERROR as the kernel makes it for @request. */
static struct nl_msg *refusal(struct nl_msg *request, int err, int flags, const char *text,
			      int attr, uint32_t value)
{
	struct nl_msg *m = nlmsg_alloc_simple(NLMSG_ERROR, flags);
	struct nlmsghdr *r = nlmsg_hdr(request);
	struct nlmsgerr body = { .error = err, .msg = *r };

	assert_int_equal(nlmsg_append(m, &body, sizeof(body), 0), 0);
	if (!(flags & NLM_F_CAPPED) && err)
		nlmsg_append(m, nlmsg_data(r), r->nlmsg_len - NLMSG_HDRLEN, NLMSG_ALIGNTO);
	if (text)
		nla_put_string(m, NLMSGERR_ATTR_MSG, text);
	if (attr)
		nla_put_u32(m, attr, value);
	return m;
}

static void refusals_name_reason_and_attribute(void **state)
{
	struct nl_msg *r = message(GMGATE_CMD_SET_NEW), *m;
	struct gate_error err;
	uint32_t offset;

	(void)state;
	nla_put_u32(r, GMGATE_SET_ATTR_ENDPOINT, 2);
	nla_put_u32(r, GMGATE_SET_ATTR_SPI_PC, 2);
	offset = (char *)find(r, GMGATE_SET_ATTR_SPI_PC) - (char *)nlmsg_hdr(r);

	m = refusal(r, 0, NLM_F_CAPPED, NULL, 0, 0);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), 0);
	nlmsg_free(m);

	/* with the request echoed and without */
	m = refusal(r, -EEXIST, NLM_F_CAPPED | NLM_F_ACK_TLVS, "SPI is in use",
		    NLMSGERR_ATTR_OFFS, offset);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EEXIST);
	assert_int_equal(err.err, EEXIST);
	assert_string_equal(err.msg, "SPI is in use");
	assert_string_equal(err.attr, "spi-pc");
	assert_string_equal(err.line, "set-new (spi-pc): SPI is in use: File exists");
	nlmsg_free(m);
	m = refusal(r, -EEXIST, NLM_F_ACK_TLVS, "SPI is in use", NLMSGERR_ATTR_OFFS, offset);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EEXIST);
	assert_string_equal(err.line, "set-new (spi-pc): SPI is in use: File exists");
	nlmsg_free(m);

	/* a missing attribute has a type instead of an offset */
	m = refusal(r, -EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, NULL,
		    NLMSGERR_ATTR_MISS_TYPE, GMGATE_SET_ATTR_UE_ADDR);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EINVAL);
	assert_string_equal(err.line,
			    "set-new (ue-addr): attribute is missing: Invalid argument");
	nlmsg_free(m);

	/* an offset into the void, no text, and nobody who wants to know */
	m = refusal(r, -EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, NULL, NLMSGERR_ATTR_OFFS, 3000);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EINVAL);
	assert_null(err.attr);
	assert_string_equal(err.line, "set-new: Invalid argument");
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), NULL), -EINVAL);
	nlmsg_free(m);

	/* flags promise attributes, but the message ends */
	m = refusal(r, -EPERM, NLM_F_CAPPED | NLM_F_ACK_TLVS, NULL, 0, 0);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EPERM);
	nlmsg_hdr(m)->nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EPROTO);
	nlmsg_free(m);

	/* no errno at all */
	for (unsigned int i = 0; i < 3; i++) {
		m = refusal(r, (int[]){ INT_MIN, -4096, 1 }[i], NLM_F_CAPPED, NULL, 0, 0);
		assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EPROTO);
		assert_int_equal(err.err, EPROTO);
		nlmsg_free(m);
	}
	nlmsg_free(r);
}

static void long_texts_are_cut(void **state)
{
	struct nl_msg *r = message(GMGATE_CMD_SET_NEW), *m;
	struct gate_error err;
	char text[600];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	m = refusal(r, -EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, text, 0, 0);
	assert_int_equal(gate_nl_refusal(nlmsg_hdr(m), nlmsg_hdr(r), &err), -EINVAL);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_non_null(strstr(err.line, ": Invalid argument"));
	nlmsg_free(m);
	nlmsg_free(r);
}

static void names_are_those_of_the_spec(void **state)
{
	uint32_t v;

	(void)state;
	assert_string_equal(gate_names_text(GATE_NAMES_DROP, GMGATE_DROP_IN_ICV), "in-icv");
	assert_string_equal(gate_names_text(GATE_NAMES_DROP, 4711), "?");
	assert_true(gate_names_value(GATE_NAMES_ALG, "hmac-sha-1-96", &v));
	assert_int_equal(v, GMGATE_ALG_HMAC_SHA_1_96);
	assert_false(gate_names_value(GATE_NAMES_ALG, "hmac-sha1", &v));
	assert_string_equal(gate_names_attr(GMGATE_CMD_SET_NEW, GMGATE_SET_ATTR_IK_ESP), "ik-esp");
	assert_string_equal(gate_names_attr(GMGATE_CMD_ENDPOINT_NEW, GMGATE_ENDPOINT_ATTR_ADDR),
			    "addr");
	assert_null(gate_names_attr(GMGATE_CMD_SET_NEW, 999));
	assert_null(gate_names_attr(999, 1));
	assert_null(gate_names_attr(0, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_is_put),
		cmocka_unit_test(endpoint_takes_no_more_ports_than_it_can_hold),
		cmocka_unit_test(set_is_put),
		cmocka_unit_test(keys_are_read),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(change_has_only_what_changes),
		cmocka_unit_test(filter_may_be_none),
		cmocka_unit_test(set_is_read),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(caps_stats_and_events_are_read),
		cmocka_unit_test(refusals_name_reason_and_attribute),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(names_are_those_of_the_spec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
