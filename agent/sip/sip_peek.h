/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_PEEK_H
#define _SIP_PEEK_H

#include "sip_header.h"

/* What a trace says of octets that nobody has checked: they need not be SIP. */

/* The first line, without its end. */
struct str sip_peek_start(struct str octets);

/* The trimmed value of the first header of that name; p == NULL: there is none near the top. */
struct str sip_peek_header(struct str octets, enum sip_header id);

/* That value as a member of a JSON object, or nothing where there is none. */
void sip_peek_put(struct octets *o, const char *name, struct str octets, enum sip_header id);

/* Do they begin as a request or an answer does? Its first line has to be whole. */
bool sip_peek_is_sip(struct str octets);

#endif
