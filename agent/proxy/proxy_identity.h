/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_IDENTITY_H
#define _PROXY_IDENTITY_H

#include "sip_msg.h"

/**
 * proxy_identity - the value of P-Asserted-Identity for a message of a UE
 * @msg: its P-Preferred-Identity is looked at, its From never
 * @associated: P-Associated-URI of the registration, the default first
 * @registered: IMPU that was registered, where the core gave no list
 * @out: appended to
 *
 * The entry of @associated that P-Preferred-Identity names, else the first of
 * them (TS 24.229 5.2.6.3.1, RFC 3325 9.1). What is not in the list is barred
 * or somebody else's. False: there is none.
 */
bool proxy_identity(const struct sip_msg *msg, struct str associated, struct str registered,
		    struct octets *out);

#endif
