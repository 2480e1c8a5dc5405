/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _GATE_NL_H
#define _GATE_NL_H

#include <netlink/msg.h>
#include <stdbool.h>
#include <stdint.h>

#include "gate.h"

/*
 * gate_nl - one generic netlink socket to the kernel's gmgate family:
 * requests and their answers, deadlines, the kernel's reasons for a refusal.
 * It knows nothing about what is in a message.
 */
struct gate_nl;

/* A message of an answer. Non-zero ends the answer with that error. */
typedef int gate_nl_fn(struct nlmsghdr *h, void *arg);

/* Negative errno. @err says why. */
int gate_nl_open(struct gate_nl **out, struct gate_error *err);
void gate_nl_close(struct gate_nl *nl);
int gate_nl_fd(const struct gate_nl *nl);

/* NULL: no memory. Goes to gate_nl_talk() or gate_nl_free(). */
struct nl_msg *gate_nl_request(const struct gate_nl *nl, uint8_t cmd, int flags);

/* Wipes the message, since it may have keys in it. */
void gate_nl_free(struct nl_msg *msg);

/**
 * gate_nl_talk - send a request and wait for all of its answer
 * @msg: freed and wiped in any case
 * @fn: called for each message of the answer; NULL when there is none but the ACK
 * @restart: for dumps: called before the dump is begun again since the kernel
 *	could not give a consistent picture; forget what came so far
 *
 * Return: 0, what @fn returned, or the kernel's negative errno.
 */
int gate_nl_talk(struct gate_nl *nl, struct nl_msg *msg, gate_nl_fn *fn,
		 void (*restart)(void *arg), void *arg, struct gate_error *err);

/* Wipes what was received last, since it may have keys in it. */
void gate_nl_wipe(struct gate_nl *nl);

/* Joins a multicast group of the family. */
int gate_nl_join(struct gate_nl *nl, const char *group, struct gate_error *err);

/* One datagram of the group, without waiting. -EAGAIN: none; -ENOBUFS: some were lost. */
int gate_nl_heard(struct gate_nl *nl, gate_nl_fn *fn, void *arg);

/* Fills @err (may be NULL) and returns -e. @cmd 0: of no command. */
int gate_nl_error(struct gate_error *err, uint8_t cmd, int e, const char *attr,
		  const char *msg);

/*
 * Reads the answer of type NLMSG_ERROR to @request into @err: errno, reason
 * and attribute.  Returns the negative errno in it, 0 for an ACK.
 */
int gate_nl_refusal(const struct nlmsghdr *h, const struct nlmsghdr *request,
		    struct gate_error *err);

#endif
