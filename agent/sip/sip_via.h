/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_VIA_H
#define _SIP_VIA_H

#include "octets.h"

/* One element of Via; everything points into the message. */
struct sip_via {
	struct str whole;
	struct str transport;	/* as it stands: UDP, TCP ... */
	struct str host;	/* sent-by, without [] */
	uint16_t port;		/* sent-by, 0: none given */
	struct str branch;	/* none: p == NULL, as in RFC 2543 */
	struct str received;	/* none: p == NULL */
	struct str rport;	/* with a value */
	struct str rport_param;	/* the whole parameter, none: p == NULL */
	struct str received_param;
};

/* False: malformed. */
bool sip_via_parse(struct str value, struct sip_via *via);

/* Where a message really came from; text, so that no socket type is needed. */
struct sip_source {
	const char *host;	/* "10.45.0.3" or "2001:db8::3", without [] */
	uint16_t port;
	bool force_rport;	/* add rport even where the UE did not ask */
};

/* True when the sent-by of @via is the literal address @host, in any spelling. */
bool sip_via_is_from(const struct sip_via *via, const char *host);

#endif
