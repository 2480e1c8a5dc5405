// SPDX-License-Identifier: GPL-2.0-or-later
#include "nl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_REQUEST	1024

static void die(const char *what, int err)
{
	fprintf(stderr, "netlink: %s: %s\n", what, strerror(err));
	exit(1);
}

void nl_open(struct nl *nl, int protocol)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	int size = 8 << 20;

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW, protocol);
	if (nl->fd < 0 || connect(nl->fd, (void *)&kernel, sizeof(kernel)))
		die("socket", errno);
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(nl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

void nl_begin(struct nl *nl, uint16_t type, uint16_t flags, const void *head, size_t head_len)
{
	if (nl->len + MAX_REQUEST > sizeof(nl->buf))
		nl_flush(nl);
	nl->msg = (struct nlmsghdr *)(nl->buf + nl->len);
	*nl->msg = (struct nlmsghdr){ .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags };
	memcpy(NLMSG_DATA(nl->msg), head, head_len);
	nl->msg->nlmsg_len = NLMSG_HDRLEN + NLMSG_ALIGN(head_len);
	nl->len += nl->msg->nlmsg_len;
}

void nl_put(struct nl *nl, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = (struct nlattr *)(nl->buf + nl->len);
	size_t whole = NLMSG_ALIGN(sizeof(*a) + len);

	memset(a, 0, whole);
	a->nla_type = type;
	a->nla_len = sizeof(*a) + len;
	memcpy(a + 1, data, len);
	nl->msg->nlmsg_len += whole;
	nl->len += whole;
}

void nl_put_u16(struct nl *nl, uint16_t type, uint16_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

void nl_put_u32(struct nl *nl, uint16_t type, uint32_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

void nl_put_u64(struct nl *nl, uint16_t type, uint64_t value)
{
	nl_put(nl, type, &value, sizeof(value));
}

static void take_reply(struct nl *nl, const struct nlmsghdr *h)
{
	if (h->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = NLMSG_DATA(h);

		if (e->error)
			die("the kernel refused a request", -e->error);
	} else if (!((struct nlmsghdr *)nl->first_reply)->nlmsg_len &&
		   h->nlmsg_len <= sizeof(nl->first_reply)) {
		memcpy(nl->first_reply, h, h->nlmsg_len);
	}
}

void nl_flush(struct nl *nl)
{
	static _Alignas(8) char reply[1 << 16];
	ssize_t n;

	if (nl->len && send(nl->fd, nl->buf, nl->len, 0) != (ssize_t)nl->len)
		die("send", errno);
	nl->len = 0;
	while ((n = recv(nl->fd, reply, sizeof(reply), MSG_DONTWAIT)) > 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)reply;
		int left = n;

		for (; NLMSG_OK(h, (unsigned int)left); h = NLMSG_NEXT(h, left))
			take_reply(nl, h);
	}
	if (n < 0 && errno != EAGAIN)
		die("recv", errno);
}

/* How many answers a datagram has; @done is set if it is the last one. */
static uint32_t count_answers(const void *data, unsigned int left, bool *done)
{
	const struct nlmsghdr *h = data;
	uint32_t n = 0;

	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_ERROR)
			die("dump", -((const struct nlmsgerr *)NLMSG_DATA(h))->error);
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			die("dump", EINTR);
		*done = h->nlmsg_type == NLMSG_DONE;
		n += !*done;
	}
	return n;
}

uint32_t nl_dump(struct nl *nl, uint16_t type, const void *head, size_t head_len)
{
	static _Alignas(8) char answers[1 << 16];
	uint32_t count = 0;
	bool done = false;

	nl_flush(nl);
	nl_begin(nl, type, NLM_F_DUMP, head, head_len);
	if (send(nl->fd, nl->buf, nl->len, 0) != (ssize_t)nl->len)
		die("send", errno);
	nl->len = 0;
	while (!done) {
		ssize_t n = recv(nl->fd, answers, sizeof(answers), 0);

		if (n <= 0)
			die("recv", errno);
		count += count_answers(answers, n, &done);
	}
	return count;
}

const void *nl_attr(const void *reply, size_t head_len, uint16_t type)
{
	const struct nlmsghdr *h = reply;
	size_t at = NLMSG_HDRLEN + NLMSG_ALIGN(head_len);

	while (at + sizeof(struct nlattr) <= h->nlmsg_len) {
		const struct nlattr *a = (const void *)((const char *)reply + at);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a + 1;
		at += NLMSG_ALIGN(a->nla_len ? a->nla_len : 4);
	}
	return NULL;
}

uint16_t nl_family(struct nl *nl, const char *name)
{
	struct genlmsghdr head = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	const uint16_t *attr;
	uint16_t id;

	nl_begin(nl, GENL_ID_CTRL, 0, &head, sizeof(head));
	nl_put(nl, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	memset(nl->first_reply, 0, sizeof(nl->first_reply));
	nl_flush(nl);
	attr = nl_attr(nl->first_reply, sizeof(head), CTRL_ATTR_FAMILY_ID);
	if (!attr)
		die(name, ENOENT);
	id = *attr;
	memset(nl->first_reply, 0, sizeof(nl->first_reply));
	return id;
}
