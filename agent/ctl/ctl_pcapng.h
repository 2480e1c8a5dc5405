/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_PCAPNG_H
#define _CTL_PCAPNG_H

#include <stdio.h>

#include "addr.h"
#include "octets.h"

/*
 * SIP messages as a capture for Wireshark: pcapng with packets of
 * LINKTYPE_WIRESHARK_UPPER_PDU, which name their dissector, addresses and ports, so that
 * no headers of IP have to be invented; and a comment for each.
 */
struct ctl_pcapng_packet {
	uint64_t us;			/* since 1970 */
	struct addr from, to;
	bool tcp;
	struct str message;
	struct str comment;		/* lines; none: p == NULL */
};

/* False: it could not be written. */
bool ctl_pcapng_begin(FILE *to);
bool ctl_pcapng_put(FILE *to, const struct ctl_pcapng_packet *p);

#endif
