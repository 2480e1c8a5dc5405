/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GATE_MSG_H
#define _GATE_MSG_H

#include <netlink/msg.h>

#include "gate.h"

/*
 * gate_msg - what is in the messages of the gmgate family: gate.h's structs to
 * attributes and back.  No sockets, so it is tested on any host.
 *
 * The put functions add attributes to a request and return 0 or -EMSGSIZE.
 * The get functions read a message and return 0 or -EPROTO when an attribute
 * is shorter than its type or one that identifies the object is missing.
 */
int gate_msg_put_endpoint(struct nl_msg *m, const struct gate_endpoint *e);
int gate_msg_put_set(struct nl_msg *m, const struct gate_set_new *n);
int gate_msg_put_change(struct nl_msg *m, uint32_t id, const struct gate_change *c);
int gate_msg_put_filter(struct nl_msg *m, const struct gate_filter *f);

int gate_msg_get_caps(struct nlmsghdr *h, struct gate_caps *c);
int gate_msg_get_endpoint(struct nlmsghdr *h, struct gate_endpoint *e);
int gate_msg_get_set(struct nlmsghdr *h, struct gate_set *s);
int gate_msg_get_keys(struct nlmsghdr *h, struct gate_keys *k);
int gate_msg_get_stats(struct nlmsghdr *h, struct gate_stats *s);
int gate_msg_get_event(struct nlmsghdr *h, struct gate_event *e);

/* The id in the answer to endpoint-new and set-new. */
int gate_msg_get_endpoint_id(struct nlmsghdr *h, uint32_t *id);
int gate_msg_get_set_id(struct nlmsghdr *h, uint32_t *id);

#endif
