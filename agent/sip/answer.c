// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Answers that are made here, and where answers go.  Keeps nothing.
 */
#include "answer.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "random.h"
#include "set.h"
#include "transport.h"

#define DEFAULT_PORT 5060

bool answer_route(const struct flow *from, const struct sip_msg *request, struct flow *to)
{
	const struct set *s;

	*to = *from;
	if (from->tcp)
		return true;
	if (from->side == FLOW_GM_PROTECTED) {
		s = set_find(from->set);
		if (s)
			*to = set_flow_to_ue(s);
		return s != NULL;
	}
	if (!request->via.rport_param.p)
		to->remote.port = request->via.port ? request->via.port : DEFAULT_PORT;
	return true;
}

struct sip_source answer_source(const struct flow *from, char host[ADDR_TEXT])
{
	struct sip_source source = { .host = host, .port = from->remote.port };
	const char *text = addr_host(&from->remote);
	size_t n = strlen(text);

	/* Without the brackets. */
	if (*text == '[')
		str_copy((struct str){ text + 1, n - 2 }, host, ADDR_TEXT);
	else
		str_copy((struct str){ text, n }, host, ADDR_TEXT);
	return source;
}

static bool make(const struct flow *from, const struct sip_msg *request, struct sip_reply reply,
		 struct octets *out)
{
	char host[ADDR_TEXT], tag[17];
	struct sip_source source = answer_source(from, host);

	random_hex(tag, sizeof(tag) - 1);
	reply.to_tag = tag;
	reply.source = &source;
	return sip_msg_reply(request, &reply, out);
}

bool answer_make(const struct flow *from, const struct sip_msg *request, unsigned int status,
		 const char *reason, struct str lines, struct octets *out)
{
	const struct sip_reply reply = { .status = status, .reason = reason, .lines = lines };

	return make(from, request, reply, out);
}

void answer_with_body(const struct flow *from, const struct sip_msg *request, unsigned int status,
		      const char *reason, struct str lines, struct str body)
{
	const struct sip_reply reply = {
		.status = status, .reason = reason, .lines = lines, .body = body,
	};
	struct octets out = { 0 };
	struct flow to;

	if (answer_route(from, request, &to) && make(from, request, reply, &out))
		transport_send(&to, out.p, out.n);
	octets_free(&out);
}

void answer_stateless(const struct flow *from, const struct sip_msg *request,
		      unsigned int status, const char *reason, struct str lines)
{
	answer_with_body(from, request, status, reason, lines, STR_NONE);
}

struct str answer_own_uri(const struct flow *from, char text[ANSWER_URI])
{
	const struct set *s = set_find(from->set);
	int n = snprintf(text, ANSWER_URI, "<sip:%s:%u;lr>",
			 addr_host(s ? &s->local : &from->local),
			 s ? s->port_ps : from->local.port);

	return (struct str){ text, (size_t)n };
}

const char *answer_who(const struct flow *from, struct str impi)
{
	static char text[320];
	char set[32] = "";

	if (from->set)
		snprintf(set, sizeof(set), " on set %u", from->set);
	if (impi.n)
		snprintf(text, sizeof(text), "%.*s at %s%s", (int)(impi.n < 200 ? impi.n : 200),
			 impi.p, addr_text(&from->remote), set);
	else
		snprintf(text, sizeof(text), "%s%s", addr_text(&from->remote), set);
	return text;
}
