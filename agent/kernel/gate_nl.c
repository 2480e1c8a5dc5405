// SPDX-License-Identifier: GPL-2.0-or-later
//
// gate_nl - the generic netlink socket behind gate.
//
// Ownership: a message handed to gate_nl_talk() is gone afterwards.  Requests
// may carry keys, so their octets are wiped before they go back to the heap,
// and NETLINK_CAP_ACK keeps the kernel from echoing them in an error.
// Threading: one thread at a time; nothing waits longer than GATE_TIMEOUT_MS.
#include "gate_nl.h"

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "gate_names.h"

#define MAX_ERRNO 4095	/* the kernel's */

/* Room in a request: set-new with everything in it takes less than a half. */
#define REQUEST_SIZE 1024
/* The kernel's largest dump datagram is 32 KiB. */
#define RECEIVE_SIZE 65536
#define EVENT_BUFFER (1 << 20)
#define DUMP_TRIES 16

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

struct gate_nl {
	struct nl_sock *sk;
	int family;
	char *buf;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

int gate_nl_error(struct gate_error *err, uint8_t cmd, int e, const char *attr,
		  const char *msg)
{
	if (!err)
		return -e;
	memset(err, 0, sizeof(*err));
	err->err = e;
	err->attr = attr;
	snprintf(err->msg, sizeof(err->msg), "%s", msg ? msg : "");
	snprintf(err->line, sizeof(err->line), "%s%s%s%s%s%s%s%s",
		 cmd ? gate_names_text(GATE_NAMES_CMD, cmd) : "gmgate",
		 attr ? " (" : "", attr ? attr : "", attr ? ")" : "",
		 ": ", err->msg, err->msg[0] ? ": " : "", strerror(e));
	if (e == EPERM && !err->msg[0]) {
		size_t n = strlen(err->line);

		snprintf(err->line + n, sizeof(err->line) - n,
			 " (it takes CAP_NET_ADMIN in the initial user namespace)");
	}
	return -e;
}

/* Maps a libnl error to an errno; only those libnl calls used here can give. */
static int libnl_errno(int e)
{
	switch (-e) {
	case NLE_OBJ_NOTFOUND:
		return ENOENT;
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_AGAIN:
		return ETIMEDOUT;
	case NLE_AF_NOSUPPORT:
		return EAFNOSUPPORT;
	default:
		return EIO;
	}
}

static int connect_family(struct gate_nl *nl, struct gate_error *err)
{
	/* libnl's own resolver waits without an end otherwise */
	struct timeval limit = { .tv_sec = GATE_TIMEOUT_MS / 1000 };
	int one = 1, fd, e;

	e = genl_connect(nl->sk);
	if (e < 0)
		return gate_nl_error(err, 0, libnl_errno(e), NULL,
				     "cannot open a generic netlink socket");
	fd = nl_socket_get_fd(nl->sk);
	if (setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)))
		return gate_nl_error(err, 0, errno, NULL, "cannot set up the netlink socket");

	nl->family = genl_ctrl_resolve(nl->sk, GMGATE_FAMILY_NAME);
	if (nl->family < 0)
		return gate_nl_error(err, 0, libnl_errno(nl->family), NULL,
				     "no netlink family gmgate (is gmgate.ko loaded?)");
	return 0;
}

int gate_nl_open(struct gate_nl **out, struct gate_error *err)
{
	struct gate_nl *nl;
	int e;

	*out = NULL;
	nl = calloc(1, sizeof(*nl));
	if (!nl)
		return gate_nl_error(err, 0, ENOMEM, NULL, NULL);
	nl->sk = nl_socket_alloc();
	nl->buf = malloc(RECEIVE_SIZE);
	if (!nl->sk || !nl->buf) {
		e = gate_nl_error(err, 0, ENOMEM, NULL, NULL);
		goto err_close;
	}
	e = connect_family(nl, err);
	if (e)
		goto err_close;
	*out = nl;
	return 0;

err_close:
	gate_nl_close(nl);
	return e;
}

void gate_nl_close(struct gate_nl *nl)
{
	if (!nl)
		return;
	if (nl->sk)
		nl_socket_free(nl->sk);
	free(nl->buf);
	free(nl);
}

