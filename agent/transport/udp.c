// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * UDP, on Gm and on Mw.
 *
 * A socket is bound to one address and port and lives as long as the program.
 * On protected ports the kernel tells with each datagram which SA set proved
 * it (SO_RCVMARK); one without is dropped here as well.  The
 * other way, each datagram says on which set it leaves (SO_MARK).
 *
 * On Mw the kernel keeps ICMP errors for us (IP_RECVERR).  On Gm it does not: who
 * is behind a wrong address there is a stranger.
 */
#include "udp.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"
#include "log.h"
#include "loop.h"
#include "wire.h"

/*
 * Datagrams taken from one socket before the others get their turn: fewer of strangers, so that
 * what is under way, of phones with SAs and of the core, goes on beside any flood.
 */
static const unsigned int burst[] = {
	[FLOW_GM] = 8, [FLOW_GM_PROTECTED] = 64, [FLOW_MW] = 64,
};

struct udp_socket {
	struct flow like;
	int fd;
	struct event *event;
	UT_hash_handle hh;	/* by like.local */
};

struct udp_stats udp_stats;

static struct udp_socket *sockets;
static udp_receive_fn *receive;
static udp_bounced_fn *bounced;
static char *buffer;
static size_t room;

void udp_init(udp_receive_fn *fn, size_t longest)
{
	receive = fn;
	room = longest;
	buffer = malloc(room + 1);
	if (!buffer)
		abort();
}

void udp_reload(size_t longest)
{
	char *next = malloc(longest + 1);

	if (!next)
		return;
	free(buffer);
	buffer = next;
	room = longest;
}

void udp_on_bounce(udp_bounced_fn *fn)
{
	bounced = fn;
}

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) ? -errno : 0;
}

static int set_options(int fd, const struct flow *like)
{
	bool v6 = like->local.family == AF_INET6;
	int ret;

	ret = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) : 0;
	if (!ret)
		ret = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
			 : set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
	/*
	 * No DF: the plain packet does not know how long ESP makes it, and a
	 * phone that cannot be told about a smaller MTU must still get it.
	 */
	if (!ret)
		ret = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT)
			 : set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	if (!ret && like->side == FLOW_GM_PROTECTED)
		ret = set_option(fd, SOL_SOCKET, SO_RCVMARK, 1);
	if (!ret && like->side == FLOW_MW)
		ret = v6 ? set_option(fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
			 : set_option(fd, IPPROTO_IP, IP_RECVERR, 1);
	if (!ret)
		ret = wire_apply(fd, like);
	if (!ret && like->side != FLOW_MW)
		ret = set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, 4 << 20);
	return ret;
}

struct udp_queue udp_queue(enum flow_side side)
{
	struct udp_queue all = { 0 };

	for (const struct udp_socket *s = sockets; s; s = s->hh.next) {
		uint32_t mem[SK_MEMINFO_VARS] = { 0 };
		socklen_t n = sizeof(mem);

		if (s->like.side != side ||
		    getsockopt(s->fd, SOL_SOCKET, SO_MEMINFO, mem, &n))
			continue;
		all.octets += mem[SK_MEMINFO_RMEM_ALLOC];
		all.drops += mem[SK_MEMINFO_DROPS];
	}
	return all;
}

static bool to_local(const struct cmsghdr *c, const struct addr *local)
{
	if (c->cmsg_type == IP_PKTINFO && c->cmsg_level == IPPROTO_IP) {
		struct in_pktinfo info;

		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return !memcmp(&info.ipi_addr, local->ip, 4);
	}
	if (c->cmsg_type == IPV6_PKTINFO && c->cmsg_level == IPPROTO_IPV6) {
		struct in6_pktinfo info;

		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return !memcmp(&info.ipi6_addr, local->ip, 16);
	}
	return true;
}

/* A clock that was set meanwhile says nothing, or for one queue's length too much. */
static uint32_t ms_since(const struct cmsghdr *c)
{
	struct timespec then, now;
	int64_t ms;

	memcpy(&then, CMSG_DATA(c), sizeof(then));
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)(now.tv_sec - then.tv_sec) * 1000 + (now.tv_nsec - then.tv_nsec) / 1000000;
	return ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

/* True when the datagram may go on; fills in @f what the kernel says of it. */
static bool read_control(struct msghdr *msg, struct flow *f)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK &&
		    f->side == FLOW_GM_PROTECTED) {
			memcpy(&f->set, CMSG_DATA(c), sizeof(f->set));
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			f->waited = ms_since(c);
		} else if (!to_local(c, &f->local)) {
			udp_stats.wrong_address++;
			return false;
		}
	}
	if (f->side == FLOW_GM_PROTECTED && !f->set) {
		udp_stats.no_set++;
		log_refusal(addr_text(&f->remote), RULE_NO_SET,
			    "datagram without SA set on protected port %u", f->local.port);
		return false;
	}
	return true;
}

