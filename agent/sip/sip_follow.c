// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACK and CANCEL that a proxy sends of its own accord. Only the topmost Via
 * goes with them: they are for the next hop.
 */
#include "sip_follow.h"

static void put_lines(const struct sip_msg *from, enum sip_header id, struct octets *out)
{
	const struct sip_line *line = NULL;

	while ((line = sip_msg_line(from, id, line)))
		octets_put(out, line->whole);
}

static bool write_request(const struct sip_msg *invite, const struct sip_msg *to_of,
			  const char *method, struct str lines, struct octets *out)
{
	if (!invite->request || !invite->via.whole.p ||
	    !sip_msg_line(to_of, SIP_HEADER_TO, NULL))
		return false;
	octets_printf(out, "%s ", method);
	octets_put(out, invite->uri);
	octets_puts(out, " SIP/2.0\r\nVia: ");
	octets_put(out, invite->via.whole);
	octets_puts(out, "\r\n");
	put_lines(invite, SIP_HEADER_ROUTE, out);
	put_lines(invite, SIP_HEADER_MAX_FORWARDS, out);
	put_lines(invite, SIP_HEADER_FROM, out);
	put_lines(to_of, SIP_HEADER_TO, out);
	put_lines(invite, SIP_HEADER_CALL_ID, out);
	octets_printf(out, "CSeq: %u %s\r\n", invite->cseq, method);
	octets_put(out, lines);
	octets_puts(out, "Content-Length: 0\r\n\r\n");
	return !out->failed;
}

bool sip_ack_write(const struct sip_msg *invite, const struct sip_msg *answer,
		   struct octets *out)
{
	return write_request(invite, answer, "ACK", STR_NONE, out);
}

bool sip_cancel_write(const struct sip_msg *invite, struct str lines, struct octets *out)
{
	return write_request(invite, invite, "CANCEL", lines, out);
}
