/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _TRUST_DOMAIN_H
#define _TRUST_DOMAIN_H

#include "sip_msg.h"

/*
 * The edge of the trust domain (TS 24.229 4.4, RFC 3325): what a UE may not
 * say, and what it may not hear. Edits.
 */

/* Of a request or an answer of a UE: headers and values only the network may write. */
void trust_domain_strip_from_ue(struct sip_msg *msg);

/* On the way to a UE: charging, the security agreement, the core's routes to us. */
void trust_domain_strip_to_ue(struct sip_msg *msg);

#endif
