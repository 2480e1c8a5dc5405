// SPDX-License-Identifier: GPL-2.0-or-later
/* Generic netlink to the family gmgate. */
#include "gnl.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

uint16_t gnl_family;
uint32_t gnl_events;

int gnl_open(void)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	int fd, size = 32 << 20, one = 1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0 || bind(fd, (void *)&self, sizeof(self)))
		err(1, "netlink socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return fd;
}

const struct nlattr *gnl_find(const void *attrs, size_t len, uint16_t type)
{
	const struct nlattr *a = attrs;

	while (len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN && a->nla_len <= len) {
		size_t n = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		if (n >= len)
			break;
		len -= n;
		a = (const void *)((const char *)a + n);
	}
	return NULL;
}

static void number(const struct nlattr *a, void *out, size_t octets)
{
	size_t have = a ? a->nla_len - NLA_HDRLEN : 0;

	memset(out, 0, octets);
	if (a)
		memcpy(out, (const char *)a + NLA_HDRLEN, have < octets ? have : octets);
}

uint32_t gnl_u32(const struct nlattr *a)
{
	uint32_t n;

	number(a, &n, sizeof(n));
	return n;
}

uint64_t gnl_u64(const struct nlattr *a)
{
	uint64_t n;

	number(a, &n, sizeof(n));
	return n;
}

void gnl_begin(struct gnl_request *r, uint8_t cmd, uint16_t flags)
{
	r->h = (struct nlmsghdr){
		.nlmsg_len = GNL_HDR, .nlmsg_type = gnl_family,
		.nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = 1,
	};
	r->g = (struct genlmsghdr){ .cmd = cmd, .version = 1 };
}

void gnl_put(struct gnl_request *r, uint16_t type, const void *data, size_t len)
{
	struct nlattr head = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	uint8_t *at = r->body + r->h.nlmsg_len - GNL_HDR;

	if (r->h.nlmsg_len - GNL_HDR + NLA_HDRLEN + NLA_ALIGN(len) > sizeof(r->body))
		errx(1, "request too long");
	memcpy(at, &head, sizeof(head));
	memset(at + NLA_HDRLEN, 0, NLA_ALIGN(len));
	memcpy(at + NLA_HDRLEN, data, len);
	r->h.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(len);
}

void gnl_put_u16(struct gnl_request *r, uint16_t type, uint16_t value)
{
	gnl_put(r, type, &value, sizeof(value));
}

void gnl_put_u32(struct gnl_request *r, uint16_t type, uint32_t value)
{
	gnl_put(r, type, &value, sizeof(value));
}

void gnl_put_u64(struct gnl_request *r, uint16_t type, uint64_t value)
{
	gnl_put(r, type, &value, sizeof(value));
}

int gnl_talk(int fd, struct gnl_request *r,
	     void (*each)(const uint8_t *attrs, size_t len, void *arg), void *arg)
{
	static uint32_t seq = 1000;
	static uint8_t data[1 << 17];

	r->h.nlmsg_flags |= NLM_F_ACK;
	r->h.nlmsg_seq = ++seq;
	if (send(fd, r, r->h.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t left = recv(fd, data, sizeof(data), 0);
		const struct nlmsghdr *h = (void *)data;

		if (left < 0)
			return -errno;
		for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			const uint8_t *body = (const uint8_t *)h;
			int err;

			if (h->nlmsg_seq != seq)
				continue;
			if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
				memcpy(&err, body + NLMSG_HDRLEN, sizeof(err));
				return err;
			}
			if (each && h->nlmsg_len >= GNL_HDR)
				each(body + GNL_HDR, h->nlmsg_len - GNL_HDR, arg);
		}
	}
}

struct found {
	uint16_t family;
	uint32_t group;
};

static void take_family(const uint8_t *attrs, size_t len, void *arg)
{
	const struct nlattr *a = gnl_find(attrs, len, CTRL_ATTR_MCAST_GROUPS);
	struct found *f = arg;

	f->family = gnl_u32(gnl_find(attrs, len, CTRL_ATTR_FAMILY_ID));
	a = a ? gnl_find((const char *)a + NLA_HDRLEN, a->nla_len - NLA_HDRLEN, 1) : NULL;
	if (a)
		f->group = gnl_u32(gnl_find((const char *)a + NLA_HDRLEN,
					    a->nla_len - NLA_HDRLEN, CTRL_ATTR_MCAST_GRP_ID));
}

void gnl_resolve(int fd)
{
	struct gnl_request r;
	struct found f = { 0 };

	gnl_family = GENL_ID_CTRL;
	gnl_begin(&r, CTRL_CMD_GETFAMILY, 0);
	gnl_put(&r, CTRL_ATTR_FAMILY_NAME, "gmgate", 7);
	if (gnl_talk(fd, &r, take_family, &f) || !f.family || !f.group)
		errx(1, "no family gmgate");
	gnl_family = f.family;
	gnl_events = f.group;
}
