/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_CALLER_H
#define _PROXY_CALLER_H

#include "config.h"
#include "flow.h"
#include "sip_msg.h"

void proxy_caller_init(const struct config *cfg);

/**
 * proxy_caller_request - a request other than REGISTER has come in clear
 * @msg: checked
 *
 * It may be an emergency call without registration, or of one (TS 24.229 5.2.10.2); what the
 * listener does with those is caller_policy().
 *
 * Return: true: dealt with, and @msg taken over. False: it has no business here.
 */
bool proxy_caller_request(const struct flow *from, struct sip_msg *msg);

#endif
