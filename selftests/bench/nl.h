/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink in bulk: many requests to a sendmsg(), for the benchmarks. */
#ifndef _BENCH_NL_H
#define _BENCH_NL_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct nl - a socket and the requests that wait to be sent
 * @fd: socket
 * @len: octets used of @buf
 * @msg: the request being written
 * @first_reply: filled in with the first answer that is no error, or empty
 */
struct nl {
	int fd;
	size_t len;
	struct nlmsghdr *msg;
	_Alignas(8) char buf[60000];
	_Alignas(8) char first_reply[8192];
};

void nl_open(struct nl *nl, int protocol);
uint16_t nl_family(struct nl *nl, const char *name);

/* Begins a request: @head, @head_len octets, follows the netlink header. */
void nl_begin(struct nl *nl, uint16_t type, uint16_t flags, const void *head, size_t head_len);
void nl_put(struct nl *nl, uint16_t type, const void *data, size_t len);
void nl_put_u16(struct nl *nl, uint16_t type, uint16_t value);
void nl_put_u32(struct nl *nl, uint16_t type, uint32_t value);
void nl_put_u64(struct nl *nl, uint16_t type, uint64_t value);

/* Sends what waits; ends the program if the kernel refuses any of it. */
void nl_flush(struct nl *nl);

/* Asks for a dump; how many answers it had.  The kernel's NLMSG_DONE is none. */
uint32_t nl_dump(struct nl *nl, uint16_t type, const void *head, size_t head_len);

/* An attribute behind @head_len octets of a reply, or NULL. */
const void *nl_attr(const void *reply, size_t head_len, uint16_t type);

#endif /* _BENCH_NL_H */
