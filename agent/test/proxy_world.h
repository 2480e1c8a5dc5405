/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _PROXY_WORLD_H
#define _PROXY_WORLD_H

/* A registered UE and a core that call each other: what test_proxy*.c share. */
#include "path.h"

#define CORE_ROUTE "<sip:scscf@192.0.2.2;lr>"

struct say {
	const char *method;		/* NULL: INVITE */
	const char *uri;		/* NULL: sip:002@example.org */
	const char *from, *to;		/* NULL: 001 with tag=a, 002 without */
	const char *call, *branch;	/* NULL: call1, and one of its own */
	const char *route;		/* lines */
	const char *extra;		/* lines */
	const char *via;		/* NULL: the sender's own */
	const char *body;
	unsigned int cseq;		/* 0: 1 */
	unsigned int hops;		/* 0: 70 */
};

#define OR(a, b) ((a) ? (a) : (b))

static char last_branch[64];

HELPER void say(const struct flow *f, const struct say *s)
{
	static unsigned int serial;
	const char *method = OR(s->method, "INVITE"), *body = OR(s->body, "");
	char text[8192], via[160];

	if (s->branch && s->branch != last_branch)
		snprintf(last_branch, sizeof(last_branch), "%s", s->branch);
	else if (!s->branch)
		snprintf(last_branch, sizeof(last_branch), "z9hG4bKsay%u", ++serial);
	snprintf(via, sizeof(via), "SIP/2.0/%s %s;branch=%s", f->tcp ? "TCP" : "UDP",
		 f->side == FLOW_MW ? "192.0.2.2:5060" : "10.45.0.3:8000", last_branch);
	snprintf(text, sizeof(text),
		 "%s %s SIP/2.0\r\nVia: %s\r\n%sMax-Forwards: %u\r\nFrom: %s\r\nTo: %s\r\n"
		 "Call-ID: %s\r\nCSeq: %u %s\r\n%sContent-Length: %zu\r\n\r\n%s",
		 method, OR(s->uri, "sip:002@example.org"), OR(s->via, via), OR(s->route, ""),
		 s->hops ? s->hops : 70, OR(s->from, "<sip:001@example.org>;tag=a"),
		 OR(s->to, "<sip:002@example.org>"), OR(s->call, "call1"), s->cseq ? s->cseq : 1,
		 method, OR(s->extra, ""), strlen(body), body);
	receive(f, text);
}

/* All lines of a name of @text, as they stand, joined. */
HELPER void copy_lines(const char *text, const char *name, char *out, size_t room)
{
	char line[64];

	snprintf(line, sizeof(line), "\r\n%s: ", name);
	while ((text = strstr(text, line))) {
		size_t n = strlen(out);

		text += 2;
		snprintf(out + n, room - n, "%.*s\r\n", (int)strcspn(text, "\r"), text);
	}
}

/* The receiver of @to answers it. @tag: of To, NULL: as it is. */
HELPER void reply(const struct sent *to, const struct flow *from, const char *status,
		  const char *tag, const char *extra)
{
	char text[8192], lines[4096] = "";

	copy_lines(to->text, "Via", lines, sizeof(lines));
	copy_lines(to->text, "Record-Route", lines, sizeof(lines));
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\r\n%sFrom: %s\r\nTo: %s%s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		 "%sContent-Length: 0\r\n\r\n", status, lines, header(to->text, "From"),
		 header(to->text, "To"), tag ? ";tag=" : "", OR(tag, ""),
		 header(to->text, "Call-ID"), header(to->text, "CSeq"), OR(extra, ""));
	receive(from, text);
}

HELPER void core_replies(const char *status, const char *tag, const char *extra)
{
	struct sent to = up;
	struct flow f = core_flow();

	f.remote = to.to.remote;
	reply(&to, &f, status, tag, extra);
}

HELPER void ue_replies(const struct set *s, const char *status, const char *tag,
		       const char *extra)
{
	struct sent to = down;
	struct flow f = protected_flow(s);

	reply(&to, &f, status, tag, extra);
}

HELPER void ue_says(const struct set *s, const struct say *what)
{
	struct flow f = protected_flow(s);

	say(&f, what);
}

HELPER void core_says(const struct say *what)
{
	struct flow f = core_flow();

	say(&f, what);
}

/* The line that leads the core to our UE. */
HELPER const char *path_of(const struct set *s)
{
	static char line[128];

	snprintf(line, sizeof(line), "Route: <sip:%s@192.0.2.1:5060;lr>\r\n", s->ue->token);
	return line;
}

/* The lines of a name of the last message up or down; static. */
HELPER const char *lines_of(const struct sent *s, const char *name)
{
	static char lines[4][2048];
	static int turn;

	turn = (turn + 1) % 4;
	lines[turn][0] = '\0';
	copy_lines(s->text, name, lines[turn], sizeof(lines[0]));
	return lines[turn];
}

/* An INVITE of the core to the UE arrives there; @extra as in struct say. */
HELPER void core_invites(const struct set *s, const char *extra)
{
	core_says(&(struct say){ .uri = "sip:001@10.45.0.3:8000", .route = path_of(s),
				 .from = "<sip:002@example.org>;tag=c",
				 .to = "<sip:001@example.org>", .extra = extra });
}

/* The request that follows in a dialog which the UE began and the core answered with @tag. */
HELPER struct say in_call(const char *method, const char *tag, unsigned int cseq)
{
	static char to[4][64];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(to[turn], sizeof(to[0]), "<sip:002@example.org>;tag=%s", tag);
	return (struct say){ .method = method, .to = to[turn], .cseq = cseq,
			     .uri = "sip:002@192.0.2.99" };
}

/* What the core sends in it: along the Record-Route that it got. */
HELPER void core_in_call(const char *method, const char *tag, const char *token,
			 unsigned int cseq)
{
	char from[64], route[160];

	snprintf(from, sizeof(from), "<sip:002@example.org>;tag=%s", tag);
	snprintf(route, sizeof(route), "Route: <sip:%s@192.0.2.1:5060;lr>, "
		 "<sip:10.4.128.21:6100;lr>\r\n", token);
	core_says(&(struct say){ .method = method, .uri = "sip:001@10.45.0.3:8000", .from = from,
				 .to = "<sip:001@example.org>;tag=a", .route = route,
				 .cseq = cseq });
}

/* The token of our Record-Route in what was sent last; static. */
HELPER const char *dialog_token(const struct sent *s)
{
	static char token[DIALOG_TOKEN];
	const char *at = strstr(s->text, "Record-Route: <sip:");
	const char *end;

	while (at) {
		end = strpbrk(at + 19, "@>");
		if (*end == '@' && end - at - 19 == DIALOG_TOKEN - 1) {
			snprintf(token, sizeof(token), "%s", at + 19);
			return token;
		}
		at = strstr(at + 19, "Record-Route: <sip:");
	}
	fail_msg("no token in %s", s->text);
	return NULL;
}

#endif
