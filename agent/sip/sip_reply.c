// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers that are made here: lines of the request copied as they stand
 * (RFC 3261 8.2.6), the topmost Via marked with the source.
 */
#include "sip_edit.h"

#include <stdlib.h>

#include "sip_param.h"

/* Lines of one name, with the edits of @view, in their order. */
static bool copy_lines(const struct sip_msg *view, enum sip_header id, struct octets *out)
{
	const struct sip_line *line = NULL;
	bool any = false;

	while ((line = sip_msg_line(view, id, line))) {
		size_t from = (size_t)(line->whole.p - view->octets.p);

		if (!sip_edit_write(view, from, from + line->whole.n, out))
			return false;
		any = true;
	}
	return any;
}

static bool has_to_tag(const struct sip_msg *msg)
{
	struct sip_addr addr;
	struct sip_param param;

	return sip_addr_split(sip_msg_value(msg, SIP_HEADER_TO), &addr) &&
	       sip_param_find(addr.params, ';', STR_LIT("tag"), &param);
}

static void put_to_tag(struct sip_msg *view, const char *tag)
{
	const struct sip_line *to = sip_msg_line(view, SIP_HEADER_TO, NULL);

	if (!to || has_to_tag(view))
		return;
	sip_msg_put_after(view, to->value, STR_LIT(";tag="));
	sip_msg_put_after(view, to->value, str_of(tag));
}

/* sip_msg_check() may have refused the message before it came to Via. */
static void find_via(struct sip_msg *view)
{
	struct sip_values at = { 0 };
	struct str top;

	if (!view->via.whole.p && sip_msg_next_value(view, SIP_HEADER_VIA, &at, &top) &&
	    !sip_via_parse(top, &view->via))
		view->via = (struct sip_via){ 0 };
}

static bool write_reply(struct sip_msg *view, const struct sip_reply *reply, struct octets *out)
{
	static const enum sip_header copied[] = {
		SIP_HEADER_VIA, SIP_HEADER_FROM, SIP_HEADER_TO, SIP_HEADER_CALL_ID,
		SIP_HEADER_CSEQ,
	};

	octets_puts(out, "SIP/2.0 ");
	octets_number(out, reply->status);
	octets_join(out, " ", reply->reason, "\r\n");
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (!copy_lines(view, copied[i], out))
			return false;
	if (reply->status == 100 && sip_msg_line(view, SIP_HEADER_TIMESTAMP, NULL) &&
	    !copy_lines(view, SIP_HEADER_TIMESTAMP, out))
		return false;
	octets_put(out, reply->lines);
	octets_puts(out, "Content-Length: ");
	octets_number(out, reply->body.n);
	octets_puts(out, "\r\n\r\n");
	octets_put(out, reply->body);
	return !out->failed;
}

bool sip_msg_reply(const struct sip_msg *request, const struct sip_reply *reply,
		   struct octets *out)
{
	struct sip_msg view = *request;
	bool ok;

	if (!request->request || request->method == SIP_METHOD_ACK)
		return false;
	/* Edits of its own, so that those for the way to the core stay away. */
	view.edits = NULL;
	view.n_edits = 0;
	view.size_edits = 0;
	view.texts = (struct octets){ 0 };
	view.failed = false;

	find_via(&view);
	if (reply->source && view.via.whole.p)
		sip_msg_mark_source(&view, reply->source);
	if (reply->to_tag && reply->status > 100)
		put_to_tag(&view, reply->to_tag);
	ok = write_reply(&view, reply, out);
	free(view.edits);
	octets_free(&view.texts);
	return ok;
}
