/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _CTL_DISCOVERY_H
#define _CTL_DISCOVERY_H

#include "addr.h"
#include "config.h"
#include "octets.h"

/* The port that phones take where they are told none (RFC 3261 19.1.2). */
#define CTL_DISCOVERY_PORT 5060
/* Leaves room for what is put before it: "_sip._udp.". */
#define CTL_DISCOVERY_NAME 240

/* What phones are to find. */
struct ctl_discovery {
	unsigned int n;
	struct addr gm[CONFIG_MAX_GM];		/* with the unprotected port; the first is preferred */
	char name[CTL_DISCOVERY_NAME + 1];	/* of the P-CSCF, without a dot at its end; "": none */
};

/*
 * Something to be put into the configuration of another program.  write() appends
 * it, and nothing where there is nothing to say: no address of the family, no name.
 */
struct ctl_snippet {
	const char *name;	/* what --only calls it */
	const char *title;
	void (*write)(const struct ctl_discovery *d, struct octets *out);
};

/* Ended by a NULL name. */
extern const struct ctl_snippet ctl_snippets[];

void ctl_discovery_dns(const struct ctl_discovery *d, struct octets *out);
void ctl_discovery_pco(const struct ctl_discovery *d, struct octets *out);

#endif
