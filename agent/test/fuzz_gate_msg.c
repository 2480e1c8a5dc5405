// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers and events of a kernel that may be newer, older or broken.  The octets
 * are a message of the length they have, since libnl takes no other from a socket;
 * they lie in memory of exactly that size.
 */
#include "fuzz.h"

#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "gate_msg.h"
#include "gate_nl.h"

#define HEAD (NLMSG_HDRLEN + GENL_HDRLEN)

static void answers(struct nlmsghdr *h)
{
	struct gate_endpoint endpoint;
	struct gate_event event;
	struct gate_stats stats;
	struct gate_caps caps;
	struct gate_set set;

	if (!gate_msg_get_caps(h, &caps))
		MUST(caps.n_suites <= sizeof(caps.suites) / sizeof(caps.suites[0]));
	if (!gate_msg_get_endpoint(h, &endpoint))
		MUST(endpoint.n_port_c <= GMGATE_MAX_PORT_C);
	gate_msg_get_set(h, &set);
	gate_msg_get_stats(h, &stats);
	gate_msg_get_event(h, &event);
}

static void refusal(struct nlmsghdr *h)
{
	static const uint8_t key[16] = { 1 };
	struct nl_msg *m = nlmsg_alloc();
	struct gate_error err = { 0 };
	int e;

	MUST(m && genlmsg_put(m, 0, 1, 0x22, 0, 0, GMGATE_CMD_SET_NEW, 1));
	MUST(!nla_put_u32(m, GMGATE_SET_ATTR_ENDPOINT, 1));
	MUST(!nla_put(m, GMGATE_SET_ATTR_IK_ESP, sizeof(key), key));
	e = gate_nl_refusal(h, nlmsg_hdr(m), &err);
	MUST(e <= 0 && (!e || err.err == -e));
	MUST(memchr(err.msg, 0, sizeof(err.msg)) && memchr(err.line, 0, sizeof(err.line)));
	nlmsg_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nlmsghdr *h;

	if (size < sizeof(*h) || size > 65536)
		return 0;
	h = malloc(size);
	MUST(h);
	memcpy(h, data, size);
	h->nlmsg_len = size;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		refusal(h);
	} else {
		if (size >= HEAD && data[size - 1] & 1)
			((struct genlmsghdr *)nlmsg_data(h))->cmd = GMGATE_CMD_EVENT;
		answers(h);
	}
	free(h);
	return 0;
}