int gate_nl_fd(const struct gate_nl *nl)
{
	return nl_socket_get_fd(nl->sk);
}

struct nl_msg *gate_nl_request(const struct gate_nl *nl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(REQUEST_SIZE);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd,
				GMGATE_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

void gate_nl_free(struct nl_msg *msg)
{
	if (!msg)
		return;
	explicit_bzero(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
}

/* The name of the top-level attribute at @offset of a request. */
static const char *attr_at(const struct nlmsghdr *request, uint32_t offset, uint8_t cmd)
{
	const struct nlattr *a;
	int left = request->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;

	for (a = (const void *)((const char *)request + NLMSG_HDRLEN + GENL_HDRLEN);
	     nla_ok(a, left); a = nla_next(a, &left))
		if ((uint32_t)((const char *)a - (const char *)request) == offset)
			return gate_names_attr(cmd, nla_type(a));
	return NULL;
}

/* The extended ACK's attributes begin at @tlvs. */
static int read_refusal(int e, const struct nlattr *tlvs, int len,
			const struct nlmsghdr *request, struct gate_error *err)
{
	uint8_t cmd = ((const struct genlmsghdr *)nlmsg_data(request))->cmd;
	const char *attr = NULL, *msg = NULL;
	const struct nlattr *a;
	char text[160];

	for (a = tlvs; nla_ok(a, len); a = nla_next(a, &len)) {
		switch (nla_type(a)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(text, sizeof(text), "%.*s", nla_len(a),
				 (const char *)nla_data(a));
			msg = text;
			break;
		case NLMSGERR_ATTR_OFFS:
			if (nla_len(a) >= (int)sizeof(uint32_t))
				attr = attr_at(request, nla_get_u32(a), cmd);
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			if (nla_len(a) >= (int)sizeof(uint32_t))
				attr = gate_names_attr(cmd, nla_get_u32(a));
			if (!msg)
				msg = "attribute is missing";
			break;
		}
	}
	return gate_nl_error(err, cmd, e, attr, msg);
}

int gate_nl_refusal(const struct nlmsghdr *h, const struct nlmsghdr *request,
		    struct gate_error *err)
{
	bool done = h->nlmsg_type == NLMSG_DONE;
	/* DONE has the errno alone, ERROR the header of the request after it */
	uint32_t fixed = done ? sizeof(int) : sizeof(struct nlmsgerr);
	const struct nlmsgerr *answer = nlmsg_data(h);
	uint32_t skip = NLMSG_HDRLEN;
	int e;

	if (h->nlmsg_len < skip + fixed)
		return done ? 0 : gate_nl_error(err, 0, EPROTO, NULL, "answer is truncated");
	e = answer->error;
	if (!e)
		return 0;
	/* as nlmsg_put() with CAP_ACK not in force: the request's payload follows */
	skip += NLMSG_ALIGN(fixed);
	if (!done && !(h->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(answer->msg.nlmsg_len - NLMSG_HDRLEN);
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || skip > h->nlmsg_len)
		skip = h->nlmsg_len;
	/* what is no errno, and might not even have a positive of itself */
	if (e > 0 || e < -MAX_ERRNO)
		e = -EPROTO;
	return read_refusal(-e, (const void *)((const char *)h + skip),
			    h->nlmsg_len - skip, request, err);
}

/* Octets of a datagram from the kernel in nl->buf, or a negative errno. */
static ssize_t receive(struct gate_nl *nl, int flags)
{
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = nl->buf, .iov_len = RECEIVE_SIZE };
	struct msghdr mh = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(nl_socket_get_fd(nl->sk), &mh, flags);
		if (n < 0 && errno != EINTR)
			return -errno;
		/* anything from another process is none of our business */
	} while (n < 0 || mh.msg_namelen != sizeof(from) || from.nl_pid != 0);
	return mh.msg_flags & MSG_TRUNC ? -EMSGSIZE : n;
}

static int wait_readable(struct gate_nl *nl, int64_t deadline)
{
	struct pollfd p = { .fd = nl_socket_get_fd(nl->sk), .events = POLLIN };
	int64_t left;
	int n;

	do {
		left = deadline - now_ms();
		n = left > 0 ? poll(&p, 1, left) : 0;
	} while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n < 0 ? -errno : -ETIMEDOUT;
}

struct answer {
	const struct nlmsghdr *request;
	gate_nl_fn *fn;
	void *arg;
	struct gate_error *err;
	int result;		/* of the kernel, else the first of fn */
	bool complete;
	bool interrupted;
};

static void take_message(struct answer *a, struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		return;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		a->complete = true;
		if (!a->result)
			a->result = gate_nl_refusal(h, a->request, a->err);
		return;
	}
	/* after an error the rest is read only to leave the socket clean */
	if (a->fn && !a->result)
		a->result = a->fn(h, a->arg);
}

