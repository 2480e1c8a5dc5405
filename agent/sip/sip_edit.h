/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _SIP_EDIT_H
#define _SIP_EDIT_H

#include "sip_msg.h"

/* What sip_edit.c and sip_reply.c share. */

/* One splice: @del octets of the original at @at become @len octets of texts. */
struct sip_edit {
	size_t at, del;
	size_t text, len;
};

/* Writes octets @from up to @to of the original with the edits in that range. */
bool sip_edit_write(const struct sip_msg *msg, size_t from, size_t to, struct octets *out);

#endif
