/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generic netlink to the family gmgate, as little of it as the fuzzers need. */
#ifndef _GNL_H
#define _GNL_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#define GNL_HDR (NLMSG_HDRLEN + GENL_HDRLEN)

extern uint16_t gnl_family;
extern uint32_t gnl_events;		/* number of the multicast group */

/* A socket of the caller's network namespace; ends the program on error. */
int gnl_open(void);
void gnl_resolve(int fd);

/* A request being put together. */
struct gnl_request {
	struct nlmsghdr h;
	struct genlmsghdr g;
	uint8_t body[1024];
};

void gnl_begin(struct gnl_request *r, uint8_t cmd, uint16_t flags);
void gnl_put(struct gnl_request *r, uint16_t type, const void *data, size_t len);
void gnl_put_u16(struct gnl_request *r, uint16_t type, uint16_t value);
void gnl_put_u32(struct gnl_request *r, uint16_t type, uint32_t value);
void gnl_put_u64(struct gnl_request *r, uint16_t type, uint64_t value);

/*
 * Sends it and reads the answer to its end.  @each gets the attributes of each
 * message of the answer.  Return: 0 or the kernel's negative errno.
 */
int gnl_talk(int fd, struct gnl_request *r,
	     void (*each)(const uint8_t *attrs, size_t len, void *arg), void *arg);

const struct nlattr *gnl_find(const void *attrs, size_t len, uint16_t type);
uint32_t gnl_u32(const struct nlattr *a);	/* 0 where there is none */
uint64_t gnl_u64(const struct nlattr *a);

#endif
