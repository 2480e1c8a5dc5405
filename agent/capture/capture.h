/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CAPTURE_H
#define _CAPTURE_H

#include <stdio.h>

#include "octets.h"

/*
 * The packets of a capture: pcapng (draft-ietf-opsawg-pcapng) in either byte order, as
 * gmctl trace -w, Wireshark and tcpdump write it, and classic pcap.
 *
 * libpcap reads both, and is not used: of a pcapng it hands out neither the comments of
 * the packets, in which gmctl trace says by what rule something was refused, nor packets
 * of interfaces that differ in their link type.  What would be left to it is the 40
 * octets of classic pcap's heads, for a library more that everybody had to install.
 *
 * A file may be anybody's.  No more than one block of it is in memory; of what is wrong
 * in it the octet is told.
 */
#define CAPTURE_LONGEST (1u << 20)	/* a block with a packet, octets */
#define CAPTURE_INTERFACES 1024u	/* of a section */

/* LINKTYPE_ of www.tcpdump.org/linktypes.html: those that capture_decode() knows. */
enum {
	CAPTURE_LINK_ETHERNET = 1,
	CAPTURE_LINK_RAW_BSD = 12,
	CAPTURE_LINK_RAW_OPENBSD = 14,
	CAPTURE_LINK_RAW = 101,
	CAPTURE_LINK_SLL = 113,
	CAPTURE_LINK_IPV4 = 228,
	CAPTURE_LINK_IPV6 = 229,
	CAPTURE_LINK_UPPER_PDU = 252,
	CAPTURE_LINK_SLL2 = 276,
};

struct capture_packet {
	uint64_t us;			/* since 1970 */
	unsigned int link;
	struct str octets;		/* until the next one is read */
	bool cut;			/* there were more than were captured */
	struct octets comment;		/* lines of text, whatever is in them */
};

struct capture {
	char error[128];		/* after capture_next() returned -1 */
	/* private: */
	FILE *file;
	uint64_t at;			/* octets read so far */
	uint64_t block;			/* where this block began */
	char *room;
	bool ng, swapped;
	uint32_t ticks;			/* classic: of a second */
	unsigned int link;
	struct capture_interface *interfaces;
	unsigned int n_interfaces;
	struct octets comment;
};

/* Do the first four octets of a file say that it is one? */
bool capture_is(const char first[4]);

/* @file: at its beginning. False: c->error says why; nothing is to be closed then. */
bool capture_open(struct capture *c, FILE *file);

/* 1; 0: no more; -1: c->error. */
int capture_next(struct capture *c, struct capture_packet *p);
void capture_close(struct capture *c);

#endif
