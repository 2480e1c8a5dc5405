/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_H
#define _SIP_H

#include "config.h"
#include "flow.h"
#include "sip_gate.h"
#include "sip_header.h"

/* What happens to a message that came in: for struct transport_ops. */
void sip_init(const struct config *cfg);
void sip_receive(const struct flow *f, char *data, size_t n);

struct sip_stats {
	unsigned long received;
	unsigned long keepalives;
	unsigned long from_ue[SIP_METHODS];	/* requests that passed the checks */
	unsigned long from_core[SIP_METHODS];
	unsigned long unreadable;	/* failed the gate: dropped */
	unsigned long gate[SIP_GATE_RESULTS];	/* of these, by enum sip_gate_result */
	unsigned long malformed;	/* failed the checks */
	unsigned long not_on_temporary;	/* other than REGISTER on a TEMP: dropped */
	unsigned long unprotected;	/* without SA, and no business there: 403 */
};
extern struct sip_stats sip_stats;

#endif
