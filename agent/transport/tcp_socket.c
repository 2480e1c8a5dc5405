// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A TCP socket, bound and with the options its side needs.
 */
#include "tcp_socket.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "wire.h"

#define SILENT_MS 10000			/* real time, as the kernel's is */
#define KEEPALIVE_S 30

/*
 * Phones may have an MTU of 1280 (gm-security 8); ESP takes up to 53 octets
 * of it. Less the TCP header.
 */
#define PROTECTED_MSS(v6) (1280 - ((v6) ? 40 : 20) - 53 - 20)

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) ? -errno : 0;
}

/*
 * A node of the core that vanished without a word: what was sent to it is given
 * up after a while, and one that is idle is asked whether it is there.
 */
static int notice_silence(int fd)
{
	int ret = set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SILENT_MS);

	if (!ret)
		ret = set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	if (!ret)
		ret = set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
	return ret ? ret : set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_S / 3);
}

/* Options a socket needs before bind(). */
static int prepare(int fd, const struct flow *f)
{
	bool v6 = f->local.family == AF_INET6;
	int ret = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (!ret && v6)
		ret = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!ret)
		ret = wire_apply(fd, f);
	if (!ret && f->side == FLOW_MW)
		ret = notice_silence(fd);
	if (f->side != FLOW_GM_PROTECTED)
		return ret;
	/* A listener and connections opened by us share each port_pc. */
	if (!ret)
		ret = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!ret)
		ret = set_option(fd, IPPROTO_TCP, TCP_MAXSEG, PROTECTED_MSS(v6));
	if (!ret && f->set)
		ret = set_option(fd, SOL_SOCKET, SO_MARK, f->set);
	return ret;
}

void tcp_socket_at_once(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

int tcp_socket_open(const struct flow *f, int *out)
{
	struct sockaddr_storage ss;
	socklen_t n = addr_to_sockaddr(&f->local, &ss);
	int fd = socket(f->local.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	ret = prepare(fd, f);
	if (!ret && bind(fd, (struct sockaddr *)&ss, n))
		ret = -errno;
	if (ret)
		close(fd);
	else
		*out = fd;
	return ret;
}
