/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef _NOTIFIER_H
#define _NOTIFIER_H

/* A notifier of registration states beside the core of path.h: what test_regevent*.c share. */
#include "path.h"

#define N64T1 32000ull		/* 64*T1 towards the core */
#define REGINFO "<?xml version=\"1.0\"?><reginfo xmlns=\"urn:ietf:params:xml:ns:reginfo\" "
#define OUR_CONTACT "<contact state='active' event='registered'><uri>sip:001@10.45.0.3:8000</uri></contact>"
#define ACTIVE(aor) "<registration aor='" aor "' state='active'>" OUR_CONTACT "</registration>"
#define GONE(aor) "<registration aor='" aor "' state='terminated'/>"
#define OURS "sip:001@example.org"

HELPER int begin_subscribing(void **state)
{
	begin(state);
	cfg.reg_event = true;
	cfg.t1_mw = 500;
	memset(&regevent_stats, 0, sizeof(regevent_stats));
	return 0;
}

/* --- the notifier --- */

static char subscribe_text[8192];	/* the SUBSCRIBE it knows */

HELPER bool subscribe_came(void)
{
	if (strncmp(up.text, "SUBSCRIBE ", 10))
		return false;
	snprintf(subscribe_text, sizeof(subscribe_text), "%s", up.text);
	return true;
}

HELPER struct set *subscribed_set(void)
{
	struct set *s = registered_set();

	clock_run();
	assert_true(subscribe_came());
	return s;
}

HELPER void answer_subscribe(const char *start, const char *lines)
{
	struct flow f = core_flow();
	char text[4096], to[256];

	snprintf(to, sizeof(to), "%s", header(subscribe_text, "To"));
	snprintf(text, sizeof(text),
		 "SIP/2.0 %s\r\nVia: %s\r\nFrom: %s\r\nTo: %s%s\r\nCall-ID: %s\r\nCSeq: %s\r\n"
		 "%sContent-Length: 0\r\n\r\n", start, header(subscribe_text, "Via"),
		 header(subscribe_text, "From"), to, strstr(to, ";tag=") ? "" : ";tag=notifier",
		 header(subscribe_text, "Call-ID"), header(subscribe_text, "CSeq"), lines);
	receive(&f, text);
}

#define DIALOG "Contact: <sip:scscf@192.0.2.2:5060>\r\n" \
	"Record-Route: <sip:second@192.0.2.2;lr>, <sip:first@192.0.2.2;lr>\r\n"

HELPER void accept_subscribe(unsigned int expires)
{
	char lines[512];

	snprintf(lines, sizeof(lines), DIALOG "Expires: %u\r\n", expires);
	answer_subscribe("200 OK", lines);
}

struct notify {
	const char *state;		/* Subscription-State; NULL: none */
	const char *body;		/* after the document's start */
	const char *from_tag, *to_tag, *call_id, *event, *type, *uri, *contact;
	unsigned int cseq, version;
	bool partial, has_body;
};

static unsigned int notify_branch;

HELPER void notify_on(const struct flow *f, const struct notify *n)
{
	const char *from = header(subscribe_text, "From"), *uri = header(subscribe_text, "Contact");
	char text[8192], body[4096] = "", tag[64], state[256] = "";

	snprintf(tag, sizeof(tag), "%s", strstr(from, ";tag=") + 5);
	if (n->body)
		snprintf(body, sizeof(body), REGINFO "version=\"%u\" state=\"%s\">%s</reginfo>",
			 n->version, n->partial ? "partial" : "full", n->body);
	if (n->state)
		snprintf(state, sizeof(state), "Subscription-State: %s\r\n", n->state);
	snprintf(text, sizeof(text),
		 "NOTIFY %.*s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKn%u\r\n"
		 "Max-Forwards: 70\r\nFrom: <" OURS ">;tag=%s\r\nTo: <sip:192.0.2.1:5060>;tag=%s\r\n"
		 "Call-ID: %s\r\nCSeq: %u NOTIFY\r\nContact: <%s>\r\n"
		 "Event: %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
		 n->uri ? (int)strlen(n->uri) : (int)strlen(uri) - 2, n->uri ? n->uri : uri + 1,
		 ++notify_branch, n->from_tag ? n->from_tag : "notifier",
		 n->to_tag ? n->to_tag : tag,
		 n->call_id ? n->call_id : header(subscribe_text, "Call-ID"), n->cseq,
		 n->contact ? n->contact : "sip:scscf@192.0.2.2:5060",
		 n->event ? n->event : "reg", state,
		 n->type ? n->type : "application/reginfo+xml", strlen(body), body);
	receive(f, text);
}

HELPER void notify(const struct notify *n)
{
	struct flow f = core_flow();

	notify_on(&f, n);
}

/* The status of what was sent to the core last. */
HELPER unsigned int up_status(void)
{
	unsigned int code = 0;

	sscanf(up.text, "SIP/2.0 %u", &code);
	return code;
}

/* The usual beginning: 200 OK and the full state. */
HELPER struct set *watched_set(void)
{
	struct set *s = subscribed_set();

	accept_subscribe(600600);
	notify(&(struct notify){ .state = "active;expires=600600", .cseq = 1,
				 .body = ACTIVE(OURS) });
	assert_int_equal(up_status(), 200);
	return s;
}

struct subscription_view {
	char state[16];
	unsigned long ends;
	unsigned long version;
};

HELPER struct subscription_view view(const struct ue *ue)
{
	struct subscription_view v = { 0 };
	struct octets o = { 0 };
	const char *at;

	regevent_show(&o, ue);
	octets_put(&o, STR_LIT("\0"));
	sscanf(strstr(o.p, "\"state\":\"") + 9, "%15[a-z]", v.state);
	at = strstr(o.p, "\"ends\":");
	if (at)
		sscanf(at + 7, "%lu", &v.ends);
	at = strstr(o.p, "\"version\":");
	if (at)
		sscanf(at + 10, "%lu", &v.version);
	octets_free(&o);
	return v;
}

#define assert_state(ue, text) assert_string_equal(view(ue).state, text)

#define P(f, rule) { (rule), (f), begin_subscribing, end, NULL }

#endif