/* False when there is nothing more to read. */
static bool receive_one(struct udp_socket *s)
{
	union {
		char octets[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) +
			    CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct sockaddr_storage from;
	struct iovec iov = { .iov_base = buffer, .iov_len = room };
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct flow f = s->like;
	ssize_t n = recvmsg(s->fd, &msg, MSG_DONTWAIT);

	if (n < 0)
		return errno == EINTR;
	if (!addr_from_sockaddr(&f.remote, (struct sockaddr *)&from))
		return true;
	if (msg.msg_flags & MSG_TRUNC) {
		udp_stats.too_long++;
		log_refusal(addr_text(&f.remote), RULE_TOO_LONG, "datagram too long");
	} else if (read_control(&msg, &f)) {
		buffer[n] = '\0';
		receive(&f, buffer, n);
	}
	/* It may have been a 401 with ck and ik. */
	if (f.side == FLOW_MW)
		explicit_bzero(buffer, n);
	return true;
}

static bool is_unreachable(const struct cmsghdr *c)
{
	struct sock_extended_err err;

	if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
	    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
		return false;
	memcpy(&err, CMSG_DATA(c), sizeof(err));
	return (err.ee_origin == SO_EE_ORIGIN_ICMP || err.ee_origin == SO_EE_ORIGIN_ICMP6) &&
	       err.ee_errno != EMSGSIZE;
}

/* False when there is none. */
static bool read_error(struct udp_socket *s)
{
	union {
		char octets[512];
		struct cmsghdr align;
	} control;
	struct sockaddr_storage to;
	struct iovec iov = { .iov_base = buffer, .iov_len = room };
	struct msghdr msg = {
		.msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(s->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT);
	struct flow f = s->like;

	if (n < 0)
		return false;
	if (!addr_from_sockaddr(&f.remote, (struct sockaddr *)&to))
		return true;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (!is_unreachable(c))
			continue;
		udp_stats.bounced++;
		if (bounced)
			bounced(&f, (struct str){ buffer, n });
	}
	return true;
}

static void read_errors(struct udp_socket *s)
{
	for (unsigned int i = 0; i < burst[FLOW_MW] && s->like.side == FLOW_MW && read_error(s); i++)
		;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct udp_socket *s = arg;
	unsigned int n = 0;

	(void)fd;
	(void)what;
	while (n < burst[s->like.side] && receive_one(s))
		n++;
	/* Nothing to read is how an error is noticed, without a question for each datagram. */
	if (!n)
		read_errors(s);
}

int udp_open(const struct flow *like)
{
	struct udp_socket *s = calloc(1, sizeof(*s));
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&like->local, &ss);
	int ret;

	if (!s)
		return -ENOMEM;
	s->like = *like;
	s->fd = socket(like->local.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		ret = -errno;
		goto err_free;
	}
	ret = set_options(s->fd, like);
	if (ret)
		goto err_close;
	if (bind(s->fd, (struct sockaddr *)&ss, n)) {
		ret = -errno;
		goto err_close;
	}
	s->event = event_new(loop_base(), s->fd, EV_READ | EV_PERSIST, on_readable, s);
	if (!s->event || event_add(s->event, NULL)) {
		ret = -ENOMEM;
		goto err_close;
	}
	HASH_ADD(hh, sockets, like.local, sizeof(s->like.local), s);
	return 0;

err_close:
	close(s->fd);
err_free:
	free(s);
	return ret;
}

void udp_prune(bool (*gone)(const struct flow *like))
{
	struct udp_socket *s, *next;

	HASH_ITER(hh, sockets, s, next) {
		if (!gone(&s->like))
			continue;
		HASH_DEL(sockets, s);
		event_free(s->event);
		close(s->fd);
		free(s);
	}
}

static bool all(const struct flow *like)
{
	(void)like;
	return true;
}

void udp_exit(void)
{
	udp_prune(all);
	free(buffer);
	buffer = NULL;
}

/*
 * On Mw the first call after an ICMP error fails with that error, whomever the
 * datagram is for.
 */
static bool send_again(const struct udp_socket *s, const struct msghdr *msg)
{
	return s->like.side == FLOW_MW && errno != EAGAIN && errno != EMSGSIZE &&
	       sendmsg(s->fd, msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

int udp_send(const struct flow *f, const char *data, size_t n)
{
	union {
		char octets[CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr align;
	} control = { 0 };
	struct sockaddr_storage to;
	struct iovec iov = { .iov_base = (char *)data, .iov_len = n };
	struct msghdr msg = { .msg_name = &to, .msg_iov = &iov, .msg_iovlen = 1 };
	struct udp_socket *s;

	HASH_FIND(hh, sockets, &f->local, sizeof(f->local), s);
	if (!s)
		return -EADDRNOTAVAIL;
	/* Unmarked, the kernel would choose the set; that is ours to say. */
	if (s->like.side == FLOW_GM_PROTECTED && !f->set)
		return -ENOKEY;
	msg.msg_namelen = addr_to_sockaddr(&f->remote, &to);
	if (f->set) {
		struct cmsghdr *c = &control.align;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SO_MARK;
		c->cmsg_len = CMSG_LEN(sizeof(f->set));
		memcpy(CMSG_DATA(c), &f->set, sizeof(f->set));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
	}
	if (sendmsg(s->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && !send_again(s, &msg)) {
		udp_stats.send_failed++;
		return -errno;
	}
	return 0;
}