/* Reads until the answer to a->request is complete. */
static int read_answer(struct gate_nl *nl, struct answer *a)
{
	int64_t deadline = now_ms() + GATE_TIMEOUT_MS;
	struct nlmsghdr *h;
	ssize_t n;
	int left, e;

	while (!a->complete) {
		/* most often the kernel has answered before send() came back */
		n = receive(nl, MSG_DONTWAIT);
		if (n == -EAGAIN) {
			e = wait_readable(nl, deadline);
			if (e)
				return e;
			continue;
		}
		if (n < 0)
			return n;
		left = n;
		for (h = (void *)nl->buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
			/* a late answer to a request that was given up */
			if (h->nlmsg_seq != a->request->nlmsg_seq)
				continue;
			/* a long dump is not a hanging one */
			deadline = now_ms() + GATE_TIMEOUT_MS;
			take_message(a, h);
			if (a->complete)
				break;
		}
	}
	return 0;
}

int gate_nl_talk(struct gate_nl *nl, struct nl_msg *msg, gate_nl_fn *fn,
		 void (*restart)(void *arg), void *arg, struct gate_error *err)
{
	struct nlmsghdr *request = nlmsg_hdr(msg);
	uint8_t cmd = ((struct genlmsghdr *)nlmsg_data(request))->cmd;
	struct answer a;
	int e, try;

	for (try = 0; try < DUMP_TRIES; try++) {
		a = (struct answer){ .request = request, .fn = fn, .arg = arg, .err = err };
		if (try && restart)
			restart(arg);
		request->nlmsg_seq = NL_AUTO_SEQ;
		e = nl_send_auto(nl->sk, msg);
		if (e < 0) {
			e = gate_nl_error(err, cmd, libnl_errno(e), NULL, "cannot send");
			goto out;
		}
		e = read_answer(nl, &a);
		if (e) {
			e = gate_nl_error(err, cmd, -e, NULL, "no answer from the kernel");
			goto out;
		}
		if (a.result || !a.interrupted) {
			e = a.result;
			goto out;
		}
	}
	e = gate_nl_error(err, cmd, EAGAIN, NULL, "the list changed during every dump");
out:
	gate_nl_free(msg);
	return e;
}

void gate_nl_wipe(struct gate_nl *nl)
{
	explicit_bzero(nl->buf, RECEIVE_SIZE);
}

int gate_nl_join(struct gate_nl *nl, const char *group, struct gate_error *err)
{
	int size = EVENT_BUFFER, id, e;

	id = genl_ctrl_resolve_grp(nl->sk, GMGATE_FAMILY_NAME, group);
	if (id < 0)
		return gate_nl_error(err, 0, libnl_errno(id), NULL, "no multicast group events");
	/* best effort: without the capability a smaller one has to do */
	if (setsockopt(gate_nl_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(gate_nl_fd(nl), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	e = nl_socket_add_membership(nl->sk, id);
	if (e < 0)
		return gate_nl_error(err, 0, libnl_errno(e), NULL, "cannot subscribe to events");
	return 0;
}

int gate_nl_heard(struct gate_nl *nl, gate_nl_fn *fn, void *arg)
{
	struct nlmsghdr *h;
	ssize_t n;
	int left, e;

	n = receive(nl, MSG_DONTWAIT);
	if (n < 0)
		return n;
	left = n;
	for (h = (void *)nl->buf; nlmsg_ok(h, left); h = nlmsg_next(h, &left)) {
		if (h->nlmsg_type != nl->family)
			continue;
		e = fn(h, arg);
		if (e)
			return e;
	}
	return 0;
}
